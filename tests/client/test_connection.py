"""Requests over real sockets: what goes on the wire, in which state, and what is refused before it gets there."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import httplib_sim
import httplib_sim.client
from fake_server import FakeServer
from fake_server.answers import Raw, Then
from httplib_sim import HTTPConnection, HTTPSConnection

from .peers import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FACES = [httplib_sim.HTTPConnection, httplib_sim.client.HTTPConnection]
both_faces = pytest.mark.parametrize("face", FACES, ids=["httplib", "http.client"])


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that answers everything with "hello"."""
    with FakeServer() as running:
        running.expect("/").respond(data="hello")
        running.expect("/<path:any>", required=False).respond(data="hello")
        yield running


@pytest.fixture
def connection(server: FakeServer) -> Iterator[HTTPConnection]:
    """A connection to it."""
    with HTTPConnection(server.host, server.port, timeout=5) as made:
        yield made


def sent(server: FakeServer) -> bytes:
    """The octets of the last request."""
    request = server.journal[-1].request
    assert request is not None
    return request.octets


def read(connection: HTTPConnection) -> bytes:
    """The content of the response."""
    return connection.getresponse().read()


class TestRequests:
    """What a request looks like on the wire."""

    def test_get(self, server: FakeServer, connection: HTTPConnection) -> None:
        """A GET has Host and Accept-Encoding: identity, as httplib's documentation says, and nothing else."""
        connection.request("GET", "/a?b=c")
        assert read(connection) == b"hello"
        host = f"{server.host}:{server.port}".encode()
        assert sent(server) == b"GET /a?b=c HTTP/1.1\r\nHost: " + host + b"\r\nAccept-Encoding: identity\r\n\r\n"

    def test_an_empty_url_is_the_root(self, server: FakeServer, connection: HTTPConnection) -> None:
        """The documentation's POST example has the url ''."""
        connection.request("POST", "", "a=b", {"Content-type": "application/x-www-form-urlencoded"})
        assert read(connection) == b"hello"
        assert sent(server).startswith(b"POST / HTTP/1.1\r\n")
        assert sent(server).endswith(b"Content-Length: 3\r\nContent-type: application/x-www-form-urlencoded\r\n\r\na=b")

    @pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
    def test_methods_that_expect_a_body_say_that_there_is_none(
        self, server: FakeServer, connection: HTTPConnection, method: str
    ) -> None:
        """Content-Length: 0 is sent for them where the body is None, and for no other method."""
        connection.request(method, "/")
        read(connection)
        assert b"Content-Length: 0\r\n" in sent(server)

    @both_faces
    def test_bodies(self, server: FakeServer, face: type[HTTPConnection], tmp_path: Path) -> None:
        """Text, octets, files and iterables arrive whole; the length is sent where it is known."""
        path = tmp_path / "body"
        path.write_bytes(b"hello")
        with face(server.host, server.port) as connection, path.open("rb") as file:
            for body in (
                "hello",
                b"hello",
                bytearray(b"hello"),
                file,
                io.BytesIO(b"hello"),
                iter([b"he", b"", b"llo"]),
            ):
                connection.request("PUT", "/", body)
                read(connection)
                request = server.journal[-1].request
                assert request is not None
                assert request.body.content == b"hello"
        assert len({entry.caller.connection for entry in server.journal}) == 1

    def test_a_file_on_disk_has_a_length_in_httplib_and_chunks_in_http_client(
        self, server: FakeServer, tmp_path: Path
    ) -> None:
        """One of the few things in which the two documents differ."""
        path = tmp_path / "body"
        path.write_bytes(b"hello")
        for face, line in zip(FACES, (b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"), strict=True):
            with face(server.host, server.port) as connection, path.open("rb") as file:
                connection.request("PUT", "/", file)
                read(connection)
            assert line in sent(server)

    def test_step_by_step(self, server: FakeServer, connection: HTTPConnection) -> None:
        """The four functions of the documentation; further arguments of putheader are continuation lines with a tab."""
        connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", "example.com")
        connection.putheader("X-Many", "one", "two")
        connection.putheader("Content-Length", 5)
        connection.endheaders(b"he")
        connection.send(b"llo")
        assert read(connection) == b"hello"
        head = b"POST / HTTP/1.1\r\nHost: example.com\r\nX-Many: one\r\n\ttwo\r\nContent-Length: 5\r\n\r\n"
        assert sent(server) == head + b"hello"

    def test_text_that_latin_1_cannot_hold_is_refused(self, connection: HTTPConnection) -> None:
        """The error says what to do, and the connection can be used again."""
        with pytest.raises(UnicodeEncodeError, match="encode"):
            connection.request("POST", "/", "\u20ac")
        connection.request("GET", "/")
        assert read(connection) == b"hello"


class TestConnections:
    """Keep-alive, states, and where a connection goes."""

    def test_one_connection_serves_many_requests(self, server: FakeServer, connection: HTTPConnection) -> None:
        """It persists as long as both sides let it, and is made anew where the server has closed it."""
        for _ in range(3):
            connection.request("GET", "/")
            read(connection)
        assert {entry.caller.connection for entry in server.journal} == {1}
        server.expect_oneshot_request("/close").respond_with_data("bye", headers={"Connection": "close"})
        connection.request("GET", "/close")
        assert read(connection) == b"bye"
        connection.request("GET", "/")
        assert read(connection) == b"hello"
        assert server.journal[-1].caller.connection == 2

    @pytest.mark.parametrize(
        ("method", "answer"),
        [
            ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"),
            ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n"),
            ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\nno size\r\n"),
            ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
            ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nfirst"),
            ("GET", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
            ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"),
        ],
    )
    @both_faces
    def test_what_comes_unasked_answers_nothing(
        self, server: FakeServer, face: type[HTTPConnection], method: str, answer: bytes
    ) -> None:
        """What stands behind a response is never taken for the next one: that one comes by a new connection."""
        unasked = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked"
        server.expect_oneshot_request("/first").respond(Raw(answer + unasked, Then.KEEP))
        with face(server.host, server.port, timeout=5) as connection:
            connection.request(method, "/first")
            with contextlib.suppress(httplib_sim.IncompleteRead):
                assert read(connection) in {b"", b"first"}
            connection.request("GET", "/")
            assert read(connection) == b"hello"
        assert server.journal[-1].caller.connection == 2

    def test_states(self, connection: HTTPConnection) -> None:
        """Each method out of its turn raises the exception of the documentation."""
        with pytest.raises(httplib_sim.ResponseNotReady):
            connection.getresponse()
        with pytest.raises(httplib_sim.CannotSendHeader):
            connection.putheader("A", "b")
        with pytest.raises(httplib_sim.CannotSendHeader):
            connection.endheaders()
        connection.request("GET", "/")
        with pytest.raises(httplib_sim.CannotSendRequest):
            connection.request("GET", "/")
        response = connection.getresponse()
        with pytest.raises(httplib_sim.ResponseNotReady):
            connection.getresponse()
        response.read()
        connection.request("GET", "/")
        assert read(connection) == b"hello"

    def test_without_auto_open_nothing_is_opened(self, server: FakeServer) -> None:
        """NotConnected says so."""
        connection = HTTPConnection(server.host, server.port)
        connection.auto_open = 0
        with pytest.raises(httplib_sim.NotConnected):
            connection.request("GET", "/")

    @pytest.mark.parametrize(
        ("host", "port", "expected"),
        [
            ("www.cwi.nl", None, ("www.cwi.nl", 80)),
            ("www.cwi.nl:81", None, ("www.cwi.nl", 81)),
            ("www.cwi.nl", 82, ("www.cwi.nl", 82)),
            ("www.cwi.nl:", None, ("www.cwi.nl", 80)),
            ("[::1]:83", None, ("::1", 83)),
            ("[::1]", None, ("::1", 80)),
        ],
    )
    def test_host_and_port(self, host: str, port: int | None, expected: tuple[str, int]) -> None:
        """The port is taken from the host where it is not given; IPv6 stands in brackets."""
        made = HTTPConnection(host, port)
        assert (made.host, made.port) == expected

    def test_a_port_that_is_no_number_is_refused(self) -> None:
        """InvalidURL names it."""
        with pytest.raises(httplib_sim.InvalidURL, match="abc"):
            HTTPConnection("www.cwi.nl:abc")

    def test_a_tunnel(self) -> None:
        """CONNECT goes to the proxy first; what it answers, if not 2xx, is an error that says so."""
        with FakeServer() as proxy:
            proxy.expect_request("example.com:8080", method="CONNECT").respond_with_data("no", status=407)
            with HTTPConnection(proxy.host, proxy.port, timeout=5) as connection:
                connection.set_tunnel("example.com", 8080, {"X-Proxy": "a"})
                with pytest.raises(OSError, match="Tunnel connection failed: "):
                    connection.request("GET", "/")
            head = sent(proxy)
        assert head.startswith(b"CONNECT example.com:8080 HTTP/1.1\r\n")
        assert b"Host: example.com:8080\r\n" in head
        assert b"X-Proxy: a\r\n" in head

    @both_faces
    def test_what_the_proxy_said(self, face: type[HTTPConnection]) -> None:
        """The headers of a proxy that grants a tunnel can be asked for, and only LF has ended their lines."""
        script = [b"HTTP/1.1 200 OK\r\nX-Proxy: a\rb\r\nX-Proxy: c\r\n\r\n", b"HTTP/1.1 204 Nothing\r\n\r\n"]
        with ScriptedServer(script) as proxy, face("127.0.0.1", proxy.port) as connection:
            connection.set_tunnel("example.com", 8080)
            assert connection.get_proxy_response_headers() is None
            connection.request("GET", "/")
            assert connection.getresponse().status == 204
            headers = connection.get_proxy_response_headers()
            assert headers is not None
            assert [value for name, value in headers.items() if name == "X-Proxy"] == ["a b", "c"]

    def test_what_the_proxy_said_is_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With a debug level the head of its answer is printed, the lines as they came, as http.client does."""
        script = [b"HTTP/1.1 200 OK\r\nX-Proxy: a\r\n\r\n"]
        with ScriptedServer(script) as proxy, HTTPConnection("127.0.0.1", proxy.port) as connection:
            connection.set_tunnel("example.com", 8080)
            connection.set_debuglevel(1)
            connection.connect()
        assert "reply: 'HTTP/1.1 200 OK'\nheader: X-Proxy: a\r\n\n" in capsys.readouterr().out

    def test_a_tunnel_of_a_programs_own(self) -> None:
        """A subclass that asks for the tunnel by itself, as urllib3 does, notes the headers as http.client does."""

        class Own(httplib_sim.client.HTTPConnection):
            def _tunnel(self) -> None:
                self.send(b"CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n")
                response = self.response_class(self.sock, method="CONNECT")
                assert response._read_status() == ("HTTP/1.1", 200, "OK")
                self._raw_proxy_headers = httplib_sim.client._read_headers(response.fp)
                response.close()

        script = [b"HTTP/1.1 200 OK\r\nX-Proxy: a\r\n\r\n", b"HTTP/1.1 204 Nothing\r\n\r\n"]
        with ScriptedServer(script) as proxy, Own("127.0.0.1", proxy.port) as connection:
            connection.set_tunnel("example.com", 80)
            connection.request("GET", "/")
            assert connection.getresponse().status == 204
            headers = connection.get_proxy_response_headers()
            assert headers is not None
            assert headers["x-proxy"] == "a"

    def test_a_timeout_is_a_timeout(self, server: FakeServer) -> None:
        """A server that stays silent is given up after that many seconds."""
        server.clear()
        server.expect("/").respond(Raw(b"", Then.STALL))
        with HTTPConnection(server.host, server.port, timeout=0.05) as connection:
            connection.request("GET", "/")
            with pytest.raises(TimeoutError):
                connection.getresponse()

    def test_the_error_of_connecting_says_where_to(self, server: FakeServer) -> None:
        """A note names the origin; nothing else of the exception is changed."""
        server.stop()
        with pytest.raises(ConnectionRefusedError) as caught:
            HTTPConnection(server.host, server.port).request("GET", "/")
        assert caught.value.__notes__ == [f"while connecting to {server.url}"]

    def test_debuglevel_prints_what_people_grep_for(
        self, connection: HTTPConnection, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The lines begin with send:, reply: and header:."""
        connection.set_debuglevel(1)
        connection.request("GET", "/")
        read(connection)
        printed = capsys.readouterr().out
        assert printed.startswith("send: b'GET / HTTP/1.1\\r\\nHost: ")
        assert "reply: 'HTTP/1.1 200 OK\\r\\n'" in printed
        assert "header: Content-Length: 5" in printed


class TestSafety:
    """No control character leaves, whichever way it comes (CVE-2016-5699, CVE-2019-9740, CVE-2020-26116 and others)."""

    @both_faces
    @pytest.mark.parametrize("bad", ["\r\n", "\n", "\r", "\0", "\x1f", " x"])
    def test_urls(self, face: type[HTTPConnection], bad: str) -> None:
        """Neither a control character nor a blank may stand in a URL."""
        with pytest.raises(httplib_sim.InvalidURL):
            face("127.0.0.1", 1).request("GET", f"/{bad}X-Injected: yes")

    @both_faces
    @pytest.mark.parametrize("bad", ["\r\n", "\n", "\r", "\0"])
    def test_the_rest(self, face: type[HTTPConnection], bad: str) -> None:
        """Methods, names, values, hosts and the headers of tunnels are checked alike; nothing is ever connected."""
        made = face("127.0.0.1", 1)
        with pytest.raises(ValueError, match="ethod"):
            made.request(f"GET{bad}", "/")
        with pytest.raises(ValueError, match="alue"):
            made.request("GET", "/", headers={"A": f"b{bad}X: y"})
        with pytest.raises(ValueError, match="name"):
            made.request("GET", "/", headers={f"A{bad}B": "c"})
        with pytest.raises(httplib_sim.InvalidURL):
            face(f"127.0.0.1{bad}", 1)
        made.set_tunnel(f"example.com{bad}")
        with pytest.raises(ValueError, match="Tunnel host can't contain control characters"):
            made.connect()
        assert made.sock is None

    def test_a_value_is_not_shown(self) -> None:
        """It may be a secret."""
        with pytest.raises(ValueError, match="alue") as caught:
            HTTPConnection("127.0.0.1", 1).request("GET", "/", headers={"Authorization": "top\nsecret"})
        assert "secret" not in str(caught.value)


class TestHTTPS:
    """Verified unless told otherwise."""

    def test_verified(self) -> None:
        """With the server's authority in the context, requests go through, over one connection."""
        with FakeServer(tls=True) as server:
            server.expect("/").respond(data="safe")
            with HTTPSConnection(server.host, server.port, context=server.tls.client_context()) as connection:
                for _ in range(2):
                    connection.request("GET", "/")
                    assert read(connection) == b"safe"
            assert {entry.caller.connection for entry in server.journal} == {1}

    @pytest.mark.parametrize(
        "kind", [httplib_sim.HTTPSConnection, httplib_sim.client.HTTPSConnection], ids=["httplib", "http.client"]
    )
    def test_an_authority_that_nobody_knows_is_refused(self, kind: type[HTTPSConnection]) -> None:
        """By default: nothing is sent, and the error is that of the certificate."""
        with FakeServer(tls=True) as server, kind(server.host, server.port, timeout=5) as connection:
            with pytest.raises(ssl.SSLCertVerificationError):
                connection.request("GET", "/", headers={"Authorization": "secret"})
            assert all(entry.request is None for entry in server.journal)


def test_threads_with_a_connection_each(server: FakeServer) -> None:
    """Connections share nothing: eight threads get their own answers."""
    wrong: list[bytes] = []

    def ask() -> None:
        with HTTPConnection(server.host, server.port, timeout=5) as connection:
            for _ in range(20):
                connection.request("GET", "/")
                if (content := read(connection)) != b"hello":
                    wrong.append(content)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_limits_by_http_clients_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs raise or lower http.client's limits by its private names; what they put there holds, in tunnels too."""
    client = httplib_sim.client
    answer = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 150 + b"Content-Length: 0\r\n\r\n"
    long = b"HTTP/1.1 200 OK\r\nX-Long: " + b"z" * 30 + b"\r\n\r\n"
    with monkeypatch.context() as patch, ScriptedServer([answer]) as server:
        patch.setattr(client, "_MAXHEADERS", 200)
        with client.HTTPConnection("127.0.0.1", server.port) as connection:
            connection.request("GET", "/")
            assert len(connection.getresponse().getheaders()) == 151
        assert len(client.parse_headers(io.BytesIO(answer.partition(b"\n")[2]))) == 151
    with monkeypatch.context() as patch, ScriptedServer([long]) as server:
        patch.setattr(client, "_MAXLINE", 17)
        with client.HTTPConnection("127.0.0.1", server.port) as connection:
            connection.set_tunnel("example.com")
            with pytest.raises(httplib_sim.LineTooLong, match="got more than 17 bytes when reading header line"):
                connection.connect()
    with ScriptedServer([answer]) as server, client.HTTPConnection("127.0.0.1", server.port) as connection:
        connection.request("GET", "/")
        with pytest.raises(httplib_sim.HTTPException, match="got more than 100 headers"):
            connection.getresponse()


class TestSubclasses:
    """Programs override methods, with the signatures of httplib's documentation."""

    def test_methods_of_a_connection(self, server: FakeServer) -> None:
        """Each is called by request(), with no argument that httplib does not know."""
        called: list[str] = []

        class Mine(httplib_sim.HTTPConnection):
            def connect(self) -> None:
                called.append("connect")
                self.sock = socket.create_connection((self.host, self.port))

            def putrequest(
                self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False
            ) -> None:
                called.append("putrequest")
                super().putrequest(method, url, skip_host, skip_accept_encoding)
                self.putheader("X-Mine", "1")

            def endheaders(self, message_body: object = None) -> None:  # type: ignore[override]
                called.append("endheaders")
                super().endheaders(message_body)

            def send(self, data: object) -> None:
                called.append("send")
                super().send(data)

        with Mine(server.host, server.port) as connection:
            connection.request("POST", "/", "hello")
            assert read(connection) == b"hello"
        assert called == ["putrequest", "endheaders", "send", "connect"]
        assert b"\r\nX-Mine: 1\r\n" in sent(server)

    @pytest.mark.parametrize("buffering", [False, True])
    def test_a_response_class(self, server: FakeServer, buffering: bool) -> None:
        """It is made as httplib makes it."""

        class Mine(httplib_sim.HTTPResponse):
            def __init__(
                self,
                sock: object,
                debuglevel: int = 0,
                strict: int = 0,
                method: str | None = None,
                buffering: bool = False,
            ) -> None:
                httplib_sim.HTTPResponse.__init__(self, sock, debuglevel, strict, method, buffering)

            def read(self, amt: int | None = None) -> bytes:
                return httplib_sim.HTTPResponse.read(self, amt).upper()

        with HTTPConnection(server.host, server.port) as connection:
            connection.response_class = Mine
            for _ in range(2):
                connection.request("GET", "/")
                assert connection.getresponse(buffering).read() == b"HELLO"

    def test_the_old_class_of_a_connection(self, server: FakeServer) -> None:
        """HTTP makes the connection that its class says."""
        made: list[httplib_sim.HTTPConnection] = []

        class Mine(httplib_sim.HTTPConnection):
            def connect(self) -> None:
                made.append(self)
                super().connect()

        class Old(httplib_sim.HTTP):
            _connection_class = Mine

        old = Old(server.host, server.port)
        old.putrequest("GET", "/")
        old.endheaders()
        assert old.getreply()[0] == 200
        assert old.getfile().read() == b"hello"
        assert len(made) == 1


def test_text_and_bytes_are_not_compared() -> None:
    """Python can be told to make an error of that (-bb), and headers may be either."""
    program = """
from httplib_sim import HTTPConnection
from fake_server import FakeServer

with FakeServer() as server, HTTPConnection(server.host, server.port) as connection:
    server.expect_request("/").respond_with_data("")
    for headers in ({"A": "b"}, {b"A": b"b"}, {"A": b"b"}, {"A": "b"}, {"A": 5}):
        connection.request("GET", "/", headers=headers)
        assert connection.getresponse().read() == b""
"""
    done = subprocess.run([sys.executable, "-bb", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((b"GET", "/"), TypeError, "expected a method as str, got bytes"),
        (("GET", b"/"), TypeError, "expected a URL as str, got bytes"),
        (("GET", 5), TypeError, "expected a URL as str, got int"),
        (
            ("GET", "/", None, {"A": None}),
            TypeError,
            "expected str, bytes or a number as the value of A, got NoneType",
        ),
        (("POST", "/", ["text"]), TypeError, "an iterable of bytes, got str in it"),
    ],
)
@pytest.mark.parametrize("kind", [HTTPConnection, httplib_sim.client.HTTPConnection], ids=["httplib_sim", "client"])
def test_what_is_no_request_is_refused_in_words(
    kind: type[HTTPConnection], arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    """The error says what was expected, and what came."""
    with FakeServer() as server, kind(server.host, server.port) as connection:
        with pytest.raises(error, match=message):
            connection.request(*arguments)
        assert len(server.journal) == 0
