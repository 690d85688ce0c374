"""Matchers: one for each part of a request; it says None, or the Difference.

Law: pure functions of two requests. A matcher of ours compares keys, and that a request has a key is what makes looking
it up cost the same in a small cassette and in a large one; the difference is worked out only for a message that
explains a miss. Requests come here with their secrets replaced by stand-ins, so that nothing a matcher says can show
one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from httplib_sim.waist import DEFAULT_PORTS

from .content_coding import decoded
from .json_difference import json_differences
from .large_body import MOST_BY_MEANING, as_large, content_size, digest, original, side_by_side, without
from .stand_ins import may_stand_for

if TYPE_CHECKING:
    from httplib_sim.waist import Origin

    from .exchange import Request
    from .large_body import Content

_SHOWN = 60
TORN: Hashable = ("the body was cut short",)
"""The key of a body that was not sent whole: there is nothing to compare it with."""


@dataclass(frozen=True, slots=True)
class Difference:
    """In which *part* two requests differ, and how: one line of text for each detail."""

    part: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.part}: {'; '.join(self.details) or 'differs'}"


MatchFunction = Callable[["Request", "Request"], Difference | None]
"""A matcher that a user writes: given the recorded request and the one sent, it returns None or the Difference."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A matcher of one part: two requests match when their keys are equal. It is a `MatchFunction` as well."""

    name: str
    key: Callable[[Request], Hashable]
    explain: Callable[[Request, Request], tuple[str, ...]]

    def __call__(self, recorded: Request, sent: Request) -> Difference | None:
        """Return None if this part of both is the same, else how it differs."""
        return None if self.key(recorded) == self.key(sent) else Difference(self.name, self.explain(recorded, sent))


def matchers(match_on: Iterable[str | MatchFunction]) -> tuple[Matcher | MatchFunction, ...]:
    """Return the matchers that *match_on* names; functions stay what they are, "url" (or "uri") is five parts.

    Raises `ValueError` for a name that there is not, `TypeError` for what is neither.
    """
    if isinstance(match_on, str):
        raise TypeError(f"expected match_on to be names or functions in a tuple, got the text {match_on!r}")
    chosen: dict[object, Matcher | MatchFunction] = {}
    for item in match_on:
        if callable(item):
            chosen[item] = item
            continue
        for name in _URL_PARTS if item in {"url", "uri"} else (item,):
            if name not in _MATCHERS:
                raise ValueError(f"expected match_on to name parts out of {', '.join(_MATCHERS)} and url, got {item!r}")
            chosen[name] = _MATCHERS[name]
    return tuple(chosen.values())


class Placed(Protocol):
    """What a request is for: a `Request` knows it, and one that is not read yet."""

    @property
    def origin(self) -> Origin:
        """The server."""

    @property
    def method(self) -> str:
        """The method."""

    @property
    def target(self) -> str:
        """The request target."""


def place(request: Placed) -> tuple[str, str, int, str, str | None]:
    """Return scheme, host, port, path and query (None without "?") of what *request* is for (RFC 9112 section 3.3).

    A target that looks like a URL and is none, such as one with port 99999, counts as it stands.
    Userinfo and fragments do not belong into a target; where they are sent nevertheless, they are not compared.
    """
    scheme, host, port = request.origin
    target = request.target
    if not target.startswith("/") and "://" in target:
        with contextlib.suppress(ValueError):
            parts = urlsplit(target)
            port = parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), port)
            scheme = parts.scheme.lower()
            host = parts.hostname or host
            target = (parts.path or "/") + ("?" + parts.query if "?" in target else "")
    path, mark, query = target.partition("?")
    path = path.partition("#")[0]
    if not path.startswith("/"):
        path = path.rpartition("@")[2]
    return scheme, host.lower(), port, path, query if mark else None


def pairs(text: str) -> tuple[tuple[bytes, bytes | None], ...]:
    """Return the parameters of a query or form, sorted by name; a name without "=" has the value None.

    Percent-encoding and "+" are undone; values of one name keep their order. Nothing is left out, unlike with
    parse_qsl.
    """
    result = []
    for piece in text.split("&"):
        if piece:
            name, mark, value = piece.partition("=")
            result.append((_plain(name), _plain(value) if mark else None))
    return tuple(sorted(result, key=_name)) if len(result) > 1 else tuple(result)


def coarse_key(request: Placed) -> tuple[str, str, str, int, str]:
    """Return the keys of the parts that `COARSE` names."""
    scheme, host, port, path, _ = place(request)
    return request.method, scheme, host, port, path


def body_key(request: Request) -> Hashable:
    """Return what the content of *request* means: values of JSON and forms, multipart without boundary, else octets.

    Of a large one it is a digest of the octets, without multipart's boundary.
    """
    if not request.message.body.complete:
        return TORN
    return _large_key(request) if _is_large(request) else _small_key(request)


def _small_key(request: Request) -> Hashable:
    if not request.content:
        return b""
    content = plain_content(request)
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        found = _json_key(content)
        return content if found is None else found
    if kind == "application/x-www-form-urlencoded":
        return pairs(content.decode("latin-1"))
    if kind.startswith("multipart/") and (boundary := _boundary(parameters)):
        return content.replace(b"--" + boundary, b"--")
    return content


