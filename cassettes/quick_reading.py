"""Documents of the usual kind, read as exchanges at once.

Law: a fast path, and nothing else: what it gives is what `yaml_format` reads the long way, by way of plain data; any
other document it leaves, by raising `Odd`: one with a key, a comment or a spelling that writing does not
make, and one whose checksum does not fit, which a person has edited. So nothing that is wrong is told here, and an edit
that is right is mended elsewhere.

A document is cut where its lines can only stand in column 0. Heads and bodies repeat themselves from one exchange to
the next, so what has been read of one is remembered, within bounds, and shared: all of it is frozen.
"""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .body_format import body_from_data
from .document import origin_from_text
from .exchange import End, Exchange, Request, Response
from .head_format import line_from_text, regular_line
from .large_body import LargeBody
from .plain_data import DocumentError
from .quick_yaml import Odd, read_lines, read_scalar

if TYPE_CHECKING:
    from httplib_sim.waist import Origin

_BEGINNING: Final = re.compile(
    r"---\n(?:# [^\n]*\n)?origin: ([^\n]+)\nconnection: ([1-9][0-9]{0,8})\n"
    r"at: ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}(?:[0-9]{3})?Z)\n"
    r"(redacted:\n(?:- [^\n]+\n)+)?request:\n"
)
_END: Final = re.compile(
    r"\nend: \{how: complete, after: ([0-9]{1,15}\.[0-9]{1,9}) ms, bytes: (?:0|[1-9][0-9]{0,15}), "
    r"crc32: ([0-9a-f]{8}|'[0-9a-f]{8}')\}\n\.\.\.\n\Z"
)
_REQUEST_LINE: Final = re.compile(r"([A-Z]{1,20}) ([!-~]+) HTTP/1\.1")
_RESPONSE: Final = "\nresponse:\n"
_LINE: Final = "  line: "
_HEADERS: Final = "\n  headers:\n"
_FIELD: Final = "\n  - "
_BODY: Final = "\n  body:\n"
_LARGEST_KNOWN: Final = 4096
"""Characters of a response or a body that is remembered."""
_COMPLETE: Final = End()
_NO_BODY: Final = wire.Body()


def read_document(text: str) -> Exchange:
    """Return the exchange that *text*, a document from its ``---`` to its ``...``, is. Raises `Odd`."""
    beginning = _BEGINNING.match(text)
    end_at = text.rfind("\nend: {")
    end = _END.match(text, end_at) if end_at >= 0 else None
    if beginning is None or end is None or not text.replace("\n", "").isprintable():
        raise Odd
    sent_at = beginning.end()
    answer_at = text.find(_RESPONSE, sent_at, end_at)
    if answer_at < 0:
        raise Odd
    try:
        sent = _request(text[sent_at:answer_at])
        answer_text = text[answer_at + len(_RESPONSE) : end_at]
        answer = _response(answer_text) if len(answer_text) <= _LARGEST_KNOWN else _response.__wrapped__(answer_text)
        origin_text, connection, at, redacted = beginning.groups()
        exchange = Exchange(
            request=Request(_origin(origin_text), sent),
            response=answer,
            end=_COMPLETE,
            connection=int(connection),
            started=datetime.fromisoformat(at),
            elapsed=float(end[1]) / 1000,
            redacted=_places(redacted) if redacted else (),
        )
    except (DocumentError, wire.WireError, ValueError):  # the long way says what is wrong, and where
        raise Odd from None
    if f"{zlib.crc32(answer.message.octets, zlib.crc32(sent.octets)):08x}" != read_scalar(end[2]):
        raise Odd
    return exchange


def _request(text: str) -> wire.Request:
    line, section, body = _parts(text)
    fields = _fields(section)
    start = line_from_text(line, "a request line")
    octets = start + fields.octets + b"\r\n"
    match = _REQUEST_LINE.fullmatch(line)
    if match is not None:
        head = wire.RequestHead(match[1], match[2], fields, octets=octets)
    else:
        head = wire.parse_request_head(octets, wire.LENIENT, wire.UNLIMITED)
    return wire.Request(head, _body(body) if body else _NO_BODY)


@lru_cache(128)
def _response(text: str) -> Response:
    line, section, body = _parts(text)
    octets = line_from_text(line, "a status line") + _fields(section).octets + b"\r\n"
    head = wire.parse_response_head(octets, wire.LENIENT, wire.UNLIMITED)
    if head.is_interim:
        raise Odd
    if not body:
        return Response(wire.Response(head, _NO_BODY))
    return Response(wire.Response(head, _body(body) if len(body) <= _LARGEST_KNOWN else _body.__wrapped__(body)))


def _parts(text: str) -> tuple[str, str, str]:
    """The start line of a message, the lines of its headers with what stands before each, and those of its body."""
    head, _, body = text.partition(_BODY)
    line, mark, section = head.partition(_HEADERS)
    if not mark or "\n" in line or not line.startswith(_LINE):
        raise Odd
    start = read_scalar(line[len(_LINE) :])
    if type(start) is not str:
        raise Odd
    return start, "\n" + section, body


@lru_cache(128)
def _fields(section: str) -> wire.Fields:
    before, *lines = section.split(_FIELD)
    if before:
        raise Odd
    return wire.Fields.from_octets(b"".join([_field_line(line) for line in lines]))


@lru_cache(1024)
def _field_line(line: str) -> bytes:
    if "\n" in line:
        raise Odd
    [pair] = read_lines([f"- {line}"], "")
    if type(pair) is not dict:
        raise Odd
    [(name, value)] = pair.items()
    if type(name) is not str or type(value) not in {str, int}:
        raise Odd
    return regular_line(name, value)


@lru_cache(256)
def _body(text: str) -> wire.Body:
    body = body_from_data(read_lines(text.split("\n"), "    "))
    if isinstance(body, LargeBody):
        raise Odd  # whose file is to be looked for
    return body


@lru_cache(64)
def _origin(text: str) -> Origin:
    return origin_from_text(read_scalar(text))


@lru_cache(256)
def _places(text: str) -> tuple[str, ...]:
    places = tuple([read_scalar(line[2:]) for line in text.split("\n")[1:-1]])
    if any(type(place) is not str for place in places):
        raise Odd
    return places
