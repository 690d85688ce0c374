"""Gates: where an answer waits until the test lets it go on, so that no test needs to sleep.

Law: a gate counts those who have arrived and those who may pass; it knows neither requests nor connections. Who waits
there is told when it is in vain, as it is when the server stops, and when nobody opens it: no test hangs at a gate.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from . import checks
from .errors import PeerGone, WaitTimeout
from .journal import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

HELD: Final = 30.0
"""Seconds for which an answer waits to be let go on, where nothing else is said."""


class Gate:
    """Closed at first. ``arrived`` counts those who have come to it, ``waiting`` those who stand there now.

    With *opens_at* it opens for good when so many have arrived: a barrier. Nobody waits longer than *patience* seconds.
    """

    def __init__(self, opens_at: int | None = None, patience: float = HELD) -> None:
        if opens_at is not None:
            checks.whole("opens_at=, a number of answers", opens_at, 1)
        checks.number("patience= in seconds", patience)
        self.arrived = 0
        self._opens_at = opens_at
        self._patience = patience
        self._passed = 0
        self._allowed = 0
        self._open = False
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many stand there now."""
        return self.arrived - self._passed

    def release(self, count: int | None = None) -> None:
        """Let *count* more pass; None opens the gate for good."""
        if count is not None:
            checks.whole("a number of answers", count, 1)
        with self._changed:
            if count is None:
                self._open = True
            else:
                self._allowed += count
            self._changed.notify_all()

    def wake(self) -> None:
        """Have everybody who waits look whether it is in vain."""
        with self._changed:
            self._changed.notify_all()

    def wait_arrived(self, count: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until *count* have come to the gate. Raises `WaitTimeout` after *timeout* seconds."""
        checks.whole("a number of answers", count, 0)
        with self._changed:
            if not self._changed.wait_for(lambda: self.arrived >= count, timeout):
                raise WaitTimeout(f"expected {count} answers to wait here within {timeout} s, got {self.arrived}")

    def enter(self, in_vain: Callable[[], bool]) -> None:
        """Wait until the gate is open, or one may pass.

        Raises `PeerGone` as soon as that is *in_vain*, and `WaitTimeout` when patience is at its end.
        """
        with self._changed:
            self.arrived += 1
            if self._opens_at is not None and self.arrived >= self._opens_at:
                self._open = True
            self._changed.notify_all()
            let_go = self._changed.wait_for(lambda: self._open or self._allowed or in_vain(), self._patience)
            self._passed += 1
            if in_vain():
                raise PeerGone("the server stopped while an answer was held")
            if not let_go:
                raise WaitTimeout(f"an answer was held for {self._patience:g} s, and {self._missed()}")
            self._allowed -= not self._open

    def _missed(self) -> str:
        if self._opens_at is None:
            return "nobody called release()"
        return f"of the {self._opens_at} that open the gate together {self.arrived} have come"

    def __repr__(self) -> str:
        return f"<Gate, {'open' if self._open else 'closed'}, {self.waiting} waiting>"
