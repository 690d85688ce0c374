"""geventhttpclient: its connection pools connect.

A private method of this name since geventhttpclient 1.0 (2012): `ConnectionPool._create_socket`, which does all that
connecting is, a proxy's tunnel and TLS included.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cassettes.switch import connect
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import socket
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections of the pools of ``geventhttpclient.connectionpool`` from now on."""
    pools = library.ConnectionPool
    original = pools._create_socket  # noqa: SLF001

    @functools.wraps(original)
    def create_socket(self: Any) -> socket.socket:  # noqa: ANN401  a pool
        __tracebackhide__ = True

        scheme = "https" if isinstance(self, library.SSLConnectionPool) else "http"
        sock = connect(Origin(scheme, self._request_host, self._request_port), functools.partial(original, self))
        sock.settimeout(self.network_timeout)
        return sock

    pools._create_socket = create_socket  # noqa: SLF001
