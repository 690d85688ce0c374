"""Schedules: at which of many requests, or connections, something happens.

Law: a schedule is a value that says yes or no to a number, counted from 1; it remembers nothing, so that a run can be
repeated. Chance is drawn from a seed and the number alone; a seed that nobody gives is one for the whole process, which
reports tell.
"""

from __future__ import annotations

import functools
import os
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from . import checks
from .errors import BadExpectation

if TYPE_CHECKING:
    from collections.abc import Iterable

SEED: Final = "FAKE_SERVER_SEED"
"""The environment variable that has the seed for every `Chance` without one of its own."""


class Schedule(Protocol):
    """Says when something happens."""

    def due(self, number: int, /) -> bool:
        """Tell whether it happens at the one with this *number*, from 1."""


class Nth:
    """At the ones with these *numbers*: ``Nth(1, 3)`` is the first and the third."""

    def __init__(self, *numbers: int) -> None:
        if not numbers:
            raise BadExpectation("expected numbers from 1, got none")
        for number in numbers:
            checks.whole("numbers", number, 1)
        self.numbers = numbers

    def due(self, number: int) -> bool:
        """Tell whether *number* is one of them."""
        return number in self.numbers

    def __repr__(self) -> str:
        return f"Nth({', '.join(map(str, self.numbers))})"


@dataclass(frozen=True)
class Every:
    """At every *n*-th: ``Every(2)`` is the second, the fourth..."""

    n: int

    def __post_init__(self) -> None:
        """Refuse what cannot be counted by."""
        checks.whole("a number", self.n, 1)

    def due(self, number: int) -> bool:
        """Tell whether *number* is a multiple."""
        return number % self.n == 0


@dataclass(frozen=True)
class Between:
    """From the one with the number *first* to *last*, both included; None is without end."""

    first: int
    last: int | None = None

    def __post_init__(self) -> None:
        """Refuse what has none between."""
        checks.whole("first= as a number", self.first, 1)
        if self.last is not None:
            checks.whole("last= as a number", self.last, self.first)

    def due(self, number: int) -> bool:
        """Tell whether *number* is among them."""
        return self.first <= number and (self.last is None or number <= self.last)


def seed_of_run() -> int:
    """Return the seed that is in the environment (`SEED`), or else one that was drawn for this process.

    Raises `BadExpectation` for what is no number there.
    """
    given = os.environ.get(SEED)
    if given is None:
        return _drawn()
    try:
        return int(given)
    except ValueError:
        raise BadExpectation(f"expected the environment variable {SEED} to be a whole number, got {given!r}") from None


@functools.cache
def _drawn() -> int:
    return random.SystemRandom().randrange(1_000_000)


@dataclass(frozen=True)
class Chance:
    """With this *probability*, the same in each run with the same *seed*: that of the run, where none is given."""

    probability: float
    seed: int = field(default_factory=seed_of_run)

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        checks.number("a probability", self.probability, 0, 1)

    def due(self, number: int) -> bool:
        """Tell what the dice say."""
        return random.Random(f"{self.seed}/{number}").random() < self.probability  # noqa: S311  it shall be repeatable


def chances(schedules: Iterable[Schedule | None]) -> str:
    """Return which of *schedules* are drawn by chance, and how they are drawn again; nothing if none is."""
    found = dict.fromkeys(known for known in schedules if isinstance(known, Chance))
    ours = {str(_drawn()), os.environ.get(SEED)}
    how = next(
        (f"; {SEED}={known.seed} in the environment repeats it" for known in found if str(known.seed) in ours), ""
    )
    return f"Drawn by chance: {', '.join(map(repr, found))}{how}" if found else ""


def schedule(given: Schedule | int | None) -> Schedule | None:
    """Return *given* as a schedule: a number is that one alone, and None is always. Raises `BadExpectation`."""
    if isinstance(given, int):
        return Nth(given)
    if given is not None and (isinstance(given, type) or not callable(getattr(given, "due", None))):
        raise checks.wrong("on= as a number or a schedule, such as Every(2)", given)
    return given
