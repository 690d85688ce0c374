"""Content codings: what Content-Encoding names, taken off and put back (RFC 9110 section 8.4.1).

Law: octets in, octets out; what cannot be decoded is given back as it is, and said to be so. gzip and deflate are
zlib's; br and zstd are known where the libraries are installed that the clients use for them, and are loaded when a
message needs them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DECODED = 64 * 1024 * 1024
"""Octets. Content that would decode to more is left coded: a small body can decode to gigabytes."""

_RAW_DEFLATE: Final = -15
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_SIGN: Final = _GZIP_MAGIC + b"\x08"
"""How gzip begins: there is but one method of compression (RFC 1952 section 2.3.1)."""


def coding_of(content: bytes, coding: str) -> str:
    """Return *coding*, which heads say that *content* has; where they say none, gzip shows itself."""
    return coding or ("gzip" if content.startswith(_GZIP_SIGN) else "")


def decoded(content: bytes, coding: str) -> bytes:
    """Return *content* with *coding* taken off, or *content* itself where that cannot be done completely."""
    taken = take_off(content, coding) if coding else None
    return taken.plain if taken is not None and taken.complete and not taken.tail else content


@dataclass(frozen=True, slots=True)
class TakenOff:
    """Content without its content codings, and how to put them on again.

    ``plain`` is not ``complete`` where the content ends before its coding says; it is what there is until then.
    ``tail`` are octets after the end of what was coded.
    """

    plain: bytes
    complete: bool
    tail: bytes
    codings: tuple[str, ...]

    def put_on(self, plain: bytes) -> bytes:
        """Return *plain* coded in the same way: as complete as this was, with the same tail."""
        for coding in self.codings:
            plain = _CODERS[coding].encode(plain, self.complete)
        return plain + self.tail


def take_off(content: bytes, coding: str) -> TakenOff | None:
    """Return *content* without what *coding*, a Content-Encoding, lists; None where a coding is unknown or not there.

    A list of codings is taken off only from content that is complete.
    """
    names = [name.strip().lower() for name in coding.split(",")]
    codings = tuple([name for name in names if name not in {"", "identity"}])
    if not codings or any(name not in _CODERS for name in codings):
        return None
    step = _Decoded(content, complete=True)
    used = []
    for name in reversed(codings):
        found = _decode(step.plain, name)
        if found is None or (len(codings) > 1 and (not found[1].complete or found[1].tail)):
            return None
        used.append(found[0])
        step = found[1]
    return TakenOff(step.plain, step.complete, step.tail, tuple(reversed(used)))


class _Decoded(NamedTuple):
    plain: bytes
    complete: bool
    tail: bytes = b""


class _Coder(NamedTuple):
    """How one coding is taken off and put on; *decode* gives None for what does not fit."""

    decode: Callable[[bytes], _Decoded | None]
    encode: Callable[[bytes, bool], bytes]


def _decode(content: bytes, name: str) -> tuple[str, _Decoded] | None:
    """Return (the coding that *content* has, what it decodes to): deflate often comes without zlib's frame."""
    for candidate in (name, "raw deflate") if name == "deflate" else (name,):
        result = _CODERS[candidate].decode(content)
        if result is not None:
            return candidate, result
    return None


def _inflate(content: bytes, window: int) -> _Decoded | None:
    pieces: list[bytes] = []
    left = MOST_DECODED
    while True:
        try:
            decoder = zlib.decompressobj(window)
            pieces.append(decoder.decompress(content, left))
        except zlib.error:
            return None
        left -= len(pieces[-1])
        if decoder.unconsumed_tail or left <= 0:
            return None
        content = decoder.unused_data
        if not content.startswith(_GZIP_MAGIC) or window < 16:  # gzip may have several members (RFC 1952 section 2.2)
            return _Decoded(b"".join(pieces), decoder.eof, content)


def _deflate(plain: bytes, window: int, *, complete: bool) -> bytes:
    coder = zlib.compressobj(6, zlib.DEFLATED, window)
    return coder.compress(plain) + coder.flush(zlib.Z_FINISH if complete else zlib.Z_SYNC_FLUSH)


def _zlib_coder(window: int) -> _Coder:
    return _Coder(
        lambda content: _inflate(content, window), lambda plain, complete: _deflate(plain, window, complete=complete)
    )


@lru_cache(1)
def _brotli() -> Any:  # noqa: ANN401  a module without types, if it is installed
    return _first_installed("brotli", "brotlicffi")


@lru_cache(1)
def _zstandard() -> Any:  # noqa: ANN401  a module that may be missing
    return _first_installed("zstandard")


def library(coding: str) -> Any:  # noqa: ANN401  as above
    """Return the module that knows *coding*; None where none is installed, or none is needed."""
    return _brotli() if coding == "br" else _zstandard() if coding == "zstd" else None


def _first_installed(*names: str) -> Any:  # noqa: ANN401
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError:
            continue
    return None


def _decode_brotli(content: bytes) -> _Decoded | None:
    brotli = _brotli()
    if brotli is None:
        return None
    decoder = brotli.Decompressor()
    pieces, size = [], 0
    try:
        for start in range(0, len(content), 1024):  # piece by piece: a small body can decode to gigabytes
            pieces.append(decoder.process(content[start : start + 1024]))
            size += len(pieces[-1])
            if size > MOST_DECODED:
                return None
    except brotli.error:
        return None
    return _Decoded(b"".join(pieces), decoder.is_finished())


def _encode_brotli(plain: bytes, complete: bool) -> bytes:  # noqa: FBT001
    coder = _brotli().Compressor(quality=5)
    return bytes(coder.process(plain) + (coder.finish() if complete else coder.flush()))


def _decode_zstandard(content: bytes) -> _Decoded | None:
    zstandard = _zstandard()
    if zstandard is None:
        return None
    decoder = zstandard.ZstdDecompressor().decompressobj()
    pieces, size = [], 0
    try:
        for start in range(0, len(content), 1024):
            pieces.append(decoder.decompress(content[start : start + 1024]))
            size += len(pieces[-1])
            if size > MOST_DECODED:
                return None
    except zstandard.ZstdError:
        return None
    return _Decoded(b"".join(pieces), decoder.eof, decoder.unused_data if decoder.eof else b"")


def _encode_zstandard(plain: bytes, complete: bool) -> bytes:  # noqa: FBT001
    zstandard = _zstandard()
    coder = zstandard.ZstdCompressor().compressobj()
    how = zstandard.COMPRESSOBJ_FLUSH_FINISH if complete else zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return bytes(coder.compress(plain) + coder.flush(how))


_CODERS: Final = {
    "gzip": _zlib_coder(31),
    "x-gzip": _zlib_coder(31),
    "deflate": _zlib_coder(15),
    "raw deflate": _zlib_coder(_RAW_DEFLATE),
    "br": _Coder(_decode_brotli, _encode_brotli),
    "zstd": _Coder(_decode_zstandard, _encode_zstandard),
}
