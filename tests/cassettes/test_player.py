"""Tests of `cassettes.player`: no socket, the octets stand in the test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cassettes.cassette import Cassette
from cassettes.errors import CassetteError, CassetteStall, NoMatch
from cassettes.exchange import End, Exchange, How
from cassettes.player import Canned, Player
from cassettes.recorder import Recorder
from httplib_sim.waist import Origin

ORIGIN = Origin("http", "example.com", 80)
GET = b"GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc"
EXPECT_HEAD = b"PUT /c HTTP/1.1\r\nHost: example.com\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
OTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"


def exchanges(*traffic: tuple[bytes, bytes], how: How = How.COMPLETE) -> list[Exchange]:
    """Exchanges made of octets sent and received; the last one ends by *how*."""
    found: list[Exchange] = []
    for number, (sent, received) in enumerate(traffic, 1):
        recorder = Recorder(ORIGIN, found.append)
        recorder.sent(sent)
        if received:
            recorder.received(received)
        end = how if number == len(traffic) else How.COMPLETE
        if end is How.TIMEOUT:
            recorder.timed_out()
            recorder.closed()
        elif end is How.RESET:
            recorder.reset()
        elif end is How.EOF:
            recorder.eof()
        recorder.closed()
    return found


def player(recorded: list[Exchange], mode: str = "none") -> tuple[Player, Cassette]:
    """A player of *recorded*."""
    cassette = Cassette(mode=mode, recorded=[(item, 1) for item in recorded], existed=True)
    return Player(ORIGIN, cassette), cassette


def everything(one: Player) -> bytes:
    """All octets that are due."""
    got = b""
    while one.readable and type(piece := one.receive(3)) is bytes:
        got += piece
    return got


def test_the_answer_is_there_when_the_request_is_complete_and_not_before() -> None:
    """Whatever the pieces in which the request is sent."""
    one, _ = player(exchanges((POST, HELLO)))
    for octet in POST[:-1]:
        one.sent(bytes([octet]))
        assert not one.readable
    one.sent(POST[-1:])
    assert one.readable
    assert everything(one) == HELLO
    assert not one.readable


def test_peeking_takes_nothing() -> None:
    """MSG_PEEK, for clients that look first."""
    one, _ = player(exchanges((GET, HELLO)))
    one.sent(GET)
    assert one.receive(4, peek=True) == b"HTTP"
    assert everything(one) == HELLO


@pytest.mark.parametrize("how", [How.EOF, How.RESET, How.TIMEOUT])
def test_how_it_ended_comes_after_the_octets(how: How) -> None:
    """Half a response, and then what happened."""
    one, _ = player(exchanges((GET, HELLO[:-2]), how=how))
    one.sent(GET)
    assert everything(one) == HELLO[:-2]
    assert one.receive(1) is how


def test_a_connection_that_the_server_closes_ends() -> None:
    """Connection: close, HTTP/1.0, and framing until close: the end follows; else the connection stays open."""
    for answer, ends in [
        (HELLO, False),
        (HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), True),
        (HELLO.replace(b"1.1", b"1.0"), True),
        (HELLO.replace(b"1.1 200 OK", b"1.0 200 OK\r\nConnection: keep-alive"), False),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", True),
    ]:
        one, _ = player(exchanges((GET, answer), how=How.EOF))
        one.sent(GET)
        assert everything(one) == answer
        if ends:
            assert one.receive(1) is How.EOF
            with pytest.raises(BrokenPipeError):
                one.sent(GET)
        else:
            with pytest.raises(CassetteStall):
                one.receive(1)


def test_an_end_that_came_between_requests_is_there_for_who_looks() -> None:
    """After a response that let the connection persist: a client that looks finds the end, and then cannot send."""
    ended = [replace(item, end=End(How.EOF)) for item in exchanges((GET, HELLO), (POST, OTHER))]
    one, _ = player(ended)
    one.sent(GET)
    assert everything(one) == HELLO
    assert one.readable
    assert one.receive(1) is How.EOF
    with pytest.raises(BrokenPipeError):
        one.sent(POST)


def test_an_end_that_came_between_requests_does_not_come_to_who_sends_on() -> None:
    """Live it may not have come yet; also where requests are pipelined."""
    ended = [replace(item, end=End(How.RESET)) for item in exchanges((GET, HELLO), (POST, OTHER))]
    one, _ = player(ended)
    one.sent(GET)
    assert one.receive(5) == HELLO[:5]
    one.sent(POST)
    assert everything(one) == HELLO[5:] + OTHER
    assert one.receive(1) is How.RESET


def test_octets_that_nobody_asked_for_come_after_the_response() -> None:
    """Once the client reads on."""
    (item,) = exchanges((GET, HELLO))
    one, _ = player([replace(item, received=b"surplus", end=End(How.EOF))])
    one.sent(GET)
    assert everything(one) == HELLO + b"surplus"
    assert one.receive(1) is How.EOF


def test_pipelined_requests_are_answered_in_order() -> None:
    """Both answers are there, one behind the other."""
    one, _ = player(exchanges((GET, HELLO), (POST, OTHER)))
    data = GET + POST
    while data:
        data = data[one.sent(data) :]
    assert everything(one) == HELLO + OTHER


def test_expect_continue_is_answered_by_the_head() -> None:
    """100 comes when the head is complete, the rest when the body is."""
    one, cassette = player(exchanges((EXPECT_HEAD + b"abc", CONTINUE + HELLO)))
    one.sent(EXPECT_HEAD)
    assert everything(one) == CONTINUE
    assert not cassette.played
    one.sent(b"abc")
    assert everything(one) == HELLO
    assert len(cassette.played) == 1


def test_expect_continue_of_two_that_differ_in_their_body() -> None:
    """The head cannot tell them apart; the body does."""
    one, _ = player(exchanges((EXPECT_HEAD + b"abc", CONTINUE + HELLO), (EXPECT_HEAD + b"xyz", CONTINUE + OTHER)))
    one.sent(EXPECT_HEAD)
    assert everything(one) == CONTINUE
    one.sent(b"xyz")
    assert everything(one) == OTHER


def test_a_refused_expectation_is_answered_without_the_body() -> None:
    """The server said no by the head alone: the whole answer comes at once."""
    refusal = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"
    one, cassette = player(exchanges((EXPECT_HEAD, refusal)))
    one.sent(EXPECT_HEAD)
    assert everything(one) == refusal
    assert len(cassette.played) == 1


def test_a_server_that_did_not_say_continue_keeps_the_client_waiting() -> None:
    """The client's own time-out is what makes it go on, live and replayed."""
    one, _ = player(exchanges((EXPECT_HEAD + b"abc", HELLO)))
    one.sent(EXPECT_HEAD)
    assert one.receive(1) is How.TIMEOUT
    one.sent(b"abc")
    assert everything(one) == HELLO


