"""The quick way to read a head: what it takes, it reads as the plain way does; what it does not take, it leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httplib_sim.wire import (
    CHUNKED_LENGTH,
    CLIENT,
    LIMITS,
    BodyKind,
    Fields,
    Inbox,
    Limits,
    keeps_alive,
    parse_response_head,
    response_framing,
    take_plain_head,
)

STATUS_LINES = [
    "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 201 ", "HTTP/1.1 204 No Content",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 103 Early Hints", "HTTP/1.0 200 OK", "HTTP/1.1 200", "HTTP/1.1  200 OK", "HTTP/1.1 101 Switching",
    "HTTP/1.1 500 caf\xe9", "HTTP/1.1 200 OK ",
]  # fmt: skip
LINES = [
    "Content-Length: 5", "content-length: 0", "Content-Length:5", "Content-Length : 5", "Content-Length: +5",
    "Content-Length: 5, 5", "Content-Length: 12345678901234567890", "Transfer-Encoding: chunked",
    "Transfer-Encoding: Chunked", "Transfer-Encoding: gzip, chunked", "transfer-encoding: chunked ",
    "Connection: close", "Connection: keep-alive", "connection: Close", "Connection: close, x",
    "Connection: x\r\n close",
    "X-A: b", "X-Fold: a\r\n Content-Length: 7", "X-Cr: a\rContent-Length: 7", "no colon", "Content-Length-X: 9",
    "Content-Length: 5\r\n 6",
]  # fmt: skip

heads = st.builds(
    lambda line, lines, end: (end.join([line, *lines]) + end * 2).encode("latin-1"),
    st.sampled_from(STATUS_LINES),
    st.lists(st.sampled_from(LINES), max_size=5),
    st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"]),
)


@given(heads, st.binary(max_size=5))
def test_what_it_takes_it_reads_as_the_plain_way_does(head: bytes, behind: bytes) -> None:
    """Status, reason, fields, framing and persistence are those of the three functions that define them."""
    inbox = Inbox(head + behind)
    taken = take_plain_head(inbox, LIMITS)
    if taken is None:
        assert inbox.take_all() == head + behind
        return
    status, reason, section, lowered, length, persists, octets = taken
    fields = Fields.from_lowered(section, lowered)
    assert lowered == Fields.from_octets(section).lowered
    assert octets + inbox.take_all() == head + behind
    plain = parse_response_head(octets, CLIENT, LIMITS)
    assert (status, reason, fields) == (plain.status, plain.reason, plain.fields)
    framing = response_framing(plain, "GET")
    assert framing.kind is (BodyKind.CHUNKED if length == CHUNKED_LENGTH else BodyKind.FIXED)
    assert length in {CHUNKED_LENGTH, framing.length}
    assert persists == keeps_alive(plain)


@pytest.mark.parametrize("lines", ["Content-Length: 5", "Transfer-Encoding: chunked\r\nConnection: close"])
def test_it_takes_what_most_servers_send(lines: str) -> None:
    """The usual heads do go the quick way: else it would be of no use."""
    head = f"HTTP/1.1 200 OK\r\nServer: x\r\n{lines}\r\n\r\n".encode()
    assert take_plain_head(Inbox(head), LIMITS) is not None
    assert take_plain_head(Inbox(head[:-1]), LIMITS) is None


def test_it_leaves_what_goes_past_a_limit() -> None:
    """A limit is the plain way's to judge."""
    head = b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20 + b"Content-Length: 5\r\n\r\n"
    assert take_plain_head(Inbox(head), LIMITS) is not None
    assert take_plain_head(Inbox(head), Limits(field_lines=20)) is None
    assert take_plain_head(Inbox(head), Limits(field_line=50)) is None
