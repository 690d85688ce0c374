"""The network policy: what it forbids does not happen, whoever tries, and is told; what it permits does."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
import requests

from cassettes import CassetteError, NetworkBlocked, NetworkPolicy, guard, network, use_cassette
from cassettes.guard import policy
from fake_server import FakeServer
from httplib_sim import HTTPConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ELSEWHERE = ("192.0.2.1", 80)
"""An address that is nobody's (RFC 5737)."""


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server on this machine."""
    with FakeServer() as running:
        running.expect_request("/zen").respond_with_data("keep it simple")
        yield running


def by_connect() -> None:
    """Connect."""
    with socket.socket() as sock:
        sock.connect(ELSEWHERE)


def by_connect_ex() -> None:
    """Connect by the method that returns errors, and so hides them from those who patch the other one."""
    with socket.socket() as sock:
        sock.connect_ex(ELSEWHERE)


def by_datagram() -> None:
    """Send what needs no connection."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ELSEWHERE)


def by_name() -> None:
    """Ask who has a name."""
    socket.getaddrinfo("api.example.com", 443)


def by_old_name() -> None:
    """Ask by the old function."""
    socket.gethostbyname("api.example.com")


def by_address() -> None:
    """Ask who has an address."""
    socket.gethostbyaddr(ELSEWHERE[0])


def by_name_info() -> None:
    """Ask by the other function."""
    socket.getnameinfo(ELSEWHERE, 0)


def by_asyncio() -> None:
    """Connect from an event loop."""
    asyncio.run(asyncio.wait_for(asyncio.open_connection(*ELSEWHERE), 5))


@pytest.mark.parametrize(
    "attempt",
    [by_connect, by_connect_ex, by_datagram, by_name, by_old_name, by_address, by_name_info, by_asyncio],
)
def test_what_is_forbidden_does_not_happen(attempt: Callable[[], None]) -> None:
    """It is an error that no client takes for one of the network, it names the line, and it is remembered."""
    with network("block") as counts, pytest.raises(NetworkBlocked) as caught:
        attempt()
    assert not isinstance(caught.value, OSError)
    assert counts.blocked == [caught.value]
    assert "expected no use of the network" in str(caught.value)
    assert "test_guard.py:" in str(caught.value)


def test_this_machine_is_permitted_unless_said_otherwise(server: FakeServer) -> None:
    """Local servers are what tests talk to."""
    with network("block"), HTTPConnection(server.host, server.port) as connection:
        connection.request("GET", "/zen")
        assert connection.getresponse().read() == b"keep it simple"
    with network("block", local=False), pytest.raises(NetworkBlocked, match=r"a connection to 127\.0\.0\.1, port"):
        socket.create_connection((server.host, server.port))


def test_the_request_is_named_where_it_is_known() -> None:
    """A client's request is told by its URL, without the query, which may hold a secret."""
    with network("block") as counts, HTTPConnection("api.example.com") as connection:
        with pytest.raises(NetworkBlocked) as caught:
            connection.request("GET", "/users?token=hunter2")
        assert "got the request GET http://api.example.com/users at " in str(caught.value)
        assert "hunter2" not in str(caught.value)
        assert counts.blocked == [caught.value]


def test_hosts_that_are_named_are_permitted(server: FakeServer) -> None:
    """By name, by address, and by a pattern; the addresses of a permitted name are permitted with it."""
    with network("block", hosts=["localhost"], local=False):
        socket.create_connection(("localhost", server.port)).close()
    with network("allow", hosts=["127.*"], local=False):
        socket.create_connection((server.host, server.port)).close()
        with pytest.raises(NetworkBlocked):
            by_name()
    assert NetworkPolicy(allowed=False, hosts=("*.Example.com",)).permits("API.example.com.")
    assert not NetworkPolicy(allowed=False, hosts=("example.com",)).permits("api.example.com")


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "x.localhost", "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::ffff:127.0.0.1", "fe80::1%lo"],
)
def test_what_this_machine_is(host: str) -> None:
    """Names and addresses of the loopback interface; an address of a link is not."""
    assert NetworkPolicy(allowed=False).permits(host) is (host != "fe80::1%lo")


def test_local_sockets_are_not_the_network(tmp_path: Path) -> None:
    """A database may listen on one."""
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as sock, network("block"):
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        sock.connect(str(tmp_path / "s"))


def test_the_innermost_policy_counts_for_all_threads() -> None:
    """And when it is over the outer one does."""
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            by_name()
        except NetworkBlocked as error:
            errors.append(error)

    with network("block"):
        with network("allow"):
            assert policy().permits("example.com")
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert len(errors) == 1
    assert policy().permits("example.com")


def test_a_replay_needs_no_permission(server: FakeServer, tmp_path: Path) -> None:
    """Recording does; what is recorded is answered without the network."""
    path = tmp_path / "zen.yaml"

    def ask() -> bytes:
        with HTTPConnection(server.host, server.port) as connection:
            connection.request("GET", "/zen")
            return connection.getresponse().read()

    with network("block", local=False), pytest.raises(NetworkBlocked), use_cassette(path):
        ask()
    with use_cassette(path):
        ask()
    with network("block", local=False), use_cassette(path):
        assert ask() == b"keep it simple"


def test_an_action_that_is_none_is_refused() -> None:
    """There are two."""
    with pytest.raises(ValueError, match="expected 'block' or 'allow', got 'deny'"), network("deny"):
        pass
    assert issubclass(NetworkBlocked, CassetteError)


def test_this_machine_may_be_asked_for_by_its_name() -> None:
    """Programs do, to make an identifier."""
    assert NetworkPolicy(allowed=False).permits(socket.gethostname())


def test_a_host_that_is_served_here_is_this_machine() -> None:
    """As long as it is, and only where this machine may be reached."""
    guard.serve_here(["*.example.com", "*.example.com"])
    here, nowhere = NetworkPolicy(allowed=False), NetworkPolicy(allowed=False, local=False)
    try:
        guard.serve_elsewhere(["*.example.com"])
        assert here.permits("API.example.com.")
        assert not here.permits("example.org")
        assert not nowhere.permits("api.example.com")
    finally:
        guard.serve_elsewhere(["*.example.com"])
    assert not here.permits("api.example.com")


def by_requests(proxy: str, url: str) -> None:
    """Ask by way of http.client's kind."""
    with requests.Session() as session:
        session.trust_env = False
        session.get(url, proxies={"http": proxy, "https": proxy}, timeout=5)


def by_httpx(proxy: str, url: str) -> None:
    """Ask by way of streams."""
    with httpx.Client(proxy=proxy, trust_env=False) as client:
        client.get(url)


@pytest.mark.parametrize("url", ["http://api.example.com/v1", "https://api.example.com/v1"], ids=["forward", "tunnel"])
@pytest.mark.parametrize("ask", [by_requests, by_httpx])
def test_a_proxy_on_this_machine_is_no_way_out(ask: Callable[[str, str], None], url: str, server: FakeServer) -> None:
    """What a request names counts, wherever the proxy is."""
    with network("block") as counts, pytest.raises(NetworkBlocked):
        ask(server.url_for("/").rstrip("/"), url)
    assert counts.blocked
    assert len(server.journal) == 0
