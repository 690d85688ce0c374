"""What makes a server a proxy: tunnels (RFC 9110 section 9.3.6) and credentials (section 11.7).

Law: where a tunnel leads is a fake server, this one or another, which goes on with the connection itself: no octet is
carried from one socket to another, and no name is looked up.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final, Protocol

from .answers import Canned, text_answer

if TYPE_CHECKING:
    from .connection import Connection
    from .journal import Entry
    from .listener import Link

ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


class End(Protocol):
    """Where a tunnel leads."""

    def go_on(self, link: Link, host: str, port: int, octets: bytes, /) -> None:
        """Serve a connection that is for *host* and *port*, of which *octets* have been read already."""


class Tunnel:
    """The answer to CONNECT that grants it: what comes then is for the fake server *to*, whatever host was asked for.

    With TLS, if that is how the client goes on; then the certificate is for the host that was asked for.
    """

    def __init__(self, to: End) -> None:
        self._to = to

    def send(self, connection: Connection) -> str:
        """Grant the tunnel; the connection is HTTP's no longer."""
        request = connection.request
        host, port = authority_of(request.head.target if request is not None else "")
        connection.write(ESTABLISHED)
        connection.end()
        connection.successor = lambda octets: self._to.go_on(connection.link, host, port, octets)
        return "200"

    def __repr__(self) -> str:
        return f"<Tunnel to {self._to!r}>"


class Credentials:
    """What clients of the proxy must prove, by the scheme Basic (RFC 7617)."""

    def __init__(self, user: str, password: str) -> None:
        self._expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")

    def challenge(self, entry: Entry) -> Canned | None:
        """Return the answer to a request for a proxy that does not prove it; None for all others."""
        if not is_proxied(entry) or entry.headers.get("proxy-authorization") == self._expected:
            return None
        fields = [("Proxy-Authenticate", 'Basic realm="fake proxy", charset="UTF-8"')]
        return text_answer(407, "This proxy wants to know who asks.\n", fields)


def is_proxied(entry: Entry) -> bool:
    """Tell whether a request is one for a proxy: CONNECT, or a target in absolute form (RFC 9112 section 3.2)."""
    return entry.method == "CONNECT" or (not entry.target.startswith("/") and "://" in entry.target)


def authority_of(target: str) -> tuple[str, int]:
    """Return host and port of CONNECT's target, such as ``api.github.com:443`` or ``[::1]:443``."""
    host, _, port = target.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port) if port.isdecimal() else 443
