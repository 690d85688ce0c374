"""Secrets in bodies: parts, torn octets, and the framing round them."""

from __future__ import annotations

import gzip
import zlib

import pytest

from cassettes.body_masking import mask_body, mask_content
from cassettes.masking import Masking
from cassettes.secret_names import SecretNames
from cassettes.stand_ins import FIXED, SHAPED
from httplib_sim import wire


def masking(fixed: bool = False) -> Masking:
    """Return a new walk by the default names."""
    return Masking(SecretNames(), SecretNames(), FIXED if fixed else SHAPED)


def fields(kind: str, *more: tuple[str, str]) -> wire.Fields:
    """Return a header section with a Content-Type."""
    return wire.Fields([("Content-Type", kind), *more])


MULTIPART = (
    b"preamble\r\n--B\r\n"
    b'Content-Disposition: form-data; name="password"; filename="a"\r\nX-Token: abc\r\n\r\na\r\nbc\r\n'
    b"--B  \r\n\r\nno name=abc\r\n"
    b"--B\r\nContent-Disposition: form-data; name=token\r\n\r\n\r\n"
    b"--B\r\nContent-Type: application/http\r\n\r\nGET /?token=abc HTTP/1.1\r\nCookie: a=abc\r\n\r\n{}\r\n"
    b"--B\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=1&pwd=abc\r\n"
    b"--B\r\nContent-Type: image/png\r\n\r\n?token=abc\r\n"
    b"--B--\r\nepilogue"
)


def test_each_part_of_a_multipart_body_is_masked_by_what_it_is() -> None:
    """By its name, its fields and its media type; borders and line ends stay."""
    masked = mask_content(MULTIPART, fields("multipart/form-data; charset=x; boundary=B"), masking())
    assert masked == MULTIPART.replace(b"a\r\nbc", b"x\r\nxx").replace(b"abc", b"xxx").replace(
        b"no name=xxx", b"no name=abc"
    ).replace(b"png\r\n\r\n?token=xxx", b"png\r\n\r\n?token=abc")


@pytest.mark.parametrize("cut", range(0, len(MULTIPART), 7))
def test_a_torn_multipart_body_is_masked_as_far_as_it_goes(cut: int) -> None:
    """A part may have no end, and its head none either."""
    kind = fields("multipart/form-data; boundary=B")
    whole, torn = (mask_content(content, kind, masking()) for content in (MULTIPART, MULTIPART[:cut]))
    assert len(torn) == cut
    for at, octet in enumerate(MULTIPART[:cut]):
        assert whole[at] == octet or torn[at] != octet


def test_line_ends_of_lf_alone_and_no_border_at_all() -> None:
    """Not everybody writes multipart as RFC 2046 has it."""
    content = b'--B\nContent-Disposition: form-data; name="token"\n\nabc\n--B--\n'
    assert mask_content(content, fields("multipart/form-data; boundary=B"), masking()) == content.replace(
        b"abc", b"xxx"
    )
    assert mask_content(b"?token=abc", fields("multipart/mixed; boundary=B"), masking()) == b"?token=xxx"
    assert mask_content(b"?token=abc", fields("multipart/mixed"), masking()) == b"?token=xxx"


def test_images_and_archives_are_not_searched() -> None:
    """But an image that is XML is, and so is what might be binary and has no NUL, and what is of no type."""
    for content, kind, masked in (
        (b"PK\0?token=abc", "application/zip", b"PK\0?token=abc"),
        (b"PK?token=abc", "application/zip", b"PK?token=xxx"),
        (b"\0\x12?token=abc", "", b"\0\x12?token=xxx"),
    ):
        assert mask_content(content, fields(kind), masking()) == masked
    assert mask_content(b"?token=abc", fields("image/png"), masking()) == b"?token=abc"
    assert mask_content(b"?token=abc", fields("image/svg+xml"), masking()) == b"?token=xxx"


def test_a_secret_that_begins_in_the_last_whole_chunk_is_masked_in_what_is_torn() -> None:
    """Content and the octets after it are looked at as one."""
    chunks = (wire.ChunkHead(11), wire.ChunkHead(9))
    body = wire.Body(b'{"token":"abc', chunks, complete=False, torn=b'def"}')
    masked, _ = mask_body(body, fields("application/json"), masking())
    assert masked.octets == body.octets.replace(b"abc", b"xxx").replace(b"def", b"xxx").replace(b'"a', b'"x').replace(
        b"bc", b"xx"
    )
    assert mask_body(body, fields("application/json"), masking(fixed=True))[0] == masked


def test_an_odd_content_length_line_is_mended_where_it_stands() -> None:
    """Blanks and line ends of it stay."""
    content = gzip.compress(b'{"token":"abcdefghijkl"}')
    size = len(content)
    section = b"Content-Encoding: gzip\r\ncontent-length:  %d\nContent-Length: %d\r\n" % (size, size)
    body = wire.Body(content)
    masked, mended = mask_body(body, wire.Fields.from_octets(section), masking())
    assert len(masked.content) < size
    size = len(masked.content)
    expected = b"Content-Encoding: gzip\r\ncontent-length:  %d\nContent-Length: %d\r\n" % (size, size)
    assert mended.octets == expected
    assert gzip.decompress(masked.content) == b'{"token":"xxxxxxxxxxxx"}'