def test_an_early_answer_is_given_to_a_client_that_reads_early() -> None:
    """The recorded request was cut short by its answer."""
    early = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
    recorded = exchanges((POST[:-2], early))
    one, _ = player(recorded)
    one.sent(POST[:-1])
    assert one.receive(100) == early
    two, _ = player(recorded)
    two.sent(POST)  # this client sends all of it first
    assert everything(two) == early


def test_a_client_that_reads_before_its_request_is_complete_is_told() -> None:
    """Live it would wait for ever."""
    one, cassette = player(exchanges((POST, HELLO)))
    one.sent(POST[:-1])
    with pytest.raises(CassetteStall, match="before its request is complete"):
        one.receive(1)
    with pytest.raises(CassetteStall):
        cassette.verify()


def test_what_nobody_answers_is_refused_or_left_for_the_network() -> None:
    """By the mode: none refuses, new_episodes leaves it to be recorded."""
    one, _ = player(exchanges((GET, HELLO)))
    with pytest.raises(NoMatch):
        one.sent(POST)
    one, _ = player(exchanges((GET, HELLO)), mode="new_episodes")
    one.sent(POST)
    assert one.unanswered is not None
    assert one.unanswered.octets == POST
    assert not one.readable


def test_what_is_no_http_is_refused() -> None:
    """HTTP/2 with prior knowledge, say."""
    one, cassette = player(exchanges((GET, HELLO)))
    with pytest.raises(NoMatch, match=r"HTTP/1\.x"):
        one.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert len(cassette.misses) == 1


def test_a_tunnel_stalls_where_its_recording_ends() -> None:
    """What a tunnel carried is not recorded."""
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    one, _ = player(exchanges((b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n", switching)))
    one.sent(b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n")
    assert everything(one) == switching
    with pytest.raises(CassetteStall, match="ended HTTP on its connection"):
        one.receive(1)


def test_what_goes_through_a_tunnel_is_refused() -> None:
    """At once, rather than that the client waits for an answer to what is not recorded."""
    connect = b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n"
    established = b"HTTP/1.1 200 OK\r\n\r\n"
    one, cassette = player(exchanges((connect, established)))
    one.sent(connect)
    assert everything(one) == established
    with pytest.raises(CassetteError, match="tunnel"):
        one.sent(b"\x16\x03\x01")
    assert len(cassette.errors) == 1


def test_a_canned_answer_is_there_from_the_start() -> None:
    """And ends as it was told to."""
    canned = Canned(b"abc", How.RESET)
    assert canned.sent(b"x") == 1
    assert canned.receive(2) == b"ab"
    assert canned.receive(2) == b"c"
    assert canned.receive(2) is How.RESET


def test_who_reads_on_after_a_miss_is_told_of_the_miss() -> None:
    """Some clients swallow what sending raises, and read; the next request begins anew."""
    one, cassette = player(exchanges((GET, HELLO)))
    with pytest.raises(NoMatch) as missed:
        one.sent(POST)
    with pytest.raises(NoMatch) as again:
        one.receive(1)
    assert again.value is missed.value
    assert cassette.errors == (missed.value,)
    one.sent(GET)
    assert everything(one) == HELLO


def test_a_web_socket_is_an_error_that_says_so() -> None:
    """Its challenge is another each time, and what went over it is not there."""
    upgrade = (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: a\r\n\r\n"
    )
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: b\r\n\r\n"
    one, cassette = player(exchanges((upgrade, switched)))
    with pytest.raises(CassetteError, match="which began a web socket when it was recorded") as caught:
        one.sent(upgrade)
    assert cassette.errors == (caught.value,)
