"""A cassette: exchanges in order, what has been played of them, and what went wrong.

Law: it knows no socket, no YAML and no file; ``path`` is only a name to show. Where it keeps what is recorded is the
business of the function *keep* that it is given. Thread-safe: the clients of all threads ask the same cassette.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn, cast

from .attempts import FailedAttempt
from .due import Due
from .errors import CassetteError, CassetteMissing, NoMatch, UnusedExchanges
from .index import Index, Matching, Recorded
from .matchers import DEFAULT, matchers
from .near_miss import explain_miss, explain_missing, explain_unused
from .record_mode import Decision, RecordMode, decide, may_play, may_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from httplib_sim.waist import Origin

    from .due import RecordedAttempt
    from .exchange import Exchange, Request
    from .ignoring import Ignore
    from .index import Unread
    from .spool import Spools
    from .timing import Pace
    from .tls import TlsFacts

_MOST_TOLD: Final = 5
"""Errors that are told at the end: a loop that tries again and again makes many, and all alike."""


class Cassette:
    """The exchanges of one cassette while it is in use.

    *recorded* are the exchanges, and the failed attempts to connect, that were there at the start, each with the line
    of the file where it stands; *existed* says whether there was a file at all. *keep* is given each new exchange and
    returns it as it was kept: on disk, secrets replaced; *amend* the same, when more has become known of how it ended;
    *keep_attempt* is given each new failed attempt. *spools* makes places for large
    bodies that are recorded. *ignores* tells whose requests are left alone. *pace* is how quickly it is replayed, None
    at once. ``ended`` says that nobody's requests belong to it any more.
    """

    def __init__(  # noqa: PLR0913  what it is told of, one by one
        self,
        path: str = "a cassette in memory",
        *,
        mode: str = RecordMode.ONCE,
        recorded: Sequence[tuple[Exchange | Unread | FailedAttempt, int]] = (),
        existed: bool | None = None,
        matching: Matching | None = None,
        keep: Callable[[Exchange], Exchange] | None = None,
        amend: Callable[[Exchange], Exchange] | None = None,
        keep_attempt: Callable[[FailedAttempt], object] | None = None,
        strict: bool = True,
        spools: Spools | None = None,
        ignores: Ignore | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.path = path
        self.spools = spools
        self.mode = RecordMode.named(mode)
        self.ended = False
        self.ignores = ignores
        self.pace = pace
        self._matching = matching or Matching(matchers(DEFAULT), lambda request: request)
        numbered = [(item, line, number) for number, (item, line) in enumerate(recorded, 1)]
        self._recorded = [Recorded(item, *at) for item, *at in numbered if not isinstance(item, FailedAttempt)]
        self._index = Index(self._recorded, self._matching)
        attempts = [(item, line, number) for item, line, number in numbered if isinstance(item, FailedAttempt)]
        self._due = Due(self._recorded, attempts, self._matching)
        self._existed = bool(recorded) if existed is None else existed
        self._keep = keep or _as_it_is
        self._amend = amend or _as_it_is
        self._keep_attempt = keep_attempt
        self._strict = strict
        self._added: list[Exchange] = []
        self._added_attempts: list[FailedAttempt] = []
        self._errors: list[CassetteError] = []
        self._told: list[CassetteError] = []
        self._escapes: set[tuple[str, int]] = set()
        self._unfinished: dict[object, Callable[[], None]] = {}
        self._connections = max((item.connection for item in self._recorded), default=0)
        self._servers: frozenset[tuple[str, int]] | None = None  # of those that were there, found when somebody asks
        self._tls: dict[Origin, TlsFacts] | None = None  # found when somebody asks
        self._lock = threading.RLock()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges: those that were there at the start, then those that were added."""
        with self._lock:
            return (*[item.exchange for item in self._recorded], *self._added)

    @property
    def played(self) -> tuple[Exchange, ...]:
        """The recorded exchanges that have answered a request."""
        return tuple(item.exchange for item in self._recorded if item.played)

    @property
    def unused(self) -> tuple[Exchange, ...]:
        """The recorded exchanges that nobody has asked for."""
        return tuple(item.exchange for item in self._recorded if not item.played)

    @property
    def recorded(self) -> tuple[Exchange, ...]:
        """The exchanges that were added since the start."""
        with self._lock:
            return tuple(self._added)

    @property
    def attempts(self) -> tuple[FailedAttempt, ...]:
        """All failed attempts to connect: those that were there at the start, then those that were added."""
        with self._lock:
            return (*[item.attempt for item in self._due.attempts], *self._added_attempts)

    @property
    def recorded_attempts(self) -> tuple[FailedAttempt, ...]:
        """The failed attempts to connect that were added since the start."""
        with self._lock:
            return tuple(self._added_attempts)

    @property
    def misses(self) -> tuple[NoMatch, ...]:
        """The requests that nothing answered, each as the error that was raised for it."""
        return tuple(error for error in self._errors if isinstance(error, NoMatch))

    @property
    def errors(self) -> tuple[CassetteError, ...]:
        """What went wrong: the misses, and what could not be kept."""
        return tuple(self._errors)

    @property
    def may_play(self) -> bool:
        """Whether requests can be answered from the cassette."""
        return may_play(self.mode, existed=self._existed)

    @property
    def may_record(self) -> bool:
        """Whether requests can go out to the network."""
        return may_record(self.mode, existed=self._existed)

    def play(self, request: Request) -> Exchange | None:
        """Return the exchange that answers *request*, which then counts as played; None if it is to be recorded.

        Raises `NoMatch`, and remembers it, if nothing answers and the mode does not record, `CassetteMissing` if there
        is no file either.
        """
        __tracebackhide__ = True
        with self._lock, self._remembering("look for", request):
            found = self._index.find(request)
            if self._decide(request, found) is Decision.PLAY and found is not None:
                found.played += 1
                return found.exchange
            return None

    def foresee(self, request: Request) -> Exchange | None:
        """Return the exchange that `play` would return, of a request of which all but the body is known.

        Nothing counts as played yet. Raises `NoMatch` as `play` does.
        """
        __tracebackhide__ = True
        with self._lock, self._remembering("look for", request):
            found = self._index.find_by_head(request)
            decision = self._decide(request, found, head_only=True)
            return found.exchange if decision is Decision.PLAY and found is not None else None

    def failure(self, origin: Origin, *, of_tls: bool | None = None) -> OSError | None:
        """Return with what connecting to *origin* fails now, which then counts as played; None if it does not.

        With *of_tls* only a failure of TLS is told, or, if it is False, only another one.
        """
        with self._lock:
            found = self._due.failure(origin, of_tls=of_tls)
        if found is None:
            return None
        error = found.attempt.error()
        error.add_note(
            f"replayed from {self.path}:{found.line}: connecting to {origin.url} failed when it was recorded"
        )
        return error

    def may_answer(self, origin: Origin) -> bool:
        """Tell whether anything may be played to who connects to *origin*."""
        with self._lock:
            return self.may_play and not (self.may_record and self._due.is_over(origin))

    def add_attempt(self, attempt: FailedAttempt) -> None:
        """Add a failed *attempt* to connect; it is kept when this returns. Raises as `add` does."""
        with self._lock, self._remembering("keep", attempt):
            if self._keep_attempt is not None:
                self._keep_attempt(attempt)
            self._added_attempts.append(attempt)

    def add(self, exchange: Exchange) -> None:
        """Add a new *exchange*; it is kept when this returns.

        Raises, and remembers, a `CassetteError` if keeping it raises anything.
        """
        with self._lock:
            try:
                facts, origin = exchange.tls, exchange.request.origin
                if facts is not None and facts == self.tls_of(origin):
                    exchange = replace(exchange, tls=None)  # it is there already
                self._added.append(self._keep(exchange))
                if exchange.tls is not None:
                    self._tls_by_origin()[origin] = exchange.tls
            except Exception as problem:  # noqa: BLE001  it is remembered, and raised
                self._remember_failure(problem, "keep", exchange.request)

    def amend(self, exchange: Exchange) -> None:
        """Put *exchange* in the place of the last one of its connection: it is the same, with what came after it.

        Raises, and remembers, a `CassetteError` as `add` does.
        """
        with self._lock, self._remembering("keep", exchange.request):
            place = max(at for at, item in enumerate(self._added) if item.connection == exchange.connection)
            self._added[place] = self._amend(exchange)

    def knows(self, origin: Origin) -> bool:
        """Tell whether any exchange, or failed attempt, was with the host and port of *origin*.

        The scheme is not asked for: TLS may begin later.
        """
        server = origin[1:]
        with self._lock:
            if any(exchange.request.origin[1:] == server for exchange in self._added):
                return True
            if self._servers is None:
                proxies = [item.read_exchange.proxy for item in self._recorded if item.read_exchange is not None]
                origins = [*[item.placed.origin for item in self._recorded], *filter(None, proxies)]
                self._servers = frozenset(origin[1:] for origin in origins)
            return server in self._servers or self._due.knows(origin)

    def tls_of(self, origin: Origin) -> TlsFacts | None:
        """Return what TLS with *origin* agreed on, the last time that was told; None if it never was."""
        with self._lock:
            return self._tls_by_origin().get(origin)

    def _tls_by_origin(self) -> dict[Origin, TlsFacts]:
        if self._tls is None:
            # One that has not been read says nothing of TLS: it would have been read at once.
            read = [item.read_exchange for item in self._recorded if item.read_exchange is not None]
            told = [exchange for exchange in read if exchange.tls is not None]
            self._tls = {exchange.request.origin: cast("TlsFacts", exchange.tls) for exchange in told}
        return self._tls

    def notes_escape(self, host: str, port: int) -> bool:
        """Note that a connection to *host* went past this cassette; tell whether that is the first one."""
        with self._lock:
            known = len(self._escapes)
            self._escapes.add((host, port))
            return len(self._escapes) > known

    def remember(self, error: CassetteError) -> None:
        """Keep an *error* that the program may swallow: it is raised again at the end."""
        with self._lock:
            self._errors.append(error)

    def new_connection(self) -> int:
        """Return the number of one more connection."""
        with self._lock:
            self._connections += 1
            return self._connections

    def when_ended(self, finish: Callable[[], None]) -> Callable[[], None]:
        """Have *finish* called when the cassette ends, so that exchanges under way are added as far as they came.

        Return a function to call once there is nothing more to finish.
        """
        key = object()
        with self._lock:
            self._unfinished[key] = finish

        def forget() -> None:
            with self._lock:
                self._unfinished.pop(key, None)

        return forget

    def end(self) -> None:
        """End: exchanges under way are added as far as they came, and requests that begin now belong to others."""
        self.ended = True
        with self._lock:
            unfinished, self._unfinished = list(self._unfinished.values()), {}
        for finish in unfinished:
            with contextlib.suppress(CassetteError):  # it is remembered
                finish()

    def verify(self, *, raised: BaseException | None = None, unused: bool = True) -> None:
        """Raise what the program swallowed: a miss, or another error; then, if strict, which exchanges were unused.

        Without *unused*, nobody is blamed yet for exchanges that may still be asked for.

        Each error is raised once. *raised* is an exception that is on its way already: what it tells is not told again.
        One that is to end the program or a task, such as `KeyboardInterrupt`, goes on with the errors in its notes.
        """
        __tracebackhide__ = True
        errors = [error for error in self._errors if error not in self._told and not _tells(raised, error)]
        self._told += self._errors
        if raised is not None and not isinstance(raised, Exception):
            for error in errors:
                raised.add_note(f"\nalso: {error}")
        elif errors:
            for other in errors[1:_MOST_TOLD]:
                errors[0].add_note(f"\nalso: {other}")
            if len(errors) > _MOST_TOLD:
                errors[0].add_note(f"\nand {len(errors) - _MOST_TOLD} more")
            raise errors[0]
        if unused and raised is None and not self._errors:
            self._verify_all_used()

    def __repr__(self) -> str:
        counts = f"{len(self._recorded)} recorded, {len(self.played)} played, {len(self._added)} added"
        return f"<Cassette {self.path} mode {self.mode.value}: {counts}>"

    @contextlib.contextmanager
    def _remembering(self, doing: str, request: Request | FailedAttempt) -> Iterator[None]:
        """Remember what is raised, as a `CassetteError`, and raise it: a client may swallow it."""
        __tracebackhide__ = True
        try:
            yield
        except Exception as problem:  # noqa: BLE001  it is remembered, and raised
            self._remember_failure(problem, doing, request)

    def _remember_failure(self, problem: Exception, doing: str, request: Request | FailedAttempt) -> NoReturn:
        """Remember *problem*, as a `CassetteError`, and raise it: what a user's own function says may show a secret."""
        __tracebackhide__ = True
        if isinstance(problem, CassetteError):
            self.remember(problem)
            raise problem
        failure = CassetteError(f"could not {doing} {request!r} in {self.path}: {type(problem).__name__} was raised")
        self.remember(failure)
        raise failure from problem

    def _verify_all_used(self) -> None:
        __tracebackhide__ = True
        items: list[Recorded | RecordedAttempt] = [*self._recorded, *self._due.attempts]
        if self._strict and not self.may_record and (unused := [item for item in items if not item.played]):
            error = UnusedExchanges(explain_unused(unused, self._matching, self.path))
            if not any(isinstance(told, UnusedExchanges) for told in self._told):
                self._told.append(error)
                raise error

    def _decide(self, request: Request, found: Recorded | None, *, head_only: bool = False) -> Decision:
        """What becomes of *request*; a refusal is raised."""
        __tracebackhide__ = True
        decision = decide(self.mode, existed=self._existed, found=found is not None)
        if decision is Decision.REFUSE and not self._existed:
            raise CassetteMissing(explain_missing(request, self._matching, self.path))
        if decision is Decision.REFUSE:
            raise NoMatch(
                explain_miss(request, self._recorded, self._matching, self.path, self.mode, head_only=head_only)
            )
        return decision


def _as_it_is(exchange: Exchange) -> Exchange:
    return exchange


def _tells(raised: BaseException | None, error: CassetteError) -> bool:
    """Whether *error* is *raised*, or among what led to it."""
    seen: list[BaseException] = []
    while raised is not None and raised not in seen:
        if raised is error:
            return True
        seen.append(raised)
        raised = raised.__cause__ or raised.__context__
    return False
