"""Tests of `cassettes.transcript`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.transcript import Requests, Responses
from httplib_sim import wire

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"PUT /c HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n3;x=1\r\nabc\r\n0\r\nT: 1\r\n\r\n"


def cut(stream: bytes, *borders: int) -> list[wire.Request]:
    """The requests that *stream* is, brought in pieces that end at *borders*."""
    requests, found = Requests(), []
    for start, end in zip((0, *borders), (*borders, len(stream)), strict=True):
        data = stream[start:end]
        while data:
            data = data[requests.take(data) :]
            if requests.complete:
                found.append(requests.message())
    return found


@given(st.sets(st.integers(1, len(GET + POST + CHUNKED) - 1)))
def test_any_split_gives_the_same_requests(borders: set[int]) -> None:
    """However the octets are cut by the network, the requests are the ones that were sent."""
    assert [item.octets for item in cut(GET + POST + CHUNKED, *sorted(borders))] == [GET, POST, CHUNKED]


def test_take_stops_at_the_end_of_a_request() -> None:
    """What lies behind a request is left to the caller: it may belong elsewhere."""
    requests = Requests()
    assert requests.take(POST + GET) == len(POST)
    assert requests.complete
    assert requests.idle


def test_empty_lines_between_requests_begin_none() -> None:
    """A CRLF after a request, as old clients send it, is no request."""
    requests = Requests()
    requests.take(GET)
    assert requests.take(b"\r\n") == 2
    assert requests.idle


def test_a_request_that_is_not_whole_keeps_what_came() -> None:
    """A request cut short is given as far as it came, and says that it is not complete."""
    requests = Requests()
    requests.take(CHUNKED[:-12])
    message = requests.message()
    assert not message.body.complete
    assert message.octets == CHUNKED[:-12]


@pytest.mark.parametrize(
    "octets",
    [
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    ],
)
def test_a_body_without_a_certain_end_is_kept_raw(octets: bytes) -> None:
    """Where the framing is nonsense, head and octets are kept, and all that follows belongs to them."""
    requests = Requests()
    requests.take(octets)
    requests.take(b"more")
    assert requests.endless
    assert not requests.idle
    assert requests.message().octets == octets + b"more"
    assert not requests.message().body.complete


def test_what_is_no_http_has_no_head() -> None:
    """The preface of HTTP/2 is no request of HTTP/1.x."""
    requests = Requests()
    requests.take(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert requests.endless
    assert requests.head is None


CHUNKED_ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n0\r\nT: 1\r\n\r\n"
ANSWERS = [
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 \r\nContent-Length: 2\r\nX-A:  b \r\n\r\nhi",
    CHUNKED_ANSWER,
    b"HTTP/1.0 404 Not Found\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\nuntil the end",
    b"HTTP/1.1 204 No Content\r\n\r\n",
]


def responses_of(stream: bytes) -> Responses:
    """A reader that was told of one GET and of all of *stream*."""
    responses = Responses()
    responses.expect(wire.RequestHead("GET", "/", wire.Fields()))
    responses.feed(stream)
    return responses


@pytest.mark.parametrize("octets", ANSWERS)
def test_a_response_is_what_was_received(octets: bytes) -> None:
    """Status line, field lines, chunks and trailers come back to the octet, the interim responses before them."""
    responses = responses_of(octets)
    responses.feed_eof()
    response = responses.next_response()
    assert response is not None
    assert response.octets == octets


@pytest.mark.parametrize("octets", ANSWERS)
def test_a_response_torn_anywhere_keeps_every_octet(octets: bytes) -> None:
    """Wherever a response is cut, what came of it is kept: as a response from its head on, else as octets."""
    for end in range(len(octets)):
        responses = responses_of(octets[:end])
        responses.feed_eof()
        response = responses.next_response()
        rest = b""
        if response is None:
            response, rest = responses.partial()
        assert (response.octets if response is not None else b"") + rest == octets[:end]


def test_garbage_is_kept_as_octets() -> None:
    """What does not begin with a status line is no response, and is kept all the same."""
    responses = responses_of(b"SSH-2.0-x\r\n\r\n")
    assert responses.next_response() is None
    responses.feed(b"more")
    assert responses.partial() == (None, b"SSH-2.0-x\r\n\r\nmore")


def test_bad_chunks_are_kept_in_the_torn_body() -> None:
    """A size line that is none ends the reading, not the keeping."""
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nnonsense\r\n"
    responses = responses_of(octets)
    assert responses.next_response() is None
    responses.feed(b"xyz")
    response, rest = responses.partial()
    assert response is not None
    assert not response.body.complete
    assert response.octets + rest == octets + b"xyz"


def test_a_tunnel_ends_the_reading() -> None:
    """After 101 the connection is no HTTP any more."""
    responses = responses_of(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nwhatever")
    response = responses.next_response()
    assert response is not None
    assert responses.tunnel
    assert response.octets.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "octets", [POST, CHUNKED, b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc", b"\0\r\n\r\nabc"]
)
def test_where_only_borders_matter_nothing_is_kept(octets: bytes) -> None:
    """The same borders as with content, without the content."""
    for size in (1, 5, len(octets)):
        kept, bare, forgetful = Requests(), Requests(keep=False), Requests()
        for start in range(0, len(octets), size):
            piece = octets[start : start + size]
            forgetful.forget()
            assert kept.take(piece) == bare.take(piece) == forgetful.take(piece)
            assert (kept.idle, kept.endless) == (bare.idle, bare.endless) == (forgetful.idle, forgetful.endless)
        for requests in (bare, forgetful):
            assert not requests._torn
            assert not requests._body.body(complete=False).content


def test_what_cannot_be_read_keeps_nothing_of_its_callers() -> None:
    """An error is kept, but not the frames it came through: a client may resize the buffer that it received into."""
    buffer = bytearray(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    responses = Responses()
    responses.expect(cut(GET)[0].head)
    requests = Requests()

    def bring(view: memoryview) -> None:
        responses.feed(view)
        responses.feed_eof()
        assert responses.next_response() is None
        requests.take(view)
        assert requests.endless

    bring(memoryview(buffer))
    buffer.clear()


@pytest.mark.parametrize("method", ["GET", "CONNECT", "POST", "OPTIONS"])
@pytest.mark.parametrize("target", ["/a?b=c", "*", "http://x/", "x:80"])
def test_a_head_that_comes_again_is_what_it_was(method: str, target: str) -> None:
    """What is remembered of its field lines makes no difference."""
    data = f"{method} {target} HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\r\n".encode()
    for _ in range(3):
        requests = Requests()
        assert requests.take(data) == len(data)
        assert requests.complete
        assert requests.message() == wire.Request(wire.parse_request_head(data, wire.LENIENT, wire.UNLIMITED))


def test_field_lines_that_say_a_body_follows_are_not_taken_for_others() -> None:
    """However often they come."""
    bare, with_body = (b"POST / HTTP/1.1\r\nHost: x\r\n%b\r\n" % line for line in (b"", b"Content-Length: 2\r\n"))
    for _ in range(3):
        requests = Requests()
        complete = [(requests.take(piece), requests.complete)[1] for piece in (bare, with_body, b"ab")]
        assert complete == [True, False, True]
