"""Python 2.7's httplib documentation, statement by statement: what it says is so here.

Law: one test for one statement, in the documentation's order, and in its words. That the real httplib does the same,
and more than it says, is for the recorded facts to show.
"""

from __future__ import annotations

import inspect
import socket
import ssl
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

import httplib_sim as httplib
from fake_server import FakeServer
from fake_server.answers import Raw, Then

from .peers import PATIENCE, Octets, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that answers whatever is asked."""
    with FakeServer() as running:
        running.expect("/", required=False).respond(data="hello")
        running.expect("/<path:any>", required=False).respond(data="hello")
        yield running


@pytest.fixture
def conn(server: FakeServer) -> Iterator[httplib.HTTPConnection]:
    """A connection to it."""
    with httplib.HTTPConnection(server.host, server.port, timeout=5) as made:
        yield made


def sent(server: FakeServer) -> bytes:
    """The octets of the last request."""
    request = server.journal[-1].request
    assert request is not None
    return request.octets


def parameters(function: Any) -> list[str]:
    """The names of the parameters that may be given by position."""
    given = inspect.signature(function).parameters.values()
    return [one.name for one in given if one.kind is one.POSITIONAL_OR_KEYWORD]


class TestHTTPConnection:
    """HTTPConnection(host[, port[, strict[, timeout[, source_address]]]])."""

    def test_the_arguments(self) -> None:
        """By position in this order, and by these names."""
        assert parameters(httplib.HTTPConnection) == ["host", "port", "strict", "timeout", "source_address"]
        made = httplib.HTTPConnection("h", 81, 1, 2.5, ("127.0.0.1", 0))
        assert (made.host, made.port, made.strict, made.timeout) == ("h", 81, 1, 2.5)
        assert made.source_address == ("127.0.0.1", 0)

    def test_the_calls_that_connect_to_the_same_server(self) -> None:
        """The port is extracted from the host string if it has the form host:port, else the default port is used."""
        h1 = httplib.HTTPConnection("www.cwi.nl")
        h2 = httplib.HTTPConnection("www.cwi.nl:80")
        h3 = httplib.HTTPConnection("www.cwi.nl", 80)
        h4 = httplib.HTTPConnection("www.cwi.nl", 80, timeout=10)
        assert {(h.host, h.port) for h in (h1, h2, h3, h4)} == {("www.cwi.nl", 80)}
        assert h4.timeout == 10

    @pytest.mark.parametrize("line", [b"nonsense", b"HTTPS/1.1 200 OK", b"200 OK"])
    def test_strict_causes_bad_status_line(self, server: FakeServer, line: bytes) -> None:
        """If the status line can't be parsed as a valid HTTP/1.0 or 1.1 status line."""
        server.clear()
        server.expect("/").respond(Raw(line + b"\r\n\r\n", Then.CLOSE))
        with httplib.HTTPConnection(server.host, server.port, strict=True) as conn:
            conn.request("GET", "/")
            with pytest.raises(httplib.BadStatusLine):
                conn.getresponse()

    def test_strict_defaults_to_a_false_value(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """Without it, what has no status line is an HTTP/0.9 response."""
        assert not conn.strict
        server.clear()
        server.expect("/").respond(Raw(b"<p>hello", Then.CLOSE))
        conn.request("GET", "/")
        response = conn.getresponse()
        assert (response.status, response.reason, response.version) == (200, "", 9)
        assert response.getheaders() == []
        assert response.read() == b"<p>hello"

    def test_timeout(self, server: FakeServer) -> None:
        """Blocking operations will time out after that many seconds."""
        server.clear()
        server.expect("/").respond(Raw(b"", Then.STALL))
        with httplib.HTTPConnection(server.host, server.port, timeout=0.05) as conn:
            conn.request("GET", "/")
            with pytest.raises(socket.timeout):
                conn.getresponse()

    def test_timeout_not_given(self, server: FakeServer) -> None:
        """The global default timeout setting is used."""
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(7.5)
        try:
            with httplib.HTTPConnection(server.host, server.port) as conn:
                conn.connect()
                assert conn.sock.gettimeout() == 7.5
        finally:
            socket.setdefaulttimeout(before)

    def test_source_address(self, server: FakeServer) -> None:
        """A (host, port) to use as the source address the HTTP connection is made from."""
        with httplib.HTTPConnection(server.host, server.port, source_address=("127.0.0.1", 0)) as conn:
            conn.connect()
            assert conn.sock.getsockname()[0] == "127.0.0.1"


class TestHTTPSConnection:
    """HTTPSConnection(host[, port[, key_file[, cert_file[, strict[, timeout[, source_address[, context]]]]]]])."""

    ARGUMENTS: ClassVar = ["host", "port", "key_file", "cert_file", "strict", "timeout", "source_address", "context"]

    def test_the_arguments(self) -> None:
        """A subclass of HTTPConnection; default port is 443; key_file and cert_file are deprecated, but there."""
        assert parameters(httplib.HTTPSConnection) == self.ARGUMENTS
        assert issubclass(httplib.HTTPSConnection, httplib.HTTPConnection)
        made = httplib.HTTPSConnection("h", None, None, None, 1, 2.5, ("127.0.0.1", 0))
        assert (made.port, made.strict, made.timeout) == (443, 1, 2.5)
        assert (made.key_file, made.cert_file) == (None, None)

    def test_all_necessary_checks_by_default(self) -> None:
        """Certificate and host name; to revert, ssl._create_unverified_context can be passed to context."""
        with FakeServer(tls=True) as secure:
            secure.expect("/").respond(data="safe")
            with pytest.raises(ssl.SSLCertVerificationError):
                httplib.HTTPSConnection(secure.host, secure.port).request("GET", "/")
            for context in (ssl._create_unverified_context(), secure.tls.client_context()):
                with httplib.HTTPSConnection(secure.host, secure.port, context=context) as conn:
                    conn.request("GET", "/")
                    assert conn.getresponse().read() == b"safe"


class TestOtherClasses:
    """HTTPResponse(sock, debuglevel=0, strict=0), HTTPMessage, HTTP."""

    def test_response(self) -> None:
        """It can be made by hand."""
        assert parameters(httplib.HTTPResponse)[:3] == ["sock", "debuglevel", "strict"]
        response = httplib.HTTPResponse(Octets(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 0, 0)
        response.begin()
        assert response.read() == b"ok"

    def test_message(self, conn: httplib.HTTPConnection) -> None:
        """Provides the utility functions of mimetools.Message."""
        conn.request("GET", "/")
        message = conn.getresponse().msg
        assert isinstance(message, httplib.HTTPMessage)
        assert (message.gettype(), message.getmaintype(), message.getparam("charset")) == (
            "text/plain",
            "text",
            "utf-8",
        )
        assert message.getheader("content-length") == "5"

    def test_http_is_retained(self) -> None:
        """For backward compatibility with 1.5.2."""
        assert httplib.HTTP._http_vsn_str == "HTTP/1.0"
        assert issubclass(httplib.HTTPS, httplib.HTTP)


class TestExceptions:
    """The tree, and who is raised when."""

    TREE: ClassVar = {
        "NotConnected": "HTTPException",
        "InvalidURL": "HTTPException",
        "UnknownProtocol": "HTTPException",
        "UnknownTransferEncoding": "HTTPException",
        "UnimplementedFileMode": "HTTPException",
        "IncompleteRead": "HTTPException",
        "ImproperConnectionState": "HTTPException",
        "CannotSendRequest": "ImproperConnectionState",
        "CannotSendHeader": "ImproperConnectionState",
        "ResponseNotReady": "ImproperConnectionState",
        "BadStatusLine": "HTTPException",
    }

    def test_the_tree(self) -> None:
        """Each is a direct subclass of what the documentation says; the base is a subclass of Exception."""
        assert httplib.HTTPException.__bases__ == (Exception,)
        for name, base in self.TREE.items():
            assert getattr(httplib, name).__bases__ == (getattr(httplib, base),)

    def test_invalid_url(self) -> None:
        """Raised if a port is given and is non-numeric; an empty one is the default port, whatever the text says."""
        with pytest.raises(httplib.InvalidURL):
            httplib.HTTPConnection("www.cwi.nl:http")
        assert httplib.HTTPConnection("www.cwi.nl:").port == 80

    def test_bad_status_line(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """Raised if a server responds with a status code that we don't understand."""
        server.clear()
        server.expect("/").respond(Raw(b"HTTP/1.1 20x OK\r\n\r\n", Then.CLOSE))
        conn.request("GET", "/")
        with pytest.raises(httplib.BadStatusLine) as caught:
            conn.getresponse()
        assert caught.value.line == "HTTP/1.1 20x OK\r\n"


class TestConstants:
    """Ports, status codes, reasons."""

    def test_ports(self) -> None:
        """Always 80, always 443."""
        assert (httplib.HTTP_PORT, httplib.HTTPS_PORT) == (80, 443)

    def test_responses(self) -> None:
        """This dictionary maps the status codes to the W3C names."""
        assert httplib.responses[httplib.NOT_FOUND] == "Not Found"


class TestRequest:
    """request(method, url[, body[, headers]])."""

    def test_the_arguments(self) -> None:
        """By position and by these names."""
        assert parameters(httplib.HTTPConnection.request) == ["self", "method", "url", "body", "headers"]

    def test_a_string(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """It is sent after the headers; Content-Length is the length of the str."""
        conn.request("POST", "/", "hello", {"X-Extra": "1"})
        conn.getresponse().read()
        assert sent(server).endswith(b"Content-Length: 5\r\nX-Extra: 1\r\n\r\nhello")

    def test_an_open_file(self, server: FakeServer, conn: httplib.HTTPConnection, tmp_path: Path) -> None:
        """The contents of the file is sent; Content-Length is the reported size of the file on disk."""
        path = tmp_path / "body"
        path.write_bytes(b"hello, file")
        with path.open("rb") as file:
            conn.request("PUT", "/", file)
        conn.getresponse().read()
        assert sent(server).endswith(b"Content-Length: 11\r\n\r\nhello, file")

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "PUT", "POST", "PATCH"])
    def test_no_body(self, server: FakeServer, conn: httplib.HTTPConnection, method: str) -> None:
        """Content-Length is not set except for methods that expect a body, where it is 0."""
        conn.request(method, "/")
        conn.getresponse().read()
        assert (b"Content-Length: 0\r\n" in sent(server)) is (method in {"PUT", "POST", "PATCH"})

    def test_content_length_provided(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """It is added if one is not provided in headers."""
        conn.request("POST", "/", "hello", {"CONTENT-length": "5"})
        conn.getresponse().read()
        assert sent(server).lower().count(b"content-length") == 1


class TestConnectionMethods:
    """getresponse, set_debuglevel, set_tunnel, connect, close."""

    def test_getresponse(self, conn: httplib.HTTPConnection) -> None:
        """Should be called after a request is sent; returns an HTTPResponse instance."""
        with pytest.raises(httplib.ResponseNotReady):
            conn.getresponse()
        conn.request("GET", "/")
        assert isinstance(conn.getresponse(), httplib.HTTPResponse)

    def test_the_whole_response_must_have_been_read(self, conn: httplib.HTTPConnection) -> None:
        """Before you can send a new request to the server (and get its response)."""
        conn.request("GET", "/")
        response = conn.getresponse()
        conn.request("GET", "/2")
        with pytest.raises(httplib.ResponseNotReady):
            conn.getresponse()
        response.read()
        assert conn.getresponse().read() == b"hello"

    def test_set_debuglevel(self, conn: httplib.HTTPConnection, capsys: pytest.CaptureFixture[str]) -> None:
        """The default debug level is 0, meaning no debugging output is printed."""
        conn.request("GET", "/")
        conn.getresponse().read()
        assert capsys.readouterr().out == ""
        conn.set_debuglevel(1)
        conn.request("GET", "/")
        conn.getresponse().read()
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()][:3] == ["send:", "reply:", "header:"]

    def test_set_tunnel(self) -> None:
        """The host and the port for tunnelling; headers are sent with the CONNECT request."""
        assert parameters(httplib.HTTPConnection.set_tunnel) == ["self", "host", "port", "headers"]
        content = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        with (
            ScriptedServer([b"HTTP/1.1 200 Connection established\r\n\r\n", content]) as proxy,
            httplib.HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE) as conn,
        ):
            conn.set_tunnel("www.python.org", 8080, {"X-Proxy": "a"})
            conn.request("GET", "/")
            assert conn.getresponse().read() == b"hello"
        connect, request = proxy.requests
        assert connect.startswith(b"CONNECT www.python.org:8080 ")
        assert b"\r\nX-Proxy: a\r\n" in connect
        assert b"\r\nHost: www.python.org:8080\r\n" in request

    def test_connect_and_close(self, conn: httplib.HTTPConnection) -> None:
        """Connect to the server specified when the object was created; close the connection to it."""
        conn.connect()
        assert conn.sock is not None
        conn.close()
        assert conn.sock is None


class TestStepByStep:
    """putrequest, putheader, endheaders, send."""

    def test_putrequest(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """The request string, the selector string, and HTTP/1.1; Host and Accept-Encoding unless they are skipped."""
        conn.putrequest("GET", "/a")
        conn.endheaders()
        conn.getresponse().read()
        host = f"{server.host}:{server.port}".encode()
        assert sent(server) == b"GET /a HTTP/1.1\r\nHost: " + host + b"\r\nAccept-Encoding: identity\r\n\r\n"
        conn.putrequest("GET", "/a", True, True)
        conn.putheader("Host", "h")
        conn.endheaders()
        conn.getresponse().read()
        assert sent(server) == b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

    def test_putheader(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """The header, a colon and a space, and the first argument; continuation lines of a tab and an argument."""
        conn.putrequest("GET", "/")
        conn.putheader("X-Many", "one", "two", "three")
        conn.endheaders()
        conn.getresponse().read()
        assert b"\r\nX-Many: one\r\n\ttwo\r\n\tthree\r\n" in sent(server)

    def test_endheaders(self, server: FakeServer, conn: httplib.HTTPConnection, tmp_path: Path) -> None:
        """The body is in the same packet as the headers if it is a string, otherwise in a separate packet."""
        path = tmp_path / "body"
        path.write_bytes(b"hello")
        with path.open("rb") as file:
            bodies: list[Any] = ["hello", file]
            for body in bodies:
                packets: list[bytes] = []
                conn.connect()
                conn.sock = Packets(conn.sock, packets)
                conn.putrequest("POST", "/")
                conn.putheader("Content-Length", "5")
                conn.endheaders(body)
                assert len(packets) == (1 if body == "hello" else 2)
                assert conn.getresponse().read() == b"hello"
                conn.close()
        assert sent(server).endswith(b"\r\n\r\nhello")

    def test_send(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """After endheaders has been called and before getresponse is called."""
        conn.putrequest("POST", "/")
        conn.putheader("Content-Length", "5")
        conn.endheaders()
        conn.send("hel")
        conn.send("lo")
        assert conn.getresponse().read() == b"hello"
        assert sent(server).endswith(b"\r\n\r\nhello")


class Packets:
    """A socket that remembers what was sent at once."""

    def __init__(self, sock: socket.socket, packets: list[bytes]) -> None:
        self._sock = sock
        self._packets = packets

    def sendall(self, data: bytes) -> None:
        """Send, and remember."""
        self._packets.append(bytes(data))
        self._sock.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class TestResponse:
    """The methods and attributes of HTTPResponse."""

    def test_read(self, conn: httplib.HTTPConnection) -> None:
        """The response body, or up to the next amt bytes."""
        conn.request("GET", "/")
        response = conn.getresponse()
        assert (response.read(2), response.read(10), response.read()) == (b"he", b"llo", b"")

    def test_headers(self, server: FakeServer, conn: httplib.HTTPConnection) -> None:
        """Getheader gives the contents, or default if there is no matching header; getheaders a list of tuples."""
        server.expect_oneshot_request("/h").respond_with_data("x", headers={"X-A": "b"})
        conn.request("GET", "/h")
        response = conn.getresponse()
        assert response.getheader("x-a") == "b"
        assert response.getheader("x-b") is None
        assert response.getheader("x-b", "default") == "default"
        assert ("X-A", "b") in response.getheaders()

    def test_fileno(self, conn: httplib.HTTPConnection) -> None:
        """Returns the fileno of the underlying socket."""
        conn.request("GET", "/")
        assert conn.getresponse().fileno() == conn.sock.fileno()

    @pytest.mark.parametrize("version", [10, 11])
    def test_attributes(self, server: FakeServer, conn: httplib.HTTPConnection, version: int) -> None:
        """Version is 10 for HTTP/1.0, 11 for HTTP/1.1; status code and reason phrase are those of the server."""
        server.clear()
        line = b"HTTP/1.%d 404 Not Found\r\nContent-Length: 0\r\n\r\n" % (version - 10)
        server.expect("/").respond(Raw(line, Then.CLOSE))
        conn.request("GET", "/")
        response = conn.getresponse()
        assert (response.version, response.status, response.reason) == (version, 404, "Not Found")
        assert response.msg.getheader("Content-Length") == "0"
