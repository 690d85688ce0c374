"""The server: its life, its address, and clients of every kind."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from typing import TYPE_CHECKING

import pytest
import requests

from fake_server import FakeServer, StillRunning, WrongState

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    import werkzeug


def has_ipv6() -> bool:
    """Whether this machine has the address ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_a_server_runs_while_its_block_does() -> None:
    """Before and after nobody listens."""
    server = FakeServer()
    assert not server.is_running()
    with server as same:
        assert same is server
        assert server.is_running()
        server.expect("/").respond()
        assert ask(server, get()).startswith(b"HTTP/1.1 200")
    assert not server.is_running()
    with pytest.raises(ConnectionRefusedError):
        RawClient(server)


def test_a_server_that_is_started_again_has_the_same_address() -> None:
    """So that a client can meet it where it was; the journal goes on."""
    server = FakeServer()
    server.expect("/").respond()
    urls = set()
    for _ in range(3):
        with server:
            urls.add(server.url)
            ask(server, get())
    assert len(urls) == 1
    assert len(server.journal) == 3


def test_starting_twice_is_an_error_and_stopping_twice_is_not(server: FakeServer) -> None:
    """Who stops in doubt does no harm."""
    with pytest.raises(WrongState, match=f"the fake server at {server.url} was started already"):
        server.start()
    server.stop()
    server.stop()
    FakeServer().stop()


def test_a_server_that_was_started_may_be_used_in_a_block() -> None:
    """Which stops it then."""
    server = FakeServer()
    server.start()
    with server:
        assert server.is_running()
    assert not server.is_running()


@pytest.mark.parametrize("path", ["/a?b=c", "a?b=c"])
def test_urls_of_the_server(server: FakeServer, path: str) -> None:
    """With one slash, however many were given."""
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.url_for(path) == f"{server.url}/a?b=c"
    assert repr(server) == f"<FakeServer {server.url}, running, 0 requests>"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_server_may_have_an_ipv6_address() -> None:
    """Its URL has brackets."""
    with FakeServer("::1") as server:
        server.expect("/").respond(data="six")
        assert server.url == f"http://[::1]:{server.port}"
        assert requests.get(server.url, timeout=10).text == "six"
        assert server.journal[0].caller.peer[0] == "::1"


def test_a_server_may_have_a_name() -> None:
    """And is found by it."""
    with FakeServer("localhost") as server:
        server.expect("/").respond(data="name")
        assert requests.get(server.url, timeout=10).text == "name"


def test_two_servers_know_nothing_of_each_other(server: FakeServer) -> None:
    """Each has its own expectations and journal."""
    with FakeServer() as other:
        other.expect("/").respond(data="other")
        server.expect("/").respond(data="one")
        assert (ask(server, get())[-3:], ask(other, get())[-5:]) == (b"one", b"other")
    assert (len(server.journal), len(other.journal)) == (1, 1)


def test_requests_are_answered_while_another_is_held(server: FakeServer) -> None:
    """A handler that waits keeps nobody else waiting."""
    arrived, gate = threading.Event(), threading.Event()

    def held(_: werkzeug.Request) -> str:
        arrived.set()
        assert gate.wait(PATIENCE)
        return "held"

    server.expect("/held").respond_with_handler(held)
    server.expect("/quick").respond(data="quick")
    with RawClient(server) as slow, RawClient(server) as quick:
        slow.send(get("/held"))
        assert arrived.wait(PATIENCE)
        assert quick.send(get("/quick")).response().body.content == b"quick"
        gate.set()
        assert slow.response().body.content == b"held"


def test_stop_tells_which_requests_are_still_being_answered() -> None:
    """A handler that does not return is named; the server has stopped all the same."""
    gate = threading.Event()
    server = FakeServer(grace=0.01)
    server.expect("/held").respond_with_handler(lambda _: str(gate.wait(PATIENCE)))
    server.start()
    with RawClient(server) as client:
        client.send(get("/held"))
        server.journal.wait_for(path="/held")
        with pytest.raises(StillRunning, match="<Entry 1: GET /held -> being answered, connection 1>"):
            server.stop()
        gate.set()
        assert client.rest() == b""
    assert not server.is_running()
    assert server.journal[0].outcome == "client-closed"


def test_the_standard_librarys_clients_are_served(server: FakeServer) -> None:
    """http.client over one connection, urllib over one each."""
    server.expect("/").respond(json={"a": 1})
    connection = http.client.HTTPConnection(server.host, server.port)
    for _ in range(3):
        connection.request("POST", "/", body=iter([b"a", b"b"]), encode_chunked=True)
        assert connection.getresponse().read() == b'{"a":1}'
    connection.close()
    with urllib.request.urlopen(server.url, timeout=10) as response:
        assert response.read() == b'{"a":1}'
    assert [entry.caller.connection for entry in server.journal] == [1, 1, 1, 2]


def test_a_large_upload_and_a_large_answer_are_whole(server: FakeServer) -> None:
    """Twenty megabytes each way."""
    content = bytes(range(256)) * 80_000
    server.expect("/").respond(data=content)
    answer = requests.put(server.url, data=content, timeout=60)
    assert answer.content == content
    assert server.journal[0].content == content


def test_a_request_in_absolute_form_is_answered_as_its_path(server: FakeServer) -> None:
    """As one that a proxy gets (RFC 9112 section 3.2.2)."""
    server.expect("/a", query_string="b=c").respond(data="found")
    assert ask(server, get("http://example.com/a?b=c")).endswith(b"found")
    proxies = {"http": server.url}
    assert requests.get("http://example.com/a?b=c", proxies=proxies, timeout=10).text == "found"


def test_options_for_the_server_itself(server: FakeServer) -> None:
    """``*`` is a path like any other (RFC 9112 section 3.2.4)."""
    server.expect("*", "OPTIONS").respond(status=204, headers={"Allow": "GET"})
    assert ask(server, get("*", method="OPTIONS")) == b"HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n"


def test_a_url_has_no_default_port() -> None:
    """Nor has the Host field of a client that goes there."""
    assert FakeServer(port=80).url == "http://127.0.0.1"
    assert FakeServer("::1", 443, tls=True).url_for("/a") == "https://[::1]/a"
    assert FakeServer("::1", 80, tls=True).origin == ("https", "::1", 80)
