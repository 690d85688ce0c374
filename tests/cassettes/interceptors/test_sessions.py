"""Tests of what a client keeps in its pool: each request belongs to the cassette that is current when it begins."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import http.client
import itertools
import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import httpx
import pytest
import trio
import trustme

from cassettes import store
from cassettes.errors import CassetteError, NoMatch
from cassettes.exchange import How
from cassettes.use import use_cassette
from fake_server import FakeServer
from tests.cassettes.origin import TIMEOUT, OriginServer, Peer, answer, answering

from .blocking import BLOCKING
from .sessions import CLIENTS, POOLS, Aiohttp, AsyncHttpx, Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

CA = trustme.CA()


class Origin:
    """A server whose every answer differs: how many it has given, and the target."""

    def __init__(self, *, tls: bool) -> None:
        context = None
        self.trust: ssl.SSLContext | None = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            CA.issue_cert("127.0.0.1").configure_cert(context)
            context.set_alpn_protocols(["h2", "http/1.1"])
            self.trust = ssl.create_default_context()
            CA.configure_trust(self.trust)
        self._numbers = itertools.count(1)
        self.server = OriginServer(self._script, tls=context)

    def url(self, target: str) -> str:
        """The URL of *target*."""
        return self.server.url + target

    @property
    def requests(self) -> int:
        """How many requests came, on however many connections."""
        return sum(peer.received.count(b"GET /") for peer in self.server.peers)

    def _script(self, peer: Peer) -> None:
        while True:
            target = peer.read_head().split()[1]
            peer.send(answer(b"%d %s" % (next(self._numbers), target)))


@pytest.fixture(params=[False, True], ids=["http", "https"])
def origin(request: pytest.FixtureRequest) -> Iterator[Origin]:
    """A server, without TLS and with."""
    origin = Origin(tls=request.param)
    with origin.server:
        yield origin


@pytest.fixture
def plain() -> Iterator[Origin]:
    """A server without TLS."""
    origin = Origin(tls=False)
    with origin.server:
        yield origin


@pytest.fixture(params=POOLS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which client."""
    return str(request.param)


def run(kind: str, program: Callable[[Callable[..., Session]], Coroutine[Any, Any, None]]) -> None:
    """Run *program* with a maker of sessions of this *kind*."""
    CLIENTS[kind].run(program, CLIENTS[kind])


def test_one_session_goes_live_a_b_live_recording_live(kind: str, origin: Origin, tmp_path: Path) -> None:
    """On one pooled connection."""

    async def program(make: Callable[..., Session]) -> None:
        for name in "AB":
            async with make(origin.trust) as session:
                with use_cassette(tmp_path / f"{name}.yaml"):
                    await session.get(origin.url("/x"))  # 1 in A, 2 in B
        before = len(origin.server.peers)
        async with make(origin.trust) as session:
            said = [await session.get(origin.url("/x"))]
            for name in "AB":
                with use_cassette(tmp_path / f"{name}.yaml", mode="none"):
                    said.append(await session.get(origin.url("/x")))
            said.append(await session.get(origin.url("/x")))
            with use_cassette(tmp_path / "C.yaml") as cassette:
                said.append(await session.get(origin.url("/x")))
            said.append(await session.get(origin.url("/x")))
        assert said == ["3 /x", "1 /x", "2 /x", "4 /x", "5 /x", "6 /x"]
        assert [exchange.response.text for exchange in cassette.exchanges if exchange.response] == ["5 /x"]
        assert len(origin.server.peers) == before + 1

    run(kind, program)


def test_a_pooled_real_connection_carries_no_request_out_of_a_replay(kind: str, origin: Origin, tmp_path: Path) -> None:
    """What the cassette does not answer is a NoMatch, raised as it is, and the server sees nothing of it."""

    async def program(make: Callable[..., Session]) -> None:
        async with make(origin.trust) as session:
            with use_cassette(tmp_path / "x.yaml"):
                await session.get(origin.url("/a"))
            with pytest.raises(NoMatch), use_cassette(tmp_path / "x.yaml", mode="none", strict=False) as cassette:
                await session.get(origin.url("/secret"))
            assert len(cassette.misses) == 1
        assert origin.requests == 1

    run(kind, program)


