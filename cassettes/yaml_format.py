"""The cassette format: exchanges as YAML documents, and back.

Law: text in, values out, and the reverse; no file (that is `store`), and the only place where YAML is read and written.
A document is written, read again and compared before it is given out: what does not come back to the octet is written
in a plainer form. Reading uses the safe loader only.

A cassette is a stream of documents: first the format's number, then one document for each exchange. Each begins with
``---`` in column 0, which no line inside a document can have, and ends with ``end`` as its last key and ``...``: what
lacks both was torn off while it was written.
"""

from __future__ import annotations

import base64
import functools
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml

from httplib_sim import wire
from httplib_sim.waist import Origin

from .body_format import BodyError, fields_from_data, fields_to_data, from_data, to_data
from .errors import BadCassette, CassetteError
from .exchange import End, Exchange, How, Request, Response
from .mending import mended

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
HEADER = f"cassette: {FORMAT}\nrecorded_by: httplib-sim\n...\n"
"""The first document of every cassette."""

_LENIENT = wire.Leniency(
    bare_lf=True,
    leading_empty_lines=True,
    loose_start_line=True,
    bad_field_lines=True,
    obs_fold=True,
    length_beside_coding=True,
    loose_chunk_lines=True,
    http09=True,
)
_MOST = 1 << 62
_UNLIMITED = wire.Limits(_MOST, _MOST, _MOST, _MOST, _MOST, _MOST)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(https?)://(?:\[([0-9A-Fa-f:.%]+)\]|([^\s/:\[\]]+))(?::([0-9]{1,5}))?")
_MILLISECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?) ms")
_KEYS = {"origin", "connection", "at", "redacted", "request", "response", "received", "end"}


class _Block(str):
    """Text to be written as a block of lines."""

    __slots__ = ()


class _Flow(dict[str, Any]):
    """A mapping to be written on one line."""


class _FlowList(list[Any]):
    """A list to be written on one line."""


@functools.cache
def _dumper() -> type[Any]:
    base: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper: type[Any] = type("CassetteDumper", (base,), {"ignore_aliases": lambda _self, _data: True})
    dumper.yaml_implicit_resolvers = _without_dates(base)
    # Plain str in each: the C emitter refuses subclasses.
    dumper.add_representer(_Block, lambda it, text: it.represent_scalar("tag:yaml.org,2002:str", str(text), style="|"))
    dumper.add_representer(
        _Flow, lambda it, data: it.represent_mapping("tag:yaml.org,2002:map", dict(data), flow_style=True)
    )
    dumper.add_representer(
        _FlowList, lambda it, data: it.represent_sequence("tag:yaml.org,2002:seq", list(data), flow_style=True)
    )
    return dumper


@functools.cache
def _loader() -> type[Any]:
    base: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: type[Any] = type("CassetteLoader", (base,), {})
    loader.yaml_implicit_resolvers = _without_dates(base)
    return loader


def _without_dates(base: type[Any]) -> dict[str, list[tuple[str, Any]]]:
    """The rules by which plain text is more than text, without the one for dates: in JSON a date is text."""
    return {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in base.yaml_implicit_resolvers.items()
    }


def write_exchange(number: int, exchange: Exchange) -> str:
    """Return *exchange*, the *number*-th of its cassette from 1, as a document, from its ``---`` to its ``...``.

    Raises `CassetteError` if no form of it comes back to the octet.
    """
    for readable_bodies, readable_heads in ((True, True), (False, True), (False, False)):
        try:
            text = _document(number, exchange, readable_bodies=readable_bodies, readable_heads=readable_heads)
            again = read_exchange(text)
        except (yaml.YAMLError, UnicodeError, RecursionError, BadCassette, wire.WireError):
            continue
        if _octets(again) == _octets(exchange) and again.end == exchange.end:
            return text
    raise CassetteError(f"the exchange {exchange!r} cannot be written: no form of it reads back the same")


def read_exchange(text: str, path: str = "<document>", line: int = 1) -> Exchange:
    """Return the exchange that the document *text* is; *path* and *line* say where it stands.

    What a person edited is made right again: see `mending`. Raises `BadCassette`.
    """
    data = _mapping(text, path, line)
    try:
        exchange = _exchange(data)
    except (BodyError, wire.RemoteProtocolError) as problem:
        raise BadCassette(str(problem), path, line) from None
    crc = data["end"].get("crc32")
    if crc is not None and str(crc) != _crc32(exchange):
        return mended(exchange)
    return exchange


