"""Tests of `cassettes.recorder`: no socket, the octets stand in the test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.exchange import End, Exchange, How
from cassettes.recorder import Recorder
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from cassettes.errors import CassetteError

ORIGIN = Origin("http", "example.com", 80)
GET = b"GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\n\r\nto the end"


class Told:
    """A recorder with the exchanges it handed on."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.errors: list[CassetteError] = []
        self.amended: list[Exchange] = []
        self.recorder = Recorder(
            ORIGIN, self.exchanges.append, connection=7, amend=self.amended.append, report=self.errors.append
        )

    def outcomes(self) -> list[tuple[str, bytes]]:
        """How each exchange ended, and what was received of it."""
        return [(exchange.end.how.value, exchange.answer) for exchange in self.exchanges]


@pytest.fixture
def told() -> Told:
    """A recorder that was told of one GET."""
    told = Told()
    told.recorder.sent(GET)
    return told


def test_an_exchange_is_handed_on_with_its_last_octet(told: Told) -> None:
    """Not before the last octet, and within the call that brings it."""
    told.recorder.received(HELLO[:-1])
    assert told.exchanges == []
    told.recorder.received(HELLO[-1:])
    (exchange,) = told.exchanges
    assert exchange.request.message.octets == GET
    assert exchange.answer == HELLO
    assert exchange.end.how is How.COMPLETE
    assert exchange.connection == 7
    assert exchange.request.url == "http://example.com/a"


@given(st.sets(st.integers(1, len(HELLO + CHUNKED) - 1)))
def test_any_split_records_the_same(borders: set[int]) -> None:
    """However the octets came, the exchanges are the same; two pipelined requests get their answers in order."""
    told, stream = Told(), HELLO + CHUNKED
    told.recorder.sent(GET)
    told.recorder.sent(POST)
    for start, end in zip([0, *sorted(borders)], [*sorted(borders), len(stream)], strict=True):
        told.recorder.received(stream[start:end])
    assert told.outcomes() == [("complete", HELLO), ("complete", CHUNKED)]
    assert [exchange.request.method for exchange in told.exchanges] == ["GET", "POST"]


def test_a_response_without_length_is_complete_at_the_end(told: Told) -> None:
    """Until-close framing: the end of the connection is the end of the response."""
    told.recorder.received(UNTIL_CLOSE)
    assert told.exchanges == []
    told.recorder.eof()
    assert told.outcomes() == [("complete", UNTIL_CLOSE)]


def test_an_early_end_is_recorded_as_one(told: Told) -> None:
    """The server closes before the response is complete."""
    told.recorder.received(HELLO[:-2])
    told.recorder.eof()
    told.recorder.closed()
    assert told.outcomes() == [("eof", HELLO[:-2])]


def test_an_empty_reply_is_recorded(told: Told) -> None:
    """The server closes without a word."""
    told.recorder.eof()
    assert told.outcomes() == [("eof", b"")]
    assert told.exchanges[0].response is None


def test_a_reset_is_recorded_with_its_text(told: Told) -> None:
    """After any number of octets."""
    told.recorder.received(b"HTTP/1.1 2")
    told.recorder.reset("[Errno 104] Connection reset by peer")
    assert told.outcomes() == [("reset", b"HTTP/1.1 2")]
    assert "104" in told.exchanges[0].end.detail


def test_what_comes_after_a_failure_to_send_is_recorded() -> None:
    """A server that refuses a body may break the connection while the client sends; its answer can still be read."""
    told = Told()
    told.recorder.sent(POST[:-2])
    told.recorder.failed("[Errno 32] Broken pipe")
    told.recorder.received(HELLO)
    told.recorder.eof()
    assert told.outcomes() == [("complete", HELLO)]


def test_a_failure_to_send_is_recorded_when_the_client_gives_up(told: Told) -> None:
    """As a broken connection, with the error's text."""
    told.recorder.failed("[Errno 32] Broken pipe")
    told.recorder.closed()
    assert told.outcomes() == [("reset", b"")]
    assert told.exchanges[0].end.detail == "[Errno 32] Broken pipe"


def test_a_time_out_that_the_client_gives_up_on_is_recorded(told: Told) -> None:
    """A time-out counts once the client closes."""
    told.recorder.received(HELLO[:-2])
    told.recorder.timed_out()
    assert told.exchanges == []
    told.recorder.closed()
    assert told.outcomes() == [("timeout", HELLO[:-2])]


