"""Turns: what answers the first request that meets an expectation, the second, and so on.

Law: a turn is an answer, what goes wrong with it, and for how many requests it is there. Each but the last is there for
one request, where nothing else is said, and the last for all that come: so that a retry that comes once more than the
test says is answered, and seen in the journal.
"""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import checks
from .answers import Canned, answer_with, text_answer
from .errors import BadExpectation, NoAnswer
from .matching import UNDEFINED

if TYPE_CHECKING:
    from .connection import Answer
    from .expectation import Expectation
    from .faults.base import Fault
    from .journal import Entry
    from .schedules import Schedule
    from .wsgi import Hook

Answers = Callable[["Entry"], "Answer"]
"""Returns the answer to one request."""

Headers = Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]] | None
"""Field names with their values: a mapping, whose values may be several each, or pairs in their order; or none."""


class Always:
    """Answers every request with *answer*, which is ``constant`` if it knows nothing but its octets."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.constant = type(answer) is Canned

    def __call__(self, _: Entry) -> Answer:
        """Return the answer."""
        return self.answer


class Turn:
    """One answer. ``times`` is for how many requests; None for one, or in the last turn for all that come."""

    def __init__(self) -> None:
        self.answers: Answers | None = None
        self.hooks: list[Hook] = []
        self.faults: list[tuple[Fault, Schedule | None]] = []
        self.times: int | None = None

    def answer(self, entry: Entry, expectation: Expectation) -> Answer:
        """Return the answer to *entry*. Raises `NoAnswer` if none was given, and what a handler raises."""
        answers = self.answers
        if answers is None and self.faults:
            answers = _something
        if answers is None:
            raise NoAnswer(
                f"{expectation} ({expectation.where}) says no answer: add .respond(...) or .respond_with_...(...)"
            )
        if self.hooks:
            from .wsgi import hooked  # noqa: PLC0415  loads werkzeug

            answer = hooked(answers, self.hooks, entry)
        else:
            answer = answers(entry)
        return faulted(answer, self.faults, entry.turn + 1) if self.faults else answer


class Turns:
    """The turns of one expectation, in order; there is always one. ``last`` is the one that is being written."""

    def __init__(self) -> None:
        self.last = Turn()
        self._turns = [self.last]

    def add(self) -> Turn:
        """Begin another turn."""
        self.last = Turn()
        self._turns.append(self.last)
        return self.last

    def of(self, number: int) -> Turn:
        """Return the turn of the request with this *number*, from 0, among those that meet the expectation."""
        for turn in self._turns[:-1]:
            number -= 1 if turn.times is None else turn.times
            if number < 0:
                return turn
        return self.last

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong does."""
        return [when for turn in self._turns for _, when in turn.faults]

    @property
    def constant(self) -> Answers | None:
        """What answers all requests, however many come, with the same octets; None where that may differ."""
        last = self.last
        alone = len(self._turns) == 1 and last.times is None and not last.faults and not last.hooks
        return last.answers if alone and getattr(last.answers, "constant", False) else None

    @property
    def most(self) -> int | None:
        """How many requests they are for; None for any number."""
        return None if self.last.times is None else sum(turn.times or 1 for turn in self._turns)

    @property
    def least(self) -> int:
        """How many requests it takes until the last turn has been there as often as was said."""
        return sum(turn.times or 1 for turn in self._turns)


def faulted(answer: Answer, faults: Iterable[tuple[Fault, Schedule | None]], number: int) -> Answer:
    """Return *answer* with those of the *faults* that are due at this *number*."""
    from .faults.base import Faulted  # noqa: PLC0415  only for those who have something go wrong

    due = [fault for fault, schedule in faults if schedule is None or schedule.due(number)]
    return Faulted(answer, due) if due else answer


def checked_answer(answer: Answer) -> Answer:
    """Return *answer*, if it is one. Raises `BadExpectation`."""
    if callable(getattr(answer, "send", None)) and not isinstance(answer, type):
        return answer
    from .faults.base import Fault  # noqa: PLC0415  only for those who have something go wrong

    advice = "json=, data=, status= and headers= describe a response"
    if isinstance(answer, Fault) or (isinstance(answer, type) and issubclass(answer, Fault)):
        advice = "a fault is for with_fault()"
    elif isinstance(answer, int):
        advice = f"status={answer}"
    elif isinstance(answer, str | bytes):
        advice = "data= is the content"
    elif isinstance(answer, type):
        advice = "an object of it is one, if that has"
    elif callable(answer):
        advice = "what is called is for respond_with_handler()"
    raise checks.wrong("an answer, which has a method send(connection)", answer, advice, content=True)


def response(json: Any, data: str | bytes | None, headers: Headers, status: int, reason: str | None) -> Answer:  # noqa: ANN401  JSON can be anything
    """Return the answer that these arguments of `Expectation.respond` describe. Raises `BadExpectation`."""
    content, content_type = _content(json, data)
    lines = checks.fields(headers)
    if content_type and all(name.lower() != "content-type" for name, _ in lines):
        lines.insert(0, ("Content-Type", content_type))
    return answer_with(status, lines, content, reason=reason)


def _something(_: Entry) -> Answer:
    """What there is to go wrong where no answer is given: with content, or a reset behind the head would be none."""
    return text_answer(200, "Something that can go wrong, since the test gives no answer of its own.\n")


def _content(json: Any, data: Any) -> tuple[bytes, str]:  # noqa: ANN401  JSON can be anything
    """The octets of a response's content, and its media type; none where there is no content."""
    if json is not UNDEFINED:
        if data is not None:
            raise BadExpectation("give either json or data: both are the content")
        try:
            return json_module.dumps(json, separators=(",", ":")).encode(), "application/json"
        except (TypeError, ValueError) as error:
            raise BadExpectation(f"expected json= as what JSON can say, got {checks.kind(json)}: {error}") from None
    if isinstance(data, str):
        return data.encode(), "text/plain; charset=utf-8"
    if data is None:
        return b"", ""
    if isinstance(data, dict | list | tuple):
        raise checks.wrong("data= as text or bytes", data, "json= has it written as JSON, Streamed sends pieces")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise checks.wrong("data= as text or bytes", data)
    return bytes(data), "application/octet-stream" if data else ""
