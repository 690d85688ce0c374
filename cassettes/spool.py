"""Where the content of a large body goes while it comes, and the temporary one.

Law: written piece by piece, then read as a `Content`; nothing is kept in memory. A temporary spool has no name on disk,
so that it is gone with the process, however that ends.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from .errors import CassetteError
from .large_body import LARGE, PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httplib_sim import wire

    from .large_body import Content


class Spool(Protocol):
    """Takes the content of one body."""

    def write(self, data: bytes) -> None:
        """Take the next piece; what goes wrong is told when the content is read, or kept."""

    def finish(self) -> Content:
        """Return what was written: nothing more will be."""


@dataclass(frozen=True, slots=True)
class Spools:
    """Where bodies of more than *large* octets of content go.

    *make* is given the head of the request, and for the body of a response that of the response as well, and the body
    of the request as far as it is known.
    """

    make: Callable[[wire.RequestHead | None, wire.ResponseHead | None, wire.Body | None], Spool]
    large: int = LARGE


class TemporarySpool:
    """A spool in a nameless temporary file."""

    def __init__(self) -> None:
        import tempfile  # noqa: PLC0415  it takes time to load, and few need it

        self._file = tempfile.TemporaryFile()  # noqa: SIM115  it is open as long as somebody may read it
        self._lock = threading.Lock()
        self._digest = hashlib.sha256()
        self.size = 0

    def __del__(self) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        """Take the next piece. Raises `CassetteError` where there is no room for it."""
        try:
            with self._lock:
                if self._file.tell() != self.size:  # somebody has read meanwhile
                    self._file.seek(self.size)
                self._file.write(data)
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise CassetteError(f"could not write a large body to a temporary file: {why}") from problem
        self._digest.update(data)
        self.size += len(data)

    def finish(self) -> TemporarySpool:
        """Return the content, which is this."""
        self._file.flush()
        return self

    @property
    def sha256(self) -> str:
        """The digest of what was written, in hexadecimal digits."""
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """Give what was written, piece by piece."""
        position = 0
        while position < self.size:
            with self._lock:  # several may read
                self._file.seek(position)
                piece = self._file.read(PIECE)
            position += len(piece)
            yield piece


TEMPORARY: Final = Spools(lambda _request, _response, _body: TemporarySpool())
"""For bodies that are looked at, and not kept."""
