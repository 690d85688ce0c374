"""A host that is written into the program leads to the fake server, whatever client asks for it, and however."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import urllib.request
from typing import TYPE_CHECKING, Any

import aiohttp
import httplib2  # type: ignore[import-untyped]
import httpx
import pytest
import requests
import trio
import urllib3
from tornado.httpclient import AsyncHTTPClient

import httplib_sim
from cassettes import network, use_cassette
from cassettes.guard import policy
from fake_server import FakeServer, WrongState

from .raw import PATIENCE, RawClient, get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOST = "api.github.com"
UNTOUCHED = (socket.getaddrinfo, socket.gethostbyname, ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio)
EARLY = ssl.create_default_context()
"""Made, as some libraries do it, before anybody knows of a fake server."""


@pytest.fixture
def github() -> Iterator[FakeServer]:
    """A server that is reached instead of the host, where the network is out of reach."""
    with FakeServer() as server, network("block"):
        server.expect("/user").respond(data="ann")
        server.serve_for(HOST)
        yield server


def standard(url: str) -> str:
    """The standard library's own."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def plain(url: str) -> str:
    """http.client, or ours, by the scheme."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, timeout=PATIENCE)
    connection.request("GET", f"/{path}")
    with connection.getresponse() as answer:
        text = answer.read().decode()
    connection.close()
    return text


def ours(url: str) -> str:
    """httplib_sim."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    kind = httplib_sim.HTTPSConnection if scheme == "https" else httplib_sim.HTTPConnection
    connection = kind(host, timeout=PATIENCE)
    connection.request("GET", f"/{path}")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def with_urllib3(url: str) -> str:
    """urllib3, which knows no environment."""
    with urllib3.PoolManager() as pool:
        return pool.request("GET", url, timeout=PATIENCE, retries=False).data.decode()


def with_requests(url: str) -> str:
    """requests, which brings certificates of its own."""
    return requests.get(url, timeout=PATIENCE).text


def with_httplib2(url: str) -> str:
    """httplib2, which brings certificates of its own, too."""
    client = httplib2.Http(timeout=PATIENCE)
    _, content = client.request(url)
    client.close()
    return str(content.decode())


def with_httpx(url: str) -> str:
    """httpx, blocking, with a context that was made before."""
    with httpx.Client(verify=EARLY, timeout=PATIENCE) as client:
        return client.get(url).text


async def asked_with_httpx(url: str) -> str:
    """httpx, under whatever event loop."""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return (await client.get(url)).text


def with_httpx_and_asyncio(url: str) -> str:
    """Httpx under asyncio."""
    return asyncio.run(asked_with_httpx(url))


def with_httpx_and_trio(url: str) -> str:
    """Httpx under trio."""
    return str(trio.run(asked_with_httpx, url))


def with_aiohttp(url: str) -> str:
    """aiohttp, which has made its context when it was imported."""

    async def ask() -> str:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()

    return asyncio.run(ask())


def with_tornado(url: str) -> str:
    """tornado, under asyncio."""

    async def ask() -> str:
        client = AsyncHTTPClient(force_instance=True)
        answer = await client.fetch(url)
        client.close()
        return answer.body.decode()

    return asyncio.run(ask())


CLIENTS: list[Callable[[str], str]] = [
    standard, plain, ours, with_urllib3, with_requests, with_httplib2, with_httpx, with_httpx_and_asyncio,
    with_httpx_and_trio, with_aiohttp, with_tornado,
]  # fmt: skip


@pytest.mark.parametrize("url", [f"https://{HOST}/user", f"http://{HOST}/user", f"https://{HOST}:8443/user"])
@pytest.mark.parametrize("ask", CLIENTS)
def test_a_url_in_the_program_leads_here(github: FakeServer, ask: Callable[[str], str], url: str) -> None:
    """With TLS or without, on any port, although the network is forbidden; the request's URL is the one asked for."""
    assert ask(url) == "ann"
    assert [entry.exchange.request.url for entry in github.journal] == [url]
    github.verify()


def test_afterwards_all_is_as_it_was() -> None:
    """A server that has stopped has left nothing behind, and one that starts again leads here again."""
    with FakeServer() as server, FakeServer() as other:
        server.expect("/user").respond(data="first")
        other.expect("/user").respond(data="second")
        server.serve_for("*.github.com")
        other.serve_for("api.github.com")
        assert standard(f"http://{HOST}/user") == "second"
        other.stop()
        assert standard(f"http://{HOST}/user") == "first"
        other.start()
        assert standard(f"https://{HOST}/user") == "second"
        with network("block"):
            assert policy().permits("API.github.com.")
            assert not policy().permits("github.com")
    now = (socket.getaddrinfo, socket.gethostbyname, ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio)
    assert now == UNTOUCHED
    assert not {"connect", "connect_ex"} & set(vars(socket.socket))
    with network("block"):
        assert not policy().permits(HOST)


def test_other_hosts_are_where_they_were(github: FakeServer) -> None:
    """And a client that means the server itself reaches it without TLS, as before."""
    with FakeServer() as other:
        other.expect("/").respond(data="other")
        assert standard(other.url) == "other"
    with RawClient(github) as client:
        assert client.send(get("/user")).response().body.content == b"ann"


def test_an_address_in_the_program_leads_here() -> None:
    """Also where no name is looked up."""
    with FakeServer() as server, network("block"):
        server.expect("/").respond(data="x")
        server.serve_for("192.0.2.7")
        assert standard("http://192.0.2.7/") == "x"
        assert with_requests("https://192.0.2.7/") == "x"
        assert with_httpx_and_asyncio("https://192.0.2.7:444/") == "x"


def test_a_server_with_tls_serves_http_as_well_for_others() -> None:
    """What the client begins with counts, not what the server speaks at its own address."""
    with FakeServer(tls=True) as server:
        server.expect("/user").respond(data="ann")
        server.serve_for(HOST)
        assert [standard(f"{scheme}://{HOST}/user") for scheme in ("http", "https")] == ["ann", "ann"]


def test_a_bad_certificate_is_refused_there_as_well(github: FakeServer) -> None:
    """That the authority is trusted does not mean that anything is."""
    github.bad_certificate("wrong host", HOST)
    with pytest.raises(requests.exceptions.SSLError, match=r"doesn't match|certificate verify failed"):
        with_requests(f"https://{HOST}/user")


def test_a_cassette_is_recorded_from_it(github: FakeServer, tmp_path: Path) -> None:
    """The cassette has the host that the program asks for, and is replayed without the server."""
    path = tmp_path / "user.yaml"
    with use_cassette(path):
        assert with_requests(f"https://{HOST}/user") == "ann"
    github.clear()
    with use_cassette(path, mode="none"):
        assert with_requests(f"https://{HOST}/user") == "ann"
    assert len(github.journal) == 0


def test_names_are_looked_up_without_a_connection(github: FakeServer) -> None:
    """A name has an address of this machine where nobody listens, in every way to ask; none of IPv6."""
    address = socket.gethostbyname(HOST)
    assert address.startswith("127.83.")
    assert socket.gethostbyname_ex(HOST)[2] == [address]
    found: list[Any] = socket.getaddrinfo(HOST.encode(), 443, type=socket.SOCK_STREAM)
    assert [entry[4] for entry in found] == [(address, 443)]
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(HOST, 443, family=socket.AF_INET6)
    assert len(github.journal) == 0


def test_only_a_server_on_ipv4_can_be_reached_so() -> None:
    """What cannot be is told at once."""
    with pytest.raises(WrongState, match="expected a server that listens on IPv4"):
        FakeServer(host="::1").serve_for(HOST)
