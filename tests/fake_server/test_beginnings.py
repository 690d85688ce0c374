"""What goes wrong before there is a request: at accepting, and in the handshake of TLS."""

from __future__ import annotations

import gc
import http.client
import ssl

import httpx
import pytest
import requests

from fake_server import BadExpectation, FakeServer, NotVerified
from fake_server.faults import (
    Alert,
    Close,
    Dialogue,
    EarlyResponse,
    Expect,
    Fault,
    HalfClose,
    Pause,
    Reset,
    Say,
    Send,
    Stall,
    Truncate,
    Wait,
)
from fake_server.faults.steps import Action
from fake_server.gates import Gate

from .raw import RawClient, get
from .raw import ask as raw_ask

HURRY = 0.2
PATIENCE = 10.0


def ask(server: FakeServer, patience: float = PATIENCE) -> bytes:
    """Get the root over a connection of its own."""
    if server.scheme == "https":
        context = server.tls.client_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            server.host, server.port, context=context, timeout=patience
        )
    else:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=patience)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Reset(after="accept"), ConnectionResetError),
        (Close(after="accept"), http.client.RemoteDisconnected),
        (HalfClose(after="accept"), http.client.RemoteDisconnected),
        (Stall(after="accept"), TimeoutError),
        (Say(), http.client.BadStatusLine),
    ],
)
def test_a_connection_ends_as_soon_as_it_is_accepted(
    server: FakeServer, fault: Fault, expected: type[Exception]
) -> None:
    """What was said of it is in the journal; the connection after the one that is meant is served."""
    server.expect("/").respond(data="hi")
    server.with_fault(fault, on=1)
    with pytest.raises((expected, BrokenPipeError, ConnectionResetError)):
        ask(server, HURRY if expected is TimeoutError else PATIENCE)
    assert ask(server) == b"hi"
    (first,) = server.journal.wait_for(where=lambda entry: entry.caller.connection == 1)  # its end may come later
    assert (first.outcome, first.request) == (str(fault), None)
    server.verify()


def test_what_only_delays_does_not_end_the_connection(server: FakeServer) -> None:
    """The first request is answered then."""
    server.expect("/").respond(data="hi")
    server.with_fault(Pause(after="accept", seconds=0.001))
    assert ask(server) == b"hi"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Close(after="tls-hello"), "EOF"),
        (Close(after="tls-handshake"), "EOF"),
        (Alert(), "HANDSHAKE_FAILURE"),
        (Alert(112), "UNRECOGNIZED_NAME"),
        (Say(b"HTTP/1.1 400 Bad Request\r\n\r\n", after="tls-hello"), "WRONG_VERSION_NUMBER|RECORD_LAYER"),
        (Say(b"\x16\x03\x03\0\x05hello", after="tls-hello"), "UNEXPECTED_MESSAGE|DECODE|LENGTH|EOF|BAD"),
    ],
)
def test_a_handshake_fails_as_it_is_told_to(fault: Fault, expected: str) -> None:
    """By the end of the connection, by an alert, or by what is no TLS."""
    with FakeServer(tls=True) as server:
        server.expect("/").respond(data="hi")
        server.with_fault(fault, on=1)
        with pytest.raises(ssl.SSLError, match=expected):
            ask(server)
        assert ask(server) == b"hi"
        (entry,) = server.journal.wait_for(where=lambda entry: entry.request is None)  # an alert comes before it
        assert entry.outcome == str(fault)


@pytest.mark.parametrize("after", ["tls-hello", "tls-handshake"])
def test_a_handshake_is_reset_or_never_ends(after: str) -> None:
    """Which Python tells as the connection's own errors."""
    with FakeServer(tls=True) as server:
        server.with_fault(Reset(after=after), on=1)
        server.with_fault(Stall(after=after), on=2)
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
            ask(server)
        with pytest.raises(TimeoutError):
            ask(server, HURRY)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # they leave the socket of a failed handshake to the collector
def test_requests_and_httpx_see_their_own_errors() -> None:
    """Of the handshake, as of the connection."""
    with FakeServer(tls=True) as server:
        server.with_fault(Alert(), on=1)
        server.with_fault(Reset(after="accept"), on=2)
        server.with_fault(Alert(), on=3)
        server.with_fault(Stall(after="tls-hello"), on=4)
        with pytest.raises(requests.exceptions.SSLError), requests.Session() as session:
            session.get(server.url, verify=server.tls.ca_path, timeout=PATIENCE)
        with pytest.raises(requests.exceptions.ConnectionError), requests.Session() as session:
            session.get(server.url, verify=server.tls.ca_path, timeout=PATIENCE)
        with httpx.Client(verify=server.tls.client_context(), trust_env=False) as client:
            with pytest.raises(httpx.ConnectError):
                client.get(server.url)
            with pytest.raises(httpx.ConnectTimeout):
                client.get(server.url, timeout=HURRY)
    gc.collect()


