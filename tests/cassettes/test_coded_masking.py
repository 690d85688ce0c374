"""Secrets in large content that is compressed, while it comes."""

from __future__ import annotations

import gzip
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from cassettes import content_coding
from cassettes.body_files import BodyFiles
from cassettes.coded_streams import Decoder, Encoder, NotCodedError
from cassettes.redaction import masked_stream
from httplib_sim import wire

if TYPE_CHECKING:
    from pathlib import Path

SECRET = b"hunter2-and-more-4711"
CODINGS = ["gzip", "deflate", "raw deflate", "br", "zstd"]
NUMBERS = random.Random(7)
PLAIN = b"".join(b'{"id": %d, "text": "no more than this"},\n' % NUMBERS.randrange(10**9) for _ in range(20_000))
WITH_SECRET = PLAIN[:400_000] + b'{"password": "%b"},\n' % SECRET + PLAIN[400_000:]


def coded(plain: bytes, coding: str) -> bytes:
    """*plain* with *coding*."""
    encoder = Encoder(coding)
    return encoder.feed(plain) + encoder.end(complete=True)


def decoded(content: bytes, coding: str) -> tuple[bytes, bytes]:
    """(What *content* stands for, what comes after it)."""
    decoder = Decoder(coding)
    return b"".join(decoder.feed(content)), decoder.take_tail()


def kept(
    tmp_path: Path, content: bytes, coding: str, size: int = 10_000, content_type: str = "application/json"
) -> bytes:
    """What is in the file once *content* has come in pieces of this *size*."""
    lines = [
        wire.FieldLine("Content-Type", content_type),
        wire.FieldLine("Content-Encoding", coding.rsplit(maxsplit=1)[-1]),
    ]
    fields = wire.Fields(lines)
    spool = BodyFiles(tmp_path / "c.yaml").spool(fields, masked_stream(None, wire.ResponseHead(200, "OK", fields)))
    for start in range(0, len(content), size):
        spool.write(content[start : start + size])
    assert spool.finish().received == len(content)
    (file,) = [*(tmp_path / "c.yaml.bodies").iterdir()] if spool.size else [None]
    octets = b"".join(spool.pieces())
    assert len(octets) == spool.size
    assert file is None or not file.exists()  # it has its last name now
    assert len([*(tmp_path / "c.yaml.bodies").iterdir()]) == 1
    return octets


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [1, 1000, 10**7])
def test_a_coding_is_taken_off_in_pieces(coding: str, size: int) -> None:
    """Whatever the pieces; what comes after its end is told apart, but for brotli, which takes it for an error."""
    plain = PLAIN[:5000]
    content = coded(plain, coding) + (b"" if coding == "br" else b"and more")
    decoder = Decoder(coding)
    found = b"".join(b"".join(decoder.feed(content[start : start + size])) for start in range(0, len(content), size))
    assert found == plain
    assert decoder.complete
    assert decoder.take_tail() == (b"" if coding == "br" else b"and more")


def test_gzip_may_have_members() -> None:
    """RFC 1952 section 2.2; and a beginning of one is none."""
    content = gzip.compress(b"one") + gzip.compress(b"two")
    for size in (1, 5, 1000):
        decoder = Decoder("gzip")
        pieces = [content[start : start + size] for start in range(0, len(content), size)]
        assert b"".join(b"".join(decoder.feed(piece)) for piece in pieces) == b"onetwo"
    assert decoded(gzip.compress(b"one") + b"\x1f", "gzip") == (b"one", b"\x1f")


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_not_coded_is_told(coding: str) -> None:
    """What comes before has been given."""
    with pytest.raises(NotCodedError):
        list(Decoder(coding).feed(b"\xff\xff no such thing" * 1000))


def test_a_bomb_is_given_in_pieces() -> None:
    """A hundred KiB that stand for a hundred MiB."""
    content = zlib.compress(b"\0" * 100_000_000, 9)
    assert max(len(piece) for piece in Decoder("deflate").feed(content)) <= 262_144


@pytest.mark.parametrize("coding", CODINGS)
def test_without_a_secret_the_very_octets_are_kept(tmp_path: Path, coding: str) -> None:
    """Also with what comes after, and where it was cut short."""
    content = coded(PLAIN, coding)
    assert kept(tmp_path, content, coding) == content
    for other in (content[:-100], content + b"rest" * 1000):
        for file in (tmp_path / "c.yaml.bodies").iterdir():
            file.unlink()
        assert kept(tmp_path, other, coding) == other


@pytest.mark.parametrize("coding", CODINGS)
def test_a_secret_is_masked_and_all_is_compressed_anew(tmp_path: Path, coding: str) -> None:
    """What has been written by then as well; the coding stays what it is."""
    content = kept(tmp_path, coded(WITH_SECRET, coding), coding)
    assert decoded(content, coding) == (WITH_SECRET.replace(SECRET, b"xxxxxxx-xxx-xxxx-xxxx"), b"")


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_secret_beside_what_is_broken_is_masked(tmp_path: Path, where: str) -> None:
    """Content that is broken, or goes on where it has ended."""
    content = gzip.compress(WITH_SECRET if where == "before" else PLAIN)
    if where == "before":
        middle = len(content) * 3 // 4
        content = content[:middle] + b"\xff\0\xff" * 2000
        octets = kept(tmp_path, content, "gzip")
        decoder = zlib.decompressobj(31)
        assert SECRET not in decoder.decompress(octets[: len(octets) - 6000])
    else:
        octets = kept(tmp_path, content + b"\npassword=%b\n" % SECRET, "gzip")
        assert decoded(octets, "gzip") == (PLAIN, b"\npassword=xxxxxxx-xxx-xxxx-xxxx\n")


def test_what_only_says_that_it_is_coded_is_masked_as_it_is(tmp_path: Path) -> None:
    """A server that names a coding and does not use it."""
    octets = kept(tmp_path, WITH_SECRET, "gzip")
    assert octets == WITH_SECRET.replace(SECRET, b"xxxxxxx-xxx-xxxx-xxxx")


def test_an_unknown_coding_is_left_alone(tmp_path: Path) -> None:
    """Nobody here can read it."""
    assert not content_coding.library("lzma")
    assert kept(tmp_path, PLAIN, "lzma") == PLAIN
