"""Holding what three servers gave against each other, octet by octet.

Law: values in, values out. The first performance is the measure; whatever differs from it is found, and shown where.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cassettes.exchange import Exchange

_AROUND = 24
"""Octets shown on each side of a difference."""


class Seen(NamedTuple):
    """One exchange as its program had it: what came through its socket, and the content it read."""

    exchange: Exchange
    content: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange of every performance, side by side.

    ``digests`` has one entry for each performance, the first one's first: of all octets of the answer, or None where a
    performance has no such exchange. ``differences`` says what differs from the first; empty if nothing does.
    """

    number: int
    scheme: str
    title: str
    status: str
    size: int
    digests: tuple[str | None, ...]
    differences: tuple[str, ...]


def digest(octets: bytes) -> str:
    """Return the SHA-256 of *octets*, in hexadecimal."""
    return hashlib.sha256(octets).hexdigest()


def compare(performances: Mapping[str, Sequence[Seen]]) -> list[Row]:
    """Return a row for each exchange of *performances*, which are at least two, by name; the first is the measure."""
    names = list(performances)
    return [_row(number, names, seen) for number, seen in enumerate(zip_longest(*performances.values()), 1)]


def first_difference(expected: bytes, got: bytes) -> int:
    """Return the offset of the first octet that differs; the shorter one's length where that begins the other."""
    pairs = enumerate(zip(expected, got, strict=False))
    return next((offset for offset, (one, other) in pairs if one != other), min(len(expected), len(got)))


def _row(number: int, names: list[str], seen: tuple[Seen | None, ...]) -> Row:
    some = next(one for one in seen if one is not None)
    request, response = some.exchange.request, some.exchange.response
    found = [
        difference
        for name, one in zip(names[1:], seen[1:], strict=True)
        for difference in _differences(names[0], seen[0], name, one)
    ]
    return Row(
        number=number,
        scheme=request.origin.scheme,
        title=f"{request.method} {request.target}",
        status="none" if response is None else str(response.status),
        size=len(some.exchange.answer),
        digests=tuple(None if one is None else digest(one.exchange.answer) for one in seen),
        differences=tuple(found),
    )


def _differences(measure: str, expected: Seen | None, name: str, got: Seen | None) -> list[str]:
    """What differs between two performances of one exchange, each as a sentence."""
    if expected is None or got is None:
        missing = measure if expected is None else name
        return [f"{missing}: there is no such exchange"]
    return [
        sentence
        for what, one, other in (
            ("of the answer", expected.exchange.answer, got.exchange.answer),
            ("of the content read", expected.content, got.content),
        )
        if (sentence := _difference(what, measure, one, name, other))
    ]


def _difference(what: str, measure: str, expected: bytes, name: str, got: bytes) -> str | None:
    if expected == got:
        return None
    offset = first_difference(expected, got)
    begin = max(0, offset - _AROUND)
    return (
        f"{name}: octet {offset + 1} {what} differs: "
        f"{measure} {_excerpt(expected, begin, offset)}, {name} {_excerpt(got, begin, offset)}"
    )


def _excerpt(octets: bytes, begin: int, offset: int) -> str:
    return repr(octets[begin : offset + _AROUND])[1:] + (" (its end)" if offset >= len(octets) else "")
