"""Schedules: at which of many requests, or connections, something happens.

Law: a schedule is a value that says yes or no to a number, counted from 1; it remembers nothing, so that a run can be
repeated. Chance is drawn from a seed and the number alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from .errors import BadExpectation


class Schedule(Protocol):
    """Says when something happens."""

    def due(self, number: int, /) -> bool:
        """Tell whether it happens at the one with this *number*, from 1."""


class Nth:
    """At the ones with these *numbers*: ``Nth(1, 3)`` is the first and the third."""

    def __init__(self, *numbers: int) -> None:
        if not numbers or min(numbers) < 1:
            raise BadExpectation(f"expected numbers from 1, got {numbers!r}")
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
        if self.n < 1:
            raise BadExpectation(f"expected a number from 1, got {self.n!r}")

    def due(self, number: int) -> bool:
        """Tell whether *number* is a multiple."""
        return number % self.n == 0


@dataclass(frozen=True)
class Between:
    """From the one with the number *first* to *last*, both included; None is without end."""

    first: int
    last: int | None = None

    def due(self, number: int) -> bool:
        """Tell whether *number* is among them."""
        return self.first <= number and (self.last is None or number <= self.last)


@dataclass(frozen=True)
class Chance:
    """With this *probability*, the same in each run with the same *seed*."""

    probability: float
    seed: int

    def due(self, number: int) -> bool:
        """Tell what the dice say."""
        return random.Random(f"{self.seed}/{number}").random() < self.probability  # noqa: S311  it shall be repeatable


def schedule(given: Schedule | int | None) -> Schedule | None:
    """Return *given* as a schedule: a number is that one alone, and None is always."""
    return Nth(given) if isinstance(given, int) else given
