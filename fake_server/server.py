"""The fake server: start, stop, where it is, and what becomes of each request.

Law: puts the parts together. `listener` accepts, `connection` speaks HTTP, `expectations` decide, `journal`
remembers; what a test says and asks is in `vocabulary`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol, Self, TypedDict, Unpack

from httplib_sim.waist import Origin

from . import report
from .again import Memory
from .answers import text_answer
from .conduct import USUAL, Conduct
from .connection import Connection
from .errors import StillRunning, WrongState
from .expectations import Expectations
from .journal import Caller, Entry, Journal
from .listener import Listener
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from types import TracebackType
    from wsgiref.types import WSGIApplication

    from cassettes.matchers import MatchFunction
    from cassettes.redaction import Redaction

    from .certificates import Authority
    from .connection import Answer
    from .listener import Link
    from .replay import CassetteAnswers

GRACE: Final = 5.0
"""Seconds for which `FakeServer.stop` waits for handlers to return, where nothing else is said."""


BUSY: Final = text_answer(503, "There are more connections than this server takes.\n", closes=True)
"""The answer to requests over a connection too many."""


class ReplayOptions(TypedDict, total=False):
    """How a cassette's requests are compared with those that come: see `cassettes.use_cassette`."""

    match_on: Iterable[str | MatchFunction]
    redact: Redaction | None


class Source(Protocol):
    """Answers requests that meet no expectation: an application, a cassette."""

    def answer(self, entry: Entry, /) -> Answer | None:
        """Return the answer, or None if it has none."""

    def nearest(self, entry: Entry, /) -> str:
        """Return why it has none, in words."""


