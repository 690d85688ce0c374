"""Paths that name places in JSON: ``$.meta.id``, ``$.items[*].at``, ``$..etag``.

Law: text to steps, and values without what they lead to. The notation is that of RFC 9535, as far as it names members
and elements: ``.name`` or ``['name']``, ``[0]``, ``*`` for all of them, ``..`` for any depth.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALL: Final = "*"
DEEP: Final = ".."

Step = tuple[str, str | int | None]
"""Where to go: ``("*", None)``, ``("..", None)``, ``("name", ...)`` or ``("number", ...)``."""

Path = tuple[Step, ...]

_STEP: Final = re.compile(
    r"""(?P<deep>\.\.(?=[\w*\[]|[^\x00-\x7f]))|\.?\[(?:(?P<all>\*)|(?P<number>\d+)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]"""
    r"""|\.?(?:(?P<star>\*)|(?P<name>[^.\[\]*'"\s]+))""",
)


def json_path(text: object) -> Path:
    """Return the steps of a path such as ``$.items[*].at``. Raises `ValueError` for what is none."""
    if not isinstance(text, str) or not text.startswith("$") or len(text) == 1:
        raise ValueError(f"expected a path in JSON such as $.items[*].at, got {text!r}")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        bare = found is not None and found["name"] is not None and text[at] != "." and steps[-1:] != [(DEEP, None)]
        if found is None or bare:
            raise ValueError(f"expected a path in JSON such as $.items[*].at, got {text!r}: {text[at:]!r} is no step")
        steps.append(_step(found))
        at = found.end()
    return tuple(steps)


def without(value: Any, paths: Iterable[Path]) -> Any:  # noqa: ANN401  JSON can be anything
    """Return *value* without what *paths* lead to; it is not changed itself."""
    left = _left(value, list(paths))
    return None if left is _GONE else left


class _Gone:
    """The type of `_GONE`."""


_GONE: Final = _Gone()


def _left(value: Any, paths: Sequence[Path]) -> Any:  # noqa: ANN401
    """What is left of *value*: `_GONE` where a path ends."""
    paths = [*paths, *(path[1:] for path in paths if path and path[0][0] == DEEP)]
    if any(not path for path in paths):
        return _GONE
    if isinstance(value, dict):
        members = {name: _left(member, _beyond(paths, ("name", name))) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not _GONE}
    if isinstance(value, list):
        elements = [_left(element, _beyond(paths, ("number", number))) for number, element in enumerate(value)]
        return [element for element in elements if element is not _GONE]
    return value


def _beyond(paths: Sequence[Path], step: Step) -> list[Path]:
    """The rests of *paths* that go on by *step*."""
    rests = [path for path in paths if path[0][0] == DEEP]
    return [*rests, *(path[1:] for path in paths if path[0] in {step, (ALL, None)})]


def _step(found: re.Match[str]) -> Step:
    if found["deep"]:
        return DEEP, None
    if found["all"] or found["star"]:
        return ALL, None
    if found["number"] is not None:
        return "number", int(found["number"])
    names = (found["single"], found["double"], found["name"])
    return "name", next(name for name in names if name is not None)
