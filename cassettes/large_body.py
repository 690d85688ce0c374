"""Bodies that are too large for the memory: values, as other bodies are, whose content is read piece by piece.

Law: a `LargeBody` is a `wire.Body` for all who do not know better, and costs them its size in memory where they ask for
``content`` or ``octets``; who knows better takes `octet_pieces`. Where the content is kept, only its `Content` knows.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Protocol

from httplib_sim import wire

from .frames import Frames

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE: Final = 1_048_576
"""Octets of content: bodies with more are not kept in memory, where nothing else is said."""
MOST_BY_MEANING: Final = 4 * 1_048_576
"""Octets of content: bodies with more are compared octet by octet, and not by what they mean."""
PIECE: Final = 65_536
"""Octets that are read, or handed on, at a time."""
_NO_TAIL: Final = wire.ChunkTail(b"")


class Content(Protocol):
    """Content that is kept somewhere, and can be read as often as one likes."""

    @property
    def size(self) -> int:
        """How many octets it is."""

    @property
    def sha256(self) -> str:
        """Its digest, in hexadecimal digits."""

    def pieces(self) -> Iterator[bytes]:
        """Give it from its beginning, piece by piece. Raises what reading it raises."""


def original(source: Content) -> Content:
    """Return what *source* was made of, if it is content whose secrets are replaced while it is read; else itself."""
    return getattr(source, "original", source)


class HeldContent:
    """Content in memory after all."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        """How many octets it is."""
        return len(self._content)

    @property
    def sha256(self) -> str:
        """Its digest, in hexadecimal digits."""
        return hashlib.sha256(self._content).hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """Give it, piece by piece."""
        for start in range(0, len(self._content), PIECE):
            yield self._content[start : start + PIECE]


class LargeBody(wire.Body):
    """A body whose content is *source*; the rest as in `wire.Body`, but for *frames* in the place of chunks."""

    __slots__ = ("frames", "source")

    source: Content
    frames: Frames | None

    def __init__(
        self,
        source: Content,
        frames: Frames | None = None,
        trailers: wire.Trailers | None = None,
        *,
        complete: bool = True,
        tails: tuple[wire.ChunkTail, ...] | None = None,
        torn: bytes = b"",
    ) -> None:
        values = {"source": source, "frames": frames, "trailers": trailers}
        for name, value in {**values, "complete": complete, "tails": tails, "torn": torn}.items():
            object.__setattr__(self, name, value)

    @property
    def content(self) -> bytes:
        """All of the content, in memory."""
        return b"".join(self.source.pieces())

    @property
    def chunks(self) -> tuple[wire.ChunkHead, ...] | None:
        """All size lines."""
        return None if self.frames is None else tuple(self.frames)

    @property
    def octets(self) -> bytes:
        """The body as it is, or goes, on the wire, in memory."""
        return b"".join(self.octet_pieces())

    @property
    def octet_count(self) -> int:
        """How many octets the body is on the wire."""
        count = self.source.size + len(self.torn)
        if self.frames is None:
            return count
        if self.tails is not None:
            count += sum(len(tail.octets) for tail in self.tails)
        else:
            count += 2 * (self.frames.filled - (self.frames.total > self.source.size))
        return count + self.frames.octet_count + (len(self.trailers.octets) if self.trailers is not None else 0)

    def octet_pieces(self) -> Iterator[bytes]:
        """Give the body as it is, or goes, on the wire, piece by piece."""
        if self.frames is None:
            yield from self.source.pieces()
        else:
            yield from _joined(self._chunk_pieces(self.frames))
        rest = (self.trailers.octets if self.trailers is not None else b"") + self.torn
        if rest:
            yield rest

    def with_source(self, source: Content) -> LargeBody:
        """Return the same body with other content, of the same length."""
        return LargeBody(source, self.frames, self.trailers, complete=self.complete, tails=self.tails, torn=self.torn)

    def loaded(self) -> wire.Body:
        """Return the same body with its content in memory."""
        return wire.Body(self.content, self.chunks, self.trailers, self.complete, self.tails, self.torn)

    def __eq__(self, other: object) -> bool:
        """Tell whether *other* is the same body; of content that is large in both the digest tells."""
        if isinstance(other, LargeBody):
            return (self.source.size, self.source.sha256, self.frames, self._rest()) == (
                *(other.source.size, other.source.sha256, other.frames),
                other._rest(),
            )
        return self.loaded() == other if isinstance(other, wire.Body) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.source.size, self.source.sha256))

    def __repr__(self) -> str:
        return f"<LargeBody of {self.source.size} octets{'' if self.complete else ', not complete'}>"

    def _rest(self) -> tuple[object, ...]:
        return (self.trailers, self.complete, self.tails, self.torn)

    def _chunk_pieces(self, frames: Frames) -> Iterator[bytes]:
        """Each size line, the data after it, and its end, as far as they were reached."""
        tails = None if self.tails is None else iter(self.tails)
        content = Cut(self.source.pieces())
        left = self.source.size
        for head, count in frames.runs():
            octets = head.octets
            for _ in range(count):
                yield octets
                if not head.size:
                    continue
                yield from content.take(min(head.size, left))
                left -= head.size
                if tails is not None:
                    yield next(tails, _NO_TAIL).octets
                elif left >= 0:
                    yield b"\r\n"


def content_size(body: wire.Body) -> int:
    """Return how many octets the content of *body* is, without reading it."""
    return body.source.size if isinstance(body, LargeBody) else len(body.content)


def octet_count(body: wire.Body) -> int:
    """Return how many octets *body* is on the wire, without reading what is large."""
    return body.octet_count if isinstance(body, LargeBody) else len(body.octets)


def octet_pieces(message: wire.Request | wire.Response) -> Iterator[bytes]:
    """Give *message* as it is, or goes, on the wire, in pieces if its body is large."""
    if not isinstance(message.body, LargeBody):
        yield message.octets
        return
    interim = message.interim if isinstance(message, wire.Response) else ()
    yield wire.emit(*interim, message.head)
    yield from message.body.octet_pieces()
    if message.extra:
        yield message.extra


def digest(pieces: Iterator[bytes]) -> str:
    """Return the digest of *pieces*, joined, in hexadecimal digits."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def as_large(body: wire.Body) -> LargeBody:
    """Return *body* as a large one, whatever its size."""
    if isinstance(body, LargeBody):
        return body
    frames = None if body.chunks is None else Frames(body.chunks)
    source = HeldContent(body.content)
    return LargeBody(source, frames, body.trailers, complete=body.complete, tails=body.tails, torn=body.torn)


