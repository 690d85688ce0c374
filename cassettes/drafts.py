"""Exchanges of a large cassette that have not been read yet: what can be seen of them without reading YAML.

Law: a draft knows what its document says in its first lines, where these are as they were written: enough to find out
whether a request may be for it, and when it began. It reads the document when somebody asks for the exchange, and tells
then what is wrong with it. A document that begins in any other way is none: it is read at once.
"""

from __future__ import annotations

import functools
import re
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from .document import origin_from_text
from .errors import BadCassette
from .plain_data import DocumentError
from .quick_reading import read_document
from .quick_yaml import Odd
from .yaml_format import read_exchange

if TYPE_CHECKING:
    from httplib_sim.waist import Origin

    from .exchange import Afterword, Exchange

_BEGINNING: Final = re.compile(
    rb"---\n(?:# [^\n]*\n)?origin: (https?://[^\s'\"#]+)\nconnection: ([1-9][0-9]{0,8})\n"
    rb"at: ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z)\n(?:redacted:\n(?:- [^\n]*\n)+)?"
    rb"request:\n  line: ([A-Z]{1,20}) ([!-~]+) HTTP/1\.[01]\n"
)
_END: Final = b"\n...\n"
_STEP: Final = 8192
"""Octets between two for which it is known on which line they are."""


@functools.lru_cache(64)
def _origin(octets: bytes) -> Origin:
    return origin_from_text(octets.decode("ascii", "replace"))


class Lines:
    """The octets of a file, and on which line each of them is: told without counting from the beginning each time."""

    __slots__ = ("_counts", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._counts: list[int] = []

    def at(self, position: int) -> int:
        """Return the line, from 1, on which the octet at *position* is."""
        octets, counts = self.octets, self._counts
        if position < _STEP:
            return octets.count(b"\n", 0, position) + 1
        if not counts:
            counts.append(1)
            counts += [octets.count(b"\n", start, start + _STEP) for start in range(0, len(octets), _STEP)]
            counts[:] = accumulate(counts)
        block = position // _STEP
        return counts[block] + octets.count(b"\n", block * _STEP, position)


class Draft:
    """The exchange that a document is: one of the cassette at *path*, whose octets *lines* has; it ends at *end*.

    ``origin``, ``method`` and ``target`` are the request's, ``connection`` is its number.
    """

    __slots__ = ("_at", "_end", "_lines", "_path", "_start", "afterwords", "connection", "method", "origin", "target")

    def __init__(self, beginning: re.Match[bytes], lines: Lines, path: str, end: int) -> None:
        origin, connection, self._at, method, target = beginning.groups()
        self.origin: Origin = _origin(origin)
        self.connection = int(connection)
        self.method: str = method.decode("ascii")
        self.target: str = target.decode("ascii")
        self._lines = lines
        self._path = path
        self._start = beginning.start()
        self._end = end
        self.afterwords: tuple[Afterword, ...] = ()

    @classmethod
    def of(cls, lines: Lines, path: str, start: int, end: int) -> Draft | None:
        """Return the draft of the document from *start* to *end*; None if it is not as it would have been written."""
        beginning = _BEGINNING.match(lines.octets, start, end)
        if beginning is None or not lines.octets.endswith(_END, start, end):
            return None
        try:
            return cls(beginning, lines, path, end)
        except DocumentError:  # of the origin: who reads it says so, with the line
            return None

    @property
    def line(self) -> int:
        """The line on which the document begins."""
        return self._lines.at(self._start)

    @property
    def started(self) -> datetime:
        """When the first octet of the request was sent. Raises `BadCassette` if that is no time."""
        try:
            return datetime.fromisoformat(self._at.decode("ascii"))
        except ValueError:
            return self.read().started

    def read(self) -> Exchange:
        """Return the exchange. Raises `BadCassette`."""
        octets = self._lines.octets[self._start : self._end]
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = self.line + octets.count(b"\n", 0, problem.start)
            raise BadCassette("expected UTF-8, got octets that are not", self._path, line) from None
        try:
            exchange = read_document(text)
        except Odd:
            exchange = read_exchange(text, self._path, self.line)
        for afterword in self.afterwords:
            exchange = afterword.added_to(exchange)
        return exchange
