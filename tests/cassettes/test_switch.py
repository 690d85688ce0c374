"""Tests of `cassettes.switch`: one connection, and the cassettes that come and go."""

from __future__ import annotations

import contextlib
import http.client
import re
import select
import socket
from typing import TYPE_CHECKING, cast

import pytest

from cassettes.cassette import Cassette
from cassettes.current import enter, leave
from cassettes.errors import CassetteError, NoMatch
from cassettes.exchange import Exchange, How
from cassettes.switch import SwitchSocket
from httplib_sim.waist import Origin

from .conformance import ANSWERS, check_socket
from .origin import OriginServer, Peer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def numbered(peer: Peer) -> None:
    """Answer each request of a connection with its number in that connection and its target."""
    number = 0
    while True:
        number += 1
        target = peer.read_head().split()[1]
        peer.send(answer(b"%d %s" % (number, target)))


class Client:
    """The standard library's client over one switch socket."""

    def __init__(self, server: OriginServer) -> None:
        self.server = server
        self.dialled = 0
        self.sock = SwitchSocket(server.origin, self._dial)
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self.connection.sock = self.sock

    def _dial(self) -> socket.socket:
        self.dialled += 1
        return self.server.connect()

    def get(self, target: str) -> str:
        """The content that answers GET *target*."""
        self.connection.request("GET", target)
        return self.connection.getresponse().read().decode()

    def close(self) -> None:
        """Close the connection."""
        self.sock.close()


@contextlib.contextmanager
def using(cassette: Cassette) -> Iterator[Cassette]:
    """Make *cassette* current."""
    enter(cassette)
    try:
        yield cassette
    finally:
        leave(cassette)
        cassette.end()


def recorded(server: OriginServer, *targets: str) -> list[tuple[Exchange, int]]:
    """Record GETs of *targets*, each on a connection of its own."""
    with using(Cassette(mode="all")) as cassette:
        for target in targets:
            client = Client(server)
            client.get(target)
            client.close()
    return [(exchange, line) for line, exchange in enumerate(cassette.exchanges, 1)]


@pytest.fixture
def server() -> Iterator[OriginServer]:
    """A server that numbers the requests of each connection."""
    with OriginServer(numbered) as server:
        yield server


@pytest.fixture
def client(server: OriginServer) -> Iterator[Client]:
    """A client with a live connection."""
    client = Client(server)
    yield client
    client.close()


def test_without_a_cassette_it_is_the_real_connection(client: Client) -> None:
    """Dialled at once, so that errors of connecting come where they always came."""
    assert client.dialled == 1
    assert client.get("/a") == "1 /a"
    assert client.sock.getpeername() == ("127.0.0.1", client.server.port)


def test_errors_of_connecting_come_at_once() -> None:
    """Live and where recording is certain."""

    def refused() -> socket.socket:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        SwitchSocket(Origin("http", "x", 1), refused)
    with using(Cassette(mode="all")), pytest.raises(ConnectionRefusedError):
        SwitchSocket(Origin("http", "x", 1), refused)


def test_a_pooled_connection_goes_live_a_b_live(server: OriginServer, client: Client) -> None:
    """Each request belongs to whoever is current when it begins; the connection stays the same."""
    a, b = recorded(server, "/x"), recorded(server, "/y", "/x")
    assert client.get("/x") == "1 /x"
    with using(Cassette("A", mode="none", recorded=a)) as first:
        assert client.get("/x") == "1 /x"
    with using(Cassette("B", mode="none", recorded=b)) as second:
        assert client.get("/y") == "1 /y"
        assert client.get("/x") == "1 /x"
    assert client.get("/z") == "2 /z"
    assert (len(first.played), len(second.played), client.dialled) == (1, 2, 1)


def test_a_pooled_real_connection_carries_no_request_out_of_a_replay(client: Client) -> None:
    """The server sees nothing of a request that the cassette does not answer."""
    client.get("/live")
    with using(Cassette("none", mode="none", existed=True)) as cassette, pytest.raises(NoMatch):
        client.get("/secret")
    client.close()
    client.server.wait_for(1)
    assert client.server.peers[0].received.count(b"GET /") == 1
    assert len(cassette.misses) == 1


def test_a_pooled_mock_does_not_answer_outside_its_cassette(server: OriginServer) -> None:
    """A connection born in a replay dials when it first needs the network."""
    with using(Cassette("A", mode="none", recorded=recorded(server, "/x", "/x"))):
        client = Client(server)
        assert client.get("/x") == "1 /x"
        assert client.dialled == 0
    assert client.get("/x") == "1 /x"  # the first of a new connection
    assert client.get("/x") == "2 /x"
    assert client.dialled == 1
    client.close()


def test_recording_begins_and_ends_on_a_live_connection(client: Client) -> None:
    """What was sent before and after is not recorded."""
    client.get("/before")
    with using(Cassette(mode="once")) as cassette:
        client.get("/a")
        client.get("/b")
    client.get("/after")
    assert [exchange.request.target for exchange in cassette.exchanges] == ["/a", "/b"]
    assert {exchange.connection for exchange in cassette.exchanges} == {1}


