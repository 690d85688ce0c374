"""urllib3, and so requests, botocore and boto3: a connection's ``connect``.

Public methods, in this module since 2013 (urllib3 1.8), which botocore's classes inherit. What a connection has found
out about TLS when it is connected is asked by its pool: in a replay it is what verification would have found, if that
is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cassettes.connections import adopt, intercept
from cassettes.switch import SwitchSocket, connect

if TYPE_CHECKING:
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections of ``urllib3.connection`` from now on."""

    def ready(connection: Any) -> None:  # noqa: ANN401  of urllib3
        connection._has_connected_to_proxy = bool(getattr(connection, "proxy", None))  # noqa: SLF001  as its own connect
        if not connection.sock.is_real and hasattr(connection, "cert_reqs"):
            required = library.resolve_cert_reqs(connection.cert_reqs)
            connection.is_verified = required == library.resolve_cert_reqs("CERT_REQUIRED")

    intercept(library.HTTPConnection, "http", connect, ready)
    secure = library.HTTPSConnection
    if secure is not library.HTTPConnection and hasattr(secure, "connect"):  # else Python was made without TLS
        intercept(secure, "https", connect, ready)
    adopt(library.HTTPConnection, connect, SwitchSocket)
