"""The player: told what a client sends over one connection, it says what the client receives.

Law: no socket, no thread, and no clock but that of a pace. An answer is there when the request is complete and not
before (with Expect: 100-continue, when its head is); when it is due is said, and so is what happens when the recording
has nothing more: nothing is waited for here. ``b""`` means nothing here: how a connection ends is a `How`.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Protocol

from httplib_sim import wire

from .errors import CassetteError, CassetteStall, NoMatch
from .exchange import Exchange, How, Request
from .large_body import LargeBody
from .spool import TEMPORARY
from .timing import Schedule
from .transcript import Requests, persists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httplib_sim.waist import Origin

    from .timing import Pace


class Answers(Protocol):
    """Who knows the answers: a `Cassette`, with the ``path`` to show."""

    path: str

    def play(self, request: Request) -> Exchange | None:
        """Return the exchange that answers *request*; None if nobody here does."""

    def foresee(self, request: Request) -> Exchange | None:
        """Return the exchange that will probably answer a request of which all but the body is known."""

    def remember(self, error: CassetteError) -> None:
        """Keep an *error* in mind that the program may swallow."""


class Counterpart(Protocol):
    """What a mock socket talks to, in place of a network: a `Player`, or a `Canned` answer."""

    @property
    def idle(self) -> bool:
        """Whether the next octet sent begins a request."""

    @property
    def endless(self) -> bool:
        """Whether nobody can tell any more where a request ends."""

    @property
    def owes(self) -> bool:
        """Whether octets are due."""

    @property
    def delay(self) -> float:
        """In how many seconds what `receive` returns is due; 0 where nobody is to wait for it."""

    @property
    def pace(self) -> Pace | None:
        """How quickly it goes; None where nobody is to wait."""

    @property
    def readable(self) -> bool:
        """Whether `receive` would return now, rather than raise because nothing is due."""

    def sent(self, data: bytes | memoryview) -> int:
        """Take what the client sends, up to the end of the request under way; return how many octets that were."""

    def receive(self, most: int, *, peek: bool = False) -> bytes | How:
        """Return at most *most* octets (one at least), or how the connection ended; with *peek* they stay.

        Raises `CassetteStall` if neither is due.
        """


class _Outbox:
    """The octets that are due, and what comes after them: the end of the connection, or nothing yet.

    What is large comes in pieces, each asked for when the one before has been taken.
    """

    __slots__ = ("_more", "_octets", "_position", "ending")

    def __init__(self, octets: bytes = b"", ending: How | None = None) -> None:
        self._octets = octets
        self._position = 0
        self._more: Iterator[bytes] | None = None
        self.ending = ending

    def put_pieces(self, pieces: Iterator[bytes], without: int) -> None:
        """Make *pieces* due but for the first *without* octets; raises what asking for the first one raises."""
        for piece in pieces:
            rest = piece[without:]
            without -= len(piece) - len(rest)
            if rest:
                self.put(rest)
                self._more = pieces if self._more is None else chain(self._more, pieces)
                return

    def put(self, octets: bytes) -> None:
        if self._more is not None:
            self._more = chain(self._more, [octets])
            return
        self._octets = self._octets[self._position :] + octets if self else octets
        self._position = 0

    def __bool__(self) -> bool:
        return self._position < len(self._octets)

    def take(self, most: int, *, peek: bool) -> bytes:
        start = self._position
        end = min(start + most, len(self._octets))
        taken = self._octets[start:end]
        if not peek:
            self._position = end
            if end == len(self._octets) and self._more is not None:
                self._octets, self._position = next(self._more, b""), 0
                if not self._octets:
                    self._more = None
        return taken


class Canned:
    """An answer that is there from the start, whatever is sent; after it the connection has ended."""

    idle = True
    endless = False
    readable = True
    delay = 0.0
    pace = None

    def __init__(self, octets: bytes, ending: How = How.EOF) -> None:
        self._outbox = _Outbox(octets, ending)
        self._ending = ending
        self.sent_octets = bytearray()

    @property
    def owes(self) -> bool:
        """Whether octets are due."""
        return bool(self._outbox)

    def sent(self, data: bytes | memoryview) -> int:
        """Keep *data* in ``sent_octets``."""
        self.sent_octets += data
        return len(data)

    def receive(self, most: int, *, peek: bool = False) -> bytes | How:
        """Return at most *most* octets, or how the connection ended."""
        return self._outbox.take(most, peek=peek) if self._outbox else self._ending


class Player:
    """Answers the requests to *origin* that are sent over one connection, with what *answers* knows.

    ``unanswered`` is the request that nobody answers because it is to be recorded: it belongs on the network.
    """

    def __init__(self, origin: Origin, answers: Answers, pace: Pace | None = None) -> None:
        self.origin = origin
        self.pace = pace
        self._begun = 0.0  # when the request under way began, where there is a pace
        self._schedule: Schedule | None = None
        self.unanswered: wire.Request | None = None
        self._answers = answers
        self._requests = Requests(spools=TEMPORARY)
        self._outbox = _Outbox()
        self._released = 0
        self._foreseen = False
        self._ends_later = False  # the end of the connection came between requests, and has not been seen yet
        self._last: Request | None = None
        self._cut = False
        self._tunnel = False
        self._missed: CassetteError | None = None  # why the last request has no answer

    @property
    def idle(self) -> bool:
        """Whether the next octet sent begins a request."""
        return self._requests.idle

    @property
    def endless(self) -> bool:
        """Whether nobody can tell any more where a request ends: what was sent is no HTTP/1.x."""
        return self._requests.endless

    @property
    def owes(self) -> bool:
        """Whether octets are due."""
        return bool(self._outbox)

    @property
    def delay(self) -> float:
        """In how many seconds what is received next is due; 0 where there is no pace, or nothing to come."""
        if self._schedule is None or not (self._outbox or self._outbox.ending is not None):
            return 0.0
        return self._schedule.delay()

    @property
    def readable(self) -> bool:
        """Whether octets or the end of the connection are due."""
        return bool(self._outbox) or self._outbox.ending in {How.EOF, How.RESET}

    @property
    def ending(self) -> How | None:
        """How the connection ends after what is due; None if it stays open, or if nobody knows.

        That a client waited in vain for more than a whole answer is none of its ends.
        """
        waits_for_more = self._ends_later and self._outbox.ending is How.TIMEOUT
        return None if waits_for_more else self._outbox.ending

    @property
    def cut(self) -> bool:
        """Whether the client, back then, closed within the last answer: what would have come is not known."""
        return self._cut

    def sent(self, data: bytes | memoryview) -> int:
        """Take *data*, up to the end of the request under way; return how many octets that were.

        Raises `NoMatch`, `BrokenPipeError` where the connection has ended, `CassetteError` in a tunnel.
        """
        __tracebackhide__ = True
        if self._tunnel:
            raise self._no_tunnel()
        if self._ends_later and self._requests.begins(data):
            # Back then the client looked and found the end; now it sends on, maybe before the end has come.
            self._outbox.ending = None
        elif self._outbox.ending in {How.EOF, How.RESET} and not self._outbox:
            raise BrokenPipeError(32, "the server had closed the connection when this was recorded")
        requests = self._requests
        if requests.idle:
            self._foreseen = False
            self._missed = None
            self._released = 0
            if self.pace is not None:
                self._begun = self.pace.now()
        count = requests.take(data)
        if requests.complete:
            self._answer(requests.message())
        elif requests.endless:
            self._refuse()
        elif not self._foreseen and requests.expects_continue:
            self._foresee(requests.message())
        return count

    def receive(self, most: int, *, peek: bool = False) -> bytes | How:
        """Return at most *most* octets, or how the connection ended.

        Raises `CassetteStall` where a live client would wait for octets that the recording does not have.
        """
        __tracebackhide__ = True
        if not self._outbox and self._outbox.ending is None and not self.idle and not self._foreseen:
            # The client reads before its request is complete: right if the server answered early, back then.
            self._foresee(self._requests.message() if self._requests.head is not None else None)
        if self._outbox:
            return self._take(most, peek=peek)
        if self._outbox.ending is not None:
            self._ends_later = False
            return self._outbox.ending
        if self._requests.expects_continue:
            return How.TIMEOUT  # it waits for a 100 that never came, and goes on after a time of its own
        raise self._stall()

    def _take(self, most: int, *, peek: bool) -> bytes:
        __tracebackhide__ = True
        try:
            taken = self._outbox.take(most if self._schedule is None else self._schedule.limit(most), peek=peek)
        except CassetteError as error:  # the file of a large body is not what it was
            self._answers.remember(error)
            raise
        if self._schedule is not None and not peek:
            self._schedule.took(len(taken))
        return taken

    def _answer(self, message: wire.Request) -> None:
        __tracebackhide__ = True
        if self._outbox.ending is not None:
            return
        exchange = self._look_for(self._answers.play, Request(self.origin, message))
        if exchange is None:
            self.unanswered = message
        else:
            self._put(exchange, complete=True)

    def _foresee(self, message: wire.Request | None) -> None:
        """Find out by the head what comes before the request is complete: interim responses, or an early final one."""
        __tracebackhide__ = True
        if message is None:
            raise self._stall()
        request = Request(self.origin, message)
        exchange = self._look_for(self._answers.foresee, request)
        self._foreseen = True
        if exchange is None:
            self.unanswered = message
        elif not exchange.request.message.body.complete and (early := self._answers.play(request)) is not None:
            self._put(early, complete=False)
        elif self._requests.expects_continue:
            interim = wire.emit(*exchange.interim)
            self._outbox.put(interim)
            self._released = len(interim)

    def _put(self, exchange: Exchange, *, complete: bool) -> None:
        """Make the answer of *exchange* due."""
        if _begins_web_socket(exchange):
            raise self._no_web_socket(exchange)
        self._last = exchange.request
        self._tunnel = _begins_tunnel(exchange)
        self._cut = exchange.end.how is How.CLIENT_CLOSED
        if exchange.response is not None and isinstance(exchange.response.message.body, LargeBody):
            self._outbox.put_pieces(exchange.answer_pieces(), self._released)
        else:
            self._outbox.put(exchange.answer[self._released :])
        if self.pace is not None:
            self._schedule = Schedule(exchange.timing, exchange.elapsed, self._begun, self.pace)
            self._schedule.took(self._released)
        self._released = 0
        self._outbox.ending = _ending(exchange, complete=complete)
        self._ends_later = self._outbox.ending is not None and complete and _persists(exchange)

    def _refuse(self) -> None:
        __tracebackhide__ = True
        error = NoMatch(f"expected an HTTP/1.x request to {self.origin.url}, but what was sent is none")
        self._answers.remember(error)
        raise error

    def _no_web_socket(self, exchange: Exchange) -> CassetteError:
        host = self.origin.host
        self._missed = CassetteError(
            f"expected a request that HTTP answers, got {exchange.request!r}, which began a "
            "web socket when it was recorded: what goes over a web socket is not recorded, so there is "
            f"nothing to replay. Leave the server alone (ignore={host!r}), or let a double stand for it"
        )
        self._answers.remember(self._missed)
        return self._missed

    def _no_tunnel(self) -> CassetteError:
        error = CassetteError(
            f"expected a request to {self.origin.url}, got what a tunnel carries: {self._last} began one, and what "
            "goes through it is not recorded. Clients that make a proxy's tunnel while they connect are recorded with "
            "what goes through; see docs/cassettes.md"
        )
        self._answers.remember(error)
        return error

    def _look_for(self, ask: Callable[[Request], Exchange | None], request: Request) -> Exchange | None:
        """What *ask* says of *request*; a refusal is what whoever reads on is told as well."""
        __tracebackhide__ = True
        try:
            return ask(request)
        except CassetteError as error:
            self._missed = error
            raise

    def _stall(self) -> CassetteError:
        if self._missed is not None:
            return self._missed
        last = self._last or "nothing was sent"
        what = f"the client reads on, but nothing more was recorded after {last}: live it might wait for ever"
        if self._tunnel:
            what = f"{last} ended HTTP on its connection, and what that carried from then on is not recorded"
        elif not self.idle:
            what = "the client reads before its request is complete, and no early answer was recorded"
        elif self._cut:
            what = (
                f"the client reads on where the recording of {last} ends: it had not read further when it closed the "
                "connection, or when the cassette's block ended. Read the answer within the block"
            )
        error = CassetteStall(
            f"{what}. If the program does what it should, record {self._answers.path} anew: mode='all'"
        )
        self._answers.remember(error)
        return error


def _ending(exchange: Exchange, *, complete: bool) -> How | None:
    """How the connection ends after this exchange's answer; None if it stays open, or if nobody knows."""
    how = exchange.end.how
    if how is How.CLIENT_CLOSED:
        return None
    if how is not How.COMPLETE:
        return how
    return None if complete and _persists(exchange) else How.EOF


def _begins_tunnel(exchange: Exchange) -> bool:
    """Whether what follows is no HTTP any more, or that of somebody else (RFC 9110 sections 9.3.6 and 15.2.2)."""
    status = 0 if exchange.response is None else exchange.response.status
    return status == 101 or (exchange.request.method == "CONNECT" and 200 <= status < 300)


def _begins_web_socket(exchange: Exchange) -> bool:
    """Whether what follows are the frames of a web socket (RFC 6455 section 4.2.2), after a challenge of its own."""
    response = exchange.response
    return response is not None and response.status == 101 and "sec-websocket-accept" in response.headers


def _persists(exchange: Exchange) -> bool:
    """Whether the connection could carry another request, however it then ended."""
    response = exchange.response
    return (
        response is not None
        and response.message.body.complete
        and persists(exchange.request.message.head, response.message.head)
    )
