"""Expectations: which requests are expected, what answers them, and in which order they count.

Law: each expectation has a matcher and an answer, and remembers where it was written and which requests met it. Which
one a request meets is decided here, at once for all threads: the next ordered one, or else the first one-shot that
matches, or else the first permanent one, each in the order of their making, as in pytest-httpserver.
"""

from __future__ import annotations

import bisect
import threading
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .expectation import Expectation, Kind
from .scenarios import Scenarios

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .journal import Entry
    from .turns import Answers


_rank = attrgetter("rank")


class _State(NamedTuple):
    """What a request must find unchanged, after it has been compared, to meet what was found for it."""

    times_cleared: int
    failed: bool
    next_ordered: Expectation | None


class Constant(NamedTuple):
    """What all requests with the same octets meet, and what answers them, as long as nothing is added or forgotten."""

    expectation: Expectation
    answers: Answers
    version: int


class Expectations:
    """The expectations of one server. Thread-safe.

    ``failed`` is set when an ordered expectation is missed: then nothing is met any more, since the order is lost for
    good. ``scenarios`` are the states of scenarios.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times_cleared = 0
        self._version = 0
        self.scenarios = Scenarios(self._lock)
        self.clear()

    def clear(self) -> None:
        """Forget all expectations."""
        with self._lock:
            self.failed = False
            self._times_cleared += 1
            self._version += 1
            self._varies = False
            self._all: list[Expectation] = []
            self._ordered: list[Expectation] = []
            self._oneshot: list[Expectation] = []
            self._by_path: dict[str, list[Expectation]] = {}
            self._elsewhere: list[Expectation] = []
            self.scenarios.forget()

    def add(self, expectation: Expectation) -> Expectation:
        """Add *expectation*, after those that are there."""
        with self._lock:
            self._version += 1
            self._all.append(expectation)
            expectation.number = len(self._all)
            if expectation.kind is Kind.ORDERED:
                self._ordered.append(expectation)
            elif expectation.kind is Kind.ONESHOT:
                self._oneshot.append(expectation)
            elif expectation.matcher.exact_path is None:
                bisect.insort(self._elsewhere, expectation, key=_rank)
            else:
                here = self._by_path.setdefault(expectation.matcher.exact_path, [])
                bisect.insort(here, expectation, key=_rank)
        return expectation

    def touch(self) -> None:
        """Have all constants be found out anew: something beside the expectations decides otherwise now."""
        with self._lock:
            self._version += 1

    def vary(self) -> None:
        """Take no answer for a constant any more: something else befalls it."""
        with self._lock:
            self._varies = True
            self._version += 1

    def meet(self, entry: Entry) -> Expectation | None:
        """Return the expectation that *entry* meets, and use it up if it is met once only; None if it meets none.

        Matchers call the test's own functions, which may look at the server or expect more. So nothing is locked while
        they run, and if what they were asked about has changed meanwhile, they are asked again.
        """
        while True:
            with self._lock:
                before, oneshot = self._state(), list(self._oneshot)
            if before.failed:
                return None
            found = self._find(entry, before.next_ordered, oneshot)
            with self._lock:
                if self._state() == before and self._take(found, entry):
                    return found

    def constant(self, entry: Entry) -> Constant | None:
        """Return what the request of *entry*, and so every other with the same octets, meets and is answered with.

        None where that may be something else the next time, or what it met has met no request yet.
        """
        with self._lock:
            version, found, alone = (
                self._version,
                entry.expectation,
                not (self._ordered or self._oneshot or self._varies),
            )
        answers = found.constant if alone and found is not None else None
        if found is None or answers is None or answers is not entry.answers:  # the test may have said another since
            return None
        for candidate in self._candidates(entry):
            if not candidate.matcher.constant:
                return None
            if candidate is found:
                return Constant(found, answers, version)
            if candidate.matcher.match(entry):  # what is used up now may have been made for more requests by the next
                return None
        return None

    def meet_again(self, constant: Constant, entry: Entry) -> bool:
        """Let *entry* meet what it must, if nothing has changed since that was found out; else do nothing."""
        found = constant.expectation
        if found.constant is not constant.answers:
            return False
        with self._lock:
            if constant.version != self._version:
                return False
            entry.expectation = found
            entry.turn = len(found.entries)
            found.entries.append(entry)
        return True

    @property
    def forehanded(self) -> bool:
        """Whether a request must be shown to `foresee` before its content has been read."""
        return any(expectation.early for expectation in self._all)

    def foresee(self, entry: Entry) -> Expectation | None:
        """Return the expectation that the request of *entry*, of which only the head has come, meets already.

        Only those are asked whose faults come while a request is read. None if it meets none of them.
        """
        while True:
            early = [expectation for expectation in self if expectation.early and self._may_be_met(expectation)]
            found = next((expectation for expectation in early if expectation.matcher.match(entry)), None)
            with self._lock:
                if found is None or self._take(found, entry):
                    return found

    def _state(self) -> _State:
        return _State(self._times_cleared, self.failed, self._ordered[0] if self._ordered else None)

    def _find(
        self, entry: Entry, next_ordered: Expectation | None, oneshot: Iterable[Expectation]
    ) -> Expectation | None:
        if next_ordered is not None:
            return next_ordered if next_ordered.matcher.match(entry) else None
        found = next((expectation for expectation in oneshot if expectation.matcher.match(entry)), None)
        return found or self._permanent(entry)

    def _take(self, found: Expectation | None, entry: Entry) -> bool:
        """Let *entry* meet what was *found* for it; False if another request has taken that."""
        if found is None:
            self.failed = bool(self._ordered)
            return True
        if (found.most is not None or found.stage is not None) and not self._may_be_met(found):
            return False
        if found.kind is Kind.ORDERED:
            self._ordered.remove(found)
        elif found.kind is Kind.ONESHOT:
            if found not in self._oneshot:
                return False
            self._oneshot.remove(found)
        if found.stage is not None:
            self.scenarios.advance(found.stage)
        entry.expectation = found
        entry.turn = len(found.entries)
        found.entries.append(entry)
        return True

    def _may_be_met(self, expectation: Expectation) -> bool:
        """Whether it is not used up, and it is its turn: in the order, and by the state of its scenario."""
        if expectation.kind is Kind.ORDERED and (self.failed or self._ordered[:1] != [expectation]):
            return False
        return not expectation.used_up and (expectation.stage is None or self.scenarios.is_in(expectation.stage))

    def _permanent(self, entry: Entry) -> Expectation | None:
        """The first permanent one that matches: those with just this path are at hand, the others must be asked."""
        for expectation in self._candidates(entry):
            if expectation.matcher.match(entry) and (
                (expectation.most is None and expectation.stage is None) or self._may_be_met(expectation)
            ):
                return expectation
        return None

    def _candidates(self, entry: Entry) -> Sequence[Expectation]:
        """The permanent ones that may match, in their order."""
        here = self._by_path.get(entry.path, ())
        if not self._elsewhere:
            return here
        return sorted([*here, *self._elsewhere], key=_rank)

    @property
    def waiting(self) -> list[Expectation]:
        """The ordered and one-shot ones that no request has met yet."""
        with self._lock:
            return [*self._ordered, *self._oneshot]

    @property
    def unused(self) -> list[Expectation]:
        """The required ones that not enough requests have met."""
        return [expectation for expectation in self if expectation.missing]

    def __iter__(self) -> Iterator[Expectation]:
        with self._lock:
            return iter(list(self._all))
