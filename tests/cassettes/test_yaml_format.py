"""The format: exact to the octet, readable by people, and plain about what is wrong with a file."""

from __future__ import annotations

import gzip
import json
import re
import zlib

import pytest
import yaml
from hypothesis import given

from cassettes import yaml_format
from cassettes.errors import BadCassette
from cassettes.exchange import Exchange, How
from cassettes.yaml_format import check_header, read_exchange, write_exchange

from .values import exchange, exchanges, get


def assert_same(one: Exchange, other: Exchange) -> None:
    """Both exchanges have the same octets both ways, and ended the same."""
    assert one.request.message.octets == other.request.message.octets
    assert one.answer == other.answer
    assert one.end == other.end
    assert one.interim == other.interim
    assert (one.response is None) is (other.response is None)


@given(exchanges())
def test_what_is_written_reads_back_to_the_octet(original: Exchange) -> None:
    """Whatever was on the wire, both ways, whole or cut, comes back as it was, and so does its end."""
    assert_same(read_exchange(write_exchange(1, original)), original)


@given(exchanges())
def test_no_line_inside_a_document_looks_like_a_border(original: Exchange) -> None:
    """Only the first line is '---' and only the last is '...': a stream can be cut at them without a parser."""
    lines = write_exchange(1, original).split("\n")
    assert lines[0] == "---"
    assert lines[-2:] == ["...", ""]
    assert not [line for line in lines[1:-2] if line.startswith(("---", "..."))]


@given(exchanges())
def test_the_pure_python_loader_reads_the_same(original: Exchange) -> None:
    """Without libyaml a cassette means the same."""
    text = write_exchange(1, original)
    pure = type("Pure", (yaml.SafeLoader,), {"yaml_implicit_resolvers": yaml_format._loader().yaml_implicit_resolvers})
    assert yaml.load(text, Loader=pure) == yaml.load(text, Loader=yaml_format._loader())


def test_json_is_structure_and_text_is_text() -> None:
    """A person reads the content, not its spelling."""
    text = write_exchange(7, get("/a", b'{"id": 7, "tags": ["x"]}', "Content-Type: application/json"))
    assert "    json:\n      id: 7\n      tags:\n      - x\n" in text
    assert "# 0007  GET https://api.example.com/a -> 200 OK  24 B  87 ms" in text
    text = write_exchange(1, get("/a", b"one\ntwo\n"))
    assert "    text: |\n      one\n      two\n" in text
    assert "eol: crlf" in write_exchange(1, get("/a", b"one\r\ntwo\r\n"))


@pytest.mark.parametrize("level", [1, 6, 9])
def test_compressed_content_is_shown_decoded(level: int) -> None:
    """Both gzip and deflate are taken off where they can be put back to the octet."""
    plain = json.dumps({"words": ["lorem", "ipsum"] * 20}).encode()
    for coding, content in (("gzip", gzip.compress(plain, level)), ("deflate", zlib.compress(plain, level))):
        original = get("/a", content, f"Content-Encoding: {coding}", "Content-Type: application/json")
        text = write_exchange(1, original)
        assert "- lorem" in text
        assert_same(read_exchange(text), original)


def test_a_stream_that_zlib_cannot_make_again_is_base64() -> None:
    """A readable form is never chosen at the price of an octet."""
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    content = stored.compress(b"hello") + stored.flush(zlib.Z_FULL_FLUSH) + stored.compress(b"world") + stored.flush()
    original = get("/a", content, "Content-Encoding: gzip")
    text = write_exchange(1, original)
    assert "base64:" in text
    assert_same(read_exchange(text), original)


EDITED = write_exchange(1, get("/a", b'{"id": 7}', "Content-Type: application/json"))


def test_an_edited_json_value_gets_its_length() -> None:
    """A person changes a value and nothing else; the framing follows."""
    changed = read_exchange(EDITED.replace("id: 7", "id: 700000"))
    assert changed.response is not None
    assert changed.response.content == b'{"id": 700000}'
    assert changed.response.headers.get("content-length") == "14"


