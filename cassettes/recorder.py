"""The recorder: told what was sent and received over one connection, it hands on exchanges.

Law: it looks on. It never delays, changes or refuses an octet and never raises over one; it has no socket and no file.
An exchange is handed on as soon as it is complete, from within the call that completed it, so that it is kept before
the client can go on.

A tunnel (CONNECT answered by 2xx, or a 101) is recorded up to and including the head that begins it; what it then
carries is no HTTP, passes by, and is not recorded.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .errors import CassetteError
from .exchange import End, Exchange, How, Request, Response
from .transcript import Requests, Responses

if TYPE_CHECKING:
    from collections.abc import Callable

    from httplib_sim import wire
    from httplib_sim.waist import Origin


@dataclass(slots=True)
class _Open:
    """An exchange that has begun: what is known of it, and when it began."""

    request: wire.Request | None = None
    response: wire.Response | None = None
    rest: bytes = b""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    since: float = field(default_factory=time.monotonic)


class Recorder:
    """Splits what one connection to *origin* carries into exchanges, and gives each to *deliver*.

    *connection* is the number the exchanges get. *report* is given an error for what cannot be kept as an exchange.
    ``idle`` is true between requests, also once the connection is over: where requests end is told as long as octets
    are sent. ``when_over`` is called once nothing more will be handed on.
    """

    def __init__(
        self,
        origin: Origin,
        deliver: Callable[[Exchange], object],
        *,
        connection: int = 1,
        report: Callable[[CassetteError], object] | None = None,
    ) -> None:
        self.origin = origin
        self.connection = connection
        self._deliver = deliver
        self._report = report
        self._requests = Requests()
        self._responses = Responses()
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
        return self._requests.failed or self._responses.tunnel

    def sent(self, data: bytes | memoryview) -> int:
        """Note that the client sends *data*, up to the end of the request under way; return how many octets."""
        with self._lock:
            requests = self._requests
            if self._responses.tunnel:
                return len(data)
            if self._over:
                return requests.take(data)
            if requests.begins(data):
                self._open.append(_Open())
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
            self._responses.feed(data)
            self._advance()

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

    def _end(self, end: End) -> None:
        with self._lock:
            if not self._over:
                self._finish(end)

    def _advance(self) -> None:
        """Give each response that is complete to its exchange, and hand on the exchanges that are."""
        waiting = [item for item in self._open if item.response is None]
        if not self._announced:
            waiting = waiting[:-1]
        for position, item in enumerate(waiting):
            item.response = self._responses.next_response()
            if item.response is None:
                break
            if position + 1 == len(waiting) and not self._responses.tunnel:
                # Octets beyond the last response expected came with it, and the client has them.
                item.rest = self._responses.rest()
        while self._open and self._open[0].request is not None and self._open[0].response is not None:
            item = self._open.popleft()
            self._hand_on(item, item.request, item.response, item.rest, End())

    def _finish(self, failure: End) -> None:
        """Hand on what is not complete, as far as it came: the connection is over.

        What cannot be handed on keeps nothing else from being: the first error is raised at the end.
        """
        self._over = True
        trouble: Exception | None = None
        first = True
        while self._open:
            item = self._open.popleft()
            response, rest, end = item.response, item.rest, End()
            if response is None:
                response, rest = self._responses.partial() if first else (None, b"")
                end, first = failure, False
            if item.request is None and self._requests.head is not None:
                item.request = self._requests.message()
            try:
                self._hand_on(item, item.request, response, rest, end)
            except Exception as error:  # noqa: BLE001  whatever deliver raises
                trouble = trouble or error
        self._requests.forget()
        if self.when_over is not None:
            self.when_over()
            self.when_over = None
        if trouble is not None:
            raise trouble

    def _hand_on(
        self, item: _Open, request: wire.Request | None, response: wire.Response | None, rest: bytes, end: End
    ) -> None:
        """Deliver an exchange; a beginning of a request that has no head yet is none."""
        if request is None:
            if self._requests.failed and self._report is not None:
                url = self.origin.url
                self._report(CassetteError(f"expected HTTP/1.x requests to {url}; what was sent is none: not recorded"))
            return
        self._deliver(
            Exchange(
                request=Request(self.origin, request),
                response=None if response is None else Response(response),
                end=end,
                received=rest,
                connection=self.connection,
                started=item.started,
                elapsed=time.monotonic() - item.since,
            )
        )
