"""Tests of `cassettes.sockets`."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING, cast

import pytest

from cassettes.cassette import Cassette
from cassettes.errors import CassetteStall
from cassettes.exchange import Exchange, How
from cassettes.player import Canned, Player
from cassettes.recorder import Recorder
from cassettes.sockets import LiveSocket, MockSocket, RecordingSocket
from httplib_sim.waist import Origin

from .conformance import ANSWERS, REQUEST, check_socket
from .origin import OriginServer, Peer, answer, answering

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[OriginServer]:
    """A server that answers two requests of each connection, and closes."""

    def script(peer: Peer) -> None:
        for octets in ANSWERS:
            peer.read_head()
            peer.send(octets)

    with OriginServer(script) as server:
        yield server


def recording(server: OriginServer, exchanges: list[Exchange]) -> socket.socket:
    """A recording socket, for who wants a socket."""
    return cast("socket.socket", RecordingSocket(server.connect(), Recorder(server.origin, exchanges.append)))


def replaying(exchanges: list[Exchange]) -> socket.socket:
    """A mock socket that plays *exchanges*."""
    cassette = Cassette(mode="none", recorded=[(exchange, 1) for exchange in exchanges], existed=True)
    return cast("socket.socket", MockSocket(Player(exchanges[0].request.origin, cassette)))


def test_a_real_socket_conforms(server: OriginServer) -> None:
    """The conformance function says what is true of the standard library's sockets."""
    check_socket(server.connect)


def test_a_live_socket_conforms(server: OriginServer) -> None:
    """Telling requests apart is not seen from outside."""
    check_socket(lambda: cast("socket.socket", LiveSocket(server.connect())))


def test_a_recording_socket_conforms(server: OriginServer) -> None:
    """Nor is recording."""
    check_socket(lambda: recording(server, []))


def test_a_mock_socket_conforms(server: OriginServer) -> None:
    """Nor is it seen that there is no network."""
    exchanges: list[Exchange] = []
    sock = recording(server, exchanges)
    for number, octets in enumerate(ANSWERS):
        sock.sendall(REQUEST % number)
        receive(sock, len(octets))
    sock.close()
    assert [exchange.answer for exchange in exchanges] == list(ANSWERS)
    check_socket(lambda: replaying(exchanges))


def receive(sock: socket.socket, count: int) -> bytes:
    """Receive *count* octets, or all there are."""
    got = b""
    while len(got) < count and (piece := sock.recv(count - len(got))):
        got += piece
    return got


FORMS = [
    b"GET / HTTP/1.1\r\nX-Dup: a\r\nx-dup: b\r\nX-Dup: c\r\n\r\n",
    b"GET /?a HTTP/1.0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Type: x\r\n\r\n\x00\xff\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n2\r\nyz\r\n0\r\nT: 1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost:x\r\n\r\n",
    b"GET /a/../b//c HTTP/1.1\r\nFold: a\r\n b\r\n\r\n",
    b"\r\nGET /%7e?q=\xc3\xa9 HTTP/1.1\r\nOdd : x\r\nno colon\r\n\r\n",
    b"GET http://other/absolute HTTP/1.1\r\nHost: other\r\n\r\n",
    b"GET /pipelined HTTP/1.1\r\n\r\nGET /twice HTTP/1.1\r\n\r\n",
    b"GET /zero-nine\r\n",
    b"not HTTP at all\x00\x01\r\n\r\n",
]


@pytest.mark.parametrize("octets", FORMS)
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_recording_changes_no_octet_that_is_sent(octets: bytes, piece: int) -> None:
    """The server receives the same octets with the recorder and without."""
    with OriginServer(lambda peer: peer.read_to_end()) as server:
        for connect in (server.connect, lambda: recording(server, [])):
            sock = connect()
            for start in range(0, len(octets), piece):
                sock.sendall(octets[start : start + piece])
            sock.close()
            server.wait_for(1)
        assert [bytes(peer.received) for peer in server.peers] == [octets, octets]


