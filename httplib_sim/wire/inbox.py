"""The octets that have arrived and that nobody has taken yet.

Law: an inbox adds, finds and hands out; it drops nothing, and knows nothing of HTTP but what ends a line. That data
came and that the peer has closed are two things: `feed` and `feed_eof`.
"""

from __future__ import annotations

import enum
import re
from typing import Final

EMPTY_LINE = re.compile(rb"\n\r?\n")


class Inbox:
    """A queue of octets: fed at its end, taken from its front.

    One piece of data, the usual case, is never copied; more pieces are gathered in time linear in their length.
    """

    __slots__ = ("_octets", "_position", "_searched", "at_eof")

    def __init__(self, octets: bytes = b"") -> None:
        self._octets: bytes | bytearray = octets
        self._position = 0
        self._searched = 0
        self.at_eof = False

    def __len__(self) -> int:
        return len(self._octets) - self._position

    def __repr__(self) -> str:
        return f"<Inbox {len(self)} octets{', at eof' if self.at_eof else ''}>"

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Add *data* to the end. Raises `ValueError` after `feed_eof`."""
        if self.at_eof:
            raise ValueError("data was fed after feed_eof()")
        if self._position == len(self._octets):
            self._octets = data if type(data) is bytes else bytes(data)
            self._position = self._searched = 0
            return
        if type(self._octets) is not bytearray:
            rest = self._octets[self._position :]
            self._forget_taken()
            if len(rest) <= len(data):
                # One copy, as a buffer that grows would make as well; and of bytes, slices are quicker.
                self._octets = b"".join((rest, data))
                return
            self._octets = bytearray(rest)
        elif self._position > 65_536:
            del self._octets[: self._position]
            self._forget_taken()
        self._octets += data

    def feed_eof(self) -> None:
        """Say that nothing more will come."""
        self.at_eof = True

    def take(self, count: int) -> bytes:
        """Take and return the first *count* octets, or all there are if they are fewer."""
        start = self._position
        end = start + count
        if end > len(self._octets):  # noqa: PLR1730  min() would cost a call, on the way of every head
            end = len(self._octets)
        self._position = end
        if type(self._octets) is bytes:
            return self._octets[start:end]
        return bytes(memoryview(self._octets)[start:end])

    def take_whole(self, count: int) -> bytes | None:
        """Take and return the first *count* octets; None, and none of them, as long as they are not all there."""
        start = self._position
        end = start + count
        if end > len(self._octets):
            return None
        self._position = end
        octets = self._octets
        return octets[start:end] if type(octets) is bytes else bytes(memoryview(octets)[start:end])

    def take_all(self) -> bytes:
        """Take and return all there is."""
        return self.take(len(self))

    def is_empty(self) -> bool:
        """Tell whether there is nothing, and quicker than ``not inbox``."""
        return self._position == len(self._octets)

    def peek(self, count: int) -> bytes:
        """Return the first *count* octets, or all there are if they are fewer, and leave them."""
        return bytes(self._octets[self._position : self._position + count])

    def startswith(self, prefix: bytes) -> bool:
        """Tell whether *prefix* is what comes first."""
        return self._octets.startswith(prefix, self._position)

    def window(self) -> tuple[bytes | bytearray, int]:
        """Return the buffer and where in it the first octet stands, for a parser that reads in place; then `skip`."""
        return self._octets, self._position

    def skip(self, count: int) -> None:
        """Leave the first *count* octets behind: a parser that reads in place has taken them."""
        self._position += count

    def rewind(self, position: int) -> None:
        """Put back what was taken since `window` told *position*; nothing may have been fed in between."""
        self._position = position
        self._searched = 0

    def take_line(self) -> bytes | None:
        """Take and return all up to and including the first LF; None as long as there is none."""
        octets, start = self._octets, self._position
        end = octets.find(b"\n", start) + 1
        if not end:
            return None
        self._position = end
        return octets[start:end] if type(octets) is bytes else bytes(memoryview(octets)[start:end])

    def take_section(self, after: int = 0) -> bytes | None:
        """Take and return all up to and including the first empty line past the first *after* octets, or None.

        A line ends in CRLF or in LF (RFC 9112 section 2.2); whether LF alone will do is for others to say. What was
        searched is not searched again, however slowly the octets come.
        """
        start = self._position + after
        if start < self._searched - 2:  # noqa: PLR1730  as in `take`
            start = self._searched - 2
        found = EMPTY_LINE.search(self._octets, start)
        if found is None:
            self._searched = len(self._octets)
            return None
        return self.take(found.end() - self._position)

    def _forget_taken(self) -> None:
        """The octets that were taken no longer stand in the buffer."""
        self._searched = max(self._searched - self._position, 0)
        self._position = 0


class NeedData(enum.Enum):
    """The type of `NEED_DATA`: an enumeration of one, so that a type checker understands ``is not NEED_DATA``."""

    NEED_DATA = "need data"

    def __repr__(self) -> str:
        return "NEED_DATA"


NEED_DATA: Final = NeedData.NEED_DATA
"""What a parser returns when it can say nothing before more octets, or the end, are fed."""
