"""Whole messages as values: what was read, what was made, what was cut."""

from __future__ import annotations

import pytest

from httplib_sim.wire import (
    END_OF_MESSAGE,
    Body,
    BodyCollector,
    BodyPart,
    ChunkHead,
    ChunkTail,
    Data,
    Fields,
    IncompleteMessage,
    RemoteProtocolError,
    Request,
    Response,
    Trailers,
    emit,
    parse_requests,
    parse_responses,
    request_head,
    response_head,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_message_made_by_hand() -> None:
    """A head and a body are a message."""
    request = Request(request_head("POST", "/", Fields([("Content-Length", "2")])), Body(b"hi"))
    assert request.octets == b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"
    assert parse_requests(request.octets) == [request]
    assert Request(request_head("GET", "/", Fields())).octets == b"GET / HTTP/1.1\r\n\r\n"


def test_a_chunked_body_made_by_hand() -> None:
    """Content and the size lines that cut it are a chunked body."""
    body = Body(b"hello, world", (ChunkHead(5), ChunkHead(7, ";x"), ChunkHead(0)), Trailers(Fields([("T", "1")])))
    assert body.octets == b"5\r\nhello\r\n7;x\r\n, world\r\n0\r\nT: 1\r\n\r\n"
    (response,) = parse_responses(CHUNKED + body.octets)
    assert response.body == body


def test_interim_responses_belong_to_their_final_one() -> None:
    """A response has the interim ones that came before it."""
    octets = b"HTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    (response,) = parse_responses(octets)
    assert [head.status for head in response.interim] == [103]
    assert response.octets == octets
    made = Response(response_head(204, "No Content", Fields()), interim=response.interim)
    assert made == response


def test_line_ends_other_than_crlf_are_kept() -> None:
    """One LF where CRLF should be makes all the ends worth keeping."""
    (response,) = parse_responses(CHUNKED + b"1\r\na\n1\r\nb\r\n0\r\n\r\n")
    assert response.body.tails == (ChunkTail(b"\n"), ChunkTail())
    assert response.octets.endswith(b"1\r\na\n1\r\nb\r\n0\r\n\r\n")


@pytest.mark.parametrize("end", range(46))
def test_a_body_that_was_cut(end: int) -> None:
    """However a chunked body was cut, it emits the octets that came."""
    octets = b"5;ext\r\nhello\r\n06\r\n world\n0\r\nTrailer: 1\r\n\r\n"[:end]
    parts: list[BodyPart] = [ChunkHead(5, ";ext"), Data(b"hel"), Data(b"lo"), ChunkTail()]
    parts += [
        ChunkHead(6, "", b"06\r\n"),
        Data(b" world"),
        ChunkTail(b"\n"),
        ChunkHead(0),
        Trailers(Fields([("Trailer", "1")])),
    ]
    collector, got = BodyCollector(), 0
    for part in parts:
        if isinstance(part, Data):
            part = Data(part.content[: max(end - got, 0)])  # noqa: PLW2901  as much of it as came
        if got + len(part.octets) > end or not part.octets:
            break
        collector.add(part)
        got += len(part.octets)
    assert collector.body(complete=False, torn=octets[got:]).octets == octets


def test_a_cut_body_made_by_hand() -> None:
    """Data shorter than its size line says has no end, unless one is given."""
    assert Body(b"hel", (ChunkHead(5),), None, complete=False).octets == b"5\r\nhel"
    assert Body(b"hello", (ChunkHead(5),), None, complete=False).octets == b"5\r\nhello\r\n"
    assert Body(b"hello", (ChunkHead(5),), None, complete=False, tails=()).octets == b"5\r\nhello"
    assert Body(b"hel", None, None, complete=False, torn=b"").octets == b"hel"


def test_a_collector_takes_whole_readers() -> None:
    """What is no part adds nothing, so that all events of a reader can be passed in."""
    collector = BodyCollector()
    for part in (request_head("GET", "/", Fields()), Data(b"a"), Data(b"b"), END_OF_MESSAGE):
        collector.add(part)
    assert collector.body() == Body(b"ab")


def test_empty_lines_after_the_last_request_are_kept() -> None:
    """Old clients send an empty line after a POST (RFC 9112 2.2); between requests it belongs to the next head."""
    octets = b"GET /1 HTTP/1.1\r\n\r\n\r\nGET /2 HTTP/1.1\r\n\r\n\r\n"
    first, second = parse_requests(octets)
    assert (first.extra, second.extra) == (b"", b"\r\n")
    assert second.head.octets.startswith(b"\r\n")
    assert emit(first, second) == octets


def test_nothing_is_no_message() -> None:
    """No octets are no requests; empty lines alone could not be given back, and are refused."""
    assert parse_requests(b"") == []
    assert parse_responses(b"", []) == []
    with pytest.raises(RemoteProtocolError, match="2 octets of empty lines only"):
        parse_requests(b"\r\n")


def test_what_is_missing_is_an_error() -> None:
    """Half a message, a response too few, interim responses without a final one: none of it is silently nothing."""
    with pytest.raises(IncompleteMessage):
        parse_requests(b"GET / HTTP/1.1\r\n")
    with pytest.raises(IncompleteMessage):
        parse_responses(b"HTTP/1.1 204 \r\n\r\n", ["GET", "GET"])
    with pytest.raises(RemoteProtocolError, match="final response"):
        parse_responses(b"HTTP/1.1 100 \r\n\r\n", [])
