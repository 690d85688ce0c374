"""Bodies as plain data for YAML: readable first, exact always.

Law: a form is chosen only if reading it gives back the very octets; what has no readable form is base64. No YAML here:
dictionaries, lists, text and numbers go out and come in.

One body is one mapping: its content under ``json`` (with the ``style`` that its text was written in), ``text`` (with
``eol: crlf`` where lines end so) or ``base64``; ``compressed`` says how to compress that again. Around it, where there
is something to say: ``chunks`` with their sizes, ``trailers``, and for a body that was cut ``complete: false`` and
``torn``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from httplib_sim import wire

from .head_format import fields_from_data, fields_to_data, line_from_text, line_to_text
from .plain_data import DocumentError, flag, from_base64, inside, items, latin_1, mapping, text, to_base64
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
_ENCODE = {style: json.JSONEncoder(**options).encode for style, options in _STYLES.items()}
_JSON = "json"
_LINE_ENDS = "crlf"
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CHUNK_LINE = re.compile(r"(0*[0-9A-Fa-f]{1,16})([^\r\n]*?)[ \t]*\r?\n")
_KEYS = frozenset(
    {
        *("json", "style", "newline", "text", "eol", "base64", "compressed"),
        *("chunks", "chunk_ends", "trailers", "trailers_end", "complete", "torn"),
    }
)


def body_to_data(body: wire.Body, fields: wire.Fields, *, readable: bool = True) -> dict[str, Any]:
    """Return *body* as plain data, empty where there is nothing to say. Not *readable*: its content in base64."""
    content_type, coding = fields.get("content-type", _JSON), fields.get("content-encoding", "")
    form = content_to_data(body.content, content_type, coding) if readable else _unreadable(body.content)
    data = {**form, **_framing_to_data(body)}
    if not body.complete:
        data["complete"] = False
        if body.trailers is not None:
            data.setdefault("trailers", [])
    if body.torn:
        data["torn"] = body.torn.decode("latin-1")
    return data


def _framing_to_data(body: wire.Body) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if body.chunks is not None:
        chunks = [_chunk_to_data(chunk) for chunk in body.chunks]
        data["chunks"] = chunks[:-1] if body.complete and chunks[-1] == 0 else chunks
    if body.tails is not None:
        data["chunk_ends"] = [tail.octets.decode("latin-1") for tail in body.tails]
    if body.trailers is not None and (len(body.trailers.fields) or body.trailers.end != b"\r\n"):
        data["trailers"] = fields_to_data(body.trailers.fields)
        if body.trailers.end != b"\r\n":
            data["trailers_end"] = body.trailers.end.decode("latin-1")
    return data


def _chunk_to_data(chunk: wire.ChunkHead) -> int | str:
    return chunk.size if chunk.raw is None and not chunk.extension else line_to_text(chunk.octets)


def body_from_data(data: object) -> wire.Body:
    """Return the body that *data* stands for. Raises `DocumentError`.

    Where the chunks are not as long as the content, which a person then has edited, all of it is one chunk.
    """
    data = mapping({} if data is None else data, "a body", _KEYS)
    content = _content_from_data(data)
    with inside("complete"):
        complete = flag(data.get("complete", True), "complete")
    with inside("torn"):
        torn = latin_1(data.get("torn", ""), "what came after the last whole part of a body")
    if "chunks" not in data:
        return wire.Body(content, complete=complete, torn=torn)
    chunks, tails = _chunks_from_data(data, complete=complete)
    if complete and sum(chunk.size for chunk in chunks) != len(content):
        chunks, tails = one_chunk(content), None
    return wire.Body(content, chunks, _trailers_from_data(data, complete=complete), complete, tails, torn)


def one_chunk(content: bytes) -> tuple[wire.ChunkHead, ...]:
    """Return the size lines that *content* has as a single chunk, the last chunk's included."""
    return tuple(wire.ChunkHead(size) for size in ([len(content), 0] if content else [0]))


def _chunks_from_data(
    data: dict[str, Any], *, complete: bool
) -> tuple[tuple[wire.ChunkHead, ...], tuple[wire.ChunkTail, ...] | None]:
    chunks = []
    with inside("chunks"):
        for number, item in enumerate(items(data["chunks"], "chunks as a list of sizes")):
            with inside(number):
                chunks.append(_chunk_from_data(item))
    if complete and (not chunks or chunks[-1].size):
        chunks.append(wire.ChunkHead(0))
    if "chunk_ends" not in data:
        return tuple(chunks), None
    with inside("chunk_ends"):
        ends = items(data["chunk_ends"], "the ends of the chunks as a list")
        return tuple(chunks), tuple(wire.ChunkTail(latin_1(end, "the end of a chunk")) for end in ends)


def _chunk_from_data(item: object) -> wire.ChunkHead:
    if isinstance(item, int) and not isinstance(item, bool) and item >= 0:
        return wire.ChunkHead(item)
    raw = line_from_text(item, "the size of a chunk, or its size line") if isinstance(item, str) else b""
    match = _CHUNK_LINE.fullmatch(raw.decode("latin-1"))
    if match is None:
        raise DocumentError(f"expected the size of a chunk, or its size line, got {item!r}")
    size, extension = int(match[1], 16), match[2].rstrip(" \t")
    usual = f"{size:x}{extension}\r\n".encode("latin-1") == raw
    return wire.ChunkHead(size, extension, None if usual else raw)


