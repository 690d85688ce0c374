"""The chunks of a large body: their size lines, as runs of equal ones.

Law: what `httplib_sim.wire` says of each chunk, kept in some octets for each run; all of it comes back, in its order.
No content, no file.
"""

from __future__ import annotations

import re
from array import array
from itertools import islice
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_ON_A_LINE: Final = 16
_WORD: Final = re.compile(r"\S+")
_RUN: Final = re.compile(r"(0|[1-9][0-9]{0,15})(?:x([1-9][0-9]{0,15}))?")


class Frames:
    """Size lines of chunks, in order, the last chunk's included. ``total`` is the length of what they announce."""

    __slots__ = ("_counts", "_odd", "_sizes", "filled", "total")

    def __init__(self, heads: Iterable[wire.ChunkHead] = ()) -> None:
        self._sizes = array("Q")
        self._counts = array("Q")
        self._odd: dict[int, wire.ChunkHead] = {}  # by their place among the runs: those with more than a size
        self.total = 0
        self.filled = 0
        for head in heads:
            self.add(head)

    def add(self, head: wire.ChunkHead, times: int = 1) -> None:
        """Add *head*, *times* times."""
        if not times:
            return
        self.total += head.size * times
        self.filled += times if head.size else 0
        odd = bool(head.extension) or head.raw is not None
        last = len(self._sizes) - 1
        if last >= 0 and self._sizes[last] == head.size and self._odd.get(last) == (head if odd else None):
            self._counts[last] += times
            return
        if odd:
            self._odd[last + 1] = head
        self._sizes.append(head.size)
        self._counts.append(times)

    def runs(self) -> Iterator[tuple[wire.ChunkHead, int]]:
        """Give each size line that differs from the one before, and how often it follows on itself."""
        for number, (size, count) in enumerate(zip(self._sizes, self._counts, strict=True)):
            yield self._odd.get(number) or wire.ChunkHead(size), count

    @property
    def ended(self) -> bool:
        """Whether the last chunk, which is empty, is there."""
        return bool(self._sizes) and not self._sizes[-1]

    @property
    def run_count(self) -> int:
        """How many runs there are."""
        return len(self._sizes)

    def as_text(self) -> str:
        """Return the runs as text, some on a line: ``65536x3`` is 65536 three times; "" if a size line has more."""
        if self._odd:
            return ""
        rows: list[str] = []
        runs = zip(self._sizes, self._counts, strict=True)
        while row := [f"{size}x{count}" if count > 1 else str(size) for size, count in islice(runs, _ON_A_LINE)]:
            rows.append(" ".join(row))
        return "\n".join(rows) + "\n"

    @classmethod
    def from_text(cls, text: str, most: int) -> Frames:
        """Return what `as_text` wrote, as far as *most* octets go. Raises `ValueError`."""
        frames = cls()
        for item in _WORD.finditer(text):
            run = _RUN.fullmatch(item[0])
            if run is None:
                raise ValueError(
                    f"expected the size of a chunk, as 512, or as 512x3 for three of them, got {item[0]!r}"
                )
            frames.add_up_to(wire.ChunkHead(int(run[1])), int(run[2] or 1), most)
        return frames

    def add_up_to(self, head: wire.ChunkHead, times: int, most: int) -> None:
        """Add *head*, *times* times, but no more often than that one chunk goes beyond *most* octets."""
        self.add(head, min(times, max((most - self.total) // head.size, 0) + 1 if head.size else 1))

    def __iter__(self) -> Iterator[wire.ChunkHead]:
        for head, count in self.runs():
            for _ in range(count):
                yield head

    def __len__(self) -> int:
        return sum(self._counts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frames):
            return NotImplemented
        return (self._sizes, self._counts, self._odd) == (other._sizes, other._counts, other._odd)

    def __hash__(self) -> int:
        return hash((self.total, len(self._sizes)))

    def __repr__(self) -> str:
        return f"<Frames of {len(self)} chunks, {self.total} octets>"

    @property
    def has_extensions(self) -> bool:
        """Whether a size line says more than a size."""
        return any(head.extension for head in self._odd.values())

    @property
    def octet_count(self) -> int:
        """How many octets the size lines are."""
        return sum(len(head.octets) * count for head, count in self.runs())
