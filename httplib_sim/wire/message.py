"""Whole messages: a head and its body as one value.

Law: values, and the way from octets to values and back: ``emit(parse(octets)) == octets``. Where a message came whole or was
cut, where its chunks began, what its trailers were: all of it is in the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from .body import END_OF_MESSAGE, ChunkHead, ChunkTail, Data, Trailers
from .drive import Event, MessageReader, RequestReader, ResponseReader
from .errors import RemoteProtocolError
from .head import RequestHead, ResponseHead
from .inbox import NEED_DATA
from .limits import CLIENT, LIMITS, SERVER, Leniency, Limits


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one message.

    ``content`` is what the chunks carry, joined; ``chunks`` are their size lines, the last chunk's included, and None where
    the body is not chunked; ``tails`` are the line ends after each chunk's data where one of them is not CRLF;
    ``trailers`` are None where no trailer section was reached. ``complete`` says whether the body ended where its framing
    says; if not, ``torn`` holds the octets after the last whole part: half a size line, say.
    """

    content: bytes = b""
    chunks: tuple[ChunkHead, ...] | None = None
    trailers: Trailers | None = None
    complete: bool = True
    tails: tuple[ChunkTail, ...] | None = None
    torn: bytes = b""

    @property
    def octets(self) -> bytes:
        """The body as it is, or goes, on the wire."""
        if self.chunks is None:
            return self.content + self.torn
        return b"".join(self._parts())

    def _parts(self) -> Iterator[bytes]:
        position = 0
        for number, chunk in enumerate(self.chunks or ()):
            yield chunk.octets
            if not chunk.size:
                continue
            end = position + chunk.size
            yield self.content[position:end]
            position = end
            if self.tails is not None:
                yield from [tail.octets for tail in self.tails[number : number + 1]]
            elif end < len(self.content) or self.complete or number + 1 < len(self.chunks or ()):
                yield b"\r\n"
        if self.trailers is not None:
            yield self.trailers.octets
        yield self.torn


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its head and its body."""

    head: RequestHead
    body: Body = field(default_factory=Body)

    @property
    def octets(self) -> bytes:
        """The request as it is, or goes, on the wire."""
        return self.head.octets + self.body.octets


@dataclass(frozen=True, slots=True)
class Response:
    """A final response, its body, and the interim responses before it."""

    head: ResponseHead
    body: Body = field(default_factory=Body)
    interim: tuple[ResponseHead, ...] = ()

    @property
    def octets(self) -> bytes:
        """The response as it is, or goes, on the wire, the interim ones before it."""
        return b"".join([head.octets for head in self.interim]) + self.head.octets + self.body.octets


class HasOctets(Protocol):
    """What `emit` takes: anything of this package that stands for octets."""

    @property
    def octets(self) -> bytes:
        """The octets it stands for."""


def emit(*values: HasOctets) -> bytes:
    """Return the octets of messages, heads, events or parts, one after the other: the inverse of parsing them."""
    return b"".join([value.octets for value in values])


def parse_requests(octets: bytes, leniency: Leniency = SERVER, limits: Limits = LIMITS) -> list[Request]:
    """Return the requests that *octets*, all that a connection carried, are. Raises `RemoteProtocolError`."""
    messages = _collect(RequestReader(leniency, limits), octets)
    return [Request(head, body) for _, head, body in messages if isinstance(head, RequestHead)]


def parse_responses(
    octets: bytes, methods: Iterable[str] = ("GET",), leniency: Leniency = CLIENT, limits: Limits = LIMITS
) -> list[Response]:
    """Return the responses, to requests with *methods*, that *octets* are: all that a connection carried.

    Raises `RemoteProtocolError`.
    """
    reader = ResponseReader(leniency, limits)
    for method in methods:
        reader.expect(method)
    messages = _collect(reader, octets)
    return [Response(head, body, interim) for interim, head, body in messages if isinstance(head, ResponseHead)]


class BodyCollector:
    """Gathers the parts of one body into a `Body`."""

    def __init__(self) -> None:
        self._content: list[bytes] = []
        self._chunks: list[ChunkHead] | None = None
        self._tails: list[ChunkTail] = []
        self._trailers: Trailers | None = None

    def add(self, part: Event) -> None:
        """Add the next part; `END_OF_MESSAGE` and heads add nothing."""
        if isinstance(part, Data):
            self._content.append(part.content)
        elif isinstance(part, ChunkHead):
            self._chunks = self._chunks or []
            self._chunks.append(part)
        elif isinstance(part, ChunkTail):
            self._tails.append(part)
        elif isinstance(part, Trailers):
            self._trailers = part

    def body(self, *, complete: bool = True, torn: bytes = b"") -> Body:
        """Return what was gathered; *torn* are octets that came after it and are no part."""
        content = self._content[0] if len(self._content) == 1 else b"".join(self._content)
        if self._chunks is None:
            return Body(content, None, None, complete, None, torn)
        regular = complete and all(tail.octets == b"\r\n" for tail in self._tails)
        tails = None if regular else tuple(self._tails)
        return Body(content, tuple(self._chunks), self._trailers, complete, tails, torn)


def _collect(
    reader: MessageReader, octets: bytes
) -> Iterator[tuple[tuple[ResponseHead, ...], RequestHead | ResponseHead, Body]]:
    """Yield (interim heads, head, body) for each message. What is left at the end must be empty lines."""
    reader.feed(octets)
    reader.feed_eof()
    interim: list[ResponseHead] = []
    head: RequestHead | ResponseHead | None = None
    body = BodyCollector()
    while (event := reader.next_event()) is not NEED_DATA:
        if isinstance(event, ResponseHead) and event.is_interim:
            interim.append(event)
        elif isinstance(event, RequestHead | ResponseHead):
            head, body = event, BodyCollector()
        elif event is END_OF_MESSAGE and head is not None:
            yield tuple(interim), head, body.body()
            interim, head = [], None
        elif not isinstance(event, type(NEED_DATA)):
            body.add(event)
    if reader.rest().strip(b"\r\n"):
        raise RemoteProtocolError("octets that belong to no message are left")
