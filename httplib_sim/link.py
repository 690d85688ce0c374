"""The connection below the requests: where to, how to get there, and octets on their way.

Law: connects, through `waist` and a proxy's tunnel if there is one, and sends what it is given. What a request is, and
what states there are, is not known here.
"""

from __future__ import annotations

import collections.abc
import errno
import io
import socket
import sys
from typing import TYPE_CHECKING, Any, Final, Self, cast

from . import request_body, waist, wire
from .authority import ascii_host, check_host, check_tunnel_host, host_and_port, host_field, with_port
from .errors import NotConnected
from .request_head import field_name, field_value, lower_names
from .response import HTTPResponse

if TYPE_CHECKING:
    from types import TracebackType

    from .message import HTTPMessage
    from .source import Source

HTTP_PORT: Final = waist.DEFAULT_PORTS["http"]

DEFAULT_TIMEOUT: Any = socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]  # noqa: SLF001  both documents' default


class Link:
    """A connection to a server, made when it is first needed.

    *host* may have the port in it (``host:port``). *timeout* is in seconds. *source_address* is the (host, port) to
    connect from. *blocksize* is how many octets of a file are sent at once.
    """

    scheme = "http"
    default_port = HTTP_PORT
    auto_open = 1
    debuglevel = 0
    limits: wire.Limits = wire.LIMITS
    _http_vsn_str = "HTTP/1.1"

    def __init__(
        self,
        host: str,
        port: int | str | None,
        timeout: float | None,
        source_address: tuple[str, int] | None,
        blocksize: int,
    ) -> None:
        self.timeout = timeout
        self.source_address = source_address
        self.blocksize = blocksize
        self.sock: Any = None
        self._source: Source | None = None
        self._tunnel_host: str | None = None
        self._tunnel_port: int | None = None
        self._tunnel_headers: dict[str, str] = {}
        self._raw_proxy_headers: list[bytes] | None = None
        self.host, self.port = self._get_hostport(host, port)
        self._validate_host(self.host)
        # An attribute, so that a connection can be given another way to connect.
        self._create_connection = socket.create_connection

    # Where to

    def _get_hostport(self, host: str, port: int | str | None) -> tuple[str, int]:
        return host_and_port(host, port, self.default_port)

    def _validate_host(self, host: str) -> None:
        check_host(host)

    def set_tunnel(
        self, host: str, port: int | None = None, headers: collections.abc.Mapping[str, str] | None = None
    ) -> None:
        """Send requests through a tunnel: this connection's host is a proxy, *host* and *port* are the server's.

        *headers* go with the CONNECT request (RFC 9110 section 9.3.6), and Host, if it is not among them. Raises
        `RuntimeError` once connected, and when connecting `ValueError` for a host and headers that are unsafe to send
        (CVE-2026-1502).
        """
        if self.sock is not None:
            raise RuntimeError("Can't set up tunnel for established connection")
        self._tunnel_host, self._tunnel_port = self._get_hostport(host, port)
        self._tunnel_headers = dict(headers) if headers else {}
        if sys.version_info >= (3, 12):  # where http.client adds it here, for all to see
            self._tunnel_headers = self._tunnel_headers_with_host()

    def _tunnel_headers_with_host(self) -> dict[str, str]:
        """RFC 9112 section 3.2: a request has a Host, and CONNECT is one."""
        if "host" in lower_names(self._tunnel_headers):
            return self._tunnel_headers
        host = with_port(ascii_host(cast("str", self._tunnel_host)), cast("int", self._tunnel_port))
        return {**self._tunnel_headers, "Host": host}

    def get_proxy_response_headers(self) -> HTTPMessage | None:
        """Return the headers of the proxy's answer to CONNECT, None if there was none."""
        if self._raw_proxy_headers is None:
            return None
        from .message import from_lines  # noqa: PLC0415  loads the email package: only for those who ask

        return cast("HTTPMessage", from_lines(self._raw_proxy_headers))

    def set_debuglevel(self, level: int) -> None:
        """Print what is sent, and the heads that are received, if *level* is greater than 0."""
        self.debuglevel = level

    def _host_field(self) -> str:
        """The value of Host for requests to this server."""
        if self._tunnel_host:
            return host_field(self._tunnel_host, cast("int", self._tunnel_port), self.default_port)
        return host_field(self.host, self.port, self.default_port)

    @property
    def origin(self) -> waist.Origin:
        """The server that requests are for: the one behind the tunnel, if there is one."""
        if self._tunnel_host:
            return waist.Origin(self.scheme, self._tunnel_host, cast("int", self._tunnel_port))
        return waist.Origin(self.scheme, self.host, self.port)

    # Connecting

    def connect(self) -> None:
        """Connect to the server given when the object was made. Raises OSError as the socket module does.

        And `ValueError` for a tunnel's host that is unsafe to send.
        """
        if self._tunnel_host:
            check_tunnel_host(self._tunnel_host)
        sys.audit("http.client.connect", self, self.host, self.port)
        proxy = waist.Origin("http", self.host, self.port) if self._tunnel_host else None
        self.sock = waist.connect(self.origin, self._dial, proxy)
        if isinstance(self.timeout, int | float):  # who connects later, or never, is to know how long to wait
            self.sock.settimeout(self.timeout)

    def _dial(self) -> socket.socket:
        """Really connect. The error of a connection that fails says, in a note, where to it was."""
        try:
            sock = self._create_connection((self.host, self.port), self.timeout, self.source_address)
            try:
                return self._prepare(sock)
            except BaseException:
                sock.close()
                raise
        except OSError as problem:
            through = f" through the proxy {with_port(self.host, self.port)}" if self._tunnel_host else ""
            problem.add_note(f"while connecting to {self.origin.url}{through}")
            raise

    def _prepare(self, sock: socket.socket) -> socket.socket:
        """Make of a new socket what requests can be sent over: through the proxy's tunnel, if there is one."""
        _send_without_delay(sock)
        if self._tunnel_host:
            before, self.sock = self.sock, sock
            try:
                self._tunnel()
            finally:
                self.sock = before
        return sock

    def _tunnel(self) -> None:
        """Ask the proxy for a tunnel (RFC 9110 section 9.3.6). Raises OSError unless the proxy grants it."""
        host, port = cast("str", self._tunnel_host), cast("int", self._tunnel_port)
        check_tunnel_host(host)  # once more: a subclass may have a connect() of its own
        lines = [f"CONNECT {with_port(ascii_host(host), port)} {self._http_vsn_str}".encode("ascii")]
        headers = self._tunnel_headers_with_host().items()
        lines += [field_name(name) + b": " + field_value(value) for name, value in headers]
        self.send(b"\r\n".join([*lines, b"", b""]))
        response = HTTPResponse(self.sock, strict=1, method="CONNECT")
        response._limits = self.limits  # noqa: SLF001  two halves of one client
        try:
            response.begin()
            head = cast("wire.ResponseHead", response.head)
            self._raw_proxy_headers = io.BytesIO(head.fields.octets).readlines()  # only LF ends a line
            self._show(f"reply: {head.start_line!r}")
            for line in self._raw_proxy_headers:
                self._show(f"header: {line.decode('latin-1')}")
            if not 200 <= response.status < 300:
                self.close()
                raise OSError(f"Tunnel connection failed: {response.status} {response.reason}")
            if response.has_early_octets:
                # In HTTP and in TLS the client speaks first: this is from somebody who cannot know what we will say.
                raise OSError("Tunnel connection failed: the proxy sent octets of its own into the tunnel")
        finally:
            response.close()

    def close(self) -> None:
        """Close the connection; whatever is sent next opens a new one."""
        self._source = None
        sock, self.sock = self.sock, None
        if sock is not None:
            sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Sending

    def send(self, data: Any) -> None:  # noqa: ANN401  see below
        """Send *data*: bytes, a str (as ISO-8859-1), a file (in blocks), or an iterable of bytes. Connects if need be.

        Raises `NotConnected` if ``auto_open`` forbids to connect, and what the socket raises.
        """
        if self.sock is None:
            if not self.auto_open:
                raise NotConnected
            self.connect()
        if self.debuglevel > 0:
            print("send:", repr(data))  # noqa: T201  what set_debuglevel asks for
        if type(data) is bytes:
            sys.audit("http.client.send", self, data)
            self.sock.sendall(data)
        else:
            self._send_other(data)

    def _send_other(self, data: Any) -> None:  # noqa: ANN401  see send
        """Send what is not bytes."""
        if hasattr(data, "read"):
            self._show("sending a readable")
            for block in self._read_readable(data):
                sys.audit("http.client.send", self, block)
                self.sock.sendall(block)
            return
        if isinstance(data, str):
            data = request_body.encode(data, "data")
        sys.audit("http.client.send", self, data)
        try:
            self.sock.sendall(data)
        except TypeError:
            if not isinstance(data, collections.abc.Iterable):
                text = f"data should be a bytes-like object or an iterable, got {type(data)!r}"
                raise TypeError(text) from None
            for piece in data:
                self.sock.sendall(piece)

    def _show(self, text: str) -> None:
        if self.debuglevel > 0:
            print(text)  # noqa: T201  what set_debuglevel asks for

    def _read_readable(self, file: Any) -> collections.abc.Iterator[Any]:  # noqa: ANN401  any file
        self._show("reading a readable")
        if request_body.is_text(file):
            self._show("encoding file using iso-8859-1")
        return request_body.blocks(file, self.blocksize)


def _send_without_delay(sock: socket.socket) -> None:
    """Have the system send small packets at once, and not hold them back for the last one's acknowledgement."""
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as problem:
        if problem.errno != errno.ENOPROTOOPT:  # not every socket is TCP's
            raise