def test_content_compressed_by_its_transfer_coding_is_looked_into() -> None:
    """As if it were a content coding."""
    content = gzip.compress(b'{"token":"abc"}')
    section = wire.Fields([("Content-Encoding", "identity"), ("Transfer-Encoding", "gzip, chunked")])
    body = wire.Body(content, (wire.ChunkHead(len(content)), wire.ChunkHead(0)), wire.Trailers(wire.Fields()))
    masked, mended = mask_body(body, section, masking())
    assert gzip.decompress(masked.content) == b'{"token":"xxx"}'
    assert mended is section


@pytest.mark.parametrize("coding", ["gzip", "deflate", "aws-chunked", "br"])
def test_content_that_only_says_it_is_coded_is_masked_as_it_is(coding: str) -> None:
    """Whatever its first octets could mean."""
    for content in (b"?token=abc", b'{"token":"abc"}', b"\x05?token=abc"):
        masked, _ = mask_body(wire.Body(content), fields("text/plain", ("Content-Encoding", coding)), masking())
        assert masked.content == content.replace(b"abc", b"xxx")


def test_a_coding_that_is_cut_in_a_whole_body_is_looked_into_too() -> None:
    """The server, not the connection, has cut it."""
    coded = gzip.compress(b'{"token":"abcdef","a":"' + bytes(range(32, 127)) * 9)[:-8]
    masked, _ = mask_body(wire.Body(coded), fields("application/json", ("Content-Encoding", "gzip")), masking())
    assert zlib.decompressobj(31).decompress(masked.content).startswith(b'{"token":"xxxxxx","a":" ')


def test_for_comparing_chunks_do_not_count() -> None:
    """Where a secret was, the content comes in one chunk; the last one keeps its extension."""
    bodies = [
        wire.Body(b'{"token":"a"}', (wire.ChunkHead(13), wire.ChunkHead(0, ";a=b")), wire.Trailers(wire.Fields())),
        wire.Body(
            b'{"token":"abc"}',
            (wire.ChunkHead(11), wire.ChunkHead(4), wire.ChunkHead(0, ";a=b")),
            wire.Trailers(wire.Fields()),
            tails=(wire.ChunkTail(b"\n"), wire.ChunkTail(b"\r\n")),
        ),
    ]
    first, second = (mask_body(body, fields("application/json"), masking(fixed=True))[0] for body in bodies)
    assert first == second
    assert first.octets == b'14\r\n{"token":"xxxxxxxx"}\r\n0;a=b\r\n\r\n'


def test_a_body_without_a_secret_is_the_same_object() -> None:
    """And so are its fields."""
    body, section = wire.Body(b'{"a":"b"}'), fields("application/json")
    for fixed in (True, False):
        masked, mended = mask_body(body, section, masking(fixed))
        assert masked is body
        assert mended is section


def test_an_extension_that_was_written_oddly_keeps_its_octets() -> None:
    """But for the secret."""
    raw = b"0A ; Signature=abc\n"
    body = wire.Body(b"0123456789", (wire.ChunkHead(10, " ; Signature=abc", raw), wire.ChunkHead(0)))
    masked, _ = mask_body(body, fields("text/plain"), masking())
    assert masked.chunks is not None
    assert masked.chunks[0].octets == b"0A ; Signature=xxx\n"


SECRET = b'{"access_token": "Zq37w8KpL3vN5tRx7mB37"}'
STAND_IN = b'{"access_token": "xxxxxxxxxxxxxxxxxxxxx"}'


@pytest.mark.parametrize("kind", ["application/gzip", "application/octet-stream", ""])
def test_gzip_shows_itself(kind: str) -> None:
    """Where no field tells of it, as with uploads and downloads; the length is made to fit."""
    content = gzip.compress(SECRET)
    sent = fields(kind, ("Content-Length", str(len(content))))
    body, fitting = mask_body(wire.Body(content), sent, masking())
    assert gzip.decompress(body.content) == STAND_IN
    assert fitting.get("content-length") == str(len(body.content))


def test_an_archive_keeps_every_octet() -> None:
    """Whoever downloads one looks at its digest."""
    body = wire.Body(gzip.compress(b"member\0\0" + SECRET))
    assert mask_body(body, fields("application/gzip"), masking())[0] is body


def test_a_compressed_file_in_a_form_is_masked() -> None:
    """It is coded anew in its part."""
    head, tail = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.gz"\r\n\r\n', b"\r\n--B--"
    masked = mask_content(head + gzip.compress(SECRET) + tail, fields("multipart/form-data; boundary=B"), masking())
    assert gzip.decompress(masked[len(head) : -len(tail)]) == STAND_IN
    clean = head + gzip.compress(b"[]") + tail
    assert mask_content(clean, fields("multipart/form-data; boundary=B"), masking()) == clean