def test_what_befalls_every_answer_is_said_once(server: FakeServer) -> None:
    """At the requests of the server that are meant, whatever answers them, though they were answered before."""
    server.expect("/").respond(data="hello")
    assert [ask(server), ask(server)] == [b"hello", b"hello"]
    server.with_fault(Truncate(2), on=3)
    with pytest.raises(http.client.IncompleteRead):
        ask(server)
    assert ask(server) == b"hello"
    server.clear()
    server.expect("/").respond(data="again")
    assert ask(server) == b"again"


def test_faults_that_can_never_come_are_refused(server: FakeServer) -> None:
    """Each with what to do instead."""
    with pytest.raises(BadExpectation, match=r"tls=True"):
        server.with_fault(Alert())
    with pytest.raises(BadExpectation, match="give it to an expectation"):
        server.with_fault(EarlyResponse())
    with pytest.raises(BadExpectation, match="give it to the server"):
        server.expect("/").with_fault(Reset(after="accept"))
    with pytest.raises(BadExpectation, match="see Insert, Raw"):
        Say(after="headers")
    with pytest.raises(BadExpectation, match="from 0 to 255"):
        Alert(256)
    with FakeServer(tls=True) as secure, pytest.raises(BadExpectation, match="nothing can go on"):
        secure.with_fault(Pause(after="tls-handshake"))


def test_the_server_stops_while_connections_stall(server: FakeServer) -> None:
    """No thread is left behind."""
    server.with_fault(Stall(after="accept"))
    with pytest.raises(TimeoutError):
        ask(server, HURRY)
    server.stop()
    assert not server.is_running()


def test_a_dialogue_holds_a_connection_octet_by_octet(server: FakeServer) -> None:
    """It reads, waits and sends in its order, and ends as it says; the next connection is served as ever."""
    gate = Gate()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    server.with_fault(Dialogue(Expect(), Send(answer), Send(b"he"), Wait(gate=gate), Send(b"llo"), Reset()), on=1)
    server.expect("/").respond(data="served")
    gate.release()
    with RawClient(server) as client:
        assert client.send(get("/")).response().body.content == b"hello"
        with pytest.raises(ConnectionResetError):
            client.sock.recv(1)
    assert ask(server) == b"served"
    (entry,) = server.journal.wait_for(where=lambda entry: entry.request is None)  # the client may see its end before
    assert entry.outcome == "dialogue(expect, send, send, wait, send, reset)"


def test_a_dialogue_ends_when_the_client_does(server: FakeServer) -> None:
    """What it would have said then is not said; without an end of its own it closes the connection."""
    server.with_fault(Dialogue(Expect(b"never"), Send(b"x")), on=1)
    server.with_fault(Dialogue(Wait(0.001), Send(b"220 hello\r\n")), on=2)
    assert raw_ask(server, b"other") == b""
    assert raw_ask(server, b"") == b"220 hello\r\n"


@pytest.mark.parametrize("answered", [False, True])
def test_what_a_step_of_the_test_s_own_raises_is_a_finding(server: FakeServer, answered: bool) -> None:
    """The connection ends there; `verify` says which it was and what was raised, and others are served on."""

    class Explode(Action):
        def perform(self, connection: object) -> None:
            raise LookupError(f"nobody knows {type(connection).__name__}")

    server.with_fault(Dialogue(Expect(b"go\n"), *([Send(b"gone\n")] if answered else []), Explode()), on=1)
    server.expect("/").respond(data="served")
    assert raw_ask(server, b"go\n") == (b"gone\n" if answered else b"")
    assert ask(server) == b"served"
    with pytest.raises(NotVerified, match=r"(?s)LookupError was raised: .*in serving connection 1, .*test_beginnings"):
        server.verify()
    assert [(entry.outcome, entry.error) for entry in server.journal] == [
        ("failed", "serving the connection has raised LookupError"),
        ("200", ""),
    ]


def test_what_a_schedule_of_the_test_s_own_raises_is_a_finding(server: FakeServer) -> None:
    """No connection goes without, and none is lost without a word."""

    class Never:
        def due(self, number: int) -> bool:
            raise AssertionError(f"asked about {number}")

    server.with_fault(Reset(after="accept"), on=Never())
    assert raw_ask(server, b"") == b""
    with pytest.raises(AssertionError, match="asked about 1"):
        server.check()
