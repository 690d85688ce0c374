"""`use_cassette`: record and replay the HTTP exchanges of a block, a function or a test.

Law: the only place that puts the parts together: a file's exchanges into a `Cassette`, what the recorder hands on
through redaction into the file, the cassette into its place as the current one, and all of it back at the end.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import logging
import warnings
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from httplib_sim import wire

from . import escapes, interceptors, redaction, scan, sharing
from .body_files import BodyFiles
from .callers import level_of_caller
from .cassette import Cassette
from .current import enter, entered, leave
from .drift import Detail
from .errors import CassetteError, RecoveryWarning
from .exchange import Afterword
from .expiry import expiry
from .ignoring import ignoring
from .index import Matching, Repeats
from .large_body import LARGE
from .leeway import leeway
from .matchers import DEFAULT, MatchFunction, matchers
from .record_mode import RecordMode, may_record
from .redaction import Redaction
from .sharing import Replacement, Run
from .spool import Spools
from .store import Store
from .timing import pace
from .verification import Verification

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from datetime import timedelta
    from types import TracebackType

    from .attempts import FailedAttempt
    from .drafts import Draft
    from .exchange import Exchange, Request
    from .ignoring import Ignore
    from .spool import Spool
    from .timing import Pace

Function = TypeVar("Function", bound="Callable[..., Any]")
_log = logging.getLogger("cassettes")


class use_cassette:  # noqa: N801  used like a function
    """Record the exchanges of a block to the cassette at *path*, or replay them from it.

    A context manager (``with`` and ``async with``) and a decorator for functions, generators and coroutine functions;
    it gives the `Cassette`. *mode* is one of `RecordMode`'s: none, once, new_episodes, all. *match_on* names the parts
    of a request that are compared, or holds functions ``(recorded, sent) -> None | Difference``; *match_headers* names
    headers that are compared as well. Not compared are the places in JSON that *ignore_json* names (``$.meta.id``,
    ``$.items[*].at``, ``$..etag``), the parameters *ignore_query*, the fields of forms *ignore_form*, and, where
    *match_on* has "headers", *ignore_headers*. *redact* are the rules by which secrets are replaced in the file; None
    leaves them in. With *allow_repeats* the last recorded exchange among equals goes on answering; with "cycle" they
    begin again with the first. With *ordered* exchanges answer in the file's order only. *strict*: an exchange that
    nobody asks for in a replay is an error at the end. Content of more than *body_limit* octets goes into a file of its
    own beside the cassette, and is never in memory. With *local* the cassette is current for this context (task or
    thread) alone. The servers that *ignore* names, by hosts, patterns with ``*`` or functions of an `Origin`, are left
    alone: what goes to them is neither recorded nor replayed. A cassette that is older than *max_age*, a timedelta or
    text such as "30 days", is met with *on_expiry*: warn, fail, or record it anew. With *verify* the requests go out,
    in whatever mode, the program is given the live answers, and in what these differ from those recorded is an error at
    the end: "values" (or True), or "shape" for names and kinds of values alone; the file stays as it is. *speed* is how
    quickly answers are replayed: 0 at once, 1 as recorded, piece by piece, 2 twice as quick; a `Pace` has its own
    clock. It may be entered again while it is in use, also by another thread: each entry is a use of its own.

    Raises `ValueError` and `TypeError` for an option that makes no sense, `BadCassette` and `CassetteExpired` where the
    block begins, and where it ends what the program swallowed: `NoMatch`, `CassetteMissing`, `UnusedExchanges`;
    with *verify* `CassetteDrift`, and `CassetteMissing` where there is no file.
    """

    def __init__(  # noqa: PLR0913  each an option of its own
        self,
        path: str | os.PathLike[str],
        *,
        mode: str = RecordMode.ONCE,
        match_on: Iterable[str | MatchFunction] = DEFAULT,
        match_headers: str | Iterable[str] = (),
        ignore_json: str | Iterable[str] = (),
        ignore_query: str | Iterable[str] = (),
        ignore_form: str | Iterable[str] = (),
        ignore_headers: str | Iterable[str] = (),
        redact: Redaction | None = redaction.DEFAULT,
        allow_repeats: bool | str = False,
        ordered: bool = False,
        strict: bool = True,
        local: bool = False,
        body_limit: int = LARGE,
        ignore: str | Ignore | Iterable[str | Ignore] = (),
        max_age: timedelta | str | None = None,
        on_expiry: str = "warn",
        verify: bool | str = False,
        speed: float | Pace | None = 0,
    ) -> None:
        if callable(path):
            raise TypeError(
                "expected the path of a cassette, got a function: decorate it with @use_cassette('name.yaml')"
            )
        if redact is not None and not isinstance(redact, Redaction):
            raise TypeError(
                f"expected rules (cassettes.redaction.Redaction), or None, as redact, got {type(redact).__name__}"
            )
        if type(body_limit) is not int or body_limit < 0:
            raise ValueError(f"expected a whole number of octets as body_limit, got {body_limit!r}")
        self.path = Path(path)
        self._body_limit = body_limit
        self.mode = RecordMode.named(mode)
        self._redact = redact
        self._matching = Matching(
            matchers(match_on, leeway(ignore_json, ignore_query, ignore_form, ignore_headers), match_headers),
            _masked(redact) if redact is not None else _as_it_is,
            repeats=Repeats.named(allow_repeats),
            ordered=ordered,
            shown=_masked(redaction.DEFAULT if redact is None else redact),
        )
        if ordered and self._matching.repeats is Repeats.CYCLE:
            raise ValueError("expected ordered=True or allow_repeats='cycle', got both: what begins again has no order")
        self._strict = strict
        self._ignores = ignoring(ignore)
        self._expiry = expiry(max_age, on_expiry)
        self._pace = pace(speed)
        self._verify = Detail.named("values" if verify is True else verify) if verify else None
        self._local = local
        self._entered: dict[Cassette, _Session | Verification] = {}
        self._test: tuple[Run, str] | None = None
        interceptors.install_all()
        escapes.watch()

    def __enter__(self) -> Cassette:
        __tracebackhide__ = True
        session = self._session()
        self._entered[session.cassette] = session
        enter(session.cassette, local=self._local)
        return session.cassette

    def _session(self) -> _Session | Verification:
        __tracebackhide__ = True
        if self._verify is not None:
            return Verification(
                self.path, self._verify, self._matching, self._redact, strict=self._strict, ignores=self._ignores
            )
        with _without_collection():
            return _Session(
                self.path,
                self._mode_by_age(),
                self._matching,
                self._redact,
                strict=self._strict,
                test=self._test,
                ignores=self._ignores,
                body_limit=self._body_limit,
                pace=self._pace,
            )

    def _mode_by_age(self) -> RecordMode:
        """The mode, or what follows from the cassette's being too old."""
        if self._expiry is None or self.mode is RecordMode.ALL:
            return self.mode
        return self._expiry.mode(self.path, self.mode, Store(self.path).begun(), datetime.now(UTC))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.close(error).verify(raised=error)

    def close(self, error: BaseException | None = None, *, failed: bool = False) -> Cassette:
        """End the block, which *error* leaves or nothing; return the cassette, which is not verified yet.

        Where there is no *error* to show, *failed* says that it did not end well: then mode "all" keeps the old file.
        """
        mine = next((cassette for cassette in entered() if cassette in self._entered), None)
        # A fixture of an asynchronous test may be left in another context than it was entered in.
        session = self._entered.popitem()[1] if mine is None else self._entered.pop(mine)
        leave(session.cassette)
        session.end(error, failed=failed)
        if error is None:
            session.warn()
        return session.cassette

    async def __aenter__(self) -> Cassette:
        __tracebackhide__ = True
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Function) -> Function:
        """Decorate *function*: each call of it has the cassette."""
        return cast("Function", _decorated(self, function))

    def within(self, run: Run, test: str) -> use_cassette:
        """Return one more of the same for *test* of *run*, which records on what others of that run have begun."""
        other = self.again()
        other.__dict__["_test"] = run, test
        return other

    def again(self) -> use_cassette:
        """Return one more of the same, so that calls that run at the same time have a session each."""
        other = object.__new__(use_cassette)
        other.__dict__.update(self.__dict__, _entered={})
        return other


