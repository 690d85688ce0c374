"""Expectations: which requests are expected, what answers them, and in which order they count.

Law: each expectation has a matcher and an answer, and remembers where it was written and which requests met it. Which
one a request meets is decided here, at once for all threads: the next ordered one, or else the first one-shot that
matches, or else the first permanent one, each in the order of their making, as in pytest-httpserver.
"""

from __future__ import annotations

import enum
import inspect
import json as json_module
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .answers import answer_with
from .errors import BadExpectation, NoAnswer
from .matching import UNDEFINED

if TYPE_CHECKING:
    import werkzeug

    from .connection import Answer
    from .journal import Entry
    from .matching import RequestMatcher
    from .wsgi import Handler, Hook

Answers = Callable[["Entry"], "Answer"]
"""Returns the answer to one request."""

Headers = Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]
"""Field names with their values: a mapping, whose values may be several each, or pairs in their order."""


class Kind(enum.Enum):
    """How often, and when, an expectation is met."""

    PERMANENT = "permanent"
    """By any number of requests."""
    ONESHOT = "one-shot"
    """By one request."""
    ORDERED = "ordered"
    """By one request, which must come before any that meets a later ordered one."""


class Expectation:
    """A request that is expected, and what answers it.

    ``entries`` are the requests that met it, ``where`` the file and line that made it. Where *required*, `verify` finds
    fault if none has.
    """

    def __init__(self, matcher: RequestMatcher, kind: Kind = Kind.PERMANENT, *, required: bool = False) -> None:
        self.matcher = matcher
        self.kind = kind
        self.required = required or kind is not Kind.PERMANENT
        self.where = calling_line()
        self.number = 0
        self.entries: list[Entry] = []
        self._answers: Answers | None = None
        self._hooks: list[Hook] = []

    def respond(
        self,
        answer: Answer | None = None,
        *,
        status: int = 200,
        json: Any = UNDEFINED,  # noqa: ANN401  JSON can be anything
        data: str | bytes | None = None,
        headers: Headers = (),
        reason: str | None = None,
    ) -> Expectation:
        """Answer with *answer*, or with a response that has this status, content and header section.

        *json* is written compactly, as ``application/json``; *data* as text is UTF-8, ``text/plain``; each unless
        *headers* has a Content-Type. Raises `BadExpectation` for what cannot be sent.
        """
        if answer is None:
            content, content_type = _content(json, data)
            lines = _pairs(headers)
            if content_type and all(name.lower() != "content-type" for name, _ in lines):
                lines.insert(0, ("Content-Type", content_type))
            answer = answer_with(status, lines, content, reason=reason)
        chosen = answer
        self._answers = lambda _: chosen
        return self

    def respond_with_json(
        self,
        response_json: Any,  # noqa: ANN401  JSON can be anything
        status: int = 200,
        headers: Headers | None = None,
        content_type: str = "application/json",
    ) -> Expectation:
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
    ) -> Expectation:
        """Answer with what these arguments make of a werkzeug Response."""
        from werkzeug import Response  # noqa: PLC0415  only for those who use its vocabulary

        fields: Any = headers  # werkzeug's Response takes pairs as well
        return self.respond_with_response(Response(response_data, status, fields, mimetype, content_type))

    def respond_with_response(self, response: werkzeug.Response) -> Expectation:
        """Answer with *response*, each time."""
        from .wsgi import ResponseAnswers  # noqa: PLC0415  loads werkzeug

        self._answers = ResponseAnswers(response)
        return self

    def respond_with_handler(self, func: Handler) -> Expectation:
        """Answer with what *func* returns when it is called with the werkzeug Request.

        That may be a werkzeug Response, a str, or None. What it raises fails the test at `verify`, and answers 500.
        """
        from .wsgi import HandlerAnswers  # noqa: PLC0415  loads werkzeug

        self._answers = HandlerAnswers(func)
        return self

    def with_post_hook(self, hook: Hook) -> Expectation:
        """Have *hook* called with the werkzeug Request and Response, and send what it returns."""
        self._hooks.append(hook)
        return self

    def answer(self, entry: Entry) -> Answer:
        """Return the answer to *entry*. Raises `NoAnswer` if none was given, and what a handler raises."""
        if self._answers is None:
            raise NoAnswer(f"{self} ({self.where}) says no answer: add .respond(...) or .respond_with_...(...)")
        if self._hooks:
            from .wsgi import hooked  # noqa: PLC0415  loads werkzeug

            return hooked(self._answers, self._hooks, entry)
        return self._answers(entry)

    def __str__(self) -> str:
        return str(self.matcher)

    def __repr__(self) -> str:
        return f"<Expectation {self.number}: {self}, {self.kind.value}, met by {len(self.entries)} ({self.where})>"


