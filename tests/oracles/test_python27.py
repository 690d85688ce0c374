"""Python 2.7.18's httplib in over a thousand scenarios: ours does the same, or otherwise for a recorded reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .python27 import record
from .python27.groups import GROUPS

if TYPE_CHECKING:
    from .python27.record import Fact
    from .python27.steps import Scenarios, Step

ROOT = Path(__file__).parent.parent.parent
FACTS = {group: record.facts(group) for group in GROUPS}
SCENARIOS = [
    pytest.param(group, name, steps, id=f"{group}: {name}")
    for group, scenarios in GROUPS.items()
    for name, steps in scenarios.items()
]


def differences(steps: list[Step], expected: Fact, found: Fact) -> list[str]:
    """The steps in which the facts differ, and how."""
    pairs = zip(steps, expected["seen"], found["seen"], strict=True)
    told = [f"{step[1:]}: expected {one!r}, got {other!r}" for step, one, other in pairs if one != other]
    if expected["received"] != found["received"]:
        told.append(f"the server: expected {expected['received']!r}, got {found['received']!r}")
    return told


# Programs drop connections without closing them, too; that the interpreter closes them is its business.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:FakeSocket is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("group", "name", "steps"), SCENARIOS)
def test_ours_does_what_httplib_did(group: str, name: str, steps: list[Step]) -> None:
    """The same results, exceptions, output and octets on the wire; or what is recorded as ours, for a reason."""
    fact = FACTS[group][name]
    assert fact["steps"] == record.checksum(steps), "record the facts of this scenario again"
    expected = fact["here"] if "here" in fact else fact["python27"]
    assert not differences(steps, expected, record.play_here(steps))


@pytest.mark.parametrize("group", GROUPS)
def test_no_fact_is_left_over(group: str) -> None:
    """Each recorded fact is of a scenario that is played."""
    assert FACTS[group].keys() == GROUPS[group].keys()


@pytest.mark.parametrize("group", GROUPS)
def test_each_deviation_has_its_reason(group: str) -> None:
    """Where ours does otherwise, deviations.toml says why."""
    for name, fact in FACTS[group].items():
        if "here" in fact:
            assert fact["here"] != fact["python27"]
            assert record.deviation_of(group, name) is not None, name


@pytest.mark.parametrize("deviation", record.deviations(), ids=lambda deviation: deviation.name)
def test_each_reason_is_needed(deviation: record.Deviation) -> None:
    """A reason without a deviation is forgotten; each is in the documentation."""
    assert any(
        "here" in fact and deviation.covers(group, name)
        for group, facts in FACTS.items()
        for name, fact in facts.items()
    )
    page = (ROOT / "docs" / "httplib.md").read_text(encoding="utf-8")
    assert f"| {deviation.reason} | {deviation.source} |" in page


@pytest.fixture(scope="module")
def python27() -> str:
    """A Python 2.7 of this machine."""
    found = record.find_python27()
    if found is None:
        pytest.skip("there is no Python 2.7 here")
    return found


@pytest.mark.parametrize(("group", "scenarios"), GROUPS.items(), ids=GROUPS)
def test_the_facts_are_true(python27: str, group: str, scenarios: Scenarios) -> None:
    """Python 2.7's httplib still does what is recorded."""
    played = record.play_in_python27(python27, scenarios)
    wrong = {
        name: differences(scenarios[name], FACTS[group][name]["python27"], fact)
        for name, fact in played.items()
        if fact != FACTS[group][name]["python27"]
    }
    assert not wrong
