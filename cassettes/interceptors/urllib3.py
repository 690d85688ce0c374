"""urllib3, and so requests, botocore and boto3: a connection's ``connect``; and urllib3-future, and so niquests.

Public methods, in this module since 2013 (urllib3 1.8), which botocore's classes inherit. What a connection has found
out about TLS when it is connected is asked by its pool: in a replay it is what verification would have found, if that
is wanted. urllib3-future stands in the place of urllib3, or beside it; it has protocols of its own to get ready
(``_post_conn``), of which HTTP/1.1 is the one to agree on (``_disabled_svn``).
"""

from __future__ import annotations

import functools
import socket
import ssl
from typing import TYPE_CHECKING, Any, cast

from cassettes.connections import intercept, take_over
from cassettes.switch import SwitchSocket, connect

if TYPE_CHECKING:
    from types import ModuleType

    from cassettes.connections import Adopters


def install(library: ModuleType) -> None:
    """Let switches make the connections of ``urllib3.connection`` from now on."""
    is_future = hasattr(library.HTTPConnection, "_post_conn")

    def ready(connection: Any) -> None:  # noqa: ANN401  of urllib3
        connection._has_connected_to_proxy = bool(getattr(connection, "proxy", None))  # noqa: SLF001  as its own connect
        if connection.sock.is_real:
            return
        if hasattr(connection, "cert_reqs"):
            required = library.resolve_cert_reqs(connection.cert_reqs)
            connection.is_verified = required == library.resolve_cert_reqs("CERT_REQUIRED")
        if is_future:
            connection._post_conn()  # noqa: SLF001

    secure = library.HTTPSConnection
    failed = functools.partial(_as_told, library)
    if is_future:
        _agree_on_http11(library, library.HTTPConnection)
        _agree_on_http11(library, secure)
    intercept(library.HTTPConnection, "http", connect, ready, failed)
    if secure is not library.HTTPConnection and hasattr(secure, "connect"):  # else Python was made without TLS
        intercept(secure, "https", connect, ready, failed)


def adopters(library: ModuleType) -> Adopters:
    """Have the connections that are open."""
    return {library.HTTPConnection: functools.partial(take_over, connect=connect, switch=SwitchSocket)}


def _agree_on_http11(library: ModuleType, kind: Any) -> None:  # noqa: ANN401  a class of urllib3-future
    """Have connections of *kind* agree on HTTP/1.1; one that is made late goes on with the protocol that is there."""
    original = kind.connect

    @functools.wraps(original)
    def connect_with_http11(self: Any) -> None:  # noqa: ANN401  a connection
        versions = library.HttpVersion
        self._disabled_svn = {*self._disabled_svn, versions.h2, versions.h3}
        protocol, self._protocol = self._protocol, None
        try:
            original(self)
        finally:
            self._protocol = protocol or self._protocol

    kind.connect = connect_with_http11


def _as_told(library: ModuleType, connection: Any, error: OSError) -> Exception:  # noqa: ANN401  of urllib3
    """How urllib3 tells *error*, with which connecting failed."""
    is_secure = isinstance(connection, library.HTTPSConnection)
    within_tls = isinstance(error, ConnectionResetError) or "handshake" in str(error)
    if isinstance(error, ssl.SSLError) or (is_secure and within_tls):
        return error  # which came once there was a connection
    kind, text = library.NewConnectionError, f"Failed to establish a new connection: {error}"
    if isinstance(error, TimeoutError):
        kind = library.ConnectTimeoutError
        text = f"Connection to {connection.host} timed out. (connect timeout={connection.timeout})"
    elif isinstance(error, socket.gaierror) and hasattr(library, "NameResolutionError"):  # since urllib3 2.0
        return cast("Exception", library.NameResolutionError(connection.host, connection, error))
    return cast("Exception", kind(connection, text))
