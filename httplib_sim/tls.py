"""HTTP over TLS: `HTTPSConnection`.

Law: the certificate and the name of the server are verified unless a context says otherwise; `ssl` is loaded when the
first of these connections is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .connection import GLOBAL_DEFAULT_TIMEOUT, HTTPS_PORT, HTTPConnection

if TYPE_CHECKING:
    import socket
    import ssl


class HTTPSConnection(HTTPConnection):
    """An HTTP connection over TLS; the server's certificate and name are verified by default (RFC 9110 section 4.3.4).

    *context* is an ``ssl.SSLContext``; without one, ``ssl.create_default_context`` makes it. *key_file* and *cert_file*
    are a certificate of the client's own: deprecated, but there. Raises `ValueError` for a key without a certificate.
    """

    default_port = HTTPS_PORT
    scheme = "https"

    def __init__(  # noqa: PLR0913  httplib's signature
        self,
        host: str,
        port: int | str | None = None,
        key_file: str | None = None,
        cert_file: str | None = None,
        strict: int | None = None,
        timeout: float | None = GLOBAL_DEFAULT_TIMEOUT,
        source_address: tuple[str, int] | None = None,
        context: ssl.SSLContext | None = None,
        *,
        blocksize: int = 65_536,
    ) -> None:
        super().__init__(host, port, strict, timeout, source_address, blocksize=blocksize)
        self.key_file = key_file
        self.cert_file = cert_file
        self._context = prepared_context(context, key_file, cert_file)

    def _prepare(self, sock: socket.socket) -> socket.socket:
        """Put TLS over the socket, behind the proxy's tunnel if there is one."""
        sock = super()._prepare(sock)
        host = self.origin.host
        if self.face.tls_end_counts:
            return self._context.wrap_socket(sock, server_hostname=host, suppress_ragged_eofs=False)
        return self._context.wrap_socket(sock, server_hostname=host)


def default_context(http_vsn: int = 11) -> ssl.SSLContext:
    """Return a context that verifies servers, offers HTTP/1.1 by ALPN, and lets them ask for a certificate later."""
    import ssl  # noqa: PLC0415  only for those who speak HTTPS

    context = ssl.create_default_context()
    if http_vsn == 11:
        context.set_alpn_protocols(["http/1.1"])
    _allow_asking_later(context)
    return context


def prepared_context(
    context: ssl.SSLContext | None, key_file: str | None = None, cert_file: str | None = None
) -> ssl.SSLContext:
    """Return *context*, or the default one, with the client's own certificate, if it has one."""
    if context is None:
        context = default_context()
    if cert_file is not None:
        context.load_cert_chain(cert_file, key_file)
        _allow_asking_later(context)
    elif key_file is not None:
        raise ValueError("key_file is given, but no cert_file")
    return context


def _allow_asking_later(context: ssl.SSLContext) -> None:
    if context.post_handshake_auth is not None:  # None where OpenSSL has no TLS 1.3
        context.post_handshake_auth = True
