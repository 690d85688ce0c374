"""A session: one use of a cassette, from the reading of its file to the last check.

Law: the only place that puts the parts together: a file's exchanges into a `Cassette`, what the recorder hands on
through redaction into the file, and a new file into the old one's place at the end.
"""

from __future__ import annotations

import logging
import warnings
from collections import deque
from typing import TYPE_CHECKING

from httplib_sim import wire

from . import redaction, scan, sharing
from .body_files import BodyFiles
from .callers import level_of_caller
from .cassette import Cassette
from .errors import CassetteError, RecoveryWarning
from .exchange import Afterword
from .large_body import LARGE
from .record_mode import RecordMode, may_record
from .sharing import Replacement
from .spool import Spools
from .store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from .attempts import FailedAttempt
    from .drafts import Draft
    from .exchange import Exchange
    from .ignoring import Ignore
    from .index import Matching
    from .redaction import Redaction
    from .sharing import RunningTest
    from .spool import Spool
    from .timing import Pace

_log = logging.getLogger("cassettes")


class Session:
    """One use of a cassette, from the reading of its file to the last check."""

    def __init__(  # noqa: PLR0913  what it is told of, one by one
        self,
        path: Path,
        mode: RecordMode,
        matching: Matching,
        rules: Redaction | None,
        *,
        strict: bool,
        test: RunningTest | None,
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
            test.run.check_name(path)
        old = Store(path)
        existed = old.exists
        self._store = old
        self._begins = self._is_alone = False
        recorded: list[tuple[Exchange | Draft | FailedAttempt, int | None]] = []
        self._begin = 0
        self._waiting: deque[FailedAttempt] = deque()
        self._has_attempts = False
        if mode is RecordMode.ALL:
            old.check_that_it_is_ours()
            self._replacement = Replacement(path)
        elif mode is RecordMode.ONCE:
            self._begins = sharing.begin(path, exists=existed and not self._joins())
            self._is_alone = self._begins and not existed and test is not None and test.owns_file
            existed = not self._begins
        if existed and mode is not RecordMode.ALL:
            recorded = _load(old, may_record=may_record(mode, existed=True))
            self._begin = path.stat().st_size
        if may_record(mode, existed=existed):
            self._bodies.remove_unfinished()
        # What others put there from now on may not have been referred to yet.
        makes_anew = mode is RecordMode.ALL or self._is_alone
        self._old_bodies = self._bodies.names() if makes_anew else frozenset()
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
        elif self._has_recorded:
            if self._is_alone and failed:
                self._set_aside()
                return
            if self._is_alone:
                self._clear_aside()
            if self._test is not None:
                self._test.note(self._path)

    @property
    def _has_recorded(self) -> bool:
        return bool(self.cassette.recorded) or self._has_attempts

    def _joins(self) -> bool:
        """Whether the file was begun by other tests of the same run."""
        return self._test is not None and self._test.joins(self._path)

    def _set_aside(self) -> None:
        """Have the next run of a test that failed begin anew: what it has recorded may be half of it, or wrong."""
        aside = Replacement(self._path)
        try:
            aside.take(self._store)
        finally:
            aside.release()
        _log.warning(
            "%s was not made, since this did not end well; what was recorded is in %s. To have it replayed, rename it.",
            self._path,
            aside.store.path,
        )

    def _clear_aside(self) -> None:
        """Remove what an earlier run has set aside."""
        if (aside := Replacement.left_by_failure(self._path)) is not None:
            try:
                aside.discard()
            finally:
                aside.release()
            self._bodies.remove_unused(self._old_bodies, self._path)

    def _end_replacement(self, replacement: Replacement, error: BaseException | None, *, failed: bool) -> None:
        if self._has_recorded:
            failure = None if _is_success(error) else error
            failure = failure or next(iter(self.cassette.errors), None)
            if failure is None and not failed:
                if replacement.put_in_place(self.cassette.recorded, self.cassette.recorded_attempts, self._joins):
                    self._bodies.remove_unused(self._old_bodies, self._path)
                if self._test is not None:
                    self._test.note(self._path)
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
