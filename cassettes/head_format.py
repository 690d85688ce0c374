"""Heads and field lines as plain data for YAML: readable first, exact always.

Law: a head is its start line and its list of field lines, each as ``Name: value`` where that is how it was written, as
the text of the line where not; reading gives back the very octets. No body and no YAML here.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Literal

from httplib_sim import wire

from .plain_data import DocumentError, from_base64, inside, items, kind, latin_1, mapping, to_base64

_NUMBER = re.compile("0|[1-9][0-9]{0,17}")
_KEYS = frozenset({"line", "headers", "headers_end", "head"})

Head = wire.RequestHead | wire.ResponseHead


def head_to_data(head: Head, *, readable: bool = True) -> dict[str, Any]:
    """Return *head* as its start line and its headers; in base64 where these would not give the same octets."""
    parts = _parts(head) if readable else None
    if parts is None:
        return {"head": to_base64(head.octets)}
    start, end = parts
    data: dict[str, Any] = {"line": line_to_text(start), "headers": fields_to_data(head.fields)}
    if end != b"\r\n":
        data["headers_end"] = end.decode("latin-1")
    return data


def _parts(head: Head) -> tuple[bytes, bytes] | None:
    """What stands before the field lines of *head*, and what ends them; None where they do not stand in it so."""
    octets, section = head.octets, head.fields.octets
    for end in (b"\r\n", b"\n", b""):
        start = octets.removesuffix(section + end)
        if start.endswith(b"\n") and start + section + end == octets:
            return start, end
    return None


def request_head_from_data(data: object) -> wire.RequestHead:
    """Return the request head that *data* stands for. Raises `DocumentError`."""
    octets = head_octets_from_data(data, "request")
    try:
        return wire.parse_request_head(octets, wire.LENIENT, wire.UNLIMITED)
    except wire.WireError as problem:
        raise DocumentError(str(problem), "line") from None


def response_head_from_data(data: object) -> wire.ResponseHead:
    """Return the response head that *data* stands for; no octets at all are HTTP/0.9. Raises `DocumentError`."""
    octets = head_octets_from_data(data, "response")
    if not octets:
        return wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b"")
    try:
        return wire.parse_response_head(octets, wire.LENIENT, wire.UNLIMITED)
    except wire.WireError as problem:
        raise DocumentError(str(problem), "line") from None


def head_octets_from_data(data: object, role: Literal["request", "response"]) -> bytes:
    """Return the octets of the head that *data* stands for. Raises `DocumentError`."""
    data = mapping(data, f"a {role}", _KEYS)
    if ("line" in data) is ("head" in data):
        raise DocumentError(f"expected a {role} with its 'line' and its 'headers' (or else its 'head', in base64)")
    if "head" in data:
        with inside("head"):
            return from_base64(data["head"], "a head")
    with inside("line"):
        start = line_from_text(data["line"], f"the first line of a {role}")
    with inside("headers"):
        fields = fields_from_data(data.get("headers"))
    with inside("headers_end"):
        return start + fields.octets + latin_1(data.get("headers_end", "\r\n"), "the end of the headers")


def line_to_text(line: bytes) -> str:
    """Return *line* as text, with its line end only where that is not CRLF."""
    text = line.decode("latin-1")
    bare = text.removesuffix("\r\n")
    return text if not bare or bare.endswith("\n") else bare


def line_from_text(value: object, what: str) -> bytes:
    """Return the octets of the line that *value* stands for. Raises `DocumentError`."""
    octets = latin_1(value, what)
    return octets if octets.endswith(b"\n") else octets + b"\r\n"


def fields_to_data(fields: wire.Fields) -> list[Any]:
    """Return field lines as a list of one-key mappings; an odd line is its text."""
    return [{line.name: field_value(line.value)} if line.raw is None else line_to_text(line.raw) for line in fields]


def field_value(text: str) -> str | int:
    """Return the value of a field as it is written: a number without quotes, where it comes back the same."""
    return int(text) if _NUMBER.fullmatch(text) else text


def fields_from_data(data: object) -> wire.Fields:
    """Return the fields that *data* stands for. Raises `DocumentError`."""
    lines = []
    for number, item in enumerate(items(data, "headers as a list of 'Name: value'")):
        with inside(number):
            lines.append(_field_line(item))
    return wire.Fields.from_octets(b"".join(lines))


def _field_line(item: object) -> bytes:
    if isinstance(item, str):
        return line_from_text(item, "a header")
    if not isinstance(item, dict) or len(item) != 1:
        if isinstance(item, dict) and len(item) > 1:
            names = " and ".join(str(name) for name in item)
            raise DocumentError(f"expected a line of its own, with a dash, for each header, got {names} in one")
        raise DocumentError(f"expected a header as 'Name: value', got {kind(item)}")
    [(name, value)] = item.items()
    if type(value) in {str, int} and type(name) is str:
        return regular_line(name, value)
    return _checked_line(name, value)


def _checked_line(name: object, value: object) -> bytes:
    if not isinstance(name, str):
        raise DocumentError(f"expected text as the name of a header, got {kind(name)}: put quotes round it")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise DocumentError(f"expected text as the value of the header {name}, got {kind(value)}: put quotes round it")
    line = f"{name}: {value}"
    if re.search("[\r\n\0]", line):
        raise DocumentError(f"the header {name!r} has a line end or NUL in it")
    return latin_1(line, f"the header {name}") + b"\r\n"


@functools.lru_cache(2048, typed=True)
def regular_line(name: str, value: str | int) -> bytes:
    """Return the octets of a field line of *name* and *value*. Raises `DocumentError`.

    The same lines stand in one exchange after the other, so they are remembered.
    """
    return _checked_line(name, value)