def as_held(body: wire.Body) -> wire.Body:
    """Return *body* with its content in memory, whatever its size."""
    return body.loaded() if isinstance(body, LargeBody) else body


def side_by_side(one: Content, other: Content) -> Iterator[tuple[bytes, bytes]]:
    """Give pieces of two contents, which are equally long, from the same places."""
    cut = Cut(other.pieces())
    for piece in one.pieces():
        yield piece, b"".join(cut.take(len(piece)))


def without(pieces: Iterator[bytes], text: bytes, stand_in: bytes) -> Iterator[bytes]:
    """Give *pieces* with *stand_in* for each *text*, also for one that begins in one piece and ends in another."""
    held = b""
    for piece in pieces:
        held = (held + piece).replace(text, stand_in)
        keep = next((size for size in range(min(len(text) - 1, len(held)), 0, -1) if text.startswith(held[-size:])), 0)
        yield held[: len(held) - keep]
        held = held[len(held) - keep :]
    yield held


class Cut:
    """Pieces, to be cut anew."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._position = 0

    def take(self, count: int) -> Iterator[bytes]:
        """Give the next *count* octets, or all that are left if they are fewer."""
        while count > 0:
            if self._position == len(self._piece):
                self._piece, self._position = next(self._pieces, b""), 0
                if not self._piece:
                    return
            taken = self._piece[self._position : self._position + count]
            self._position += len(taken)
            count -= len(taken)
            yield taken


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """*pieces*, many small ones as one."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