class _Session:
    """One use of a cassette, from the reading of its file to the last check."""

    def __init__(  # noqa: PLR0913  what it is told of, one by one
        self,
        path: Path,
        mode: RecordMode,
        matching: Matching,
        rules: Redaction | None,
        *,
        strict: bool,
        test: tuple[Run, str] | None,
        ignores: Ignore | None,
        body_limit: int = LARGE,
        pace: Pace | None = None,
    ) -> None:
        self._path = path
        self._test = test
        self._replacement: Replacement | None = None
        self._rules = rules
        self._body_limit = body_limit
        self._bodies = BodyFiles(path)
        if test is not None:
            test[0].check_name(path)
        old = Store(path)
        existed = old.exists
        self._store = old
        self._begins = False
        recorded: list[tuple[Exchange | Draft | FailedAttempt, int | None]] = []
        self._begin = 0
        self._waiting: deque[FailedAttempt] = deque()
        self._has_attempts = False
        if mode is RecordMode.ALL:
            old.check_that_it_is_ours()
            self._replacement = Replacement(path)
        elif mode is RecordMode.ONCE:
            self._begins = sharing.begin(path, exists=existed and not self._joins())
            existed = not self._begins
        if existed and mode is not RecordMode.ALL:
            recorded = _load(old, may_record=may_record(mode, existed=True))
            self._begin = path.stat().st_size
        if may_record(mode, existed=existed):
            self._bodies.remove_unfinished()
        # What others put there from now on may not have been referred to yet.
        self._old_bodies = self._bodies.names() if mode is RecordMode.ALL else frozenset()
        self.cassette = Cassette(
            str(path),
            mode=mode,
            recorded=recorded,
            existed=existed,
            matching=matching,
            keep=self._keep,
            amend=self._amend,
            keep_attempt=self._waiting.append,
            strict=strict,
            spools=Spools(self._spool, body_limit),
            ignores=ignores,
            pace=pace,
        )

    def _spool(
        self, request: wire.RequestHead | None, response: wire.ResponseHead | None, sent: wire.Body | None
    ) -> Spool:
        """Where a large body goes while it comes, without its secrets."""
        head = response or request
        masked = None if self._rules is None else redaction.masked_stream(request, response, self._rules, sent=sent)
        return self._bodies.spool(wire.Fields() if head is None else head.fields, masked)

    def _keep(self, exchange: Exchange) -> Exchange:
        """Put *exchange* on disk, without its secrets."""
        self._keep_waiting()
        kept = self._bodies.kept(self._redacted(exchange), self._body_limit)
        (self._replacement or self._store).append(kept)
        return kept

    def _amend(self, exchange: Exchange) -> Exchange:
        """Put on disk what came after *exchange*, without its secrets."""
        kept = self._bodies.kept(self._redacted(exchange), self._body_limit)
        store = self._store if self._replacement is None else self._replacement.store
        store.append_afterword(Afterword(connection=kept.connection, received=kept.received, end=kept.end))
        return kept

    def _keep_waiting(self) -> None:
        """Put on disk what could not be connected to.

        That waits until more is recorded or the program has ended well: else who forgot to start a server would have
        that replayed from then on.
        """
        while self._waiting:
            (self._replacement or self._store).append_attempt(self._waiting[0])
            self._waiting.popleft()
            self._has_attempts = True

    def _redacted(self, exchange: Exchange) -> Exchange:
        return exchange if self._rules is None else redaction.redact(exchange, self._rules)

    def end(self, error: BaseException | None, *, failed: bool) -> None:
        """End: what is under way is kept, and a new file takes the old one's place."""
        self.cassette.end()
        if failed or not (error is None or _is_success(error)):
            self._waiting.clear()
        try:
            self._keep_waiting()
        except CassetteError as problem:
            self.cassette.remember(problem)
        self._store.close()
        if self._begins:
            sharing.leave(self._path)
        if self._replacement is not None:
            try:
                self._end_replacement(self._replacement, error, failed=failed)
            finally:
                self._replacement.store.close()
                self._replacement.release()
        elif self._test is not None and self._has_recorded:
            run, test = self._test
            run.note(self._path, test)

    @property
    def _has_recorded(self) -> bool:
        return bool(self.cassette.recorded) or self._has_attempts

    def _joins(self) -> bool:
        """Whether the file was begun by other tests of the same run."""
        return self._test is not None and self._test[0].joins(self._path, self._test[1])

    def _end_replacement(self, replacement: Replacement, error: BaseException | None, *, failed: bool) -> None:
        if self._has_recorded:
            failure = None if _is_success(error) else error
            failure = failure or next(iter(self.cassette.errors), None)
            if failure is None and not failed:
                if replacement.put_in_place(self.cassette.recorded, self.cassette.recorded_attempts, self._joins):
                    self._bodies.remove_unused(self._old_bodies, self._path)
                if self._test is not None:
                    self._test[0].note(self._path, self._test[1])
                return
            kept = f"{self._path} is as it was" if self._path.exists() else f"{self._path} was not made"
            there = "is" if replacement.store.exists else "was, before somebody removed it,"
            text = f"{kept}, since this did not end well; what was recorded {there} in {replacement.store.path}."
            if failure is None:
                _log.warning("%s", text)  # which is shown beside the test's failure
            else:
                failure.add_note(text)

    def warn(self) -> None:
        """Warn of what looks like a secret in what was recorded."""
        if self._rules is not None and self.cassette.recorded:
            store = self._store if self._replacement is None else self._replacement.store
            path = store.path if store.path.exists() else self._path
            if path.exists():
                scan.warn(path, self._begin, self._rules)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Make what stays, thousands of objects of a large cassette, without a look for garbage among them each time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_success(error: BaseException | None) -> bool:
    """Whether *error* only ends the program, which has done what it was to do."""
    return isinstance(error, SystemExit) and error.code in {None, 0}


