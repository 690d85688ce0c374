"""What a connection does after something went wrong, or came unasked, or is no HTTP any more."""

from __future__ import annotations

import enum
import gc
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import httplib_sim
import httplib_sim.client
from fake_server import FakeServer
from httplib_sim import HTTPConnection

from .peers import HOLD, PATIENCE, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

FACES = [HTTPConnection, httplib_sim.client.HTTPConnection]
both_faces = pytest.mark.parametrize("face", FACES, ids=["httplib", "http.client"])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@both_faces
@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_what_comes_behind_a_long_content_answers_nothing(face: type[HTTPConnection], size: int) -> None:
    """Also where it is still in the socket: a response that nobody asked for would answer the next request."""
    long = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, b"x" * size)
    with (
        ScriptedServer([long + OK.replace(b"ok", b"NO"), HOLD], [OK]) as server,
        face("127.0.0.1", server.port, timeout=PATIENCE) as connection,
    ):
        connection.request("GET", "/1")
        assert len(connection.getresponse().read()) == size
        connection.request("GET", "/2")
        assert connection.getresponse().read() == b"ok"


@both_faces
def test_a_connection_is_kept_behind_a_long_content(face: type[HTTPConnection]) -> None:
    """Where nothing came unasked."""
    with FakeServer() as server, face(server.host, server.port, timeout=PATIENCE) as connection:
        server.expect_request("/").respond_with_data(b"x" * 3_000_000)
        for _ in range(3):
            connection.request("GET", "/")
            assert len(connection.getresponse().read()) == 3_000_000
        assert server.journal.connections == 1


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, and nobody else will."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@both_faces
def test_a_refused_connection_leaves_the_object_as_it_was(face: type[HTTPConnection], closed_port: int) -> None:
    """The next request can be made, in one go or step by step, and there is no response to wait for."""
    connection = face("127.0.0.1", closed_port, timeout=PATIENCE)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            connection.request("GET", "/")
        with pytest.raises(httplib_sim.ResponseNotReady):
            connection.getresponse()
    connection.putrequest("GET", "/")
    with pytest.raises(ConnectionRefusedError):
        connection.endheaders()
    with pytest.raises(ConnectionRefusedError):
        connection.request("POST", "/", iter([b"a"]))


@both_faces
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_tunnel_can_be_detached_whatever_its_version(face: type[HTTPConnection], version: str) -> None:
    """Proxies often grant one with HTTP/1.0."""
    granted = f"HTTP/{version} 200 Connection established\r\n\r\nhello".encode()
    with ScriptedServer([granted, HOLD]) as proxy:
        connection = face("127.0.0.1", proxy.port, timeout=PATIENCE)
        connection.request("CONNECT", "example.com:1")
        response = connection.getresponse()
        assert response.status == 200
        sock, early = connection.detach()
        with sock:
            assert early + sock.recv(5 - len(early)) == b"hello"
        response.close()


@both_faces
def test_behind_an_upgrade_a_request_has_a_connection_of_its_own(face: type[HTTPConnection]) -> None:
    """What is spoken over the old one is no HTTP."""
    upgraded = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    with (
        ScriptedServer([upgraded], [OK]) as server,
        face("127.0.0.1", server.port, timeout=PATIENCE) as connection,
    ):
        connection.request("GET", "/", headers={"Upgrade": "x"})
        assert connection.getresponse().status == 101
        connection.request("GET", "/2")
        assert connection.getresponse().read() == b"ok"
        assert server.connections == 2


