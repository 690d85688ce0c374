"""An expectation: what a test says of one kind of request, and of what answers it.

Law: the words of the test, which only take note: what was said is in the matcher and the `Turns`, and which request
meets it is decided by `Expectations`. What is said of an answer is said of the one that was given last.
"""

from __future__ import annotations

import enum
import inspect
import json as json_module
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypedDict, Unpack

from . import checks
from .errors import BadExpectation, WaitTimeout
from .gates import HELD, Gate
from .journal import PATIENCE
from .matching import UNDEFINED
from .schedules import schedule
from .turns import Always, Turns, checked_answer, response

if TYPE_CHECKING:
    import werkzeug

    from .connection import Answer
    from .faults.base import Fault
    from .journal import Entry, Journal
    from .matching import RequestMatcher
    from .schedules import Schedule
    from .turns import Answers, Headers
    from .wsgi import Handler, Hook


class Kind(enum.Enum):
    """How often, and when, an expectation is met."""

    PERMANENT = "permanent"
    """By any number of requests."""
    ONESHOT = "one-shot"
    """By one request."""
    ORDERED = "ordered"
    """By one request, which must come before any that meets a later ordered one."""


class Described(TypedDict, total=False):
    """A response, as `Expectation.respond` has it."""

    status: int
    json: Any
    data: str | bytes | None
    headers: Headers
    reason: str | None


class Stage(NamedTuple):
    """A state of a scenario: the expectation is there *during* it (in any, if None), and has *becomes* follow it."""

    scenario: str
    during: str | None
    becomes: str | None


