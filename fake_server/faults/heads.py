"""Faults of the head: the status line, the header section, and interim responses before it.

Law: literal octets. What a head then says of the connection and of the content may be a lie; the server does what it
would have done without the fault, unless the fault's own words are that it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeGuard

from fake_server.reasons import usual_reason

from .base import Fault
from .ends import CloseNow, PauseNow
from .steps import Octets, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from .steps import Step, Steps


@dataclass(frozen=True)
class StatusLine(Fault):
    """Another status line: *octets*, with a line end if they have none."""

    family: ClassVar[str] = "head"

    octets: bytes = b"HTTP/1.1 OK 200"

    def apply(self, steps: Steps) -> Steps:
        """Put it in the place of the other."""
        for step in steps:
            is_it = isinstance(step, Octets) and step.part is Part.STATUS_LINE
            yield Octets(Part.STATUS_LINE, as_line(self.octets)) if is_it else step


@dataclass(frozen=True)
class FieldLine(Fault):
    """One more line in the header section: *octets*, with a line end if they have none, before the field line *at*."""

    family: ClassVar[str] = "head"

    octets: bytes = b"no colon"
    at: int = 0

    def apply(self, steps: Steps) -> Steps:
        """Insert it; at the end of a header section that has fewer lines."""
        inserted = False
        for step in steps:
            here = isinstance(step, Octets) and (
                (step.part is Part.FIELD and step.number == self.at) or step.part is Part.HEAD_END
            )
            if here and not inserted:
                yield Octets(Part.FIELD, as_line(self.octets), self.at)
                inserted = True
            yield step


@dataclass(frozen=True)
class SetField(Fault):
    """The field *name* with these *values*, a line each, in the place of what it was; with none, it is missing."""

    family: ClassVar[str] = "head"

    name: str = "Content-Length"
    values: tuple[str | bytes, ...] = ()

    def apply(self, steps: Steps) -> Steps:
        """Replace the field lines, or add them at the end."""
        lines = [as_line(self.name.encode("latin-1") + b": " + _octets(value)) for value in self.values]
        for step in steps:
            if is_field(step, self.name):
                yield from (Octets(Part.FIELD, line, step.number) for line in lines)
                lines = []
                continue
            if isinstance(step, Octets) and step.part is Part.HEAD_END:
                yield from (Octets(Part.FIELD, line) for line in lines)
                lines = []
            yield step


@dataclass(frozen=True)
class ReverseFields(Fault):
    """The header section, its last line first."""

    family: ClassVar[str] = "head"

    def apply(self, steps: Steps) -> Steps:
        """Turn it round."""
        lines: list[Step] = []
        for step in steps:
            if isinstance(step, Octets) and step.part is Part.FIELD:
                lines.insert(0, step)
                continue
            yield from lines
            lines = []
            yield step


@dataclass(frozen=True)
class DoubleFields(Fault):
    """Each field line twice."""

    family: ClassVar[str] = "head"

    def apply(self, steps: Steps) -> Steps:
        """Repeat them."""
        for step in steps:
            yield step
            if isinstance(step, Octets) and step.part is Part.FIELD:
                yield step


@dataclass(frozen=True)
class RecasedFields(Fault):
    """The names of the fields in other letters: *upper* case, or lower."""

    family: ClassVar[str] = "head"

    upper: bool = True

    def apply(self, steps: Steps) -> Steps:
        """Write them otherwise."""
        return map(_lines(self._recased), steps)

    def _recased(self, line: bytes) -> bytes:
        name, colon, value = line.partition(b":")
        return (name.upper() if self.upper else name.lower()) + colon + value


@dataclass(frozen=True)
class LineFeeds(Fault):
    """The lines of the head end in LF alone (RFC 9112 section 2.2 lets a recipient take that)."""

    family: ClassVar[str] = "head"

    def apply(self, steps: Steps) -> Steps:
        """Leave the CR out."""
        head = {Part.STATUS_LINE, Part.FIELD, Part.HEAD_END}
        for step in steps:
            if isinstance(step, Octets) and step.part in head:
                yield step._replace(octets=step.octets.replace(b"\r\n", b"\n"))
            else:
                yield step


@dataclass(frozen=True)
class Information(Fault):
    """*times* interim responses before the final one, with this *status* and these *fields*; *seconds* before each."""

    family: ClassVar[str] = "interim"

    status: int = 103
    fields: tuple[tuple[str, str], ...] = ()
    times: int = 1
    seconds: float = 0.0

    def apply(self, steps: Steps) -> Steps:
        """Send them first."""
        lines = [
            f"HTTP/1.1 {self.status} {usual_reason(self.status)}",
            *(f"{name}: {v}" for name, v in self.fields),
            "",
            "",
        ]
        octets = "\r\n".join(lines).encode("latin-1")
        for _ in range(self.times):
            if self.seconds:
                yield PauseNow(self.seconds)
            yield Octets(Part.INTERIM, octets)
        yield from steps


@dataclass(frozen=True)
class Http10(Fault):
    """HTTP/1.0, as servers of that time spoke it: no length, no chunks; the content ends with the connection."""

    family: ClassVar[str] = "head"

    def apply(self, steps: Steps) -> Steps:
        """Write the version, and leave the framing out."""
        for step in unframed(steps):
            if isinstance(step, Octets) and step.part is Part.STATUS_LINE:
                yield step._replace(octets=step.octets.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
            else:
                yield step
        yield CloseNow()


@dataclass(frozen=True)
class Http09(Fault):
    """The content alone, as in HTTP/0.9, and the end of the connection."""

    family: ClassVar[str] = "head"

    def apply(self, steps: Steps) -> Steps:
        """Leave the head out."""
        for step in unframed(steps):
            if not isinstance(step, Octets) or step.part is Part.CONTENT:
                yield step
        yield CloseNow()


@dataclass(frozen=True)
class NoLength(Fault):
    """Neither length nor chunks: the content ends with the connection (RFC 9112 section 6.3, 8)."""

    family: ClassVar[str] = "body"

    def apply(self, steps: Steps) -> Steps:
        """Leave the framing out."""
        yield from SetField("Connection", ("close",)).apply(unframed(steps))
        yield CloseNow()


def unframed(steps: Steps) -> Steps:
    """Yield the *steps* without Content-Length, Transfer-Encoding, chunk sizes and trailers."""
    for step in steps:
        if is_field(step, "Content-Length") or is_field(step, "Transfer-Encoding"):
            continue
        if not isinstance(step, Octets) or step.part not in _FRAMES:
            yield step


_FRAMES = {Part.CHUNK_SIZE, Part.CHUNK_END, Part.LAST_CHUNK, Part.TRAILER, Part.END}


def is_field(step: Step, name: str) -> TypeGuard[Octets]:
    """Tell whether *step* is a field line with this *name*, in any case."""
    if not isinstance(step, Octets) or step.part is not Part.FIELD:
        return False
    return step.octets.partition(b":")[0].strip().lower() == name.lower().encode("latin-1")


def as_line(octets: bytes) -> bytes:
    """Return *octets* with a line end, if they have none."""
    return octets if octets.endswith(b"\n") else octets + b"\r\n"


def _octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _lines(change: Callable[[bytes], bytes]) -> Callable[[Step], Step]:
    def changed(step: Step) -> Step:
        is_line = isinstance(step, Octets) and step.part is Part.FIELD
        return step._replace(octets=change(step.octets)) if is_line and isinstance(step, Octets) else step

    return changed
