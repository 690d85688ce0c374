"""Large bodies on disk: a folder beside the cassette, with a file for each content.

Law: content is written while it comes, under a name of its own that nobody refers to; once it is complete it gets the
name of its digest, and only then may a cassette refer to it. So a process that is killed leaves no harm: at most a file
that nobody refers to, and the next who records removes it. What is written is never changed afterwards; equal contents
are one file.

The folder is the cassette's: ``<name of the cassette>.bodies``. A file is referred to by its path from where the
cassette is, so that both can be moved together; and renamed, since it is looked for in the cassette's own folder too.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .coded_masking import MaskedCodedStream
from .errors import BadCassette, CassetteError
from .large_body import PIECE, LargeBody, as_large, digest
from .plain_data import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httplib_sim import wire

    from .exchange import Exchange
    from .large_masking import Stream

_PART: Final = ".part"
_NAME: Final = re.compile(r"[0-9a-f]{16}\.[a-z0-9]{1,8}")
_DIGITS: Final = 16
_SUFFIXES: Final = (
    (re.compile(r"application/(?:[\w.-]+\+)?json|text/json"), "json"),
    (re.compile(r"application/(?:[\w.-]+\+)?xml|text/xml"), "xml"),
    (re.compile(r"text/(html|css|csv)"), r"\1"),
    (re.compile(r"text/|application/(?:x-ndjson|jsonl)"), "txt"),
    (re.compile(r"(?:image|audio|video)/([a-z0-9]{2,5})$"), r"\1"),
    (re.compile(r"application/(zip|pdf|gzip)"), r"\1"),
)
_CODED: Final = {"gzip": "gz", "x-gzip": "gz", "br": "br", "zstd": "zst", "deflate": "deflate"}


class BodyFile:
    """Content in the file at *path*, as the cassette at *where* (with its line) says: so long, with this digest.

    Without a digest the file may be any; it is worked out if somebody asks for it. ``name`` is its path from where the
    cassette is.
    """

    def __init__(
        self, path: Path, size: int, sha256: str = "", where: tuple[str, int] = ("", 0), name: str = ""
    ) -> None:
        self.path = path
        self.name = name or f"{path.parent.name}/{path.name}"
        self.size = size
        self._sha256 = sha256
        self._where = where

    @property
    def sha256(self) -> str:
        """The digest, in hexadecimal digits. Raises `BadCassette` as `pieces` does."""
        if not self._sha256:
            self._sha256 = digest(self.pieces())
        return self._sha256

    def pieces(self) -> Iterator[bytes]:
        """Give the content, piece by piece.

        Raises `BadCassette`, before the last piece, if the file is not there any more or holds something else.
        """
        found, count, held = hashlib.sha256(), 0, b""
        try:
            with self.path.open("rb", buffering=0) as file:
                while piece := file.read(PIECE):
                    if held:
                        yield held
                    count += len(piece)
                    found.update(piece)
                    held = piece
        except OSError as problem:
            raise self._bad(f"the file {self.path}: {problem.strerror or problem}") from problem
        if count != self.size:
            raise self._bad(f"{self.size} octets in {self.path}, got {count}")
        if self._sha256 and found.hexdigest() != self._sha256:
            raise self._bad(f"{self.path} as it was recorded, got other content. {AFTER_AN_EDIT}")
        if held:
            yield held

    def _bad(self, expected: str) -> BadCassette:
        return BadCassette(f"expected {expected}", *self._where)


AFTER_AN_EDIT: Final = "Where a person has changed it: delete the lines 'size' and 'sha256' beside 'file'"


def locate(cassette: str, line: int, name: str, size: int | None, sha256: str) -> BodyFile:
    """Return the content in the file *name*, of which *cassette* tells on *line*; see `BodyFile`.

    Raises `DocumentError` where there is no such file, or one of another *size*.
    """
    path = _beside(Path(cassette), name)
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise DocumentError(f"expected a file in a folder beside the cassette, got {name!r}")
    try:
        found = path.stat()
    except OSError as problem:
        why = problem.strerror or str(problem)
        text = f"expected the content of a body in {path}, which belongs to the cassette: {why}"
        folder = BodyFiles(Path(cassette)).folder.name
        advice = (
            f"Fetch it from where the cassette is from (a folder {folder!r} beside it does as well), or record anew"
        )
        raise DocumentError(f"{text}. {advice}") from None
    if not stat.S_ISREG(found.st_mode):
        raise DocumentError(f"expected the content of a body in {path}, but that is no file")
    if size is not None and found.st_size != size:
        raise DocumentError(f"expected {size} octets in {path}, got {found.st_size}. {AFTER_AN_EDIT}")
    return BodyFile(path, found.st_size, sha256, (cassette, line), name)


def _beside(cassette: Path, name: str) -> Path:
    """Where the file *name* is; both may have been renamed, after a test was."""
    path = cassette.parent.absolute() / name
    renamed = BodyFiles(cassette).folder / path.name
    return renamed if renamed.exists() and not path.exists() else path


class BodyFiles:
    """The folder of the cassette at *path*. It is made when the first body needs it."""

    def __init__(self, path: Path) -> None:
        self.folder = path.absolute().with_name(path.name + ".bodies")

    def spool(self, fields: wire.Fields, masked: Stream | None = None) -> BodySpool:
        """Return a place for the content of a message with these *fields*, which *masked* takes the secrets out of."""
        return BodySpool(self.folder, suffix(fields), masked)

    def kept(self, exchange: Exchange, large: int) -> Exchange:
        """Return *exchange* with content of more than *large* octets in files of the folder, under their last names.

        Raises `CassetteError` if that cannot be.
        """
        message = exchange.request.message
        if isinstance(message.body, LargeBody) or len(message.body.content) > large:
            message = replace(message, body=self._kept(as_large(message.body), message.head.fields))
            exchange = replace(exchange, request=replace(exchange.request, message=message))
        response = exchange.response
        if response is None:
            return exchange
        answer = response.message
        if isinstance(answer.body, LargeBody) or len(answer.body.content) > large:
            answer = replace(answer, body=self._kept(as_large(answer.body), answer.head.fields))
            exchange = replace(exchange, response=replace(response, message=answer))
        return exchange

    def _kept(self, body: LargeBody, fields: wire.Fields) -> LargeBody:
        source = body.source
        if isinstance(source, BodyFile) and source.path.parent == self.folder:
            return body
        spool = source if isinstance(source, BodySpool) else BodySpool(self.folder, suffix(fields))
        if spool is not source:
            for piece in source.pieces():
                spool.write(piece)
        return body.with_source(spool.keep())

    def remove_unfinished(self) -> None:
        """Remove what was being written by processes that are gone."""
        for path in self._files():
            if path.name.endswith(_PART) and _is_abandoned(path):
                with contextlib.suppress(OSError):
                    path.unlink()

    def names(self) -> frozenset[str]:
        """Return the names of the bodies that are there."""
        return frozenset(path.name for path in self._files())

    def remove_unused(self, names: frozenset[str], cassette: Path) -> None:
        """Remove those of the bodies with *names* to which *cassette* does not refer; and the folder, if it is empty.

        What cannot be removed stays: it is in nobody's way.
        """
        files = [path for path in self._files() if path.name in names]
        try:
            referred = cassette.read_bytes() if files else b""
        except OSError:
            return
        for path in files:
            if _NAME.fullmatch(path.name) and path.name.encode() not in referred:
                with contextlib.suppress(OSError):
                    path.unlink()
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _files(self) -> list[Path]:
        try:
            return list(self.folder.iterdir())
        except OSError:
            return []


class BodySpool:
    """Content that is being written into *folder*; as long as it is, the file is locked. What fails is told later.

    Only what *masked* makes of the content is ever written; it stays known, for what it has found. ``received`` is how
    many octets came.
    """

    def __init__(self, folder: Path, suffix: str, masked: Stream | None = None) -> None:
        self._folder = folder
        self._suffix = suffix
        self.masked = masked
        self._descriptor = -1
        self._failure: OSError | None = None
        self._kept: BodyFile | None = None
        self._finished = False
        self._begin()
        self.received = 0

    def write(self, data: bytes) -> None:
        """Take the next piece. Nothing is raised here: the exchange has nothing to do with a full disk."""
        self.received += len(data)
        self._write(data if self.masked is None else self._masked(data))

    def finish(self) -> BodySpool:
        """Return the content, which is this."""
        if self.masked is not None and not self._finished:
            self._write(self._masked(None))
        self._finished = True
        return self

    @property
    def sha256(self) -> str:
        """The digest of what was written, in hexadecimal digits."""
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """Give what was written. Raises `CassetteError`."""
        yield from self.keep().pieces()

    def keep(self) -> BodyFile:
        """Give the file its last name, and return it. Raises `CassetteError` if something could not be written."""
        if self._kept is not None:
            return self._kept
        self.finish()
        path = self._folder / f"{self.sha256[:_DIGITS]}.{self._suffix}"
        try:
            if self._failure is not None:
                raise self._failure
            if self._descriptor < 0:
                self._open()
            self._part.replace(path)
        except OSError as problem:
            why = problem.strerror or str(problem)
            self.discard()
            raise CassetteError(f"could not write a body of {self.size} octets to {path}: {why}") from problem
        self._close()
        self._kept = BodyFile(path, self.size, self.sha256)
        return self._kept

    def discard(self) -> None:
        """Remove the file, unless it was kept."""
        if self._descriptor >= 0:
            self._close()
            with contextlib.suppress(OSError):
                self._part.unlink()

    def __del__(self) -> None:
        self.discard()

    def _masked(self, data: bytes | None) -> bytes:
        masked = self.masked
        if masked is None:
            return data or b""
        octets = masked(data)
        if not isinstance(masked, MaskedCodedStream) or masked.anew is None:
            return octets
        self._begin_anew(masked.anew, masked.held)
        return masked.anew(None) if data is None else b""

    def _begin_anew(self, masked: MaskedCodedStream, held: list[bytes]) -> None:
        """Write all that was written, and what is *held*, once more, as *masked* makes of it."""
        written, part = self._descriptor, self._part
        self._descriptor, self.masked = -1, masked
        self._begin()
        try:
            if written >= 0:
                os.lseek(written, 0, os.SEEK_SET)
                while self._failure is None and (piece := os.read(written, PIECE)):
                    self._write(masked(piece))
            for piece in held:
                self._write(masked(piece))
        except OSError as problem:
            self._failure = problem
        finally:
            if written >= 0:
                os.close(written)
                with contextlib.suppress(OSError):
                    part.unlink()

    def _begin(self) -> None:
        self._part = self._folder / f"{os.getpid()}-{os.urandom(6).hex()}{_PART}"
        self._digest = hashlib.sha256()
        self.size = 0

    def _write(self, data: bytes) -> None:
        if not data:
            return
        self._digest.update(data)
        self.size += len(data)
        if self._failure is not None:
            return
        try:
            if self._descriptor < 0:
                self._open()
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as problem:
            self._failure = problem

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        while True:
            self._descriptor = os.open(self._part, flags, 0o644)
            if _lock(self._descriptor) and os.fstat(self._descriptor).st_nlink:
                return
            self._close()  # somebody has just taken it for abandoned

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def suffix(fields: wire.Fields) -> str:
    """Return what the name of a file with such content ends in, for people and their tools."""
    coding = fields.get("content-encoding", "").strip().lower()
    if coding in _CODED:
        return _CODED[coding]
    media_type = fields.get("content-type", "").partition(";")[0].strip().lower()
    for pattern, name in _SUFFIXES:
        if match := pattern.match(media_type):
            return match.expand(name)
    return "bin"


def _lock(descriptor: int) -> bool:
    """Lock a file as one that is being written, without waiting; tell whether that was done."""
    try:
        import fcntl  # noqa: PLC0415  not everywhere
    except ImportError:
        return True  # there a file that is open cannot be removed
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_abandoned(path: Path) -> bool:
    """Whether nobody is writing the file at *path*."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)
