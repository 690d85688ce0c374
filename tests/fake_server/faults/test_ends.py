"""Faults that end or delay what is sent, seen on the raw wire."""

from __future__ import annotations

import http.client
import ssl
import threading

import pytest

from fake_server import BadExpectation, Canned, FakeServer, Gate, Raw, Streamed, Then
from fake_server.faults import Close, CloseWithoutNotify, HalfClose, Hold, Ignore, Limit, Pause, Reset, Stall, Truncate
from tests.fake_server.raw import RawClient, get

HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello"


def octets_before_reset(client: RawClient) -> int:
    """How many octets come before the connection is reset."""
    got = 0
    try:
        while piece := client.sock.recv(65_536):
            got += len(piece)
    except ConnectionResetError:
        return got
    pytest.fail(f"the connection ended after {got} octets, and not with a reset")


@pytest.mark.parametrize("size", [5, 70_000, 3_000_000])
def test_what_stands_before_a_reset_is_really_delivered(server: FakeServer, size: int) -> None:
    """All of it, and only then the reset, however much it is."""
    server.expect("/").respond(data=b"x" * size).with_fault(Reset(after=f"body[:{size}]"))
    with RawClient(server) as client:
        got = octets_before_reset(client.send(get()))
    assert got == len(server.journal[0].sent) > size


def test_a_reset_after_the_headers_leaves_the_content_out(server: FakeServer) -> None:
    """The journal has what was sent, and the fault is the outcome."""
    server.expect("/").respond(data="hello").with_fault(Reset(after="headers"))
    with RawClient(server) as client:
        client.send(get())
        with pytest.raises(ConnectionResetError):
            client.rest()
    assert server.journal[0].sent == HELLO.removesuffix(b"hello")
    assert server.journal[0].outcome == "reset(after='headers')"


@pytest.mark.parametrize("fault", [Close(), HalfClose(), CloseWithoutNotify()])
def test_closed_before_the_response_nothing_comes_but_the_end(server: FakeServer, fault: Close) -> None:
    """No octet, and an orderly end."""
    server.expect("/").respond(data="hello").with_fault(fault)
    with RawClient(server) as client:
        assert client.send(get()).at_end()


def test_closed_after_the_response_nothing_announces_it(server: FakeServer) -> None:
    """The head says nothing of it."""
    server.expect("/").respond(data="hello").with_fault(Close(after="response"))
    with RawClient(server) as client:
        assert client.send(get() + get()).rest() == HELLO


def test_half_closed_the_server_goes_on_reading(server: FakeServer) -> None:
    """The client can go on sending; the entry is done when the client closes."""
    server.expect("/").respond(data="hello").with_fault(HalfClose(after="response"))
    with RawClient(server) as client:
        assert client.send(get()).rest() == HELLO
        client.send(b"x" * 1_000_000)
        assert not any(entry.done for entry in server.journal)
    assert server.journal[0].outcome == "half_close(after='response')"


@pytest.mark.parametrize("fault", [Reset(after="next-request"), Close(after="next-request")])
def test_at_the_next_request_the_connection_ends(server: FakeServer, fault: Reset | Close) -> None:
    """As a server does that closes an idle connection just when a request comes; that request meets nothing."""
    expected = server.expect("/").respond(data="hello").with_fault(fault)
    with RawClient(server) as client:
        assert client.send(get()).response().body.content == b"hello"
        client.send(get())
        if isinstance(fault, Reset):
            with pytest.raises(ConnectionResetError):
                client.rest()
        else:
            assert client.rest() == b""
    assert len(expected.entries) == 1


def test_a_client_that_makes_no_further_request_notices_nothing(server: FakeServer) -> None:
    """The entry is done before the next request comes."""
    server.expect("/").respond(data="hello").with_fault(Reset(after="next-request"))
    with RawClient(server) as client:
        client.send(get()).response()
        assert server.journal[0].outcome == "reset(after='next-request')"


@pytest.mark.parametrize("fault", [Stall(after="body[:2]"), Ignore(after="body[:2]"), Truncate(2, then="stall")])
def test_a_stall_sends_what_is_before_it_and_no_more(server: FakeServer, fault: Stall) -> None:
    """Until the client has enough."""
    server.expect("/").respond(data="hello").with_fault(fault)
    with RawClient(server) as client:
        client.send(get())
        while not client.sock.recv(1000, 2).endswith(b"he"):  # MSG_PEEK
            pass
        client.sock.settimeout(0.01)
        assert client.sock.recv(1000).endswith(b"he")
        with pytest.raises(TimeoutError):
            client.sock.recv(1000)


@pytest.mark.parametrize("fault", [Stall(seconds=0.01), Ignore(after="body[:2]", seconds=0.01)])
def test_a_stall_lets_go_a_client_without_a_time_out(server: FakeServer, fault: Stall) -> None:
    """The connection is closed, rather than that the test never ends."""
    server.expect("/").respond(data="hello").with_fault(fault)
    with RawClient(server) as client:
        client.send(get()).rest()
        assert server.journal[0].outcome.startswith(type(fault).__name__.lower())


