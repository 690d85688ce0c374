"""Answers from a cassette: what was recorded, byte for byte, over a real socket, for programs in any process.

Law: chooses and sends recorded octets; reading cassettes and comparing requests is the business of `cassettes`. A
request is compared by method, path, query and body, or by what the test names, with stand-ins in the place of secrets
on both sides; never by host and port, since they are the fake server's own; and an exchange recorded with the server's
scheme comes first.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from cassettes import redaction, store
from cassettes.exchange import Exchange, How
from cassettes.index import Index, Matching, Recorded
from cassettes.matchers import matchers
from cassettes.near_miss import differences, name_of, summary
from httplib_sim import wire

from .answers import Raw, Then
from .errors import BadExpectation
from .exchanges import request_of
from .schedules import schedule
from .turns import faulted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cassettes.exchange import Request
    from cassettes.matchers import Matcher, MatchFunction
    from cassettes.redaction import Redaction

    from .connection import Answer
    from .faults.base import Fault
    from .journal import Entry
    from .schedules import Schedule

COMPARED: Final = ("method", "path", "query", "body")

NEAREST: Final = 3


class CassetteAnswers:
    """Answers with *exchanges*, each once and in order among equals; *name* is what messages call the cassette."""

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        name: str = "the cassette",
        *,
        match_on: Iterable[str | MatchFunction] = COMPARED,
        redact: Redaction | None = redaction.DEFAULT,
    ) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._count = 0
        self._faults: list[tuple[Fault, Schedule | None]] = []
        self._recorded = [Recorded(exchange, 0, number) for number, exchange in enumerate(exchanges, 1)]
        chosen = _chosen(match_on)
        self._matching = _matching(chosen, redact)
        same_scheme = _matching((*matchers(["scheme"]), *chosen), redact)
        self._indexes = (Index(self._recorded, same_scheme), Index(self._recorded, self._matching))

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        match_on: Iterable[str | MatchFunction] = COMPARED,
        redact: Redaction | None = redaction.DEFAULT,
    ) -> CassetteAnswers:
        """Return the answers of the cassette at *path*; *match_on* and *redact* are those of `cassettes.use_cassette`.

        Raises `cassettes.errors.CassetteError`, and `ValueError` for what cannot be compared.
        """
        return cls(store.load(path), os.fspath(path), match_on=match_on, redact=redact)

    def with_fault(self, *faults: Fault, on: Schedule | int | None = None) -> None:
        """Have *faults* befall recorded answers: *on* says at which that are served, from 1; None is all.

        Raises `BadExpectation` for what comes while a request is read.
        """
        from .faults.base import checked  # noqa: PLC0415  only for those who have something go wrong
        from .faults.positions import Phase  # noqa: PLC0415

        when = schedule(on)
        for fault in map(checked, faults):
            if fault.phase < Phase.RESPONSE:
                raise BadExpectation(f"expected a fault of a response, got {fault}: it comes before there is an answer")
            self._faults.append((fault, when))

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong does."""
        return [when for _, when in self._faults]

    @property
    def served(self) -> list[Exchange]:
        """The exchanges that have been served, in the order of the file."""
        return [item.exchange for item in self._recorded if item.played]

    @property
    def unused(self) -> list[Exchange]:
        """The exchanges that nobody has asked for."""
        return [item.exchange for item in self._recorded if not item.played]

    def answer(self, entry: Entry) -> Answer | None:
        """Return what was recorded for the request of *entry*, and use it up; None if there is nothing."""
        request = request_of(entry)
        with self._lock:
            found = next(filter(None, (index.find(request) for index in self._indexes)), None)
            if found is not None:
                found.played += 1
                self._count += 1
            number = self._count
        if found is None:
            entry.hide(self._matching.show)
            return None
        # A 100 that has been sent already, because the request asked for it, is not sent again.
        answer = recorded_answer(found.exchange, continued=bool(entry.parts))
        return faulted(answer, self._faults, number) if self._faults else answer

    def nearest(self, entry: Entry) -> str:
        """Return why there is no answer to *entry*: which recorded requests are most like it, and what differs."""
        sent = request_of(entry)
        found = [(item, differences(item.exchange.request, sent, self._matching)) for item in self._recorded]
        found.sort(key=lambda pair: len(pair[1]))
        lines = [f"{self.name} has {len(self._recorded)} exchanges, of which {len(self.served)} have been served."]
        for item, details in found[:NEAREST]:
            lines += [f"  exchange {item.number}: {summary(item.exchange, self._matching)}"]
            lines += [f"    {detail}" for detail in details] or ["    it would fit, but was served already"]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<CassetteAnswers {self.name}: {len(self.served)} of {len(self._recorded)} served>"


def recorded_answer(exchange: Exchange, *, continued: bool = False) -> Raw:
    """Return the octets of a recorded answer, after which the connection ends as it did, or persists.

    With *continued* the first interim 100 is left out.
    """
    octets = exchange.answer
    if continued and exchange.interim and exchange.interim[0].status == 100:
        octets = octets[len(exchange.interim[0].octets) :]
    outcome = str(exchange.response.status) if exchange.response is not None else exchange.end.how.value
    return Raw(octets, _then(exchange), outcome)


def _then(exchange: Exchange) -> Then:
    """What became of the connection after the answer."""
    how = exchange.end.how
    if exchange.response is not None and exchange.response.message.body.complete:
        head = exchange.response.message.head
        framing = wire.response_framing(head, exchange.request.method)
        persists = wire.keeps_alive(head) and framing.kind is not wire.BodyKind.UNTIL_CLOSE
        # An end that came later, between requests, may come after the next one: when it came is not known.
        if persists and (how is How.COMPLETE or (how in {How.EOF, How.RESET} and not exchange.received)):
            return Then.KEEP
    if how is How.RESET:
        return Then.RESET
    return Then.CLOSE if how in {How.EOF, How.COMPLETE} else Then.STALL


def _chosen(match_on: Iterable[str | MatchFunction]) -> tuple[Matcher | MatchFunction, ...]:
    """The matchers that *match_on* names. Raises `ValueError` for parts that cannot be the same."""
    chosen = matchers(match_on)
    if any(name_of(matcher) in {"host", "port"} for matcher in chosen):
        raise ValueError("match_on names host, port or url, but host and port of a fake server are its own")
    return chosen


def _matching(chosen: tuple[Matcher | MatchFunction, ...], redact: Redaction | None) -> Matching:
    """How requests are compared, and shown."""
    shown = partial(redaction.for_matching, rules=redaction.DEFAULT if redact is None else redact)
    return Matching(chosen, _as_it_is if redact is None else shown, shown=shown)


def _as_it_is(request: Request) -> Request:
    return request
