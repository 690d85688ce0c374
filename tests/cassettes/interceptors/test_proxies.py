"""Tests of requests through a proxy: recorded as the origin's, and replayed without the proxy."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests
import trustme

import httplib_sim.client
from cassettes.store import load
from cassettes.use import use_cassette
from fake_server import FakeServer
from fake_server.unreachable import RefusedPort
from httplib_sim.waist import Origin
from tests.cassettes.origin import TIMEOUT, OriginServer, Peer, answer

from .sessions import Aiohttp, Answer, AsyncHttpx, BlockingHttpx, Session, TrioHttpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CA = trustme.CA()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def proxy(peer: Peer) -> None:
    """Open a tunnel for CONNECT; answer what is asked in absolute form."""
    head = peer.read_head()
    if not head.startswith(b"CONNECT "):
        peer.send(answer(head.split()[1]))
        return
    host, _, port = head.split()[1].decode().rpartition(":")
    with socket.create_connection((host, int(port)), TIMEOUT) as upstream:
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        thread = threading.Thread(target=_pump, args=(upstream, peer.sock))
        thread.start()
        _pump(peer.sock, upstream)
        thread.join(TIMEOUT)


def echo(peer: Peer) -> None:
    """Answer with the target."""
    while True:
        peer.send(answer(peer.read_head().split()[1]))


def session(kind: type[Session], proxy_url: str, tls: ssl.SSLContext | None) -> Session:
    """A session that uses the proxy."""
    made = kind(tls)
    if isinstance(made, BlockingHttpx):
        made.client = httpx.Client(verify=tls or False, proxy=proxy_url, timeout=TIMEOUT)
    elif isinstance(made, AsyncHttpx):
        made.client = httpx.AsyncClient(verify=tls or False, proxy=proxy_url, timeout=TIMEOUT)
    return made


class ProxiedAiohttp(Aiohttp):
    """aiohttp.ClientSession; the proxy is an argument of the request."""

    proxy = ""

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        async with self.client.request(method, url, headers=fields, data=body, proxy=self.proxy) as response:
            return Answer(response.status, tuple(response.headers.items()), await response.read())


@pytest.fixture
def relay() -> Iterator[OriginServer]:
    """The proxy."""
    with OriginServer(proxy) as server:
        yield server


KINDS = [BlockingHttpx, AsyncHttpx, TrioHttpx, ProxiedAiohttp]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tunnel_is_no_exchange(kind: type[Session], relay: OriginServer, tmp_path: Path) -> None:
    """What goes through it is the origin's; a replay needs neither, and one that needs the network opens the tunnel."""
    ProxiedAiohttp.proxy = relay.url
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("127.0.0.1").configure_cert(server_tls)
    trust = ssl.create_default_context()
    CA.configure_trust(trust)

    async def program(url: str, targets: list[str], tls: ssl.SSLContext) -> list[str]:
        async with session(kind, relay.url, tls) as client:
            return [await client.get(url + target) for target in targets]

    with OriginServer(echo, tls=server_tls) as server:
        assert kind.run(program, server.url, ["/a"], trust) == ["/a"]
        with use_cassette(tmp_path / "x.yaml") as cassette:
            assert kind.run(program, server.url, ["/a", "/b"], trust) == ["/a", "/b"]
        assert [exchange.request.url for exchange in cassette.exchanges] == [server.url + "/a", server.url + "/b"]
        assert {exchange.proxy for exchange in load(tmp_path / "x.yaml")} == {relay.origin}
        assert len(relay.peers) == 2
        with use_cassette(tmp_path / "x.yaml", mode="none"):
            assert kind.run(program, server.url, ["/a", "/b"], ssl.create_default_context()) == ["/a", "/b"]
        assert len(relay.peers) == 2
        with use_cassette(tmp_path / "x.yaml", mode="new_episodes") as cassette:
            assert kind.run(program, server.url, ["/a", "/c"], trust) == ["/a", "/c"]
        assert (len(cassette.played), len(cassette.recorded)) == (1, 1)
        assert len(relay.peers) == len(server.peers) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_in_absolute_form_is_the_origins(kind: type[Session], relay: OriginServer, tmp_path: Path) -> None:
    """Its target says whose it is."""
    ProxiedAiohttp.proxy = relay.url

    async def program() -> str:
        async with session(kind, relay.url, None) as client:
            return await client.get("http://origin.example/a")

    with use_cassette(tmp_path / "x.yaml"):
        assert kind.run(program) == "http://origin.example/a"
    [exchange] = load(tmp_path / "x.yaml")
    assert (exchange.request.url, exchange.request.origin.url) == ("http://origin.example/a", "http://origin.example")
    assert exchange.proxy == relay.origin
    assert "\norigin: http://origin.example\nproxy: " + relay.url in (tmp_path / "x.yaml").read_text()
    with use_cassette(tmp_path / "x.yaml", mode="none"):
        assert kind.run(program) == "http://origin.example/a"
    assert len(relay.peers) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_that_refuses_is_an_error_as_it_is_live(kind: type[Session], tmp_path: Path) -> None:
    """While recording, too."""
    errors: list[type[Exception]] = []

    def refuse(peer: Peer) -> None:
        peer.read_head()
        peer.send(answer(b"", status="407 Proxy Authentication Required"))

    async def program(url: str) -> None:
        async with session(kind, url, ssl.create_default_context()) as client:
            try:
                await client.get("https://origin.example/a")
            except (httpx.HTTPError, aiohttp.ClientError) as error:
                errors.append(type(error))

    with OriginServer(refuse) as server:
        ProxiedAiohttp.proxy = server.url
        kind.run(program, server.url)
        with use_cassette(tmp_path / "x.yaml"):
            kind.run(program, server.url)
    assert len(errors) == 2
    assert errors[0] is errors[1]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_that_is_not_there_is_an_error_as_it_is_live(kind: type[Session], scheme: str, tmp_path: Path) -> None:
    """While recording, and in the replay."""
    errors: list[type[Exception]] = []

    async def program(url: str) -> None:
        async with session(kind, url, ssl.create_default_context()) as client:
            try:
                await client.get(f"{scheme}://origin.example/a")
            except (httpx.HTTPError, aiohttp.ClientError) as error:
                errors.append(type(error))

    with RefusedPort() as port:
        ProxiedAiohttp.proxy = port.url
        kind.run(program, port.url)
        with use_cassette(tmp_path / "x.yaml"):
            kind.run(program, port.url)
    with use_cassette(tmp_path / "x.yaml", mode="none"):
        kind.run(program, port.url)
    assert len(errors) == 3
    assert len(set(errors)) == 1, errors


