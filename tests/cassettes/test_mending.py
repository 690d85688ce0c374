"""What a person edits is replayed as it stands, in a framing that fits."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.mending import mended
from cassettes.yaml_format import read_exchange, write_exchange
from httplib_sim import wire

from .values import cut_off, exchange, exchanges, get

if TYPE_CHECKING:
    from cassettes.exchange import Exchange

FIXED = write_exchange(1, get("/a", b'{"id": 7}', "Content-Type: application/json"))
CHUNKED = write_exchange(
    1,
    exchange(
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=1\r\nabc\r\n3\r\ndef\r\n0\r\nX-Sum: 1\r\n\r\n",
    ),
)
POSTED = write_exchange(
    1,
    exchange(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ),
)


def edited(text: str, *changes: tuple[str, str]) -> Exchange:
    """Return the exchange *text* after a person's *changes*, each of which changes something."""
    for pattern, new in changes:
        changed = re.sub(pattern, new, text, count=1, flags=re.MULTILINE)
        assert changed != text
        text = changed
    return read_exchange(text)


def received(made: Exchange) -> wire.Response:
    """The response that a client reads from the octets of *made*: exactly one, and nothing is left."""
    [response] = wire.parse_responses(made.answer, [made.request.method])
    assert response.extra == b""
    return response


@pytest.mark.parametrize(
    ("text", "change", "content"),
    [
        (FIXED, ("id: 7", "id: 7000"), b'{"id": 7000}'),
        (FIXED, ("^    json:\n      id: 7\n    style: spaced\n", "    text: hello\n"), b"hello"),
        (FIXED, ("^    style: spaced\n", ""), b'{"id":7}'),
        (FIXED, ("^  body:\n    json:\n      id: 7\n    style: spaced\n", ""), b""),
        (CHUNKED, ("text: abcdef", "text: abcdefgh"), b"abcdefgh"),
        (CHUNKED, ("text: abcdef", "text: ''"), b""),
        (CHUNKED, ("^    chunks:.*\n", ""), b"abcdef"),
        (CHUNKED, (r"chunks: \[.*\]", "chunks: [1, 5]"), b"abcdef"),
        (CHUNKED, (r"chunks: \[.*\]", "chunks: [4]"), b"abcdef"),
    ],
)
def test_edited_content_gets_its_framing(text: str, change: tuple[str, str], content: bytes) -> None:
    """Whatever form the content had and got, a client reads all of it and not an octet more."""
    assert received(edited(text, change)).body.content == content


def test_a_deleted_transfer_encoding_takes_the_chunks_with_it() -> None:
    """Without the header the content goes as it is, until the connection closes or for its Content-Length."""
    bare = edited(CHUNKED, ("^  - Transfer-Encoding: chunked\n", ""))
    assert bare.answer == b"HTTP/1.1 200 OK\r\n\r\nabcdef"
    counted = edited(CHUNKED, ("Transfer-Encoding: chunked", "Content-Length: 1"))
    assert received(counted).body == wire.Body(b"abcdef")


def test_an_added_transfer_encoding_brings_chunks() -> None:
    """The content becomes one chunk; the Content-Length, that would contradict it, is the person's to delete."""
    made = edited(FIXED, ("Content-Length: 9", "Transfer-Encoding: chunked"))
    assert made.answer.endswith(b'\r\n\r\n9\r\n{"id": 7}\r\n0\r\n\r\n')
    assert received(made).body.content == b'{"id": 7}'


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_status_without_content_has_none(status: str) -> None:
    """The content goes where a client would take it for the beginning of the next response."""
    for text in (FIXED, CHUNKED):
        made = edited(text, ("HTTP/1.1 200 OK", f"HTTP/1.1 {status}"))
        assert made.answer.endswith(b"\r\n\r\n")
        assert received(made).body.content == b""


def test_a_request_made_head_has_a_response_without_content() -> None:
    """Its Content-Length stays: it says what a GET would give."""
    made = edited(FIXED, ("line: GET", "line: HEAD"))
    assert received(made).head.fields.get("content-length") == "9"
    assert made.answer.endswith(b"\r\n\r\n")


def test_an_edited_request_has_its_length() -> None:
    """A request is matched by what it says now."""
    made = edited(POSTED, ("text: abc", "text: abcdef"))
    assert made.request.message.octets.endswith(b"Content-Length: 6\r\n\r\nabcdef")


def test_a_deleted_length_stays_deleted() -> None:
    """A response without Content-Length is one that the end of the connection ends, as the person wants it."""
    made = edited(FIXED, ("^  - Content-Length: 9\n", ""), ("id: 7", "id: 70"))
    assert "content-length" not in received(made).head.fields
    assert received(made).body.content == b'{"id": 70}'


def test_a_hand_written_exchange_needs_no_right_length() -> None:
    """Without a checksum everything is a person's."""
    made = edited(FIXED, (", crc32: [0-9a-f]{8}", ""), ("Content-Length: 9", "Content-Length: 0"))
    assert received(made).body.content == b'{"id": 7}'


def test_what_was_cut_stays_cut() -> None:
    """A response that the server never finished is not made whole by changing its status."""
    whole = get("/a", b"0123456789")
    text = write_exchange(1, cut_off(whole, whole.answer[:-4]))
    made = edited(text, ("HTTP/1.1 200 OK", "HTTP/1.1 500 Oops"))
    assert made.answer == b"HTTP/1.1 500 Oops\r\nContent-Length: 10\r\n\r\n012345"


@given(exchanges())
def test_what_nobody_edited_needs_no_mending(original: Exchange) -> None:
    """Mending changes an exchange only where its framing does not fit, and once is enough."""
    once = mended(original)
    assert mended(once).answer == once.answer
    if original.response is not None and "transfer-encoding" not in original.response.headers:
        assert once.response is not None
        assert once.response.content == original.response.content


@given(st.binary(max_size=50), st.sampled_from(["GET", "HEAD", "POST"]), st.sampled_from([200, 204, 304, 404]))
def test_whatever_is_written_a_client_reads_as_one_response(content: bytes, method: str, status: int) -> None:
    """Any content under any status, for any method, is one response, with nothing left over."""
    made = read_exchange(
        f"origin: http://localhost\nrequest: {{line: {method} / HTTP/1.1}}\nend: {{how: complete}}\nresponse:\n"
        f"  line: HTTP/1.1 {status} X\n  headers: [Content-Length: 1]\n  body: {{base64: '{_base64(content)}'}}\n"
    )
    allowed = method != "HEAD" and status not in {204, 304}
    assert received(made).body.content == (content if allowed else b"")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