def test_the_stop_of_the_server_ends_every_wait() -> None:
    """Neither a stall nor a pause of an hour nor a gate that nobody opens holds it up."""
    faults = [Stall(), Ignore(), Pause(seconds=3600), Hold(gate=Gate()), HalfClose()]
    server = FakeServer(grace=5)
    with server:
        for number, fault in enumerate(faults):
            server.expect(f"/{number}").respond(data="hello").with_fault(fault)
        server.expect("/held").respond(data="hello").hold()
        paths = [*map("/{}".format, range(len(faults))), "/held"]
        clients = [RawClient(server).send(get(path)) for path in paths]
        server.journal.wait_for(count=len(clients))
    for client in clients:
        with client:
            assert client.rest() == b""


def test_a_pause_delays_and_loses_nothing(server: FakeServer) -> None:
    """What is before it comes first, in a piece of its own."""
    gate = Gate()
    server.expect("/").respond(data="hello").with_fault(Pause(after="body[:3]", seconds=0.001))
    server.expect("/held").respond(data="hello").with_fault(Hold(after="body[:3]", gate=gate))
    with RawClient(server) as client:
        assert client.send(get()).response().body.content == b"hello"
        client.send(get("/held"))
        gate.wait_arrived()
        assert HELLO.startswith(client.sock.recv(1000))
        gate.release()
        assert client.sock.recv(1000) == b"lo"


def test_limit_cuts_the_whole_response(server: FakeServer) -> None:
    """Octets of the head count."""
    server.expect("/").respond(data="hello").with_fault(Limit(20))
    with RawClient(server) as client:
        assert client.send(get()).rest() == HELLO[:20]


def test_faults_befall_any_answer(server: FakeServer) -> None:
    """Streamed ones, raw ones, handlers' and WSGI's; whoever streams is told when it is cut."""
    closed = threading.Event()
    streamed = Streamed(200, [], iter([b"ab", b"cd"]), close=closed.set)
    server.expect("/streamed").respond(streamed).with_fault(Close(after="chunk[0]"))
    server.expect("/raw").respond(Raw(b"anything", Then.RESET)).with_fault(Close(after="body[:3]"))
    server.expect("/raw/whole").respond(Raw(b"anything", Then.CLOSE)).with_fault(Pause(seconds=0))
    server.expect("/handler").respond_with_handler(lambda _: "hello").with_fault(Truncate(2))
    got = {}
    for path in ("/streamed", "/raw", "/raw/whole", "/handler"):
        with RawClient(server) as client:
            got[path] = client.send(get(path)).rest()
    assert got["/streamed"].endswith(b"\r\n\r\n2\r\nab\r\n")
    assert closed.wait(5)
    assert (got["/raw"], got["/raw/whole"]) == (b"any", b"anything")
    assert got["/handler"].endswith(b"\r\n\r\nhe")


class Unknown:
    """An answer that just writes."""

    def send(self, connection: object) -> str:  # noqa: ARG002
        """Would write."""
        return "written"


@pytest.mark.parametrize("answer", [Unknown(), Canned(204)])
def test_a_fault_that_cannot_come_is_told_to_the_test(server: FakeServer, answer: Canned) -> None:
    """An answer whose octets nobody can see, a position that it has not: the test fails."""
    server.expect("/").respond(answer).with_fault(Reset(after="body[:1]"))
    with RawClient(server) as client:
        assert client.send(get()).response().head.status == 500
    assert isinstance(server.handler_errors[0], BadExpectation)


def test_a_fault_that_makes_no_sense_is_refused_where_it_is_made() -> None:
    """In the test's own line."""
    with pytest.raises(BadExpectation, match="one of the positions"):
        Reset(after="nowhere")
    with pytest.raises(BadExpectation, match="close, reset, stall; got 'explode'"):
        Truncate(1, then="explode")


@pytest.mark.parametrize("fault", [Close(after="response"), CloseWithoutNotify(after="response")], ids=str)
def test_over_tls_the_end_is_notified_or_not(fault: Close | CloseWithoutNotify) -> None:
    """Without the alert, a content that ends with the connection may have been cut (RFC 8446 section 6.1)."""
    with FakeServer(tls=True) as server:
        server.expect("/").respond(data="hello").with_fault(fault)
        context = server.tls.client_context()
        with RawClient(server) as plain:
            sock = context.wrap_socket(plain.sock, server_hostname="localhost", suppress_ragged_eofs=False)
            with sock:
                sock.sendall(get())
                assert sock.recv(1000) == HELLO
                if isinstance(fault, Close):
                    assert sock.recv(1000) == b""
                else:
                    with pytest.raises(ssl.SSLEOFError):
                        sock.recv(1000)


def test_a_fault_is_a_value() -> None:
    """Frozen, comparable, and its repr makes it again."""
    assert Reset(after="headers") == Reset(after="headers") != Reset()
    assert repr(Reset(after="body[:5]")) == "Reset(after='body[:5]')"
    assert str(Truncate(5, then="reset")) == "truncate(octets=5, then='reset')"
    with pytest.raises(AttributeError):
        Reset().after = "headers"  # type: ignore[misc]


def test_http_client_sees_what_clients_see(server: FakeServer) -> None:
    """A cut header section is no error to it; a cut content is."""
    server.expect("/cut").respond(data="hello").with_fault(Close(after="headers[:5]"))
    server.expect("/short").respond(data="hello").with_fault(Truncate(2))
    for path in ("/cut", "/short"):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        if path == "/cut":
            assert (response.status, response.read()) == (200, b"")
        else:
            with pytest.raises(http.client.IncompleteRead):
                response.read()
        connection.close()