def test_an_edited_status_and_a_deleted_header_are_taken_as_they_are() -> None:
    """The start line and the headers are the person's."""
    text = EDITED.replace("HTTP/1.1 200 OK", "HTTP/1.1 503 Busy").replace("  - Content-Type: application/json\n", "")
    changed = read_exchange(text)
    assert changed.response is not None
    assert (changed.response.status, changed.response.reason) == (503, "Busy")
    assert "content-type" not in changed.response.headers


def test_edited_content_of_chunks_is_one_chunk() -> None:
    """Chunk sizes that no longer fit are replaced by one that does."""
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    text = write_exchange(1, exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", response))
    changed = read_exchange(text.replace("text: abcdef", "text: abcdefgh"))
    assert changed.answer.endswith(b"\r\n\r\n8\r\nabcdefgh\r\n0\r\n\r\n")


def test_a_document_written_by_hand_needs_little() -> None:
    """Origin, request line, status line and an end are enough."""
    made = read_exchange(
        "---\n"
        "origin: http://localhost:8080\n"
        "request: {line: GET /a HTTP/1.1, headers: [{Host: localhost}]}\n"
        "response:\n"
        "  line: HTTP/1.1 200 OK\n"
        "  headers: [{Content-Length: 5}]\n"
        "  body: {text: hello}\n"
        "end: {how: complete}\n"
    )
    assert made.request.url == "http://localhost:8080/a"
    assert made.answer == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("end:", "ende:", "unknown key 'ende' in an exchange"),
        ("response:", "response: 5\nx:", "unknown key 'x'"),
        ("origin: https://api.example.com", "origin: example", "expected an origin such as https://api.example.com"),
        ("GET /a HTTP/1.1", "GET /a HTTP/2", "expected a request line"),
        ("GET /a HTTP/1.1", "GET /a HTTP/2.0", "HTTP/1.1"),
        ("HTTP/1.1 200 OK", "OK", "expected a status line"),
        ("Host: api.example.com", "Host: 1.50", "put quotes round it"),
        ("Host: api.example.com", "Host: no", "put quotes round it"),
        ("style: spaced", "style: fancy", "expected a style of JSON"),
        ("json:", "base64: '*'\n    x:", "unknown key 'x' in a body"),
        ("how: complete", "how: well", "expected how the exchange ended, one of complete, client-closed"),
        ("connection: 3", "connection: three", "expected a whole number from 1 as connection"),
        ("at: 2026", "at: yesterday", "expected a time such as"),
        ("87.000 ms", "soon", "expected a duration such as '87 ms'"),
        ("  line: GET", "  lien: GET", "expected a request with its 'line'"),
        ("    json:", "    json: [", "expected YAML"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(old: str, new: str, message: str) -> None:
    """One clear sentence: where, what was expected, what came."""
    assert old in EDITED
    with pytest.raises(BadCassette, match=re.escape(message)) as caught:
        read_exchange(EDITED.replace(old, new, 1), "a.yaml", 40)
    assert str(caught.value).startswith("a.yaml:")
    assert caught.value.line >= 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cassette: 2\n", "made by a newer version"),
        ("interactions: []\n", "this file is no cassette"),
        ("hello", "this file is no cassette"),
        ("cassette: yes\n", "this file is no cassette"),
        ("cassette: [\n", "expected YAML"),
    ],
)
def test_a_file_that_is_no_cassette_of_ours_is_refused(text: str, message: str) -> None:
    """The first document says what the file is, and by which version it can be read."""
    with pytest.raises(BadCassette, match=message):
        check_header(text, "a.yaml")


def test_every_end_has_a_name() -> None:
    """How an exchange ended is a word that a person reads."""
    assert {how.value for how in How} == {"complete", "client-closed", "eof", "reset", "timeout", "refused"}
