"""The route: which way each request over one connection goes.

Law: the one place that decides, at the first octet of each request, by the cassette that is current then: to the
network, to the network with the recorder looking on, or to the player. No socket, no event loop: whoever has these (a
switch for sockets, for asyncio's transports, for httpcore's streams) says what the client sends and what came, and is
told what belongs on the network.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .connecting import Connecting
from .current import current_for
from .errors import CassetteError
from .guard import policy
from .large_body import octet_pieces
from .player import Player
from .recorder import Recorder
from .tls import RecordedTls, facts_of
from .transcript import Requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from httplib_sim.waist import Origin

    from .cassette import Cassette
    from .connecting import Timeouts
    from .tls import TlsFacts

Way = Requests | Recorder | Player
"""To the network, of which only the borders of requests are noted; to the network, recorded; to the player."""

_HTTP2_PREFACE = b"PRI * HTTP/2.0"
"""What a client of HTTP/2 says first (RFC 9113 section 3.4)."""

_NO_REQUEST = re.compile(rb"(?![!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |\Z))|[^\r\n]*(?<!HTTP/\d\.\d)\r?\n")
"""What cannot begin a request, by its request line as far as it is there (RFC 9112 section 3)."""

_AT_ONCE: Final = 1_048_576
"""Octets that the recorder is told of before they are sent."""

_SWITCHED = re.compile(rb"HTTP/1\.\d 101 ")


class Route:
    """Decides for each request over a connection to *origin*; ``way`` is where the last one went, None before any.

    *proxy* is the one through whose tunnel the connection is, or would be.
    """

    def __init__(self, origin: Origin, proxy: Origin | None = None) -> None:
        self.origin = origin
        self.proxy = proxy
        self.way: Way | None = None
        self._cassette: Cassette | None = None
        self._live: Requests | None = None
        self._recorder: Recorder | None = None
        self._player: Player | None = None
        self._http2 = False
        self._tunnel = False
        self._secure: object = None
        self._tls: TlsFacts | None = None

    @property
    def needs_network(self) -> bool:
        """Whether a request that began now would go to the network for certain."""
        cassette = current_for(self.origin)
        return (cassette is None or not cassette.may_answer(self.origin)) and policy().permits(self.origin.host)

    @property
    def is_answered_here(self) -> bool:
        """Whether all that goes to this origin now belongs to a cassette that does not record."""
        cassette = current_for(self.origin)
        return cassette is not None and not cassette.may_record and cassette.knows(self.origin)

    @property
    def idle(self) -> bool:
        """Whether the next octet sent begins a request; in a tunnel (RFC 9110 section 7.8) none does."""
        return not self._tunnel and (self.way is None or self.way.idle or self._http2)

    @property
    def asks_the_same_player(self) -> bool:
        """Whether a request that began now would be looked for in the cassette that the last one belongs to."""
        cassette = current_for(self.origin)
        return cassette is not None and cassette is self._cassette and cassette.may_play

    @property
    def player(self) -> Player | None:
        """The player, if it has the request under way; None if the network has."""
        return self.way if isinstance(self.way, Player) else None

    def failure(self, *, of_tls: bool | None = None) -> OSError | None:
        """Return with what connecting fails now, because it did so when that was recorded; None if it does not.

        With *of_tls* only a failure of TLS is told, or, if it is False, only another one.
        """
        cassette = current_for(self.origin)
        return cassette.failure(self.origin, of_tls=of_tls) if cassette is not None and cassette.may_play else None

    def connecting(self, timeouts: Timeouts = ()) -> AbstractContextManager[None]:
        """Return a context manager for a block that really connects: if it fails, or is given up, that is recorded.

        *timeouts* are what the client raises when its time is over, beside `TimeoutError`.
        """
        cassette = current_for(self.origin)
        if cassette is None or not cassette.may_record:
            return nullcontext()
        return Connecting(self.origin, cassette, timeouts)

    def secured(self, secure: object) -> None:
        """Note that the real connection, if it has TLS, has agreed on what *secure* says."""
        self._secure = secure

    def recorded_tls(self) -> RecordedTls | None:
        """Return what the current cassette says of TLS with this origin; None if there is none, or it says nothing."""
        cassette = current_for(self.origin)
        facts = None if cassette is None else cassette.tls_of(self.origin)
        return None if facts is None else RecordedTls(facts)

    def _facts(self) -> TlsFacts | None:
        if self._tls is None and self._secure is not None:
            self._tls = facts_of(self._secure)
            self._secure = None
        return self._tls

    def choose(self, beginning: bytes | memoryview = b"") -> Way:
        """Decide, now that a request begins with *beginning*.

        Raises `CassetteError`, and remembers it, for HTTP/2, and `NetworkBlocked` for what may not go to the network.
        """
        __tracebackhide__ = True
        cassette = current_for(self.origin)
        if cassette is not self._cassette:
            self._cassette = cassette
            self._recorder = self._player = None
        self._http2 = self._http2 or bytes(beginning[: len(_HTTP2_PREFACE)]) == _HTTP2_PREFACE
        if cassette is None or not cassette.may_play:
            self._check_permitted(beginning)
        if cassette is None:
            self.way = self._live = self._live or Requests(keep=False)
        elif self._http2:
            raise self._no_http2(cassette)
        elif cassette.may_play:
            self.way = self._player = self._player or Player(self.origin, cassette, cassette.pace)
        else:
            self.way = self._recorder_for(cassette)
        return self.way

    def check_unspoilt(self) -> None:
        """Raise `CassetteError`, and remember it, if what is sent now may be a request of another cassette.

        That is to be asked where it cannot be told any more where a request begins: ``endless``.
        """
        __tracebackhide__ = True
        cassette = current_for(self.origin)
        if cassette is None or cassette is self._cassette:
            return
        error = CassetteError(
            f"expected an HTTP/1.x connection to {self.origin.url}, got one that carried something else before "
            f"{cassette.path} was current: what is sent over it cannot be told apart, neither replayed nor recorded. "
            "Close the connection before the cassette is used, or open it within"
        )
        cassette.remember(error)
        raise error

    def take_unanswered(self) -> Iterator[bytes] | None:
        """Take the octets of the request that the player leaves to the network; None if there is none.

        From here on the way is the recorder's, which has not been told of these octets.
        """
        player, cassette = self.player, self._cassette
        if player is None or cassette is None or player.unanswered is None:
            return None
        request, player.unanswered = player.unanswered, None
        self._check_permitted(request.head.octets)
        self._player = None
        self.way = self._recorder_for(cassette)
        return octet_pieces(request)

    def sending(self, data: bytes | memoryview) -> Iterator[bytes | memoryview]:
        """Take *data*, which the client sends; give what of it is to be sent to the network, piece by piece.

        The recorder is told of a piece before it is given. Raises what `choose` and `Player.sent` raise.
        """
        __tracebackhide__ = True
        view = memoryview(data).cast("B")
        while len(view):
            way = self.choose(view) if self.idle or self.way is None else self.way
            if way.endless:
                self.check_unspoilt()
            if isinstance(way, Player):
                count = way.sent(view)
                for octets in self.take_unanswered() or ():
                    self._note(octets)
                    yield octets
            else:
                count = self._note(view[:_AT_ONCE])
                yield view[:count]
            view = view[count:]

    def received(self, data: bytes | memoryview) -> None:
        """Note that *data*, which is not empty, came from the network. Raises what keeping an exchange raises."""
        if isinstance(self.way, Recorder):
            self.way.received(data)
        elif isinstance(self.way, Requests) and self.way.head is not None and "upgrade" in self.way.head.fields:
            self._tunnel = self._tunnel or _SWITCHED.match(data) is not None

    def eof(self) -> None:
        """Note that the server has closed its side of the real connection."""
        if isinstance(self.way, Recorder):
            self.way.eof()

    def reset(self, detail: str) -> None:
        """Note that the real connection broke; *detail* is the error's text."""
        if isinstance(self.way, Recorder):
            self.way.reset(detail)

    def timed_out(self) -> None:
        """Note that nothing came for as long as the client was willing to wait."""
        if isinstance(self.way, Recorder):
            self.way.timed_out()

    def failed(self, detail: str) -> None:
        """Note that sending failed, which does not yet end the connection."""
        if isinstance(self.way, Recorder):
            self.way.failed(detail)

    def closed(self) -> None:
        """Note that the client has closed the connection."""
        if self._recorder is not None:
            self._recorder.closed()

    def _note(self, octets: bytes | memoryview) -> int:
        """Tell the way to the network what is sent; return how many of *octets* are of the request under way."""
        if self._tunnel:
            return len(octets)
        if isinstance(self.way, Requests):
            return self.way.take(octets)
        return self.way.sent(octets) if self.way is not None else len(octets)

    def _recorder_for(self, cassette: Cassette) -> Recorder:
        if self._recorder is None:
            self._recorder = Recorder(
                self.origin,
                cassette.add,
                amend=cassette.amend,
                connection=cassette.new_connection(),
                report=cassette.remember,
                spools=cassette.spools,
                proxy=self.proxy,
                tls=self._facts if self.origin.scheme == "https" else None,
            )
            self._recorder.when_over = cassette.when_ended(self._recorder.closed)
        return self._recorder

    def check_tunnel(self, request: bytes) -> None:
        """Raise `NetworkBlocked` if the server to which *request*, a CONNECT, wants a tunnel may not be reached."""
        __tracebackhide__ = True
        self._check_permitted(request)

    def _check_permitted(self, beginning: bytes | memoryview) -> None:
        """Raise `NetworkBlocked` if a request that begins so may not go to the network. Its query may be a secret.

        Through a proxy it goes to whom it names, wherever the proxy is.
        """
        __tracebackhide__ = True
        counts = policy()
        if counts.allowed:
            return
        method, _, rest = bytes(beginning[:2048]).partition(b"\n")[0].decode("latin-1").partition(" ")
        target = rest.partition(" ")[0]
        host, url = self.origin.host, self.origin.url + target.partition("?")[0]
        if method == "CONNECT":
            host, url = target.rpartition(":")[0].strip("[]"), target
        elif "://" in target:
            url = target.partition("?")[0]
            host = urlsplit(url).hostname or host
        if not counts.permits(host):
            raise counts.refuse(f"the request {method} {url}" if target else f"a connection to {url}")

    def _no_http2(self, cassette: Cassette) -> CassetteError:
        error = CassetteError(
            f"expected HTTP/1.x requests to {self.origin.url}, but the client speaks HTTP/2, which cassettes neither "
            "record nor replay. Turn HTTP/2 off in the client (httpx: http1=True, http2=False)."
        )
        cassette.remember(error)
        return error


_dialling: ContextVar[bool] = ContextVar("dialling", default=False)


@contextmanager
def dialling() -> Iterator[None]:
    """Mark a block in which a switch really connects: what is connected in it is the switch's own."""
    token = _dialling.set(True)
    try:
        yield
    finally:
        _dialling.reset(token)


def is_dialling() -> bool:
    """Tell whether a switch is connecting in this context, so that there is nothing left to intercept."""
    return _dialling.get()


def may_be_request(beginning: bytes | bytearray | memoryview) -> bool:
    """Tell whether these first octets may begin a request, rather than something that is no HTTP."""
    return _NO_REQUEST.match(beginning) is None
