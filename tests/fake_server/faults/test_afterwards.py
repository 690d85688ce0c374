"""Faults behind the response, and faults put together."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation, FakeServer
from fake_server.faults import All, Close, EarlyResponse, Extra, Information, Reset, SlowRead, Twice
from tests.fake_server.raw import ask, get


def test_extra_octets_come_with_the_response_in_one_piece(server: FakeServer) -> None:
    """A client that reads only what it was told finds them before its next response."""
    server.expect("/").respond(data="hello").with_fault(Extra(b"more"))
    assert ask(server, get()).endswith(b"\r\n\r\nhellomore")
    assert len(server.journal[0].parts) == 1


def test_a_response_may_come_twice(server: FakeServer) -> None:
    """In one piece."""
    server.expect("/").respond(data="hello").with_fault(Twice())
    octets = ask(server, get())
    assert octets[: len(octets) // 2] == octets[len(octets) // 2 :]
    assert len(server.journal[0].parts) == 1


def test_faults_put_together_are_one(server: FakeServer) -> None:
    """The first is nearest to the answer."""
    both = All(Close(), Information(102))
    server.expect("/").respond(data="hello").with_fault(both)
    assert ask(server, get()) == b"HTTP/1.1 102 Processing\r\n\r\n"
    assert repr(both) == "All(Close(after='request'), Information(status=102, fields=(), times=1, seconds=0.0))"
    assert str(both) == "close() + information(status=102)" == server.journal[0].outcome
    assert both == All(Close(), Information(102)) != All(Close())


def test_faults_of_request_and_response_are_not_put_together() -> None:
    """An expectation takes both, one beside the other."""
    assert All(SlowRead(), EarlyResponse()).phase == SlowRead().phase
    for faults in [(), (SlowRead(), Reset())]:
        with pytest.raises(BadExpectation, match="of the response alone, or of the request alone"):
            All(*faults)
