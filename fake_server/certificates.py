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
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import trustme

    from .conduct import ClientCertificate
    from .flaws import Flaw

LOCAL: Final = ("localhost", "127.0.0.1", "::1")
"""What the certificate is for that a client gets who names no host (RFC 6066 section 3: an address is never named)."""

TRUST_VARIABLES: Final = (
    "SSL_CERT_FILE",  # OpenSSL, and with it Python and httpx
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "HTTPLIB2_CA_CERTS",
    "GIT_SSL_CAINFO",
    "CARGO_HTTP_CAINFO",
    "DENO_CERT",
)
"""Environment variables by which programs are told whom to trust."""


_VERIFY: Final[dict[ClientCertificate, ssl.VerifyMode]] = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


class Authority:
    """A certificate authority, with certificates for hosts: made when they are asked for, then kept. Thread-safe."""

    def __init__(self) -> None:
        import trustme  # noqa: PLC0415  not for those who bring a context of their own

        self._ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._lock = threading.RLock()
        self._contexts: dict[tuple[ClientCertificate, Flaw | None, tuple[str, ...]], ssl.SSLContext] = {}
        self._leaves: dict[tuple[Flaw | None, tuple[str, ...]], trustme.LeafCert] = {}
        self._paths: dict[str, str] = {}

    @property
    def ca_pem(self) -> bytes:
        """The CA's certificate in PEM: what a client must trust."""
        return self._ca.cert_pem.bytes()

    @property
    def ca_path(self) -> str:
        """The path of a file with `ca_pem`, for clients that want a file; it is removed when the process ends."""
        return self._file("", self.ca_pem)

    def client_context(self, identity: str | None = None) -> ssl.SSLContext:
        """Return a context for a client that trusts this CA and nobody else; with a certificate for *identity*, if any.

        An identity is a host name or an address of electronic mail.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.ca_pem.decode("ascii"))
        if identity is not None:
            self._leaf(None, (identity,)).configure_cert(context)
        return context

    def client_path(self, identity: str) -> str:
        """Return the path of a file with a client's certificate and key, such as ``cert=`` of requests and httpx takes.

        It is removed when the process ends.
        """
        leaf = self._leaf(None, (identity,))
        return self._file(identity, leaf.private_key_and_cert_chain_pem.bytes())

    def client_env(self) -> dict[str, str]:
        """Return the environment variables that have other programs trust this CA (and, most of them, nobody else)."""
        return dict.fromkeys(TRUST_VARIABLES, self.ca_path)

    def server_context(
        self, host: str, client: ClientCertificate = "none", flaws: Mapping[str, Flaw] = MappingProxyType({})
    ) -> ssl.SSLContext:
        """Return a context for a server at *host*, with a certificate for each name that a client asks for (SNI).

        Those for the names of *flaws*, which may change, have that flaw. Raises ValueError for a *client* unknown.
        """
        if client not in _VERIFY:
            raise ValueError(f"expected client_certificate= as one of {', '.join(map(repr, _VERIFY))}, got {client!r}")
        local = tuple(dict.fromkeys((*LOCAL, host)))
        context = self._new_context(client, None, local)

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            asked = name or host
            flaw = flaws.get(asked)
            if flaw is None and asked in local:
                return None
            try:
                connection.context = self._context(client, flaw, local if name is None else (name,))
            except ValueError:  # no host name that a certificate could be for
                return int(ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
            return None

        context.sni_callback = choose
        return context

    def _context(self, client: ClientCertificate, flaw: Flaw | None, names: tuple[str, ...]) -> ssl.SSLContext:
        """The context with a certificate for *names*. Raises ValueError for what is no host name."""
        with self._lock:
            key = client, flaw, names
            context = self._contexts.get(key)
            if context is None:
                context = self._contexts[key] = self._new_context(*key)
            return context

    def _new_context(self, client: ClientCertificate, flaw: Flaw | None, names: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._leaf(flaw, names).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        context.verify_mode = _VERIFY[client]
        if client != "none":
            context.load_verify_locations(cadata=self.ca_pem.decode("ascii"))
        return context

    def _leaf(self, flaw: Flaw | None, names: tuple[str, ...]) -> trustme.LeafCert:
        """The certificate for *names*. Raises ValueError for what is no host name."""
        with self._lock:
            leaf = self._leaves.get((flaw, names))
            if leaf is None:
                from .flaws import flawed  # noqa: PLC0415  loads trustme

                leaf = self._leaves[flaw, names] = flawed(self._ca, names, flaw)
            return leaf

    def _file(self, key: str, octets: bytes) -> str:
        """The path of a file with *octets*, made once for *key*, which only this user can read."""
        with self._lock:
            if key not in self._paths:
                descriptor, path = tempfile.mkstemp(prefix="fake-server-", suffix=".pem")
                with os.fdopen(descriptor, "wb") as file:
                    file.write(octets)
                atexit.register(_remove, path)
                self._paths[key] = path
            return self._paths[key]


_ours: Authority | None = None
_ours_lock = threading.Lock()


def authority() -> Authority:
    """Return the CA of this process, which all servers with ``tls=True`` share: a client needs to trust but one."""
    global _ours  # noqa: PLW0603  one process has one
    with _ours_lock:
        if _ours is None:
            _ours = Authority()
        return _ours


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)  # noqa: PTH108  at the end of a process the fewer modules the better
