"""The waist: where the client meets the outside world, and the only place where somebody may stand in for it.

Law: one function between "I need a connection to this origin" and "here is something with a socket's methods". The
client calls `connect` with the origin and with a function that really connects (TLS handshake and proxy tunnel
included); what is installed here decides whether, and when, to call it. Nothing is patched, so nothing can be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    import socket

DEFAULT_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
"""The port of each scheme where a URL has none (RFC 9110 sections 4.2.1 and 4.2.2)."""


class Origin(NamedTuple):
    """Scheme, host and port of the server a request is for (RFC 9110 section 4.3.1); the host without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """``host`` or ``host:port``, the default port left out, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The origin as a URL without a path, such as ``https://api.example.com``."""
        return f"{self.scheme}://{self.authority}"


Dial = Callable[[], "socket.socket"]
"""Really connects, and returns the connected socket, TLS and tunnel done. Raises OSError as the socket module does."""


class Connector(Protocol):
    """What may stand between the client and its connections."""

    def __call__(self, origin: Origin, dial: Dial, proxy: Origin | None = None) -> socket.socket:
        """Return what the client is to use as its socket to *origin*: ``dial()``, or what has the same methods.

        *proxy* is the one through whose tunnel it dials.
        """


def _dial_at_once(origin: Origin, dial: Dial, proxy: Origin | None = None) -> socket.socket:  # noqa: ARG001  others care
    return dial()


_connector: Connector = _dial_at_once


def connect(origin: Origin, dial: Dial, proxy: Origin | None = None) -> socket.socket:
    """Return a connection to *origin*: what the installed connector gives, by default ``dial()``.

    *proxy* is the one through whose tunnel it dials.
    """
    return _connector(origin, dial, proxy)


def install(connector: Connector) -> None:
    """Let *connector* make all connections from now on; the last one installed counts."""
    global _connector  # noqa: PLW0603  one process has one waist
    _connector = connector
