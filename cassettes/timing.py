"""Timing: when the octets of an answer came, and when a replay that keeps to that gives them.

Law: numbers alone, no octets, no socket, no event loop. Whoever replays asks how long it is until the next octets are
due, and waits by his own means: a thread sleeps, an event loop has timers. The clock can be another than the real one.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Timing = tuple[tuple[int, int], ...]
"""When octets came, and how many: milliseconds from the first octet of the request, and octets."""

_RESOLUTION: Final = 5
"""Milliseconds: what comes within that has come at once."""
_MOST_PIECES: Final = 500
"""Of an answer in more pieces, the resolution is doubled until it has fewer."""


class Pieces:
    """Notes when the octets of one answer come."""

    __slots__ = ("_came", "_resolution")

    def __init__(self) -> None:
        self._came: list[tuple[int, int]] = []
        self._resolution = _RESOLUTION

    def note(self, seconds: float, count: int) -> None:
        """Note that *count* octets came, *seconds* after the first octet of the request."""
        came, now = self._came, int(seconds * 1000)
        if came and now - came[-1][0] < self._resolution:
            came[-1] = came[-1][0], came[-1][1] + count
            return
        came.append((now, count))
        if len(came) > _MOST_PIECES:
            self._resolution *= 2
            self._came = []
            for before, octets in came:
                self.note(before / 1000, octets)

    def timing(self, elapsed: float) -> Timing:
        """Return it; nothing for an answer that came in one piece and was over then, *elapsed* seconds after it began.

        Of such a one the exchange says when it was there.
        """
        came = self._came
        if len(came) == 1 and int(elapsed * 1000) - came[0][0] < _RESOLUTION:
            return ()
        return tuple(came)


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly a replay goes: *speed* 1 is as recorded, 2 twice as quick.

    *now* is the clock, in seconds; *wait* is how a blocking client waits. Both can be a test's own.
    """

    speed: float
    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] = time.sleep


def pace(speed: float | Pace | None) -> Pace | None:
    """Return the pace that *speed* says: a number, or a `Pace`; None for 0 and None, where nobody waits.

    Raises `ValueError` for a number below 0, `TypeError` for what is none.
    """
    if speed is None or isinstance(speed, Pace):
        return speed
    if isinstance(speed, bool) or not isinstance(speed, int | float):
        raise TypeError(f"expected speed to be a number, such as 1 for as recorded, got {type(speed).__name__}")
    if not 0 <= speed < float("inf"):
        raise ValueError(f"expected speed to be 0 (no waiting) or more, got {speed!r}")
    return Pace(speed) if speed else None


class Schedule:
    """When the octets of one answer are due, which was asked for at *begun*; its end is due after *elapsed* seconds.

    Where the answer is longer or shorter than its *timing* says, since somebody has edited it, its end is so.
    """

    def __init__(self, timing: Timing, elapsed: float, begun: float, pace: Pace) -> None:
        self._pace = pace
        self._end = begun + elapsed / pace.speed
        pieces: Sequence[tuple[float, int]] = [(begun + at / 1000 / pace.speed, count) for at, count in timing]
        self._due = deque(pieces)

    def delay(self) -> float:
        """Return in how many seconds the next octets, or the end, are due; 0 for now."""
        due = self._due[0][0] if self._due else self._end
        return max(0.0, due - self._pace.now())

    def limit(self, most: int) -> int:
        """Return how many of *most* octets belong to the piece that is due next; the last one is as long as it is."""
        return min(most, self._due[0][1]) if len(self._due) > 1 else most

    def took(self, count: int) -> None:
        """Note that *count* octets have been given."""
        while count and self._due:
            at, octets = self._due.popleft()
            if octets > count:
                self._due.appendleft((at, octets - count))
            count -= min(octets, count)


def to_text(timing: Timing) -> str:
    """Return *timing* as it is written: ``138@87 22@180`` is 138 octets after 87 ms, and 22 after 180 ms."""
    return " ".join(f"{count}@{at}" for at, count in timing)


def from_text(text: str) -> Timing:
    """Return the timing that *text* stands for. Raises `ValueError` if it is none."""
    found = [tuple(map(int, piece.split("@"))) for piece in text.split()]
    if any(len(piece) != 2 or min(piece) < 0 for piece in found):
        raise ValueError(text)
    return tuple((at, count) for count, at in found)
