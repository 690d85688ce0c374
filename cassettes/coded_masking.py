"""Secrets in large bodies that are compressed: looked for in what they stand for, while they come.

Law: octets in, octets out, as for `stream_masking`. As long as there is no secret, the very octets are given; each once
what it stands for is known to have none. When the first is found, all must be compressed anew: the stream says so with
``anew``, and whoever has what was given by then gives it to that stream, then what is ``held``.
"""

from __future__ import annotations

import enum
from collections import deque
from typing import TYPE_CHECKING, Final

from .coded_streams import Decoder, Encoder, NotCodedError, can_stream
from .stream_masking import MaskedStream

if TYPE_CHECKING:
    from httplib_sim import wire

    from .masking import Masking


class Purpose(enum.Enum):
    """What becomes of compressed content."""

    AS_IT_IS = enum.auto()
    """The very octets, as long as there is no secret."""
    ANEW = enum.auto()
    """Decoded, masked, and compressed again."""
    DECODED = enum.auto()
    """Decoded and masked: for comparing."""


def masked_stream_for(
    codings: str, fields: wire.Fields, masking: Masking, purpose: Purpose = Purpose.AS_IT_IS
) -> MaskedStream | MaskedCodedStream:
    """Return what masks content with these *codings*, of a message with these *fields*.

    What has several, or one that is not known here, is looked at as it is.
    """
    coding = coding_of(codings)
    return MaskedCodedStream(coding, fields, masking, purpose) if coding else MaskedStream(fields, masking)


def coding_of(codings: str) -> str:
    """Return the one coding that *codings*, a list as in Content-Encoding, names; "" if it cannot be taken off here."""
    names = [name for name in (part.strip().lower() for part in codings.split(",")) if name not in {"", "identity"}]
    return names[0] if len(names) == 1 and can_stream(names[0]) else ""


class MaskedCodedStream:
    """Masks content that is compressed: give it piece by piece, and None at its end."""

    def __init__(self, coding: str, fields: wire.Fields, masking: Masking, purpose: Purpose) -> None:
        self.masking = masking
        self.anew: MaskedCodedStream | None = None
        self._arguments: Final = (coding, fields, masking)
        self._purpose = purpose
        self._decoder = Decoder(coding)
        self._plain = MaskedStream(fields, masking)
        self._encoder: Encoder | None = None
        self._uncoded: MaskedStream | None = None  # from where on it is not what its coding says
        self._held: deque[tuple[bytes, int]] = deque()  # each with how much has been decoded with it
        self._tail: MaskedStream | None = None
        self._decoded = self._cleared = 0

    @property
    def held(self) -> list[bytes]:
        """What came and was not given yet."""
        return [piece for piece, _ in self._held]

    def __call__(self, data: bytes | None) -> bytes:
        """Return what can be told by now of the content, masked. Once ``anew`` is there, nothing is."""
        if self._uncoded is not None:
            return self._uncoded(data)
        if self._purpose is Purpose.AS_IT_IS:
            return self._kept(data)
        found = []
        try:
            for piece in self._decoder.feed(data or b""):
                found.append(self._put_on(self._plain(piece)))  # noqa: PERF401  what was found before an error counts
        except NotCodedError as problem:
            return b"".join(found) + self._give_up([problem.rest])
        if data is None:
            found += [self._put_on(self._plain(None)), self._end(), self._masked_tail()]
        return b"".join(found)

    def _kept(self, data: bytes | None) -> bytes:
        try:
            pieces = self._decoder.feed(data or b"")
            for piece in pieces:
                self._decoded += len(piece)
                self._cleared += len(self._plain(piece))
                if self._plain.changed:
                    break
        except NotCodedError:
            self._plain(None)
            if not self._plain.changed:
                return self._give_up([*self.held, data or b""])
        if data is not None:
            self._held.append((data, self._decoded))
        else:
            self._plain(None)
            self._cleared = self._decoded
        tail_changed = self._look_at_tail(data)
        if self._plain.changed or tail_changed:
            self.anew = MaskedCodedStream(*self._arguments, Purpose.ANEW)
            return b""
        given = []
        while self._held and self._held[0][1] <= self._cleared:
            given.append(self._held.popleft()[0])
        return b"".join(given)

    def _look_at_tail(self, data: bytes | None) -> bool:
        """Whether there is a secret in what stands behind the end of what is coded."""
        tail = self._decoder.take_tail(at_end=data is None)
        if tail and self._tail is None:
            self._tail = MaskedStream(self._arguments[1], self.masking)
        if self._tail is None:
            return False
        self._tail(tail)
        if data is None:
            self._tail(None)
        return self._tail.changed

    def _put_on(self, masked: bytes) -> bytes:
        if self._purpose is Purpose.DECODED:
            return masked
        if self._encoder is None:
            self._encoder = Encoder(self._decoder.coding)
        return self._encoder.feed(masked)

    def _end(self) -> bytes:
        return b"" if self._encoder is None else self._encoder.end(complete=self._decoder.complete)

    def _masked_tail(self) -> bytes:
        tail = MaskedStream(self._arguments[1], self.masking)
        return tail(self._decoder.take_tail()) + tail(None)

    def _give_up(self, rest: list[bytes]) -> bytes:
        """It is not what it says: what was not given yet is looked at as it is."""
        before = b"" if self._purpose is Purpose.AS_IT_IS else self._put_on(self._plain(None)) + self._end()
        self._uncoded = MaskedStream(self._arguments[1], self.masking)
        return before + b"".join([self._uncoded(piece) for piece in rest])
