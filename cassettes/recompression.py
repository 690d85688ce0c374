"""Compressed content, shown decoded, and compressed again to the very octets.

Law: a recipe is given only if following it gives back the octets that were there; how a stream was made is found by
trying. zlib alone: other compressors, and other versions of zlib, may have made a stream that nobody can make again.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from .content_coding import take_off

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 1_048_576
"""Octets of decoded content: finding a recipe compresses its beginning several times, and all of it once or twice."""
_PIECE = 65_536

_CODINGS = ("gzip", "x-gzip", "deflate", "raw deflate")
_KEYS = frozenset({"coding", "level", "memory", "window", "header"})
_PLAIN_HEADER = "1f8b08000000000000ff"
"""Of gzip: no name, no time, of an unknown system (RFC 1952 section 2.3)."""
_GZIP_HEADER = 10
_GZIP_TRAILER = 8
_LIKELY_LEVELS = {2: (9, 6, 1), 4: (1, 6, 9), 0: (6, 5, 4, 7, 8, 3, 2, 1, 9)}
"""By the gzip header's XFL octet (RFC 1952 section 2.3.1): 2 is said of the highest level, 4 of the lowest."""


class _Recipe(NamedTuple):
    """How zlib is to compress: what is its default need not be said."""

    coding: str
    level: int
    memory: int = 8
    window: int = 15
    header: bytes = b""

    def data(self) -> dict[str, Any]:
        """Return the recipe as it is written."""
        data: dict[str, Any] = {"coding": self.coding, "level": self.level}
        if self.memory != 8:
            data["memory"] = self.memory
        if self.window != 15:
            data["window"] = self.window
        if self.header:
            data["header"] = self.header.hex()
        return data

    def compressor(self) -> Any:  # noqa: ANN401  zlib does not name the type
        """Return what makes the stream, without the frame of gzip."""
        window = self.window if self.coding == "deflate" else -self.window
        return zlib.compressobj(self.level, zlib.DEFLATED, window, self.memory)


def find_recipe(content: bytes, coding: str) -> tuple[bytes, dict[str, Any]] | None:
    """Return (decoded content, recipe) such that `follow` gives *content* back; None where there is none."""
    taken = take_off(content, coding)
    if taken is None or not taken.complete or taken.tail or len(taken.codings) > 1 or len(taken.plain) > _MOST:
        return None
    name, plain = taken.codings[0], taken.plain
    if name not in _CODINGS:
        return None
    header = _gzip_header(content) if name.endswith("gzip") else b""
    stream = content[len(header) : -_GZIP_TRAILER] if header else content
    for recipe in _candidates(name, header, len(plain)):
        if _makes(stream, plain, recipe):
            return (plain, recipe.data()) if follow(plain, recipe.data()) == content else None
    return None


def follow(plain: bytes, recipe: object) -> bytes:
    """Return *plain* compressed as *recipe* says. Raises `ValueError` for a recipe that is none."""
    checked = _checked(recipe)
    compressor = checked.compressor()
    stream: bytes = compressor.compress(plain) + compressor.flush()
    if not checked.header:
        return stream
    trailer = zlib.crc32(plain).to_bytes(4, "little") + (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
    return checked.header + stream + trailer


def _checked(recipe: object) -> _Recipe:
    if not isinstance(recipe, dict) or not {"coding", "level"} <= set(recipe) <= _KEYS:
        raise ValueError("expected a recipe for compressing, such as {coding: deflate, level: 6}")
    coding = recipe["coding"]
    if coding not in _CODINGS:
        raise ValueError(f"expected {', '.join(_CODINGS)} as the coding of a recipe, got {coding!r}")
    numbers = {"level": (0, 9, 6), "memory": (1, 9, 8), "window": (9, 15, 15)}
    for key, (least, most, usual) in numbers.items():
        number = recipe.get(key, usual)
        if not (type(number) is int and least <= number <= most):
            raise ValueError(f"expected the {key} of a recipe from {least} to {most}, got {number!r}")
    header = b""
    if coding.endswith("gzip"):
        try:
            header = bytes.fromhex(recipe.get("header", _PLAIN_HEADER))
        except (TypeError, ValueError):
            raise ValueError(f"expected hexadecimal digits as a header of gzip, got {recipe['header']!r}") from None
    return _Recipe(coding, recipe["level"], recipe.get("memory", 8), recipe.get("window", 15), header)


def _candidates(coding: str, header: bytes, size: int) -> Iterator[_Recipe]:
    """The recipes that are worth trying for content of *size* octets, the likeliest first."""
    levels = _LIKELY_LEVELS.get(header[8] if header else 0, _LIKELY_LEVELS[0])
    for memory in (8, 9):
        for level in levels:
            yield _Recipe(coding, level, memory, header=header)
    # nginx makes the window fit content whose length it knows, and the memory fit the window.
    window, memory = 15, 8
    while window > 9 and size < (1 << (window - 1)) - 262:
        window, memory = window - 1, max(memory - 1, 1)
    if window < 15:
        for level in (1, 6, 5, 4, 9):
            yield _Recipe(coding, level, memory, window, header)


def _makes(stream: bytes, plain: bytes, recipe: _Recipe) -> bool:
    """Tell whether *recipe* makes *stream* of *plain*; it is given up at the first piece that differs."""
    compressor = recipe.compressor()
    position = 0
    for start in range(0, len(plain), _PIECE):
        piece = compressor.compress(plain[start : start + _PIECE])
        if not stream.startswith(piece, position):
            return False
        position += len(piece)
    return bool(stream[position:] == compressor.flush())


def _gzip_header(content: bytes) -> bytes:
    """The gzip header with the name and comment that its flags announce (RFC 1952 section 2.3)."""
    flags, end = content[3], _GZIP_HEADER
    if flags & 4:
        end += 2 + int.from_bytes(content[end : end + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            end = content.find(b"\0", end) + 1
    return content[: end + (2 if flags & 2 else 0)]