@pytest.mark.parametrize(
    ("octets", "ends"),
    [
        (answer(b"x" * 100_000, "X-A:  b ", "x-a: c", status="299 Très bien"), False),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"late"), False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n01\r\nd\r\n0\r\nT: 1\r\n\r\n", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (answer(b"x", "Connection: close"), True),
        (b"HTTP/1.0 200\r\n\r\nuntil the end", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ntorn", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", True),
        (b"HTTP/1.1 200 O", True),
        (b"<h1>no HTTP</h1>", True),
        (b"", True),
    ],
)
def test_a_replay_gives_the_octets_that_were_received(octets: bytes, ends: bool) -> None:
    """Live, recording and replaying, the client receives the same octets, and then the same end."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(octets)

    exchanges: list[Exchange] = []
    with OriginServer(script) as server:
        received = []
        for connect in (server.connect, lambda: recording(server, exchanges), lambda: replaying(exchanges)):
            sock = connect()
            sock.sendall(REQUEST % 0)
            received.append(receive(sock, len(octets) + (1 if ends else 0)))
            sock.close()
        assert received == [octets, octets, octets]


def test_a_reset_is_replayed_as_one() -> None:
    """ConnectionResetError, after the octets that came before it."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        peer.read_until(b"now")
        peer.reset()

    exchanges: list[Exchange] = []
    with OriginServer(script) as server:
        sock = recording(server, exchanges)
        sock.sendall(REQUEST % 0)
        assert receive(sock, 42).endswith(b"half")
        sock.sendall(b"now")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
        sock.close()
    assert exchanges[0].end.how is How.RESET
    sock = replaying(exchanges)
    sock.sendall(REQUEST % 0)
    assert receive(sock, 42).endswith(b"half")
    with pytest.raises(ConnectionResetError):
        sock.recv(1)


def test_a_time_out_is_replayed_at_once() -> None:
    """The replay raises what the client raised, without waiting; but not where no time-out is set."""
    exchanges: list[Exchange] = []
    with OriginServer(lambda peer: peer.read_to_end()) as server:
        sock = recording(server, exchanges)
        sock.settimeout(0.01)
        sock.sendall(REQUEST % 0)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.close()
    assert exchanges[0].end.how is How.TIMEOUT
    sock = replaying(exchanges)
    sock.sendall(REQUEST % 0)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.settimeout(None)
    with pytest.raises(CassetteStall, match="no"):
        sock.recv(1)


def test_reading_past_the_recording_raises() -> None:
    """A live client would wait; a replay says so."""
    exchanges: list[Exchange] = []
    with OriginServer(answering(answer(b"x"))) as server:
        sock = recording(server, exchanges)
        sock.sendall(REQUEST % 0)
        receive(sock, len(answer(b"x")))
        sock.close()
    sock = replaying(exchanges)
    with pytest.raises(CassetteStall):
        sock.recv(1)
    sock.sendall(REQUEST % 0)
    assert receive(sock, len(answer(b"x"))) == answer(b"x")
    with pytest.raises(CassetteStall, match=r"GET http://127\.0\.0\.1:\d+/0"):
        sock.recv(1)


def test_the_first_octets_of_a_stream_come_at_their_live_moment() -> None:
    """Recording holds nothing back: the server sends the second piece only once the client has shown the first."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        peer.read_until(b"seen")
        peer.send(b"3\r\ntwo\r\n0\r\n\r\n")

    with OriginServer(script) as server:
        sock = recording(server, [])
        sock.sendall(REQUEST % 0)
        got = b""
        while not got.endswith(b"one\r\n"):
            got += sock.recv(65536)
        sock.sendall(b"seen")
        assert receive(sock, 13) == b"3\r\ntwo\r\n0\r\n\r\n"
        sock.close()


def test_a_mock_socket_by_hand() -> None:
    """A response in a test: octets in, a response out, and what was sent can be looked at."""
    sock = MockSocket(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    response = http.client.HTTPResponse(cast("socket.socket", sock))
    response.begin()
    assert (response.status, response.read()) == (200, b"hello")
    sock.sendall(b"anything")
    assert isinstance(sock.counterpart, Canned)
    assert sock.counterpart.sent_octets == b"anything"


def test_a_replay_needs_no_descriptor() -> None:
    """Only who asks for one gets one, and it is closed with the socket."""
    sock = MockSocket(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert sock.recv(8) == b"HTTP/1.1"
    assert sock._readiness is None
    assert sock.fileno() > 0
    sock.close()
    assert sock.fileno() == -1


def test_peers_can_be_named() -> None:
    """What a client asks of a connection that is none."""
    sock = MockSocket(Player(Origin("https", "example.com", 443), Cassette(mode="none", existed=True)), peer=("h", 1))
    assert sock.getpeername() == ("h", 1)
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
