"""A connection to a server, and the requests that go out over it: `HTTPConnection`.

Law: the states and the methods that httplib documents, for both faces of the client; what differs between the faces is
in `face`, as data. What is put on the wire has been checked first: no control character ever leaves (CVE-2016-5699,
CVE-2019-9740, CVE-2019-9947, CVE-2019-18348, CVE-2020-26116, CVE-2026-1502). Every connection is made through `waist`.

The states, as httplib draws them::

    Idle --putrequest--> Request-started --endheaders--> Request-sent --getresponse--> Idle, or, with the response
    unread: Unread-response --response.read()--> Idle
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from . import waist, wire
from .authority import ascii_host, authority_of, host_and_port, host_field, with_port
from .errors import (
    CannotSendHeader,
    CannotSendRequest,
    HTTPException,
    InvalidURL,
    NotConnected,
    ResponseNotReady,
)
from .face import HTTPLIB, Face
from .request_body import blocks_of, chunk, content_length, encode, pieces_of
from .response import HTTPResponse

if TYPE_CHECKING:
    from types import TracebackType

    from .message import HTTPMessage

HTTP_PORT = 80
HTTPS_PORT = 443

_IDLE = "Idle"
_STARTED = "Request-started"
_SENT = "Request-sent"

_ONE_PACKET = 65_536
"""Octets: a body up to this size goes out together with the head, a larger one is not copied for it."""

_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f]")
_UNSAFE_IN_METHOD = re.compile(r"[\x00-\x20\x7f]")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNSAFE_IN_VALUE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\n(?![ \t])|\r(?![ \t\n])")

GLOBAL_DEFAULT_TIMEOUT: Any = socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]  # noqa: SLF001  what both documents name as the default


class HTTPConnection:
    """A connection to an HTTP server, made when it is first needed.

    *host* may have the port in it (``host:port``). *timeout* is in seconds; the global default if it is not given.
    *source_address* is the (host, port) to connect from. With *strict*, `BadStatusLine` is raised for an answer without
    a valid status line; without, that is an HTTP/0.9 response. *blocksize* is how many octets of a file are read at
    once. Raises `InvalidURL` for a host or port that cannot be one.
    """

    _http_vsn = 11
    _http_vsn_str = "HTTP/1.1"
    face: ClassVar[Face] = HTTPLIB
    response_class: type[HTTPResponse] = HTTPResponse
    default_port = HTTP_PORT
    scheme = "http"
    auto_open = 1
    debuglevel = 0

    def __init__(
        self,
        host: str,
        port: int | str | None = None,
        strict: int | None = None,
        timeout: float | None = GLOBAL_DEFAULT_TIMEOUT,
        source_address: tuple[str, int] | None = None,
        *,
        blocksize: int = 65_536,
    ) -> None:
        self.timeout = timeout
        self.source_address = source_address
        self.blocksize = blocksize
        self.strict = self.face.strict if strict is None else bool(strict)
        self.sock: Any = None
        self._buffer: list[bytes] = []
        self._inbox = wire.Inbox()
        self.__response: HTTPResponse | None = None
        self.__state = _IDLE
        self._method: str | None = None
        self._tunnel_host: str | None = None
        self._tunnel_port: int | None = None
        self._tunnel_headers: dict[str, str] = {}
        self._proxy_headers: HTTPMessage | None = None
        self.host, self.port = host_and_port(host, port, self.default_port)
        # An attribute, so that a connection can be given another way to connect.
        self._create_connection = socket.create_connection

    # Where to

    def set_tunnel(self, host: str, port: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Send requests through a tunnel: this connection's host is a proxy, *host* and *port* are the server.

        *headers* go with the CONNECT request. Raises `RuntimeError` once connected, `ValueError` for headers and
        `InvalidURL` for a host with control characters.
        """
        if self.sock is not None:
            raise RuntimeError("Can't set up tunnel for established connection")
        tunnel_host, tunnel_port = host_and_port(host, port, self.default_port)
        fields = {name: str(value) for name, value in (headers or {}).items()}
        for name, value in fields.items():
            wire.check_field_name(name)
            wire.check_field_value(value)
        if not any(name.lower() == "host" for name in fields):
            fields["Host"] = with_port(ascii_host(tunnel_host), tunnel_port)
        self._tunnel_host, self._tunnel_port, self._tunnel_headers = tunnel_host, tunnel_port, fields

    def get_proxy_response_headers(self) -> HTTPMessage | None:
        """Return the headers of the proxy's answer to CONNECT, None if there was none."""
        return self._proxy_headers

    def set_debuglevel(self, level: int) -> None:
        """Print what is sent and received if *level* is greater than 0."""
        self.debuglevel = level

    @property
    def origin(self) -> waist.Origin:
        """The server that requests are for: behind the tunnel, if there is one."""
        if self._tunnel_host is not None:
            return waist.Origin(self.scheme, self._tunnel_host, cast("int", self._tunnel_port))
        return waist.Origin(self.scheme, self.host, self.port)

    # Connecting

    def connect(self) -> None:
        """Connect to the server given when the object was made. Raises OSError as the socket module does."""
        sys.audit("http.client.connect", self, self.host, self.port)
        self._inbox = wire.Inbox()
        self.sock = waist.connect(self.origin, self._dial)

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
        _send_at_once(sock)
        if self._tunnel_host is not None:
            self._open_tunnel(sock)
        return sock

    def _open_tunnel(self, sock: socket.socket) -> None:
        """Ask the proxy for a tunnel (RFC 9110 section 9.3.6). Raises OSError unless it answers 2xx."""
        authority = with_port(ascii_host(cast("str", self._tunnel_host)), cast("int", self._tunnel_port))
        head = wire.request_head("CONNECT", authority, wire.Fields(self._tunnel_headers.items())).octets
        self._show(head)
        sock.sendall(head)
        response = HTTPResponse(sock, self.debuglevel, strict=1, method="CONNECT")
        try:
            response.begin()
            self._proxy_headers = response.headers
            if not 200 <= response.status < 300:
                raise OSError(f"Tunnel connection failed: {response.status} {response.reason.strip()}")
            if response._inbox:  # noqa: SLF001  the two halves of one client
                # In HTTP and in TLS the client speaks first: this is from somebody who cannot see what we will say.
                raise OSError("Tunnel connection failed: the proxy sent octets of its own into the tunnel")
        finally:
            response.close()

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        self.__state = _IDLE
        try:
            sock, self.sock = self.sock, None
            if sock is not None:
                sock.close()
        finally:
            self._buffer.clear()
            self._inbox = wire.Inbox()
            response, self.__response = self.__response, None
            if response is not None:
                response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Sending

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,  # noqa: ANN401  see send
        headers: Mapping[str, Any] = {},
        *,
        encode_chunked: bool = False,
    ) -> None:
        """Send a complete request.

        *body* is a str (sent as ISO-8859-1), bytes, a file, or an iterable of bytes. Unless *headers* has Content-Length
        or Transfer-Encoding, the length is sent where it is known (0 for PUT, POST and PATCH without a body), and the
        body goes in chunks where it is not. Raises as `putrequest` and `putheader` do, before anything is sent.
        """
        names = frozenset(_lower(name) for name in headers)
        if isinstance(body, str):
            body = encode(body, "body")
        self.putrequest(method, url, skip_host="host" in names, skip_accept_encoding="accept-encoding" in names)
        if "content-length" in names:
            encode_chunked = False
        elif "transfer-encoding" not in names:
            length = content_length(body, method, of_files=self.face.file_has_length)
            encode_chunked = length is None and body is not None
            if length is not None:
                self.putheader("Content-Length", str(length))
            elif encode_chunked:
                self.putheader("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            self.putheader(name, value)
        self.endheaders(body, encode_chunked=encode_chunked)

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:
        """Begin a request: the request line, Host and Accept-Encoding unless they are to be skipped.

        Raises `CannotSendRequest` in the wrong state, `ValueError` and `InvalidURL` for control characters.
        """
        self._begin_request()
        _check_method(method)
        url = url or "/"
        _check_url(url)
        line = f"{method} {url} {self._http_vsn_str}".encode("ascii")
        self.__state = _STARTED
        self._method = method
        self._output(line)
        if self._http_vsn == 11:
            if not skip_host:
                self.putheader("Host", authority_of(url) or self._host_field())
            if not skip_accept_encoding:
                self.putheader("Accept-Encoding", "identity")

    def _begin_request(self) -> None:
        """Let go of a response that has been read, and of a connection that cannot be used again."""
        if self.__response is not None and self.__response.isclosed():
            self.__response = None
        if self.__state != _IDLE:
            raise CannotSendRequest(self.__state)
        if self.__response is None and self._inbox and self.sock is not None:
            # What stands behind a complete response belongs to nobody: a new connection is safer than a guess
            # (RFC 9112 section 6.3: it must not be processed as a response).
            self.close()

    def _host_field(self) -> str:
        """The value of Host for this connection's server (RFC 9112 section 3.2)."""
        if self._tunnel_host is not None:
            return host_field(self._tunnel_host, cast("int", self._tunnel_port), self.default_port)
        return host_field(self.host, self.port, self.default_port)

    def putheader(self, header: str | bytes, *values: str | bytes | int) -> None:
        """Send a header line; further *values* are continuation lines, each after a tab.

        Raises `CannotSendHeader` in the wrong state, `ValueError` for a name or value that would end the line.
        """
        if self.__state != _STARTED:
            raise CannotSendHeader(self.__state)
        name = header.encode("ascii") if isinstance(header, str) else header
        if not _NAME.fullmatch(name):
            raise ValueError(f"Invalid header name {name!r}")
        parts = [_header_value(value, name) for value in values]
        self._output(name + b": " + b"\r\n\t".join(parts))

    def endheaders(self, message_body: Any = None, *, encode_chunked: bool = False) -> None:  # noqa: ANN401  see send
        """End the header section, and send it with *message_body*, in one packet if that is bytes.

        With *encode_chunked* each piece of a body that is a file or an iterable is sent as a chunk.
        """
        if self.__state != _STARTED:
            raise CannotSendHeader(self.__state)
        self.__state = _SENT
        self._send_output(message_body, encode_chunked=encode_chunked)

    def _output(self, line: bytes) -> None:
        self._buffer.append(line)

    def _send_output(self, message_body: Any = None, encode_chunked: bool = False) -> None:  # noqa: ANN401  see send
        """Send what was put, then the body."""
        head = b"\r\n".join([*self._buffer, b"", b""])
        self._buffer.clear()
        if isinstance(message_body, str):
            message_body = encode(message_body, "body")
        if isinstance(message_body, bytes) and len(message_body) <= _ONE_PACKET and not encode_chunked:
            self.send(head + message_body)
            return
        self.send(head)
        if message_body is None:
            return
        for piece in pieces_of(message_body, self.blocksize):
            if piece:  # an empty chunk would be the last one
                self.send(chunk(piece) if encode_chunked else piece)
        if encode_chunked:
            self.send(b"0\r\n\r\n")

    def send(self, data: Any) -> None:  # noqa: ANN401  bytes, a file, or an iterable of bytes
        """Send *data*: bytes, a file (read in blocks), or an iterable of bytes. Connects first if need be."""
        if self.sock is None:
            if not self.auto_open:
                raise NotConnected
            self.connect()
        if isinstance(data, bytes):
            self._send_octets(data)
        elif isinstance(data, str):
            self._send_octets(encode(data, "data"))
        elif hasattr(data, "read"):
            for block in blocks_of(data, self.blocksize):
                self._send_octets(block)
        else:
            self._send_other(data)

    def _send_other(self, data: Any) -> None:  # noqa: ANN401  see send
        try:
            octets = memoryview(data)
        except TypeError:
            if not isinstance(data, Iterable):
                kind = type(data)
                raise TypeError(f"data should be a bytes-like object or an iterable, got {kind!r}") from None
            for piece in data:
                self._send_octets(piece)
        else:
            self._send_octets(octets)

    def _send_octets(self, octets: bytes | memoryview) -> None:
        if self.debuglevel > 0:
            self._show(octets)
        sys.audit("http.client.send", self, octets)
        self.sock.sendall(octets)

    def _show(self, octets: bytes | memoryview) -> None:
        if self.debuglevel > 0:
            print("send:", repr(bytes(octets)))  # noqa: T201  what set_debuglevel asks for

    # Receiving

    def getresponse(self, buffering: bool = False) -> HTTPResponse:  # noqa: ARG002  httplib's signature
        """Return the response to the request that was sent. Its content must be read before the next request.

        Raises `ResponseNotReady` in the wrong state, and `HTTPException` for what is no response: the connection is then
        closed. After a timeout it can be called again.
        """
        if self.__response is not None and self.__response.isclosed():
            self.__response = None
        if self.__state != _SENT or self.__response is not None:
            raise ResponseNotReady(self.__state)
        response = self._make_response()
        try:
            response.begin()
        except BaseException as problem:
            response.close()
            if isinstance(problem, HTTPException | ConnectionError):
                problem.add_note(f"in the response of {self.origin.url}")
                self.close()
            raise
        self.__state = _IDLE
        if response.will_close:
            self._hand_over(response)
        else:
            self.__response = response
        return response

    def _make_response(self) -> HTTPResponse:
        """A response that reads from this connection's socket, and from its inbox: what came early stays."""
        if self.strict == self.face.strict:  # the two faces' responses have different parameters
            response = self.response_class(self.sock, self.debuglevel, method=self._method)
        else:
            response = self.response_class(self.sock, self.debuglevel, strict=int(self.strict), method=self._method)
        response._inbox = self._inbox  # noqa: SLF001  the two halves of one client
        return response

    def _hand_over(self, response: HTTPResponse) -> None:
        """This response is the connection's last: it closes the socket once it has been read."""
        sock, self.sock = self.sock, None
        self._inbox = wire.Inbox()
        response._own(sock.close)  # noqa: SLF001  the two halves of one client


def _send_at_once(sock: socket.socket) -> None:
    """Do not hold back a small packet for the last one's acknowledgement."""
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as problem:
        import errno  # noqa: PLC0415  the unusual case

        if problem.errno != errno.ENOPROTOOPT:
            raise


def _check_method(method: str) -> None:
    if match := _UNSAFE_IN_METHOD.search(method):
        raise ValueError(f"method can't contain control characters. {method!r} (found at least {match.group()!r})")


def _check_url(url: str) -> None:
    """The URL is not shown but for its wrong character: its query may hold a secret."""
    if match := _UNSAFE_IN_URL.search(url):
        where = f"found {match.group()!r} at {match.start()}"
        raise InvalidURL(f"URL can't contain control characters or blanks ({where} of {len(url)} characters)")


def _lower(name: str | bytes) -> str:
    return name.lower() if isinstance(name, str) else name.decode("latin-1").lower()


def _header_value(value: str | bytes | int, name: bytes) -> bytes:
    if isinstance(value, str):
        octets = value.encode("latin-1")
    else:
        octets = b"%d" % value if isinstance(value, int) else bytes(value)
    if _UNSAFE_IN_VALUE.search(octets):
        # The value is not shown: it may be a secret.
        raise ValueError(f"Invalid header value: a line end or control character in that of {name.decode('ascii')}")
    return octets
