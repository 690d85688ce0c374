"""The fake server: start, stop, where it is, and what becomes of each request.

Law: puts the parts together. `listener` accepts, `connection` speaks HTTP, `answering` chooses, `journal`
remembers; what a test says and asks is in `vocabulary`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal, Self, Unpack

from httplib_sim.waist import Origin

from . import checks
from .again import Memory
from .answers import text_answer
from .channel import HANDSHAKE, begins_tls, first_octets, has_tls
from .conduct import USUAL, Conduct, check
from .connection import Connection
from .errors import StillRunning, WrongState
from .expectations import Expectations
from .hosting import Hosting
from .journal import Caller, Entry, Journal
from .listener import Listener
from .schedules import schedule

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from types import TracebackType

    from .beginnings import Due
    from .certificates import Authority
    from .compat import Baked, Defaults
    from .conduct import ClientCertificate
    from .connection import Answer
    from .faults.base import Fault
    from .flaws import Flaw
    from .listener import Link
    from .schedules import Schedule
    from .tunnels import Credentials

GRACE: Final = 5.0
"""Seconds for which `FakeServer.stop` waits for handlers to return, where nothing else is said."""

SETTLING: Final = 1.0
"""Seconds for which handshakes that are under way are waited for, where a test has failed."""

BUSY: Final = text_answer(503, "There are more connections than this server takes.\n", closes=True)
"""The answer to requests over a connection too many."""


class FakeServer(Hosting):
    """A fake HTTP server in this process: a context manager, or `start` and `stop`.

    *host* is a name or an address, of IPv6 too. *port* 0 asks for a free one, which stays the server's when it is
    started again. With *unix*, a path, it listens there and nowhere else, and its URL is that of localhost. *tls* is
    True for HTTPS with certificates of a CA of this process, an `Authority` for those of another, or an
    `ssl.SSLContext` to be used as it is; *client_certificate* says whether clients must have one, too. *conduct* says
    what it does beside answering. The content of a request is in memory; so is all that the journal holds.
    Raises `BadExpectation` for what no server can be made of.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        unix: str | os.PathLike[str] | None = None,
        tls: bool | Authority | ssl.SSLContext = False,
        client_certificate: ClientCertificate = "none",
        conduct: Conduct = USUAL,
        grace: float = GRACE,
    ) -> None:
        checks.place(host, port, unix)
        checks.served_by(tls)
        check(conduct, client_certificate)
        checks.number("grace= in seconds", grace)
        super().__init__(Journal(), Expectations())
        self.host = host
        self.port = port
        self.unix = None if unix is None else os.fspath(unix)
        if unix is not None:  # which has neither, but clients want a URL
            self.host, self.port = "localhost", 443 if tls else 80
        self.conduct = conduct
        self.memory = Memory(self.party)
        self._secure = bool(tls)
        self._grace = grace
        self._listener: Listener | None = None
        self._credentials: Credentials | None = None
        self._detours: tuple[str, ...] = ()
        self._beginnings: list[Due] = []
        self._flaws: dict[str, Flaw] = {}
        self._shaking: set[Link] = set()
        self._client_certificate = client_certificate
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
        _running.add(self)
        if self._detours:
            self._lead_here(self._detours)

    def stop(self, *, finish: float = 0.0) -> None:
        """Stop listening, and close all connections; no thread and no descriptor is left. Once more does nothing.

        For *finish* seconds requests that are under way may be answered: connections on which there is none are closed,
        and each other after its answer. Raises `StillRunning` if a handler does not return in time.
        """
        listener, self._listener = self._listener, None
        self.unshare()
        _running.discard(self)
        self._lead_elsewhere()
        if listener is not None and listener.stop(self._grace, finish):
            parties = [self, *self.sessions]
            busy = "\n".join(f"  {entry!r}" for party in parties for entry in party.journal if not entry.done)
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
        return "https" if self._secure else "http"

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
        """Who issues the certificates, whom a client must trust: also for what comes through a tunnel.

        Raises `WrongState` if the server was given a context of its own.
        """
        if self._authority is None:
            if self._context is not None:
                raise WrongState("the fake server has no certificate authority: it uses the context that it was given")
            from .certificates import authority  # noqa: PLC0415  loads ssl and trustme

            self._authority = authority()
        return self._authority

    def bad_certificate(self, flaw: Flaw, name: str | None = None) -> None:
        """Have the certificate for the host *name*, from now on, be a bad one: see `FLAWS` for what may be the matter.

        None is the server's own host. Raises `WrongState` and `BadExpectation`.
        """
        from .flaws import FLAWS  # noqa: PLC0415  only for those who want one

        checks.one_of("a flaw", flaw, FLAWS)
        if name is None and not self._secure:
            raise WrongState("expected the name of a host, since this server has no TLS of its own, got none")
        _ = self.tls
        self._flaws[self.host if name is None else name] = flaw

    def proxy_env(self) -> dict[str, str]:
        """Return the environment variables that have other programs use this server as their proxy, and trust it.

        With ``tls=True`` it is one that is asked over TLS, as few programs can: requests, httpx, curl.
        """
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        variables = {spelled: self.url for name in names for spelled in (name, name.lower())}
        return variables | {"NO_PROXY": "", "no_proxy": ""} | self.tls.client_env()

    def demand_proxy_credentials(self, user: str, password: str) -> None:
        """Answer requests for a proxy (CONNECT, absolute form) with 407 unless they prove this, by the scheme Basic."""
        from .tunnels import Credentials  # noqa: PLC0415  only for those who use a proxy

        self._credentials = Credentials(user, password)
        self.memory.forget()

    def serve_for(self, *hosts: str) -> None:
        """Be reached instead of *hosts*, by whoever connects to one of them in this process, until the server stops.

        In a host ``*`` stands for any text. Nothing changes for the client, which connects, and begins TLS, as ever:
        every port of the host leads here, with TLS if the client begins it, and the server's certificates are trusted.
        Raises `WrongState` if the server does not listen on IPv4, and `BadExpectation` for what is no host.
        """
        checks.hosts(hosts)
        if self.unix is not None or ":" in self.host:
            raise WrongState(f"expected a server that listens on IPv4, to be reached instead of others; got {self!r}")
        self._detours += hosts
        if self._listener is not None:
            self._lead_here(hosts)

    def bake(self, **defaults: Unpack[Defaults]) -> Baked:
        """Return this server with *defaults* for expectations: what they have where they say nothing else."""
        from .compat import Baked  # noqa: PLC0415  loads werkzeug

        return Baked(self, **defaults)

    def clear(self) -> None:
        """Forget all that was said to it, findings and the journal; serve on. Sessions stay as they are."""
        super().clear()
        self._beginnings = []
        self._flaws.clear()
        self._credentials = None
        self._lead_elsewhere()
        self._detours = ()

    def with_fault(self, *faults: Fault, on: Schedule | int | None = None) -> None:
        """Have *faults* befall whatever this server answers, or a connection before it has a request.

        *on* says at which of its requests (of its connections, for the latter), from 1; always, where it is None.
        Raises `BadExpectation` for what comes while a request is read: that needs an expectation.
        """
        from .beginnings import possible  # noqa: PLC0415  only for those who have something go wrong
        from .faults.base import checked  # noqa: PLC0415
        from .faults.positions import Phase  # noqa: PLC0415

        for fault in map(checked, faults):
            if fault.phase < Phase.REQUEST_LINE:
                self._beginnings.append((possible(fault, secure=self._secure), schedule(on)))
            else:
                super().with_fault(fault, on=on)

    @property
    def schedules(self) -> list[Schedule | None]:
        """When what goes wrong here does."""
        return [*super().schedules, *(when for _, when in self._beginnings)]

    def share(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Let other processes open sessions, until the server stops; return the URL for their `SharedServer`.

        They are let in at *host* and *port*, beside this server's own. Raises `WrongState` if that is done already.
        """
        return self.share_at(FakeServer(host, port))

    def on_other_servers(self) -> dict[str, Expectations]:
        """Return what the other servers that run in this process expect, by where they are."""
        return {f"on the server {one.url}": one.expectations for one in _running.copy() if one is not self}

    def choose(self, entry: Entry) -> Answer:
        """Return the answer to a request; for `Connection`. Raises what a handler raises."""
        if (challenge := self._challenge(entry)) is not None:
            return challenge
        if entry.method == "CONNECT" and not self._expects_connect(entry):
            from .tunnels import Tunnel  # noqa: PLC0415  only for those who use a proxy

            return Tunnel(self)
        return super().choose(entry)

    def is_own(self, entry: Entry) -> bool:
        """Tell whether a request is the server's business whatever key it carries: tunnels, and who may use a proxy."""
        return entry.method == "CONNECT" or self._challenge(entry) is not None

    def _challenge(self, entry: Entry) -> Answer | None:
        return self._credentials.challenge(entry) if self._credentials is not None else None

    def _expects_connect(self, entry: Entry) -> bool:
        """Whether somebody who names the method CONNECT has this one in mind; an expectation of any method has not."""
        return any(one.matcher.method == "CONNECT" and one.matcher.match(entry) for one in self.expectations)

    def go_on(self, link: Link, host: str, port: int, octets: bytes = b"") -> None:
        """Serve a connection for *host* and *port*, with TLS if the client begins it; *octets* have been read already.

        For `Tunnel`: a client that has asked a proxy over TLS begins TLS within it.
        """
        if not octets and has_tls(link):  # what TLS has read cannot be looked at and left
            octets = first_octets(link.sock, self.conduct.idle)
        secure = octets.startswith(HANDSHAKE) if octets else begins_tls(link.bottom, self.conduct.idle)
        origin = Origin("https" if secure else "http", host, port)
        self._speak(link, origin, self._tls_context(host) if secure else None, octets)

    def _serve(self, link: Link) -> None:
        """Serve one connection, from its own thread; what is raised beside the answers is kept for the test, too."""
        try:
            self._begin(link)
        except BaseException as error:  # noqa: BLE001  a step of a fault, or a schedule, may be the test's own
            self.broken_off(Caller(link.number, link.peer, self.origin), error)

    def _begin(self, link: Link) -> None:
        """Find out what the client meant to reach, and speak with it as that."""
        if self._detours:
            from . import detours  # noqa: PLC0415  it is loaded

            if (meant := detours.arrived(link.peer)) is not None:
                self.go_on(link, *meant)
                return
        self._speak(link, self.origin, self._context if self._secure else None)

    def _speak(self, link: Link, origin: Origin, context: ssl.SSLContext | None, octets: bytes = b"") -> None:
        """Serve a connection that is for *origin*, with TLS if there is a *context*."""
        caller = Caller(link.number, link.peer, origin)
        if self._beginnings and not (octets or has_tls(link)):
            from .beginnings import befall  # noqa: PLC0415  it is loaded

            if befall(link, caller, self._beginnings, context, self.journal):
                return
        if context is not None:
            from .handshakes import part, shake_hands  # noqa: PLC0415  loads ssl

            self._shaking.add(link)
            try:
                certificate = shake_hands(link, context, self.conduct.idle, octets)
            except OSError as error:
                if not link.cut:
                    self._note_failed_handshake(caller, error)
                self._shaken(link)
                part(link, error)
                return
            self._shaken(link)
            caller, octets = caller._replace(certificate=certificate), b""
        most = self.conduct.connections
        always = None if most is None or link.others < most else BUSY
        connection = Connection(link, caller, self, self.conduct, always=always)
        if octets:
            connection.feed(octets)
        connection.serve()

    def remarks_beside(self) -> list[str]:
        """Return what the journal tells; a handshake that a client has given up is about to be in it."""
        self.journal.wait(lambda: not self._shaking, SETTLING)
        return super().remarks_beside()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    @property
    def authority_pem(self) -> str | None:
        """The certificate of `tls`, in PEM; None where the server was given a context of its own."""
        return None if self._authority is None and self._context is not None else self.tls.ca_pem.decode("ascii")

    def _lead_here(self, hosts: Sequence[str]) -> None:
        from . import detours  # noqa: PLC0415  loads the guard of cassettes

        detours.enter(hosts, self)

    def _lead_elsewhere(self) -> None:
        if self._detours:
            from . import detours  # noqa: PLC0415  it is loaded

            detours.leave(self)

    def _shaken(self, link: Link) -> None:
        """Note that a handshake is over, whatever came of it."""
        self._shaking.discard(link)
        self.journal.notify()

    def _note_failed_handshake(self, caller: Caller, error: OSError) -> None:
        """Have the journal say why the client does not want to talk; that it speaks HTTP was not expected."""
        from .handshakes import failed, spoke_http  # noqa: PLC0415  it is loaded

        entry = failed(caller, error)
        if spoke_http(error):
            self.misread(entry)
        self.journal.add(entry, "tls-failed")

    def _set_tls(self, tls: Literal[True] | Authority | ssl.SSLContext) -> None:
        import ssl  # noqa: PLC0415  only for those who use TLS

        if isinstance(tls, ssl.SSLContext):
            self._context = tls
            return
        if tls is not True:
            self._authority = tls
        self._context = self._tls_context(self.host)

    def _tls_context(self, host: str) -> ssl.SSLContext:
        """The context for a connection to *host*: the one that was given, or one with certificates of the authority."""
        if self._authority is None and self._context is not None:
            return self._context
        return self.tls.server_context(host, self._client_certificate, self._flaws)

    def __repr__(self) -> str:
        state = "running" if self.is_running() else "not running"
        return f"<FakeServer {self.url}, {state}, {len(self.journal)} requests>"


_running: Final[set[FakeServer]] = set()
"""The servers that have been started and not stopped: what one does not expect, another may."""
