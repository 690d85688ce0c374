"""Schedules: yes or no to a number."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation
from fake_server.schedules import Between, Chance, Every, Nth, Schedule, schedule


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        (Nth(2), [2]),
        (Nth(1, 3), [1, 3]),
        (Every(3), [3, 6]),
        (Between(2, 4), [2, 3, 4]),
        (Between(5), [5, 6, 7]),
        (Chance(1.0, 1), [1, 2, 3, 4, 5, 6, 7]),
        (Chance(0.0, 1), []),
    ],
    ids=repr,
)
def test_a_schedule_says_when(given: Schedule, numbers: list[int]) -> None:
    """Counted from 1."""
    assert [number for number in range(1, 8) if given.due(number)] == numbers


def test_chance_can_be_repeated() -> None:
    """The seed and the number alone decide."""
    runs = [[Chance(0.5, seed).due(number) for number in range(100)] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    assert 20 < sum(runs[0]) < 80
    assert repr(Chance(0.5, 7)) == "Chance(probability=0.5, seed=7)"


def test_a_number_is_a_schedule_and_nothing_is_always() -> None:
    """What tests write most."""
    assert repr(schedule(2)) == "Nth(2)"
    assert schedule(None) is None
    assert schedule(Every(2)) == Every(2)


def test_what_never_comes_is_refused() -> None:
    """It would be a fault that silently never is."""
    with pytest.raises(BadExpectation, match="numbers from 1"):
        Nth(0)
    with pytest.raises(BadExpectation, match="a number from 1"):
        Every(0)
