"""Schedules: yes or no to a number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fake_server import BadExpectation, FakeServer, NotVerified, faults
from fake_server.schedules import SEED, Between, Chance, Every, Nth, Schedule, chances, schedule

from .raw import ask, get

if TYPE_CHECKING:
    from pathlib import Path


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


def test_a_seed_that_nobody_gives_is_the_run_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for the process, or that of the environment; what is no number there is refused."""
    monkeypatch.delenv(SEED, raising=False)
    assert Chance(0.5) == Chance(0.5)
    drawn = Chance(0.5).seed
    monkeypatch.setenv(SEED, str(drawn + 1))
    assert Chance(0.5) == Chance(0.5, drawn + 1)
    monkeypatch.setenv(SEED, "seven")
    with pytest.raises(BadExpectation, match="FAKE_SERVER_SEED to be a whole number, got 'seven'"):
        Chance(0.5)


@pytest.mark.parametrize("probability", [-0.1, 50, float("nan")])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    """A percentage, for one."""
    with pytest.raises(BadExpectation, match="probability from 0 to 1"):
        Chance(probability, 1)


def test_chances_are_told_wherever_they_were_given(server: FakeServer, tmp_path: Path) -> None:
    """To the server, its connections, an expectation, a cassette; each once."""
    server.expect("/a").respond(data="x").with_fault(faults.Close(), on=Chance(0.0, 1)).then(data="y").with_fault(
        faults.Close(), on=Chance(0.0, 2)
    )
    server.with_fault(faults.Close(), on=Chance(0.0, 3))
    server.with_fault(faults.Close(after="accept"), on=Chance(0.0, 4))
    ask(server, get("/a"))
    server.save_cassette(tmp_path / "a.yaml")
    server.serve_cassette(tmp_path / "a.yaml").with_fault(faults.Close(), on=Chance(0.0, 5))
    server.expect("/b").respond(data="x").with_fault(faults.Close(), on=Every(2)).with_fault(
        faults.Close(), on=Chance(0.0, 5)
    )
    with pytest.raises(NotVerified) as caught:
        server.verify()
    last = str(caught.value).splitlines()[-1]
    assert last.startswith("Drawn by chance: ")
    assert sorted(re.findall(r"seed=(\d)", last)) == ["1", "2", "3", "4", "5"]
    assert SEED not in last


def test_how_a_seed_that_was_drawn_is_given_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where the test has its own, which repeats itself; nor where nothing is drawn."""
    monkeypatch.delenv(SEED, raising=False)
    seed = Chance(0.5).seed
    told = f"Drawn by chance: {Chance(0.5)!r}; FAKE_SERVER_SEED={seed} in the environment repeats it"
    assert chances([Chance(0.5), None, Chance(0.5), Nth(1)]) == told
    assert chances([Chance(0.5, -1)]) == "Drawn by chance: Chance(probability=0.5, seed=-1)"
    assert chances([Nth(1), None]) == ""


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
