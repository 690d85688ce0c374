"""HTTP and HTTPS as Python 1.5 had them, against a real server; and the other old names."""

from __future__ import annotations

import io
import ssl
from typing import TYPE_CHECKING

import pytest

import httplib_sim as httplib
from fake_server import FakeServer
from fake_server.answers import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that has a page."""
    with FakeServer() as running:
        running.expect_request("/index.html").respond_with_data("<html>\nhello\n", content_type="text/html")
        yield running


def ask(connection: httplib.HTTP) -> None:
    """Send the request of Python 1.5's documentation."""
    connection.putrequest("GET", "/index.html")
    connection.putheader("Accept", "text/html")
    connection.endheaders()


def test_a_session_of_python_1_5(server: FakeServer) -> None:
    """Request step by step, then getreply and getfile; on the wire it is HTTP/1.0, without a Host of its own."""
    connection = httplib.HTTP(f"{server.host}:{server.port}")
    ask(connection)
    status, reason, headers = connection.getreply()
    assert (status, reason) == (200, "OK")
    assert headers is not None
    assert headers.gettype() == "text/html"
    assert headers is connection.headers
    assert connection.getfile().readlines() == [b"<html>\n", b"hello\n"]
    connection.close()
    request = server.journal[-1].request
    assert request is not None
    assert request.octets == b"GET /index.html HTTP/1.0\r\nAccept: text/html\r\n\r\n"


def test_the_host_may_come_with_connect(server: FakeServer) -> None:
    """HTTP() has none; connect(host, port) gives it."""
    connection = httplib.HTTP()
    assert connection.getfile() is None
    connection.connect(server.host, server.port)
    ask(connection)
    assert connection.getreply()[0] == 200
    assert connection.getfile().read() == b"<html>\nhello\n"
    connection.close()


def test_the_file_outlives_the_connection(server: FakeServer) -> None:
    """Programs keep the file, and drop the rest."""
    connection = httplib.HTTP(server.host, server.port)
    ask(connection)
    connection.getreply()
    file = connection.getfile()
    connection.close()
    assert connection.getfile() is None
    del connection
    assert file.read() == b"<html>\nhello\n"


def test_a_bad_status_line(server: FakeServer) -> None:
    """It is -1 and the line, and no headers."""
    server.clear()
    server.expect_request("/index.html").respond(Raw(b"HTTP/1.1 nonsense\r\n\r\n"))
    connection = httplib.HTTP(server.host, server.port)
    ask(connection)
    assert connection.getreply() == (-1, "HTTP/1.1 nonsense\r\n", None)
    assert connection.headers is None


def test_over_tls() -> None:
    """HTTPS takes a context; without one the certificate is verified."""
    with FakeServer(tls=True) as server:
        server.expect_request("/index.html").respond_with_data("safe")
        connection = httplib.HTTPS(server.host, server.port, context=server.tls.client_context())
        ask(connection)
        assert connection.getreply()[0] == 200
        assert connection.getfile().read() == b"safe"
        connection.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(httplib.HTTPS(server.host, server.port))


def test_port_0_is_the_default_port() -> None:
    """Some passed it."""
    assert httplib.HTTP("h", 0)._conn.port == 80
    assert httplib.HTTPS("h", 0)._conn.port == 443


def test_other_old_names() -> None:
    """FakeSocket, LineAndFileWrapper and MAXAMOUNT do what they did."""
    sock = object()
    with pytest.warns(DeprecationWarning, match="FakeSocket"):
        assert httplib.FakeSocket(None, sock) is sock
    file = httplib.LineAndFileWrapper("hello\n", io.BytesIO(b"world\n"))
    assert (file.read(2), file.readline(), file.read()) == (b"he", b"llo\n", b"world\n")
    assert httplib.MAXAMOUNT == 1_048_576


def test_a_star_import_brings_what_it_brought() -> None:
    """The classes, the exceptions, error and responses; the status codes are asked for by name."""
    names: dict[str, object] = {}
    exec("from httplib_sim import *", names)
    assert {"HTTP", "HTTPConnection", "HTTPSConnection", "HTTPResponse", "BadStatusLine", "error", "responses"} <= set(
        names
    )
    assert "OK" not in names
    assert httplib.OK == 200
