"""How a response begins: its head, taken from what the connection gives, and what it says of what follows.

Law: octets come through one function, `receive`, which puts them into the inbox; nothing else is known of the
connection. What is no head is one exception, of httplib's or of the codec's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import wire
from .errors import BadStatusLine, IncompleteRead, RemoteDisconnected
from .wire.limits import check_section_limits

if TYPE_CHECKING:
    from collections.abc import Callable


def read_head(inbox: wire.Inbox, receive: Callable[[], bytes], *, http09: bool) -> wire.ResponseHead:
    """Take the next head from *inbox*, where *receive* puts what it gets; it returns b"" at the connection's end.

    With *http09*, what does not begin like a status line stays in *inbox*: it is the content of an HTTP/0.9 response.
    Raises `wire.RemoteProtocolError`, `BadStatusLine`, `IncompleteRead` for a head that is cut short,
    `RemoteDisconnected` for none at all, and what *receive* raises.
    """
    while True:
        if inbox.startswith(b"HTTP/"):
            octets = inbox.take_section()
            if octets is not None:
                return wire.parse_response_head(octets, wire.CLIENT, wire.LIMITS)
            check_section_limits(*inbox.window(), wire.LIMITS, complete=False)
        elif not b"HTTP/".startswith(inbox.peek(5)):
            if http09:
                return wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b"")
            line = inbox.take_line()
            if line is not None:
                raise BadStatusLine(_text(line))
            check_section_limits(*inbox.window(), wire.LIMITS, complete=False)
        if not receive():
            return _head_at_end(inbox, http09=http09)


def _head_at_end(inbox: wire.Inbox, *, http09: bool) -> wire.ResponseHead:
    """The connection ended before a head was complete."""
    if not inbox:
        raise RemoteDisconnected("Remote end closed connection without response")
    if inbox.startswith(b"HTTP/"):
        # What is missing could be the framing: httplib takes such a head for complete, and the content for whole.
        raise IncompleteRead(inbox.take_all())
    if http09:
        return wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b"")
    raise BadStatusLine(_text(inbox.take_all()))


def framing_of(head: wire.ResponseHead, method: str) -> wire.Framing:
    """Return how the content of the response to *method* ends. Raises `wire.BadFraming` where that is in doubt.

    One Content-Length that is no number is passed over, as httplib does: it misleads nobody if the connection ends with
    this response.
    """
    if head.version == wire.HTTP09:
        return wire.Framing(wire.BodyKind.UNTIL_CLOSE)
    try:
        return wire.response_framing(head, method)
    except wire.BadFraming:
        values = head.fields.get_all("content-length")
        if len(values) == 1 and "," not in values[0] and "transfer-encoding" not in head.fields:
            return wire.Framing(wire.BodyKind.UNTIL_CLOSE)
        raise


def persists(head: wire.ResponseHead) -> bool:
    """RFC 9112 section 9.3, and the older Proxy-Connection and Keep-Alive, which HTTP/1.0 servers send."""
    if wire.keeps_alive(head):
        return True
    if head.version != wire.HTTP10 or b"transfer-encoding" in head.fields.decisive:
        return False
    if "close" in wire.connection_options(head.fields):
        return False
    return "keep-alive" in head.fields or "keep-alive" in head.fields.get("proxy-connection", "").lower()


def _text(line: bytes) -> str:
    return line.partition(b"\n")[0].removesuffix(b"\r").decode("latin-1")
