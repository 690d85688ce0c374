"""Requests that come again and again, octet for octet: read and matched twice, and then answered with the same octets.

Law: a fast path, and nothing else. What comes again meets the same expectation, stands in the journal, and gets the
same answer as if it had been read and matched: only what depends on nothing but a request's octets is kept, and only as
long as no expectation is added or changed (`Expectations.constant`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from httplib_sim import wire

    from .connection import Party
    from .expectations import Constant
    from .journal import Entry

MOST: Final = 256
"""Requests that are kept; when there are more, all are forgotten."""

LONGEST: Final = 4096
"""Octets of a request, and of its answer, that is kept."""


class Known(NamedTuple):
    """A request that was answered, by whom and what with: the octets, and the outcome for the journal."""

    party: Party
    request: wire.Request
    answer: bytes
    parts: tuple[bytes]
    outcome: str
    constant: Constant


class Memory:
    """The requests to one server that may come again; *party* tells whom each is for. Thread-safe.

    ``recall(octets)`` returns what is known of a request with just these octets, or None.
    """

    def __init__(self, party: Callable[[Entry], Party]) -> None:
        self._party = party
        self._known: dict[bytes, Known] = {}
        self._seen: set[bytes] = set()
        self.recall: Callable[[bytes], Known | None] = self._known.get

    def learn(self, entry: Entry, party: Party) -> None:
        """Keep the request of *entry*, which *party* has answered and has no content, if it comes again and again."""
        request = entry.request
        if request is None or len(octets := request.head.octets) > LONGEST or self._is_new(octets):
            return
        constant = party.expectations.constant(entry)
        if constant is None or len(entry.parts) != 1 or entry.readdressed:
            return
        if self._party(entry) is not party:  # a session was opened or closed before the constant was found out
            return
        answer = entry.parts[0]
        if len(answer) <= LONGEST:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[octets] = Known(party, request, answer, (answer,), entry.outcome, constant)

    def _is_new(self, octets: bytes) -> bool:
        """Tell whether a request with these *octets* comes for the first time: most tests send each once."""
        if octets in self._seen:
            return False
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen.add(octets)
        return True

    def forget(self) -> None:
        """Forget all: something beside the expectations decides now."""
        self._known.clear()

    def meet_again(self, known: Known, entry: Entry) -> bool:
        """Let *entry* meet the expectation that the request *known* met; False if that may be another one now."""
        return known.party.expectations.meet_again(known.constant, entry)
