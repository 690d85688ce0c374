"""Compressed content, shown decoded, and compressed again to the very octets.

Law: a recipe is given only if following it gives back the octets that were there; how a stream was made is found by
trying. zlib alone: other compressors, and other versions of zlib, may have made a stream that nobody can make again.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from .content_coding import try_decode

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 1_048_576
"""Octets of decoded content: finding a recipe compresses it several times."""

_RAW, _ZLIB = -15, 15
_KEYS = frozenset({"coding", "level", "memory", "header"})
_PLAIN_HEADER = "1f8b08000000000000ff"
"""Of gzip: no name, no time, of an unknown system (RFC 1952 section 2.3)."""
_GZIP_HEADER = 10
_LIKELY_LEVELS = {2: (9, 6, 1), 4: (1, 6, 9), 0: (6, 5, 4, 7, 8, 3, 2, 1, 9)}
"""By the gzip header's XFL octet (RFC 1952 section 2.3.1): 2 is said of the highest level, 4 of the lowest."""


def find_recipe(content: bytes, coding: str) -> tuple[bytes, dict[str, Any]] | None:
    """Return (decoded content, recipe) such that `follow` gives *content* back; None where there is none."""
    coding = coding.strip().lower()
    plain = try_decode(content, coding)
    if plain is None or len(plain) > _MOST:
        return None
    for recipe in _candidates(content, coding):
        if follow(plain, recipe) == content:
            return plain, recipe
    return None


def follow(plain: bytes, recipe: object) -> bytes:
    """Return *plain* compressed as *recipe* says. Raises `ValueError` for a recipe that is none."""
    coding, level, memory, header = _checked(recipe)
    if coding == "deflate":
        return _compress(plain, level, _ZLIB, memory)
    trailer = zlib.crc32(plain).to_bytes(4, "little") + (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
    return header + _compress(plain, level, _RAW, memory) + trailer


def _checked(recipe: object) -> tuple[str, int, int, bytes]:
    """The coding, level, memory level and header of *recipe*."""
    if not isinstance(recipe, dict) or not {"coding", "level"} <= set(recipe) <= _KEYS:
        raise ValueError("expected a recipe for compressing, such as {coding: deflate, level: 6}")
    coding, level, memory = recipe["coding"], recipe["level"], recipe.get("memory", 8)
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"expected gzip, x-gzip or deflate as the coding of a recipe, got {coding!r}")
    if not (type(level) is int and 0 <= level <= 9):
        raise ValueError(f"expected a level of compression from 0 to 9, got {level!r}")
    if not (type(memory) is int and 1 <= memory <= 9):
        raise ValueError(f"expected a memory level of compression from 1 to 9, got {memory!r}")
    try:
        return coding, level, memory, bytes.fromhex(recipe.get("header", _PLAIN_HEADER))
    except (TypeError, ValueError):
        raise ValueError(f"expected hexadecimal digits as a header of gzip, got {recipe['header']!r}") from None


def _candidates(content: bytes, coding: str) -> Iterator[dict[str, Any]]:
    gzip = coding in {"gzip", "x-gzip"}
    header = _long_header(content) if gzip else b""
    for memory in (8, 9):
        for level in _LIKELY_LEVELS.get(content[8] if gzip else 0, _LIKELY_LEVELS[0]):
            recipe: dict[str, Any] = {"coding": coding, "level": level}
            if memory != 8:
                recipe["memory"] = memory
            if gzip:
                recipe["header"] = header.hex()
            yield recipe


def _long_header(content: bytes) -> bytes:
    """The gzip header with the name and comment that its flags announce (RFC 1952 section 2.3)."""
    flags, end = content[3], _GZIP_HEADER
    if flags & 4:
        end += 2 + int.from_bytes(content[end : end + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            end = content.find(b"\0", end) + 1
    return content[: end + (2 if flags & 2 else 0)]


def _compress(plain: bytes, level: int, window: int, memory: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, window, memory)
    return compressor.compress(plain) + compressor.flush()
