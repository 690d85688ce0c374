"""Sessions: several tests at once on one server, each with expectations, a journal and a verdict of its own.

Law: a session is what a server is to a test, for the requests that carry its key, and shares nothing with another but
the sockets. Which one a request is for is decided here, before anybody is asked about it.
"""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Self

from .answering import Answering
from .errors import BadExpectation, WrongState
from .expectation import calling_line
from .expectations import Expectations
from .journal import Journal
from .marks import beginning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from .hosting import Hosting
    from .journal import Entry
    from .marks import Mark


class Session(Answering):
    """The part of *server* that is for requests with this *key*: with expectations, a journal and findings of its own.

    Made by `FakeServer.session`, at the file and line ``where``. ``headers`` are the fields that a client must send,
    ``params`` the parameters of its query, ``url`` what its URLs begin with: what carries no key is empty, or the
    server's.
    """

    def __init__(self, server: Hosting, sessions: Sessions, mark: Mark, key: str) -> None:
        super().__init__(Journal(), Expectations())
        self.server = server
        self.where = calling_line()
        self.key = key
        self.mark = mark
        self.headers: Mapping[str, str] = mark.headers(key)
        self.params: Mapping[str, str] = mark.params(key)
        self._sessions = sessions

    @property
    def url(self) -> str:
        """What URLs begin with, without a slash at its end; in a query, a key stands behind the path: see `url_for`."""
        return beginning(self.mark, self.server.url, self.key)

    def url_for(self, path: str) -> str:
        """Return the URL of *path*, which may begin with a slash and have a query, with the key if it belongs there."""
        return self.mark.url(self.server.url, path.removeprefix("/"), self.key)

    def close(self) -> None:
        """Have the server forget the key, and let go on what is held. What was found stays; once more does nothing."""
        self._sessions.close(self)
        for expectation in self.expectations:
            expectation.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def elsewhere(self) -> dict[str, Expectations]:
        """Return what is expected elsewhere; of other sessions nothing: they are other tests' own."""
        own = self._sessions.expectations_of_server
        return {f"on the server {self.server.url}, without this key": own} | self.server.on_other_servers()

    def __repr__(self) -> str:
        return f"<Session of {self.server.url}, opened at {self.where}, {len(self.journal)} requests>"


class Sessions:
    """The open sessions of *server*, whose own expectations are *own*. Thread-safe."""

    def __init__(self, server: Hosting, own: Expectations) -> None:
        self.expectations_of_server = own
        self._server = server
        self._lock = threading.Lock()
        self._open: Mapping[Mark, Mapping[str, Session]] = {}

    def open(self, mark: Mark, key: str | None) -> Session:
        """Open a session with this *key*, or a new one.

        Raises `WrongState` for one that is taken, and `BadExpectation` for one that no request can carry.
        """
        if key == "":
            raise BadExpectation("expected a key that a request can carry, got nothing")
        session = Session(self._server, self, mark, secrets.token_hex(8) if key is None else key)
        with self._lock:
            known = self._open.get(mark, {})
            if session.key in known:
                raise WrongState(f"the fake server at {self._server.url} has a session with this key already")
            self._open = {**self._open, mark: {**known, session.key: session}}
            self.expectations_of_server.touch()  # a request with this key is no longer the server's
        return session

    def close(self, session: Session) -> None:
        """Forget *session*."""
        with self._lock:
            left = {key: known for key, known in self._open.get(session.mark, {}).items() if known is not session}
            self._open = {mark: known for mark, known in {**self._open, session.mark: left}.items() if known}
            session.expectations.touch()

    def take(self, entry: Entry) -> Session | None:
        """Return the session that the request of *entry* is for, and have it be one for the target without the key."""
        if entry.request is not None:
            for mark, known in self._open.items():
                found = mark.find(entry.request.head)
                if found is not None and (session := known.get(found.key)) is not None:
                    entry.readdress(found.target)
                    return session
        return None

    def remarks(self, entry: Entry) -> list[str]:
        """Return why the request of *entry* is for none of them: one text for each place where keys may stand."""
        if entry.request is None:
            return []
        places = ((len(known), mark, mark.find(entry.request.head)) for mark, known in self._open.items())
        return [  # a key may be a secret: none is told
            f"Of the sessions here, {count} {'is' if count == 1 else 'are'} known by {mark}; the request has "
            f"{'the key of none' if found else 'no key'} there."
            for count, mark, found in places
        ]

    def expectations(self) -> dict[str, Expectations]:
        """Return what the sessions expect, by where each was opened."""
        return {f"in the session opened at {session.where}": session.expectations for session in self}

    def __iter__(self) -> Iterator[Session]:
        return iter([session for known in self._open.values() for session in known.values()])

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))