class Expectation:
    """A request that is expected, and what answers it.

    ``entries`` are the requests that met it, ``where`` the file and line that made it. Where *required*, `verify` finds
    fault if fewer have met it than its answers are for. *stage* is the state of a scenario that it belongs to.
    """

    def __init__(
        self,
        matcher: RequestMatcher,
        kind: Kind = Kind.PERMANENT,
        *,
        required: bool = False,
        stage: Stage | None = None,
        priority: int = 0,
    ) -> None:
        self.matcher = matcher
        self.kind = kind
        self.required = required or kind is not Kind.PERMANENT
        self.stage = stage
        self.priority = priority
        self.forbidden = False
        self.where = calling_line()
        self.number = 0
        self.entries: list[Entry] = []
        self.most: int | None = None if kind is Kind.PERMANENT else 1
        self.early = False
        self._turns = Turns()
        self._gates: list[Gate] = []
        self._journal: Journal | None = None

    def respond(
        self,
        answer: Answer | None = None,
        *,
        status: int = 200,
        json: Any = UNDEFINED,  # noqa: ANN401  JSON can be anything
        data: str | bytes | None = None,
        headers: Headers = (),
        reason: str | None = None,
    ) -> Self:
        """Answer with *answer*, or with a response that has this status, content and header section.

        *json* is written compactly, as ``application/json``; *data* as text is UTF-8, ``text/plain``; each unless
        *headers* has a Content-Type. Raises `BadExpectation` for what cannot be sent.
        """
        if answer is None:
            chosen = response(json, data, headers, status, reason)
        else:
            chosen = checked_answer(answer)
            if (status, data, reason) != (200, None, None) or json is not UNDEFINED or headers:
                raise BadExpectation(
                    f"expected an answer or what describes one, got both: {checks.kind(answer)} and more"
                )
        self._turns.last.answers = Always(chosen)
        return self

    def then(self, *what: Answer | Fault, **described: Unpack[Described]) -> Self:
        """Answer the next request otherwise: with these faults, and an answer, or a response as `respond` has it.

        Without an answer, the next ``respond...`` says it; where none does, the faults befall some text. The last
        answer is for all requests that come, unless `times` says otherwise. Raises `BadExpectation`.
        """
        if self.kind is not Kind.PERMANENT:
            raise BadExpectation(f"expected one answer, since {self} is met once only; got another one")
        from .faults.base import Fault  # noqa: PLC0415  only for those who have something go wrong

        self._turns.add()
        self._note_limit()
        faults = [one for one in what if isinstance(one, Fault)]
        answers = [one for one in what if not isinstance(one, Fault)]
        if len(answers) > 1 or (answers and described):
            raise BadExpectation(f"expected one answer, got {', '.join(map(repr, [*answers, *described]))}")
        if answers or described:
            self.respond(*answers, **described)
        return self.with_fault(*faults)

    def times(self, count: int) -> Self:
        """Have the answer that was given last be for *count* requests. One more than the last is for is unexpected."""
        checks.whole("a number of requests", count, 1)
        if self.kind is not Kind.PERMANENT and count > 1:
            raise BadExpectation(f"expected 1, since {self} is met once only; got {count}")
        self._turns.last.times = count
        self._note_limit()
        return self

    def once(self) -> Self:
        """Have the answer that was given last be for one request."""
        return self.times(1)

    def with_fault(self, *faults: Fault, on: Schedule | int | None = None) -> Self:
        """Have *faults* befall the answer that was given last, the first of them first.

        *on* says at which of the requests that meet this expectation, from 1; always, where it is None. Faults that
        come while a request is read need an expectation that says nothing of the content. Raises `BadExpectation`.
        """
        from .faults.base import checked  # noqa: PLC0415  only for those who have something go wrong
        from .faults.positions import Phase  # noqa: PLC0415

        for fault in map(checked, faults):
            if fault.phase < Phase.REQUEST_HEADERS:
                raise BadExpectation(f"{fault} comes before a request is known: give it to the server's with_fault()")
            if fault.phase < Phase.RESPONSE and self.matcher.compares_content:
                raise BadExpectation(
                    f"{fault} comes before the content, which {self} compares: leave data and json out"
                )
            self.early |= fault.phase < Phase.RESPONSE
        when = schedule(on)
        self._turns.last.faults += [(fault, when) for fault in faults]
        return self

    def hold(self, after: str = "request", *, opens_at: int | None = None, patience: float = HELD) -> Self:
        """Have the answer that was given last wait at the position *after* until `release`.

        With *opens_at*, that is when so many wait. What nobody has released after *patience* seconds fails the test.
        When the server stops, what waits is not sent any more.
        """
        from .faults import Hold  # noqa: PLC0415  only for those who want it

        gate = Gate(opens_at, patience)
        self._gates.append(gate)
        return self.with_fault(Hold(after=after, gate=gate))

    def release(self, count: int | None = None) -> Self:
        """Let *count* answers that `hold` holds go on; None lets go on all of them, and all that come.

        Raises `BadExpectation` where nothing is held.
        """
        for gate in self._held("release()"):
            gate.release(count)
        return self

    def wait_held(self, count: int = 1, timeout: float = PATIENCE) -> Self:
        """Wait until *count* answers have come to where `hold` holds them. Raises `WaitTimeout`, `BadExpectation`."""
        for gate in self._held("wait_held()"):
            gate.wait_arrived(count, timeout)
        return self

    def let_go(self) -> None:
        """Let all go on that `hold` holds, if anything is held, and all that come."""
        for gate in self._gates:
            gate.release()

    def _held(self, word: str) -> list[Gate]:
        if not self._gates:
            raise BadExpectation(f"expected hold() before {word}, got none: {self} holds nothing")
        return self._gates

    def never(self) -> Self:
        """Forbid these requests: each that comes is answered as one that is not expected, and fails the test."""
        self.forbidden = True
        self.required = False
        return self

    def wait_for(self, count: int = 1, timeout: float = PATIENCE) -> list[Entry]:
        """Wait until *count* requests have met this, and return them. Raises `WaitTimeout`."""
        checks.whole("a number of requests", count, 0)
        if self._journal is None or not self._journal.wait(lambda: len(self.entries) >= count, timeout):
            raise WaitTimeout(f"expected {count} requests to meet {self} within {timeout} s, got {len(self.entries)}")
        return list(self.entries)

    async def met(self, count: int = 1, timeout: float = PATIENCE) -> list[Entry]:  # noqa: ASYNC109  as in wait_for
        """Do what `wait_for` does while the event loop, of asyncio or trio, goes on. Raises `WaitTimeout`."""
        from .threads import in_thread  # noqa: PLC0415  loads asyncio

        return await in_thread(self.wait_for, count, timeout)

    def attach(self, journal: Journal) -> None:
        """Be told of by *journal*."""
        self._journal = journal

    def respond_with_json(
        self,
        response_json: Any,  # noqa: ANN401  JSON can be anything
        status: int = 200,
        headers: Headers | None = None,
        content_type: str = "application/json",
    ) -> Self:
        """Answer with JSON, indented by four."""
        text = json_module.dumps(response_json, indent=4)
        return self.respond_with_data(text, status, headers, content_type=content_type)

    def respond_with_data(
        self,
        response_data: str | bytes = "",
        status: int | str = 200,
        headers: Headers | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
    ) -> Self:
        """Answer with what these arguments make of a werkzeug Response."""
        from werkzeug import Response  # noqa: PLC0415  only for those who use its vocabulary

        fields: Any = headers  # werkzeug's Response takes pairs as well
        self.respond_with_response(Response(response_data, status, fields, mimetype, content_type), constant=True)
        return self

    def respond_with_response(self, response: werkzeug.Response | str | bytes, *, constant: bool = False) -> Self:
        """Answer with *response*, each time; *constant*: nobody is going to change it. Text stands for its content."""
        from .wsgi import ResponseAnswers  # noqa: PLC0415  loads werkzeug

        if isinstance(response, str | bytes):
            return self.respond_with_data(response)
        self._turns.last.answers = ResponseAnswers(response, constant=constant)
        return self

    def respond_with_handler(self, func: Handler) -> Self:
        """Answer with what *func* returns when it is called with the werkzeug Request.

        That may be a werkzeug Response, a str, or None. What it raises fails the test at `verify`, and answers 500.
        """
        checks.called("a handler", func)
        from .wsgi import HandlerAnswers  # noqa: PLC0415  loads werkzeug

        self._turns.last.answers = HandlerAnswers(func)
        return self

    def with_post_hook(self, hook: Hook) -> Self:
        """Have *hook* called with the werkzeug Request and Response, and send what it returns."""
        checks.called("a hook", hook)
        self._turns.last.hooks.append(hook)
        return self

    def answer(self, entry: Entry) -> Answer:
        """Return the answer to *entry*. Raises `NoAnswer` if none was given, and what a handler raises."""
        turn = self._turns.of(entry.turn)
        entry.answers = turn.answers
        return turn.answer(entry, self)

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong does."""
        return self._turns.schedules

    @property
    def constant(self) -> Answers | None:
        """What answers all requests, however many come, with the same octets; None where that may differ."""
        return (
            self._turns.constant if self.kind is Kind.PERMANENT and self.stage is None and not self.forbidden else None
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts expectations by which of those that match is met first: the highest priority, and then the oldest."""
        return -self.priority, self.number

    @property
    def used_up(self) -> bool:
        """Whether as many requests have met it as may."""
        return self.most is not None and len(self.entries) >= self.most

    @property
    def missing(self) -> int:
        """How many requests must still meet it."""
        return max(self._turns.least - len(self.entries), 0) if self.required else 0

    def _note_limit(self) -> None:
        if self.kind is Kind.PERMANENT:
            self.most = self._turns.most

    def __str__(self) -> str:
        return str(self.matcher)

    def __repr__(self) -> str:
        return f"<Expectation {self.number}: {self}, {self.kind.value}, met by {len(self.entries)} ({self.where})>"


def calling_line() -> str:
    """Return the file and line from which this package was called."""
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == __package__:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "somewhere"