def test_a_miss_that_the_program_swallows_is_raised_at_the_end(kind: str, plain: Origin, tmp_path: Path) -> None:
    """Once, however careless the program is."""

    async def program(make: Callable[..., Session]) -> None:
        async with make() as session:
            with use_cassette(tmp_path / "x.yaml"):
                await session.get(plain.url("/a"))
            with (
                pytest.raises(NoMatch),
                use_cassette(tmp_path / "x.yaml", strict=False) as cassette,
                suppress(Exception),
            ):
                await session.get(plain.url("/b"))
            assert len(cassette.misses) == 1

    run(kind, program)


def test_a_connection_born_in_a_replay_dials_when_it_needs_the_network(
    kind: str, origin: Origin, tmp_path: Path
) -> None:
    """TLS and all: after the replay, and for what is added to a cassette."""

    async def program(make: Callable[..., Session]) -> None:
        path = tmp_path / "x.yaml"
        async with make(origin.trust) as session:
            with use_cassette(path):
                await session.get(origin.url("/a"))
        async with make(origin.trust) as session:
            with use_cassette(path, mode="new_episodes") as cassette:
                assert await session.get(origin.url("/a")) == "1 /a"
                assert len(origin.server.peers) == 1
                assert await session.get(origin.url("/b")) == "2 /b"
            assert await session.get(origin.url("/c")) == "3 /c"
        assert len(origin.server.peers) == 2
        assert (len(cassette.played), len(cassette.recorded)) == (1, 1)

    run(kind, program)


def test_a_replay_needs_no_server_and_no_certificate(kind: str, origin: Origin, tmp_path: Path) -> None:
    """The origin is down, and nobody trusts it."""

    async def record(make: Callable[..., Session]) -> None:
        async with make(origin.trust) as session:
            with use_cassette(tmp_path / "x.yaml"):
                assert [await session.get(origin.url("/a")) for _ in range(3)] == ["1 /a", "2 /a", "3 /a"]

    async def replay(make: Callable[..., Session]) -> None:
        async with make() as session:
            with use_cassette(tmp_path / "x.yaml", mode="none"):
                assert [await session.get(origin.url("/a")) for _ in range(3)] == ["1 /a", "2 /a", "3 /a"]

    run(kind, record)
    origin.server.stop()
    run(kind, replay)
    assert {exchange.connection for exchange in store.load(tmp_path / "x.yaml")} == {1}


def test_errors_of_connecting_come_as_they_come_live(kind: str, plain: Origin, tmp_path: Path) -> None:
    """While recording, and when a replay needs the network after all."""
    plain.server.stop()
    errors: list[type[Exception]] = []

    async def fail(session: Session) -> None:
        try:
            await session.get(plain.url("/a"))
        except Exception as error:  # noqa: BLE001  whatever the client raises
            errors.append(type(error))

    async def program(make: Callable[..., Session]) -> None:
        async with make() as session:
            await fail(session)
            with use_cassette(tmp_path / "x.yaml"):
                await fail(session)

    run(kind, program)
    assert len(errors) == 2
    assert errors[0] is errors[1]


