"""Compressed content is shown decoded where it can be made again."""

from __future__ import annotations

import gzip
import io
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.recompression import find_recipe, follow

PLAIN = b"".join(b"%d words that repeat and words that do not %x\n" % (n, n * 7919) for n in range(400))


def compressed(level: int, window: int, memory: int = 8, plain: bytes = PLAIN) -> bytes:
    """*plain* by zlib."""
    coder = zlib.compressobj(level, zlib.DEFLATED, window, memory)
    return coder.compress(plain) + coder.flush()


def with_name() -> bytes:
    """A gzip stream whose header names a file."""
    file = io.BytesIO()
    with gzip.GzipFile("name.txt", "wb", 6, file, mtime=1) as coder:
        coder.write(PLAIN)
    return file.getvalue()


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        *[("gzip", gzip.compress(PLAIN, level, mtime=0)) for level in (1, 6, 9)],
        *[("gzip", compressed(level, 31)) for level in range(1, 10)],
        ("x-gzip", compressed(6, 31, 9)),
        ("GZIP", with_name()),
        ("deflate", compressed(6, 15)),
        ("deflate", compressed(6, -15)),
        ("gzip", compressed(1, 16 + 13, 6, PLAIN[:4000])),
        ("gzip", gzip.compress(b"", mtime=0)),
    ],
)
def test_what_zlib_made_is_made_again(coding: str, content: bytes) -> None:
    """Any level, the headers of Python and of servers, nginx's small windows, deflate with and without its frame."""
    found = find_recipe(content, coding)
    assert found is not None
    plain, recipe = found
    assert PLAIN.startswith(plain)
    assert follow(plain, recipe) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain",
        gzip.compress(PLAIN, mtime=0)[:-1],
        gzip.compress(PLAIN, mtime=0) + b"tail",
        gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0),
        compressed(0, 31)[:-8] + bytes(8),
    ],
)
def test_what_cannot_be_made_again_has_no_recipe(content: bytes) -> None:
    """Torn, with something behind it, of several members, or with a wrong checksum."""
    assert find_recipe(content, "gzip") is None


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "gzip, gzip", "none", ""]))
def test_a_recipe_is_never_wrong(content: bytes, coding: str) -> None:
    """Any octets under any name."""
    found = find_recipe(content, coding)
    assert found is None or follow(*found) == content


def test_content_that_decodes_to_a_lot_is_not_tried() -> None:
    """A few octets can be gigabytes."""
    assert find_recipe(gzip.compress(bytes(4_000_000)), "gzip") is None


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("gzip", "expected a recipe for compressing, such as"),
        ({}, "expected a recipe for compressing, such as"),
        ({"coding": "gzip", "level": 6, "size": 1}, "expected a recipe for compressing, such as"),
        (
            {"coding": "br", "level": 6},
            "expected gzip, x-gzip, deflate, raw deflate as the coding of a recipe, got 'br'",
        ),
        ({"coding": "gzip", "level": "high"}, "expected the level of a recipe from 0 to 9, got 'high'"),
        ({"coding": "gzip", "level": 6, "memory": 10}, "expected the memory of a recipe from 1 to 9, got 10"),
        ({"coding": "gzip", "level": 6, "window": 31}, "expected the window of a recipe from 9 to 15, got 31"),
        ({"coding": "gzip", "level": 6, "header": "xyz"}, "expected hexadecimal digits as a header of gzip, got 'xyz'"),
    ],
)
def test_a_recipe_that_is_none_is_refused(recipe: object, message: str) -> None:
    """With what was expected, and what came."""
    with pytest.raises(ValueError, match=re.escape(message)):
        follow(b"a", recipe)


def test_a_recipe_without_a_header_gets_a_plain_one() -> None:
    """Whoever writes one by hand need not know what stands in it."""
    assert gzip.decompress(follow(PLAIN, {"coding": "gzip", "level": 6})) == PLAIN
