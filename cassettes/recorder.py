"""The recorder: told what was sent and received over one connection, it hands on exchanges.

Law: it looks on. It never delays, changes or refuses an octet and never raises over one; it has no socket and no file.
An exchange is handed on as soon as it is complete, from within the call that completed it, so that it is kept before
the client can go on. What the client receives between exchanges, octets that nobody asked for or the end of the
connection, belongs to the exchange before it: that one is amended.

A tunnel (CONNECT answered by 2xx, or a 101) is recorded up to and including the head that begins it; what it then
carries is no HTTP, passes by, and is not recorded.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from httplib_sim.waist import Origin

from .errors import CassetteError
from .exchange import End, Exchange, How, Request, Response
from .matchers import place
from .spool import Spools
from .timing import Pieces
from .transcript import AT_ONCE, Requests, Responses, persists

if TYPE_CHECKING:
    from collections.abc import Callable

    from httplib_sim import wire

    from .spool import Spool
    from .tls import TlsFacts


@dataclass(slots=True)
class _Open:
    """An exchange that has begun: what is known of it, and when it began."""

    request: wire.Request | None = None
    response: wire.Response | None = None
    rest: bytes = b""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    since: float = 0.0
    pieces: Pieces = field(default_factory=Pieces)


class Recorder:
    """Splits what one connection to *origin* carries into exchanges, and gives each to *deliver*.

    *connection* is the number the exchanges get; *tls* is asked what TLS agreed on there. *proxy* is the one through
    whose tunnel the connection is; one that is asked for URLs shows itself: there, the origin is that of the URL.
    *amend* is given an exchange that *deliver* has had, once more, with
    what came after it in ``received`` and how the connection ended in ``end``. *report* is given an error for what
    cannot be kept as an exchange. *spools* makes places for large bodies. ``idle`` is true between requests, also once
    the connection is over: where requests end is told as long as octets are sent. ``when_over`` is called once nothing
    more will be handed on. *clock* tells the time in seconds.
    """

    def __init__(  # noqa: PLR0913  what it is told of, one by one
        self,
        origin: Origin,
        deliver: Callable[[Exchange], object],
        *,
        connection: int = 1,
        amend: Callable[[Exchange], object] | None = None,
        report: Callable[[CassetteError], object] | None = None,
        spools: Spools | None = None,
        tls: Callable[[], TlsFacts | None] | None = None,
        proxy: Origin | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.origin = origin
        self.connection = connection
        self._tls = tls
        self._proxy = proxy
        self._clock = clock
        self._deliver = deliver
        self._amend = amend
        self._report = report
        self._last: Exchange | None = None  # that was complete, as long as something may come after it
        self._between = bytearray()
        self._requests = Requests(spools=spools)
        self._responses = Responses(
            spools=None if spools is None else Spools(partial(self._spool, spools), spools.large)
        )
        self._open: deque[_Open] = deque()
        self._announced = True
        self._trouble = End(How.CLIENT_CLOSED)
        self._over = False
        self._lock = threading.RLock()
        self.when_over: Callable[[], object] | None = None

    @property
    def idle(self) -> bool:
        """Whether the next octet sent begins a request."""
        return self._requests.idle and not self._responses.tunnel

    @property
    def owes(self) -> bool:
        """Whether a request is under way that has not been answered in full."""
        return bool(self._open)

    @property
    def endless(self) -> bool:
        """Whether nobody can tell any more where a request ends: what is sent is no HTTP/1.x, or not any more."""
        return self._requests.endless or self._responses.tunnel

    def sent(self, data: bytes | memoryview) -> int:
        """Note that the client sends *data*, up to the end of the request under way; return how many octets."""
        with self._lock:
            requests = self._requests
            if self._responses.tunnel:
                return len(data)
            if self._over:
                return requests.take(data)
            if requests.begins(data):
                self._trouble = End(How.CLIENT_CLOSED)
                self._open.append(_Open(since=self._clock()))
                self._announced = False
            count = requests.take(data)
            if not self._announced and requests.head is not None:
                self._announced = True
                self._responses.expect(requests.head)
            if requests.complete:
                self._open[-1].request = requests.message()
                self._advance()
            return count

    def received(self, data: bytes | memoryview) -> None:
        """Note that the client received *data*, which is not empty."""
        with self._lock:
            if self._over or self._responses.tunnel:
                return
            self._trouble = End(How.CLIENT_CLOSED)
            if self._open:
                first = self._open[0]
                first.pieces.note(self._clock() - first.since, len(data))
            if len(data) <= AT_ONCE:
                self._take(data)
                return
            with memoryview(data) as view:
                for start in range(0, len(view), AT_ONCE):
                    with view[start : start + AT_ONCE] as piece:
                        self._take(piece)

    def timed_out(self) -> None:
        """Note that nothing came for as long as the client was willing to wait; it may yet go on waiting."""
        self._trouble = End(How.TIMEOUT)

    def failed(self, detail: str) -> None:
        """Note that sending or TLS failed; the client may yet read what the server had to say before (RFC 9112 9.5)."""
        self._trouble = End(How.RESET, detail)

    def eof(self) -> None:
        """Note that the server has closed its side."""
        with self._lock:
            if not self._over:
                self._responses.feed_eof()
                self._advance()
                self._finish(End(How.EOF))

    def reset(self, detail: str = "") -> None:
        """Note that the connection broke; *detail* is the error's text."""
        self._end(End(How.RESET, detail))

    def closed(self) -> None:
        """Note that the client has closed the connection, or that nobody wants to know what becomes of it."""
        self._end(self._trouble)

    def _take(self, data: bytes | memoryview) -> None:
        if not self._responses.tunnel:
            self._responses.feed(data)
            self._advance()

    def _spool(
        self, spools: Spools, head: wire.RequestHead | None, response: wire.ResponseHead | None, _: object
    ) -> Spool:
        """Where a large response goes: what its request was, as far as that is complete, is known."""
        sent = next((item.request for item in self._open if item.request and item.request.head is head), None)
        return spools.make(head, response, None if sent is None else sent.body)

    def _end(self, end: End) -> None:
        with self._lock:
            if not self._over:
                self._finish(end)

    def _advance(self) -> None:
        """Give each response that is complete to its exchange, and hand on the exchanges that are."""
        if len(self._open) == 1 and self._announced:
            self._advance_one(self._open[0])
            return
        waiting = [item for item in self._open if item.response is None]
        if not self._announced:
            waiting = waiting[:-1]
        for item in waiting:
            item.response = self._responses.next_response()
            if item.response is None:
                break
        while self._open and self._open[0].request is not None and self._open[0].response is not None:
            item = self._open.popleft()
            self._last = self._hand_on(item, item.request, item.response, item.rest, End())
        if not self._responses.tunnel and all(item.response is not None for item in waiting):
            self._keep_surplus()

    def _advance_one(self, item: _Open) -> None:
        """The same where one exchange is under way, as nearly always."""
        if item.response is None:
            item.response = self._responses.next_response()
        if item.response is not None:
            if item.request is not None:
                self._open.popleft()
                self._last = self._hand_on(item, item.request, item.response, item.rest, End())
            if not (self._responses.is_quiet or self._responses.tunnel):
                self._keep_surplus()

    def _keep_surplus(self) -> None:
        """Take what came beyond all responses expected: the client has it."""
        answered = [item for item in self._open if item.response is not None]
        if answered:
            answered[-1].rest += self._responses.rest()
        elif self._last is not None:
            self._between += self._responses.rest()

    def _tell_afterword(self, end: End) -> None:
        """Amend the last exchange by what came after it, unless that is nothing, or what its head says anyway."""
        last, octets, self._last = self._last, bytes(self._between), None
        self._between.clear()
        if last is None or last.response is None or self._amend is None:
            return
        # Who waits for more after a response that is complete takes its framing for another than it is.
        seen = end.how in {How.RESET, How.TIMEOUT} or (
            end.how is How.EOF and persists(last.request.message.head, last.response.message.head)
        )
        if seen or octets:
            self._amend(replace(last, received=last.received + octets, end=end if seen else last.end))

    def _finish(self, failure: End) -> None:
        """Hand on what is not complete, as far as it came: the connection is over.

        What cannot be handed on keeps nothing else from being: the first error is raised at the end.
        """
        self._over = True
        idle, first = not self._open, True
        steps: list[Callable[[], object]] = []
        while self._open:
            item = self._open.popleft()
            response, rest, end = item.response, item.rest, End()
            if response is None:
                response, rest = self._responses.partial() if first else (None, b"")
                end, first = failure, False
            if item.request is None and self._requests.head is not None:
                item.request = self._requests.message()
            steps.append(partial(self._hand_on, item, item.request, response, rest, end))
        if not self._responses.tunnel:
            steps.append(partial(self._tell_afterword, failure if idle else End()))
        self._requests.forget()
        if self.when_over is not None:
            steps.append(self.when_over)
            self.when_over = None
        _do_all(steps)

    def _hand_on(
        self, item: _Open, request: wire.Request | None, response: wire.Response | None, rest: bytes, end: End
    ) -> Exchange | None:
        """Deliver an exchange, and return it; a beginning of a request that has no head yet is none."""
        if request is None:
            if self._requests.endless and self._report is not None:
                url = self.origin.url
                self._report(CassetteError(f"expected HTTP/1.x requests to {url}; what was sent is none: not recorded"))
            return None
        asked, proxy = Request(self.origin, request), self._proxy
        if not request.head.target.startswith("/") and "://" in request.head.target:
            asked, proxy = self._of_url(asked)
        elapsed = self._clock() - item.since
        exchange = Exchange(
            request=asked,
            proxy=proxy,
            response=None if response is None else Response(response),
            end=end,
            received=rest,
            connection=self.connection,
            started=item.started,
            elapsed=elapsed,
            tls=None if self._tls is None else self._tls(),
            timing=item.pieces.timing(elapsed),
        )
        if self._between:
            _do_all([partial(self._tell_afterword, End()), partial(self._deliver, exchange)])
        else:
            self._last = None
            self._deliver(exchange)
        return exchange

    def _of_url(self, asked: Request) -> tuple[Request, Origin | None]:
        """A request that has a URL as its target, and the proxy that was asked, if it was one."""
        origin = Origin(*place(asked)[:3])
        return (asked, self._proxy) if origin == self.origin else (replace(asked, origin=origin), self.origin)


def _do_all(steps: list[Callable[[], object]]) -> None:
    """Do each of *steps*, whatever becomes of those before it; then raise the first error."""
    first: Exception | None = None
    for step in steps:
        try:
            step()
        except Exception as error:  # noqa: BLE001  whatever those raise who keep exchanges
            first = first or error
    if first is not None:
        raise first