@pytest.mark.parametrize("kind", ["httpx-asyncio", "aiohttp"])
def test_tasks_with_a_cassette_each_do_not_mix(kind: str, plain: Origin, tmp_path: Path) -> None:
    """Eight at once, on one session, first recording and then replaying."""

    async def program(make: Callable[..., Session]) -> None:
        async with make() as session:

            async def task(number: int, mode: str) -> list[str]:
                async with use_cassette(tmp_path / f"{number}.yaml", mode=mode, local=True):
                    await barrier.wait()
                    said = [await session.get(plain.url(f"/{number}/{turn}")) for turn in range(5)]
                    await barrier.wait()
                    return said

            barrier = asyncio.Barrier(8)
            live = await asyncio.gather(*[task(number, "once") for number in range(8)])
            assert plain.requests == 40
            assert await asyncio.gather(*[task(number, "none") for number in range(8)]) == live
            assert plain.requests == 40
        for number in range(8):
            targets = [exchange.request.target for exchange in store.load(tmp_path / f"{number}.yaml")]
            assert targets == [f"/{number}/{turn}" for turn in range(5)]

    run(kind, program)


def test_tasks_of_trio_with_a_cassette_each_do_not_mix(plain: Origin, tmp_path: Path) -> None:
    """As on asyncio."""
    said: dict[tuple[int, str], list[str]] = {}

    async def program(make: Callable[..., Session]) -> None:
        async with make() as session:

            async def task(number: int, mode: str) -> None:
                async with use_cassette(tmp_path / f"{number}.yaml", mode=mode, local=True):
                    said[number, mode] = [await session.get(plain.url(f"/{number}/{turn}")) for turn in range(5)]

            for mode in ("once", "none"):
                async with trio.open_nursery() as nursery:
                    for number in range(8):
                        nursery.start_soon(task, number, mode)

    run("httpx-trio", program)
    assert plain.requests == 40
    for number in range(8):
        assert said[number, "once"] == said[number, "none"]
        assert len(store.load(tmp_path / f"{number}.yaml")) == 5


def test_an_async_function_can_be_decorated(kind: str, plain: Origin, tmp_path: Path) -> None:
    """Each call has the cassette."""

    async def program(make: Callable[..., Session]) -> None:
        @use_cassette(tmp_path / "x.yaml")
        async def get() -> str:
            async with make() as session:
                return await session.get(plain.url("/a"))

        assert [await get(), await get()] == ["1 /a", "1 /a"]
        assert plain.requests == 1

    run(kind, program)


def silent(peer: Peer) -> None:
    """Read a request, and never answer."""
    peer.read_head()
    peer.read_to_end()


def half(peer: Peer) -> None:
    """Answer a request with half of a body, and then with nothing."""
    peer.read_head()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ")
    peer.read_to_end()


@pytest.mark.parametrize("kind", ["httpx-asyncio", "aiohttp"])
@pytest.mark.parametrize("script", [silent, half])
def test_a_time_out_of_the_program_is_replayed_at_once(
    kind: str, script: Callable[[Peer], None], tmp_path: Path
) -> None:
    """One that is shorter than the client's own: what comes first live, comes first in a replay."""
    path = tmp_path / "x.yaml"

    async def attempt(make: Callable[..., Session], patience: float) -> None:
        async with make(patience=patience * 10) as session:
            with use_cassette(path), pytest.raises(TimeoutError):
                async with asyncio.timeout(patience):
                    await session.get(server.url + "/a")

    with OriginServer(script) as server:
        CLIENTS[kind].run(attempt, CLIENTS[kind], 0.25)
    assert store.load(path)[0].end.how is How.TIMEOUT
    CLIENTS[kind].run(attempt, CLIENTS[kind], 1e5)


def test_a_time_out_of_a_trio_program_is_replayed(tmp_path: Path) -> None:
    """In real time, since trio's clock is nobody else's to set."""

    async def attempt(make: Callable[..., Session]) -> None:
        async with make() as session:
            with use_cassette(tmp_path / "x.yaml"), pytest.raises(trio.TooSlowError), trio.fail_after(0.25):
                await session.get(server.url + "/a")

    with OriginServer(silent) as server:
        run("httpx-trio", attempt)
        run("httpx-trio", attempt)
    assert len(server.peers) == 1


