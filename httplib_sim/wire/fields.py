"""Field lines: a header section or a trailer section, in order, in their case, as received.

Law: values only, made from octets or from names and values; nothing is checked for a role here (see `head`), and
nothing is ever lost: a line that was not written the usual way keeps its octets, and so does one that is no field line.

Text is ISO-8859-1: each octet one character (RFC 9110 section 5.5 calls the high ones obs-text).

Most sections are regular and little of them is looked at, so a section stays octets for as long as it can: a look-up is
a search (`Fields.get_all`), all pairs are one split (`_regular_pairs`), and only an odd section is read line by line
(`split`), which is the definition of what the quick ways must give.
"""

from __future__ import annotations

import re
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLANKS = " \t"
_CONTROLS = re.compile(r"[\x00\r\n]")
DECISIVE = re.compile(
    rb"\n(connection|content-length|transfer-encoding)([: \t][^\n]*(?:\n[ \t][^\n]*)*)"  # a line, and its folds
)


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


class Fields:
    """The field lines of one section, in order: an immutable sequence of lines, and a mapping by name in any case.

    Made from pairs of name and value, or `FieldLine` values; `Fields.from_octets` reads a section, and reads it lazily:
    looking up a few names costs a search each, not a parse of all lines.
    """

    __slots__ = ("_decisive", "_lines", "_lowered", "_octets")

    def __init__(self, lines: Iterable[FieldLine | tuple[str, str]] = ()) -> None:
        self._lines: tuple[FieldLine, ...] | None = tuple(
            line if isinstance(line, FieldLine) else FieldLine(*line) for line in lines
        )
        self._octets: bytes | None = None
        self._lowered: bytes | None = None
        self._decisive: dict[bytes, bytes] | None = None

    @classmethod
    def from_octets(cls, octets: bytes) -> Fields:
        """Return the fields of a section given as received: complete lines, without the empty line that ends it.

        Raises `ValueError` if the last line has no terminator.
        """
        if octets and not octets.endswith(b"\n"):
            raise ValueError("a section must be complete lines: the last one has no terminator")
        self = cls.__new__(cls)
        self._lines = None
        self._octets = octets
        self._lowered = self._decisive = None
        return self

    @classmethod
    def from_lowered(cls, octets: bytes, lowered: bytes) -> Fields:
        """As `from_octets`, for whoever has made what `lowered` is already."""
        self = cls.__new__(cls)
        self._lines = None
        self._octets = octets
        self._lowered = lowered
        self._decisive = None
        return self

    @property
    def octets(self) -> bytes:
        """The section as it is, or goes, on the wire, without the empty line that ends it."""
        if self._octets is None:
            self._octets = b"".join([line.octets for line in self._all()])
        return self._octets

    @property
    def lowered(self) -> bytes:
        r"""The section in lower case after one LF, for quick searches: a field that is there has ``\nname`` in it."""
        if self._lowered is None:
            self._lowered = b"\n" + self.octets.lower()
        return self._lowered

    @property
    def decisive(self) -> dict[bytes, bytes]:
        r"""The lines that decide on framing and persistence, by one search: what follows each name, in lower case.

        The names are those of Connection, Content-Length and Transfer-Encoding. What follows is ``: value\r`` for a
        line that is there once and regular, and something else, fit for no comparison, for others: ask `get_all` then.
        """
        if self._decisive is None:
            found = DECISIVE.findall(self.lowered)
            self._decisive = dict(found)
            if len(self._decisive) != len(found):
                self._decisive = {name: b"\n".join([b for a, b in found if a == name]) for name in self._decisive}
        return self._decisive

    def get_all(self, name: str) -> list[str]:
        """Return the value of each line with this *name*, in order."""
        wanted = name.lower()
        if self._lines is None and wanted.isascii() and wanted.replace("-", "").isalnum():
            values = self._search(wanted)
            if values is not None:
                return values
        return [line.value for line in self._all() if line.name.lower() == wanted] if wanted else []

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the values of all lines with this *name*, joined by ", ", or *default* if there is none.

        RFC 9110 section 5.3 allows the joining; it is wrong for Set-Cookie, so ask `get_all` for that.
        """
        values = self.get_all(name)
        return ", ".join(values) if values else default

    def pairs(self) -> list[tuple[str, str]]:
        """Return (name, value) of each field line, without the lines that are none."""
        if self._lines is None:
            pairs = _regular_pairs(self.octets)
            if pairs is not None:
                return pairs
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
            self._lines = _regular_lines(self.octets) or tuple(split(self.octets))
        return self._lines

    def _search(self, wanted: str) -> list[str] | None:
        """Find the values of *wanted*, lower-case letters, digits and hyphens; None if one of its lines is odd."""
        values: list[str] = []
        section, octets = self.lowered, self.octets
        needle = b"\n" + wanted.encode()
        begin = section.find(needle)
        while begin >= 0:
            colon = begin + len(needle)
            after_name = section[colon]
            end = section.find(b"\n", colon)
            if after_name == 58:
                # section is octets moved on by one: what follows the colon there begins at its index here
                value = octets[colon : end - 1].strip(b" \t\r")
                if b"\r" in value or b"\0" in value or section[end + 1 : end + 2] in (b" ", b"\t"):
                    return None
                values.append(value.decode("latin-1"))
            elif after_name in b" \t\r":
                return None
            begin = section.find(needle, end)
        return values


def _regular_pairs(octets: bytes) -> list[tuple[str, str]] | None:
    """Return (name, value) of each line of a section of one field line a line; None if any line is odd.

    Odd are: ends other than CRLF, CR, LF or NUL elsewhere, folds, blanks before the colon, no colon, no name.
    """
    lines = octets.decode("latin-1").split("\r\n")
    count = len(lines) - 1
    if lines.pop() or octets.count(b"\n") != count or octets.count(b"\r") != count or b"\0" in octets:
        return None
    pairs = [
        (name, value.strip(_BLANKS)) for name, colon, value in [line.partition(":") for line in lines] if colon and name
    ]
    names = "".join([name for name, _ in pairs])
    return pairs if len(pairs) == count and " " not in names and "\t" not in names else None


def _regular_lines(octets: bytes) -> tuple[FieldLine, ...]:
    """Return the lines of a section in which each is ``name: value`` and CRLF; an empty tuple for any other."""
    pairs = _regular_pairs(octets)
    if pairs and "".join([f"{name}: {value}\r\n" for name, value in pairs]).encode("latin-1") == octets:
        return tuple(starmap(FieldLine, pairs))
    return ()


def split(octets: bytes) -> Iterator[FieldLine]:
    """Yield the field lines of a section given as received; see `FieldLine` for what becomes of odd ones."""
    lines = octets.split(b"\n")
    start, last = 0, len(lines) - 1
    while start < last:
        end = start + 1
        while end < last and lines[end][:1] in (b" ", b"\t"):
            end += 1
        yield _field_line(b"\n".join(lines[start:end]) + b"\n")
        start = end


def _field_line(raw: bytes) -> FieldLine:
    """Read one line with what was folded onto it (RFC 9112 sections 2.2, 5.1 and 5.2)."""
    content = raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]
    first, *rest = content.split(b"\n")
    if rest:
        content = b" ".join([first.rstrip(b" \t\r"), *[part.strip(b" \t\r") for part in rest]])
    text = content.decode("latin-1")
    name, colon, value = text.partition(":")
    name = name.rstrip(_BLANKS)
    # A fold is part of a value (RFC 9112 section 5.2): a colon behind one makes no field of what stands before it.
    if not colon or b":" not in first or not name or name[0] in _BLANKS or _CONTROLS.search(name):
        return FieldLine("", text, raw)
    line = FieldLine(name, _CONTROLS.sub(" ", value).strip(_BLANKS))
    return line if line.octets == raw else line._replace(raw=raw)