def test_a_time_out_after_which_octets_come_is_none(told: Told) -> None:
    """A client may wait in small steps."""
    told.recorder.timed_out()
    told.recorder.received(HELLO)
    told.recorder.closed()
    assert told.outcomes() == [("complete", HELLO)]


def test_the_client_closing_early_is_recorded(told: Told) -> None:
    """What was received until then is kept."""
    told.recorder.received(HELLO[:-2])
    told.recorder.closed()
    assert told.outcomes() == [("client-closed", HELLO[:-2])]


def test_closing_between_exchanges_records_no_exchange(told: Told) -> None:
    """An idle connection that ends is none, nor is one that never carried a request."""
    told.recorder.received(HELLO)
    told.recorder.timed_out()
    told.recorder.eof()
    told.recorder.closed()
    assert len(told.exchanges) == 1
    unused = Told()
    unused.recorder.eof()
    unused.recorder.closed()
    assert unused.exchanges == unused.amended == []


def test_an_answer_before_the_end_of_the_request_waits_for_it() -> None:
    """The request may yet be completed; then it is recorded whole."""
    told = Told()
    told.recorder.sent(POST[:-2])
    told.recorder.received(HELLO)
    assert told.exchanges == []
    told.recorder.sent(POST[-2:])
    assert told.exchanges[0].request.message.octets == POST
    assert told.outcomes() == [("complete", HELLO)]


def test_an_answer_to_a_request_that_is_never_completed_is_recorded() -> None:
    """The server refuses, the client gives up: what was sent is marked as cut short."""
    told = Told()
    told.recorder.sent(POST[:-2])
    told.recorder.received(HELLO)
    told.recorder.closed()
    assert told.exchanges[0].request.message.octets == POST[:-2]
    assert not told.exchanges[0].request.message.body.complete
    assert told.outcomes() == [("complete", HELLO)]


def test_garbage_is_kept(told: Told) -> None:
    """An answer that is no HTTP is kept as octets."""
    told.recorder.received(b"SSH-2.0\r\n\r\n")
    told.recorder.received(b"more")
    told.recorder.eof()
    assert told.outcomes() == [("eof", b"SSH-2.0\r\n\r\nmore")]
    assert told.exchanges[0].received == b"SSH-2.0\r\n\r\nmore"


UNASKED = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"


@given(st.sets(st.integers(1, len(HELLO + UNASKED) - 1)))
def test_what_nobody_asked_for_belongs_to_the_exchange_before(borders: set[int]) -> None:
    """However it was cut on its way: octets, and then the end."""
    told, stream = Told(), HELLO + UNASKED
    told.recorder.sent(GET)
    for start, end in zip([0, *sorted(borders)], [*sorted(borders), len(stream)], strict=True):
        told.recorder.received(stream[start:end])
    assert told.outcomes() == [("complete", HELLO)]
    told.recorder.eof()
    told.recorder.closed()
    (amended,) = told.amended
    assert amended == replace(told.exchanges[0], received=UNASKED, end=End(How.EOF))


def test_what_came_between_two_exchanges_is_told_before_the_second() -> None:
    """The connection goes on, and so it has no end."""
    told = Told()
    told.recorder.sent(GET)
    told.recorder.received(HELLO + b"surplus")
    told.recorder.sent(POST)
    told.recorder.received(HELLO)
    assert [amended.received for amended in told.amended] == [b"surplus"]
    assert [amended.end.how for amended in told.amended] == [How.COMPLETE]
    assert told.outcomes() == [("complete", HELLO), ("complete", HELLO)]
    told.recorder.closed()
    assert len(told.amended) == 1


def test_octets_beyond_an_early_answer_belong_to_it() -> None:
    """The request is still being sent."""
    told = Told()
    told.recorder.sent(POST[:-2])
    told.recorder.received(HELLO + b"surplus")
    told.recorder.sent(POST[-2:])
    assert told.outcomes() == [("complete", HELLO + b"surplus")]


