"""Bodies as plain data for YAML: readable first, exact always.

Law: a form is chosen only if reading it gives back the very octets; what has no readable form is base64. No YAML here:
dictionaries, lists, text and numbers go out and come in.

One body is one mapping: its content under ``json`` (with the ``style`` that its text was written in), ``text`` (with
``eol: crlf`` where lines end so) or ``base64``; ``compressed`` says how to compress that again. Around it, where there
is something to say: ``chunks`` with their sizes, ``trailers``, and for a body that was cut ``complete: false`` and
``torn``.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from httplib_sim import wire

from .recompression import find_recipe, follow

_STYLES: dict[str, dict[str, Any]] = {
    "compact": {"separators": (",", ":"), "ensure_ascii": False},
    "compact-ascii": {"separators": (",", ":")},
    "spaced": {"ensure_ascii": False},
    "spaced-ascii": {},
    "indent-2": {"indent": 2, "ensure_ascii": False},
    "indent-2-ascii": {"indent": 2},
    "indent-4": {"indent": 4, "ensure_ascii": False},
    "indent-4-ascii": {"indent": 4},
    "indent-tab": {"indent": "\t", "ensure_ascii": False},
}
_DEFAULT_STYLE = "compact"
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile("0|[1-9][0-9]{0,17}")
_LINE = 76


class BodyError(ValueError):
    """What stands in a cassette as a body cannot be read as one; the text says what was expected."""


def to_data(body: wire.Body, fields: wire.Fields, *, readable: bool = True) -> dict[str, Any] | None:
    """Return *body* as plain data, None where there is nothing to say. Not *readable*: its content in base64."""
    data = _content_to_data(body.content, fields, readable=readable)
    if body.chunks is not None:
        chunks = [chunk.size if chunk.raw is None and not chunk.extension else _odd_line(chunk.octets) for chunk in body.chunks]
        data["chunks"] = chunks[:-1] if body.complete and chunks[-1] == 0 else chunks
    if body.trailers is not None and (len(body.trailers.fields) or body.trailers.end != b"\r\n"):
        data["trailers"] = fields_to_data(body.trailers.fields)
        if body.trailers.end != b"\r\n":
            data["trailers_end"] = body.trailers.end.decode("latin-1")
    if body.tails is not None:
        data["chunk_ends"] = [tail.octets.decode("latin-1") for tail in body.tails]
    if not body.complete:
        data["complete"] = False
        if body.trailers is not None:
            data.setdefault("trailers", [])
    if body.torn:
        data["torn"] = body.torn.decode("latin-1")
    return data or None


def from_data(data: object) -> wire.Body:
    """Return the body that *data* stands for. Raises `BodyError`."""
    if data is None:
        return wire.Body()
    if not isinstance(data, dict):
        raise BodyError(f"expected a body as a mapping (json, text or base64), got {_kind(data)}")
    unknown = set(data) - _KEYS
    if unknown:
        raise BodyError(f"unknown key {min(map(str, unknown))!r} in a body; known are {', '.join(sorted(_KEYS))}")
    content = _content_from_data(data)
    complete = data.get("complete", True) is not False
    chunks = _chunks_from_data(data["chunks"], complete=complete) if "chunks" in data else None
    if chunks is not None and complete and sum(chunk.size for chunk in chunks) != len(content):
        # A person edited the content: it comes in one chunk.
        chunks = tuple(wire.ChunkHead(size) for size in ([len(content), 0] if content else [0]))
        data = {key: value for key, value in data.items() if key != "chunk_ends"}
    trailers = None
    if chunks is not None and (complete or "trailers" in data):
        fields = fields_from_data(data.get("trailers", []))
        trailers = wire.Trailers(fields, _octets(data.get("trailers_end", "\r\n"), "trailers_end"))
    tails = None
    if "chunk_ends" in data:
        tails = tuple(wire.ChunkTail(_octets(end, "chunk_ends")) for end in data["chunk_ends"])
    return wire.Body(content, chunks, trailers, complete, tails, _octets(data.get("torn", ""), "torn"))


_KEYS = {
    "json", "style", "newline", "text", "eol", "base64", "compressed", "chunks", "chunk_ends", "trailers",
    "trailers_end", "complete", "torn",
}  # fmt: skip


def fields_to_data(fields: wire.Fields) -> list[Any]:
    """Return field lines as a list of one-key mappings; an odd line is its text, with its line end if not CRLF."""
    return [{line.name: _value(line.value)} if line.raw is None else _odd_line(line.raw) for line in fields]


def _odd_line(raw: bytes) -> str:
    """A line as text, without the CRLF that a line has by itself."""
    text = raw.decode("latin-1")
    usual = text.endswith("\r\n") and not text.endswith("\n\r\n") and text != "\r\n"
    return text.removesuffix("\r\n") if usual else text


def _value(text: str) -> str | int:
    """A number without quotes, where it comes back the same."""
    return int(text) if _NUMBER.fullmatch(text) else text


def fields_from_data(data: object) -> wire.Fields:
    """Return the fields that *data* stands for. Raises `BodyError`."""
    if data is None:
        data = []
    if not isinstance(data, list):
        raise BodyError(f"expected headers as a list of 'Name: value', got {_kind(data)}")
    return wire.Fields.from_octets(b"".join([_field_line(item) for item in data]))


def _field_line(item: object) -> bytes:
    if isinstance(item, str):
        return _octets(item if item.endswith("\n") else item + "\r\n", "headers")
    if not isinstance(item, dict) or len(item) != 1:
        raise BodyError(f"expected a header as 'Name: value', got {_kind(item)}")
    [(name, value)] = item.items()
    if isinstance(value, bool) or not isinstance(value, str | int):
        value_is = "nothing" if value is None else _kind(value)
        raise BodyError(f"expected text as the value of the header {name!s}, got {value_is}: put quotes round it")
    text = f"{name}: {value}"
    if re.search("[\r\n\0]", text):
        raise BodyError(f"the header {name!s} has a line end or NUL in it")
    return _octets(text + "\r\n", "headers")


def _content_to_data(content: bytes, fields: wire.Fields, *, readable: bool) -> dict[str, Any]:
    if not content:
        return {}
    if readable:
        form = _readable(content, fields)
        if form is not None:
            return form
        coding = fields.get("content-encoding", "")
        found = find_recipe(content, coding) if coding else None
        if found is not None:
            plain, recipe = found
            form = _readable(plain, fields) if plain else {"text": ""}
            return {**(form or {"base64": _base64(plain)}), "compressed": recipe}
    return {"base64": _base64(content)}


def _readable(content: bytes, fields: wire.Fields) -> dict[str, Any] | None:
    """*content* as JSON or as text, None if it is neither or would not come back the same."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "json" in fields.get("content-type", "json").lower() or text[0] in "{[":
        form = _json_form(text)
        if form is not None:
            return form
    if _UNREADABLE.search(text):
        return None
    if "\r" not in text:
        return {"text": text}
    if text.count("\r") == text.count("\n") == text.count("\r\n"):
        return {"text": text.replace("\r\n", "\n"), "eol": "crlf"}
    return None


def _json_form(text: str) -> dict[str, Any] | None:
    """*text* as the value that it spells, and the style that writes it the same again; None where no style does."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict | list):
        return None
    newline = text.endswith("\n")
    for style, options in _STYLES.items():
        if json.dumps(value, **options) + ("\n" if newline else "") == text:
            form: dict[str, Any] = {"json": value}
            if style != _DEFAULT_STYLE:
                form["style"] = style
            return {**form, "newline": True} if newline else form
    return None


def _content_from_data(data: dict[str, Any]) -> bytes:
    content = _plain_from_data(data)
    if "compressed" not in data:
        return content
    try:
        return follow(content, data["compressed"])
    except (ValueError, KeyError, TypeError) as problem:
        text = f"expected a recipe for compressing (coding, level, header), got one that is wrong: {problem}"
        raise BodyError(text) from None


def _plain_from_data(data: dict[str, Any]) -> bytes:
    forms = [key for key in ("json", "text", "base64") if key in data]
    if len(forms) > 1:
        raise BodyError(f"expected one of json, text and base64 in a body, got {' and '.join(forms)}")
    if "json" in data:
        return _json_octets(data)
    if "base64" in data:
        try:
            return base64.b64decode(re.sub(r"\s", "", str(data["base64"])), validate=True)
        except ValueError as problem:
            raise BodyError(f"expected base64, got what is none: {problem}") from None
    text = data.get("text", "")
    if not isinstance(text, str):
        raise BodyError(f"expected text in a body, got {_kind(text)}: put quotes round it, or use '|'")
    if data.get("eol") == "crlf":
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8")


def _json_octets(data: dict[str, Any]) -> bytes:
    style = data.get("style", _DEFAULT_STYLE)
    if style not in _STYLES:
        raise BodyError(f"expected a style of JSON, one of {', '.join(_STYLES)}, got {style!r}")
    try:
        text = json.dumps(data["json"], **_STYLES[style])
    except TypeError as problem:
        raise BodyError(f"expected what JSON can hold: {problem}; a date or like needs quotes round it") from None
    return (text + ("\n" if data.get("newline") else "")).encode("utf-8")


def _chunks_from_data(data: object, *, complete: bool) -> tuple[wire.ChunkHead, ...]:
    if not isinstance(data, list):
        raise BodyError(f"expected chunks as a list of sizes, got {_kind(data)}")
    chunks = [_chunk_from_data(item) for item in data]
    if complete and (not chunks or chunks[-1].size):
        chunks.append(wire.ChunkHead(0))
    return tuple(chunks)


def _chunk_from_data(item: object) -> wire.ChunkHead:
    if isinstance(item, int) and not isinstance(item, bool) and item >= 0:
        return wire.ChunkHead(item)
    match = re.fullmatch(r"([0-9A-Fa-f]{1,16})([^\r\n]*?)[ \t]*(?:\r?\n)?", item) if isinstance(item, str) else None
    if match is None:
        raise BodyError(f"expected a chunk's size, or its size line, got {item!r}")
    head = wire.ChunkHead(int(match[1], 16), match[2].rstrip(" \t"))
    raw = _octets(item if item.endswith("\n") else item + "\r\n", "chunks")
    return head if f"{head.size:x}{head.extension}\r\n".encode("latin-1") == raw else head._replace(raw=raw)


def _base64(content: bytes) -> str:
    text = base64.b64encode(content).decode("ascii")
    return "\n".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))


def _octets(text: object, where: str) -> bytes:
    if not isinstance(text, str):
        raise BodyError(f"expected text in {where}, got {_kind(text)}: put quotes round it")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise BodyError(f"{where} has a character that is not in ISO-8859-1") from None


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "a truth value", type(None): "nothing"}
    return names.get(type(value), f"{type(value).__name__} {value!r}"[:60])
