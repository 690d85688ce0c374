"""Faults while a request is read."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation, FakeServer
from fake_server.faults import Close, ContinueTwice, EarlyResponse, NoContinue, Reset, SlowRead, Stall
from tests.fake_server.raw import RawClient, get

EXPECTING = get("/up", "Content-Length: 5", "Expect: 100-continue", method="POST")
POST = get("/up", "Content-Length: 5", method="POST")


def test_a_reset_may_come_before_the_content(server: FakeServer) -> None:
    """What has come of the request is in the journal."""
    server.expect("/up").respond(data="ok").with_fault(Reset(after="request-headers"))
    with RawClient(server) as client:
        client.send(POST)
        with pytest.raises(ConnectionResetError):
            client.rest()
    entry = server.journal[0]
    assert (entry.outcome, entry.content, entry.sent) == ("reset(after='request-headers')", b"", b"")


def test_a_close_may_come_within_the_content(server: FakeServer) -> None:
    """After as many octets as said; a client that waits for a 100 gets it first."""
    server.expect("/up").respond(data="ok").with_fault(Close(after="request-body[:2]"))
    with RawClient(server) as client:
        assert client.send(EXPECTING).head().status == 100
        assert client.send(b"he").at_end()
    request = server.journal[0].request
    assert request is not None
    assert (request.body.content, request.body.complete) == (b"he", False)


def test_an_early_response_comes_before_the_content(server: FakeServer) -> None:
    """Then the content is read, and the connection goes on."""
    server.expect("/up").respond(status=413).with_fault(EarlyResponse())
    server.expect("/").respond(data="hello")
    with RawClient(server) as client:
        assert client.send(POST).response("POST").head.status == 413
        assert client.send(b"hello" + get()).response().body.content == b"hello"
    assert server.journal[0].content == b"hello"


def test_after_417_the_client_sends_no_content(server: FakeServer) -> None:
    """What comes is the next request (RFC 9110 section 10.1.1)."""
    server.expect("/up").respond(status=417).with_fault(EarlyResponse(then="skip"))
    server.expect("/").respond(data="hello")
    with RawClient(server) as client:
        assert client.send(EXPECTING).response("POST").head.status == 417
        assert client.send(get()).response().body.content == b"hello"


@pytest.mark.parametrize("then", ["close", "reset"])
def test_after_an_early_response_the_connection_may_end(server: FakeServer, then: str) -> None:
    """Without reading what is still coming."""
    server.expect("/up").respond(status=413).with_fault(EarlyResponse(then=then))
    with RawClient(server) as client:
        assert client.send(POST).response("POST").head.status == 413
        if then == "close":
            assert client.at_end()
        else:
            with pytest.raises(ConnectionResetError):
                client.rest()


def test_the_100_may_be_left_out(server: FakeServer) -> None:
    """The client sends the content when it has waited long enough."""
    server.expect("/up").respond(data="ok").with_fault(NoContinue())
    with RawClient(server) as client:
        response = client.send(EXPECTING + b"hello").response("POST")
    assert (response.interim, response.body.content) == ((), b"ok")
    assert server.journal[0].content == b"hello"


def test_the_100_may_come_twice(server: FakeServer) -> None:
    """As from werkzeug's development server."""
    server.expect("/up").respond(data="ok").with_fault(ContinueTwice())
    with RawClient(server) as client:
        response = client.send(EXPECTING + b"hello").response("POST")
    assert [head.status for head in response.interim] == [100, 100]


def test_the_100_may_come_late(server: FakeServer) -> None:
    """When the test lets it."""
    expected = server.expect("/up").respond(data="ok").hold(after="request-headers")
    with RawClient(server) as client:
        client.send(EXPECTING)
        expected.wait_held()
        assert server.journal[0].parts == []
        expected.release()
        assert client.head().status == 100
        assert client.send(b"hello").response("POST").body.content == b"ok"
    assert server.journal[0].content == b"hello"


def test_a_slow_reader_reads_all(server: FakeServer) -> None:
    """However little at once."""
    server.expect("/up").respond(data="ok").with_fault(SlowRead(2, 0.0001))
    with RawClient(server) as client:
        assert client.send(POST + b"hello").response("POST").body.content == b"ok"
    assert server.journal[0].content == b"hello"


def test_content_that_breaks_off_ends_the_exchange(server: FakeServer) -> None:
    """As where the client goes away while it is answered."""
    server.expect("/up").respond(data="ok").with_fault(SlowRead())
    with RawClient(server) as client:
        client.send(POST + b"he")
        server.journal.wait_for(path="/up")
    entry = server.journal[0]
    assert (entry.outcome, entry.content) == ("client-closed", b"he")


def test_without_content_there_is_nothing_to_come_before(server: FakeServer) -> None:
    """But a reset is one in any case."""
    server.expect("/early").respond(data="ok").with_fault(EarlyResponse(then="reset"), NoContinue(), SlowRead())
    server.expect("/reset").with_fault(Reset(after="request-headers"))
    with RawClient(server) as client:
        assert client.send(get("/early")).response().body.content == b"ok"
        client.send(get("/reset"))
        with pytest.raises(ConnectionResetError):
            client.rest()


def test_what_compares_content_cannot_come_before_it(server: FakeServer) -> None:
    """Nor can anything come before the request that meets the expectation."""
    with pytest.raises(BadExpectation, match="leave data and json out"):
        server.expect("/up", json={}).with_fault(EarlyResponse())
    with pytest.raises(BadExpectation, match="give it to the server"):
        server.expect("/up").with_fault(Stall(after="accept"))
    with pytest.raises(BadExpectation, match="read, skip, close, reset; got 'eat'"):
        EarlyResponse(then="eat")


def test_others_are_asked_when_their_content_has_come(server: FakeServer) -> None:
    """An expectation with such a fault does not change what the others meet, nor the order."""
    server.expect_ordered_request("/first", data="hello").respond(data="1")
    server.expect_ordered_request("/up").respond(data="2").with_fault(SlowRead())
    with RawClient(server) as client:
        first = get("/first", "Content-Length: 5", method="POST")
        assert client.send(first + b"hello").response("POST").body.content == b"1"
        assert client.send(POST + b"hello").response("POST").body.content == b"2"
    server.verify()
