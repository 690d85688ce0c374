"""The head of a response: received as far as it goes, and read as httplib's users expect it.

Law: takes octets from a `Source` up to the end of a head and no further; the codec says what they spell. What programs
have come to rely on beyond the RFCs, and beyond the codec, stands here, each with its reason: HTTP/0.9, a status line
that says so, a negative Content-Length, old ways to keep a connection. What is done with a head is `response`'s.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from . import wire
from .errors import BadStatusLine, IncompleteRead, RemoteDisconnected

if TYPE_CHECKING:
    from .source import Source

_LINES: Final = re.compile(rb"(?is)HTTP/[^\n]*+(?!.*\ncontent-length)\n.+\n")
"""A status line and header lines, whole, and none that tells a length: of a head that was cut, that may be cut, too."""

SIMPLE: Final = wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b"")
"""What is known of an HTTP/0.9 response, which has no head."""


class HeadReader(NamedTuple):
    """Reads heads from *source*.

    *takes_simple* tells whether there may be no status line: an HTTP/0.9 response. *cuts_are_ends* is
    `Face.cuts_are_ends`; *shows* has an HTTP/0.9 response's first line printed.
    """

    source: Source
    limits: wire.Limits
    takes_simple: bool
    cuts_are_ends: bool
    shows: bool

    def read(self) -> wire.ResponseHead:
        """Read one head, whole. Raises `HTTPException` and `wire.RemoteProtocolError`, and what the socket raises."""
        inbox = self.source.inbox
        if not inbox:
            self.source.more()
        octets = inbox.take_section()
        if octets is None or not octets.startswith(b"HTTP/"):
            if octets is not None:
                inbox.rewind(inbox.window()[1] - len(octets))
            octets = self._receive()
            if octets is None:
                if self.shows:
                    print("reply:", repr(_first_line(inbox.peek(self.limits.start_line))))  # noqa: T201  as `show`
                return SIMPLE
        return parse(octets, self.limits)

    def read_status_line(self) -> tuple[bytes, wire.ResponseHead]:
        """Read a status line alone; return it, and the head that has nothing else. Raises as `read` does."""
        inbox = self.source.inbox
        while (line := inbox.take_line()) is None:
            wire.check_section_limits(*inbox.window(), self.limits, complete=False)
            if not self.source.more():
                rest = inbox.take_all()
                raise IncompleteRead(rest) if rest else _no_answer()
        return line, parse(line + b"\r\n", self.limits)

    def read_after(self, status_line: bytes) -> wire.ResponseHead:
        """Read the header section behind a *status_line* that somebody else has read. Raises as `read` does."""
        inbox = self.source.inbox
        lines = [status_line]
        while lines[-1] not in {b"\r\n", b"\n"}:
            line = inbox.take_line()
            if line is not None:
                lines.append(line)
            elif not self._more_after(lines):
                raise IncompleteRead(b"".join(lines))
            wire.check_section_limits(b"".join(lines), 0, self.limits, complete=False)
        return parse(b"".join(lines), self.limits)

    def _more_after(self, lines: list[bytes]) -> bool:
        """Get more into the inbox; *lines* are put back if that is interrupted."""
        try:
            return self.source.more()
        except BaseException:
            self.source.put_back(b"".join(lines))
            raise

    def _receive(self) -> bytes | None:
        """Return a head's octets; None if it is an HTTP/0.9 response, whose content they are."""
        inbox = self.source.inbox
        if inbox and self._is_simple():
            return None
        while self.source.more():
            if self._is_simple():
                return None
            octets = inbox.take_section()
            if octets is not None:
                return octets
            wire.check_section_limits(*inbox.window(), self.limits, complete=False)
        rest = inbox.take_all()
        if not rest.strip(b"\r\n"):
            raise _no_answer()
        if rest.startswith(b"HTTP/"):
            return self._cut_head(rest)
        if self.takes_simple:
            inbox.rewind(inbox.window()[1] - len(rest))
            return None
        raise BadStatusLine(_first_line(rest))

    def _is_simple(self) -> bool:
        """Tell as soon as it can be told whether what arrives is an HTTP/0.9 response; raise if that is not allowed."""
        inbox = self.source.inbox
        start = inbox.peek(5)
        if start == b"HTTP/"[: len(start)]:
            return False
        if self.takes_simple:
            return True
        line = inbox.peek(self.limits.start_line)
        if b"\n" not in line:
            return False
        raise BadStatusLine(_first_line(line))

    def _cut_head(self, rest: bytes) -> bytes:
        """What becomes of a head that the end has cut: an error, unless the face says otherwise."""
        if self.cuts_are_ends and (not self.source.is_shared or _LINES.fullmatch(rest)):
            return rest.rstrip(b"\r\n") + b"\r\n\r\n"
        if b"\n" in rest:
            parse(rest[: rest.index(b"\n") + 1] + b"\r\n", self.limits)  # no status line at all is the worse news
        raise IncompleteRead(rest)


def parse(octets: bytes, limits: wire.Limits) -> wire.ResponseHead:
    """Return the head that *octets* spell. A status line of HTTP/0.9, which some servers send, means HTTP/1.0."""
    try:
        return wire.parse_response_head(octets, wire.CLIENT, limits)
    except wire.UnknownVersion:
        if not octets.startswith(b"HTTP/0.9"):
            raise
        return wire.parse_response_head(b"HTTP/1.0" + octets[8:], wire.CLIENT, limits)


def framing_of(head: wire.ResponseHead, method: str) -> wire.Framing:
    """Return how the body ends. Raises `wire.BadFraming`, but for one negative Content-Length.

    httplib takes that for none: the content then ends with the connection, which is not used again.
    """
    if head.version == wire.HTTP09 and method != "HEAD":
        return wire.Framing(wire.BodyKind.UNTIL_CLOSE)
    try:
        return wire.response_framing(head, method)
    except wire.BadFraming:
        fields = head.fields
        lengths = fields.get_all("content-length")
        if "transfer-encoding" in fields or len(lengths) != 1 or not re.fullmatch(r"-[0-9]+", lengths[0]):
            raise
        return wire.Framing(wire.BodyKind.UNTIL_CLOSE)


def persists(head: wire.ResponseHead) -> bool:
    """Tell whether the connection may be used again: RFC 9112 section 9.3, and what HTTP/1.0 servers used to send."""
    if wire.keeps_alive(head):
        return True
    fields = head.fields
    if head.version != wire.HTTP10 or "transfer-encoding" in fields or "close" in wire.connection_options(fields):
        return False
    return bool(fields.get("keep-alive")) or "keep-alive" in fields.get("proxy-connection", "").lower()


def show(head: wire.ResponseHead) -> None:
    """Print *head* as `HTTPConnection.set_debuglevel` promises."""
    print("reply:", repr(head.start_line + "\r\n"))  # noqa: T201  what set_debuglevel asks for
    for name, value in head.fields.pairs():
        print("header:", name + ":", value)  # noqa: T201


def _first_line(octets: bytes) -> str:
    return octets[: octets.find(b"\n") + 1 or None].decode("latin-1")


def _no_answer() -> RemoteDisconnected:
    return RemoteDisconnected("Remote end closed connection without response")
