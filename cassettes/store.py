"""Cassettes on disk: read, and appended to.

Law: a file and its lock; what stands in it is `yaml_format`'s. An exchange is appended in one write, under a lock, and
is in the file when `Store.append` returns: killing the process at any moment loses none that is complete. What is there
already is never written over, and what was torn is never thrown away. Errors of the file system are one `CassetteError`
that names the file, what was to be done, and why not.

The file stays open between appends, and unlocked: each append looks whether it still is the one of that name.

It is not `fsync` that keeps an exchange when a process dies, but the write itself; so each append costs a write, and
only a machine that loses its power may lose the last ones.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import weakref
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .attempts import FailedAttempt
from .borders import MARK, begun, borders, check_that_it_is_ours, counted, is_ours, torn_from
from .drafts import Draft, Lines
from .errors import BadCassette, CassetteError
from .exchange import Afterword
from .yaml_format import HEADER, check_header, read, write_afterword, write_attempt, write_exchange

try:
    from fcntl import LOCK_EX, LOCK_SH, LOCK_UN, flock

    _has_locks = True
except ImportError:  # where there are none, a file that is open could not take another's place, either
    _has_locks = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from .exchange import Exchange

LARGE: Final = 262_144
"""Octets: of a larger file exchanges are read when they are asked for; of a smaller one at once, with its mistakes."""
_BEGINNING: Final = 4096
_APPENDING: Final = os.O_RDWR | os.O_APPEND
_log = logging.getLogger("cassettes")

opened: Final[set[Path]] = set()
"""The files that stores of this process have read or written to, for who wants to know which nobody has."""


class _Document(NamedTuple):
    """A document of the file, and the line (from 1) on which it begins."""

    octets: bytes
    line: int


def load(path: str | os.PathLike[str]) -> list[Exchange]:
    """Return the exchanges of the cassette at *path*. Raises `BadCassette`; `CassetteError` if it cannot be read."""
    return [exchange for exchange, _ in Store(path).load()]


def is_cassette(path: Path) -> bool:
    """Tell whether the file at *path* begins as a cassette does. Raises `OSError`."""
    with path.open("rb") as file:
        return is_ours(file.read(_BEGINNING))


class Store:
    """The file of one cassette. Threads and processes may append to one file at the same time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._descriptor = -1  # of the file that stays open, and which file that is
        self._identity = (0, 0)
        self.path = Path(path)
        self._size = 0  # of the file when this store last wrote to it, and how many exchanges it had then
        self._count = 0
        self._last_connection = 0  # in the file; and what connections of this store are called there
        self._connections: dict[int, int] = {}
        self._lock = threading.Lock()
        _stores.add(self)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the next append opens it again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    @property
    def exists(self) -> bool:
        """Whether there is a file with something in it. Raises `CassetteError` if there cannot be one."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        except NotADirectoryError:
            file = next(folder for folder in self.path.parents if folder.is_file())
            text = f"expected a folder at {file}, in which the cassette {self.path} is, but that is a file"
            raise CassetteError(f"{text}: move it, or take another path") from None
        except OSError as problem:
            raise self._failure("look for", problem) from problem
        if self.path.is_dir():
            raise CassetteError(f"expected a cassette at {self.path}, but that is a folder")
        return found.st_size > 0

    def begun(self) -> datetime | None:
        """Return when the first exchange of the cassette began; None where there is none that says so."""
        try:
            with self.path.open("rb") as file:
                return begun(file.read(1_048_576))
        except (OSError, ValueError):
            return None

    def items(self) -> list[Exchange | FailedAttempt]:
        """Return all exchanges and failed attempts to connect, in the order of the file. Raises as `load` does."""
        return [item.read() if isinstance(item, Draft) else item for item, _ in self.drafts()]

    def load(self) -> list[tuple[Exchange, int]]:
        """Return each exchange with the line on which it begins.

        Raises `BadCassette` for what is none, also where the last one was torn off while it was written.
        """
        found = [(item, line) for item, line in self.drafts() if not isinstance(item, FailedAttempt)]
        return [(item.read(), item.line) if isinstance(item, Draft) else (item, line or 1) for item, line in found]

    def drafts(self, large: int = LARGE) -> list[tuple[Exchange | Draft | FailedAttempt, int | None]]:
        """Return the same with the failed attempts to connect among them.

        But of a file of more than *large* octets, exchanges are read when they are asked for, and so are their lines:
        None. Raises `BadCassette` as
        `load` does; what is wrong with an exchange of a large file, `Draft.read` tells.
        """
        path = str(self.path)
        opened.add(self.path.absolute())
        with self._opened("read", os.O_RDONLY, alone=False) as descriptor:
            octets = _read_from(descriptor, 0)
        check_that_it_is_ours(octets, path)
        torn = torn_from(octets)
        if torn is not None:
            raise BadCassette(
                "expected '...' as the last line: what stands from here on was torn off while it was written. It is "
                "set aside when the cassette is next recorded to (mode 'new_episodes'); or delete it, or, if it is "
                "whole, end it with a line '...'",
                path,
                octets.count(b"\n", 0, torn) + 1,
            )
        is_large = len(octets) > large
        found: list[tuple[Exchange | Draft | FailedAttempt, int | None]] = []
        last: dict[int, int] = {}  # by connection, where in *found* its last exchange is
        if not octets or octets.isspace():
            raise BadCassette("expected a cassette, got an empty file", path)
        octets, [first, *starts] = borders(octets)
        lines = Lines(octets)
        header = _Document(octets[first : starts[0] if starts else len(octets)], lines.at(first))
        check_header(self._text(header), path, header.line)
        for start, end in pairwise((*starts, len(octets))):
            draft = Draft.of(lines, path, start, end) if is_large else None
            if draft is not None:
                last[draft.connection] = len(found)
                found.append((draft, None))
                continue
            document = _Document(octets[start:end], lines.at(start))
            read_one = read(self._text(document), path, document.line)
            if not isinstance(read_one, Afterword):
                if not isinstance(read_one, FailedAttempt):
                    last[read_one.connection] = len(found)
                found.append((read_one, document.line))
                continue
            if read_one.connection not in last:
                text = f"expected an exchange on connection {read_one.connection} before what came after it: got none"
                raise BadCassette(f"{text}. Where that was deleted, this is to be deleted as well", path, document.line)
            place = last[read_one.connection]
            exchange, line = found[place]
            if isinstance(exchange, Draft):
                exchange.afterwords += (read_one,)
            elif not isinstance(exchange, FailedAttempt):
                found[place] = (read_one.added_to(exchange), line)
        return found

    def check_that_it_is_ours(self) -> None:
        """Raise `BadCassette` if there is a file that is something else, which nobody wants to be replaced."""
        if self.exists:
            with self._opened("read", os.O_RDONLY, alone=False) as descriptor:
                check_that_it_is_ours(_read_from(descriptor, 0), str(self.path))

    def recover(self) -> str:
        """Set aside a torn tail, so that recording can go on; return what was done, or "" where nothing was torn.

        The octets are kept in ``<name>.torn`` beside the file.
        """
        with self._opened("read", os.O_RDONLY, alone=False) as descriptor:  # which may be all that is permitted
            octets = _read_from(descriptor, 0)
        check_that_it_is_ours(octets, str(self.path))
        if torn_from(octets) is None:
            return ""
        with self._opened("set aside what is torn of", _APPENDING) as descriptor:
            return self._set_aside(descriptor)

    def append(self, exchange: Exchange) -> None:
        """Add *exchange* to the file, which is made, with its folder, if it is not there; on disk when this returns.

        Its connection gets a number that no other of the file has, whoever else records into it. Raises `CassetteError`
        if it cannot be written; the file then is as it was.
        """
        self._append(lambda: write_exchange(self._count + 1, self._numbered(exchange)))
        self._count += 1

    def append_attempt(self, attempt: FailedAttempt) -> None:
        """Add a failed *attempt* to connect to the file. Raises as `append` does."""
        self._append(lambda: write_attempt(self._count + 1, attempt))
        self._count += 1

    def append_afterword(self, afterword: Afterword) -> None:
        """Add *afterword* to the file, behind an exchange of its connection. Raises as `append` does."""
        number = self._connections.get(afterword.connection, afterword.connection)
        self._append(lambda: write_afterword(replace(afterword, connection=number)))

    def _numbered(self, exchange: Exchange) -> Exchange:
        """*exchange* with the number that its connection has in the file."""
        number = self._connections.get(exchange.connection)
        if number is None:
            number = self._connections[exchange.connection] = self._last_connection = self._last_connection + 1
        return exchange if number == exchange.connection else replace(exchange, connection=number)

    def _append(self, write: Callable[[], str]) -> None:
        if not self._count:
            opened.add(self.path.absolute())
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                raise self._failure("write to", problem) from problem
        # Once it has exchanges of ours, a file that is not there any more is not made anew: it would lack them.
        flags = _APPENDING if self._count else _APPENDING | os.O_CREAT
        with self._lock:
            try:
                descriptor, found = self._locked(flags)
                try:
                    self._write(descriptor, found, write)
                finally:
                    if _has_locks:
                        flock(descriptor, LOCK_UN)
                    else:
                        self.close()
            except OSError as problem:
                self.close()
                raise self._failure("write to", problem) from problem

    def _write(self, descriptor: int, found: int, write: Callable[[], str]) -> None:
        """Write what *write* gives to the file, which is locked, and has *found* octets."""
        size = found if found == self._size else self._catch_up(descriptor, found)
        text = write()
        octets = (text if size else HEADER + text).encode("utf-8")
        try:
            _write_all(descriptor, octets)
        except OSError:
            os.ftruncate(descriptor, size)  # half an exchange is worse than none
            raise
        self._size = size + len(octets)

    def discard(self) -> None:
        """Remove the file, if it is there. Raises `CassetteError`."""
        self.close()
        try:
            self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise self._failure("remove", problem) from problem

    def move_aside(self, path: Path) -> None:
        """Let the file have the name *path*. Raises `CassetteError`; then it has the one that it had."""
        self.close()
        try:
            self.path.replace(path)
        except OSError as problem:
            raise self._failure("set aside", problem) from problem

    def put_in_place_of(self, path: Path) -> None:
        """Let this file take the place, and the name, of *path*. Raises `CassetteError`; then both are as they were."""
        self.close()
        try:
            self.path.replace(path)
            opened.add(path.absolute())
        except OSError as problem:
            why = problem.strerror or str(problem)
            text = f"could not put {self.path}, where all was recorded, in the place of the cassette {path}: {why}"
            raise CassetteError(f"{text}. Move it there by hand, or record anew") from problem

    def _catch_up(self, descriptor: int, size: int) -> int:
        """Learn what others wrote since the last time, so that it can be written on; return the file's size."""
        if size < self._size:
            self._size = self._count = self._last_connection = 0
        octets = _read_from(descriptor, self._size)
        if not octets.endswith(MARK):
            if told := self._set_aside(descriptor):
                _log.warning("%s", told)
            octets = octets[: os.fstat(descriptor).st_size - self._size]
            if octets and not octets.endswith(b"\n"):
                _write_all(descriptor, b"\n")
                octets += b"\n"
        count, connection = counted(octets)
        self._count += count
        self._last_connection = max(self._last_connection, connection)
        return self._size + len(octets)

    def _set_aside(self, descriptor: int) -> str:
        octets = _read_from(descriptor, 0)
        torn = torn_from(octets)
        if torn is None:
            return ""
        aside = self.path.with_name(self.path.name + ".torn")
        with aside.open("ab", buffering=0) as file:
            size = file.tell()
            try:
                _write_all(file.fileno(), octets[torn:])
            except OSError:
                file.truncate(size)  # or the next one who tries would leave it there twice
                raise
        os.ftruncate(descriptor, torn)
        line = octets.count(b"\n", 0, torn) + 1
        return f"{self.path}:{line}: the last exchange was torn off while it was written; it was moved to {aside}"

    def _locked(self, flags: int) -> tuple[int, int]:
        """Open the file, unless it is open and the one that has its name; lock it, and return its size as well."""
        while True:
            if self._descriptor < 0:
                self._descriptor = _open(self.path, flags)
                found = os.fstat(self._descriptor)
                self._identity = found.st_dev, found.st_ino
            _lock(self._descriptor, alone=True)
            found = os.stat(self.path)  # noqa: PTH116  in a third of the time
            if (found.st_dev, found.st_ino) == self._identity:
                return self._descriptor, found.st_size
            self.close()

    @contextlib.contextmanager
    def _opened(self, doing: str, flags: int, *, alone: bool = True) -> Iterator[int]:
        """The file, open and locked: against all others, or, not *alone*, against those that write."""
        try:
            with self._lock:
                descriptor = _open(self.path, flags)
                try:
                    _lock(descriptor, alone=alone)
                    yield descriptor
                finally:
                    os.close(descriptor)
        except OSError as problem:
            raise self._failure(doing, problem) from problem

    def _failure(self, doing: str, problem: OSError) -> CassetteError:
        why = problem.strerror or str(problem)
        if self._count and isinstance(problem, FileNotFoundError):
            why = "what this run has recorded so far was in it, and it is there no more"
        return CassetteError(f"could not {doing} the cassette {self.path}: {why}")

    def _text(self, document: _Document) -> str:
        try:
            return document.octets.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as problem:
            line = document.line + document.octets.count(b"\n", 0, problem.start)
            raise BadCassette("expected UTF-8, got octets that are not", str(self.path), line) from None


def _read_from(descriptor: int, start: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    pieces = []
    size = os.fstat(descriptor).st_size - start  # all of it in one piece, if the system gives it
    while piece := os.read(descriptor, max(size, 1_048_576)):
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _write_all(descriptor: int, octets: bytes) -> None:
    """Write *octets*: in one piece, unless the system takes less of them."""
    view = memoryview(octets)
    while view:
        view = view[os.write(descriptor, view) :]


def _lock(descriptor: int, *, alone: bool) -> None:
    """Wait until nobody else appends. Where there is no such lock, appending in one write must do."""
    if _has_locks:
        flock(descriptor, LOCK_EX if alone else LOCK_SH)


def _open(path: Path, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), 0o644)


_stores: Final[weakref.WeakSet[Store]] = weakref.WeakSet()


def _close_all() -> None:
    """Close what a process that was forked has open: a lock on it would be its parent's as well."""
    for store in list(_stores):
        store.close()
        store._lock = threading.Lock()  # noqa: SLF001  another thread may have had it, which is not here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_all)
