"""Patterns: objects that equal many values, for wherever an expectation compares with ``==``.

Law: pure values that know nothing of requests; ``&``, ``|`` and ``~`` put them together, with each other and with plain
values. What of an expected JSON value differs from a given one is worked out here, since a pattern may stand anywhere
in it.
"""

from __future__ import annotations

import re
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from cassettes.json_difference import ABSENT

from . import checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassettes.json_difference import Path


class Pattern:
    """Equals every value that `accepts` says yes to."""

    def accepts(self, value: Any, /) -> bool:  # noqa: ANN401  anything
        """Tell whether *value* is one of those meant."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self.accepts(other)

    def __hash__(self) -> int:
        raise TypeError(f"expected a plain value, got {self!r}: it equals many")

    def __and__(self, other: object) -> Pattern:
        return _Combined(all, (self, other), " & ")

    def __or__(self, other: object) -> Pattern:
        return _Combined(any, (self, other), " | ")

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Pattern:
        return _Not(self)


class Matches(Pattern):
    """Equals text of which all is matched by the regular expression *pattern*."""

    def __init__(self, pattern: str | re.Pattern[str]) -> None:
        self.pattern = re.compile(pattern)

    def accepts(self, value: Any) -> bool:  # noqa: ANN401  anything
        """Tell whether *value* is such a text."""
        return isinstance(value, str) and self.pattern.fullmatch(value) is not None

    def __repr__(self) -> str:
        return f"Matches({self.pattern.pattern!r})"


class Where(Pattern):
    """Equals every value for which *function* says yes; *text* says it in words."""

    def __init__(self, function: Callable[[Any], object], text: str = "") -> None:
        checks.called("a function", function)
        self.function = function
        self.text = text

    def accepts(self, value: Any) -> bool:  # noqa: ANN401  anything
        """Ask the function."""
        return bool(self.function(value))

    def __repr__(self) -> str:
        return self.text or f"Where({getattr(self.function, '__qualname__', self.function)})"


class Partial(Pattern):
    """Equals JSON that has at least what *value* has: objects may have more members, at every depth; arrays not."""

    def __init__(self, value: Any) -> None:  # noqa: ANN401  JSON can be anything
        self.value = value

    def accepts(self, value: Any) -> bool:  # noqa: ANN401  anything
        """Tell whether nothing differs."""
        return next(places(self, value), None) is None

    def __repr__(self) -> str:
        return f"Partial({self.value!r})"


class File(NamedTuple):
    """A file in a form (RFC 7578): its name, media type and content. Each may be a pattern."""

    filename: Any
    content_type: Any
    content: Any


class _Combined(Pattern):
    def __init__(self, rule: Callable[[Iterator[bool]], bool], parts: tuple[object, ...], sign: str) -> None:
        self._rule = rule
        self._parts = parts
        self._sign = sign

    def accepts(self, value: Any) -> bool:  # noqa: ANN401  anything
        return self._rule(bool(part == value) for part in self._parts)

    def __repr__(self) -> str:
        return f"({self._sign.join(map(repr, self._parts))})"


class _Not(Pattern):
    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern

    def accepts(self, value: Any) -> bool:  # noqa: ANN401  anything
        return not self._pattern.accepts(value)

    def __repr__(self) -> str:
        return f"~{self._pattern!r}"


def meant(value: Any) -> Any:  # noqa: ANN401  anything
    """Return what a test means by *value*: a regular expression is `Matches`, a function is `Where`."""
    if isinstance(value, re.Pattern):
        return Matches(value)
    return Where(value) if isinstance(value, FunctionType) else value


def places(expected: Any, got: Any, path: Path = (), *, partly: bool = False) -> Iterator[tuple[Path, Any, Any]]:  # noqa: ANN401  JSON can be anything
    """Yield each place where *got* is not as *expected*, with what both have there; *partly*: as in a `Partial`."""
    if isinstance(expected, Partial):
        yield from places(expected.value, got, path, partly=True)
    elif isinstance(expected, dict) and isinstance(got, dict):
        for name in expected if partly else {**expected, **got}:
            yield from places(expected.get(name, ABSENT), got.get(name, ABSENT), (*path, name), partly=partly)
    elif isinstance(expected, list) and isinstance(got, list):
        for number in range(max(len(expected), len(got))):
            ours, theirs = (side[number] if number < len(side) else ABSENT for side in (expected, got))
            yield from places(ours, theirs, (*path, number), partly=partly)
    elif expected is ABSENT or got is ABSENT or expected != got:
        yield path, expected, got
