"""Exchanges of the usual kind, read from documents at once.

Law: a fast path, and nothing else: what it reads is the very exchange that `yaml_format` reads the long way, by way of
plain data; any other document it leaves, by raising `quick_yaml.Odd`. What a person has edited is left, too: the
checksum tells. Lines repeat themselves from one exchange to the next, so what they stand for is remembered, in bounds.
"""

from __future__ import annotations

import functools
import re
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from httplib_sim import wire

from .body_format import body_from_data
from .document import origin_from_text
from .exchange import Exchange, Request, Response
from .plain_data import DocumentError
from .quick_yaml import Odd, read_lines, read_scalar

if TYPE_CHECKING:
    from httplib_sim.waist import Origin

_FIELDS: Final = r"(?:  - [^\n]+\n)+"
_USUAL: Final = re.compile(
    r"---\n(?:# [^\n]*\n)?origin: ([^\s'\"]+)\nconnection: ([1-9][0-9]{0,8})\n"
    r"at: ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3,6}Z)\n(redacted:\n(?:- [^\n]+\n)+)?"
    rf"request:\n  line: ([^\n]+)\n  headers:\n({_FIELDS})(?:  body:\n((?:    [^\n]*\n|\n)+))?"
    rf"response:\n  line: ([^\n]+)\n  headers:\n({_FIELDS})(?:  body:\n((?:    [^\n]*\n|\n)+))?"
    r"end: \{how: complete, after: ([0-9]{1,9}\.[0-9]{3}) ms, bytes: [0-9]{1,15}, crc32: ('?)([0-9a-f]{8})\12\}\n"
    r"\.\.\.\n"
)
_NONE: Final = wire.Body()


def read_document(text: str) -> Exchange:
    """Return the exchange that the document *text* is. Raises `Odd`."""
    found = _USUAL.fullmatch(text)
    if found is None or not text.replace("\n", "").isprintable():
        raise Odd
    origin, connection, at, redacted, asked, fields, sent, told, answered, got, after, _, crc32 = found.groups()
    try:
        request = wire.Request(_request_head(asked, fields), _body(sent))
        response = wire.Response(_response_head(told, answered), _body(got))
        place = _origin(origin)
    except (DocumentError, wire.WireError):
        raise Odd from None
    if f"{zlib.crc32(response.octets, zlib.crc32(request.octets)):08x}" != crc32:
        raise Odd  # somebody has edited it
    return Exchange(
        request=Request(place, request),
        response=Response(response),
        connection=int(connection),
        started=_time(at),
        elapsed=float(after) / 1000,
        redacted=() if redacted is None else _places(redacted),
    )


def _request_head(line: str, fields: str) -> wire.RequestHead:
    return wire.parse_request_head(_line(line) + _section(fields) + b"\r\n", wire.LENIENT, wire.UNLIMITED)


def _response_head(line: str, fields: str) -> wire.ResponseHead:
    head = wire.parse_response_head(_line(line) + _section(fields) + b"\r\n", wire.LENIENT, wire.UNLIMITED)
    if head.is_interim:
        raise Odd
    return head


def _line(text: str) -> bytes:
    return _octets(read_scalar(text)) + b"\r\n"


@functools.lru_cache(256)
def _section(text: str) -> bytes:
    """The field lines that a list of one-key mappings stands for."""
    return b"".join([_field_line(line) for line in text.split("\n")[:-1]])


@functools.lru_cache(2048)
def _field_line(line: str) -> bytes:
    [item] = read_lines([line[2:]], "")
    if type(item) is not dict:
        raise Odd
    [(name, value)] = item.items()
    if type(name) is not str or type(value) not in {str, int}:
        raise Odd
    return _octets(f"{name}: {value}") + b"\r\n"


def _octets(text: Any) -> bytes:  # noqa: ANN401  what YAML has made of it
    if type(text) is not str:
        raise Odd
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        raise Odd from None
    if b"\n" in octets or b"\r" in octets or b"\0" in octets:
        raise Odd
    return octets


def _body(text: str | None) -> wire.Body:
    if text is None:
        return _NONE
    data = read_lines(text.split("\n")[:-1], "    ")
    if "file" in data:
        raise Odd  # what is in another file is found by whoever knows where this one is
    return body_from_data(data)


@functools.lru_cache(128)
def _places(text: str) -> tuple[str, ...]:
    """The places that were redacted."""
    places = [read_scalar(line[2:]) for line in text.split("\n")[1:-1]]
    if any(type(place) is not str for place in places):
        raise Odd
    return tuple(places)


@functools.lru_cache(64)
def _origin(text: str) -> Origin:
    return origin_from_text(text)


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Odd from None
