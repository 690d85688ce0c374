"""Requests go out here: `HTTPConnection`.

Law: the states and the methods that httplib documents, for both faces of the client; what differs between the faces is
in `face`, as data, and in the signatures of `client`. Every connection is made through `waist`. What a request's head
may contain is decided in `request_head`, what its body is in `request_body`.

The states, as httplib draws them::

    Idle --putrequest--> Request-started --endheaders--> Request-sent --getresponse--> Idle

In Idle with an unread response the next request must wait until that response has been read.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, cast

from . import request_body
from .authority import authority_of
from .errors import CannotSendHeader, CannotSendRequest, NotConnected, ResponseNotReady
from .face import HTTPLIB, Face
from .link import DEFAULT_TIMEOUT, HTTP_PORT, Link
from .request_head import PlainHeads, check_method, check_url, field_name, field_value, lower_names
from .response import HTTPResponse
from .source import Source
from .waist import DEFAULT_PORTS

if TYPE_CHECKING:
    import collections.abc

    from . import wire

__all__ = ["HTTP_PORT", "HTTPConnection"]

HTTPS_PORT: Final = DEFAULT_PORTS["https"]

IDLE: Final = "Idle"
STARTED: Final = "Request-started"
SENT: Final = "Request-sent"

_ONE_PACKET: Final = 1_048_576
"""Octets: a body up to this size is joined to the head, a larger one is not copied for it."""


class HTTPConnection(Link):
    """A connection to an HTTP server, made when it is first needed.

    *host* may have the port in it (``host:port``). *timeout* is in seconds; the global default if it is not given.
    *source_address* is the (host, port) to connect from. With *strict*, `BadStatusLine` is raised for an answer that
    has no valid status line; without, it is an HTTP/0.9 response. *blocksize* is how many octets of a file are sent at
    once.
    """

    face: Face = HTTPLIB
    strict = 0
    response_class: Any = HTTPResponse
    _own_response_class: type[HTTPResponse] = HTTPResponse
    _http_vsn = 11

    def __init__(
        self,
        host: str,
        port: int | str | None = None,
        strict: int | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
        source_address: tuple[str, int] | None = None,
        *,
        blocksize: int = 65_536,
        max_response_headers: int | None = None,
    ) -> None:
        super().__init__(host, port, timeout, source_address, blocksize)
        if max_response_headers is not None:
            if max_response_headers < 0:
                raise ValueError(f"expected a number of headers from 0, got {max_response_headers}")
            self.limits = dataclasses.replace(self.limits, field_lines=max_response_headers)
        if strict is not None or self.face.strict:
            self.strict = self.face.strict if strict is None else strict
        self._buffer: list[bytes] = []
        self.__response: HTTPResponse | None = None
        self.__state = IDLE
        self._method: str | None = None
        self._host_text: tuple[str, str, int, str | None] | None = None
        self.__interim: tuple[wire.ResponseHead, ...] = ()
        self._plain_heads = PlainHeads()

    # Requests

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:
        """Begin a request: the request line, then Host and Accept-Encoding unless they are to be skipped.

        Raises `CannotSendRequest` in the wrong state, `ValueError` for a method and `InvalidURL` for a *url* with
        control characters; the connection then is as it was before.
        """
        self.__be_ready()
        url = url or "/"
        self._validate_method(method)
        self._validate_path(url)
        self.__state = STARTED
        self._method = method
        try:
            words = (
                method,
                url,
                self._http_vsn_str,
            )  # joined, not formatted: a member of an enumeration may be a str, too
            self._output(self._encode_request(" ".join(words)))
            if self._http_vsn == 11:
                if not skip_host:
                    self.putheader("Host", authority_of(url) or self._host_field())
                if not skip_accept_encoding:
                    self.putheader("Accept-Encoding", "identity")
        except BaseException:
            self.__take_back()
            raise

    def __be_ready(self) -> None:
        """Raise `CannotSendRequest` if no request may begin now; let go of a connection that is of no use for it."""
        if self.__response is not None:
            self.__forget_read_response()
        if self.__state != IDLE:
            raise CannotSendRequest(self.__state)
        source = self._source
        if source is not None and self.__response is None and (source.is_spoilt or source.has_unasked()):
            # To take for the next response what came before it was asked for would be to guess (RFC 9112 section 9.2;
            # response splitting).
            self.close()

    def __forget_read_response(self) -> None:
        response = self.__response
        if response is not None and not response.has_more:
            self.__response = None
            response._close_conn()  # noqa: SLF001  two halves of one client

    def __take_back(self) -> None:
        """Forget a request of which nothing was sent: not even a connection is there."""
        if self.__state == STARTED or (self.__state == SENT and self.sock is None):
            self.__state = IDLE
            self._buffer.clear()

    def _validate_method(self, method: str) -> None:
        check_method(method)

    def _validate_path(self, url: str) -> None:
        check_url(url, ascii_only=self.face.urls_are_ascii)

    def _encode_request(self, request: str) -> bytes:
        return request.encode("ascii")

    def _output(self, line: bytes) -> None:
        self._buffer.append(line)

    def putheader(self, header: str | bytes, *values: str | bytes | float) -> None:
        """Send a header line; further *values* are continuation lines, each after a tab.

        Raises `CannotSendHeader` in the wrong state, `ValueError` for a name or value that would end the line.
        """
        if self.__state != STARTED:
            raise CannotSendHeader(self.__state)
        name = field_name(header)
        self._output(name + b": " + b"\r\n\t".join([field_value(value, name) for value in values]))

    def endheaders(self, message_body: Any = None, *, encode_chunked: bool = False) -> None:  # noqa: ANN401  see send
        """End the header section and send it, in one packet with *message_body* if that is bytes or a str.

        With *encode_chunked* each piece of the body is sent as a chunk. Raises `CannotSendHeader` in the wrong state.
        """
        if self.__state != STARTED:
            raise CannotSendHeader(self.__state)
        self.__state = SENT
        try:
            self._send_output(message_body, encode_chunked=encode_chunked)
        except BaseException:
            self.__take_back()
            raise

    def _send_output(self, message_body: Any = None, encode_chunked: bool = False) -> None:  # noqa: ANN401  see send
        """Send the lines that were put, then the body."""
        head = b"\r\n".join([*self._buffer, b"", b""])
        self._buffer.clear()
        if isinstance(message_body, str):
            message_body = request_body.encode(message_body, "body")
        chunked = encode_chunked and self._http_vsn == 11
        if isinstance(message_body, bytes) and len(message_body) <= _ONE_PACKET and not chunked:
            self.send(head + message_body)
            return
        self.send(head)
        if message_body is not None:
            self._send_pieces(message_body, chunked=chunked)

    def _send_pieces(self, body: Any, *, chunked: bool) -> None:  # noqa: ANN401  see send
        """Send the body piece by piece, as chunks if need be (RFC 9112 section 7.1)."""
        if hasattr(body, "read"):
            self._show("reading a readable")
        for piece in request_body.pieces(body, self.blocksize):
            size = request_body.octets_of(piece).nbytes
            if not size:
                self._show("Zero length chunk ignored")  # it would be the last chunk
                continue
            self.send(b"%X\r\n%b\r\n" % (size, piece) if chunked else piece)
        if chunked:
            self.send(b"0\r\n\r\n")

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,  # noqa: ANN401  see below
        headers: collections.abc.Mapping[Any, Any] = {},
        *,
        encode_chunked: bool = False,
    ) -> None:
        """Send a complete request.

        *body* is a str (sent as ISO-8859-1), bytes, a file, or an iterable of bytes. Unless *headers* has
        Content-Length or Transfer-Encoding, the length is sent where it is known (0 for PUT, POST and PATCH without a
        body), and the body goes in chunks where it is not; with Transfer-Encoding among *headers*, *encode_chunked*
        says whether to make the chunks here. Raises as `putrequest`, `putheader` and `send` do.
        """
        if type(body) is str and body.isascii():
            body = body.encode()
        try:
            if (body is None or type(body) is bytes) and self.__send_plainly(method, url, body, headers):
                return
            self._send_request(method, url, body, headers, encode_chunked)
        except BaseException:
            self.__take_back()
            raise

    def __send_plainly(
        self, method: str, url: str, body: bytes | None, headers: collections.abc.Mapping[Any, Any]
    ) -> bool:
        """Send a request of the ordinary kind by the short way; tell whether that could be done."""
        kind = type(self)
        if (
            kind.putrequest is not _PUTREQUEST
            or kind.putheader is not _PUTHEADER
            or kind.endheaders is not _ENDHEADERS
            or kind._send_request is not _SEND_REQUEST  # noqa: SLF001
            or kind._send_output is not _SEND_OUTPUT  # noqa: SLF001
            or kind._validate_method is not _VALIDATE_METHOD  # noqa: SLF001
            or kind._validate_path is not _VALIDATE_PATH  # noqa: SLF001
            or kind._encode_request is not _ENCODE_REQUEST  # noqa: SLF001
            or kind._output is not _OUTPUT  # noqa: SLF001
            or type(self._buffer) is not list
            or self._http_vsn != 11
            or self._http_vsn_str != "HTTP/1.1"
            or type(method) is not str
            or type(url) is not str
            or not method.isupper()
        ):
            return False
        host = self._host_text
        if host is None or host[1:] != (self.host, self.port, self._tunnel_host):
            host = self._host_text = self._host_field(), self.host, self.port, self._tunnel_host
        length = len(body) if body is not None else 0 if method in request_body.EXPECT_A_BODY else None
        head = self._plain_heads.head(method, url, host[0], headers, length)
        if head is None:
            return False
        if self.__state is IDLE and self._source is not None and self._source.is_idle():
            self.__response = None
        else:
            self.__be_ready()
        self._method = method
        self.__state = SENT
        if body and len(body) > _ONE_PACKET:
            self.send(head)
            self.send(body)
        else:
            self.send(head + body if body else head)
        return True

    def _send_request(
        self,
        method: str,
        url: str,
        body: Any,  # noqa: ANN401  see send
        headers: collections.abc.Mapping[Any, Any],
        encode_chunked: bool,
    ) -> None:
        """Send a complete request step by step."""
        names = lower_names(headers)
        self.putrequest(method, url, skip_host="host" in names, skip_accept_encoding="accept-encoding" in names)
        if "content-length" in names:
            encode_chunked = False
        elif "transfer-encoding" not in names:
            length = self._get_content_length(body, method)
            encode_chunked = length is None and body is not None
            if length is not None:
                self.putheader("Content-Length", str(length))
            elif body is not None:
                self._show(f"Unable to determine size of {body!r}")
                self.putheader("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            self.putheader(name, value)
        if isinstance(body, str):
            body = request_body.encode(body, "body")
        if encode_chunked:
            self.endheaders(body, encode_chunked=True)
        else:
            self.endheaders(body)  # as httplib has it: programs override it with httplib's signature

    @classmethod
    def _get_content_length(cls, body: Any, method: str) -> int | None:  # noqa: ANN401  see send
        return request_body.content_length(body, method, file_has_length=cls.face.file_has_length)

    # Receiving

    def getresponse(self, buffering: bool = False) -> HTTPResponse:  # noqa: ARG002  httplib's signature
        """Return the response to the request that was sent. Its content must be read before the next request.

        Raises `ResponseNotReady` in the wrong state, `HTTPException` for what is no response, and what the socket
        raises; after a time-out it may be called again.
        """
        if self.__response is not None:
            self.__forget_read_response()
        if self.__state != SENT or self.__response is not None:
            raise ResponseNotReady(self.__state)
        response = self._make_response()
        if self.__interim:
            response.interim = self.__interim  # what came before a time-out
        try:
            response.begin()
            self.__state = IDLE
            if response.will_close and not self._opens_tunnel(response.status):
                self.close()  # the response keeps the socket open until it has been read
            else:
                self.__response = response
        except BaseException as problem:
            if isinstance(problem, ConnectionError):
                self.close()
            response.close()
            self.__interim = response.interim if isinstance(problem, TimeoutError) else ()
            raise
        self.__interim = ()
        return response

    def _opens_tunnel(self, status: int) -> bool:
        """Tell whether what follows the response is no HTTP: the socket is for `detach` (RFC 9110 section 9.3.6)."""
        return status == 101 or (self._method == "CONNECT" and 200 <= status < 300)

    def _make_response(self) -> HTTPResponse:
        """Return a response that reads from where the last one has stopped."""
        source = self._source
        if source is None or source.sock is not self.sock or not source.is_shared:
            source = self._source = Source(self.sock, (self.host, self.port))
        kind = self.response_class
        if kind is self._own_response_class:
            response: HTTPResponse = kind.__new__(kind)
            response._set_up(source, self.debuglevel, self.strict, self._method, self.limits)  # noqa: SLF001  two halves of one client
        else:
            arguments = (self.sock, self.debuglevel) if self.debuglevel > 0 else (self.sock,)
            keywords = {"strict": self.strict} if self.face.response_takes_strict else {}
            made: Any = kind(*arguments, method=self._method, **keywords)
            if not isinstance(made, HTTPResponse):
                return cast("HTTPResponse", made)  # a class of the program's own, which reads by itself
            response = made
            response._close_conn()  # noqa: SLF001  what it has found at its own beginning is not what is left
            response._read_from(source)  # noqa: SLF001
            response._limits = self.limits  # noqa: SLF001
        return response

    def close(self) -> None:
        """Close the connection, and the response that was not read yet; the next request opens a new connection."""
        self.__state = IDLE
        self._buffer.clear()
        try:
            super().close()
        finally:
            response, self.__response = self.__response, None
            if response is not None:
                response.close()

    def detach(self) -> tuple[Any, bytes]:
        """Give away the socket, and the octets that came early: after a 101, or CONNECT, it is no longer HTTP's.

        Raises `NotConnected` if there is none.
        """
        if self.sock is None:
            raise NotConnected("there is no socket to give away")
        sock, self.sock = self.sock, None
        early = b"" if self._source is None else self._source.inbox.take_all()
        self.close()
        return sock, early


_PUTREQUEST = HTTPConnection.putrequest
_PUTHEADER = HTTPConnection.putheader
_ENDHEADERS = HTTPConnection.endheaders
_SEND_REQUEST = HTTPConnection._send_request  # noqa: SLF001  to see whether a subclass, or somebody else, has another
_SEND_OUTPUT = HTTPConnection._send_output  # noqa: SLF001
_VALIDATE_METHOD = HTTPConnection._validate_method  # noqa: SLF001
_VALIDATE_PATH = HTTPConnection._validate_path  # noqa: SLF001
_ENCODE_REQUEST = HTTPConnection._encode_request  # noqa: SLF001
_OUTPUT = HTTPConnection._output  # noqa: SLF001
