"""Content codings: off and on again."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from cassettes.content_coding import MOST_DECODED, decoded, take_off

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = b'{"user": "ann"}' * 20
CODINGS = {
    "gzip": gzip.compress(PLAIN),
    "x-gzip": gzip.compress(PLAIN, 1),
    "deflate": zlib.compress(PLAIN),
    "Deflate": zlib.compress(PLAIN)[2:-4],
    "br": brotli.compress(PLAIN),
    "zstd": zstandard.ZstdCompressor().compress(PLAIN),
    "gzip, identity": gzip.compress(PLAIN),
    "br, gzip": gzip.compress(brotli.compress(PLAIN)),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_is_taken_off_and_put_on(coding: str) -> None:
    """In any case; what is put on decodes to what was given."""
    content = CODINGS[coding]
    taken = take_off(content, coding)
    assert taken is not None
    assert (taken.plain, taken.complete, taken.tail) == (PLAIN, True, b"")
    assert decoded(content, coding) == PLAIN
    again = taken.put_on(PLAIN + b"more")
    assert again != content
    assert decoded(again, coding) == PLAIN + b"more"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br", "zstd"])
def test_what_is_cut_short_stays_so(coding: str) -> None:
    """What there is until then can be read, changed, and cut again."""
    content = CODINGS[coding]
    taken = take_off(content[:-4], coding)
    assert taken is not None
    assert not taken.complete
    assert PLAIN.startswith(taken.plain)
    assert decoded(content[:-4], coding) == content[:-4]
    again = take_off(taken.put_on(b"beginning"), coding)
    assert again is not None
    assert (again.plain, again.complete) == (b"beginning", False)


@pytest.mark.parametrize(
    "coding", ["", "identity", "unknown", "gzip, unknown", "gzip", "deflate", "br", "zstd", "gzip, br"]
)
def test_what_has_no_coding_that_is_known_is_left_as_it_is(coding: str) -> None:
    """Whatever its Content-Encoding says."""
    assert take_off(b"\xff plain text", coding) is None
    assert decoded(b"\xff plain text", coding) == b"\xff plain text"


def test_gzip_may_have_several_members_and_something_after_them() -> None:
    """Members are one content; what follows is kept."""
    content = gzip.compress(b"a") + gzip.compress(b"b")
    assert decoded(content, "gzip") == b"ab"
    taken = take_off(content + b"\0\0", "gzip")
    assert taken is not None
    assert (taken.plain, taken.tail) == (b"ab", b"\0\0")
    assert taken.put_on(b"ab") == gzip_of(b"ab") + b"\0\0"
    assert decoded(content + b"\0\0", "gzip") == content + b"\0\0"


def gzip_of(plain: bytes) -> bytes:
    """Return *plain* as zlib writes gzip."""
    coder = zlib.compressobj(6, zlib.DEFLATED, 31)
    return coder.compress(plain) + coder.flush()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_content_that_decodes_to_too_much_is_left_coded(coding: str) -> None:
    """A small body can decode to gigabytes."""
    huge = bytes(MOST_DECODED + 1)
    compressed: dict[str, Callable[[], bytes]] = {
        "gzip": lambda: gzip.compress(huge, 1),
        "br": lambda: bytes(brotli.compress(huge, quality=1)),
        "zstd": lambda: zstandard.ZstdCompressor(level=1).compress(huge),
    }
    content = compressed[coding]()
    assert take_off(content, coding) is None
    assert decoded(content, coding) == content


def test_without_their_libraries_br_and_zstd_are_left_as_they_are() -> None:
    """And the libraries are not loaded before a message needs them."""
    program = """
import sys
from cassettes.content_coding import decoded
assert decoded(b"a", "gzip") == b"a"
assert not {"brotli", "brotlicffi", "zstandard"} & set(sys.modules)
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name in {"brotli", "brotlicffi", "zstandard"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nothing())
assert decoded(bytes.fromhex(sys.argv[1]), "br") == bytes.fromhex(sys.argv[1])
assert decoded(bytes.fromhex(sys.argv[2]), "zstd") == bytes.fromhex(sys.argv[2])
"""
    arguments = [CODINGS["br"].hex(), CODINGS["zstd"].hex()]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, timeout=60)
