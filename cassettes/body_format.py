"""Bodies as plain data for YAML: readable first, exact always.

Law: a form is chosen only if reading it gives back the very octets; what has no readable form is base64. No YAML here:
dictionaries, lists, text and numbers go out and come in.

One body is one mapping: its content under ``json`` (with the ``style`` that its text was written in), ``text`` (with
``eol: crlf`` where lines end so) or ``base64``; ``compressed`` says how to compress that again; or it is in another
file, of which ``file``, ``size`` and ``sha256`` tell. Around it, where there
is something to say: ``chunks`` with their sizes, ``trailers``, and for a body that was cut ``complete: false`` and
``torn``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from httplib_sim import wire

from .frames import Frames
from .head_format import fields_from_data, fields_to_data, line_from_text, line_to_text
from .large_body import LargeBody
from .plain_data import DocumentError, flag, from_base64, inside, items, latin_1, mapping, text, to_base64
from .recompression import find_recipe, follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .large_body import Content

    Locate = Callable[[str, int | None, str], Content]
    """Finds the content in a file: given its name, and its size and digest where they are said."""

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
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MOST_CONTROL = 20
"""Of so many characters of a text one may be a control character."""
_CHUNK_LINE = re.compile(r"(0*[0-9A-Fa-f]{1,16})([^\r\n]*?)[ \t]*\r?\n")
_RUN = re.compile(r"([1-9][0-9]{0,15}) x ([1-9][0-9]{0,15})")
_SHORTEST_RUN = 4
_MOST_LISTED = 1000
"""Runs of chunks that are a list: more of them are text, which takes less memory."""
_SHA256 = re.compile("[0-9a-f]{64}")
_FILE_KEYS = ("file", "size", "sha256")
_KEYS = frozenset(
    {
        *_FILE_KEYS,
        *("json", "style", "newline", "text", "eol", "base64", "compressed"),
        *("chunks", "chunk_ends", "trailers", "trailers_end", "complete", "torn"),
    }
)


def body_to_data(body: wire.Body, fields: wire.Fields, *, readable: bool = True) -> dict[str, Any]:
    """Return *body* as plain data, empty where there is nothing to say. Not *readable*: its content in base64."""
    if isinstance(body, LargeBody):
        form = _file_to_data(body.source)
    elif readable:
        form = content_to_data(body.content, fields.get("content-type", _JSON), fields.get("content-encoding", ""))
    else:
        form = _unreadable(body.content)
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
    frames = body.frames if isinstance(body, LargeBody) else None if body.chunks is None else Frames(body.chunks)
    if frames is not None:
        many = frames.as_text() if frames.run_count > _MOST_LISTED and body.tails is None else ""
        chunks = [] if many else _chunks_to_data(frames.runs())
        data["chunks"] = many or (chunks[:-1] if body.complete and chunks[-1] == 0 else chunks)
    if body.tails is not None:
        data["chunk_ends"] = [tail.octets.decode("latin-1") for tail in body.tails]
    if body.trailers is not None and (len(body.trailers.fields) or body.trailers.end != b"\r\n"):
        data["trailers"] = fields_to_data(body.trailers.fields)
        if body.trailers.end != b"\r\n":
            data["trailers_end"] = body.trailers.end.decode("latin-1")
    return data


def _chunks_to_data(runs: Iterable[tuple[wire.ChunkHead, int]]) -> list[int | str]:
    data: list[int | str] = []
    for chunk, count in runs:
        plain = chunk.raw is None and not chunk.extension
        if plain and chunk.size and count >= _SHORTEST_RUN:
            data.append(f"{chunk.size} x {count}")
        else:
            data += [chunk.size if plain else line_to_text(chunk.octets)] * count
    return data


def _file_to_data(source: Content) -> dict[str, Any]:
    name = getattr(source, "name", "")
    if not name:
        raise ValueError("a large body must have been given a file before it can be written")
    return {"file": name, "size": source.size, "sha256": source.sha256}


def body_from_data(data: object, locate: Locate | None = None) -> wire.Body:
    """Return the body that *data* stands for; *locate* finds what is in another file. Raises `DocumentError`.

    Where the chunks are not as long as the content, which a person then has edited, all of it is one chunk.
    """
    data = mapping({} if data is None else data, "a body", _KEYS)
    if "file" in data:
        return _large_from_data(data, locate or _unread)
    content = _content_from_data(data)
    with inside("complete"):
        complete = flag(data.get("complete", True), "complete")
    with inside("torn"):
        torn = latin_1(data.get("torn", ""), "what came after the last whole part of a body")
    if "chunks" not in data:
        return wire.Body(content, complete=complete, torn=torn)
    frames, tails = _chunks_from_data(data, len(content), complete=complete)
    return wire.Body(content, tuple(frames), _trailers_from_data(data, complete=complete), complete, tails, torn)


def _large_from_data(data: dict[str, Any], locate: Locate) -> wire.Body:
    for key in (*_COMPANIONS, "compressed"):
        if key in data:
            raise DocumentError(f"expected the content of a body in a file or here, got both 'file' and {key!r}", key)
    with inside("file"):
        name = text(data["file"], "the name of a file")
    size, sha256 = data.get("size"), data.get("sha256", "")
    if size is not None and (type(size) is not int or size < 0):
        raise DocumentError(f"expected a whole number of octets as size, got {size!r}", "size")
    if sha256 and not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise DocumentError(f"expected 64 hexadecimal digits as sha256, got {sha256!r}", "sha256")
    with inside("file"):
        source = locate(name, size, sha256)
    with inside("complete"):
        complete = flag(data.get("complete", True), "complete")
    with inside("torn"):
        torn = latin_1(data.get("torn", ""), "what came after the last whole part of a body")
    if "chunks" not in data:
        return LargeBody(source, complete=complete, torn=torn)
    frames, tails = _chunks_from_data(data, source.size, complete=complete)
    trailers = _trailers_from_data(data, complete=complete)
    return LargeBody(source, frames, trailers, complete=complete, tails=tails, torn=torn)


def one_chunk(size: int) -> tuple[wire.ChunkHead, ...]:
    """Return the size lines that content of *size* octets has as a single chunk, the last chunk's included."""
    return tuple(wire.ChunkHead(part) for part in ([size, 0] if size else [0]))


