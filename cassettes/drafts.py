"""Exchanges of a large cassette that have not been read yet: what can be seen of them without reading YAML.

Law: a draft knows what its document says in its first lines, where these are as they were written: enough to find out
whether a request may be for it, and when it began. It reads the document when somebody asks for the exchange, and tells
then what is wrong with it. A document that begins in any other way is none: it is read at once.
"""

from __future__ import annotations

import functools
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from .document import origin_from_text
from .errors import BadCassette
from .plain_data import DocumentError
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


@functools.lru_cache(64)
def _origin(octets: bytes) -> Origin:
    return origin_from_text(octets.decode("ascii", "replace"))


class Draft:
    """The exchange that the document *octets* is, which stands on *line* of the cassette at *path*.

    ``origin``, ``method`` and ``target`` are the request's, ``connection`` is its number.
    """

    __slots__ = ("_at", "_octets", "_path", "afterwords", "connection", "line", "method", "origin", "target")

    def __init__(self, beginning: re.Match[bytes], octets: bytes, path: str, line: int) -> None:
        origin, connection, self._at, method, target = beginning.groups()
        self.origin: Origin = _origin(origin)
        self.connection = int(connection)
        self.method: str = method.decode("ascii")
        self.target: str = target.decode("ascii")
        self._octets = octets
        self._path = path
        self.line = line
        self.afterwords: tuple[Afterword, ...] = ()

    @classmethod
    def of(cls, octets: bytes, path: str, line: int) -> Draft | None:
        """Return the draft of a document; None if it does not begin as it would have been written."""
        beginning = _BEGINNING.match(octets)
        if beginning is None or not octets.endswith(_END):
            return None
        try:
            return cls(beginning, octets, path, line)
        except DocumentError:  # of the origin: who reads it says so, with the line
            return None

    @property
    def started(self) -> datetime:
        """When the first octet of the request was sent. Raises `BadCassette` if that is no time."""
        try:
            return datetime.fromisoformat(self._at.decode("ascii"))
        except ValueError:
            return self.read().started

    def read(self) -> Exchange:
        """Return the exchange. Raises `BadCassette`."""
        try:
            text = self._octets.decode("utf-8")
        except UnicodeDecodeError as problem:
            line = self.line + self._octets.count(b"\n", 0, problem.start)
            raise BadCassette("expected UTF-8, got octets that are not", self._path, line) from None
        exchange = read_exchange(text, self._path, self.line)
        for afterword in self.afterwords:
            exchange = afterword.added_to(exchange)
        return exchange
