"""The beginning of TLS on a connection, and what becomes of it where it fails.

Law: what a client is told, and when the connection may be closed; certificates are `certificates`' business. Imported
when a server uses TLS, and not before.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Any, Final

from httplib_sim import wire

from .channel import Channel, has_tls
from .errors import PeerGone
from .journal import Caller, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .listener import Link
    from .nested import NestedTls

_WORDS: Final = b"This server speaks HTTP over TLS: the URL must begin with https://, not with http://.\n"

PLAIN: Final = (
    wire.response_head(
        400,
        "Bad Request",
        wire.Fields([("Content-Type", "text/plain"), ("Content-Length", str(len(_WORDS))), ("Connection", "close")]),
    ).octets
    + _WORDS
)
"""The answer to HTTP where TLS was expected, without TLS, as such a client understands it."""


def shake_hands(
    link: Link, context: ssl.SSLContext, patience: float | None, octets: bytes = b""
) -> Mapping[str, Any] | None:
    """Put TLS over a connection. Returns the client's certificate, if the server wants one and there is one.

    The client may be silent for *patience* seconds; for ever, if None. *octets* of what it sent have been read already.

    Raises OSError, of which `ssl.SSLError` is one, where the client does not agree.
    """

    def wrap() -> ssl.SSLSocket | NestedTls:
        if not octets and not has_tls(link):
            return context.wrap_socket(link.bottom, server_side=True, do_handshake_on_connect=False)
        from .nested import NestedTls  # noqa: PLC0415  few need it

        return NestedTls(link.sock, context, octets)

    sock = link.replace(wrap)
    if patience is not None:
        sock.settimeout(patience)
    sock.do_handshake()
    sock.settimeout(None)
    return (sock.getpeercert() or None) if context.verify_mode is not ssl.CERT_NONE else None


def spoke_http(error: OSError) -> bool:
    """Tell whether a handshake failed since the client speaks HTTP without TLS."""
    return getattr(error, "reason", None) in {"HTTP_REQUEST", "HTTPS_PROXY_REQUEST"}


def failed(caller: Caller, error: OSError) -> Entry:
    """Return what stands in the journal for a connection on which the handshake failed by *error*."""
    if spoke_http(error):
        return Entry(caller, None, error=f"expected TLS, since this server is {caller.origin.url}; got HTTP without it")
    return Entry(caller, None, error=f"the TLS handshake failed: {error}")


def part(link: Link, error: OSError) -> None:
    """Close a connection on which the handshake failed by *error*, so that the client learns why.

    What it has sent by now is read, or a reset would take TLS's alert from it: see `Channel.linger`.
    """
    if link.cut:
        return
    channel = Channel(link)
    channel.close(notify=False)
    if spoke_http(error):
        with contextlib.suppress(PeerGone):
            channel.write_below(PLAIN)
    if not isinstance(error, TimeoutError):
        channel.linger()
