"""Content codings taken off and put on while content comes: what `content_coding` does for content that is there.

Law: octets in, octets out, in bounded memory. One coding, not a list of them; what is not as its coding says raises
`NotCodedError`, and what follows after its end is given back as it is.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

from .content_coding import library

if TYPE_CHECKING:
    from collections.abc import Iterator

_GZIP: Final = 31
_WINDOWS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": 15, "raw deflate": -15}
_MAGIC: Final = b"\x1f\x8b"
_MOST: Final = 262_144
"""Octets that are given back at a time."""
_STEP: Final = 512
"""Octets that are given at a time to a decoder that cannot be told how much to give back."""


class NotCodedError(ValueError):
    """The octets are not what their coding says, from ``rest`` on."""

    def __init__(self, message: str, rest: bytes) -> None:
        super().__init__(message)
        self.rest = rest


def can_stream(coding: str) -> bool:
    """Tell whether *coding* is one that `Decoder` and `Encoder` know here."""
    return coding in _WINDOWS or library(coding) is not None


class Decoder:
    """Takes *coding* off: give it octets, and it gives what they stand for.

    ``complete`` says whether its end has come; ``coding`` is the one found, since deflate often has no frame.
    """

    def __init__(self, coding: str) -> None:
        self.coding = coding
        self.complete = False
        self._step = _step_decoder(coding)
        self._begun = False
        self._tail: list[bytes] = []
        self._trailing = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what *data* stands for, in pieces. Raises `NotCodedError`; what came before has been given."""
        if not self._begun and self.coding == "deflate" and data:
            self.coding = "deflate" if _is_deflate(data) else "raw deflate"
            self._step = _step_decoder(self.coding)
        while data:
            if self.complete:
                beginning = b"".join([*self._tail, data])[:2]
                if self._trailing or _WINDOWS.get(self.coding) != _GZIP or not _MAGIC.startswith(beginning):
                    self._trailing = True
                    self._tail.append(data)
                    return
                if len(beginning) < len(_MAGIC):
                    self._tail = [beginning]
                    return
                data = b"".join([*self._tail, data])  # one more member (RFC 1952 section 2.2)
                self._tail.clear()
                self.complete, self._step = False, _step_decoder(self.coding)
            self._begun = True
            yield from self._step.pieces(data)
            self.complete, data = self._step.complete, self._step.rest

    def take_tail(self, *, at_end: bool = True) -> bytes:
        """Take what came after the end of what was coded; not *at_end*, what may yet be coded stays."""
        if not self._trailing and not at_end:
            return b""
        tail = b"".join(self._tail)
        self._tail.clear()
        return tail


class Encoder:
    """Puts *coding* on: give it octets, and at the end say whether they are complete."""

    def __init__(self, coding: str) -> None:
        self._kind = coding if library(coding) is not None else ""
        if self._kind == "br":
            self._coder: Any = library("br").Compressor(quality=5)
        elif self._kind == "zstd":
            self._coder = library("zstd").ZstdCompressor().compressobj()
        else:
            self._coder = zlib.compressobj(6, zlib.DEFLATED, _WINDOWS[coding])

    def feed(self, plain: bytes) -> bytes:
        """Return what can be told by now."""
        return bytes(self._coder.process(plain) if self._kind == "br" else self._coder.compress(plain))

    def end(self, *, complete: bool) -> bytes:
        """Return the rest; not *complete*, it can be decoded up to here and no further."""
        if self._kind == "br":
            return bytes(self._coder.finish() if complete else self._coder.flush())
        if self._kind == "zstd":
            zstandard = library("zstd")
            how = zstandard.COMPRESSOBJ_FLUSH_FINISH if complete else zstandard.COMPRESSOBJ_FLUSH_BLOCK
            return bytes(self._coder.flush(how))
        return bytes(self._coder.flush(zlib.Z_FINISH if complete else zlib.Z_SYNC_FLUSH))


class _StepDecoder(Protocol):
    """One library's decoder: after `pieces`, whether the end has come, and what stands behind it."""

    complete: bool
    rest: bytes

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Give what *data* stands for. Raises `NotCodedError`."""


def _step_decoder(coding: str) -> _StepDecoder:
    if coding in _WINDOWS:
        return _Zlib(_WINDOWS[coding])
    return _Brotli() if coding == "br" else _Zstandard()


def _is_deflate(data: bytes) -> bool:
    try:
        zlib.decompressobj(15).decompress(data, _MOST)
    except zlib.error:
        return False
    return True


class _Zlib:
    def __init__(self, window: int) -> None:
        self._decoder = zlib.decompressobj(window)
        self.complete = False
        self.rest = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        decoder = self._decoder
        while True:
            before, piece = decoder.copy(), b""
            try:
                piece = decoder.decompress(data, _MOST)
            except zlib.error:
                yield from _until_it_breaks(before, data)
            if piece:
                yield piece
            if decoder.eof or not piece:
                break
            data = decoder.unconsumed_tail
        self.complete, self.rest = decoder.eof, decoder.unused_data


def _until_it_breaks(decoder: Any, data: bytes) -> Iterator[bytes]:  # noqa: ANN401  zlib does not name the type
    """Give what can be told of *data*, octet by octet, then raise `NotCodedError`."""
    for position in range(len(data)):
        try:
            yield decoder.decompress(data[position : position + 1])
        except zlib.error as problem:
            raise NotCodedError(str(problem), data[position:]) from None


class _Brotli:
    def __init__(self) -> None:
        self._error: type[Exception] = library("br").error
        self._decoder = library("br").Decompressor()
        self.complete = False
        self.rest = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _STEP):
            if self.complete:
                self.rest = data[start:]
                return
            try:
                yield self._decoder.process(data[start : start + _STEP])
            except self._error as problem:
                raise NotCodedError(str(problem), data[start:]) from None
            self.complete = self._decoder.is_finished()


class _Zstandard:
    def __init__(self) -> None:
        self._error: type[Exception] = library("zstd").ZstdError
        self._decoder = library("zstd").ZstdDecompressor().decompressobj()
        self.complete = False
        self.rest = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _STEP):
            try:
                yield self._decoder.decompress(data[start : start + _STEP])
            except self._error as problem:
                raise NotCodedError(str(problem), data[start:]) from None
            self.complete = self._decoder.eof
            if self.complete:
                self.rest = self._decoder.unused_data + data[start + _STEP :]
                return