def test_a_tunnel_s_tls_within_the_proxy_s_is_recorded_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """urllib3 has a socket of its own for that, which knows less than ssl's."""
    path = tmp_path / "nested.yaml"
    with FakeServer(tls=True) as server, requests.Session() as session:
        for name, value in server.tls.client_env().items():
            monkeypatch.setenv(name, value)
        server.expect("/a").respond(data="x")
        session.proxies = {"https": server.url}
        for mode in ("once", "none"):
            with use_cassette(path, mode=mode):
                assert session.get("https://api.test/a", timeout=TIMEOUT).text == "x"
        assert len(server.journal) == 2
    (exchange,) = load(path)
    assert exchange.request.url == "https://api.test/a"
    assert exchange.proxy is not None
    assert exchange.proxy.url == server.url


@pytest.mark.parametrize("library", [http.client, httplib_sim.client], ids=["http.client", "httplib_sim.client"])
def test_a_tunnel_that_was_set_is_noted(tmp_path: Path, library: Any) -> None:
    """Before TLS or without; the proxy's credentials are its own, and in no file."""
    path = tmp_path / "x.yaml"
    with FakeServer() as server:
        server.expect("/a").respond(data="x")
        for mode in ("once", "none"):
            with use_cassette(path, mode=mode):
                connection = library.HTTPConnection(server.host, server.port, timeout=TIMEOUT)
                connection.set_tunnel("api.test", 80, {"Proxy-Authorization": "Basic c2VjcmV0OnNlY3JldA=="})
                connection.request("GET", "/a")
                assert connection.getresponse().read() == b"x"
                connection.close()
    (exchange,) = load(path)
    assert exchange.request.url == "http://api.test/a"
    assert exchange.proxy is not None
    assert exchange.proxy.url == server.url
    assert "c2Vj" not in path.read_text()


def test_what_blocking_clients_ask_a_proxy_for_is_the_origins(tmp_path: Path) -> None:
    """Requests and urllib.request; each replays what the other has recorded, with the proxy or without."""
    path = tmp_path / "x.yaml"
    with FakeServer() as server:
        server.expect("/a").respond(data="x")
        with use_cassette(path), requests.Session() as session:
            session.proxies = {"http": server.url}
            assert session.get("http://api.test/a", timeout=TIMEOUT).text == "x"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with use_cassette(path, mode="none"), opener.open("http://api.test/a", timeout=TIMEOUT) as response:
        assert response.read() == b"x"
    (exchange,) = load(path)
    assert exchange.request.origin.url == "http://api.test"
    assert exchange.proxy == Origin("http", server.host, server.port)
