"""Tests of `cassettes.interceptors.asyncio_streams`: which connections of asyncio are ours."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cassettes.blocking import network
from cassettes.cassette import Cassette
from cassettes.current import enter, leave
from cassettes.errors import CassetteError, NetworkBlocked, NoMatch
from cassettes.transports import SwitchTransport
from cassettes.use import use_cassette
from fake_server import FakeServer
from httplib_sim import HTTPConnection
from tests.cassettes.origin import OriginServer, Peer, answer, answering

from .test_contract import contexts

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator


def pong(peer: Peer) -> None:
    """Speak something that is no HTTP."""
    while True:
        peer.read_until(b"PING\r\n")
        peer.send(b"+PONG\r\n")


@contextmanager
def replaying() -> Iterator[Cassette]:
    """Replay a cassette in which nothing is recorded."""
    cassette = Cassette(mode="none", existed=True)
    enter(cassette)
    try:
        yield cassette
    finally:
        leave(cassette)


async def ping(server: OriginServer, sock: socket.socket | None = None) -> type:
    """Speak it; return the class of the transport."""
    if sock is not None:
        reader, writer = await asyncio.open_connection(sock=sock)
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"*1\r\n$4\r\nPING\r\n")
    assert await reader.readline() == b"+PONG\r\n"
    writer.close()
    await writer.wait_closed()
    return type(writer.transport)


def test_without_a_cassette_asyncio_is_left_alone(tmp_path: Path) -> None:
    """Most of what is connected in this way is no HTTP."""
    use_cassette(tmp_path / "x.yaml")
    with OriginServer(pong) as server:
        assert asyncio.run(ping(server)) is not SwitchTransport


def test_what_is_no_http_passes_through_a_cassette(tmp_path: Path) -> None:
    """A program's data base goes on working, and is not recorded."""
    with OriginServer(pong) as server, use_cassette(tmp_path / "x.yaml") as cassette:
        assert asyncio.run(ping(server)) is SwitchTransport
    assert not cassette.exchanges


def test_a_socket_that_the_program_has_connected_is_its_own(tmp_path: Path) -> None:
    """Only what is to be connected to a host is intercepted."""
    with OriginServer(pong) as server, use_cassette(tmp_path / "x.yaml"):
        sock = server.connect()
        sock.setblocking(False)
        assert asyncio.run(ping(server, sock)) is not SwitchTransport


