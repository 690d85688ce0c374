"""Tests of `cassettes.transports`: asyncio's streams and protocols over real servers, recordings and replays."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from cassettes.cassette import Cassette
from cassettes.current import enter, leave
from cassettes.errors import CassetteError, CassetteStall, NoMatch
from cassettes.exchange import Exchange, How
from cassettes.transports import SwitchTransport, connect

from .origin import TIMEOUT, OriginServer, Peer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


@contextmanager
def using(cassette: Cassette) -> Iterator[Cassette]:
    """Make *cassette* current."""
    enter(cassette)
    try:
        yield cassette
    finally:
        leave(cassette)
        cassette.end()


async def opened(
    server: OriginServer, factory: Callable[[], Any] | None = None, *, http: bool = True
) -> tuple[SwitchTransport, Any]:
    """A connection to *server*, with asyncio's own protocol of streams."""
    loop = asyncio.get_running_loop()

    def dial(protocol: Callable[[], asyncio.BaseProtocol]) -> Any:
        return loop.create_connection(protocol, "127.0.0.1", server.port)

    factory = factory or (lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()))
    return await connect(loop, server.origin, factory, dial, http=http)


async def streams(server: OriginServer, *, http: bool = True) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """What `asyncio.open_connection` would return."""
    reader = asyncio.StreamReader()
    transport, protocol = await opened(server, lambda: asyncio.StreamReaderProtocol(reader), http=http)
    return reader, asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())


def recorded(script: Callable[[Peer], None], program: Callable[[OriginServer], Coroutine[Any, Any, None]]) -> Cassette:
    """Record what *program* does with a server that runs *script*."""
    with OriginServer(script) as server, using(Cassette(mode="all")) as cassette:
        asyncio.run(program(server))
    return cassette


def replay(cassette: Cassette, program: Callable[[OriginServer], Coroutine[Any, Any, None]]) -> Cassette:
    """Replay *cassette* to *program*; its server is never asked."""
    exchanges = [(exchange, 1) for exchange in cassette.exchanges]
    with OriginServer(lambda _: None) as server:
        server.origin = exchanges[0][0].request.origin
        with using(Cassette(mode="none", recorded=exchanges)) as replayed:
            asyncio.run(program(server))
        assert not server.peers
    return replayed


def only(cassette: Cassette) -> Exchange:
    """The one exchange that was recorded."""
    (exchange,) = cassette.exchanges
    return exchange


def closing(peer: Peer) -> None:
    """Answer, and close."""
    peer.read_head()
    peer.send(b"HTTP/1.1 200 OK\r\n\r\nto the end")


def half(peer: Peer) -> None:
    """Answer with half of a body, and wait."""
    peer.read_head()
    peer.send(HEAD + b"half ")
    peer.read_to_end()


def test_the_servers_end_is_the_streams_end() -> None:
    """The client's own side stays open, as over a real connection."""

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        assert (await reader.read()).endswith(b"to the end")
        assert not writer.is_closing()
        writer.close()
        await writer.wait_closed()

    cassette = recorded(closing, program)
    assert only(cassette).end.how is How.COMPLETE
    replay(cassette, program)


def test_a_reset_breaks_the_stream() -> None:
    """What came before is read before."""
    read = threading.Event()

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(HEAD + b"half ")
        assert read.wait(TIMEOUT)
        peer.reset()

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        await reader.readuntil(b"half ")
        read.set()
        with pytest.raises(ConnectionResetError):
            await reader.read()

    cassette = recorded(script, program)
    assert only(cassette).end.how is How.RESET
    replay(cassette, program)


def test_a_client_that_closes_early_is_no_time_out() -> None:
    """It did not wait; reading on in a replay, without any time-out, is an error and no endless wait."""

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        await reader.readuntil(b"half ")
        writer.close()
        await writer.wait_closed()

    async def reads_on(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        await reader.readuntil(b"half ")
        with pytest.raises(CassetteStall):
            await reader.read()

    cassette = recorded(half, program)
    assert only(cassette).end.how is How.CLIENT_CLOSED
    replay(cassette, program)
    replay(cassette, reads_on)


def test_a_time_out_is_the_programs_own() -> None:
    """Recorded as one, since the client gave up; replayed by setting the loop's clock forward."""

    def giving_up(seconds: float) -> Callable[[OriginServer], Coroutine[Any, Any, None]]:
        async def program(server: OriginServer) -> None:
            reader, writer = await streams(server)
            writer.write(GET)
            await reader.readuntil(b"half ")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(), seconds)
            writer.close()
            await writer.wait_closed()

        return program

    cassette = recorded(half, giving_up(0.25))
    assert only(cassette).end.how is How.TIMEOUT
    replay(cassette, giving_up(1e5))


class Collecting(asyncio.Protocol):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost: list[Exception | None] = []
        self.over = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Keep *data*."""
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep *exc*."""
        self.lost.append(exc)
        self.over.set_result(None)


