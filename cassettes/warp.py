"""Warp: the time that a client waits in vain, passed at once.

Law: asyncio's time-outs are timers of the event loop, so what waits for octets that were never recorded gets its own
exception only when its timer is due. Where all that a loop has left to do is to wait, its clock is set forward to its
next timer; every timer still comes in its turn. Loops that keep their timers to themselves (uvloop) wait in real time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_QUIET = 3
"""Turns of the loop, each with a look at its files, in which nothing else happened: then it is waiting."""

_PATIENCE = 1000
"""Timers that may fire without the client's giving up: a task that wakes up for ever would keep us here for ever."""


class _Waiter:
    """Somebody who waits in vain: as long as *waiting* says so; *stalled* is called if no timer will ever end it."""

    def __init__(self, waiting: Callable[[], bool], stalled: Callable[[], object]) -> None:
        self.waiting = waiting
        self.stalled = stalled
        self.patience = _PATIENCE


class _Clock:
    """The clock of one loop, which can be set forward."""

    def __init__(self, loop: Any) -> None:  # noqa: ANN401  a BaseEventLoop: its timers have no public name
        self._ready = loop._ready  # noqa: SLF001
        self._timers = loop._scheduled  # noqa: SLF001
        self._call_soon = loop.call_soon
        self._time: Callable[[], float] = loop.time
        self._ahead = 0.0
        self._waiters: list[_Waiter] = []
        self._quiet = 0
        loop.time = self.time

    def time(self) -> float:
        return self._time() + self._ahead

    def add(self, waiter: _Waiter) -> None:
        if not self._waiters:
            self._call_soon(self._turn)
        self._waiters.append(waiter)
        self._quiet = 0

    def _turn(self) -> None:
        self._waiters = [waiter for waiter in self._waiters if waiter.waiting()]
        self._quiet = 0 if self._ready else self._quiet + 1
        if self._waiters and self._quiet >= _QUIET:
            self._quiet = 0
            self._jump()
        if self._waiters:
            self._call_soon(self._turn)

    def _jump(self) -> None:
        """Make the next timer due; tell those whose patience is at its end, or for whom there is none."""
        due = min((timer.when() for timer in self._timers if not timer.cancelled()), default=None)
        if due is not None:
            self._ahead += max(0.0, due - self.time())
        for waiter in list(self._waiters):
            waiter.patience -= 1
            if due is None or waiter.patience < 0:
                self._waiters.remove(waiter)
                waiter.stalled()


def wait_in_vain(loop: asyncio.AbstractEventLoop, waiting: Callable[[], bool], stalled: Callable[[], object]) -> bool:
    """Let time pass at once on *loop* while *waiting* is true; call *stalled* if no timer is left that could end it.

    Returns False, and does nothing, where the loop's clock cannot be set.
    """
    if not hasattr(loop, "_scheduled"):
        return False
    clock = getattr(loop.time, "__self__", None)
    if not isinstance(clock, _Clock):
        clock = _Clock(loop)
    clock.add(_Waiter(waiting, stalled))
    return True


async def pass_patience(patience: float | None) -> None:
    """Let the first time-out of this task's come at once: *patience* seconds, or one that the program put around it.

    Returns at once if there is none.
    """
    import asyncio  # noqa: PLC0415  it runs; an import of it above would come before it is intercepted

    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def end() -> None:
        if not over.done():
            over.set_result(None)

    if not wait_in_vain(loop, lambda: not over.done(), end):
        return
    timer = None if patience is None else loop.call_later(patience, end)
    try:
        await over
    finally:
        over.cancel()
        if timer is not None:
            timer.cancel()