CLOSE = HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("octets", "end", "how"),
    [
        (HELLO, "eof", How.EOF),
        (HELLO, "reset", How.RESET),
        (HELLO, "closed", None),
        (HELLO, "timed_out", How.TIMEOUT),
        (CLOSE, "eof", None),
        (CLOSE, "reset", How.RESET),
        (UNTIL_CLOSE, "eof", None),
    ],
)
def test_the_end_of_a_connection_is_recorded_where_its_last_head_does_not_say_it(
    told: Told, octets: bytes, end: str, how: How | None
) -> None:
    """The client, reading on between requests, saw the server close; or it saw nothing but what it could expect."""
    told.recorder.received(octets)
    getattr(told.recorder, end)()
    told.recorder.closed()
    assert told.outcomes() == [("complete", octets)]
    assert [amended.end.how for amended in told.amended] == ([] if how is None else [how])


def test_what_cannot_be_amended_keeps_no_exchange_from_being_handed_on() -> None:
    """The error comes all the same."""
    kept: list[Exchange] = []

    def amend(exchange: Exchange) -> None:
        raise OSError(f"no room for {exchange!r}")

    recorder = Recorder(ORIGIN, kept.append, amend=amend)
    recorder.sent(GET)
    recorder.received(HELLO + b"surplus")
    recorder.sent(POST)
    with pytest.raises(OSError, match="no room"):
        recorder.received(HELLO)
    assert [exchange.request.method for exchange in kept] == ["GET", "POST"]


def test_a_time_out_between_requests_is_not_that_of_the_next(told: Told) -> None:
    """Polling an idle connection says nothing of the request that is sent later."""
    told.recorder.received(HELLO)
    told.recorder.timed_out()
    told.recorder.sent(GET)
    told.recorder.closed()
    assert told.outcomes()[1:] == [("client-closed", b"")]


def test_a_tunnel_is_recorded_up_to_its_head() -> None:
    """What a tunnel carries passes by."""
    told = Told()
    told.recorder.sent(b"GET /chat HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    told.recorder.received(head + b"frame")
    assert told.recorder.sent(b"GET / HTTP/1.1\r\n\r\n not a request") == 32
    told.recorder.received(b"frame")
    told.recorder.closed()
    assert told.outcomes() == [("complete", head)]


def test_what_is_no_request_is_reported() -> None:
    """It cannot be an exchange, and nobody should believe that it was recorded."""
    told = Told()
    told.recorder.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    told.recorder.received(b"\x00\x00\x12\x04")
    told.recorder.closed()
    assert told.exchanges == []
    assert "HTTP/1.x" in str(told.errors[0])


def test_nothing_is_recorded_after_the_end(told: Told) -> None:
    """A recorder that has been closed lets everything pass, and still tells where requests end."""
    told.recorder.closed()
    assert told.recorder.sent(GET + GET) == len(GET)
    told.recorder.received(HELLO)
    told.recorder.eof()
    assert len(told.exchanges) == 1


def test_a_request_under_way_at_the_end_comes_to_its_own_end(told: Told) -> None:
    """The recorder is over, the request is not: it is idle after the request's last octet, and not before."""
    told.recorder.received(HELLO)
    told.recorder.sent(POST[:-2])
    told.recorder.closed()
    before = told.recorder.idle
    assert told.recorder.sent(POST[-2:] + GET) == 2
    assert (before, told.recorder.idle, told.recorder.endless) == (False, True, False)


def test_who_keeps_the_recorder_is_told_when_it_is_over(told: Told) -> None:
    """Once, after the last exchange was handed on."""
    over: list[int] = []
    told.recorder.when_over = lambda: over.append(len(told.exchanges))
    told.recorder.received(HELLO[:-1])
    told.recorder.eof()
    told.recorder.closed()
    assert over == [1]


def test_what_cannot_be_handed_on_keeps_nothing_else_from_being() -> None:
    """Two requests under way, and the first is refused by who should keep it."""
    kept: list[Exchange] = []

    def deliver(exchange: Exchange) -> None:
        if exchange.request.method == "GET":
            raise OSError("no room for it")
        kept.append(exchange)

    recorder = Recorder(ORIGIN, deliver)
    recorder.sent(GET)
    recorder.sent(POST)
    with pytest.raises(OSError, match="no room"):
        recorder.closed()
    assert [exchange.request.method for exchange in kept] == ["POST"]


def test_head_and_204_have_no_body() -> None:
    """Where a response ends depends on the request's method: both streams are read."""
    told = Told()
    told.recorder.sent(b"HEAD / HTTP/1.1\r\n\r\n")
    told.recorder.received(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert len(told.exchanges) == 1
