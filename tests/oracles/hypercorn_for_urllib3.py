"""A plugin of pytest for urllib3's own suite: what urllib3's fork of hypercorn tells its applications.

Law: urllib3 tests with a fork that is on no package index. All that its tests need of it are two extensions of the
ASGI scope: ``tls``, what the handshake has brought, and ``_transport``, the stream below, through which its proxy makes
tunnels.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Telling:
    """An application that is told more about its connection."""

    def __init__(self, application: Callable[..., Awaitable[None]], stream: Any) -> None:
        self.application = application
        self.stream = stream

    async def __call__(self, scope: dict[str, Any], *others: Any) -> None:
        """Serve a request, as ASGI says."""
        if scope["type"] == "http":
            extensions = scope.setdefault("extensions", {})
            extensions["_transport"] = self.stream
            if hasattr(self.stream, "selected_alpn_protocol"):
                extensions["tls"] = self.handshake()
        await self.application(scope, *others)

    def handshake(self) -> dict[str, str | None]:
        """What both sides have agreed on, and the name in the client's certificate if it has shown one."""
        tls = {"alpn_protocol": self.stream.selected_alpn_protocol()}
        if certificate := self.stream.getpeercert():
            tls["client_cert_name"] = ", ".join("=".join(part[0]) for part in certificate["subject"])
        return tls


def pytest_configure() -> None:
    """Put such an application into each server of a connection that hypercorn makes."""
    hypercorn: Any = importlib.import_module("hypercorn.trio.run")
    server = hypercorn.TCPServer
    hypercorn.TCPServer = lambda application, *others: server(Telling(application, others[-1]), *others)