def _load(store: Store, *, may_record: bool) -> list[tuple[Exchange | Draft | FailedAttempt, int | None]]:
    """What *store* has; a torn tail is set aside where recording goes on, else it is an error."""
    if may_record and (told := store.recover()):
        warnings.warn(told, RecoveryWarning, stacklevel=level_of_caller())
        if not store.exists:  # all of it was the tail
            return []
    return store.drafts()


def _masked(rules: Redaction) -> Callable[[Request], Request]:
    """Return what puts stand-ins in the place of secrets, by *rules*."""
    return lambda request: redaction.for_matching(request, rules)


def _as_it_is(request: Request) -> Request:
    return request


def _decorated(use: use_cassette, function: Callable[..., Any]) -> Callable[..., Any]:
    """*function* with a session of its own for each call."""
    if isinstance(function, type) or inspect.isasyncgenfunction(function):
        raise TypeError(f"use_cassette decorates functions, generators and coroutine functions, not {function!r}")
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  the function's own
            __tracebackhide__ = True
            async with use.again():
                return await function(*args, **kwargs)

        return call_async
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generate(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  the function's own
            __tracebackhide__ = True
            with use.again():
                return (yield from function(*args, **kwargs))

        return generate

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  the function's own
        __tracebackhide__ = True
        with use.again():
            return function(*args, **kwargs)

    return call
