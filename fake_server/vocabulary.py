"""What a test says and asks: expectations, checks, waiting.

Law: pytest-httpserver's words, with its meanings, so that its users move by changing a fixture's name; and our own
`expect` and `verify`. Everything here is said of the `Journal` and the `Expectations`; nothing knows sockets.
"""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from . import checks, report
from .errors import BadExpectation, NotVerified, WaitTimeout
from .expectation import Expectation, Kind, Stage
from .journal import PATIENCE, Caller, Entry, Journal
from .matching import ANY_METHOD, Matcher, RequestMatcher, adapted, is_matcher
from .schedules import chances

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    import werkzeug

    from .criteria import HeaderValueMatcher
    from .expectations import Expectations
    from .scenarios import Scenarios
    from .schedules import Schedule


class Criteria(TypedDict, total=False):
    """What a request is compared by, beside its path, method and content: see `RequestMatcher`."""

    data_encoding: str
    headers: Mapping[str, Any] | None
    query_string: Any
    header_value_matcher: HeaderValueMatcher | None
    json: Any
    form: Mapping[str, Any] | None
    header_names: Sequence[str]
    trailers: Mapping[str, Any] | None
    where: Callable[[Entry], object] | None


class Waiting:
    """How waiting went: whether all came that was waited for (``result``), in how many seconds (``elapsed_time``)."""

    def __init__(self) -> None:
        self.result = False
        self.elapsed_time = 0.0