class _State(NamedTuple):
    """What a request must find unchanged, after it has been compared, to meet what was found for it."""

    times_cleared: int
    failed: bool
    next_ordered: Expectation | None


class Expectations:
    """The expectations of one server. Thread-safe.

    ``failed`` is set when an ordered expectation is missed: then nothing is met any more, since the order is lost for
    good.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times_cleared = 0
        self.clear()

    def clear(self) -> None:
        """Forget all expectations."""
        with self._lock:
            self.failed = False
            self._times_cleared += 1
            self._all: list[Expectation] = []
            self._ordered: list[Expectation] = []
            self._oneshot: list[Expectation] = []
            self._by_path: dict[str, list[Expectation]] = {}
            self._elsewhere: list[Expectation] = []

    def add(self, expectation: Expectation) -> Expectation:
        """Add *expectation*, after those that are there."""
        with self._lock:
            self._all.append(expectation)
            expectation.number = len(self._all)
            if expectation.kind is Kind.ORDERED:
                self._ordered.append(expectation)
            elif expectation.kind is Kind.ONESHOT:
                self._oneshot.append(expectation)
            elif expectation.matcher.exact_path is None:
                self._elsewhere.append(expectation)
            else:
                self._by_path.setdefault(expectation.matcher.exact_path, []).append(expectation)
        return expectation

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
        if found.kind is Kind.ORDERED:
            del self._ordered[0]
        elif found.kind is Kind.ONESHOT:
            if found not in self._oneshot:
                return False
            self._oneshot.remove(found)
        entry.expectation = found
        found.entries.append(entry)
        return True

    def _permanent(self, entry: Entry) -> Expectation | None:
        """The first permanent one that matches: those with just this path are at hand, the others must be asked."""
        here = self._by_path.get(entry.path, ())
        if not self._elsewhere:
            return next((expectation for expectation in here if expectation.matcher.match_apart_from_path(entry)), None)
        candidates = sorted([*here, *self._elsewhere], key=lambda expectation: expectation.number)
        return next((expectation for expectation in candidates if expectation.matcher.match(entry)), None)

    @property
    def waiting(self) -> list[Expectation]:
        """The ordered and one-shot ones that no request has met yet."""
        with self._lock:
            return [*self._ordered, *self._oneshot]

    @property
    def unused(self) -> list[Expectation]:
        """The required ones that no request has met."""
        return [expectation for expectation in self if expectation.required and not expectation.entries]

    def __iter__(self) -> Iterator[Expectation]:
        with self._lock:
            return iter(list(self._all))


def calling_line() -> str:
    """Return the file and line from which this package was called."""
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == __package__:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "somewhere"


def _content(json: Any, data: str | bytes | None) -> tuple[bytes, str]:  # noqa: ANN401  JSON can be anything
    """The octets of a response's content, and its media type; none where there is no content."""
    if json is not UNDEFINED:
        if data is not None:
            raise BadExpectation("give either json or data: both are the content")
        return json_module.dumps(json, separators=(",", ":")).encode(), "application/json"
    if isinstance(data, str):
        return data.encode(), "text/plain; charset=utf-8"
    return data or b"", "application/octet-stream" if data else ""


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    """Field lines out of a mapping, in which a value may stand for several lines, or out of pairs."""
    if not isinstance(headers, Mapping):
        return list(headers)
    return [(name, one) for name, value in headers.items() for one in ([value] if isinstance(value, str) else value)]
