"""Faults of the content, and of the pace at which octets come.

Law: the content is changed, and the framing round it goes on telling the length of what it is given, unless the fault
is just that it does not.
"""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from fake_server.errors import BadExpectation

from .base import Fault
from .ends import PauseNow, SendBelow, _At
from .heads import SetField, is_field
from .positions import HERE, marked
from .steps import Octets, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .steps import Action, Steps

AT_LEAST_ONE: Final = MappingProxyType({"octets": 1})


@dataclass(frozen=True)
class Insert(Fault):
    """*octets* at a position, whatever they mean there."""

    family: ClassVar[str] = "body"

    octets: bytes = b"\0"
    after: str = "headers"

    def apply(self, steps: Steps) -> Steps:
        """Send them there."""
        for step in marked(steps, self.after):
            yield Octets(Part.LITERAL, self.octets) if step is HERE else step


@dataclass(frozen=True)
class Corrupt(Fault):
    """The octet of the content at *offset* with all its bits turned round."""

    family: ClassVar[str] = "body"

    offset: int = 0

    def apply(self, steps: Steps) -> Steps:
        """Change the octet. Raises `BadExpectation` if the content is shorter."""
        left = self.offset
        for step in steps:
            if isinstance(step, Octets) and step.part is Part.CONTENT:
                if 0 <= left < len(step.octets):
                    octets = step.octets
                    yield step._replace(octets=octets[:left] + bytes([octets[left] ^ 0xFF]) + octets[left + 1 :])
                    left = -1
                    continue
                left -= len(step.octets) if left >= 0 else 0
            yield step
        if left >= 0:
            raise BadExpectation(f"expected content of more than {self.offset} octets, to corrupt one of them")


@dataclass(frozen=True)
class Unzippable(Fault):
    """Content that says it is gzip, and is none."""

    family: ClassVar[str] = "body"

    def apply(self, steps: Steps) -> Steps:
        """Say it."""
        return SetField("Content-Encoding", ("gzip",)).apply(steps)


@dataclass(frozen=True)
class TruncatedGzip(Fault):
    """Content in gzip, of which the last *octets* are missing; its length is told as it is sent."""

    family: ClassVar[str] = "body"
    least = AT_LEAST_ONE

    octets: int = 8

    def apply(self, steps: Steps) -> Steps:
        """Compress and cut it."""
        yield from SetField("Content-Encoding", ("gzip",)).apply(with_content(steps, self._cut))

    def _cut(self, content: bytes) -> bytes:
        return gzip.compress(content, mtime=0)[: -self.octets]


@dataclass(frozen=True)
class CorruptGzip(Fault):
    """Content in gzip, whose checksum is wrong."""

    family: ClassVar[str] = "body"

    def apply(self, steps: Steps) -> Steps:
        """Compress it and spoil the checksum."""
        yield from SetField("Content-Encoding", ("gzip",)).apply(with_content(steps, _spoilt))


@dataclass(frozen=True)
class ByteOrderMark(Fault):
    """Content that begins with the byte order mark of UTF-8."""

    family: ClassVar[str] = "body"

    def apply(self, steps: Steps) -> Steps:
        """Put it before the content."""
        return with_content(steps, lambda content: b"\xef\xbb\xbf" + content)


@dataclass(frozen=True)
class Drip(Fault):
    """What stands after a position comes *octets* at a time, with *seconds* between."""

    family: ClassVar[str] = "pace"
    least = AT_LEAST_ONE

    octets: int = 1
    seconds: float = 0.001
    after: str = "request"

    def apply(self, steps: Steps) -> Steps:
        """Cut it up."""
        return _paced(steps, self.after, self.seconds, iter(lambda: self.octets, None))


@dataclass(frozen=True)
class Rate(Fault):
    """No more than *octets* per second, from a position on."""

    family: ClassVar[str] = "pace"
    least = AT_LEAST_ONE

    octets: int = 100_000
    after: str = "request"

    def apply(self, steps: Steps) -> Steps:
        """Cut it into the tenth parts of a second."""
        return _paced(steps, self.after, 0.1, iter(lambda: max(self.octets // 10, 1), None))


@dataclass(frozen=True)
class Slice(Fault):
    """Pieces of *octets*, more or less by *variation*, as the *seed* has it, with *seconds* between them."""

    family: ClassVar[str] = "pace"
    least = AT_LEAST_ONE

    octets: int = 8
    variation: int = 4
    seed: int = 0
    seconds: float = 0.001
    after: str = "request"

    def apply(self, steps: Steps) -> Steps:
        """Cut it up."""
        dice = random.Random(self.seed)  # noqa: S311  it shall be repeatable
        lowest, highest = max(self.octets - self.variation, 1), self.octets + self.variation
        return _paced(steps, self.after, self.seconds, iter(lambda: dice.randint(lowest, highest), None))


@dataclass(frozen=True)
class BadRecord(_At):
    """A TLS record that nobody has the key to, at a position; without TLS, just octets."""

    family: ClassVar[str] = "tls"

    @property
    def action(self) -> Action:
        """Send it below TLS (RFC 8446 section 5.1: application data of TLS 1.2 on the wire, 32 octets)."""
        return SendBelow(b"\x17\x03\x03\x00\x20" + bytes(range(32)))


def with_content(steps: Steps, change: Callable[[bytes], bytes]) -> Steps:
    """Yield the *steps* with the content that *change* makes of the whole of it, and its length or its one chunk."""
    known = list(steps)
    parts = [step for step in known if isinstance(step, Octets)]
    content = change(b"".join(step.octets for step in parts if step.part is Part.CONTENT))
    is_chunked = any(step.part is Part.LAST_CHUNK for step in parts)
    for step in known:
        part = step.part if isinstance(step, Octets) else None
        if part in {Part.CONTENT, Part.CHUNK_SIZE, Part.CHUNK_END}:
            continue
        if is_field(step, "Content-Length"):
            yield Octets(Part.FIELD, b"Content-Length: %d\r\n" % len(content), step.number)
            continue
        yield step
        if part is Part.HEAD_END and is_chunked:
            yield Octets(Part.CHUNK_SIZE, b"%x\r\n" % len(content))
            yield Octets(Part.CONTENT, content)
            yield Octets(Part.CHUNK_END, b"\r\n")
        elif part is Part.HEAD_END:
            yield Octets(Part.CONTENT, content)


def _spoilt(content: bytes) -> bytes:
    octets = gzip.compress(content, mtime=0)
    return octets[:-8] + bytes(octet ^ 0xFF for octet in octets[-8:-4]) + octets[-4:]


def _paced(steps: Steps, after: str, seconds: float, sizes: Iterator[int]) -> Steps:
    """Yield the *steps*, those after the position *after* in pieces of these *sizes*, with *seconds* between."""
    slow = False
    left = 0
    for step in marked(steps, after):
        if step is HERE:
            slow, left = True, next(sizes)
        elif not slow or not isinstance(step, Octets):
            yield step
        else:
            octets = step.octets
            while octets:
                if not left:
                    yield PauseNow(seconds)
                    left = next(sizes)
                yield step._replace(octets=octets[:left])
                octets, left = octets[left:], left - len(octets[:left])
