"""Faults of the chunked transfer coding (RFC 9112 section 7.1) and of the trailer section.

Law: what is about chunks makes chunks where the answer has none, so that it befalls any response with content.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING, ClassVar

from fake_server import checks

from .base import Fault
from .ends import Close, PauseNow
from .heads import as_line, is_field
from .steps import Octets, Part

if TYPE_CHECKING:
    from .steps import Steps


@dataclass(frozen=True)
class Chunked(Fault):
    """The content in chunks of these *sizes*, the last again and again; with *extension* and *seconds* before each.

    Without sizes, what comes at once is a chunk. *line_end* is what ends lines and chunks.
    """

    family: ClassVar[str] = "chunks"

    sizes: tuple[int, ...] = ()
    extension: bytes = b""
    seconds: float = 0.0
    line_end: bytes = b"\r\n"

    def __post_init__(self) -> None:
        """Refuse chunks without octets: that is the last one."""
        super().__post_init__()
        for size in self.sizes:
            checks.whole("sizes of chunks", size, 1)

    def apply(self, steps: Steps) -> Steps:
        """Frame it anew."""
        if self.sizes:
            steps = _regrouped(steps, self.sizes)
        number = 0
        for step in _without_frame(steps):
            if not isinstance(step, Octets) or step.part is not Part.CONTENT:
                yield step
                continue
            if self.seconds and number:
                yield PauseNow(self.seconds)
            yield Octets(Part.CHUNK_SIZE, b"%x%b%b" % (len(step.octets), self.extension, self.line_end), number)
            yield step._replace(number=number)
            yield Octets(Part.CHUNK_END, self.line_end, number)
            number += 1


@dataclass(frozen=True)
class ChunkSize(Fault):
    """*octets* in the place of the size of one *chunk*, counted from 0."""

    family: ClassVar[str] = "chunks"

    octets: bytes = b"zz"
    chunk: int = 0

    def apply(self, steps: Steps) -> Steps:
        """Write them."""
        for step in chunked(steps):
            here = isinstance(step, Octets) and step.part is Part.CHUNK_SIZE and step.number == self.chunk
            yield Octets(Part.CHUNK_SIZE, as_line(self.octets), self.chunk) if here else step


@dataclass(frozen=True)
class NoChunkEnd(Fault):
    """No line end behind one *chunk*, counted from 0."""

    family: ClassVar[str] = "chunks"

    chunk: int = 0

    def apply(self, steps: Steps) -> Steps:
        """Leave it out."""
        for step in chunked(steps):
            here = isinstance(step, Octets) and step.part is Part.CHUNK_END and step.number == self.chunk
            if not here:
                yield step


@dataclass(frozen=True)
class NoLastChunk(Fault):
    """All chunks but the last, empty one, and the end of the connection."""

    family: ClassVar[str] = "chunks"

    def apply(self, steps: Steps) -> Steps:
        """Cut it off."""
        return Close(after="chunks").apply(chunked(steps))


@dataclass(frozen=True)
class Trailers(Fault):
    """These *lines* in the trailer section, as they are, each with a line end if it has none."""

    family: ClassVar[str] = "chunks"

    lines: tuple[bytes, ...] = (b"X-Sum: 1",)

    def apply(self, steps: Steps) -> Steps:
        """Add them at its end."""
        for step in chunked(steps):
            if isinstance(step, Octets) and step.part is Part.END:
                yield from (Octets(Part.TRAILER, as_line(line), number) for number, line in enumerate(self.lines))
            yield step


def chunked(steps: Steps) -> Steps:
    """Yield the *steps* in chunks: as they are, if they have chunks already."""
    kept: list[Octets] = []
    for step in steps:
        if isinstance(step, Octets) and step.part is Part.FIELD:
            kept.append(step)
            continue
        if isinstance(step, Octets) and step.part is Part.HEAD_END:
            rest = _chain(kept, step, steps)
            yield from rest if any(is_field(field, "Transfer-Encoding") for field in kept) else Chunked().apply(rest)
            return
        yield step


def _chain(kept: list[Octets], step: Octets, steps: Steps) -> Steps:
    yield from kept
    yield step
    yield from steps


def _without_frame(steps: Steps) -> Steps:
    """Yield the *steps* with a header section that says chunked, content, and the end of the chunks, and no others."""
    begun = ended = False
    for step in steps:
        part = step.part if isinstance(step, Octets) else None
        if part in {Part.CHUNK_SIZE, Part.CHUNK_END} or is_field(step, "Content-Length"):
            continue
        if is_field(step, "Transfer-Encoding"):
            continue
        if part is Part.HEAD_END:
            begun = True
            yield Octets(Part.FIELD, b"Transfer-Encoding: chunked\r\n")
        ended |= part is Part.LAST_CHUNK
        yield step
    if begun and not ended:
        yield Octets(Part.LAST_CHUNK, b"0\r\n")
        yield Octets(Part.END, b"\r\n")


def _regrouped(steps: Steps, sizes: tuple[int, ...]) -> Steps:
    """Yield the *steps*, their content in pieces of these *sizes*."""
    coming = chain(sizes, repeat(sizes[-1]))
    size = next(coming)
    held = b""
    for step in steps:
        if isinstance(step, Octets) and step.part is Part.CONTENT:
            held += step.octets
            while len(held) >= size:
                yield Octets(Part.CONTENT, held[:size])
                held, size = held[size:], next(coming)
            continue
        if held and isinstance(step, Octets) and step.part is Part.LAST_CHUNK:
            yield Octets(Part.CONTENT, held)
            held = b""
        yield step
    if held:
        yield Octets(Part.CONTENT, held)