def may_be(matcher: Matcher, recorded: Request, sent: Request) -> bool:
    """Tell whether *matcher*'s part is equal but for stand-ins, for which only the answer to *sent* has the reason."""
    if matcher.key(recorded) == matcher.key(sent):
        return True
    if matcher.name == "query":
        old, new = place(recorded)[4] or "", place(sent)[4] or ""
        return may_stand_for(old.encode("latin-1"), new.encode("latin-1"))
    if matcher.name != "body":
        return False
    if _is_large(recorded) or _is_large(sent):
        old_large, new_large = as_large(recorded.message.body).source, as_large(sent.message.body).source
        pieces = side_by_side(old_large, new_large) if old_large.size == new_large.size else [(b"-", b"")]
        return all(may_stand_for(old_piece, new_piece) for old_piece, new_piece in pieces)
    return may_stand_for(plain_content(recorded), plain_content(sent))


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
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    boundary = _boundary(parameters) if kind.strip().lower().startswith("multipart/") else b""
    source = as_large(request.message.body).source
    return _LargeKey(source, boundary, coded="content-encoding" in request.headers)


def plain_content(request: Request) -> bytes:
    """Return the content of *request* with its content coding taken off."""
    return decoded(request.content, request.headers.get("content-encoding", ""))


def _plain(text: str) -> bytes:
    """The octets that a name or value of a form or query stands for."""
    if text.isalnum() and text.isascii():
        return text.encode()
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1"))


def _name(pair: tuple[bytes, bytes | None]) -> bytes:
    return pair[0]


def _json_key(content: bytes) -> Hashable:
    """The canonical text of a JSON value; None if *content* is none. 1.0 is 1, as RFC 8259 section 6 has it."""
    try:
        return ("json", json.dumps(json.loads(content, parse_float=_number), sort_keys=True))
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


def _boundary(parameters: str) -> bytes:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "boundary":
            return value.strip('"').encode("latin-1", "replace")
    return b""


def _simply(part: Callable[[Request], Any]) -> Callable[[Request, Request], tuple[str, ...]]:
    def explain(recorded: Request, sent: Request) -> tuple[str, ...]:
        return (f"recorded {part(recorded)}, sent {part(sent)}",)

    return explain


def _explain_query(recorded: Request, sent: Request) -> tuple[str, ...]:
    return _pair_differences(place(recorded)[4] or "", place(sent)[4] or "") or ("one has a '?', the other not",)


def _pair_differences(recorded: str, sent: str) -> tuple[str, ...]:
    old, new = dict(_grouped(recorded)), dict(_grouped(sent))
    details = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            details.append(f"{name}: recorded {old[name]}, not sent")
        elif name not in old:
            details.append(f"{name}: sent {new[name]}, not recorded")
        elif old[name] != new[name]:
            details.append(f"{name}: recorded {old[name]}, sent {new[name]}")
    return tuple(details)


def _grouped(text: str) -> list[tuple[str, str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs(text):
        shown = "without a value" if value is None else repr(value.decode("utf-8", "replace"))
        groups.setdefault(name.decode("utf-8", "replace"), []).append(shown)
    return [(name, ", ".join(values)) for name, values in groups.items()]


def _explain_body(recorded: Request, sent: Request) -> tuple[str, ...]:
    old, new = body_key(recorded), body_key(sent)
    if TORN in (old, new):
        return ("one of the two was not sent whole",)
    if _is_large(recorded) or _is_large(sent):
        return _large_differences(as_large(recorded.message.body).source, as_large(sent.message.body).source)
    if isinstance(old, tuple) and isinstance(new, tuple) and old[:1] == new[:1] == ("json",):
        return json_differences(json.loads(old[1]), json.loads(new[1]))
    before, after = plain_content(recorded), plain_content(sent)
    if isinstance(old, tuple) and isinstance(new, tuple) and old[:1] != ("json",) and new[:1] != ("json",):
        return _pair_differences(before.decode("latin-1"), after.decode("latin-1"))
    return _octet_differences(before, after)


def _large_differences(old: Content, new: Content) -> tuple[str, ...]:
    if old.size != new.size:
        return (f"recorded {old.size} octets, sent {new.size}",)
    start = 0
    for recorded, sent in side_by_side(old, new):
        if recorded != sent:
            details = _octet_differences(recorded, sent)
            return (f"after {start} equal octets, {details[0]}",) if start else details
        start += len(recorded)
    return ("they differ in the boundary alone",)


def _octet_differences(old: bytes, new: bytes) -> tuple[str, ...]:
    if not old or not new:
        return (f"recorded {len(old)} octets, sent {len(new)}",)
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(same - 10, 0)
    return (f"from octet {same}: recorded {old[start : start + _SHOWN]!r}, sent {new[start : start + _SHOWN]!r}",)


def _method(request: Request) -> str:
    return request.method


def _scheme(request: Request) -> str:
    return place(request)[0]


def _host(request: Request) -> str:
    return place(request)[1]


def _port(request: Request) -> int:
    return place(request)[2]


def _path(request: Request) -> str:
    return place(request)[3]


def _query(request: Request) -> Hashable:
    query = place(request)[4]
    return None if query is None else pairs(query)


_URL_PARTS = ("scheme", "host", "port", "path", "query")
_MATCHERS = {
    matcher.name: matcher
    for matcher in (
        Matcher("method", _method, _simply(_method)),
        Matcher("scheme", _scheme, _simply(_scheme)),
        Matcher("host", _host, _simply(_host)),
        Matcher("port", _port, _simply(_port)),
        Matcher("path", _path, _simply(_path)),
        Matcher("query", _query, _explain_query),
        Matcher("body", body_key, _explain_body),
    )
}
COARSE = ("method", "scheme", "host", "port", "path")
"""The parts that cost little to compare, and that redaction does not touch, but for what shows itself in a path.

`coarse_key` has their keys in this order.
"""
DEFAULT = ("method", "scheme", "host", "port", "path", "query", "body")
"""What requests are matched on where nothing else is said."""