def test_what_a_cassette_does_not_know_is_connected_at_once() -> None:
    """In the middle of a replay, too: the server may be the one that speaks first, and the client want a socket."""

    def mail(peer: Peer) -> None:
        peer.send(b"220 mail.example.org\r\n")
        peer.read_until(b"QUIT\r\n")

    async def program(server: OriginServer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await reader.readline() == b"220 mail.example.org\r\n"
        assert writer.get_extra_info("socket") is not None
        writer.write(b"QUIT\r\n")
        assert await reader.read() == b""
        writer.close()

    with OriginServer(mail) as server, replaying():
        asyncio.run(program(server))


def test_a_request_that_a_cassette_does_not_know_is_not_sent() -> None:
    """Whatever has been connected for it."""

    async def program(server: OriginServer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /secret HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(NoMatch):
            await reader.read()

    with OriginServer(pong) as server:
        with replaying() as cassette:
            asyncio.run(program(server))
        server.wait_for(1)
        assert not server.peers[0].received
    assert len(cassette.misses) == 1


@pytest.mark.parametrize("line", [b"GET /secret HTTP/1.1 ", b"GET /secret", b"\x16\x03\x01"])
def test_what_is_hardly_a_request_is_refused_where_the_cassette_knows_the_server(line: bytes, tmp_path: Path) -> None:
    """In a replay nothing goes to such a server: some would take it for a request."""

    async def program(server: FakeServer) -> None:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(line + b"\r\nHost: x\r\n\r\n")
        with pytest.raises(CassetteError):
            await reader.read()

    path = tmp_path / "x.yaml"
    with FakeServer() as server:
        server.expect_request("/").respond_with_data("hello")
        with use_cassette(path, mode="all"), HTTPConnection(server.host, server.port) as connection:
            connection.request("GET", "/")
            connection.getresponse().read()
        with pytest.raises(CassetteError), use_cassette(path, mode="none", strict=False):
            asyncio.run(program(server))
        assert len(server.journal) == 1


@pytest.mark.parametrize("mode", ["none", "new_episodes"])
def test_tls_that_begins_later_is_beneath_the_cassette(tmp_path: Path, mode: str) -> None:
    """Live, recorded, replayed without a server and without trust; what is recorded is the request, and no cipher."""
    server_tls, client_tls = contexts()

    async def ask(port: int, tls: ssl.SSLContext) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await writer.start_tls(tls, server_hostname="127.0.0.1")
            writer.write(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            return await reader.readexactly(40)
        finally:
            writer.close()
            await writer.wait_closed()

    path = tmp_path / "x.yaml"
    with OriginServer(answering(answer(b"up")), tls=server_tls) as server:
        live = asyncio.run(ask(server.port, client_tls))
        with use_cassette(path) as cassette:
            assert asyncio.run(ask(server.port, client_tls)) == live
    assert [exchange.request.url for exchange in cassette.exchanges] == [f"https://127.0.0.1:{server.port}/a"]
    with use_cassette(path, mode=mode):
        assert asyncio.run(ask(server.port, ssl.create_default_context())) == live


def test_tls_that_begins_after_something_else_was_spoken_is_let_through(tmp_path: Path) -> None:
    """STARTTLS of SMTP, say: nothing of it is HTTP."""
    server_tls, client_tls = contexts()

    def script(peer: Peer) -> None:
        peer.read_until(b"STARTTLS\r\n")
        peer.send(b"220 go\r\n")
        peer.sock = server_tls.wrap_socket(peer.sock, server_side=True)
        peer.read_until(b"QUIT\r\n")
        peer.send(b"221 bye\r\n")

    async def speak(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(b"STARTTLS\r\n")
            assert await reader.readline() == b"220 go\r\n"
            await writer.start_tls(client_tls, server_hostname="127.0.0.1")
            writer.write(b"QUIT\r\n")
            return await reader.readline()
        finally:
            writer.close()
            await writer.wait_closed()

    with OriginServer(script) as server, use_cassette(tmp_path / "x.yaml") as cassette:
        assert asyncio.run(speak(server.port)) == b"221 bye\r\n"
    assert not cassette.exchanges


@pytest.mark.parametrize("recording", [False, True])
def test_a_connection_that_is_forbidden_is_told_with_its_line(tmp_path: Path, recording: bool) -> None:
    """It is asked before a thread looks the name up: that one knows no line."""

    async def program() -> None:
        await asyncio.open_connection("api.example.com", 80)

    with network("block"), use_cassette(tmp_path / "x.yaml", strict=False) if recording else nullcontext():
        with pytest.raises(NetworkBlocked) as caught:
            asyncio.run(program())
        assert "got a connection to api.example.com, port 80 at " in str(caught.value)
        assert f"{Path(__file__).name}:{program.__code__.co_firstlineno + 1}." in str(caught.value)


@pytest.mark.parametrize("mode", ["none", "all"])
def test_a_connection_from_before_the_cassette_carries_no_request(tmp_path: Path, mode: str) -> None:
    """It can be neither replayed nor recorded; what is no HTTP goes on, and so does what is left alone."""
    arrived: list[bytes] = []

    def script(peer: Peer) -> None:
        while True:
            arrived.append(peer.read_until(b"\r\n\r\n"))
            peer.send(answer(b"up"))

    async def program(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        try:
            with use_cassette(tmp_path / "x.yaml", mode=mode, ignore="127.0.0.1"):
                writer.write(request)
                await reader.readuntil(b"up")
            with (  # noqa: PT012  it is at the end that it comes
                pytest.raises(CassetteError, match="got one from before"),
                use_cassette(tmp_path / "x.yaml", mode=mode),
            ):
                writer.write(b"PING\r\n\r\n")
                await reader.readuntil(b"up")
                writer.write(request)
            writer.writelines([request])
            await reader.readuntil(b"up")
        finally:
            writer.close()
            await writer.wait_closed()

    with OriginServer(script) as server:
        asyncio.run(program(server.port))
    assert [head.split()[0] for head in arrived] == [b"GET", b"PING", b"GET"]