def _chunks_from_data(
    data: dict[str, Any], size: int, *, complete: bool
) -> tuple[Frames, tuple[wire.ChunkTail, ...] | None]:
    """The chunks of content of *size* octets: what they are said to be, if that fits."""
    with inside("chunks"):
        frames = _frames_from_data(data["chunks"], size)
    if complete and not frames.ended:
        frames.add(wire.ChunkHead(0))
    if complete and frames.total != size:
        return Frames(one_chunk(size)), None
    if "chunk_ends" not in data:
        return frames, None
    with inside("chunk_ends"):
        ends = items(data["chunk_ends"], "the ends of the chunks as a list")
        return frames, tuple(wire.ChunkTail(latin_1(end, "the end of a chunk")) for end in ends)


def _frames_from_data(data: object, size: int) -> Frames:
    if isinstance(data, str):
        try:
            return Frames.from_text(data, size)
        except ValueError as problem:
            raise DocumentError(str(problem)) from None
    frames = Frames()
    for number, item in enumerate(items(data, "chunks as a list of sizes")):
        with inside(number):
            frames.add_up_to(*_chunk_from_data(item), size)
    return frames


def _chunk_from_data(item: object) -> tuple[wire.ChunkHead, int]:
    """A size line, and how many times it stands there."""
    if isinstance(item, int) and not isinstance(item, bool) and item >= 0:
        return wire.ChunkHead(item), 1
    if isinstance(item, str) and (run := _RUN.fullmatch(item)):
        return wire.ChunkHead(int(run[1])), int(run[2])
    raw = line_from_text(item, "the size of a chunk, or its size line") if isinstance(item, str) else b""
    match = _CHUNK_LINE.fullmatch(raw.decode("latin-1"))
    if match is None:
        raise DocumentError(f"expected the size of a chunk, or its size line, got {item!r}")
    size, extension = int(match[1], 16), match[2].rstrip(" \t")
    usual = f"{size:x}{extension}\r\n".encode("latin-1") == raw
    return wire.ChunkHead(size, extension, None if usual else raw), 1


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
    if len(_CONTROL.findall(spelled)) > 1 + len(spelled) // _MOST_CONTROL:
        return None
    if "\r" in spelled and spelled.count("\r") == spelled.count("\n") == spelled.count("\r\n"):
        return {"text": spelled.replace("\r\n", "\n"), "eol": _LINE_ENDS}
    return {"text": spelled}


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
                beside = f"beside {forms[0]!r}" if forms else "alone"
                raise DocumentError(f"expected {key!r} in a body beside {form!r}, got it {beside}: delete it", key)
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


class _UnreadContent:
    """What is known of content in a file that nobody has looked for."""

    def __init__(self, name: str, size: int, sha256: str) -> None:
        self.name = name
        self.size = size
        self.sha256 = sha256

    def pieces(self) -> Iterator[bytes]:
        """Raise `DocumentError`: where the file is has not been said."""
        raise DocumentError(f"the content is in the file {self.name}, which was not looked for")


def _unread(name: str, size: int | None, sha256: str) -> Content:
    return _UnreadContent(name, size or 0, sha256)