@pytest.mark.parametrize("script", [silent, half])
def test_a_time_out_is_replayed_at_once(kind: str, script: Callable[[Peer], None], tmp_path: Path) -> None:
    """As the client's own exception: its time-out, in the replay, is longer than this test may take."""
    raised: list[BaseException] = []

    async def attempt(make: Callable[..., Session], patience: float) -> None:
        async with make(patience=patience) as session:
            with use_cassette(tmp_path / "x.yaml") as cassette:
                try:
                    await session.get(server.url + "/a")
                except Exception as error:  # noqa: BLE001  whatever the client raises
                    raised.append(error)
        cassettes.append(cassette)

    cassettes: list[Any] = []
    with OriginServer(script) as server:
        CLIENTS[kind].run(attempt, CLIENTS[kind], 0.25)
    (exchange,) = cassettes[0].recorded
    assert exchange.end.how is How.TIMEOUT
    CLIENTS[kind].run(attempt, CLIENTS[kind], 1e5)
    assert type(raised[0]) is type(raised[1])
    assert not isinstance(raised[1], CassetteError)


@pytest.mark.parametrize("kind", ["http.client", "urllib3", "requests", "botocore", "httplib2"])
def test_a_blocking_pool_goes_from_the_network_to_cassettes_and_back(kind: str, origin: Origin, tmp_path: Path) -> None:
    """Live, A, B, live, recording, live: one pooled connection, and no request escapes or meets the wrong cassette."""
    client = BLOCKING[kind]
    a, b, c = (tmp_path / f"{name}.yaml" for name in "abc")

    async def program() -> list[str]:
        said = []
        async with client(origin.trust) as session:
            for path in (a, b):
                with use_cassette(path):
                    said.append(await session.get(origin.url("/x")))
            before = origin.requests
            said.append(await session.get(origin.url("/live")))
            for path in (a, b):
                with use_cassette(path, mode="none"):
                    said.append(await session.get(origin.url("/x")))
            said.append(await session.get(origin.url("/live")))
            with use_cassette(c, mode="new_episodes"):
                said.append(await session.get(origin.url("/new")))
            said.append(await session.get(origin.url("/live")))
            assert origin.requests == before + 4
        return said

    assert asyncio.run(program()) == [
        "1 /x", "2 /x", "3 /live", "1 /x", "2 /x", "4 /live", "5 /new", "6 /live",
    ]  # fmt: skip
    assert [exchange.request.target for exchange in store.load(c)] == ["/new"]


@pytest.mark.parametrize("kind", ["http.client", "urllib3", "requests"])
def test_a_storm_of_threads_stays_in_the_replay(kind: str, plain: Origin, tmp_path: Path) -> None:
    """Eight threads, four hundred requests: none reaches the network, and each gets its answer."""
    client, path = BLOCKING[kind], tmp_path / "storm.yaml"

    def storm() -> list[str]:
        def run(number: int) -> list[str]:
            async def program() -> list[str]:
                async with client(None) as session:
                    return [await session.get(plain.url(f"/{number}/{turn}")) for turn in range(50)]

            return asyncio.run(program())

        with ThreadPoolExecutor(8) as pool:
            return [said.partition(" ")[2] for answers in pool.map(run, range(8)) for said in answers]

    expected = [f"/{number}/{turn}" for number in range(8) for turn in range(50)]
    with use_cassette(path):
        assert storm() == expected
    assert plain.requests == 400
    with use_cassette(path, mode="none") as cassette:
        assert storm() == expected
        assert not cassette.unused
    assert plain.requests == 400


def take_chunks(peer: Peer) -> None:
    """Ask for the body where that is expected, and answer with what came."""
    while True:
        if b"100-continue" in peer.read_head().lower():
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        peer.send(answer(peer.read_until(b"0\r\n\r\n")))


