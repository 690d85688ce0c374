"""Matchers: one for each part of a request; it says None, or the Difference.

Law: pure functions of two requests. A matcher of ours compares keys, and that a request has a key is what makes looking
it up cost the same in a small cassette and in a large one; the difference is worked out only for a message that
explains a miss. Requests come here with their secrets replaced by stand-ins, so that nothing a matcher says can show
one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from httplib_sim.waist import DEFAULT_PORTS

from .contents import TORN, body_differences, body_key, may_be_content
from .leeway import NONE, Leeway, texts
from .parameters import differences, pairs_without
from .stand_ins import may_stand_for

if TYPE_CHECKING:
    from httplib_sim.waist import Origin

    from .exchange import Request

__all__ = ["COARSE", "DEFAULT", "TORN", "Difference", "MatchFunction", "Matcher", "body_key", "matchers", "place"]

_FRAMING: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"}
)
"""Fields that say nothing of what is asked for, or what other parts compare (RFC 9110 section 7.6.1, 9112)."""
_MOST_IGNORED: Final = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """In which *part* two requests differ, and how: one line of text for each detail.

    ``ignoring`` is the option with which these requests would be the same, empty where there is none.
    """

    part: str
    details: tuple[str, ...] = ()
    ignoring: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {'; '.join(self.details) or 'differs'}"


MatchFunction = Callable[["Request", "Request"], Difference | None]
"""A matcher that a user writes: given the recorded request and the one sent, it returns None or the Difference."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A matcher of one part: two requests match when their keys are equal. It is a `MatchFunction` as well."""

    name: str
    key: Callable[[Request], Hashable]
    explain: Callable[[Request, Request], Difference]

    def __call__(self, recorded: Request, sent: Request) -> Difference | None:
        """Return None if this part of both is the same, else how it differs."""
        return None if self.key(recorded) == self.key(sent) else self.explain(recorded, sent)


def matchers(
    match_on: Iterable[str | MatchFunction], leeway: Leeway = NONE, headers: str | Iterable[str] = ()
) -> tuple[Matcher | MatchFunction, ...]:
    """Return the matchers that *match_on* names; functions stay what they are, "url" (or "uri") is five parts.

    *leeway* is what they do not compare, whatever else is said. Of the *headers* that are named, all lines are
    compared; "headers" in *match_on* compares those that say what is asked for: all but Host, the framing's and the
    connection's.

    Raises `ValueError` for a name that there is not, `TypeError` for what is neither.
    """
    asked = dict.fromkeys(name.lower() for name in texts(headers, "match_headers"))
    named = tuple(name for name in asked if name not in leeway.headers)
    with_leeway = _with_leeway(leeway) if leeway is not NONE else _MATCHERS
    if isinstance(match_on, str):
        raise TypeError(f"expected match_on to be names or functions in a tuple, got the text {match_on!r}")
    chosen: dict[object, Matcher | MatchFunction] = {}
    for item in match_on:
        if callable(item):
            chosen[item] = item
            continue
        for name in _URL_PARTS if item in {"url", "uri"} else (item,):
            if name not in with_leeway:
                raise ValueError(f"expected match_on to name parts out of {', '.join(_MATCHERS)} and url, got {item!r}")
            chosen[name] = with_leeway[name]
    if named and "headers" not in chosen:
        key = partial(_header_key, names=named)
        chosen["headers"] = Matcher("headers", key, partial(_explain_headers, key))
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


def coarse_key(request: Placed) -> tuple[str, str, str, int, str]:
    """Return the keys of the parts that `COARSE` names."""
    scheme, host, port, path, _ = place(request)
    return request.method, scheme, host, port, path


def may_be(matcher: Matcher, recorded: Request, sent: Request) -> bool:
    """Tell whether *matcher*'s part is equal but for stand-ins, for which only the answer to *sent* has the reason."""
    if matcher.key(recorded) == matcher.key(sent):
        return True
    if matcher.name == "query":
        old, new = place(recorded)[4] or "", place(sent)[4] or ""
        return may_stand_for(old.encode("latin-1"), new.encode("latin-1"))
    return matcher.name == "body" and may_be_content(recorded, sent)


