"""Content codings: what Content-Encoding names, taken off and put back (RFC 9110 section 8.4.1).

Law: octets in, octets out, by zlib alone; what cannot be decoded is given back as it is, and said to be so.
"""

from __future__ import annotations

import zlib

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}
MOST_DECODED = 64 * 1024 * 1024
"""Octets. Content that would decode to more is left coded: a small body can decode to gigabytes."""


def decoded(content: bytes, coding: str) -> bytes:
    """Return *content* with *coding* taken off, or *content* itself where that coding is unknown or the octets do not fit it."""
    result = try_decode(content, coding)
    return content if result is None else result


def try_decode(content: bytes, coding: str) -> bytes | None:
    """Return *content* with *coding*, one of gzip and deflate, taken off; None where it cannot be done completely."""
    window = _WINDOW.get(coding.strip().lower())
    if window is None:
        return None
    try:
        decoder = zlib.decompressobj(window)
        plain = decoder.decompress(content, MOST_DECODED)
    except zlib.error:
        return None
    return plain if decoder.eof and not decoder.unused_data else None