@pytest.mark.parametrize("kind", ["httpx-asyncio", "httpx-trio", "aiohttp"])
def test_a_body_that_is_sent_piece_by_piece_is_one_request(kind: str, tmp_path: Path) -> None:
    """Sent only once the server has said so, where the client can do that."""
    chunks = "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async def program(make: Callable[..., Session]) -> None:
        async with make() as session:
            for mode in ("once", "none"):
                with use_cassette(tmp_path / "x.yaml", mode=mode) as cassette:
                    if isinstance(session, Aiohttp):
                        async with session.client.post(server.url, data=pieces(), expect100=True) as response:
                            assert await response.text() == chunks
                    elif isinstance(session, AsyncHttpx):
                        assert (await session.client.post(server.url, content=pieces())).text == chunks
                assert [exchange.request.content for exchange in cassette.exchanges] == [b"onetwo"]

    with OriginServer(take_chunks) as server:
        run(kind, program)


def test_a_websocket_that_is_older_than_the_cassette_goes_on(tmp_path: Path) -> None:
    """What it carries is no request."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
        while True:
            peer.send(peer.read_head())

    async def program() -> None:
        async with httpx.AsyncClient(timeout=10) as client:
            headers = {"Connection": "upgrade", "Upgrade": "x"}
            async with client.stream("GET", server.url, headers=headers) as response:
                stream = response.extensions["network_stream"]
                for mode in ("all", "none"):
                    with use_cassette(tmp_path / "x.yaml", mode=mode, strict=False) as cassette:
                        await stream.write(b"frame\r\n\r\n", 10)
                        assert await stream.read(100, 10) == b"frame\r\n\r\n"
                    assert not cassette.recorded

    with OriginServer(script) as server, OriginServer(answering(answer(b"A"))) as other:
        with use_cassette(tmp_path / "x.yaml"), httpx.Client() as client:
            client.get(other.url + "/a")
        asyncio.run(program())


def test_what_asks_for_a_web_socket_is_recorded_as_a_request(tmp_path: Path) -> None:
    """It begins as one: the cassette can be read again, whatever the URL's scheme is called."""

    async def program(server: FakeServer) -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(server.url_for("/").replace("http", "ws"))

    path = tmp_path / "x.yaml"
    with FakeServer() as server, use_cassette(path, mode="all"):
        server.expect_request("/").respond_with_data("no", status=404)
        asyncio.run(program(server))
    assert [exchange.request.origin.scheme for exchange in store.load(path)] == ["http"]


def test_a_web_socket_goes_on_while_recording_and_is_an_error_in_a_replay(tmp_path: Path) -> None:
    """At once, with what is to be done, rather than a wait for frames that nobody recorded."""

    def echo(peer: Peer) -> None:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", peer.read_head(), re.IGNORECASE)
        assert key is not None
        accept = base64.b64encode(hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        peer.send(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        peer.send(b"\x81\x02hi")
        peer.read_some(2)  # that it closes

    async def program() -> str:
        async with aiohttp.ClientSession() as session, session.ws_connect(server.url + "/ws") as socket:
            return await socket.receive_str(timeout=TIMEOUT)

    path = tmp_path / "x.yaml"
    with OriginServer(echo) as server:
        with use_cassette(path):
            assert asyncio.run(program()) == "hi"
        with pytest.raises(CassetteError, match="what goes over a web socket is not recorded"), use_cassette(path):
            asyncio.run(program())
    assert len(server.peers) == 1


def test_an_upgrade_to_http_2_is_an_error_in_a_replay(tmp_path: Path) -> None:
    """Where the server has agreed to it (RFC 7540 section 3.2): its frames are not recorded."""

    def switch(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
        peer.read_until(b"SM\r\n\r\n")
        peer.send(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        peer.read_to_end()

    def program() -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
        with contextlib.closing(connection):
            fields = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": ""}
            connection.request("GET", "/", headers=fields)
            connection.getresponse()
            connection.sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            return cast("bytes", connection.sock.recv(9))

    path = tmp_path / "x.yaml"
    with OriginServer(switch) as server:
        with use_cassette(path):
            assert len(program()) == 9
        with pytest.raises(CassetteError, match="the client speaks HTTP/2"), use_cassette(path):
            program()
    assert len(server.peers) == 1
