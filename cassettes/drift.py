"""Drift: in what a live answer differs from the recorded one, as far as a program would notice.

Law: exchanges in, lines of text out; no network, no file. Framing, dates and the like differ at each request and say
nothing; secrets are compared, and shown, as one and the same stand-in. Requests are paired as a replay would pair them.
"""

from __future__ import annotations

import enum
import json
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from .index import Index, Recorded, Repeats
from .json_difference import ABSENT, MOST_LINES, path_text, places
from .large_body import content_size
from .redaction import DEFAULT, redact
from .stand_ins import FIXED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .exchange import Exchange, Response
    from .index import Matching
    from .redaction import Redaction

_MOST_COMPARED: Final = 4 * 1_048_576
"""Octets of content: of bodies with more only the sizes are compared."""
_SHOWN: Final = 60
_VOLATILE: Final = frozenset({
    "age", "alt-svc", "cf-cache-status", "cf-ray", "connection", "content-length", "date", "etag", "expires",
    "keep-alive", "last-modified", "nel", "ratelimit-limit", "ratelimit-policy", "ratelimit-remaining",
    "ratelimit-reset", "report-to", "retry-after", "server-timing", "transfer-encoding", "via", "x-amz-cf-id",
    "x-amz-cf-pop", "x-amz-id-2", "x-amz-request-id", "x-amzn-requestid", "x-amzn-trace-id", "x-cache",
    "x-cache-hits", "x-correlation-id", "x-github-request-id", "x-ratelimit-limit", "x-ratelimit-remaining",
    "x-ratelimit-reset", "x-ratelimit-used", "x-request-id", "x-response-time", "x-runtime", "x-served-by", "x-timer",
    "x-trace-id", "x-varnish",
})  # fmt: skip
"""Names of fields whose values are of one answer, one connection or one moment."""


class Detail(enum.StrEnum):
    """How much of the answers is compared."""

    VALUES = "values"
    """Status, field lines, and the content by what it means."""
    SHAPE = "shape"
    """Status, the names of field lines, the value of Content-Type, and in JSON the names and kinds of values."""

    @classmethod
    def named(cls, name: str) -> Detail:
        """Return the detail with this *name*. Raises `ValueError` that lists the names if there is none."""
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(detail.value for detail in cls)
            raise ValueError(f"expected what to compare, one of {names}; got {name!r}") from None


def drift(
    path: str,
    recorded: Sequence[tuple[Exchange, int]],
    live: Sequence[Exchange],
    matching: Matching,
    *,
    detail: Detail = Detail.VALUES,
    rules: Redaction = DEFAULT,
    strict: bool = True,
) -> list[str]:
    """Return in what the *live* exchanges differ from those *recorded* in the cassette at *path*, as lines of text.

    Each recorded exchange comes with its line. There is a line for each exchange in which something differs, and
    indented ones for what does. With *strict*, recorded requests that were not sent are told as well.
    """
    items = [Recorded(exchange, line, number) for number, (exchange, line) in enumerate(recorded, 1)]
    index = Index(items, replace(matching, repeats=Repeats.LAST, ordered=False))
    lines: list[str] = []
    for exchange in sorted(live, key=lambda exchange: exchange.started):
        found = index.find(exchange.request)
        if found is None:
            lines += [f"{path}: {_named(exchange, rules)}", "  no such request was recorded"]
            continue
        found.played += 1
        if told := differences(found.exchange, exchange, detail=detail, rules=rules):
            lines += [f"{path}:{found.line}: {_named(found.exchange, rules)}", *[f"  {line}" for line in told]]
    for item in items:
        if strict and not item.played:
            lines += [f"{path}:{item.line}: {_named(item.exchange, rules)}", "  was recorded, and not sent now"]
    return lines


def differences(
    recorded: Exchange, live: Exchange, *, detail: Detail = Detail.VALUES, rules: Redaction = DEFAULT
) -> list[str]:
    """Return a line for each thing in which the answer of *live* differs from that of *recorded*."""
    old, new = redact(recorded, rules, FIXED).response, redact(live, rules, FIXED).response
    if old is None or new is None:
        ends = recorded.end.how.value, live.end.how.value
        if (old is None) is (new is None):
            return [] if ends[0] == ends[1] else [f"end: recorded {ends[0]}, live {ends[1]}"]
        words = [how if side is None else f"status {side.status}" for side, how in zip((old, new), ends, strict=True)]
        return [f"answer: recorded {words[0]}, live {words[1]}"]
    lines = [] if old.status == new.status else [f"status: recorded {old.status}, live {new.status}"]
    lines += _field_lines(old, new, detail)
    if old.message.body.complete is not new.message.body.complete:
        lines.append(f"end: recorded {recorded.end.how.value}, live {live.end.how.value}")
    elif old.message.body.complete:
        lines += _contents(old, new, detail)
    return lines


