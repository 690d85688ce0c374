"""Where two JSON values differ: each place, named by its path.

Law: values in, places and lines of text out, in the order of the first value, and not too many lines.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path = tuple[str | int, ...]
"""The names of members and the numbers of elements that lead to a place."""


class _Absent:
    """The type of `ABSENT`."""


ABSENT: Final = _Absent()
"""Stands for a member or element that one of the two values does not have."""

MOST_LINES: Final = 8
_SHOWN = 60
_PLAIN: Final = re.compile(r"[^.\[\]*'\"\s]+")
"""The names that need no quotes in a path."""


def places(old: Any, new: Any, same: Callable[[Any, Any], bool], path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:  # noqa: ANN401  JSON can be anything
    """Yield each place where the two values differ, with what *old* and *new* have there, which *same* compares."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            yield from places(old.get(name, ABSENT), new.get(name, ABSENT), same, (*path, name))
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            ours, theirs = (side[number] if number < len(side) else ABSENT for side in (old, new))
            yield from places(ours, theirs, same, (*path, number))
    elif old is ABSENT or new is ABSENT or not same(old, new):
        yield path, old, new


def path_text(path: Path) -> str:
    """Return a path as it is written: ``$.items[0].qty``."""
    return "$" + "".join(_step_text(step) for step in path)


def _step_text(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN.fullmatch(step) else f"['{step}']"


def json_differences(recorded: Any, sent: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
    """Return each place where the two values differ, and how: ``$.items[0].qty`` and ``recorded 2, sent 3``."""
    found: list[tuple[str, str]] = []
    for path, old, new in places(recorded, sent, _same):
        if len(found) == MOST_LINES:
            return (*found, ("", "and more"))
        found.append((path_text(path), _contrast(old, new)))
    return tuple(found)


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401
    """Whether they are the same in JSON, where true is not 1."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _contrast(recorded: Any, sent: Any) -> str:  # noqa: ANN401
    if sent is ABSENT:
        return f"recorded {_shown(recorded)}, not sent"
    if recorded is ABSENT:
        return f"sent {_shown(sent)}, not recorded"
    return f"recorded {_shown(recorded)}, sent {_shown(sent)}"


def _shown(value: Any) -> str:  # noqa: ANN401
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