class Filling(asyncio.BufferedProtocol):
    """Brings a buffer of its own, which is small."""

    def __init__(self) -> None:
        self.buffer = bytearray(7)
        self.data = bytearray()
        self.over = asyncio.get_running_loop().create_future()

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002  asyncio's signature
        """Return the buffer."""
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Keep what came."""
        self.data += self.buffer[:nbytes]

    def connection_lost(self, exc: Exception | None) -> None:
        """Note it."""
        self.over.set_result(exc)


@pytest.mark.parametrize("factory", [Collecting, Filling])
def test_protocols_of_both_kinds_are_served(factory: Callable[[], Any]) -> None:
    """Each is told once that its connection is lost."""

    async def program(server: OriginServer) -> None:
        transport, protocol = await opened(server, factory)
        transport.writelines([GET[:10], GET[10:]])
        await protocol.over
        assert protocol.data.endswith(b"to the end")
        assert transport.is_closing()

    replay(recorded(closing, program), program)


def test_a_protocol_that_pauses_is_given_nothing() -> None:
    """Until it goes on."""

    async def program(server: OriginServer) -> None:
        transport, protocol = await opened(server, Collecting)
        transport.pause_reading()
        assert not transport.is_reading()
        transport.write(GET)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not protocol.data
        transport.resume_reading()
        await protocol.over
        assert protocol.data

    replay(recorded(closing, program), program)


def test_a_protocol_that_fails_over_data_loses_its_connection() -> None:
    """And the loop is told, as by a real transport."""

    class Failing(Collecting):
        def data_received(self, data: bytes) -> None:
            raise ZeroDivisionError(len(data))

    told: list[dict[str, Any]] = []

    async def program(server: OriginServer) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        transport, protocol = await opened(server, Failing)
        transport.write(GET)
        await protocol.over
        assert [type(error) for error in protocol.lost] == [ZeroDivisionError]

    cassette = recorded(closing, program)
    replay(cassette, program)
    assert [type(context["exception"]) for context in told] == [ZeroDivisionError, ZeroDivisionError]


def test_a_miss_is_what_the_reader_raises() -> None:
    """Nothing is written any more to a connection that a cassette has ended."""

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        with pytest.raises(NoMatch):
            await reader.read()
        with pytest.raises(NoMatch):
            await writer.drain()

    with OriginServer(half) as server, using(Cassette(mode="none", existed=True)) as cassette:
        asyncio.run(program(server))
    assert len(cassette.misses) == 1


def test_an_exchange_that_cannot_be_kept_is_an_error_of_the_connection() -> None:
    """Before the client is given what was not kept."""

    def keep(_: Exchange) -> Exchange:
        raise CassetteError("the disk is full")

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        with pytest.raises(CassetteError, match="disk"):
            await reader.read()

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(answer(b"A"))
        peer.read_to_end()

    with OriginServer(script) as server, using(Cassette(mode="all", keep=keep)):
        asyncio.run(program(server))


def test_a_real_connection_that_is_lost_during_a_replay_is_made_anew() -> None:
    """The replay is not disturbed by it."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(answer(b"A"))
        peer.read_until(b"bye")

    async def record(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        await reader.readuntil(b"A")
        writer.close()

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server)
        writer.write(GET)
        await reader.readuntil(b"A")
        with using(Cassette(mode="none", recorded=[(only(cassette), 1)])):
            writer.write(GET)
            server.peers[1].sock.shutdown(socket.SHUT_RDWR)
            await asyncio.to_thread(server.wait_for, 2)
            assert (await reader.readuntil(b"A")).startswith(b"HTTP/1.1 200")
        writer.write(GET)
        await reader.readuntil(b"A")
        writer.close()

    with OriginServer(script) as server:
        with using(Cassette(mode="all")) as cassette:
            asyncio.run(record(server))
        asyncio.run(program(server))
        assert len(server.peers) == 3


def test_what_is_no_http_is_let_through() -> None:
    """Where nobody knows beforehand what will be spoken: a database's client in the middle of a replay."""

    def script(peer: Peer) -> None:
        peer.read_until(b"PING\r\n")
        peer.send(b"+PONG\r\n")

    async def program(server: OriginServer) -> None:
        reader, writer = await streams(server, http=False)
        writer.write(b"*1\r\n$4\r\n")
        writer.write(b"PING\r\n")
        assert await reader.read() == b"+PONG\r\n"
        writer.close()
        await writer.wait_closed()

    with OriginServer(script) as server, using(Cassette(mode="none", existed=True)) as cassette:
        asyncio.run(program(server))
    cassette.verify()


def test_what_a_replayed_connection_says_of_itself() -> None:
    """What is known without a network, else what was asked for."""

    async def program(server: OriginServer) -> None:
        transport, _ = await opened(server)
        assert transport.get_extra_info("peername") == ("127.0.0.1", server.port)
        assert transport.get_extra_info("sslcontext") is None
        assert transport.get_extra_info("compression", "none") == "none"
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert sock.getpeername() == transport.get_extra_info("peername")
        assert sock.family == socket.AF_INET
        assert transport.can_write_eof()
        assert transport.get_write_buffer_size() == 0
        transport.abort()

    with OriginServer(half) as server, using(Cassette(mode="none", existed=True)):
        asyncio.run(program(server))