def _named(exchange: Exchange, rules: Redaction) -> str:
    request = redact(exchange, rules, FIXED).request
    return f"{request.method} {request.url}"


def _field_lines(old: Response, new: Response, detail: Detail) -> Iterator[str]:
    recorded, live = _values(old), _values(new)
    for name in {**recorded, **live}:
        if name in _VOLATILE:
            continue
        if name not in live:
            yield f"header {name}: recorded {_shown(recorded[name])}, live none"
        elif name not in recorded:
            yield f"header {name}: recorded none, live {_shown(live[name])}"
        elif recorded[name] != live[name] and (detail is Detail.VALUES or name == "content-type"):
            yield f"header {name}: recorded {_shown(recorded[name])}, live {_shown(live[name])}"


def _values(response: Response) -> dict[str, str]:
    """The values of each field, by its name; of cookies the names, since their values are secrets or of one answer."""
    values: dict[str, list[str]] = {}
    for name, value, *_ in response.headers:
        short = value.partition("=")[0] if name.lower() == "set-cookie" else value
        values.setdefault(name.lower(), []).append(short)
    return {name: ", ".join(several) for name, several in values.items()}


def _contents(old: Response, new: Response, detail: Detail) -> list[str]:
    sizes = content_size(old.message.body), content_size(new.message.body)
    if max(sizes) > _MOST_COMPARED:
        same = sizes[0] == sizes[1] or detail is Detail.SHAPE
        return [] if same else [f"content: recorded {sizes[0]} octets, live {sizes[1]}"]
    try:
        before, after = old.json(), new.json()
    except (ValueError, RecursionError):
        return [] if detail is Detail.SHAPE else _texts(old, new)
    if detail is Detail.SHAPE:
        before, after = _shape(before), _shape(after)
    found = places(before, after, _same_kind if detail is Detail.SHAPE else _same)
    lines = [f"{path_text(place)}: recorded {_told(was)}, live {_told(now)}" for place, was, now in found]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES} more places"]


def _texts(old: Response, new: Response) -> list[str]:
    """The first line in which two texts differ, or how long two other contents are."""
    if old.content == new.content or old.text == new.text:
        return []
    if "\0" in old.text + new.text or "\ufffd" in old.text + new.text:
        return [f"content: recorded {len(old.content)} octets, live {len(new.content)} others"]
    pairs = zip_longest(old.text.splitlines(), new.text.splitlines(), fillvalue=None)
    for number, (was, now) in enumerate(pairs, 1):
        if was != now:
            words = ["no such line" if side is None else _shown(side) for side in (was, now)]
            return [f"content, line {number}: recorded {words[0]}, live {words[1]}"]
    return ["content: the line ends differ"]


class _Kind(str):
    """What kind of value stands in a place."""

    __slots__ = ()


_ANY: Final = _Kind("null")
"""Says nothing of a place: null, or the elements of an empty list."""


def _shape(value: Any) -> Any:  # noqa: ANN401  JSON can be anything
    """*value* with kinds in the place of values; a list has one element, which is what all of its elements are."""
    if isinstance(value, dict):
        return {name: _shape(member) for name, member in value.items()}
    if isinstance(value, list):
        merged: Any = _ANY
        for element in value:
            merged = _merged(merged, _shape(element))
        return [merged]
    if value is None:
        return _ANY
    if isinstance(value, bool):
        return _Kind("true or false")
    return _Kind("text") if isinstance(value, str) else _Kind("a number")


def _merged(one: Any, other: Any) -> Any:  # noqa: ANN401
    """The shape of what may be either."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _merged(one.get(name, _ANY), other.get(name, _ANY)) for name in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [_merged(one[0], other[0])]
    if other in (one, _ANY):
        return one
    return other if one == _ANY else _Kind("of several kinds")


def _same_kind(old: Any, new: Any) -> bool:  # noqa: ANN401
    return old == new or _ANY in (old, new)


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401
    """Whether they are the same in JSON, where true is not 1."""
    return old == new and isinstance(old, bool) is isinstance(new, bool)


def _told(value: Any) -> str:  # noqa: ANN401
    if value is ABSENT:
        return "nothing"
    return str(value) if isinstance(value, _Kind) else _shown(value)


def _shown(value: Any) -> str:  # noqa: ANN401
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
