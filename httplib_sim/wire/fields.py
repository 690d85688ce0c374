"""Field lines: a header section or a trailer section, in order, in their case, as received.

Law: values only, made from octets or from names and values; nothing is checked for a role here (see `head`), and nothing is
ever lost: a line that was not written the usual way keeps its octets, and a line that is no field line is kept as one.

Text is ISO-8859-1: each octet one character (RFC 9110 section 5.5 calls the high ones obs-text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, overload

_BLANKS = " \t"
_CONTROLS = re.compile(r"[\x00\r\n]")
_FOLD = re.compile(rb"[ \t]*\r?\n[ \t]+")


class FieldLine(NamedTuple):
    """One field line (RFC 9112 section 5).

    ``name`` keeps its case, and is empty for a line that has no colon or no name; ``value`` then is the whole line.
    ``value`` is without the blanks round it; an obs-fold is one SP in it, and so is each CR or NUL.
    ``raw`` are the line's octets with their terminator, where they are not just ``name: value`` and CRLF, else None.
    """

    name: str
    value: str
    raw: bytes | None = None

    @property
    def octets(self) -> bytes:
        """The line as it is, or goes, on the wire."""
        if self.raw is not None:
            return self.raw
        return f"{self.name}: {self.value}\r\n".encode("latin-1")


class Fields(Sequence[FieldLine]):
    """The field lines of one section, in order: an immutable sequence with look-ups by name in any case.

    Made from pairs of name and value, or `FieldLine` values; `Fields.from_octets` reads a section, and reads it lazily:
    looking up a few names costs a search each, not a parse of all lines.
    """

    __slots__ = ("_lines", "_lowered", "_octets")

    def __init__(self, lines: Iterable[FieldLine | tuple[str, str]] = ()) -> None:
        self._lines: tuple[FieldLine, ...] | None = tuple(
            line if isinstance(line, FieldLine) else FieldLine(*line) for line in lines
        )
        self._octets: bytes | None = None
        self._lowered: bytes | None = None

    @classmethod
    def from_octets(cls, octets: bytes) -> Fields:
        """Return the fields of a section given as received: complete lines, without the empty line that ends it."""
        self = cls.__new__(cls)
        self._lines = None
        self._octets = octets
        self._lowered = None
        return self

    @property
    def octets(self) -> bytes:
        """The section as it is, or goes, on the wire, without the empty line that ends it."""
        if self._octets is None:
            self._octets = b"".join([line.octets for line in self._all()])
        return self._octets

    @property
    def lowered(self) -> bytes:
        """The section in lower case after one LF, for quick searches: a field that is there has ``b"\\nname"`` in it."""
        if self._lowered is None:
            self._lowered = b"\n" + self.octets.lower()
        return self._lowered

    def get_all(self, name: str) -> list[str]:
        """Return the value of each line with this *name*, in order."""
        wanted = name.lower()
        if self._lines is None and b"\n" + wanted.encode("latin-1", "replace") not in self.lowered:
            return []
        return [line.value for line in self._all() if line.name.lower() == wanted]

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the values of all lines with this *name*, joined by ", " (RFC 9110 section 5.3), or *default* if there is none."""
        values = self.get_all(name)
        return ", ".join(values) if values else default

    def pairs(self) -> list[tuple[str, str]]:
        """Return (name, value) of each field line, without the lines that are none."""
        return [(line.name, line.value) for line in self._all() if line.name]

    def malformed(self) -> list[str]:
        """Return the lines that have no colon or no name."""
        return [line.value for line in self._all() if not line.name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.get_all(name))

    @overload
    def __getitem__(self, index: int) -> FieldLine: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[FieldLine, ...]: ...
    def __getitem__(self, index: int | slice) -> FieldLine | tuple[FieldLine, ...]:
        return self._all()[index]

    def __iter__(self) -> Iterator[FieldLine]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fields):
            return NotImplemented
        return self.octets == other.octets

    def __hash__(self) -> int:
        return hash(self.octets)

    def __repr__(self) -> str:
        names = ", ".join(line.name or "(malformed)" for line in self._all())
        return f"<Fields {names}>"

    def _all(self) -> tuple[FieldLine, ...]:
        if self._lines is None:
            self._lines = tuple(split(self._octets or b""))
        return self._lines



def split(octets: bytes) -> Iterator[FieldLine]:
    """Yield the field lines of a section given as received; see `FieldLine` for what becomes of odd ones."""
    lines = octets.split(b"\n")
    if lines[-1]:
        raise ValueError("a section must be complete lines: the last one has no terminator")
    start, last = 0, len(lines) - 1
    while start < last:
        end = start + 1
        while end < last and lines[end][:1] in (b" ", b"\t"):
            end += 1
        yield _field_line(b"\n".join(lines[start:end]) + b"\n")
        start = end


def _field_line(raw: bytes) -> FieldLine:
    """Read one line with what was folded onto it (RFC 9112 sections 5.1 and 5.2)."""
    content = raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]
    if b"\n" in content:
        content = _FOLD.sub(b" ", content)
    text = content.decode("latin-1")
    name, colon, value = text.partition(":")
    if "\r" in text or "\0" in text:
        value = _CONTROLS.sub(" ", value)
    value = value.strip(_BLANKS)
    name = name.rstrip(_BLANKS)
    if not colon or not name or name[0] in _BLANKS:
        return FieldLine("", text, raw)
    line = FieldLine(name, value)
    return line if line.octets == raw else FieldLine(name, value, raw)
