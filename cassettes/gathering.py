"""The parts of a body, gathered as they come: in memory, and from a size on in a spool.

Law: parts of `httplib_sim.wire` in, a body out; a small one is exactly what the codec's own collector makes of them, a
large one is equal to that in all but where its content is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .frames import Frames
from .large_body import LARGE, LargeBody

if TYPE_CHECKING:
    from collections.abc import Callable

    from .spool import Spool

_CRLF: Final = wire.ChunkTail()


class Gatherer:
    """Gathers one body. *spool* makes the place for content of more than *large* octets; None keeps all in memory."""

    __slots__ = ("_large", "_rest", "_size", "_small", "_spool")

    def __init__(self, spool: Callable[[], Spool] | None = None, large: int = LARGE) -> None:
        self._small = wire.BodyCollector()
        self._spool = spool
        self._large = large
        self._size = 0
        self._rest: _LargeGatherer | None = None

    def add(self, part: object) -> None:
        """Add the next part; what is no part of a body's octets adds nothing."""
        if self._rest is not None:
            self._rest.add(part)
            return
        self._small.add(part)
        if isinstance(part, wire.Data) and self._spool is not None:
            self._size += len(part.content)
            if self._size > self._large:
                self._rest = _LargeGatherer(self._spool(), self._small.body(complete=False))
                self._small = wire.BodyCollector()

    def body(self, *, complete: bool = True, torn: bytes = b"") -> wire.Body:
        """Return what was gathered; *torn* are octets that came after it and are no part."""
        gathered = self._small if self._rest is None else self._rest
        return gathered.body(complete=complete, torn=torn)


class _LargeGatherer:
    """Gathers on, after *begun*, into *spool*."""

    def __init__(self, spool: Spool, begun: wire.Body) -> None:
        self._spool = spool
        self._written = len(begun.content)
        self._frames = None if begun.chunks is None else Frames(begun.chunks)
        self._trailers: wire.Trailers | None = None
        # The usual ends need no list: how many there were is enough.
        odd = begun.tails is not None and any(tail.octets != _CRLF.octets for tail in begun.tails)
        self._tails: list[wire.ChunkTail] | None = list(begun.tails or ()) if odd else None
        self._tail_count = _usual_tails(self._frames, self._written) if begun.tails is None else len(begun.tails)
        spool.write(begun.content)

    def add(self, part: object) -> None:
        if isinstance(part, wire.Data):
            self._written += len(part.content)
            self._spool.write(part.content)
        elif isinstance(part, wire.ChunkHead) and self._frames is not None:
            self._frames.add(part)
        elif isinstance(part, wire.ChunkTail):
            if self._tails is None and part.octets != _CRLF.octets:
                self._tails = [_CRLF] * self._tail_count
            if self._tails is not None:
                self._tails.append(part)
            self._tail_count += 1
        elif isinstance(part, wire.Trailers):
            self._trailers = part

    def body(self, *, complete: bool, torn: bytes) -> wire.Body:
        tails = None if self._tails is None else tuple(self._tails)
        if tails is None and self._tail_count != _usual_tails(self._frames, self._written):
            tails = (_CRLF,) * self._tail_count
        source = self._spool.finish()
        return LargeBody(source, self._frames, self._trailers, complete=complete, tails=tails, torn=torn)


def _usual_tails(frames: Frames | None, written: int) -> int:
    """How many chunks have had their end, after so much content; data that is itself cut has none yet."""
    if frames is None:
        return 0
    return frames.filled if frames.total <= written else max(frames.filled - 1, 0)
