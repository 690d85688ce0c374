"""Which cassette is current: for this task, else for this process.

Law: one context variable and one tuple. The context variable comes first, so that two tasks or threads with a cassette
each never mix; the innermost global one is for those who do not inherit a context, such as the threads of a pool. A
cassette that has ended is current for nobody, however long a context that still names it lives.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httplib_sim.waist import Origin

    from .cassette import Cassette


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A cassette in use, and the one that was current where it began."""

    cassette: Cassette
    outer: _Place | None


_local: ContextVar[_Place | None] = ContextVar("cassette", default=None)
_global: tuple[_Place, ...] = ()
_changing = threading.Lock()


def current() -> Cassette | None:
    """Return the cassette that a request which begins now belongs to; None if it is nobody's."""
    for cassette in entered():
        if not cassette.ended:
            return cassette
    return _global[-1].cassette if _global else None


def current_for(origin: Origin) -> Cassette | None:
    """Return the cassette that a request to *origin* which begins now belongs to; None if it is left alone."""
    cassette = current()
    return None if cassette is None or (cassette.ignores is not None and cassette.ignores(origin)) else cassette


def entered() -> Iterator[Cassette]:
    """Return the cassettes that were entered in this context, the innermost first."""
    place = _local.get()
    while place is not None:
        yield place.cassette
        place = place.outer


def enter(cassette: Cassette, *, local: bool = False) -> None:
    """Make *cassette* current in this context and, unless *local*, for all who have none, until it is left."""
    global _global  # noqa: PLW0603  one process has one innermost cassette
    place = _Place(cassette, _local.get())
    _local.set(place)
    if not local:
        with _changing:
            _global = (*_global, place)


def leave(cassette: Cassette) -> None:
    """Make *cassette* current no longer. It need not be the innermost, nor this the context in which it was entered."""
    global _global  # noqa: PLW0603  see enter
    place = _local.get()
    if place is not None and place.cassette is cassette:
        _local.set(place.outer)
    with _changing:
        _global = tuple(place for place in _global if place.cassette is not cassette)