def test_new_episodes_replays_what_is_there_and_records_the_rest(server: OriginServer) -> None:
    """One connection, some answers from the cassette and some from the network."""
    with using(Cassette(mode="new_episodes", recorded=recorded(server, "/x"))) as cassette:
        client = Client(server)
        assert client.dialled == 0
        assert client.get("/x") == "1 /x"
        assert client.dialled == 0
        assert client.get("/new") == "1 /new"
        assert client.get("/x") == "2 /x"
        assert client.dialled == 1
        client.close()
    assert [exchange.request.target for exchange in cassette.recorded] == ["/new", "/x"]


def test_what_is_under_way_when_a_cassette_ends_is_recorded_as_far_as_it_came() -> None:
    """A client that reads the beginning of a stream and keeps the connection."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        peer.read_head()

    with OriginServer(script) as server, using(Cassette(mode="all")) as cassette:
        client = Client(server)
        client.connection.request("GET", "/stream")
        response = client.connection.getresponse()
        assert response.read(3) == b"one"
    response.close()
    client.close()
    (exchange,) = cassette.exchanges
    assert exchange.end.how is How.CLIENT_CLOSED
    assert exchange.answer.endswith(b"3\r\none\r\n")


def test_a_cassette_that_begins_within_a_request_does_not_take_it(client: Client) -> None:
    """What counts is who was current at a request's first octet."""
    client.sock.sendall(b"POST /half HTTP/1.1\r\nContent-Length: 4\r\n\r\nab")
    with using(Cassette("A", mode="none", existed=True)) as cassette:
        client.sock.sendall(b"cd")
        assert client.sock.recv(12) == b"HTTP/1.1 200"
    assert not cassette.misses


def test_a_request_cut_by_the_end_of_its_cassette_opens_no_way_out_of_a_replay(client: Client) -> None:
    """It goes on to its end; the next one belongs to who is current then."""
    with using(Cassette("A", mode="all")):
        client.sock.sendall(b"POST /half HTTP/1.1\r\nContent-Length: 4\r\n\r\nab")
    client.sock.sendall(b"cd")
    assert client.sock.recv(12) == b"HTTP/1.1 200"
    with using(Cassette("B", mode="none", existed=True)) as cassette, pytest.raises(NoMatch):
        client.get("/secret")
    client.close()
    client.server.wait_for(1)
    assert b"secret" not in client.server.peers[0].received
    assert len(cassette.misses) == 1


@pytest.mark.parametrize("mode", ["none", "all"])
@pytest.mark.parametrize("recording", [False, True])
def test_what_cannot_be_told_apart_reaches_no_other_cassette(client: Client, mode: str, recording: bool) -> None:
    """After a request whose end nobody knows the connection is of no use to a cassette: refused, told, hung up."""
    endless = b"GET /odd HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"
    with using(Cassette("A", mode="all")) if recording else contextlib.nullcontext():
        client.sock.sendall(endless)
    client.sock.sendall(b"goes on live")
    with using(Cassette("B", mode=mode, existed=True)) as cassette:
        with pytest.raises(CassetteError, match="told apart") as caught:
            client.sock.sendall(b"GET /secret HTTP/1.1\r\n\r\n")
        with pytest.raises(OSError, match="Bad file descriptor"):
            client.sock.recv(1)
        with pytest.raises(CassetteError) as again:
            cassette.verify()
        assert again.value is caught.value
    client.server.wait_for(1)
    assert client.server.peers[0].received == endless + b"goes on live"


def test_what_follows_a_failure_to_send_reaches_no_other_cassette() -> None:
    """A client that gave up a request, and keeps the connection all the same, sends no rest of it."""
    ours, theirs = socket.socketpair()
    sock = SwitchSocket(Origin("http", "x", 80), lambda: ours)
    sock.settimeout(0.01)
    with pytest.raises(TimeoutError):
        sock.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n" + bytes(9_999_999))
    with using(Cassette("none", mode="none", existed=True)), pytest.raises(CassetteError, match="told apart"):
        sock.send(b"GET /secret HTTP/1.1\r\n\r\n")
    theirs.close()


def test_a_closed_connection_is_not_kept_by_its_cassette(server: OriginServer) -> None:
    """Only what is under way is looked after until the end."""
    with using(Cassette(mode="all")) as cassette:
        first = Client(server)
        first.get("/a")
        second = Client(server)
        second.get("/b")
        first.close()
        assert len(cassette._unfinished) == 1
        second.close()
        assert not cassette._unfinished


