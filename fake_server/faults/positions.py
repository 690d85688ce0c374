"""Positions: the places at which something can go wrong, by names.

Law: a name is one position, written the same everywhere: ``NAME``, ``NAME[number]`` where there are several, from 0,
and ``[:n]`` behind it for the place after the first *n* octets. What is named is what has been done when the fault
comes: ``headers`` is after the header section, ``body[:5]`` after five octets of the content, whatever chunks they are
in. A position that an exchange does not have is an error, and not a fault that silently never comes.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fake_server.errors import BadExpectation

from .steps import Octets, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .steps import Step, Steps


class Phase(enum.IntEnum):
    """When, in the life of a connection, a position is reached; each needs what the server does then."""

    ACCEPT = 1
    HELLO = 2
    """TLS: the client has begun its handshake."""
    HANDSHAKE = 3
    REQUEST_LINE = 4
    REQUEST_HEADERS = 5
    REQUEST_BODY = 6
    RESPONSE = 7
    NEXT_REQUEST = 8


class _Name(enum.Flag):
    """What may stand behind a name."""

    BARE = 0
    OCTETS = enum.auto()
    NUMBER = enum.auto()


_BOTH = _Name.OCTETS | _Name.NUMBER

_BEFORE: Final = {
    "accept": (Phase.ACCEPT, _Name.BARE),
    "tls-hello": (Phase.HELLO, _Name.BARE),
    "tls-handshake": (Phase.HANDSHAKE, _Name.BARE),
    "request-line": (Phase.REQUEST_LINE, _Name.BARE),
    "request-headers": (Phase.REQUEST_HEADERS, _Name.BARE),
    "request-body": (Phase.REQUEST_BODY, _Name.OCTETS),
    "request": (Phase.RESPONSE, _Name.BARE),
    "next-request": (Phase.NEXT_REQUEST, _Name.BARE),
}

_CHUNKS = frozenset({Part.CHUNK_SIZE, Part.CONTENT, Part.CHUNK_END})
_TRAILERS = frozenset({Part.TRAILER, Part.END})

# The parts that a name is about, the one it ends with where that can be seen, and what may stand behind the name.
_WITHIN: Final[dict[str, tuple[frozenset[Part], Part | None, _Name]]] = {
    "status-line": (frozenset({Part.STATUS_LINE}), Part.STATUS_LINE, _Name.OCTETS),
    "header": (frozenset({Part.FIELD}), Part.FIELD, _BOTH),
    "headers": (frozenset({Part.FIELD, Part.HEAD_END}), Part.HEAD_END, _Name.OCTETS),
    "body": (frozenset({Part.CONTENT}), None, _Name.OCTETS),
    "chunk-size": (frozenset({Part.CHUNK_SIZE}), Part.CHUNK_SIZE, _BOTH),
    "chunk": (frozenset({Part.CONTENT}), Part.CHUNK_END, _BOTH),
    "chunks": (_CHUNKS, None, _Name.BARE),
    "last-chunk": (frozenset({Part.LAST_CHUNK}), Part.LAST_CHUNK, _Name.OCTETS),
    "trailer": (frozenset({Part.TRAILER}), Part.TRAILER, _BOTH),
    "trailers": (_TRAILERS, Part.END, _Name.OCTETS),
    "response": (frozenset(Part), None, _Name.OCTETS),
}

NAMES: Final = (*_BEFORE, *_WITHIN)


@dataclass(frozen=True)
class Position:
    """Where a fault comes: after the part with this *name* and *number*, or after its first *octets*."""

    name: str
    number: int | None
    octets: int | None
    phase: Phase

    def __str__(self) -> str:
        number = "" if self.number is None else f"[{self.number}]"
        return f"{self.name}{number}" + ("" if self.octets is None else f"[:{self.octets}]")


@lru_cache
def position(text: str) -> Position:
    """Return the position that *text* names. Raises `BadExpectation`."""
    found = re.fullmatch(r"([a-z-]+)(?:\[(\d+)\])?(?:\[:(\d+)\])?", text)
    name = found[1] if found else ""
    phase, allowed = _BEFORE.get(name) or (Phase.RESPONSE, _WITHIN[name][2] if name in _WITHIN else _Name.BARE)
    number, octets = (
        None if digits is None else int(digits) for digits in (found.groups()[1:] if found else (None, None))
    )
    good = name in NAMES and (octets is None or _Name.OCTETS in allowed)
    if not good or (number is not None) != (_Name.NUMBER in allowed):
        forms = ", ".join(map(_form, NAMES))
        raise BadExpectation(f"expected one of the positions {forms}; got {text!r}")
    return Position(name, number, octets, phase)


class Here(enum.Enum):
    """What stands among the steps where the position is."""

    HERE = enum.auto()


HERE: Final = Here.HERE


def marked(steps: Steps, text: str) -> Iterator[Step | Here]:
    """Yield the *steps*, and `HERE` among them at the position *text*, once.

    Raises `BadExpectation` after the last step, if the response has no such position.
    """
    here = position(text)
    if here.phase is not Phase.RESPONSE:
        raise BadExpectation(f"expected a position in a response, got {text!r}")
    if here.name == "request":
        yield HERE
        yield from steps
        return
    yield from _within(steps, here)


def _within(steps: Steps, here: Position) -> Iterator[Step | Here]:
    parts, last, _ = _WITHIN[here.name]
    left = here.octets
    begun = False
    for step in steps:
        if not isinstance(step, Octets):
            yield step
            continue
        belongs = step.part in parts and here.number in (None, step.number)
        if left is None and begun and step.part not in parts and step.part not in _CHUNKS and last is None:
            yield HERE
            yield step
            break
        begun |= belongs
        if belongs and left is not None and left <= len(step.octets):
            yield step._replace(octets=step.octets[:left])
            yield HERE
            yield step._replace(octets=step.octets[left:])
            break
        if belongs and left is not None:
            left -= len(step.octets)
        if left is None and step.part is last and here.number in (None, step.number):
            yield step
            yield HERE
            yield from steps
            return
        yield step
    else:
        if left is None and last is None and (begun or here.name == "body"):
            yield HERE
            return
        raise BadExpectation(f"expected a response that has the position {str(here)!r}, got one that has not")
    yield from steps


def _form(name: str) -> str:
    allowed = _BEFORE[name][1] if name in _BEFORE else _WITHIN[name][2]
    return name + ("[i]" if _Name.NUMBER in allowed else "") + ("[[:n]]" if _Name.OCTETS in allowed else "")