def _difference(part: str, details: Iterable[tuple[str, str]], option: str = "") -> Difference:
    """A difference of places, which *option* would ignore."""
    found = tuple(details)
    lines = tuple(f"{place}: {text}" if place and not text.startswith("part ") else text for place, text in found)
    places = list(dict.fromkeys(place for place, _ in found if place))
    is_all = option and len(places) == len(found) <= _MOST_IGNORED
    return Difference(part, lines, f"{option}={places!r}" if is_all else "")


def _simply(name: str, part: Callable[[Request], Any]) -> Matcher:
    def explain(recorded: Request, sent: Request) -> Difference:
        return Difference(name, (f"recorded {part(recorded)}, sent {part(sent)}",))

    return Matcher(name, part, explain)


def _explain_query(leeway: Leeway, recorded: Request, sent: Request) -> Difference:
    old, new = (pairs_without(place(request)[4] or "", leeway.query) for request in (recorded, sent))
    found = differences(old, new)
    return (
        _difference("query", found, "ignore_query") if found else Difference("query", ("one has a '?', the other not",))
    )


def _explain_body(leeway: Leeway, recorded: Request, sent: Request) -> Difference:
    option, found = body_differences(recorded, sent, leeway)
    return _difference("body", found, option)


def _explain_headers(key: Callable[[Request], Any], recorded: Request, sent: Request) -> Difference:
    old, new = dict(key(recorded)), dict(key(sent))
    found = []
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = (", ".join(values.get(name, ())) for values in (old, new))
        if name not in new:
            found.append((name, f"recorded {before!r}, not sent"))
        elif name not in old:
            found.append((name, f"sent {after!r}, not recorded"))
        elif old[name] != new[name]:
            found.append((name, f"recorded {before!r}, sent {after!r}"))
    return _difference("headers", found, "ignore_headers")


def _header_key(
    request: Request, names: tuple[str, ...] = (), but: frozenset[str] = frozenset()
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The values of each header, by name: of those with these *names*, or of all *but* some."""
    values: dict[str, list[str]] = {}
    for field in request.headers:
        name = field.name.lower()
        if name in names if names else name not in but:
            value = field.value.strip()
            if name == "content-type" and value.lower().startswith("multipart/"):
                value = value.partition(";")[0]  # its boundary is another each time
            values.setdefault(name, []).append(value)
    return tuple((name, tuple(values[name])) for name in sorted(values))


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


def _query(request: Request, leeway: Leeway = NONE) -> Hashable:
    query = place(request)[4]
    if query is None:
        return None
    found = pairs_without(query, leeway.query)
    return found if found or not leeway.query else None  # where all that was there does not count, nothing was there


def _with_leeway(leeway: Leeway) -> dict[str, Matcher]:
    """All matchers, by name, which do not compare what *leeway* names."""
    query, body = (
        (_query, body_key) if leeway is NONE else (partial(_query, leeway=leeway), partial(body_key, leeway=leeway))
    )
    headers = partial(_header_key, but=_FRAMING | leeway.headers)
    found = (
        _simply("method", _method),
        _simply("scheme", _scheme),
        _simply("host", _host),
        _simply("port", _port),
        _simply("path", _path),
        Matcher("query", query, partial(_explain_query, leeway)),
        Matcher("body", body, partial(_explain_body, leeway)),
        Matcher("headers", headers, partial(_explain_headers, headers)),
    )
    return {matcher.name: matcher for matcher in found}


_URL_PARTS = ("scheme", "host", "port", "path", "query")
_MATCHERS = _with_leeway(NONE)
COARSE = ("method", "scheme", "host", "port", "path")
"""The parts that cost little to compare, and that redaction does not touch, but for what shows itself in a path.

`coarse_key` has their keys in this order.
"""
DEFAULT = ("method", "scheme", "host", "port", "path", "query", "body")
"""What requests are matched on where nothing else is said."""
