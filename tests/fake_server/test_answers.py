"""Answers: which octets a status, fields and content become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_server import BadExpectation, Canned, FakeServer, Streamed
from fake_server.answers import answer_with, text_answer
from fake_server.reasons import usual_reason

from .raw import RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_server.connection import Answer


def answered(server: FakeServer, answer: Answer, octets: bytes | None = None) -> bytes:
    """The octets that the server sends with *answer*."""
    server.expect("/").respond(answer)
    return ask(server, octets or get())


def test_fields_are_sent_in_their_order_and_case(server: FakeServer) -> None:
    """Twice the same name too, and content with its length behind them."""
    answer = Canned(201, [("x-B", "1"), ("X-a", "2"), ("x-b", "3")], b"abc")
    assert answered(server, answer) == (
        b"HTTP/1.1 201 Created\r\nx-B: 1\r\nX-a: 2\r\nx-b: 3\r\nContent-Length: 3\r\n\r\nabc"
    )


def test_a_reason_phrase_may_be_any_or_none(server: FakeServer) -> None:
    """The usual one is only the default (RFC 9112 section 4)."""
    assert answered(server, Canned(200, reason="Fine")).startswith(b"HTTP/1.1 200 Fine\r\n")
    server.clear()
    assert answered(server, Canned(299)).startswith(b"HTTP/1.1 299 \r\n")
    assert (usual_reason(404), usual_reason(299)) == ("Not Found", "")


@pytest.mark.parametrize("length", ["2", "4"])
def test_a_length_that_lies_is_sent_and_the_connection_closed(server: FakeServer, length: str) -> None:
    """So that a client that believes it comes to an end."""
    octets = answered(server, Canned(200, [("content-length", length)], b"abc"), get() + get())
    assert octets == f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nConnection: close\r\n\r\nabc".encode()


def test_a_response_that_says_close_closes(server: FakeServer) -> None:
    """What the test says is said once."""
    octets = answered(server, Canned(200, [("Connection", "close")]), get() + get())
    assert octets == b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "fields", "reason"),
    [
        (99, [], None),
        (1000, [], None),
        (103, [], None),
        (200, [("A b", "1")], None),
        (200, [("A", "1\r\nB: 2")], None),
        (200, [("A", "\u20ac")], None),
        (200, [], "OK\r\nA: 1"),
    ],
    ids=["too small", "too large", "interim", "blank in name", "line end in value", "no latin-1", "line end in reason"],
)
def test_what_must_not_be_sent_is_refused_where_it_is_written(
    status: int, fields: list[tuple[str, str]], reason: str | None
) -> None:
    """The test's own line raises, not the server's thread."""
    with pytest.raises(BadExpectation):
        Canned(status, fields, reason=reason)
    with pytest.raises(BadExpectation):
        Streamed(status, fields, [], reason=reason)


def test_an_interim_status_is_no_answer() -> None:
    """The client would wait for the final one; 101 is final (RFC 9110 section 15.2)."""
    with pytest.raises(BadExpectation, match="103 is the status of an interim response"):
        Canned(103)
    assert Canned(101).status == 101


@pytest.mark.parametrize(
    "answer", [Canned(304, [("Content-Length", "7")]), Streamed(304, [("Content-Length", "7")], [])]
)
def test_a_length_without_content_closes_nothing(server: FakeServer, answer: Answer) -> None:
    """A 304 tells the length that a 200 would have (RFC 9110 section 8.6)."""
    octets = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
    assert answered(server, answer, get() * 2) == octets * 2


def test_an_answer_to_head_may_tell_any_length(server: FakeServer) -> None:
    """There is no content that it could belie."""
    octets = answered(server, Canned(200, [("Content-Length", "7")]), get(method="HEAD") * 2)
    assert octets == b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" * 2


@pytest.mark.parametrize("request_of", [{"version": "HTTP/1.0"}, {}], ids=["HTTP/1.0", "close"])
@pytest.mark.parametrize("streamed", [False, True], ids=["canned", "streamed"])
def test_a_connection_that_is_promised_to_persist_does(
    server: FakeServer, request_of: dict[str, str], streamed: bool
) -> None:
    """Whatever the request wanted: what is sent is what is done."""
    fields = [("Connection", "keep-alive"), ("Content-Length", "1")]
    server.expect("/").respond(Streamed(200, fields, [b"x"]) if streamed else Canned(200, fields, b"x"))
    octets = get(**request_of) if request_of else get("/", "Connection: close")
    with RawClient(server) as client:
        for _ in range(2):
            assert client.send(octets).response().body.content == b"x"
    assert [entry.sent for entry in server.journal] == [
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx"
    ] * 2
    assert server.journal.connections == 1


@pytest.mark.parametrize("streamed", [False, True], ids=["canned", "streamed"])
def test_another_option_of_connection_promises_nothing(server: FakeServer, streamed: bool) -> None:
    """The close that the request asks for stands beside it."""
    fields = [("Connection", "X-Hop"), ("Content-Length", "1")]
    answer = Streamed(200, fields, [b"x"]) if streamed else Canned(200, fields, b"x")
    assert answered(server, answer, get("/", "Connection: close") * 2) == (
        b"HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
    )


def test_pieces_are_chunks(server: FakeServer) -> None:
    """One for each piece, none for an empty one, and the trailers behind the last (RFC 9112 section 7.1)."""
    answer = Streamed(200, [("A", "b")], [b"abc", b"", b"d" * 16], trailers=[("X-Sum", "9")])
    assert answered(server, answer, get() + get()) == 2 * (
        b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n10\r\ndddddddddddddddd\r\n0\r\nX-Sum: 9\r\n\r\n"
    )


def test_no_piece_at_all_is_the_last_chunk_alone(server: FakeServer) -> None:
    """The head comes all the same."""
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert answered(server, Streamed(200, [], [])) == octets


def test_to_http_1_0_pieces_end_with_the_connection(server: FakeServer) -> None:
    """It knows no chunks (RFC 9112 section 6.1), and keep-alive is of no use."""
    octets = get("/", "Connection: keep-alive", version="HTTP/1.0")
    assert answered(server, Streamed(200, [], [b"abc", b"d"]), octets + octets) == (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcd"
    )


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_pieces_of_a_known_length_are_no_chunks(server: FakeServer, version: str) -> None:
    """Who says how much will come need not say where it ends."""
    octets = get("/", "Connection: keep-alive", version=version)
    answer = answered(server, Streamed(200, [("Content-Length", "4")], [b"abc", b"d"]), octets)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n")
    assert answer.endswith(b"\r\n\r\nabcd")


def test_pieces_that_are_fewer_than_was_said_end_the_connection(server: FakeServer) -> None:
    """The client must not wait for the rest."""
    with RawClient(server) as client:
        server.expect("/").respond(Streamed(200, [("Content-Length", "10")], [b"abc"]))
        assert client.send(get()).rest() == b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"


@pytest.mark.parametrize("status", [200, 204, 304])
def test_a_stream_to_head_or_of_no_content_is_not_begun(server: FakeServer, status: int) -> None:
    """Its pieces are never asked for, but what is to be closed is."""
    closed: list[bool] = []

    class Untouchable:
        def __iter__(self) -> Iterator[bytes]:
            raise AssertionError("nobody asked for content")

    answer = Streamed(status, [], Untouchable(), close=lambda: closed.append(True))
    octets = answered(server, answer, get(method="HEAD" if status == 200 else "GET"))
    assert octets.endswith(b"\r\n\r\n")
    assert (b"Transfer-Encoding: chunked" in octets) == (status == 200)
    assert closed == [True]
    server.verify()


def test_each_piece_is_sent_when_it_comes(server: FakeServer) -> None:
    """The client has the first before the second is made."""
    asked: list[bytes] = []

    with RawClient(server) as client:

        def pieces() -> Iterator[bytes]:
            yield b"first"
            asked.append(client.sock.recv(1000))
            yield b"second"

        server.expect("/").respond(Streamed(200, [], pieces()))
        client.send(get()).sock.settimeout(None)
        server.journal.wait(lambda: server.journal and server.journal[0].done)
    assert asked == [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"]


def test_a_transfer_coding_among_the_fields_asks_for_chunks(server: FakeServer) -> None:
    """The content is one chunk, and no length stands beside it (RFC 9112 section 6.2)."""
    fields = [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert answered(server, answer_with(200, fields, b"abc")) == octets


def test_answers_in_words_are_utf_8() -> None:
    """Whatever the words."""
    assert text_answer(400, "é\udc80").content == "é?".encode()


@pytest.mark.parametrize("answer", [Canned(200, [], b"abc"), Streamed(200, [], [])], ids=["canned", "streamed"])
def test_answers_show_their_status(answer: Canned | Streamed) -> None:
    """And what else is short."""
    assert " 200" in repr(answer)