def _trailers_from_data(data: dict[str, Any], *, complete: bool) -> wire.Trailers | None:
    if not complete and "trailers" not in data:
        return None
    with inside("trailers"):
        fields = fields_from_data(data.get("trailers"))
    with inside("trailers_end"):
        return wire.Trailers(fields, latin_1(data.get("trailers_end", "\r\n"), "the end of the trailers"))


def content_to_data(content: bytes, content_type: str = _JSON, coding: str = "") -> dict[str, Any]:
    """Return *content* in the first form that gives back its octets; *coding* is what Content-Encoding says of it."""
    form = _readable(content, content_type) if content else {}
    if form is not None:
        return form
    found = find_recipe(content, coding) if coding else None
    if found is None:
        return _unreadable(content)
    plain, recipe = found
    form = _readable(plain, content_type) if plain else {"text": ""}
    return {**(form or {"base64": to_base64(plain)}), "compressed": recipe}


def _unreadable(content: bytes) -> dict[str, Any]:
    return {"base64": to_base64(content)} if content else {}


def _readable(content: bytes, content_type: str) -> dict[str, Any] | None:
    """*content* as JSON or as text, None if it is neither or would not come back the same."""
    try:
        spelled = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _JSON in content_type.lower() or spelled[0] in "{[":
        form = _json_form(spelled)
        if form is not None:
            return form
    if _UNREADABLE.search(spelled):
        return None
    if "\r" not in spelled:
        return {"text": spelled}
    if spelled.count("\r") == spelled.count("\n") == spelled.count("\r\n"):
        return {"text": spelled.replace("\r\n", "\n"), "eol": _LINE_ENDS}
    return None


def _json_form(spelled: str) -> dict[str, Any] | None:
    """*spelled* as the value that it spells, and the style that writes it the same again; None where no style does."""
    try:
        value = json.loads(spelled)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict | list):
        return None
    newline = spelled.endswith("\n")
    bare = spelled[:-1] if newline else spelled
    lines, escapes = "\n" in bare, "\\u" in bare
    for style, encode in _ENCODE.items():
        # What these styles write without a line end, or without an escape, an earlier one writes as well.
        if (not lines and style.startswith("indent")) or (not escapes and style.endswith("ascii")):
            continue
        if encode(value) == bare:
            form: dict[str, Any] = {"json": value}
            if style != _DEFAULT_STYLE:
                form["style"] = style
            return {**form, "newline": True} if newline else form
    return None


def _content_from_data(data: dict[str, Any]) -> bytes:
    forms = [key for key in _COMPANIONS if key in data]
    if len(forms) > 1:
        raise DocumentError(f"expected one of json, text and base64 in a body, got {' and '.join(forms)}", forms[1])
    for form, companions in _COMPANIONS.items():
        for key in companions:
            if key in data and form not in data:
                raise DocumentError(f"expected {key!r} in a body beside {form!r} only", key)
    content = _FROM_FORM[forms[0]](data) if forms else b""
    if "compressed" not in data:
        return content
    try:
        return follow(content, data["compressed"])
    except ValueError as problem:
        raise DocumentError(str(problem), "compressed") from None


def _from_text(data: dict[str, Any]) -> bytes:
    with inside("text"):
        content = text(data["text"], "the text of a body")
    if data.get("eol", _LINE_ENDS) != _LINE_ENDS:
        raise DocumentError(f"expected {_LINE_ENDS} as eol, or no eol for LF, got {data['eol']!r}", "eol")
    return _utf_8(content.replace("\n", "\r\n") if "eol" in data else content, "text")


def _from_json(data: dict[str, Any]) -> bytes:
    style = data.get("style", _DEFAULT_STYLE)
    if not isinstance(style, str) or style not in _STYLES:
        raise DocumentError(f"expected a style of JSON, one of {', '.join(_STYLES)}, got {style!r}", "style")
    with inside("newline"):
        end = "\n" if flag(data.get("newline", False), "newline") else ""
    try:
        return _utf_8(_ENCODE[style](data["json"]) + end, "json")
    except (TypeError, ValueError, RecursionError) as problem:
        raise DocumentError(f"expected what JSON can hold: {problem}", "json") from None


def _from_base64(data: dict[str, Any]) -> bytes:
    with inside("base64"):
        return from_base64(data["base64"], "the content of a body")


def _utf_8(content: str, key: str) -> bytes:
    try:
        return content.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise DocumentError(f"expected characters, got {problem.object[problem.start]!r}, half of one", key) from None


_FROM_FORM = {"json": _from_json, "text": _from_text, "base64": _from_base64}
_COMPANIONS = {"json": ("style", "newline"), "text": ("eol",), "base64": ()}
"""The forms of content, each with the keys that say more of it."""
