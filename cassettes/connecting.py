"""Connecting: what is recorded of a real attempt to connect.

Law: it looks on, and says nothing of an attempt that succeeds. One that fails is a `FailedAttempt`, kept before the
client is told; so is one that the client gives up after it has waited, whether it ends it or leaves it to itself.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from .attempts import FailedAttempt, Failure, failed_attempt

if TYPE_CHECKING:
    from types import TracebackType

    from httplib_sim.waist import Origin

    from .cassette import Cassette

_PATIENCE: Final = 0.05
"""Seconds: who gives up connecting later than this has waited in vain."""

Timeouts = type[Exception] | tuple[type[Exception], ...]


class Connecting:
    """A block that connects to *origin*: how it fails is added to *cassette*.

    *timeouts* are what the client raises when its time is over, beside `TimeoutError`.
    """

    def __init__(self, origin: Origin, cassette: Cassette, timeouts: Timeouts = ()) -> None:
        self._origin = origin
        self._cassette = cassette
        self._timeouts = timeouts

    def __enter__(self) -> None:
        self._started = datetime.now(UTC)
        self._since = time.monotonic()
        self._forget = self._cassette.when_ended(self._given_up)  # not every client ends what it has given up

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._forget()
        if error is None or self._cassette.ended:
            return
        if isinstance(error, self._timeouts):
            self._cassette.add_attempt(self._timed_out())
        elif not isinstance(error, Exception):  # the task is cancelled
            self._given_up()
        elif (attempt := failed_attempt(self._origin, error, self._started, self._elapsed)) is not None:
            self._cassette.add_attempt(attempt)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._since

    def _timed_out(self) -> FailedAttempt:
        return FailedAttempt(
            origin=self._origin, failure=Failure.TIMEOUT, started=self._started, elapsed=self._elapsed
        )  # fmt: skip

    def _given_up(self) -> None:
        if self._elapsed > _PATIENCE:
            self._cassette.add_attempt(self._timed_out())
