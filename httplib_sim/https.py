"""Requests over TLS: `HTTPSConnection`.

Law: what HTTPS adds to HTTP: a port, a context, and TLS over the socket. How TLS is spoken is decided in `tls`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import tls
from .connection import HTTPConnection
from .link import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    import socket
    import ssl

HTTPS_PORT: Final = 443


class HTTPSConnection(HTTPConnection):
    """An HTTP connection over TLS; the server's certificate and name are verified by default.

    *context* is an ``ssl.SSLContext``; without one, the standard library's default for HTTPS is made when it is needed.
    *key_file* and *cert_file* are a certificate of the client's own: deprecated, but there.
    """

    default_port = HTTPS_PORT
    scheme = "https"

    def __init__(  # noqa: PLR0913  the signature is documented
        self,
        host: str,
        port: int | str | None = None,
        key_file: str | None = None,
        cert_file: str | None = None,
        strict: int | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
        source_address: tuple[str, int] | None = None,
        context: ssl.SSLContext | None = None,
        *,
        blocksize: int = 65_536,
        max_response_headers: int | None = None,
    ) -> None:
        super().__init__(
            host, port, strict, timeout, source_address, blocksize=blocksize, max_response_headers=max_response_headers
        )
        self._set_context(context, key_file, cert_file)

    def _set_context(
        self, context: ssl.SSLContext | None, key_file: str | None = None, cert_file: str | None = None
    ) -> None:
        self.key_file = key_file
        self.cert_file = cert_file
        self.__context = context
        if key_file or cert_file:
            tls.load_own_certificate(self._context, cert_file, key_file)

    @property
    def _context(self) -> ssl.SSLContext:
        """How to speak TLS; made, and ssl loaded, when it is first needed: a replay never does."""
        if self.__context is None:
            self.__context = tls.default_context(self._http_vsn)
        return self.__context

    @_context.setter
    def _context(self, context: ssl.SSLContext) -> None:
        self.__context = context

    def _prepare(self, sock: socket.socket) -> socket.socket:
        """Put TLS over the socket, behind the proxy's tunnel if there is one."""
        host = self._tunnel_host or self.host
        return tls.wrap(super()._prepare(sock), self._context, host, end_counts=self.face.tls_end_counts)
