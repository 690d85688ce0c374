"""Several uses that record one file: those of one process, of several in mode `all`, the tests of one run.

Law: who records what others record too loses nothing of theirs, and they nothing of his. What was begun by a use that
goes on, or by another test of the same run, is recorded on; a new file that is to take an old one's place is its use's
own until then, and is added to what another has put there meanwhile. Files and locks alone: no exchange is looked at.
"""

from __future__ import annotations

import contextlib
import glob
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from .errors import CassetteError
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from .attempts import FailedAttempt
    from .exchange import Exchange

_beginning: Counter[Path] = Counter()
"""The files that uses of this process have begun, with how many of these uses go on."""
_changing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Run:
    """A run of tests, which *began* at a time (seconds since 1970): its tests record a shared file together."""

    began: float
    recorded: set[tuple[Path, str]] = field(default_factory=set)
    _names: dict[str, Path] = field(default_factory=dict)

    def check_name(self, path: Path) -> None:
        """Raise `CassetteError` if another cassette of this run differs from *path* in upper and lower case only.

        On some file systems they would be one file, and a test would be answered from another's.
        """
        path = path.absolute()
        other = self._names.setdefault(str(path).casefold(), path)
        if other != path:
            raise CassetteError(
                f"expected cassettes whose names differ in more than upper and lower case, got {path} and {other}: "
                "on macOS and Windows they are one file. Rename one of the tests, or name its file with the marker"
            )

    def joins(self, path: Path, test: str) -> bool:
        """Tell whether *test* records on into the file at *path*, since others of this run have begun it.

        What it has recorded itself it replays: it is run again.
        """
        if (path.absolute(), test) in self.recorded:
            return False
        begun = Store(path).begun()
        return begun is not None and begun.timestamp() >= self.began

    def note(self, path: Path, test: str) -> None:
        """Note that *test* has recorded into the file at *path*."""
        self.recorded.add((path.absolute(), test))


class RunningTest(NamedTuple):
    """A test of a *run*, by its *name*; it *owns_file*, unless that is a cassette which several tests may name."""

    run: Run
    name: str
    owns_file: bool

    def joins(self, path: Path) -> bool:
        """Tell whether the test records on into the file at *path*, since others of its run have begun it."""
        return self.run.joins(path, self.name)

    def note(self, path: Path) -> None:
        """Note that the test has recorded into the file at *path*."""
        self.run.note(path, self.name)


def begin(path: Path, *, exists: bool) -> bool:
    """Tell whether the use that enters now begins the file at *path*, or one that goes on has begun it.

    It is to be told when that use ends: `leave`.
    """
    key = path.absolute()
    with _changing:
        begins = not exists or _beginning[key] > 0
        if begins:
            _beginning[key] += 1
        return begins


def leave(path: Path) -> None:
    """Note that a use which has begun the file at *path* ends."""
    key = path.absolute()
    with _changing:
        _beginning[key] -= 1
        if not _beginning[key]:
            del _beginning[key]


class Replacement:
    """A new file beside the cassette at *path*, of one use alone, that is to take its place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = _identity(path)
        self._claim: int | None = None
        self._claimed: Path | None = None
        self.store = Store(path.with_name(f"{path.name}.new"))

    @classmethod
    def left_by_failure(cls, path: Path) -> Replacement | None:
        """Return what a failure has left beside the cassette at *path*; None if it has left nothing."""
        return cls(path) if path.with_name(f"{path.name}.new").exists() else None

    def take(self, store: Store) -> None:
        """Have the file of *store* as the new one: it is set aside. Raises `CassetteError`; then it stays."""
        self._make_ours()
        store.move_aside(self.store.path)

    def discard(self) -> None:
        """Remove what others than those who record now have left. Raises `CassetteError`."""
        self._make_ours()

    def append(self, exchange: Exchange) -> None:
        """Add *exchange*. Raises `CassetteError` where that cannot be written."""
        if self._claim is None:
            self._make_ours()
        self.store.append(exchange)

    def append_attempt(self, attempt: FailedAttempt) -> None:
        """Add a failed *attempt* to connect. Raises as `append` does."""
        if self._claim is None:
            self._make_ours()
        self.store.append_attempt(attempt)

    def _make_ours(self) -> None:
        """Take the first name that no other use has."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for number in count(1):
                name = f"{self._path.name}.new" if number == 1 else f"{self._path.name}.{number}.new"
                self._claimed = self._path.with_name(f"{name}.lock")
                self._claim = _claimed(self._claimed)
                if self._claim is not None:
                    self.store = Store(self._path.with_name(name))
                    break
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise CassetteError(f"could not write beside the cassette {self._path}: {why}") from problem
        try:
            self.store.discard()  # of a run that did not come to its end
        except CassetteError:
            self.release()
            raise

    def put_in_place(
        self, exchanges: Sequence[Exchange], attempts: Sequence[FailedAttempt], joins: Callable[[], bool]
    ) -> bool:
        """Let it take the place of the cassette, whose *exchanges* and *attempts* it has.

        They are added to the cassette instead where another use has put that there meanwhile, or another test of the
        run: if it *joins*. Return whether nothing that was there is needed any more. Raises `CassetteError`; then
        nothing is lost.
        """
        with _alone_in(self._path.parent):
            others = _identity(self._path) != self._before or joins()
            if not (others and self._path.is_file()):
                self.store.put_in_place_of(self._path)
                return not any(self._path.parent.glob(f"{glob.escape(self._path.name)}*.new"))
            together = Store(self._path)
            for exchange in exchanges:
                together.append(exchange)
            for attempt in attempts:
                together.append_attempt(attempt)
            self.store.discard()
            return False

    def release(self) -> None:
        """Let others have the name."""
        if self._claim is not None and self._claimed is not None:
            with contextlib.suppress(OSError):  # a folder that has vanished takes the claim with it
                self._claimed.unlink(missing_ok=True)
            os.close(self._claim)
            self._claim = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _claimed(path: Path) -> int | None:
    """Open and lock the file at *path*; None if another has it. A lock ends with its process, however that ends."""
    try:
        import fcntl  # noqa: PLC0415  not everywhere
    except ImportError:
        with contextlib.suppress(FileExistsError):
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_TEMPORARY", 0), 0o644)
        return None
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        found = os.fstat(descriptor)
        if _identity(path) == (found.st_dev, found.st_ino):
            return descriptor
        os.close(descriptor)  # who had it has just removed it


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other use puts a file in place in *folder*."""
    try:
        import fcntl  # noqa: PLC0415  not everywhere
    except ImportError:
        with _changing:
            yield
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as problem:
        raise CassetteError(f"could not open the folder {folder}: {problem.strerror or problem}") from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