class Vocabulary:
    """Expectations and what became of them; `FakeServer` is one.

    ``no_handler_status_code`` is the status that answers a request which nobody expected.
    """

    def __init__(self, journal: Journal, expectations: Expectations) -> None:
        self.journal = journal
        self.expectations = expectations
        self.assertions: list[str | AssertionError] = []
        self.handler_errors: list[Exception] = []
        self.no_handler_status_code = 500

    def expect(
        self,
        uri: Any,  # noqa: ANN401  see RequestMatcher
        method: str = ANY_METHOD,
        data: str | bytes | None = None,
        *,
        required: bool = True,
        priority: int = 0,
        scenario: str | None = None,
        state: str | None = None,
        becomes: str | None = None,
        **criteria: Unpack[Criteria],
    ) -> Expectation:
        """Expect requests to *uri*, at least one (if *required*): see `RequestMatcher` for what is compared.

        *uri* may be a rule of werkzeug's, such as ``/users/<int:id>``, as text or as a `werkzeug.routing.Rule`; or a
        `RequestMatcher`, beside which nothing else is compared. Of those that match, the one with the highest
        *priority* is met, and among equals the first. With
        *scenario*, it is met only while that is in *state* (in any, if None), and has it become *becomes*; at first
        a scenario is in the state ``started``. Raises `BadExpectation`.
        """
        checks.number("priority= as a number", priority, -math.inf)
        whole = is_matcher(uri)
        if whole and (method != ANY_METHOD or data is not None or criteria):
            raise BadExpectation("expected a matcher alone, since it says what is compared; got more")
        if (isinstance(uri, str) and "<" in uri) or hasattr(uri, "rule"):
            from .rules import RulePattern  # noqa: PLC0415  loads werkzeug

            uri = RulePattern(uri)
        if scenario is None and (state is not None or becomes is not None):
            raise BadExpectation(f"expected the scenario of which {state or becomes!r} is a state, got none")
        for name, value in (("scenario=", scenario), ("state=", state), ("becomes=", becomes)):
            checks.kept(f"{name} as text", value, str, type(None))
        stage = None if scenario is None else Stage(scenario, state, becomes)
        matcher = adapted(uri) if whole else RequestMatcher(uri, method, data, **criteria)
        return self._expect(matcher, Kind.PERMANENT, required=required, stage=stage, priority=priority)

    def expect_request(
        self,
        uri: Any,  # noqa: ANN401  see RequestMatcher
        method: str = ANY_METHOD,
        data: str | bytes | None = None,
        **criteria: Unpack[Criteria],
    ) -> Expectation:
        """Expect any number of requests to *uri*, or none: see `RequestMatcher` for what is compared."""
        return self._expect(RequestMatcher(uri, method, data, **criteria), Kind.PERMANENT)

    def expect_oneshot_request(
        self,
        uri: Any,  # noqa: ANN401  see RequestMatcher
        method: str = ANY_METHOD,
        data: str | bytes | None = None,
        **criteria: Unpack[Criteria],
    ) -> Expectation:
        """Expect one request to *uri*: see `RequestMatcher` for what is compared."""
        return self._expect(RequestMatcher(uri, method, data, **criteria), Kind.ONESHOT)

    def expect_ordered_request(
        self,
        uri: Any,  # noqa: ANN401  see RequestMatcher
        method: str = ANY_METHOD,
        data: str | bytes | None = None,
        **criteria: Unpack[Criteria],
    ) -> Expectation:
        """Expect one request to *uri*, after those of the ordered expectations made before and before those made after.

        A request that comes out of order meets nothing, and none does after it.
        """
        return self._expect(RequestMatcher(uri, method, data, **criteria), Kind.ORDERED)

    def create_matcher(self, *arguments: Any, **criteria: Any) -> RequestMatcher:  # noqa: ANN401
        """Return a `RequestMatcher` of these arguments."""
        return RequestMatcher(*arguments, **criteria)

    @property
    def handlers(self) -> list[Expectation]:
        """The expectations for any number of requests."""
        return [known for known in self.expectations if known.kind is Kind.PERMANENT]

    @property
    def oneshot_handlers(self) -> list[Expectation]:
        """The one-shot expectations that have not been met."""
        return [known for known in self.expectations if known.kind is Kind.ONESHOT and not known.used_up]

    @property
    def ordered_handlers(self) -> list[Expectation]:
        """The ordered expectations that have not been met."""
        return [known for known in self.expectations if known.kind is Kind.ORDERED and not known.used_up]

    def _expect(
        self,
        matcher: RequestMatcher,
        kind: Kind,
        *,
        required: bool = False,
        stage: Stage | None = None,
        priority: int = 0,
    ) -> Expectation:
        expectation = Expectation(matcher, kind, required=required, stage=stage, priority=priority)
        expectation.attach(self.journal)
        return self.expectations.add(expectation)

    @property
    def scenarios(self) -> Scenarios:
        """The states of scenarios by their names; a test may set them."""
        return self.expectations.scenarios

    def verify(self) -> None:
        """Raise `NotVerified` with all that is not as expected.

        That is: requests that were not expected, errors of handlers and what they assert, and expectations that no
        request has met: one-shot and ordered ones, and those of `expect`.
        """
        __tracebackhide__ = True
        findings = self.findings()
        if findings:
            raise NotVerified(report.listed(findings, self.remarks_beside()))

    def findings(self, *, unused: bool = True) -> list[str]:
        """Return what `verify` raises, one text for each; without *unused*, expectations may still be met."""
        findings = [one if isinstance(one, str) else report.raised(one) for one in self.assertions]
        findings += [report.raised(error) for error in self.handler_errors]
        left = self.expectations.unused if unused else []
        return findings + [report.unused(expectation) for expectation in left]

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong here does."""
        return [when for expectation in self.expectations for when in expectation.schedules]

    def chances(self) -> str:
        """Return what goes wrong here by chance, with the seeds that have it do so again; nothing if nothing does."""
        return chances(self.schedules)

    def remarks_beside(self) -> list[str]:
        """Return what may be why something is not as expected: connections that came to no request, and `chances`."""
        found = [*report.without_request(self.journal), self.chances()]
        return [remark for remark in found if remark]

    def check(self) -> None:
        """Raise the first finding: `check_assertions`, then `check_handler_errors`."""
        self.check_assertions()
        self.check_handler_errors()

    def check_assertions(self) -> None:
        """Raise AssertionError for the first unexpected request or failed assertion of a handler, and forget it."""
        if self.assertions:
            finding = self.assertions.pop(0)
            raise finding if isinstance(finding, AssertionError) else AssertionError(finding)

    def check_handler_errors(self) -> None:
        """Raise the first error that a handler has raised, and forget it."""
        if self.handler_errors:
            raise self.handler_errors.pop(0)

    def add_assertion(self, finding: str | AssertionError) -> None:
        """Add a finding, which `check_assertions` and `verify` raise."""
        self.assertions.append(finding)
        self.journal.notify()

    def failed(self, entry: Entry, error: BaseException) -> None:
        """Take note of what a handler or a matcher raised; for `Connection`."""
        error.add_note(report.asked(entry))
        if isinstance(error, AssertionError):
            self.assertions.append(error)
        elif isinstance(error, Exception):
            self.handler_errors.append(error)
        else:  # an outcome of pytest's
            self.assertions.append(report.raised(error))
        self.journal.notify()

    def broken_off(self, caller: Caller, error: BaseException) -> None:
        """Take note of what was raised in serving a connection, beside its requests; it has ended it."""
        entry = Entry(caller, None, error=f"serving the connection has raised {type(error).__name__}")
        entry.is_finding = True
        self.journal.add(entry, "failed")
        self.failed(entry, error)

    def misread(self, entry: Entry) -> None:
        """Take note of what came and is no request; for `Connection`."""
        entry.is_finding = True
        self.add_assertion(report.misread(entry))

    def clear(self) -> None:
        """Forget expectations, findings and the journal."""
        self.expectations.clear()
        self.clear_assertions()
        self.clear_handler_errors()
        self.clear_log()
        self.no_handler_status_code = 500

    def clear_assertions(self) -> None:
        """Forget unexpected requests and failed assertions of handlers."""
        self.assertions = []

    def clear_handler_errors(self) -> None:
        """Forget the errors of handlers."""
        self.handler_errors = []

    def clear_log(self) -> None:
        """Forget the journal."""
        self.journal.clear()

    @property
    def log(self) -> list[tuple[werkzeug.Request, werkzeug.Response]]:
        """Requests and answers as werkzeug has them, oldest first; waits for answers that are under way."""
        from .wsgi import request_of, response_of  # noqa: PLC0415  loads werkzeug

        entries = [entry for entry in self.journal if entry.request is not None and not entry.error]
        return [(request_of(entry), response_of(entry)) for entry in entries]

    def iter_matching_requests(self, matcher: Matcher) -> Iterator[tuple[werkzeug.Request, werkzeug.Response]]:
        """Yield the pairs of `log` that *matcher* matches."""
        from .wsgi import request_of, response_of  # noqa: PLC0415  loads werkzeug

        for entry in self._matching(matcher):
            yield request_of(entry), response_of(entry)

    def get_matching_requests_count(self, matcher: Matcher) -> int:
        """Return how many requests *matcher* matches."""
        return len(self._matching(matcher))

    def assert_request_made(self, matcher: Matcher, *, count: int = 1) -> None:
        """Raise `NotVerified` unless *matcher* matches exactly *count* requests of the journal."""
        __tracebackhide__ = True
        found = self.get_matching_requests_count(matcher)
        if found != count:
            raise NotVerified(report.not_made(adapted(matcher), found, count, self.journal))

    def _matching(self, matcher: Matcher) -> list[Entry]:
        asked = adapted(matcher)
        return [entry for entry in self.journal if entry.request is not None and asked.match(entry)]

    @contextlib.contextmanager
    def wait(
        self,
        raise_assertions: bool = True,  # noqa: FBT001, FBT002  pytest-httpserver's vocabulary
        stop_on_nohandler: bool = True,  # noqa: FBT001, FBT002
        timeout: float = PATIENCE,
    ) -> Generator[Waiting, None, None]:
        """At the block's end, wait until every one-shot and ordered expectation has been met.

        With *stop_on_nohandler* an unexpected request ends the waiting. With *raise_assertions* that raises
        AssertionError, and so does the end of *timeout*, in seconds. Yields what tells how it went.
        """
        waiting = Waiting()
        begin = time.monotonic()
        known = len(self.assertions)
        yield waiting

        def over() -> bool:
            return not self.expectations.waiting or (stop_on_nohandler and len(self.assertions) > known)

        in_time = self.journal.wait(over, timeout)
        waiting.elapsed_time = time.monotonic() - begin
        waiting.result = not self.expectations.waiting and not (stop_on_nohandler and len(self.assertions) > known)
        if raise_assertions and not in_time:
            left = "\n".join(f"  {report.unused(expectation)}" for expectation in self.expectations.waiting)
            raise WaitTimeout(f"after {timeout} s these are still waited for:\n{left}")
        if raise_assertions and not waiting.result:
            self.check_assertions()
