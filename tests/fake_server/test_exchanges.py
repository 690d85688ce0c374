"""Entries as exchanges of a cassette."""

from __future__ import annotations

import pytest

from cassettes.exchange import How
from fake_server import FakeServer, Raw, WrongState

from .raw import ask, get


def test_what_was_served_is_an_exchange(server: FakeServer) -> None:
    """With the octets of both sides, and where they went."""
    server.expect("/a").respond(json={"x": 1})
    octets = get("/a?b=c")
    answer = ask(server, octets)
    exchange = server.journal[0].exchange
    assert exchange.request.message.octets == octets
    assert exchange.answer == answer
    assert exchange.request.url == f"{server.url}/a?b=c"
    assert exchange.response is not None
    assert exchange.response.json() == {"x": 1}
    assert (exchange.end.how, exchange.connection) == (How.COMPLETE, 1)


def test_garbage_is_kept_as_what_was_received(server: FakeServer) -> None:
    """There is no response then, and the connection ended too early."""
    server.expect("/").respond(Raw(b"garbage"))
    ask(server, get())
    exchange = server.journal[0].exchange
    assert (exchange.response, exchange.received, exchange.end.how) == (None, b"garbage", How.EOF)


def test_what_is_no_request_is_no_exchange(server: FakeServer) -> None:
    """The error says why."""
    ask(server, b"nonsense\r\n\r\n")
    with pytest.raises(WrongState, match="has no request, and so no exchange: expected a request line"):
        _ = server.journal[0].exchange