@both_faces
@pytest.mark.parametrize("override", [False, True], ids=["ours", "overridden"])
def test_what_came_before_a_time_out_is_not_lost(face: type[HTTPConnection], *, override: bool) -> None:
    """getresponse() may be called again after one: interim responses are there then, and half a head is."""
    parts = [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 200 OK\r\n", OK.partition(b"\r\n")[2]]
    go_on = threading.Semaphore(0)

    def serve(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock:
            sock.recv(65536)
            for part in parts:
                sock.sendall(part)
                go_on.acquire(timeout=PATIENCE)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        connection = face("127.0.0.1", listener.getsockname()[1], timeout=0.05)
        if override:  # as botocore does

            class Own(connection.response_class):  # type: ignore[misc, name-defined]
                def _read_status(self) -> Any:
                    return super()._read_status()

            connection.response_class = Own
        connection.request("GET", "/")
        for _ in range(2):
            with pytest.raises(TimeoutError):
                connection.getresponse()
            go_on.release()
        connection.sock.settimeout(PATIENCE)
        response = connection.getresponse()
        assert [head.status for head in response.interim] == [103]
        assert response.read() == b"ok"
        connection.close()
        go_on.release()
        thread.join()


class _Name(str, enum.Enum):  # noqa: UP042  not a StrEnum: that prints as it is
    AUTH = "X-Auth"
    GET = "GET"
    ROOT = "/"


@both_faces
def test_members_of_an_enumeration_are_sent_by_their_values(face: type[HTTPConnection]) -> None:
    """A str that prints otherwise than it is, as header, method and URL; also where an equal plain one was sent."""
    with FakeServer() as server, face(server.host, server.port, timeout=PATIENCE) as connection:
        server.expect_request("/").respond_with_data("")
        for name in ("X-Auth", _Name.AUTH, _Name.AUTH):
            connection.request(_Name.GET, _Name.ROOT, headers={name: "2"})
            assert connection.getresponse().read() == b""
        for entry in server.journal:
            assert entry.method == "GET"
            assert entry.headers.get("X-Auth") == "2"


@both_faces
@pytest.mark.parametrize(
    "host", ["a\u3000b", "evil\uff0fx", "x\uff20y", "a\uff1a99", "\u00e9." * 2 + ".", "\u00e9" * 70]
)
def test_a_name_that_idna_makes_another_of_is_refused(face: type[HTTPConnection], host: str) -> None:
    """What is no blank, slash, at-sign or colon may become one (as CVE-2019-9636)."""

    def ask(connection: HTTPConnection) -> None:
        connection.set_tunnel(host, 443)
        connection.request("GET", "/")

    with FakeServer() as proxy, face(proxy.host, proxy.port, timeout=PATIENCE) as connection:
        with pytest.raises(httplib_sim.InvalidURL, match="expected a host's name"):
            ask(connection)
        assert len(proxy.journal) == 0
    with pytest.raises(httplib_sim.InvalidURL, match="expected a host's name"):
        face(host).putrequest("GET", "/")


def test_names_are_listed() -> None:
    """For completion, and for help()."""
    assert {"HTTPConnection", "responses", "NOT_FOUND", "HTTP"} <= set(dir(httplib_sim))


def test_reading_takes_the_names_of_http_clients_arguments() -> None:
    """Its methods can be called with keywords."""
    with FakeServer() as server, httplib_sim.client.HTTPConnection(server.host, server.port) as connection:
        server.expect_request("/").respond_with_data("hello\nworld")
        connection.request("GET", "/")
        response = connection.getresponse()
        assert response.peek(n=1)[:1] == b"h"
        assert response.read1(n=2) == b"he"
        assert response.readline(limit=2) == b"ll"
        buffer = bytearray(3)
        assert response.readinto(b=buffer) == 3
        assert response.read(amt=2) == b"or"
        response.close()


STEPS = ["_validate_path", "_validate_method", "_encode_request", "_output", "putrequest", "putheader", "_send_request"]


@both_faces
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_overridden_is_taken(
    face: type[HTTPConnection], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a subclass, before an object's first request or later."""
    seen: list[object] = []
    kind = type("Own", (face,), {})
    with FakeServer() as server, kind(server.host, server.port, timeout=PATIENCE) as connection:
        server.expect_request("/").respond_with_data("")

        def ask() -> None:
            connection.request("GET", "/", headers={"A": "b"})
            assert connection.getresponse().read() == b""

        original = getattr(face, step)

        def own(*arguments: Any, **options: Any) -> Any:
            seen.append(arguments)
            return original(*arguments, **options)

        ask()
        assert not seen
        with monkeypatch.context() as patched:
            patched.setattr(kind, step, own)
            ask()
            assert seen
        seen.clear()
        ask()
        assert not seen


@pytest.mark.parametrize("framing", ["Content-Length: 60000\r\n", "Connection: close\r\n"])
def test_small_reads_are_no_calls_of_the_system(framing: str) -> None:
    """What has come is kept, and read from there: by octets, by lines, and into buffers."""
    line = b"x" * 59 + b"\n"
    counted = 0

    class Counting(socket.socket):
        def recv(self, *arguments: Any) -> bytes:
            nonlocal counted
            counted += 1
            return super().recv(*arguments)

        def recv_into(self, *arguments: Any) -> int:
            nonlocal counted
            counted += 1
            return super().recv_into(*arguments)

    answer = f"HTTP/1.1 200 OK\r\n{framing}\r\n".encode() + line * 1000
    with ScriptedServer([answer]) as server, HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) as connection:
        connection.sock = Counting(fileno=socket.create_connection(("127.0.0.1", server.port)).detach())
        connection.sock.settimeout(PATIENCE)
        connection.request("GET", "/")
        response = connection.getresponse()
        buffer = bytearray(60)
        for _ in range(250):
            assert response.read(60) == line
            assert response.readline() == line
            assert response.readinto(buffer) == 60
            assert response.read1(60) == line
        assert response.read() == b""
        assert counted < 50


def test_a_socket_that_keeps_views_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper's error within a long body has its locals in its traceback; that is collected without a complaint."""
    size = 3_000_000
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: complaints.append(args.exc_value))

    class Keeping(socket.socket):
        calls = 0

        def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0, /) -> int:
            kept = memoryview(buffer)[: nbytes or None]
            self._count()
            return super().recv_into(kept, nbytes, flags)

        def recv(self, *arguments: Any) -> bytes:
            self._count()
            return super().recv(*arguments)

        def _count(self) -> None:
            self.calls += 1
            if self.calls == 3:
                raise TimeoutError("for once")

    def read(response: httplib_sim.HTTPResponse) -> bytes:
        try:
            return response.read()
        except TimeoutError as problem:
            kept = problem  # a cycle: this frame, the error, its traceback
            assert kept.__traceback__ is not None
        return response.read()

    long = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, b"x" * size)
    with ScriptedServer([long]) as server, HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) as connection:
        sock = Keeping(fileno=socket.create_connection(("127.0.0.1", server.port)).detach())
        sock.settimeout(PATIENCE)
        connection.sock = sock
        connection.request("GET", "/")
        assert read(connection.getresponse()) == b"x" * size
        assert sock.calls > 3
    gc.collect()
    assert not complaints


@pytest.mark.parametrize(
    "framing", ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
)
def test_a_wrong_argument_loses_nothing(framing: str) -> None:
    """Of what has come: the next call, with a right one, has it."""
    with (
        ScriptedServer([f"HTTP/1.1 200 OK\r\n{framing}".encode()]) as server,
        HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) as connection,
    ):
        connection.request("GET", "/")
        response = connection.getresponse()
        wrong: Any
        for wrong in (2.0, "2", b"2"):
            for method in (response.read, response.read1, response.readline):
                with pytest.raises(TypeError):
                    method(wrong)
        with pytest.raises(TypeError, match="expected a buffer to write to, got bytes"):
            response.readinto(b"abc")
        assert response.read() == b"hello"
