"""Having sessions: which part of a server a request is for, and who may open one.

Law: between what answers and what listens. A request is the server's own, or that of one session, before anything else
is known of it.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from .answering import Answering
from .errors import WrongState

if TYPE_CHECKING:
    from .expectations import Expectations
    from .journal import Entry, Journal
    from .server import FakeServer
    from .sessions import Session, Sessions
    from .sharing import Doorkeeper


class Hosting(Answering, abc.ABC):
    """What answers, and beside it the sessions that do."""

    def __init__(self, journal: Journal, expectations: Expectations) -> None:
        super().__init__(journal, expectations)
        self._sessions: Sessions | None = None
        self._doorkeeper: Doorkeeper | None = None

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """Where it is."""

    @abc.abstractmethod
    def is_own(self, entry: Entry) -> bool:
        """Tell whether a request is no session's, whatever key it carries."""

    @abc.abstractmethod
    def on_other_servers(self) -> dict[str, Expectations]:
        """Return what the other servers that run in this process expect, by where they are."""

    def session(
        self, key: str | None = None, *, header: str = "X-Test-Session", path: bool = False, query: str | None = None
    ) -> Session:
        """Open a session: what the requests that carry its *key* meet, which none of the server's own is any more.

        So several tests can use one server at the same time. The key, a new one if None, is the value of the field
        *header*; or, with *path*, the first segment of the path; or the parameter *query* of the query. Expectations
        do not mention it. Close the session, which is a context manager, when the test is over. Raises `WrongState` for
        a key that is taken, and `BadExpectation` for one that no request can carry.
        """
        from .marks import mark  # noqa: PLC0415  only for those who share a server
        from .sessions import Sessions  # noqa: PLC0415

        if self._sessions is None:
            self._sessions = Sessions(self, self.expectations)
        return self._sessions.open(mark(header, path=path, query=query), key)

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are open."""
        return list(self._sessions or ())

    def share_at(self, door: FakeServer) -> str:
        """Let other processes open sessions at the server *door*, and start that: see `FakeServer.share`."""
        if self._doorkeeper is not None:
            raise WrongState(f"the fake server at {self.url} is shared already, at {self._doorkeeper.url}")
        from .sharing import Doorkeeper  # noqa: PLC0415  only for those who share a server

        self._doorkeeper = Doorkeeper(self, door)
        return self._doorkeeper.url

    def unshare(self) -> None:
        """Let no other process in any more, and close what they have opened."""
        doorkeeper, self._doorkeeper = self._doorkeeper, None
        if doorkeeper is not None:
            doorkeeper.close()

    def party(self, entry: Entry) -> Answering:
        """Return whom a request is for: a session, or the server; for `Connection`."""
        if self._sessions is None or self.is_own(entry):
            return self
        return self._sessions.take(entry) or self

    def elsewhere(self) -> dict[str, Expectations]:
        """Return what is expected by sessions, and on other servers, by where."""
        sessions = self._sessions.expectations() if self._sessions is not None else {}
        return sessions | self.on_other_servers()

    def remarks(self, entry: Entry) -> list[str]:
        """Return why there is no answer to *entry* beside the expectations."""
        return super().remarks(entry) + (self._sessions.remarks(entry) if self._sessions is not None else [])
