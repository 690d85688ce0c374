"""Tests of `cassettes.route`: the decision alone, without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cassettes.cassette import Cassette
from cassettes.current import enter, leave
from cassettes.errors import CassetteError
from cassettes.route import Route, may_be_request
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from cassettes.exchange import Exchange

ORIGIN = Origin("http", "example.org", 80)
GET = b"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n"
OTHER = GET.replace(b"/a", b"/b")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nA"


def sent(route: Route, octets: bytes, cassette: Cassette | None = None) -> bytes:
    """What of *octets* belongs on the network while *cassette* is current."""
    if cassette is None:
        return b"".join(map(bytes, route.sending(octets)))
    enter(cassette)
    try:
        return b"".join(map(bytes, route.sending(octets)))
    finally:
        leave(cassette)


def recorded() -> list[tuple[Exchange, int]]:
    """One exchange, as it is recorded."""
    cassette, route = Cassette(mode="all"), Route(ORIGIN)
    assert sent(route, GET, cassette) == GET
    route.received(ANSWER)
    return [(exchange, 1) for exchange in cassette.exchanges]


def test_without_a_cassette_all_belongs_on_the_network() -> None:
    """And nothing is noted of what comes."""
    route = Route(ORIGIN)
    assert route.needs_network
    assert sent(route, GET + OTHER) == GET + OTHER
    route.received(ANSWER)
    assert route.idle


def test_a_replay_gives_nothing_to_the_network() -> None:
    """The player has the answer."""
    route = Route(ORIGIN)
    assert sent(route, GET, Cassette(mode="none", recorded=recorded())) == b""
    assert route.player is not None
    assert route.player.receive(1000) == ANSWER


def test_what_nobody_answers_goes_to_the_network_and_is_recorded() -> None:
    """In pipelined requests, too: each for itself, in one call."""
    cassette, route = Cassette(mode="new_episodes", recorded=recorded()), Route(ORIGIN)
    assert sent(route, GET + OTHER, cassette) == OTHER
    route.received(ANSWER)
    assert [exchange.request.target for exchange in cassette.recorded] == ["/b"]


def test_http2_is_an_error_under_a_cassette() -> None:
    """Whether it is to be recorded or replayed; the error is remembered."""
    for mode in ("all", "none"):
        cassette = Cassette(mode=mode, existed=True)
        with pytest.raises(CassetteError, match="HTTP/2"):
            sent(Route(ORIGIN), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", cassette)
        with pytest.raises(CassetteError, match="HTTP/2"):
            cassette.verify()


def test_a_connection_that_speaks_http2_already_is_no_hole() -> None:
    """Without a cassette it goes on undisturbed; under one, nothing of it passes."""
    route = Route(ORIGIN)
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    assert sent(route, preface) == preface
    assert sent(route, b"\0\0\0\4\0\0\0\0\0") == b"\0\0\0\4\0\0\0\0\0"
    with pytest.raises(CassetteError, match="HTTP/2"):
        sent(route, b"\0\0\0\4\0\0\0\0\0", Cassette(mode="none", existed=True))
    assert sent(route, b"\0\0\0\4\0\0\0\0\0") == b"\0\0\0\4\0\0\0\0\0"


@pytest.mark.parametrize(
    "octets", [GET, b"GET", b"GET / HT", b"POST / HTTP/1.0\nA: b\n\n", b"PRI * HTTP/2.0\r\n\r\nSM"]
)
def test_what_may_begin_a_request(octets: bytes) -> None:
    """As far as it is there."""
    assert may_be_request(octets)


@pytest.mark.parametrize(
    "octets", [b"*1\r\n$4\r\nPING\r\n", b"get key\r\n", b"\0\0\0\x08", b"\x16\x03\x01", b"EHLO me\r\n"]
)
def test_what_cannot_begin_a_request(octets: bytes) -> None:
    """What the clients of databases, of mail servers and of TLS say first."""
    assert not may_be_request(octets)