class FakeServer(Vocabulary):
    """A fake HTTP server in this process: a context manager, or `start` and `stop`.

    *host* is a name or an address, of IPv6 too. *port* 0 asks for a free one, which stays the server's when it is
    started again. With *unix*, a path, it listens there and nowhere else. *conduct* says what it does beside answering:
    its limits, for one. *tls* is True for HTTPS with certificates of a CA of this process, an `Authority` for those of
    another, or an `ssl.SSLContext` to be used as it is. The content of a request is in memory; so is all that the
    journal holds.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        unix: str | os.PathLike[str] | None = None,
        tls: bool | Authority | ssl.SSLContext = False,
        conduct: Conduct = USUAL,
        grace: float = GRACE,
    ) -> None:
        super().__init__(Journal(), Expectations())
        self.host = host
        self.port = port
        self.unix = None if unix is None else os.fspath(unix)
        self.conduct = conduct
        self.memory = Memory(self.expectations)
        self._grace = grace
        self._listener: Listener | None = None
        self._sources: list[Source] = []
        self._authority: Authority | None = None
        self._context: ssl.SSLContext | None = None
        if tls:
            self._set_tls(tls)

    def start(self) -> None:
        """Listen, and serve from now on. Raises `CannotListen`, and `WrongState` if it has been started before."""
        if self._listener is not None:
            raise WrongState(f"the fake server at {self.url} was started already")
        listener = Listener(self.host, self.port, self._serve, self.unix)
        self.port = listener.port
        self._listener = listener
        listener.start()

    def stop(self, *, finish: float = 0.0) -> None:
        """Stop listening, and close all connections; no thread and no descriptor is left. Once more does nothing.

        For *finish* seconds requests that are under way may be answered: connections on which there is none are closed,
        and each other after its answer. Raises `StillRunning` if a handler does not return in time.
        """
        listener, self._listener = self._listener, None
        if listener is not None and listener.stop(self._grace, finish):
            busy = "\n".join(f"  {entry!r}" for entry in self.journal if not entry.done)
            text = f"the server has stopped, but after {self._grace} s these are still being answered:"
            raise StillRunning(f"{text}\n{busy}")

    def is_running(self) -> bool:
        """Tell whether it has been started and not stopped."""
        return self._listener is not None

    def __enter__(self) -> Self:
        if self._listener is None:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        """Start; that takes a fraction of a millisecond, and serving is done by threads."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop: it waits, at most for as long as ``grace``, for handlers that do not return."""
        self.__exit__(kind, error, traceback)

    @property
    def scheme(self) -> str:
        """``https`` with TLS, else ``http``."""
        return "http" if self._context is None else "https"

    @property
    def origin(self) -> Origin:
        """Where the server is: scheme, host and port."""
        return Origin(self.scheme, self.host, self.port)

    @property
    def url(self) -> str:
        """The origin as a URL, such as ``http://127.0.0.1:4321``, without a slash at its end."""
        return self.origin.url

    def url_for(self, path: str) -> str:
        """Return the URL of *path*, which may begin with a slash and have a query."""
        return f"{self.url}/{path.removeprefix('/')}"

    @property
    def tls(self) -> Authority:
        """Who issues the certificates, whom a client must trust. Raises `WrongState` without ``tls=True``."""
        if self._authority is None:
            raise WrongState("the fake server has no certificate authority: make it with FakeServer(tls=True)")
        return self._authority

    def mount(self, app: WSGIApplication, prefix: str = "") -> None:
        """Have the WSGI application *app* answer the paths below *prefix*, where no expectation does."""
        from .wsgi import MountedApp  # noqa: PLC0415  loads werkzeug

        self._sources.append(MountedApp(app, prefix))

    def serve_cassette(self, path: str | os.PathLike[str], **options: Unpack[ReplayOptions]) -> CassetteAnswers:
        """Answer from the cassette at *path*, where no expectation does.

        The recorded octets are sent as they are, each exchange once, and in order among equals. The options are those
        of `cassettes.use_cassette`: *match_on* names what is compared (method, path, query and body, where nothing else
        is said), *redact* are the rules by which secrets are known. Returns what tells which exchanges have been
        served. Raises `cassettes.errors.CassetteError`, and `ValueError` for what cannot be compared.
        """
        from .replay import CassetteAnswers  # noqa: PLC0415  loads cassettes and YAML

        source = CassetteAnswers.load(path, **options)
        self._sources.append(source)
        return source

    def clear(self) -> None:
        """Forget expectations, mounted applications, cassettes, findings and the journal; serve on."""
        super().clear()
        self._sources = []

    @property
    def forehanded(self) -> bool:
        """Whether `foresee` is to be asked; for `Connection`."""
        return self.expectations.forehanded

    def foresee(self, entry: Entry) -> bool:
        """Tell whether a request is to be answered before its content has been read; for `Connection`."""
        try:
            return self.expectations.foresee(entry) is not None
        except Exception:  # noqa: BLE001  the test's own function is asked again with the content, and heard then
            return False

    def choose(self, entry: Entry) -> Answer:
        """Return the answer to a request; for `Connection`. Raises what a handler raises."""
        expectation = entry.expectation or self.expectations.meet(entry)
        if expectation is not None:
            self.journal.notify()
            return expectation.answer(entry)
        for source in self._sources:
            answer = source.answer(entry)
            if answer is not None:
                return answer
        notes = [source.nearest(entry) for source in self._sources]
        text = report.unmatched(entry, self.expectations)
        text = "\n\n".join([text, *notes])
        self.add_assertion(text)
        return text_answer(self.no_handler_status_code, text + "\n", [("X-Fake-Server", "unmatched")])

    def _serve(self, link: Link) -> None:
        """Serve one connection, from its own thread."""
        caller = Caller(link.number, link.peer, self.origin)
        if self._context is not None and not self._shake_hands(link, caller, self._context):
            return
        most = self.conduct.connections
        always = None if most is None or link.others < most else BUSY
        Connection(link, caller, self.journal, self, self.conduct, always=always).serve()

    def _shake_hands(self, link: Link, caller: Caller, context: ssl.SSLContext) -> bool:
        """Put TLS over a connection; where the client does not want to, the journal says why."""
        from .certificates import shake_hands  # noqa: PLC0415  loads ssl

        try:
            shake_hands(link, context)
        except OSError as error:
            if not link.cut:
                entry = Entry(caller, None, error=f"the TLS handshake failed: {error}")
                self.journal.begin(entry)
                self.journal.complete(entry, "tls-failed")
            return False
        return True

    def _set_tls(self, tls: bool | Authority | ssl.SSLContext) -> None:  # noqa: FBT001  as in __init__
        from .certificates import server_side  # noqa: PLC0415  loads ssl and, but for a context, trustme

        self._authority, self._context = server_side(tls, self.host)

    def __repr__(self) -> str:
        state = "running" if self.is_running() else "not running"
        return f"<FakeServer {self.url}, {state}, {len(self.journal)} requests>"
