"""Large bodies without their secrets.

Law: wire values in, wire values out, and content that is masked while it is read. What was masked while it came is
looked through once more only for secrets that were not known then.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from .body_masking import codings_of, mask_frame
from .coded_masking import MaskedCodedStream, Purpose, coding_of, masked_stream_for
from .coded_streams import Decoder, NotCodedError
from .large_body import digest
from .stream_masking import AROUND, MaskedStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httplib_sim import wire

    from .echoes import Echoes
    from .large_body import Content, LargeBody
    from .masking import Masking

Stream = MaskedStream | MaskedCodedStream


class MaskedContent:
    """The content *source* as *stream* masks it: each time it is read, anew.

    It is as long as the ``original``, unless it must be *measured*.
    """

    def __init__(self, source: Content, stream: Callable[[], Stream], *, measured: bool = False) -> None:
        self.original = source
        self._stream = stream
        self._measured = measured

    @cached_property
    def size(self) -> int:
        """How many octets it is, masked."""
        return sum(map(len, self.pieces())) if self._measured else self.original.size

    @cached_property
    def sha256(self) -> str:
        """The digest of what is masked, in hexadecimal digits."""
        return digest(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Give the content, masked, piece by piece."""
        masked = self._stream()
        for piece in self.original.pieces():
            if octets := masked(piece):
                yield octets
        if octets := masked(None):
            yield octets


class WasMasked(Protocol):
    """Content that was *masked* while it came: then it had ``received`` octets."""

    masked: Stream | None
    received: int


def mask_large(body: LargeBody, fields: wire.Fields, masking: Masking) -> tuple[LargeBody, wire.Fields]:
    """Return (*body* with stand-ins for the secrets in it, *fields* with a Content-Length that fits)."""
    source: Content = body.source
    stream: Stream | None = getattr(source, "masked", None)
    before = getattr(source, "received", source.size)
    codings = codings_of(fields)
    known = None
    if stream is not None:
        known = masking.echoes.beyond(stream.masking.echoes)
        masking.take_over(stream.masking, "body")
    if known is None or _holds_any(source, codings, known):
        source = _masked(source, codings, fields, masking)
    return mask_frame(body, source, source.size - before, fields, masking)


def _masked(source: Content, codings: str, fields: wire.Fields, masking: Masking) -> Content:
    if not coding_of(codings):
        return MaskedContent(source, lambda: MaskedStream(fields, masking))
    hits = masking.hits
    digest(MaskedContent(source, lambda: masked_stream_for(codings, fields, masking, Purpose.DECODED)).pieces())
    if masking.hits == hits:
        return source
    return MaskedContent(source, lambda: masked_stream_for(codings, fields, masking, Purpose.ANEW), measured=True)


def _decoded(source: Content, codings: str) -> Iterator[bytes]:
    """The content of *source* without its coding, as far as it has it."""
    coding = coding_of(codings)
    if not coding:
        yield from source.pieces()
        return
    decoder = Decoder(coding)
    with suppress(NotCodedError):
        for piece in source.pieces():
            yield from decoder.feed(piece)


def _holds_any(source: Content, codings: str, secrets: Echoes) -> bool:
    if not secrets:
        return False
    before = b""
    for piece in _decoded(source, codings):
        window = before + piece
        if secrets.any_in(window):
            return True
        before = window[-AROUND:]
    return False
