"""An exchange: one request, what answered it, and how it ended. Frozen values.

Law: what was on the wire, as values of `httplib_sim.wire` (``message``) with the look-ups that an assertion wants; no
file, no socket, no YAML, no redaction.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from httplib_sim import wire

from .content_coding import decoded
from .large_body import octet_count, octet_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httplib_sim.waist import Origin

    from .timing import Timing
    from .tls import TlsFacts


class How(enum.StrEnum):
    """The ways in which an exchange ends."""

    COMPLETE = "complete"
    """The response ended where its framing says."""
    CLIENT_CLOSED = "client-closed"
    """The client closed the connection before the response was complete."""
    EOF = "eof"
    """The server closed the connection: before the response was complete, or after one that let it persist."""
    RESET = "reset"
    """The connection was reset."""
    TIMEOUT = "timeout"
    """The client waited for as long as it was willing to, and nothing came."""


@dataclass(frozen=True, slots=True)
class End:
    """How an exchange ended; *detail* is the error's text where there was one."""

    how: How = How.COMPLETE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request and the origin it went to. ``message`` is exactly what was sent."""

    origin: Origin
    message: wire.Request

    @property
    def method(self) -> str:
        """The method."""
        return self.message.head.method

    @property
    def target(self) -> str:
        """The request target as sent."""
        return self.message.head.target

    @property
    def url(self) -> str:
        """The URL the request is for: origin and target, or the target if it is a URL itself (RFC 9112 section 3.3)."""
        target = self.target
        if target.startswith("/"):
            return self.origin.url + target
        return target if "://" in target else f"{self.origin.url}/{target}"

    @property
    def headers(self) -> wire.Fields:
        """The header section."""
        return self.message.head.fields

    @property
    def content(self) -> bytes:
        """The content as sent: transfer coding taken off, content coding not."""
        return self.message.body.content

    @property
    def text(self) -> str:
        """The content as text, content coding taken off."""
        return _text(self.headers, self.content)

    def json(self) -> Any:  # noqa: ANN401  JSON can be anything
        """The content read as JSON. Raises `ValueError` if it is none."""
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url.partition('?')[0]}>"


@dataclass(frozen=True, slots=True)
class Response:
    """A final response, with the interim ones before it. ``message`` is exactly what was received."""

    message: wire.Response

    @property
    def status(self) -> int:
        """The status code."""
        return self.message.head.status

    @property
    def reason(self) -> str:
        """The reason phrase, which may be empty."""
        return self.message.head.reason

    @property
    def headers(self) -> wire.Fields:
        """The header section."""
        return self.message.head.fields

    @property
    def content(self) -> bytes:
        """The content as received: transfer coding taken off, content coding not."""
        return self.message.body.content

    @property
    def text(self) -> str:
        """The content as text, content coding taken off."""
        return _text(self.headers, self.content)

    def json(self) -> Any:  # noqa: ANN401  JSON can be anything
        """The content read as JSON. Raises `ValueError` if it is none."""
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what answered it.

    ``response`` is None where no final head came; its body may be incomplete. ``received`` are the octets that came and
    belong to no response: garbage, half a head, or what nobody had asked for. ``connection`` numbers the connections of
    a cassette from 1: exchanges with the same number shared one; ``proxy`` is the one that the request went through, if
    any; ``tls`` is what TLS agreed on there, with the first
    exchange of an origin for which that is so. ``started`` is when the first octet of the request was
    sent (UTC), ``elapsed`` the seconds until the end; ``timing`` says when its
    octets came, where they came in several pieces. ``redacted`` names the places where a stand-in took the place of
    a secret, such as ``request header Authorization``.
    """

    request: Request
    response: Response | None = None
    end: End = field(default_factory=End)
    received: bytes = b""
    connection: int = 1
    started: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    elapsed: float = 0.0
    redacted: tuple[str, ...] = ()
    tls: TlsFacts | None = None
    timing: Timing = ()
    proxy: Origin | None = None

    @property
    def interim(self) -> tuple[wire.ResponseHead, ...]:
        """The interim responses before the final one."""
        return self.response.message.interim if self.response is not None else ()

    @property
    def answer(self) -> bytes:
        """All octets that the client received, up to the end."""
        return (self.response.message.octets if self.response is not None else b"") + self.received

    def answer_pieces(self) -> Iterator[bytes]:
        """Give all octets that the client received, in pieces if the response is large."""
        if self.response is not None:
            yield from octet_pieces(self.response.message)
        if self.received:
            yield self.received

    @property
    def answer_size(self) -> int:
        """How many octets the client received."""
        if self.response is None:
            return len(self.received)
        message = self.response.message
        heads = len(wire.emit(*message.interim, message.head))
        return heads + octet_count(message.body) + len(message.extra) + len(self.received)

    def __repr__(self) -> str:
        outcome = self.response.status if self.response is not None else self.end.how.value
        return f"<Exchange {self.request!r} -> {outcome}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterword:
    """What came over *connection* after its last exchange, which had been complete, and before the next.

    ``received`` are the octets, such as those of a 408 that nobody had asked for; ``end`` is how the connection ended,
    complete if it did not. Both take the place of those of the exchange.
    """

    connection: int
    received: bytes = b""
    end: End = field(default_factory=End)

    def added_to(self, exchange: Exchange) -> Exchange:
        """Return *exchange* with what came after it."""
        return replace(exchange, received=self.received, end=self.end)


def _text(headers: wire.Fields, content: bytes) -> str:
    """*content* as text, by the charset of Content-Type, else as UTF-8; octets that do not fit become U+FFFD."""
    content = decoded(content, headers.get("content-encoding", ""))
    for parameter in headers.get("content-type", "").split(";")[1:]:
        name, _, charset = parameter.strip().partition("=")
        if name.strip().lower() == "charset":
            try:
                return content.decode(charset.strip('" '), "replace")
            except LookupError:
                break
    return content.decode("utf-8", "replace")
