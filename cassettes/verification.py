"""Verification: one use of a cassette that asks the live servers, and compares their answers with those recorded.

Law: the file is read and never written. Each request goes out, and the program is given the live answer: what it asks
for next depends on that (an identifier that the server has just made, a token), and a recorded stand-in of a secret
would be refused. What differs is told at the end, as one error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import redaction
from .cassette import Cassette
from .drift import Detail, drift
from .errors import CassetteDrift, CassetteMissing
from .record_mode import RecordMode
from .spool import TEMPORARY
from .store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from .exchange import Exchange
    from .ignoring import Ignore
    from .index import Matching
    from .redaction import Redaction


class Verification:
    """One use of the cassette at *path*, for comparing; *strict* tells of recorded requests that are not sent, too.

    Raises `CassetteMissing` where there is nothing to compare with, and `BadCassette`.
    """

    def __init__(
        self,
        path: Path,
        detail: Detail,
        matching: Matching,
        rules: Redaction | None,
        *,
        strict: bool,
        ignores: Ignore | None = None,
    ) -> None:
        store = Store(path)
        if not store.exists:
            raise CassetteMissing(
                f"expected a cassette at {path.absolute()} to verify, but there is none: record it first"
            )
        self._path = str(path)
        self._recorded = store.load()
        self._detail = detail
        self._matching = matching
        self._rules = rules or redaction.DEFAULT
        self._strict = strict
        self.cassette = Cassette(
            self._path, mode=RecordMode.ALL, matching=matching, keep=self._masked, amend=self._masked, spools=TEMPORARY,
            ignores=ignores,
        )  # fmt: skip

    def _masked(self, exchange: Exchange) -> Exchange:
        return redaction.redact(exchange, self._rules)

    @property
    def recorded(self) -> list[tuple[Exchange, int]]:
        """The exchanges of the file, each with its line."""
        return self._recorded

    def drift(self) -> list[str]:
        """Return what differs so far, as `cassettes.drift.drift` does."""
        return drift(
            self._path,
            self._recorded,
            self.cassette.recorded,
            self._matching,
            detail=self._detail,
            rules=self._rules,
            strict=self._strict,
        )

    def end(self, error: BaseException | None, *, failed: bool) -> None:
        """End; what differs becomes an error of the cassette. What a failed program did not send is no news."""
        self.cassette.end()
        self._strict = self._strict and error is None and not failed
        if lines := self.drift():
            self.cassette.remember(CassetteDrift(lines))

    def warn(self) -> None:
        """Warn of nothing: nothing was written."""
