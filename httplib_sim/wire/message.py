"""Whole messages: a head and its body as one value.

Law: values, and the way from octets to values and back: ``emit(parse(octets)) == octets``. Whether a message came whole
or was cut, where its chunks began, what its trailers were: all of it is in the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from .body import CRLF_TAIL, END_OF_MESSAGE, ChunkHead, ChunkTail, Data, Trailers
from .drive import MessageReader, RequestReader, ResponseReader
from .errors import RemoteProtocolError
from .head import RequestHead, ResponseHead
from .inbox import NEED_DATA
from .limits import CLIENT, LIMITS, SERVER, Leniency, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NO_TAIL: Final = ChunkTail(b"")


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one message.

    ``content`` is what the chunks carry, joined; ``chunks`` are their size lines, the last chunk's included, and None
    where the body is not chunked; ``tails`` are the line ends after each chunk's data, None where each is CRLF;
    ``trailers`` are None where no trailer section was reached. ``complete`` says whether the body ended where its
    framing says; if not, ``torn`` holds the octets after the last whole part: half a size line, say.
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
        trailers = b"" if self.trailers is None else self.trailers.octets
        return b"".join([*self._chunk_octets(self.chunks), trailers, self.torn])

    def _chunk_octets(self, chunks: Iterable[ChunkHead]) -> Iterator[bytes]:
        """Each size line, data and end of data, as far as they were reached."""
        tails = None if self.tails is None else iter(self.tails)
        position = 0
        for chunk in chunks:
            yield chunk.octets
            if not chunk.size:
                continue
            yield self.content[position : position + chunk.size]
            position += chunk.size
            if tails is not None:
                yield next(tails, _NO_TAIL).octets
            elif position <= len(self.content):
                yield b"\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its head and its body.

    ``extra`` are empty lines after the last request of a connection, which old clients send (RFC 9112 section 2.2);
    those between two requests belong to the head of the second.
    """

    head: RequestHead
    body: Body = field(default_factory=Body)
    extra: bytes = b""

    @property
    def octets(self) -> bytes:
        """The request as it is, or goes, on the wire."""
        return self.head.octets + self.body.octets + self.extra


@dataclass(frozen=True, slots=True)
class Response:
    """A final response, its body, and the interim responses before it.

    ``extra`` are empty lines after the last response of a connection, where a leniency lets them pass.
    """

    head: ResponseHead
    body: Body = field(default_factory=Body)
    interim: tuple[ResponseHead, ...] = ()
    extra: bytes = b""

    @property
    def octets(self) -> bytes:
        """The response as it is, or goes, on the wire, the interim ones before it."""
        return b"".join([head.octets for head in self.interim]) + self.head.octets + self.body.octets + self.extra


class HasOctets(Protocol):
    """What `emit` takes: anything of this package that stands for octets."""

    @property
    def octets(self) -> bytes:
        """The octets it stands for."""


def emit(*values: HasOctets) -> bytes:
    """Return the octets of messages, heads, events or parts, one after the other: the inverse of parsing them."""
    return b"".join([value.octets for value in values])


def parse_requests(octets: bytes, leniency: Leniency = SERVER, limits: Limits = LIMITS) -> list[Request]:
    """Return the requests that *octets*, all that a connection carried, are: ``emit(*requests) == octets``.

    Raises `RemoteProtocolError` if they are not requests and nothing else.
    """
    reader = RequestReader(leniency, limits)
    requests = [Request(head, body) for _, head, body in _messages(reader, octets) if isinstance(head, RequestHead)]
    if requests:
        requests[-1] = replace(requests[-1], extra=reader.rest())
    return requests


def parse_responses(
    octets: bytes, methods: Iterable[str] = ("GET",), leniency: Leniency = CLIENT, limits: Limits = LIMITS
) -> list[Response]:
    """Return the responses, to requests with *methods*, that *octets*, all that a connection carried, are.

    ``emit(*responses) == octets``. Raises `RemoteProtocolError` if they are not responses and nothing else, or fewer
    than the *methods*.
    """
    reader = ResponseReader(leniency, limits)
    for method in methods:
        reader.expect(method)
    messages = _messages(reader, octets)
    responses = [Response(head, body, interim) for interim, head, body in messages if isinstance(head, ResponseHead)]
    if responses:
        responses[-1] = replace(responses[-1], extra=reader.rest())
    return responses


class BodyCollector:
    """Gathers the parts of one body into a `Body`."""

    def __init__(self) -> None:
        self._content: list[bytes] = []
        self._chunks: list[ChunkHead] | None = None
        self._tails: list[ChunkTail] = []
        self._trailers: Trailers | None = None

    def add(self, part: object) -> None:
        """Add the next part; what is no part of a body's octets, such as `END_OF_MESSAGE` or a head, adds nothing."""
        if isinstance(part, Data):
            self._content.append(part.content)
        elif isinstance(part, ChunkHead):
            self._chunks = [] if self._chunks is None else self._chunks
            self._chunks.append(part)
        elif isinstance(part, ChunkTail):
            self._tails.append(part)
        elif isinstance(part, Trailers):
            self._trailers = part

    def body(self, *, complete: bool = True, torn: bytes = b"") -> Body:
        """Return what was gathered; *torn* are octets that came after it and are no part."""
        content = b"".join(self._content)
        if self._chunks is None:
            return Body(content, None, None, complete, None, torn)
        sizes = [chunk.size for chunk in self._chunks if chunk.size]
        # The usual ends need no list; nor does data that is itself cut, after which there is no end.
        usual = [CRLF_TAIL] * (len(sizes) if sum(sizes) <= len(content) else len(sizes) - 1)
        tails = None if self._tails == usual else tuple(self._tails)
        return Body(content, tuple(self._chunks), self._trailers, complete, tails, torn)


def _messages(
    reader: MessageReader, octets: bytes
) -> Iterator[tuple[tuple[ResponseHead, ...], RequestHead | ResponseHead, Body]]:
    """Yield (interim heads, head, body) for each message; then nothing is left but empty lines after the last."""
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
        else:
            body.add(event)
    if interim:
        raise RemoteProtocolError("expected a final response after the interim ones, but the connection ended")
    if octets and len(reader.inbox) == len(octets):
        raise RemoteProtocolError(f"expected a message, got {len(octets)} octets of empty lines only")
