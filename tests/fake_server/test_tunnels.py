"""One port is origin, forward proxy and CONNECT proxy."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest
import requests

from fake_server import FakeServer, Tunnel, WrongState

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    import ssl

CONNECT = b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n"


def tunnel(server: FakeServer, context: ssl.SSLContext | None, name: str = "api.test") -> RawClient:
    """Return a client within a tunnel, with TLS if there is a context."""
    sock = socket.create_connection((server.host, server.port), PATIENCE)
    sock.sendall(CONNECT)
    assert sock.recv(65_536) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    return RawClient(server, sock if context is None else context.wrap_socket(sock, server_hostname=name))


def test_a_tunnel_leads_to_the_server_itself(server: FakeServer) -> None:
    """With a certificate for whatever host is asked for, and any number of requests."""
    server.expect("/a").respond(data="x")
    with tunnel(server, server.tls.client_context()) as client:
        for _ in range(2):
            assert client.send(get("/a")).response().body.content == b"x"
    asked, *entries = server.journal
    assert (asked.method, asked.target, asked.outcome) == ("CONNECT", "api.test:443", "200")
    assert [entry.exchange.request.url for entry in entries] == ["https://api.test/a"] * 2
    server.verify()


def test_a_tunnel_without_tls(server: FakeServer) -> None:
    """What comes through a tunnel may as well be plain."""
    server.expect("/a").respond(data="x")
    with tunnel(server, None) as client:
        assert client.send(get("/a")).response().body.content == b"x"
    assert server.journal[1].exchange.request.url == "http://api.test:443/a"


def test_what_comes_with_connect_is_not_lost(server: FakeServer) -> None:
    """A client that does not wait for the 200 is served as well, if it speaks no TLS."""
    server.expect("/a").respond(data="x")
    assert ask(server, CONNECT + get("/a")).endswith(b"established\r\n\r\nHTTP/1.1 200 OK\r\n"
                                                     b"Content-Type: text/plain; charset=utf-8\r\n"
                                                     b"Content-Length: 1\r\n\r\nx")  # fmt: skip


def test_an_address_without_a_name_has_a_certificate(server: FakeServer) -> None:
    """A client names no address (RFC 6066 section 3): it is the one it has asked a tunnel to."""
    server.expect("/a").respond(data="x")
    proxies = {"https": server.url}
    answer = requests.get("https://192.0.2.7/a", proxies=proxies, verify=server.tls.ca_path, timeout=PATIENCE)
    assert answer.text == "x"


def test_requests_httpx_and_aiohttp_come_through(server: FakeServer) -> None:
    """Each with its own way to name a proxy; plain requests come in absolute form."""
    server.expect("/a").respond(data="x")
    urls = ["https://api.test/a", "http://api.test/a"]
    proxies = {"https": server.url, "http": server.url}
    for url in urls:
        assert requests.get(url, proxies=proxies, verify=server.tls.ca_path, timeout=PATIENCE).text == "x"
    with httpx.Client(proxy=server.url, verify=server.tls.client_context()) as client:
        assert [client.get(url).text for url in urls] == ["x", "x"]

    async def use() -> list[str]:
        async with aiohttp.ClientSession(proxy=server.url) as session:
            answers = [await session.get(url, ssl=server.tls.client_context()) for url in urls]
            return [await answer.text() for answer in answers]

    assert asyncio.run(use()) == ["x", "x"]
    seen = [entry.exchange.request.url for entry in server.journal if entry.method == "GET"]
    assert seen == urls * 3


def test_the_environment_brings_other_programs_here(server: FakeServer) -> None:
    """Proxy and trust, all by variables: curl asks for a host that does not exist."""
    server.expect("/a").respond(data="x")
    command = ["curl", "-sS", "--max-time", "20", "https://api.test/a", "http://api.test/a"]
    environment = {**os.environ, **server.proxy_env()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "xx"


def test_a_proxy_is_asked_in_plain_http() -> None:
    """A server with TLS of its own has no variables to give."""
    with pytest.raises(WrongState, match="expected a server without TLS of its own, to be a proxy"):
        FakeServer(tls=True).proxy_env()


def test_a_tunnel_can_lead_to_another_server(server: FakeServer) -> None:
    """The proxy has the CONNECT in its journal, and the other one what came through."""
    with FakeServer(tls=True) as other:
        other.expect("/a").respond(data="other")
        server.expect("api.test:443", method="CONNECT").respond(Tunnel(other))
        with tunnel(server, other.tls.client_context()) as client:
            assert client.send(get("/a")).response().body.content == b"other"
        assert [entry.method for entry in server.journal] == ["CONNECT"]
        assert [entry.path for entry in other.journal] == ["/a"]
        server.verify()
        other.verify()


def test_a_tunnel_can_be_refused(server: FakeServer) -> None:
    """Whoever expects CONNECT answers it; who expects any method does not mean CONNECT."""
    server.expect("refused.test:443", method="CONNECT").respond(status=502)
    server.expect_request("").respond(data="x")
    assert ask(server, CONNECT) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    assert ask(server, CONNECT.replace(b"api", b"refused")).startswith(b"HTTP/1.1 502 ")


def test_credentials(server: FakeServer) -> None:
    """Without them a request for the proxy gets 407, over a connection that persists; one for the origin gets none."""
    server.expect("/a").respond(data="x")
    ask(server, get("http://api.test/a"))
    server.demand_proxy_credentials("ann", "s3cret")
    with RawClient(server) as client:
        first = client.send(get("http://api.test/a")).response()
        assert (first.head.status, first.head.fields.get("proxy-authenticate")) == (
            407,
            'Basic realm="fake proxy", charset="UTF-8"',
        )
        for right in (407, 200):
            credentials = "YW5uOnMzY3JldA==" if right == 200 else "YW5uOndyb25n"
            asked = get("http://api.test/a", f"Proxy-Authorization: Basic {credentials}")
            assert client.send(asked).response().head.status == right
        assert client.send(get("/a")).response().head.status == 200
    proxies = {"https": server.url.replace("//", "//ann:s3cret@")}
    answer = requests.get("https://api.test/a", proxies=proxies, verify=server.tls.ca_path, timeout=PATIENCE)
    assert answer.text == "x"
    with pytest.raises(requests.exceptions.ProxyError, match="407"):
        requests.get("https://api.test/a", proxies={"https": server.url}, verify=server.tls.ca_path, timeout=PATIENCE)
    server.verify()


def test_tls_that_breaks_within_a_tunnel_is_in_the_journal(server: FakeServer) -> None:
    """As it is without a tunnel."""
    with tunnel(server, None) as client:
        client.send(b"\x16\x03\x01\x00\x05hello").rest()
    entries = server.journal.wait_for(count=2)
    assert entries[1].outcome == "tls-failed"
    assert entries[1].error.startswith("the TLS handshake failed: ")


def test_stop_ends_tunnels(server: FakeServer) -> None:
    """A tunnel in which nothing happens keeps nobody waiting."""
    with tunnel(server, None) as silent:
        server.stop()
        assert silent.at_end()