def check_header(text: str, path: str, line: int = 1) -> None:
    """Raise `BadCassette` unless *text*, the first document, says that the file is a cassette that can be read here."""
    data = _load(text, path, line)
    number = data.get("cassette") if isinstance(data, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadCassette(f"expected 'cassette: {FORMAT}' in the first document: this file is no cassette", path, line)
    if not 1 <= number <= FORMAT:
        text = f"expected a cassette of format {FORMAT}, got {number}: it was made by a newer version of httplib-sim"
        raise BadCassette(text, path, line)


def _document(number: int, exchange: Exchange, *, readable_bodies: bool, readable_heads: bool) -> str:
    data: dict[str, Any] = {
        "origin": exchange.request.origin.url,
        "connection": exchange.connection,
        "at": exchange.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if exchange.redacted:
        data["redacted"] = list(exchange.redacted)
    request = exchange.request.message
    data["request"] = _message(request.head, request.body, readable_bodies, readable_heads)
    if exchange.response is not None:
        response = exchange.response.message
        data["response"] = _message(response.head, response.body, readable_bodies, readable_heads)
        if response.interim:
            interim = [_head(head, readable=readable_heads) for head in response.interim]
            data["response"] = {"interim": interim, **data["response"]}
    if exchange.received:
        data["received"] = _Block(base64.encodebytes(exchange.received).decode("ascii"))
    data["end"] = _end(exchange)
    text = yaml.dump(data, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=1_000_000)
    # After some blocks the emitter ends a document by itself.
    return f"---\n{_summary(number, exchange)}\n{text.removesuffix('...' + chr(10))}...\n"


def _summary(number: int, exchange: Exchange) -> str:
    """The line that a person looks for: a comment, never read."""
    if exchange.response is not None:
        outcome = f"{exchange.response.status} {exchange.response.reason}".rstrip()
        outcome += f"  {len(exchange.response.content)} B"
    else:
        outcome = "no response"
    if exchange.end.how is not How.COMPLETE:
        outcome += f"  ({exchange.end.how.value})"
    url = exchange.request.url
    text = f"# {number:04}  {exchange.request.method} {url} -> {outcome}  {exchange.elapsed * 1000:.0f} ms"
    return "".join(character if character.isprintable() else "?" for character in text)


def _message(
    head: wire.RequestHead | wire.ResponseHead,
    body: wire.Body,
    readable_bodies: bool,  # noqa: FBT001
    readable_heads: bool,  # noqa: FBT001
) -> dict[str, Any]:
    data = _head(head, readable=readable_heads)
    content = to_data(body, head.fields, readable=readable_bodies)
    if content is not None:
        data["body"] = _styled(content)
    return data


def _head(head: wire.RequestHead | wire.ResponseHead, *, readable: bool) -> dict[str, Any]:
    """A head as its start line and its headers; as its whole text where that would not give the same octets."""
    line = head.start_line
    usual = line.encode("latin-1") + b"\r\n" + head.fields.octets + b"\r\n"
    if readable and usual == head.octets:
        return {"line": line, "headers": fields_to_data(head.fields)}
    return {"head": base64.b64encode(head.octets).decode("ascii")}


def _styled(content: dict[str, Any]) -> dict[str, Any]:
    """A body with text as block, and what is short on one line."""
    if isinstance(content.get("text"), str) and "\n" in content["text"]:
        content["text"] = _Block(content["text"])
    if "\n" in content.get("base64", ""):
        content["base64"] = _Block(content["base64"] + "\n")
    if "compressed" in content:
        content["compressed"] = _Flow(content["compressed"])
    if "chunks" in content:
        content["chunks"] = _FlowList(content["chunks"])
    return content


def _end(exchange: Exchange) -> dict[str, Any]:
    data = _Flow(how=exchange.end.how.value)
    if exchange.end.detail:
        data["detail"] = exchange.end.detail
    data["after"] = f"{exchange.elapsed * 1000:.3f} ms"
    data["bytes"] = len(exchange.answer)
    data["crc32"] = _crc32(exchange)
    return data


def _octets(exchange: Exchange) -> tuple[bytes, bytes]:
    return exchange.request.message.octets, exchange.answer


def _crc32(exchange: Exchange) -> str:
    """The checksum of what was on the wire, both ways: it tells whether somebody has edited the document since."""
    request, answer = _octets(exchange)
    return f"{zlib.crc32(answer, zlib.crc32(request)):08x}"


def _load(text: str, path: str, line: int) -> Any:  # noqa: ANN401  whatever the document holds
    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506  a subclass of the safe loader
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        what = getattr(problem, "problem", None) or str(problem)
        raise BadCassette(f"expected YAML: {what}", path, line + (mark.line if mark else 0)) from None


def _mapping(text: str, path: str, line: int) -> dict[str, Any]:
    """The document as a mapping that has what every exchange must have."""
    data = _load(text, path, line)
    if not isinstance(data, dict):
        raise BadCassette("expected an exchange: a mapping with the keys origin, request and end", path, line)
    unknown = sorted(str(key) for key in set(data) - _KEYS)
    if unknown:
        text = f"unknown key {unknown[0]!r} in an exchange; known are {', '.join(sorted(_KEYS))}"
        raise BadCassette(text, path, line)
    if not isinstance(data.get("end"), dict):
        raise BadCassette("the exchange has no 'end': it was torn off while it was written", path, line)
    for key in ("origin", "request"):
        if key not in data:
            raise BadCassette(f"the exchange has no {key!r}", path, line)
    return data


def _exchange(data: Mapping[str, Any]) -> Exchange:
    origin = _origin(data["origin"])
    head, body = _read_message(data["request"], "request")
    if not isinstance(head, wire.RequestHead):
        raise BodyError("expected a request")
    response = None
    if data.get("response") is not None:
        final, content = _read_message(data["response"], "response")
        interim = tuple(_read_head(item, "response") for item in data["response"].get("interim") or ())
        if not isinstance(final, wire.ResponseHead):
            raise BodyError("expected a response")
        response = Response(
            wire.Response(final, content, tuple(item for item in interim if isinstance(item, wire.ResponseHead)))
        )
    return Exchange(
        request=Request(origin, wire.Request(head, body)),
        response=response,
        end=_read_end(data["end"]),
        received=_base64(data.get("received", "")),
        connection=_whole_number(data.get("connection", 1), "connection"),
        started=_time(data.get("at")),
        elapsed=_seconds(data["end"].get("after", "0 ms")),
        redacted=tuple(map(str, data.get("redacted") or ())),
    )


def _read_message(data: object, role: str) -> tuple[wire.RequestHead | wire.ResponseHead, wire.Body]:
    head = _read_head(data, role)
    body = data.get("body") if isinstance(data, dict) else None
    return head, from_data(body)


def _read_head(data: object, role: str) -> wire.RequestHead | wire.ResponseHead:
    if not isinstance(data, dict) or not ("line" in data or "head" in data):
        raise BodyError(f"expected a {role} with its 'line' and its 'headers'")
    unknown = sorted(str(key) for key in set(data) - {"line", "headers", "head", "body", "interim"})
    if unknown:
        raise BodyError(f"unknown key {unknown[0]!r} in a {role}; known are line, headers, body and interim")
    if "head" in data:
        octets = _base64(data["head"])
    else:
        fields = fields_from_data(data.get("headers"))
        octets = f"{data['line']}\r\n".encode("latin-1", "replace") + fields.octets + b"\r\n"
    if role == "request":
        return wire.parse_request_head(octets, _LENIENT, _UNLIMITED)
    if not octets:
        return wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b"")
    return wire.parse_response_head(octets, _LENIENT, _UNLIMITED)


def _read_end(data: Mapping[str, Any]) -> End:
    try:
        how = How(str(data.get("how", How.COMPLETE.value)))
    except ValueError:
        names = ", ".join(how.value for how in How)
        raise BodyError(f"expected how the exchange ended, one of {names}; got {data.get('how')!r}") from None
    return End(how, str(data.get("detail", "")))


def _origin(text: object) -> Origin:
    match = _URL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BodyError("expected an origin such as https://api.example.com, without a path")
    scheme, literal, name, port = match.groups()
    return Origin(scheme, literal or name, int(port) if port else _DEFAULT_PORTS[scheme])


def _base64(text: object) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s", "", str(text)), validate=True)
    except ValueError as problem:
        raise BodyError(f"expected base64, got what is none: {problem}") from None


def _whole_number(value: object, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise BodyError(f"expected a whole number from 1 as {name}")


def _time(text: object) -> datetime:
    if text is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        raise BodyError("expected a time such as 2026-11-22T20:00:00.123Z under 'at'") from None


def _seconds(text: object) -> float:
    match = _MILLISECONDS.fullmatch(str(text))
    if match is None:
        raise BodyError(f"expected a duration such as '87 ms', got {str(text)[:40]!r}")
    return float(match[1]) / 1000
