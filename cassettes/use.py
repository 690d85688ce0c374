"""`use_cassette`: record and replay the HTTP exchanges of a block, a function or a test.

Law: what a program says, and when: its options become what a `Session` needs, and the session's cassette is the current
one from the beginning of a block to its end.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from . import escapes, interceptors, redaction
from .current import enter, entered, leave
from .drift import Detail
from .expiry import expiry
from .ignoring import ignoring
from .index import Matching, Repeats
from .large_body import LARGE
from .leeway import leeway
from .matchers import DEFAULT, MatchFunction, matchers
from .record_mode import RecordMode
from .redaction import Redaction
from .session import Session
from .store import Store
from .timing import pace
from .verification import Verification

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from datetime import timedelta
    from types import TracebackType

    from .cassette import Cassette
    from .exchange import Request
    from .ignoring import Ignore
    from .sharing import RunningTest
    from .timing import Pace

Function = TypeVar("Function", bound="Callable[..., Any]")


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
        self._entered: dict[Cassette, Session | Verification] = {}
        self._test: RunningTest | None = None
        interceptors.install_all()
        escapes.watch()

    def __enter__(self) -> Cassette:
        __tracebackhide__ = True
        session = self._session()
        self._entered[session.cassette] = session
        enter(session.cassette, local=self._local)
        return session.cassette

    def _session(self) -> Session | Verification:
        __tracebackhide__ = True
        if self._verify is not None:
            return Verification(
                self.path, self._verify, self._matching, self._redact, strict=self._strict, ignores=self._ignores
            )
        with _without_collection():
            return Session(
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

        Where there is no *error* to show, *failed* says that it did not end well: then mode "all" keeps the old file,
        and a file that mode "once" has begun for a test alone is set aside.
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

    def within(self, test: RunningTest) -> use_cassette:
        """Return one more of the same for *test*, which records on what others of its run have begun."""
        other = self.again()
        other.__dict__["_test"] = test
        return other

    def again(self) -> use_cassette:
        """Return one more of the same, so that calls that run at the same time have a session each."""
        other = object.__new__(use_cassette)
        other.__dict__.update(self.__dict__, _entered={})
        return other


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
