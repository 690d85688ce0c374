"""Scenarios: what has happened already, by name, so that the same request may be answered otherwise afterwards.

Law: a scenario is a name with a state, which is `START` until something changes it. It changes together with the choice
of the expectation that changes it, under the lock of the expectations: of two requests at once, only one can be the
first.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Final

from . import checks

if TYPE_CHECKING:
    import threading

    from .expectation import Stage

START: Final = "started"
"""The state of a scenario in which nothing has happened."""


class Scenarios(MutableMapping[str, str]):
    """The states of scenarios by their names; a test may read and set them."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._states: dict[str, str] = {}

    def is_in(self, stage: Stage) -> bool:
        """Tell whether the scenario is in the state that *stage* is for."""
        return stage.during is None or self._states.get(stage.scenario, START) == stage.during

    def advance(self, stage: Stage) -> None:
        """Have the state follow that *stage* becomes; to be called with the lock held."""
        self._states[stage.scenario] = stage.becomes or self._states.get(stage.scenario, START)

    def forget(self) -> None:
        """Put all back to the start; to be called with the lock held."""
        self._states.clear()

    def __getitem__(self, scenario: str) -> str:
        return self._states.get(scenario, START)

    def __setitem__(self, scenario: str, state: str) -> None:
        checks.kept("the state of a scenario as text", state, str)
        with self._lock:
            self._states[scenario] = state

    def __delitem__(self, scenario: str) -> None:
        with self._lock:
            self._states.pop(scenario, None)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._states))

    def __len__(self) -> int:
        return len(self._states)
