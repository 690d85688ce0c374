"""The readers of whole connections: who asks when, and what after an error, an end, a tunnel."""

from __future__ import annotations

import pytest

from httplib_sim.wire import (
    CLIENT,
    END_OF_MESSAGE,
    LIMITS,
    NEED_DATA,
    SERVER,
    BadStartLine,
    BodyKind,
    Data,
    Event,
    Framing,
    Inbox,
    IncompleteMessage,
    LimitExceeded,
    MessageReader,
    RequestHead,
    RequestReader,
    ResponseHead,
    ResponseReader,
)


def events(reader: MessageReader) -> list[Event]:
    """All events that there are now."""
    found: list[Event] = []
    while (event := reader.next_event()) is not NEED_DATA:
        found.append(event)
    return found


def test_pull() -> None:
    """Feed when data is needed: a client's loop."""
    reader = ResponseReader()
    reader.expect("GET")
    arriving = iter([b"HTTP/1.1 200 OK\r\nContent-", b"Length: 2\r\n\r\nh", b"i"])
    content = b""
    while (event := reader.next_event()) is not END_OF_MESSAGE:
        if event is NEED_DATA:
            reader.feed(next(arriving))
        elif isinstance(event, Data):
            content += event.content
    assert content == b"hi"


def test_push() -> None:
    """Feed what comes and ask until nothing is left: a looker-on's loop; two requests may come in one piece."""
    reader = RequestReader()
    reader.feed(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HT")
    first, end = events(reader)
    assert isinstance(first, RequestHead)
    assert (first.target, end) == ("/1", END_OF_MESSAGE)
    reader.feed(b"TP/1.1\r\n\r\n")
    second, _ = events(reader)
    assert isinstance(second, RequestHead)
    assert second.target == "/2"


def test_the_framing_while_a_body_is_read() -> None:
    """`framing` says how the body ends, and is None between messages."""
    reader = RequestReader()
    framings = [reader.framing]
    for data in (b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", b"x"):
        reader.feed(data)
        events(reader)
        framings.append(reader.framing)
    assert framings == [None, Framing(BodyKind.FIXED, 1), None]


def test_the_inbox_may_be_anothers() -> None:
    """A reader can begin with what another has left."""
    inbox = Inbox(b"GET / HTTP/1.1\r\n\r\n")
    reader = RequestReader(SERVER, LIMITS, inbox)
    assert len(events(reader)) == 2
    assert reader.inbox is inbox


def test_an_error_stays() -> None:
    """After an error the same one comes at each call, whatever is fed; `rest` has what it was about, and all behind."""
    reader = ResponseReader()
    reader.expect("GET")
    reader.feed(b"nonsense\r\n\r\nmore")
    with pytest.raises(BadStartLine) as first:
        reader.next_event()
    reader.feed(b" and more")
    reader.feed_eof()
    with pytest.raises(BadStartLine) as second:
        reader.next_event()
    assert second.value is first.value
    assert reader.rest() == b"nonsense\r\n\r\nmore and more"
    assert reader.rest() == b""


def test_an_error_in_a_body_leaves_its_octets() -> None:
    """The octets of the part that failed are in `rest`."""
    reader = RequestReader()
    reader.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n0\r\n\r\n")
    reader.next_event()
    with pytest.raises(Exception, match="zz"):
        events(reader)
    assert reader.rest() == b"zz\r\n0\r\n\r\n"


def test_requests_without_end() -> None:
    """Between messages the end of the connection is no error, and asking goes on being answered."""
    reader = RequestReader()
    reader.feed_eof()
    assert [reader.next_event() for _ in range(3)] == [NEED_DATA] * 3


def test_unanswered() -> None:
    """A request is answered by its final response's head, not by an interim one."""
    reader = ResponseReader()
    reader.expect("GET")
    reader.expect("HEAD")
    assert reader.unanswered == 2
    reader.feed(b"HTTP/1.1 100 Continue\r\n\r\n")
    events(reader)
    assert reader.unanswered == 2
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
    reader.next_event()
    assert reader.unanswered == 1


def test_the_end_before_an_answer() -> None:
    """A connection that ends while a request waits is an error, which names the request's method."""
    reader = ResponseReader()
    reader.expect("DELETE")
    reader.feed_eof()
    with pytest.raises(IncompleteMessage, match="response to DELETE"):
        reader.next_event()


def test_an_answer_to_nobody() -> None:
    """A response that no request waits for is read as one to GET."""
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 2\r\n\r\nhm")
    head, data, end = events(reader)
    assert isinstance(head, ResponseHead)
    assert (head.status, data, end) == (408, Data(b"hm"), END_OF_MESSAGE)


def test_a_granted_tunnel() -> None:
    """After `become_tunnel` a server reads octets, no messages, until the connection ends."""
    reader = RequestReader()
    reader.feed(b"CONNECT h:1 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
    reader.next_event()
    assert reader.next_event() is END_OF_MESSAGE
    reader.become_tunnel()
    assert reader.next_event() == Data(b"GET / HTTP/1.1\r\n\r\n")
    reader.feed_eof()
    assert reader.next_event() is END_OF_MESSAGE


def test_interim_responses_are_counted_for_each_response() -> None:
    """A hundred before each final response are let through."""
    reader = ResponseReader(CLIENT)
    for _ in range(2):
        reader.expect("GET")
        reader.feed(b"HTTP/1.1 103 \r\n\r\n" * 100 + b"HTTP/1.1 204 \r\n\r\n")
        assert len(events(reader)) == 102
    reader.feed(b"HTTP/1.1 103 \r\n\r\n" * 101)
    with pytest.raises(LimitExceeded, match="at most 100 interim responses"):
        events(reader)


def test_empty_lines_one_octet_at_a_time() -> None:
    """Empty lines that drip in are counted once, not again with each octet."""
    reader = RequestReader()
    for _ in range(20_000):
        reader.feed(b"\r")
        assert reader.next_event() is NEED_DATA
        reader.feed(b"\n")
        assert reader.next_event() is NEED_DATA
    reader.feed(b"GET / HTTP/1.1\r\n\r\n")
    head, _ = events(reader)
    assert len(head.octets) == 40_018


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


def test_a_plain_response_is_taken_whole() -> None:
    """One that is there and has a length is taken in one go, and is what the events say; the next one follows."""
    reader = ResponseReader()
    reader.expect("GET")
    reader.expect("GET")
    reader.feed(PLAIN + PLAIN)
    taken = reader.take_plain()
    assert taken is not None
    head, content = taken
    assert (head.octets + content, head.status, head.reason) == (PLAIN, 200, "OK")
    assert [type(event).__name__ for event in iter(reader.next_event, NEED_DATA)] == [
        "ResponseHead",
        "Data",
        "EndOfMessage",
    ]
    assert reader.unanswered == 0


@pytest.mark.parametrize(
    ("method", "octets"),
    [
        ("HEAD", PLAIN),
        ("CONNECT", PLAIN),
        ("GET", PLAIN[:-1]),
        ("GET", PLAIN[:40]),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 103 Early Hints\r\n\r\n" + PLAIN),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello"),
        ("GET", b"nonsense\r\n\r\n"),
    ],
)
def test_any_other_response_is_left_where_it_is(method: str, octets: bytes) -> None:
    """For `next_event`, which says what it is: nothing was taken."""
    reader = ResponseReader()
    reader.expect(method)
    reader.feed(octets)
    assert reader.take_plain() is None
    assert (reader.unanswered, reader.rest()) == (1, octets)


def test_nothing_is_taken_whole_inside_of_a_message_or_unasked() -> None:
    """A body that is being read may have a response in it."""
    reader = ResponseReader()
    reader.feed(PLAIN)
    assert reader.take_plain() is None
    reader = ResponseReader()
    reader.expect("GET")
    reader.expect("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    reader.next_event()
    reader.feed(PLAIN)
    assert reader.take_plain() is None
