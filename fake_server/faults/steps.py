"""Steps: an answer as what is done, one thing after the other: octets with their place in the message, and actions.

Law: octets in, steps out, and no socket but in `perform`. What an answer writes is taken apart into lines, chunks and
content, tolerantly, since it may be anything; and nothing is lost: the octets of the steps, put together, are what was
written. A fault changes steps on their way, so that it can be put on any answer, and several on one.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

if TYPE_CHECKING:
    from fake_server.connection import Connection


class Part(enum.Enum):
    """A part of a response (RFC 9112 sections 2.1 and 7.1). Parts that end in a line end have it with them."""

    INTERIM = enum.auto()
    """The whole head of an interim response."""
    STATUS_LINE = enum.auto()
    FIELD = enum.auto()
    HEAD_END = enum.auto()
    """The empty line."""
    CONTENT = enum.auto()
    """Content, or as much of it as has come at once; of one chunk, where there are chunks."""
    CHUNK_SIZE = enum.auto()
    CHUNK_END = enum.auto()
    LAST_CHUNK = enum.auto()
    TRAILER = enum.auto()
    END = enum.auto()
    """The empty line after the trailer section."""
    LITERAL = enum.auto()
    """What a fault has put there: no part of the response."""


class Octets(NamedTuple):
    """Octets to be sent. *number* is that of the field line, the chunk or the trailer line, from 0."""

    part: Part
    octets: bytes
    number: int = 0


@dataclass(frozen=True)
class Action:
    """Something done to the connection, after all that stands before it has been sent. *ends*: nothing comes after."""

    ends: ClassVar[bool] = False

    def perform(self, connection: Connection) -> None:
        """Do it."""


Step = Octets | Action
Steps = Iterator[Step]

FLUSH: Final = Action()
"""Sends what stands before it, and does nothing: here the answer itself has made a pause."""


def perform(steps: Iterable[Step], connection: Connection) -> None:
    """Do the *steps*; octets that nothing stands between are sent in one piece."""
    held: list[bytes] = []
    for step in steps:
        if isinstance(step, Octets):
            held.append(step.octets)
            continue
        octets = b"".join(held)
        held.clear()
        if octets:
            connection.write(octets)
        step.perform(connection)
        if step.ends:
            return
    if octets := b"".join(held):
        connection.write(octets)


def steps_of(pieces: Iterable[bytes | Action]) -> Steps:
    """Yield the steps of an answer that writes and does *pieces*."""
    dissector = _Dissector()
    begun = False
    for piece in pieces:
        if isinstance(piece, Action):
            yield piece
            continue
        if begun:
            yield FLUSH
        begun = True
        yield from dissector.feed(piece)
    yield from dissector.rest()


class _Dissector:
    """Takes a response apart, while it is being written."""

    def __init__(self) -> None:
        self._state = Part.STATUS_LINE
        self._held = b""
        self._interim = b""
        self._chunked = False
        self._number = 0
        self._left = 0

    def feed(self, octets: bytes) -> Steps:
        """Yield what *octets* bring to its end, and content as it comes."""
        self._held += octets
        while self._held:
            size = self._next_size()
            if size is None:
                return
            taken, self._held = self._held[:size], self._held[size:]
            yield from self._take(taken)

    def rest(self) -> Steps:
        """Yield what has begun, and will not end."""
        if self._interim:
            yield Octets(Part.INTERIM, self._interim)
        if self._held:
            yield Octets(self._state, self._held, self._number)

    def _next_size(self) -> int | None:
        """How many of the octets at hand belong together; None if more must come to know."""
        if self._state is Part.STATUS_LINE and not b"HTTP/".startswith(self._held[:5]):
            self._state = Part.CONTENT
        if self._state is Part.CONTENT:
            return min(self._left, len(self._held)) if self._chunked else len(self._held)
        if self._state is Part.CHUNK_END:
            return 2 if len(self._held) >= 2 else None
        return self._held.find(b"\n") + 1 or None

    def _take(self, taken: bytes) -> Steps:
        state = self._state
        if state is Part.STATUS_LINE and re.match(rb"HTTP/1\.\d 1(?!01)\d\d\b", taken):
            self._state, self._interim = Part.INTERIM, taken
        elif state is Part.INTERIM:
            self._interim += taken
            if not taken.strip():
                yield Octets(Part.INTERIM, self._interim)
                self._state, self._interim = Part.STATUS_LINE, b""
        elif state in {Part.STATUS_LINE, Part.FIELD}:
            yield self._head_line(taken)
        elif state is Part.CHUNK_SIZE:
            yield self._chunk_size(taken)
        elif state is Part.TRAILER:
            yield Octets(Part.TRAILER if taken.strip() else Part.END, taken, self._number)
            self._number += 1
            if not taken.strip():
                self._state, self._chunked = Part.CONTENT, False
        else:
            yield self._content(taken)

    def _head_line(self, line: bytes) -> Octets:
        if self._state is Part.STATUS_LINE:
            self._state = Part.FIELD
            return Octets(Part.STATUS_LINE, line)
        if line.strip():
            self._chunked |= re.match(rb"(?i)transfer-encoding:.*chunked\s*$", line) is not None
            self._number += 1
            return Octets(Part.FIELD, line, self._number - 1)
        self._state, self._number = Part.CHUNK_SIZE if self._chunked else Part.CONTENT, 0
        return Octets(Part.HEAD_END, line)

    def _chunk_size(self, line: bytes) -> Octets:
        found = re.match(rb"[0-9A-Fa-f]+", line)
        self._left = int(found[0], 16) if found else 0
        if found and self._left:
            self._state = Part.CONTENT
            return Octets(Part.CHUNK_SIZE, line, self._number)
        self._state, self._number = Part.TRAILER, 0
        return Octets(Part.LAST_CHUNK, line)

    def _content(self, octets: bytes) -> Octets:
        step = Octets(self._state, octets, self._number)
        if self._state is Part.CHUNK_END:
            self._state = Part.CHUNK_SIZE
            self._number += 1
        elif self._chunked:
            self._left -= len(octets)
            self._state = Part.CONTENT if self._left else Part.CHUNK_END
        return step
