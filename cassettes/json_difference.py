"""How two JSON values differ: one line for each place, named by its path.

Law: values in, lines of text out, the shortest first and not too many.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LINES = 8
_SHOWN = 60


def json_differences(recorded: Any, sent: Any) -> tuple[str, ...]:  # noqa: ANN401  JSON can be anything
    """Return a line such as ``$.items[0].qty: recorded 2, sent 3`` for each place where the two values differ."""
    lines: list[str] = []
    for line in _differences(recorded, sent, "$"):
        if len(lines) == _MOST_LINES:
            return (*lines, "and more")
        lines.append(line)
    return tuple(lines)


def _differences(recorded: Any, sent: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in [*recorded, *(name for name in sent if name not in recorded)]:
            yield from _member(recorded, sent, name, f"{path}.{name}")
    elif isinstance(recorded, list) and isinstance(sent, list):
        for number in range(max(len(recorded), len(sent))):
            yield from _element(recorded, sent, number, f"{path}[{number}]")
    elif json.dumps(recorded, sort_keys=True) != json.dumps(sent, sort_keys=True):
        yield f"{path}: recorded {_shown(recorded)}, sent {_shown(sent)}"


def _member(recorded: dict[str, Any], sent: dict[str, Any], name: str, path: str) -> Iterator[str]:
    if name not in sent:
        yield f"{path}: recorded {_shown(recorded[name])}, not sent"
    elif name not in recorded:
        yield f"{path}: sent {_shown(sent[name])}, not recorded"
    else:
        yield from _differences(recorded[name], sent[name], path)


def _element(recorded: list[Any], sent: list[Any], number: int, path: str) -> Iterator[str]:
    if number >= len(sent):
        yield f"{path}: recorded {_shown(recorded[number])}, not sent"
    elif number >= len(recorded):
        yield f"{path}: sent {_shown(sent[number])}, not recorded"
    else:
        yield from _differences(recorded[number], sent[number], path)


def _shown(value: Any) -> str:  # noqa: ANN401
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
