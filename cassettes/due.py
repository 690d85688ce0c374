"""Due: what was recorded of a server and is still to come, and so whether connecting to it fails now.

Law: order alone. A failed attempt is due when all that was recorded of its server before it has been played: the client
is then where it was when the attempt failed. Servers are told apart by host and port, as far as these are compared,
since nobody who connects a socket says for what.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from httplib_sim.waist import Origin

from .matchers import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .attempts import FailedAttempt
    from .index import Matching, Recorded

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

_Server = tuple[str, int]


class RecordedAttempt:
    """A recorded attempt: in which *line* of the file it stands, its *number* there, and how often it was played.

    ``started`` is when it began; where that is not known, when what stands before it in the file did.
    """

    __slots__ = ("attempt", "line", "number", "played", "started")

    def __init__(self, attempt: FailedAttempt, line: int, number: int, started: datetime) -> None:
        self.attempt = attempt
        self.line = line
        self.number = number
        self.played = 0
        self.started = started


class Due:
    """What is to come of *exchanges* and *attempts*, each of the latter with its line and its number in the file.

    Where exchanges repeat, the last that was recorded of a server does so as well, be it a failed attempt. It is not
    thread-safe.
    """

    def __init__(
        self, exchanges: Sequence[Recorded], attempts: Sequence[tuple[FailedAttempt, int, int]], matching: Matching
    ) -> None:
        names = {getattr(matcher, "name", "") for matcher in matching.matchers}
        self._hosts, self._ports = "host" in names, "port" in names
        self._repeats = matching.repeats.value != "none"
        self._exchanges = exchanges
        self.attempts = self._placed(attempts)
        self._servers = {self._server(item.attempt.origin) for item in self.attempts}
        self._to_come: dict[_Server, deque[Recorded | RecordedAttempt]] | None = None

    def knows(self, origin: Origin) -> bool:
        """Tell whether any attempt was one to connect to *origin*."""
        return self._server(origin) in self._servers

    def failure(self, origin: Origin, *, of_tls: bool | None = None) -> RecordedAttempt | None:
        """Return how connecting to *origin* fails now, which then counts as played; None if it does not.

        With *of_tls* only a failure of TLS is told, or, if it is False, only another one.
        """
        if not self.knows(origin):
            return None
        first = self._first(origin)
        if not isinstance(first, RecordedAttempt) or of_tls not in {None, first.attempt.is_of_tls}:
            return None
        first.played += 1
        return first

    def is_over(self, origin: Origin) -> bool:
        """Tell whether nothing is to come of *origin*."""
        return self._first(origin) is None

    def _first(self, origin: Origin) -> Recorded | RecordedAttempt | None:
        """What is to come next of *origin*."""
        if self._to_come is None:
            self._to_come = self._sorted()
        items = self._to_come[self._server(origin)]
        while items and items[0].played and not (self._repeats and len(items) == 1):
            items.popleft()
        return items[0] if items else None

    def _sorted(self) -> dict[_Server, deque[Recorded | RecordedAttempt]]:
        everything: list[Recorded | RecordedAttempt] = [*self._exchanges, *self.attempts]
        found: dict[_Server, deque[Recorded | RecordedAttempt]] = defaultdict(deque)
        for item in sorted(everything, key=lambda item: (item.started, item.number)):
            for server in self._servers_of(item):
                found[server].append(item)
        return found

    def _placed(self, attempts: Sequence[tuple[FailedAttempt, int, int]]) -> list[RecordedAttempt]:
        placed: list[RecordedAttempt] = []
        for attempt, line, number in attempts:
            started = attempt.started
            if started is None:
                known: list[Recorded | RecordedAttempt] = [*self._exchanges, *placed]
                before = [item for item in known if item.number < number]
                started = max(before, key=lambda item: item.number).started if before else _BEGINNING
            placed.append(RecordedAttempt(attempt, line, number, started))
        return placed

    def _servers_of(self, item: Recorded | RecordedAttempt) -> set[_Server]:
        """Whom a client connects to for *item*: through a proxy, or without one."""
        if isinstance(item, RecordedAttempt):
            return {self._server(item.attempt.origin)}
        known = item.read_exchange  # one that went through a proxy is read at once
        proxies = {known.proxy} if known is not None and known.proxy is not None else set()
        return {self._server(origin) for origin in {item.placed.origin, Origin(*place(item.placed)[:3]), *proxies}}

    def _server(self, origin: Origin) -> _Server:
        return origin.host.lower() if self._hosts else "", origin.port if self._ports else 0
