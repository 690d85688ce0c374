"""Where a server can be reached, and by whom: sockets of the file system, IPv6, asynchronous tests, other processes."""

from __future__ import annotations

import asyncio
import gc
import http.client
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request

import httpx
import pytest
import trio

from fake_server import CannotListen, FakeServer

from .raw import PATIENCE, RawClient, get

ASKER = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())"


def local(path: pathlib.Path) -> socket.socket:
    """Return a connection to a socket of the file system."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(PATIENCE)
    sock.connect(str(path))
    return sock


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A path for a socket: no longer than the 107 octets that a system may take."""
    return tmp_path_factory.mktemp("s") / "s"


def test_a_socket_of_the_file_system(short_path: pathlib.Path) -> None:
    """With unix=, the server listens at a path, which is gone when it has stopped."""
    with FakeServer(unix=short_path) as server:
        server.expect("/a").respond(data="x")
        with RawClient(server, local(short_path)) as client:
            for _ in range(2):
                assert client.send(get("/a")).response().body.content == b"x"
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(short_path))) as modern:
            assert server.url == "http://localhost"
            assert modern.get(server.url_for("/a")).text == "x"
        server.expect("/peer").respond_with_handler(lambda request: repr(request.remote_addr))
        with RawClient(server, local(short_path)) as client:
            assert client.send(get("/peer")).response().body.content == b"''"
        server.verify()
    assert not short_path.exists()
    with server:  # and once more
        local(short_path).close()


def test_a_path_that_is_taken_is_told(short_path: pathlib.Path) -> None:
    """What is there already is left alone."""
    short_path.write_text("mine")
    with pytest.raises(CannotListen, match="something is there already"):
        FakeServer(unix=short_path).start()
    assert short_path.read_text() == "mine"


def test_ipv6() -> None:
    """An address of IPv6 stands in brackets in the URL."""
    with FakeServer(host="::1") as server:
        server.expect("/a").respond(data="six")
        assert server.url.startswith("http://[::1]:")
        with urllib.request.urlopen(server.url_for("/a"), timeout=PATIENCE) as answer:
            assert answer.read() == b"six"


def test_an_asyncio_test_is_served_while_it_waits() -> None:
    """Threads serve, so a coroutine that waits for the answer keeps nobody from giving it."""

    async def use() -> str:
        async with FakeServer() as server, httpx.AsyncClient() as client:
            server.expect("/a").respond_with_handler(lambda _: threading.current_thread().name)
            answers = await asyncio.gather(*(client.get(server.url_for("/a")) for _ in range(5)))
            assert all("fake_server" in answer.text for answer in answers)
            return answers[0].text

    assert asyncio.run(use())


def test_a_trio_test_is_served_while_it_waits() -> None:
    """The same without asyncio: nothing in the server knows event loops."""

    async def use() -> None:
        async with FakeServer() as server, httpx.AsyncClient() as client:
            server.expect("/a").respond(data="x")
            assert (await client.get(server.url_for("/a"))).text == "x"

    trio.run(use)


def test_another_process(server: FakeServer) -> None:
    """Any program that can speak HTTP is served."""
    server.expect("/a").respond(data="from here")
    command = [sys.executable, "-S", "-c", ASKER, server.url_for("/a")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "from here\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl(server: FakeServer) -> None:
    """Curl waits for a 100 before it sends much, and sends over the same connection again."""
    server.expect("/up", "POST").respond(data="ok ")
    url = server.url_for("/up")
    wait = ["-H", "Expect: 100-continue", "--data-binary", "x" * 5000]
    command = ["curl", "-sS", "--max-time", "20", *wait, url, url]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "ok ok "
    assert {entry.caller.connection for entry in server.journal} == {1}
    assert all(entry.sent.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ") for entry in server.journal)


def test_a_thousand_servers_leave_nothing() -> None:
    """A server that has stopped leaves no thread and no descriptor."""
    descriptors = pathlib.Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("this system does not tell what is open")
    gc.collect()  # what other tests have left is not to go meanwhile
    threads, files = threading.active_count(), len(list(descriptors.iterdir()))
    for number in range(1000):
        with FakeServer() as server:
            if number % 10 == 0:
                server.expect("/a").respond(data="x")
                connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
                connection.request("GET", "/a")
                assert connection.getresponse().read() == b"x"
                connection.close()
    assert threading.active_count() <= threads  # one that another test has left may have ended meanwhile
    assert len(list(descriptors.iterdir())) <= files


def test_five_hundred_connections_at_once(server: FakeServer) -> None:
    """All are open at the same time, and all are answered."""
    server.expect("/a").respond(data="x")
    clients = [RawClient(server) for _ in range(500)]
    for client in clients:
        client.send(get("/a"))
    assert all(client.response().body.content == b"x" for client in clients)
    assert all(client.send(get("/a")).response().body.content == b"x" for client in clients)
    for client in clients:
        client.sock.close()
    assert server.journal.connections == 500


def test_a_socket_of_the_file_system_with_tls(short_path: pathlib.Path) -> None:
    """TLS goes over it as over any other."""
    with FakeServer(unix=short_path, tls=True) as server:
        server.expect("/a").respond(data="x")
        transport = httpx.HTTPTransport(uds=str(short_path), verify=server.tls.client_context())
        with httpx.Client(transport=transport) as client:
            assert client.get(server.url_for("/a")).text == "x"
        assert server.url == "https://localhost"
