"""Certificates: a CA of our own, and a certificate for each host name that a client asks for, in memory.

Law: what TLS needs, and nothing of HTTP. Keys are elliptic-curve keys (an RSA key takes a hundred times as long to
make). Imported when a server uses TLS, and not before: trustme takes as long to import as a hundred requests take to
be answered.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import ssl
import tempfile
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket

    from .listener import Link

LOCAL: Final = ("localhost", "127.0.0.1", "::1")
"""What the certificate is for that a client gets who names no host (RFC 6066 section 3: an address is never named)."""

TRUST_VARIABLES: Final = (
    "SSL_CERT_FILE",  # OpenSSL, and with it Python and httpx
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
"""Environment variables by which programs are told whom to trust."""


class Authority:
    """A certificate authority, with certificates for hosts: made when they are asked for, then kept. Thread-safe."""

    def __init__(self) -> None:
        import trustme  # noqa: PLC0415  not for those who bring a context of their own

        self._ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._lock = threading.Lock()
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        self._path: str | None = None

    @property
    def ca_pem(self) -> bytes:
        """The CA's certificate in PEM: what a client must trust."""
        return self._ca.cert_pem.bytes()

    @property
    def ca_path(self) -> str:
        """The path of a file with `ca_pem`, for clients that want a file; it is removed when the process ends."""
        with self._lock:
            if self._path is None:
                descriptor, self._path = tempfile.mkstemp(prefix="fake-server-ca-", suffix=".pem")
                with os.fdopen(descriptor, "wb") as file:
                    file.write(self.ca_pem)
                atexit.register(_remove, self._path)
            return self._path

    def client_context(self) -> ssl.SSLContext:
        """Return a context for a client that trusts this CA and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.ca_pem.decode("ascii"))
        return context

    def client_env(self) -> dict[str, str]:
        """Return the environment variables that have other programs trust this CA (and, most of them, nobody else)."""
        return dict.fromkeys(TRUST_VARIABLES, self.ca_path)

    def server_context(self, host: str) -> ssl.SSLContext:
        """Return a context for a server at *host*, with a certificate for each name that a client asks for (SNI)."""
        context = self._context(*dict.fromkeys((*LOCAL, host)))

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            if name is None or name in LOCAL or name == host:
                return None
            try:
                connection.context = self._context(name)
            except ValueError:  # no host name that a certificate could be for
                return int(ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
            return None

        context.sni_callback = choose
        return context

    def _context(self, *names: str) -> ssl.SSLContext:
        """The context with a certificate for *names*. Raises ValueError for what is no host name."""
        with self._lock:
            context = self._contexts.get(names)
            if context is None:
                context = self._contexts[names] = self._new_context(names)
            return context

    def _new_context(self, names: tuple[str, ...]) -> ssl.SSLContext:
        import trustme  # noqa: PLC0415  as above

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*names, key_type=trustme.KeyType.ECDSA).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        return context


_ours: Authority | None = None
_ours_lock = threading.Lock()


def authority() -> Authority:
    """Return the CA of this process, which all servers with ``tls=True`` share: a client needs to trust but one."""
    global _ours  # noqa: PLW0603  one process has one
    with _ours_lock:
        if _ours is None:
            _ours = Authority()
        return _ours


def server_side(tls: bool | Authority | ssl.SSLContext, host: str) -> tuple[Authority | None, ssl.SSLContext]:  # noqa: FBT001
    """Return who issues a server's certificates, if that is known, and its context, for what it was given as *tls*."""
    if isinstance(tls, ssl.SSLContext):
        return None, tls
    issuer = tls if isinstance(tls, Authority) else authority()
    return issuer, issuer.server_context(host)


def shake_hands(link: Link, context: ssl.SSLContext) -> None:
    """Put TLS over a connection. Raises OSError, of which `ssl.SSLError` is one, where the client does not agree."""

    def wrap(sock: socket.socket) -> socket.socket:
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    sock = link.replace(wrap)
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)  # noqa: PTH108  at the end of a process the fewer modules the better
