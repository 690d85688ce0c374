"""`HTTP` and `HTTPS`: httplib as it was in Python 1.5, before connections that stay open; and other old names.

Law: old names for what others do; a request is HTTP/1.0, and its connection is for one exchange. Nothing else of the
client uses what is here.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

from .connection import HTTPConnection, HTTPSConnection
from .errors import BadStatusLine
from .source import RawFile, Source

if TYPE_CHECKING:
    import ssl

    from .message import HTTPMessage

MAXAMOUNT: Final = 1_048_576
"""How many octets httplib asked its socket for at once."""


class HTTP:
    """A connection for one HTTP/1.0 exchange: putrequest, putheader, endheaders, send; then getreply and getfile."""

    debuglevel = 0
    _http_vsn = 10
    _http_vsn_str = "HTTP/1.0"
    _connection_class: type[HTTPConnection] = HTTPConnection

    def __init__(self, host: str = "", port: int | None = None, strict: int | None = None) -> None:
        self._set_up(self._connection_class(host, port or None, strict=strict))

    def _set_up(self, connection: HTTPConnection) -> None:
        self._conn = connection
        self.send = connection.send
        self.putrequest = connection.putrequest
        self.putheader = connection.putheader
        self.endheaders = connection.endheaders
        self.set_debuglevel = connection.set_debuglevel
        connection._http_vsn = self._http_vsn  # noqa: SLF001  httplib's own way to speak 1.0
        connection._http_vsn_str = self._http_vsn_str  # noqa: SLF001
        self.file: Any = None
        self.headers: HTTPMessage | None = None

    def connect(self, host: str | None = None, port: int | None = None) -> None:
        """Connect, to *host* and *port* if they are given. Raises OSError as the socket module does."""
        if host is not None:
            self._conn.host, self._conn.port = self._conn._get_hostport(host, port)  # noqa: SLF001
        self._conn.connect()

    def getreply(self, buffering: bool = False) -> tuple[int, str, HTTPMessage | None]:
        """Return status, reason and headers of the answer; -1, the line, and None if it has no valid status line.

        The connection then is closed.
        """
        try:
            response = self._conn.getresponse(buffering)
        except BadStatusLine as problem:
            self.close()
            self.headers = None
            return -1, problem.line, None
        self.headers = response.msg
        self.file = response
        return response.status, response.reason, response.msg

    def getfile(self) -> Any:  # noqa: ANN401  a file
        """Return the content of the answer, as a file; None if there is none."""
        return self.file

    def close(self) -> None:
        """Close the connection; the content, if there is any left, can still be read."""
        self._conn.close()
        self.file = None


class HTTPS(HTTP):
    """The same over TLS; the server's certificate and name are verified, unless *context* says otherwise."""

    _connection_class = HTTPSConnection

    def __init__(
        self,
        host: str = "",
        port: int | None = None,
        key_file: str | None = None,
        cert_file: str | None = None,
        strict: int | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._set_up(HTTPSConnection(host, port or None, key_file, cert_file, strict, context=context))
        self.key_file = key_file
        self.cert_file = cert_file


class LineAndFileWrapper(RawFile):
    """A file that begins with *line*, and goes on with *file*: how httplib put back what was no status line."""

    def __init__(self, line: bytes | str, file: Any) -> None:  # noqa: ANN401  any binary file
        source = Source.of_file(file)
        source.inbox.feed(line.encode("latin-1") if isinstance(line, str) else line)
        super().__init__(source)


def FakeSocket(sock: object, sslobj: Any) -> Any:  # noqa: ANN401, ARG001  httplib's signature
    """Return *sslobj*: it is a socket already, as what ``ssl.SSLContext.wrap_socket`` returns is. Deprecated."""
    warnings.warn("FakeSocket is deprecated: use the TLS socket itself", DeprecationWarning, stacklevel=2)
    return sslobj
