"""Contents: what the content of a request means, and where two differ.

Law: pure functions of requests, whose secrets stand-ins have replaced. Equal keys mean equal content: JSON by its
values, a form by its fields, multipart by its parts and not by its boundary, all else by octets. An object or a list of
JSON is one whatever Content-Type says, since many clients say nothing, or something else. Large content is compared by
its digest.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Final

from . import json_paths
from .content_coding import coding_of, decoded
from .json_difference import json_differences
from .large_body import MOST_BY_MEANING, as_large, content_size, digest, original, side_by_side, without
from .leeway import NONE, Leeway
from .multipart import Part, boundary_of, parts_of
from .parameters import differences, pairs_without
from .stand_ins import may_stand_for

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .exchange import Request
    from .large_body import Content

_SHOWN = 60
_JSON, _LINES, _FORM, _PARTS = "json", "lines", "form", "parts"
_STRUCTURED: Final = (b"{", b"[")
TORN: Final[Hashable] = ("the body was cut short",)
"""The key of a body that was not sent whole: there is nothing to compare it with."""

Detail = tuple[str, str]
"""Where contents differ, empty for no place in particular, and how."""


def body_key(request: Request, leeway: Leeway = NONE) -> Hashable:
    """Return what the content of *request* means: values of JSON and forms, parts without boundary, else octets.

    Of a large one it is a digest of the octets, without multipart's boundary, and *leeway* does not matter.
    """
    if not request.message.body.complete:
        return TORN
    return _large_key(request) if _is_large(request) else _small_key(request, leeway)


def body_differences(recorded: Request, sent: Request, leeway: Leeway = NONE) -> tuple[str, tuple[Detail, ...]]:
    """Return in what the contents of two requests differ, and what kind of content has such places.

    The kind is the option's that ignores a place (``ignore_json``, ``ignore_form``), or empty.
    """
    old, new = body_key(recorded, leeway), body_key(sent, leeway)
    if TORN in (old, new):
        return "", (("", "one of the two was not sent whole"),)
    if _is_large(recorded) or _is_large(sent):
        return "", _large_differences(as_large(recorded.message.body).source, as_large(sent.message.body).source)
    if isinstance(old, tuple) and isinstance(new, tuple) and old[0] == new[0]:
        if old[0] in {_JSON, _LINES}:
            option = "ignore_json" if old[0] == _JSON else ""  # a path there begins in a line, not in a list of them
            return option, json_differences(json.loads(old[1]), json.loads(new[1]))
        if old[0] == _FORM:
            return "ignore_form", differences(old[1], new[1])
        return "ignore_form" if all(part.name for part in (*old[2], *new[2])) else "", _part_differences(old[2], new[2])
    return "", _octet_differences(plain_content(recorded), plain_content(sent))


def may_be_content(recorded: Request, sent: Request) -> bool:
    """Tell whether the contents are equal but for stand-ins, for which only the answer to *sent* has the reason."""
    if _is_large(recorded) or _is_large(sent):
        old_large, new_large = as_large(recorded.message.body).source, as_large(sent.message.body).source
        pieces = side_by_side(old_large, new_large) if old_large.size == new_large.size else [(b"-", b"")]
        return all(may_stand_for(old_piece, new_piece) for old_piece, new_piece in pieces)
    return may_stand_for(plain_content(recorded), plain_content(sent))


def plain_content(request: Request) -> bytes:
    """Return the content of *request* with its content coding taken off, and gzip that nothing tells of."""
    content = request.content
    return decoded(content, coding_of(content, request.headers.get("content-encoding", "")))


def _small_key(request: Request, leeway: Leeway) -> Hashable:
    if not request.content:
        return b""
    content = plain_content(request)
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    structured = content.lstrip().startswith(_STRUCTURED)
    if structured or kind == "application/json" or kind.endswith("+json"):
        found = _json_key(content, leeway) or (_lines_key(content, leeway) if structured else None)
        if found is not None:
            return found
    if kind == "application/x-www-form-urlencoded":
        return _FORM, pairs_without(content.decode("latin-1"), leeway.form)
    if kind.startswith("multipart/"):
        return _parts_key(content, kind, boundary_of(content_type), leeway)
    return content


def _parts_key(content: bytes, kind: str, boundary: bytes, leeway: Leeway) -> Hashable:
    """The parts; those of a form (RFC 7578) are sorted by name, as the values of one name keep their order."""
    parts = parts_of(content, boundary)
    if parts is None:
        return content.replace(b"--" + boundary, b"--") if boundary else content
    parts = tuple([_by_meaning(part, leeway) for part in parts])
    if kind == "multipart/form-data":
        parts = tuple(sorted((part for part in parts if part.name not in leeway.form), key=lambda part: part.name))
    return _PARTS, kind, parts


def _by_meaning(part: Part, leeway: Leeway) -> Part:
    """*part* with its JSON, if it is any, in one spelling."""
    found = _json_key(part.content, leeway) if part.content.lstrip().startswith(_STRUCTURED) else None
    return part if found is None else part._replace(content=found[1].encode())


def _json_key(content: bytes, leeway: Leeway) -> tuple[str, str] | None:
    """The canonical text of a JSON value; None if *content* is none. 1.0 is 1, as RFC 8259 section 6 has it."""
    try:
        value = json.loads(content, parse_float=_number)
        return _JSON, json.dumps(json_paths.without(value, leeway.json) if leeway.json else value, sort_keys=True)
    except (ValueError, RecursionError):
        return None


def _lines_key(content: bytes, leeway: Leeway) -> tuple[str, str] | None:
    """The same of several JSON values, each on a line of its own; *leeway* is for each of them."""
    found = [_json_key(line, leeway) for line in content.splitlines() if line.strip()]
    texts = [one[1] for one in found if one is not None]
    return (_LINES, f"[{','.join(texts)}]") if len(texts) == len(found) > 1 else None


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


def _is_large(request: Request) -> bool:
    return content_size(request.message.body) > MOST_BY_MEANING


class _LargeKey:
    """Large content, compared by its digest, and read for that only where it must be.

    Content that is equal before its secrets are replaced is equal. The *boundary* of multipart, which is another each
    time, is not looked at; content that is *coded* may be equal although it is not as long.
    """

    def __init__(self, source: Content, boundary: bytes, *, coded: bool) -> None:
        self._source = source
        self._boundary = boundary
        self._size = None if boundary or coded else source.size

    @cached_property
    def digest(self) -> str:
        if not self._boundary:
            return self._source.sha256
        return digest(without(self._source.pieces(), b"--" + self._boundary, b"--"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _LargeKey):
            return NotImplemented
        if original(self._source).sha256 == original(other._source).sha256:
            return True
        if self._size is not None and other._size is not None and self._size != other._size:
            return False
        return self.digest == other.digest

    def __hash__(self) -> int:
        return hash(_LargeKey)


def _large_key(request: Request) -> Hashable:
    content_type = request.headers.get("content-type", "")
    boundary = boundary_of(content_type) if content_type.strip().lower().startswith("multipart/") else b""
    source = as_large(request.message.body).source
    return _LargeKey(source, boundary, coded="content-encoding" in request.headers)


def _part_differences(old: tuple[Part, ...], new: tuple[Part, ...]) -> tuple[Detail, ...]:
    """Where parts differ, each by its name, or by its number where it has none."""
    before, after = _by_name(old), _by_name(new)
    found: list[Detail] = []
    for key in [*before, *(key for key in after if key not in before)]:
        recorded, sent = before.get(key), after.get(key)
        name = key[0].decode("utf-8", "replace")
        if recorded is None or sent is None:
            title = (recorded or sent or old[0]).title
            found.append((name, f"{title}: {'sent, not recorded' if recorded is None else 'recorded, not sent'}"))
        elif recorded != sent:
            found.append((name, f"{recorded.title}: {_part_difference(recorded, sent)}"))
    return tuple(found)


def _by_name(parts: tuple[Part, ...]) -> dict[tuple[bytes, int], Part]:
    seen: dict[bytes, int] = {}
    found = {}
    for part in parts:
        seen[part.name] = seen.get(part.name, 0) + 1
        found[part.name, seen[part.name]] = part
    return found


def _part_difference(old: Part, new: Part) -> str:
    if old.content != new.content:
        return _octet_differences(old.content, new.content)[0][1]
    if old.filename != new.filename:
        return f"recorded the file name {_text(old.filename)!r}, sent {_text(new.filename)!r}"
    recorded, sent = dict(old.fields), dict(new.fields)
    name = next(name for name in {**recorded, **sent} if recorded.get(name) != sent.get(name))
    return f"recorded {_text(name)} {_text(recorded.get(name, b''))!r}, sent {_text(sent.get(name, b''))!r}"


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _large_differences(old: Content, new: Content) -> tuple[Detail, ...]:
    if old.size != new.size:
        return (("", f"recorded {original(old).size:,} octets, sent {original(new).size:,}"),)
    start = 0
    for recorded, sent in side_by_side(old, new):
        if recorded != sent:
            details = _octet_differences(recorded, sent)
            return (("", f"after {start:,} equal octets, {details[0][1]}"),) if start else details
        start += len(recorded)
    return (("", "they differ in the boundary alone"),)


def _octet_differences(old: bytes, new: bytes) -> tuple[Detail, ...]:
    if not old or not new:
        recorded, sent = (_shown(side[:_SHOWN]) if side else "no content" for side in (old, new))
        return (("", f"recorded {recorded}, sent {sent}"),)
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(same - 10, 0)
    before, after = old[start : start + _SHOWN], new[start : start + _SHOWN]
    return (("", f"from octet {same}: recorded {_shown(before)}, sent {_shown(after)}"),)


def _shown(octets: bytes) -> str:
    """Text as text, other octets as such."""
    try:
        return repr(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return repr(octets)
