"""Tests of `cassettes.connections`: connections that a program, or its own class, has connected."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

import httplib_sim
from cassettes import NetworkBlocked, NoMatch, network, use_cassette
from fake_server import FakeServer
from tests.cassettes.origin import OriginServer, answer, answering

from .test_contract import contexts, no_network

if TYPE_CHECKING:
    from pathlib import Path


def own(base: Any) -> Any:
    """A class that connects by itself, as programs have for keep-alive options, source addresses, unix sockets."""

    class Own(base):  # type: ignore[misc]
        path = ""
        dialled = 0

        def connect(self) -> None:
            type(self).dialled += 1
            if self.path:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(self.path)
            else:
                self.sock = socket.create_connection((self.host, self.port), self.timeout)

    return Own


def heir(base: Any) -> Any:
    """A class that does more than its base does."""

    class Heir(base):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    return Heir


BASES = [http.client.HTTPConnection, httplib_sim.HTTPConnection, urllib3.connection.HTTPConnection]
NAMES = ["http.client", "httplib_sim", "urllib3"]


def get(connection: Any, target: str = "/a") -> bytes:
    """The content of a GET."""
    connection.request("GET", target)
    response = connection.getresponse()
    content: bytes = response.data if hasattr(response, "data") else response.read()
    return content


@pytest.mark.parametrize("base", BASES, ids=NAMES)
@pytest.mark.parametrize("make", [own, heir])
def test_a_class_with_a_connect_of_its_own_is_recorded_and_replayed(tmp_path: Path, base: Any, make: Any) -> None:
    """Without a connection in the replay; and what nobody recorded does not go out."""
    kind = make(base)
    with OriginServer(answering(answer(b"one"), answer(b"two"))) as server:
        with use_cassette(tmp_path / "x.yaml") as cassette:
            connection = kind("127.0.0.1", server.port, timeout=10)
            assert [get(connection), get(connection)] == [b"one", b"two"]
            connection.close()
        assert len(cassette.exchanges) == 2
    with no_network(), use_cassette(tmp_path / "x.yaml", mode="none"):
        connection = kind("127.0.0.1", server.port, timeout=10)
        assert [get(connection), get(connection)] == [b"one", b"two"]
        connection.close()
    with no_network(), pytest.raises(NoMatch), use_cassette(tmp_path / "x.yaml", mode="none", strict=False):
        get(kind("127.0.0.1", server.port, timeout=10), "/other")


@pytest.mark.parametrize("base", BASES[:2], ids=NAMES[:2])
def test_a_unix_socket_of_such_a_class_is_recorded_under_the_host_that_it_names(tmp_path: Path, base: Any) -> None:
    """As the clients of local daemons do it."""
    kind = own(base)
    kind.path = str(tmp_path / "s")
    with FakeServer(unix=kind.path) as server, use_cassette(tmp_path / "x.yaml") as cassette:
        server.expect("/a").respond_with_data("one")
        connection = kind("localhost", timeout=10)
        assert get(connection) == b"one"
        connection.close()
    assert cassette.exchanges[0].request.url == "http://localhost/a"
    with use_cassette(tmp_path / "x.yaml", mode="none"):
        assert get(kind("localhost", timeout=10)) == b"one"
    assert kind.dialled == 1


@pytest.mark.parametrize("base", BASES, ids=NAMES)
def test_a_socket_that_was_set_by_hand_is_taken_over(tmp_path: Path, base: Any) -> None:
    """Also one that was connected before, and one with TLS."""
    server_tls, client_tls = contexts()
    for tls in (None, server_tls):
        path = tmp_path / f"{tls is None}.yaml"
        with OriginServer(answering(answer(b"one"), answer(b"two")), tls=tls) as server:
            sock = (
                server.connect()
                if tls is None
                else client_tls.wrap_socket(server.connect(), server_hostname="127.0.0.1")
            )
            connection = base("127.0.0.1", server.port, timeout=10)
            connection.sock = sock
            assert get(connection) == b"one"
            with use_cassette(path) as cassette:
                assert get(connection) == b"two"
            assert cassette.exchanges[0].request.origin == server.origin
            with use_cassette(path, mode="none"):
                assert get(connection) == b"two"
            with pytest.raises(NoMatch), use_cassette(path, mode="none"):
                get(connection, "/other")
            connection.close()


def test_such_a_connection_does_not_go_out_where_the_network_is_blocked(tmp_path: Path) -> None:
    """Its address is looked at when it connects."""
    kind = own(http.client.HTTPConnection)
    with network("block"), pytest.raises(NetworkBlocked), use_cassette(tmp_path / "x.yaml"):
        get(kind("192.0.2.1", 80, timeout=10))


def test_what_is_no_socket_is_the_programs_own(tmp_path: Path) -> None:
    """A double that a test has put there goes on."""

    class Double:
        def __init__(self) -> None:
            self.sent = b""

        def sendall(self, data: bytes) -> None:
            self.sent += data

    connection = http.client.HTTPConnection("api.example.com")
    connection.sock = double = Double()
    with use_cassette(tmp_path / "x.yaml"):
        connection.request("GET", "/a")
    assert double.sent.startswith(b"GET /a HTTP/1.1\r\n")