def test_a_pipelined_request_is_decided_for_itself(server: OriginServer, client: Client) -> None:
    """The rest of a live request and the next one in one call: the first goes out, the second is replayed."""
    replayed = recorded(server, "/second")
    client.sock.sendall(b"GET /first HTTP/1.1\r\n")
    with using(Cassette("A", mode="none", recorded=replayed)) as cassette:
        client.sock.sendall(b"\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(cassette.played) == 1
    client.close()
    server.wait_for(2)
    assert server.peers[0].received == b"GET /first HTTP/1.1\r\n\r\n"


def pipelined(*targets: str) -> bytes:
    """GETs of *targets*, as the standard library's client sends them."""
    lines = "GET {} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n"
    return "".join(lines.format(target) for target in targets).encode()


def contents(sock: SwitchSocket, count: int, piece: int) -> list[str]:
    """The contents of *count* answers of `numbered`, received in pieces of at most so many octets."""
    got = b""
    while len(found := re.findall(rb"\r\n\r\n(\d+ /\w+;)", got)) < count:
        octets = sock.recv(piece)
        assert octets, got
        got += octets
    assert got.endswith(b";")
    return [content.decode() for content in found]


@pytest.mark.parametrize("piece", [1, 65536])
@pytest.mark.parametrize("at_once", [True, False])
def test_pipelined_requests_of_which_some_are_recorded_are_answered_in_order(
    server: OriginServer, piece: int, at_once: bool
) -> None:
    """What goes elsewhere waits until the answers before it have been read: none is lost, none comes too early."""
    played = recorded(server, "/a;", "/c;")
    targets = ["/a;", "/new;", "/c;", "/newer;", "/newest;"]
    with using(Cassette(mode="new_episodes", recorded=played)) as cassette:
        client = Client(server)
        for octets in [pipelined(*targets)] if at_once else [pipelined(target) for target in targets]:
            client.sock.sendall(octets)
        assert contents(client.sock, 5, piece) == ["1 /a;", "1 /new;", "1 /c;", "2 /newer;", "3 /newest;"]
        client.close()
    assert [exchange.request.target for exchange in cassette.recorded] == ["/new;", "/newer;", "/newest;"]
    assert len(cassette.played) == 2


def test_what_waits_is_sent_when_the_client_looks_for_its_answer(server: OriginServer) -> None:
    """Not only reading, also polling lets it go on."""
    with using(Cassette(mode="new_episodes", recorded=recorded(server, "/a;"))):
        client = Client(server)
        client.sock.sendall(pipelined("/a;", "/new;"))
        assert select.select([client.sock], [], [], 0)[0]
        assert contents(client.sock, 1, 65536) == ["1 /a;"]
        assert select.select([client.sock], [], [], 10)[0]
        assert contents(client.sock, 1, 65536) == ["1 /new;"]
        client.close()


@pytest.mark.parametrize("ending", ["close", "shutdown"])
def test_what_waits_is_sent_before_the_end(server: OriginServer, ending: str) -> None:
    """A client that sends, and does not care for the answers."""
    played = recorded(server, "/a;")
    with using(Cassette(mode="new_episodes", recorded=played)) as cassette:
        client = Client(server)
        client.sock.sendall(pipelined("/a;", "/new;"))
        if ending == "shutdown":
            client.sock.shutdown(socket.SHUT_WR)
            assert contents(client.sock, 2, 65536) == ["1 /a;", "1 /new;"]
        client.close()
        server.wait_for(2)
    assert server.peers[1].received == pipelined("/new;")
    assert [exchange.request.target for exchange in cassette.recorded] == ["/new;"]


def test_an_answer_that_was_not_read_comes_before_that_of_the_next_cassette(server: OriginServer) -> None:
    """And before that of the network."""
    first, second = recorded(server, "/a;"), recorded(server, "/b;", "/b;")
    with using(Cassette("A", mode="none", recorded=first)):
        client = Client(server)
        client.sock.sendall(pipelined("/a;"))
    with using(Cassette("B", mode="none", recorded=second)):
        client.sock.sendall(pipelined("/b;"))
        assert contents(client.sock, 2, 65536) == ["1 /a;", "1 /b;"]
        client.sock.sendall(pipelined("/b;"))
    client.sock.sendall(pipelined("/live;"))
    assert contents(client.sock, 2, 65536) == ["1 /b;", "1 /live;"]
    client.close()


def test_a_switch_conforms_live_recording_and_replaying() -> None:
    """Whichever way its requests go, it is a socket."""

    def script(peer: Peer) -> None:
        for octets in ANSWERS:
            peer.read_head()
            peer.send(octets)

    def connect_to(server: OriginServer) -> Callable[[], socket.socket]:
        return lambda: cast("socket.socket", SwitchSocket(server.origin, server.connect))

    with OriginServer(script) as server:
        check_socket(connect_to(server))
        with using(Cassette(mode="all")) as cassette:
            check_socket(connect_to(server))
        played = [(exchange, 1) for exchange in cassette.exchanges]
        with using(Cassette(mode="none", recorded=played, existed=True)):
            check_socket(connect_to(server))
