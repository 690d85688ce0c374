"""The face of Python 3's http.client: ``sys.modules["http.client"] = httplib_sim.client``.

Law: signatures and names, as http.client of Python 3.11 to 3.15 has them, those included that are not public but used
all the same. What is done is done in `connection` and `response`; what is done otherwise than in httplib is in `face`.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from . import connection, https, message, request_body, response, status, tls
from .connection import HTTP_PORT as HTTP_PORT  # noqa: PLC0414  documented in http.client, though not in its __all__
from .errors import (
    BadStatusLine,
    CannotSendHeader,
    CannotSendRequest,
    HTTPException,
    ImproperConnectionState,
    IncompleteRead,
    InvalidURL,
    LineTooLong,
    NotConnected,
    RemoteDisconnected,
    ResponseNotReady,
    UnimplementedFileMode,
    UnknownProtocol,
    UnknownTransferEncoding,
    error,
)
from .face import HTTP_CLIENT
from .https import HTTPS_PORT as HTTPS_PORT  # noqa: PLC0414  as above
from .link import DEFAULT_TIMEOUT
from .message import HTTPMessage as HTTPMessage  # noqa: PLC0414  as above
from .message import from_lines, read_header_lines
from .source import Source
from .status import *  # noqa: F403  each status code is a name of the module, as in http.client
from .status import responses
from .wire import LIMITS, Limits

if TYPE_CHECKING:
    import ssl

__all__ = [
    "BadStatusLine",
    "CannotSendHeader",
    "CannotSendRequest",
    "HTTPConnection",
    "HTTPException",
    "HTTPResponse",
    "HTTPSConnection",
    "ImproperConnectionState",
    "IncompleteRead",
    "InvalidURL",
    "LineTooLong",
    "NotConnected",
    "RemoteDisconnected",
    "ResponseNotReady",
    "UnimplementedFileMode",
    "UnknownProtocol",
    "UnknownTransferEncoding",
    "error",
    "responses",
]

# Not public in http.client, and used: by urllib.request, http.server, urllib3, botocore and test suites.
_MAXLINE: int = LIMITS.field_line
_MAXHEADERS: int = LIMITS.field_lines
_UNKNOWN = response.UNKNOWN
_CS_IDLE = connection.IDLE
_CS_REQ_STARTED = connection.STARTED
_CS_REQ_SENT = connection.SENT
_METHODS_EXPECTING_BODY = set(request_body.EXPECT_A_BODY)
_encode = request_body.encode
_parse_header_lines = from_lines
_create_https_context = tls.default_context


def _limits() -> Limits:
    """The limits, with what a program has put into `_MAXLINE` and `_MAXHEADERS`: long the only way to raise them."""
    if LIMITS.field_line == _MAXLINE and LIMITS.field_lines == _MAXHEADERS:
        return LIMITS
    return dataclasses.replace(LIMITS, start_line=_MAXLINE, field_line=_MAXLINE, field_lines=_MAXHEADERS)


def _read_headers(fp: Any, max_headers: int | None = None) -> list[bytes]:  # noqa: ANN401  any binary file
    return read_header_lines(fp, max_headers, _limits())


def parse_headers(fp: Any, _class: Any = HTTPMessage, *, _max_headers: int | None = None) -> Any:  # noqa: ANN401
    """Return a message of *_class* with the headers that the binary file *fp* gives."""
    return message.parse_headers(fp, _class, _max_headers=_max_headers, limits=_limits())


class HTTPResponse(response.HTTPResponse):
    """The response of a server: see `httplib_sim.HTTPResponse`; always strict."""

    __slots__ = ()

    face = HTTP_CLIENT

    def __init__(self, sock: Any, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:  # noqa: ANN401  anything with makefile or recv
        self._set_up(Source(sock), debuglevel, HTTP_CLIENT.strict, method, _limits())
        self._stay_unknown(url)


class HTTPConnection(connection.HTTPConnection):
    """A connection to an HTTP server: see `httplib_sim.HTTPConnection`.

    *max_response_headers* is how many header lines a response may have; 100 if it is None.
    """

    face = HTTP_CLIENT
    response_class = HTTPResponse
    _own_response_class = HTTPResponse

    def __init__(
        self,
        host: str,
        port: int | str | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
        source_address: tuple[str, int] | None = None,
        blocksize: int = 8192,
        *,
        max_response_headers: int | None = None,
    ) -> None:
        self.limits = _limits()
        connection.HTTPConnection.__init__(
            self,
            host,
            port,
            None,
            timeout,
            source_address,
            blocksize=blocksize,
            max_response_headers=max_response_headers,
        )


if sys.version_info >= (3, 12):

    class HTTPSConnection(https.HTTPSConnection, HTTPConnection):
        """An HTTP connection over TLS: see `httplib_sim.HTTPSConnection`."""

        def __init__(
            self,
            host: str,
            port: int | str | None = None,
            *,
            timeout: float | None = DEFAULT_TIMEOUT,
            source_address: tuple[str, int] | None = None,
            context: ssl.SSLContext | None = None,
            blocksize: int = 8192,
            max_response_headers: int | None = None,
        ) -> None:
            HTTPConnection.__init__(
                self, host, port, timeout, source_address, blocksize, max_response_headers=max_response_headers
            )
            self._set_context(context)

else:

    class HTTPSConnection(https.HTTPSConnection, HTTPConnection):
        """An HTTP connection over TLS: see `httplib_sim.HTTPSConnection`."""

        def __init__(  # noqa: PLR0913  http.client's signature up to 3.11
            self,
            host: str,
            port: int | str | None = None,
            key_file: str | None = None,
            cert_file: str | None = None,
            timeout: float | None = DEFAULT_TIMEOUT,
            source_address: tuple[str, int] | None = None,
            *,
            context: ssl.SSLContext | None = None,
            check_hostname: bool | None = None,
            blocksize: int = 8192,
            max_response_headers: int | None = None,
        ) -> None:
            HTTPConnection.__init__(
                self, host, port, timeout, source_address, blocksize, max_response_headers=max_response_headers
            )
            if key_file is not None or cert_file is not None or check_hostname is not None:
                import warnings  # noqa: PLC0415  the deprecated case

                text = "key_file, cert_file and check_hostname are deprecated, use a custom context instead."
                warnings.warn(text, DeprecationWarning, stacklevel=2)
            self._set_context(context, key_file, cert_file)
            if check_hostname is not None:
                tls.set_check_hostname(self._context, check=check_hostname)


def __dir__() -> list[str]:
    if sys.modules.get("http.client") is sys.modules[__name__]:
        _take_the_name()
    return sorted({*globals(), *vars(status)})


def _take_the_name() -> None:
    """Have the public classes say that they are http.client's: here in its place, they are, also to be pickled."""
    for name in __all__:
        if isinstance(globals()[name], type):
            globals()[name].__module__ = "http.client"
