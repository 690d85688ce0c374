"""What went over one connection, both ways, cut into messages as each completes.

Law: octets in, wire messages out, and whatever is no message stays as octets; nothing is refused and nothing is lost,
since the live exchange has already happened. No socket, no clock, no cassette. `Requests` is the client's direction,
used wherever a request's border matters; `Responses` is the server's. Where only the border matters, nothing is kept.

Both read as leniently as the codec can, and without limits: to judge what was sent is the business of who received it.
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .gathering import Gatherer

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .spool import Spools

AT_ONCE: Final = 262_144
"""Octets that are read at a time, where more come in one piece."""


def persists(request: wire.RequestHead, response: wire.ResponseHead) -> bool:
    """Tell whether the connection outlives a complete response: for more requests (RFC 9112 section 9.3), or a tunnel.

    Where the response has been edited so that its framing makes no sense, nothing but the connection's end can end it.
    """
    key = request.method, request.version, request.fields, response.status, response.version, response.fields
    found = _persisting.get(key)
    if found is None:
        if len(_persisting) >= _MOST_KNOWN:
            _persisting.clear()
        found = _persisting[key] = _persists(request, response)
    return found


_persisting: dict[Hashable, bool] = {}
"""What `persists` has said of heads that come again and again."""
_bodiless: dict[bytes, wire.Fields] = {}
"""Field lines of requests that had no body, as octets, and what was made of them: they come again and again."""
_MOST_KNOWN: Final = 256
_LINE: Final = re.compile(rb"([A-Z]{1,20}) ([!-~]+) HTTP/1\.1\r\n")
"""A request line as nearly all are."""


def _persists(request: wire.RequestHead, response: wire.ResponseHead) -> bool:
    try:
        kind = wire.response_framing(response, request.method).kind
    except wire.RemoteProtocolError:
        return False
    if kind is wire.BodyKind.TUNNEL:
        return True
    return wire.keeps_alive(response) and wire.keeps_alive(request) and kind is not wire.BodyKind.UNTIL_CLOSE


class Requests:
    """Cuts what a client sends into requests.

    ``head`` is the head of the request under way or just completed, None until it is complete; ``complete`` says
    whether the last `take` completed a request; ``endless`` that the octets are no HTTP/1.x, and from there on
    everything belongs to the request under way. ``idle`` is true between requests. Unless *keep*, only where requests
    end is found out, and `message` has no content to give. *spools* makes places for large bodies; without it they are
    kept in memory.
    """

    __slots__ = ("_body", "_keep", "_reader", "_spools", "_torn", "complete", "endless", "head", "idle")

    def __init__(self, *, keep: bool = True, spools: Spools | None = None) -> None:
        self._keep = keep
        self._spools = spools
        self._reader = wire.RequestReader(wire.LENIENT, wire.UNLIMITED)
        self._body = Gatherer()
        self._torn = bytearray()
        self.head: wire.RequestHead | None = None
        self.complete = False
        self.endless = False
        self.idle = True

    @property
    def expects_continue(self) -> bool:
        """Whether the head is there, the body is not, and the client may wait to be told to go on (RFC 9110 10.1.1)."""
        head = self.head
        return head is not None and not self.idle and "100-continue" in head.fields.get("expect", "").lower()

    def begins(self, data: memoryview | bytes) -> bool:
        """Tell whether *data* begins a request: empty lines between requests do not (RFC 9112 section 2.2)."""
        return self.idle and bool(bytes(data[:64]).strip(b"\r\n") or bytes(data).strip(b"\r\n"))

    def take(self, data: memoryview | bytes) -> int:
        """Take *data* up to the end of the request under way, and return how many octets that were: all, or fewer."""
        self.complete = False
        if self.endless:
            if self._keep:
                self._torn += data
            return len(data)
        if self.idle:
            if type(data) is bytes and self._take_whole(data):
                return len(data)
            if not self.begins(data):
                return len(data)
            self.idle = False
            self.head = None
            self._body = Gatherer()
        return self._feed(data) if len(data) <= AT_ONCE else self._feed_large(memoryview(data))

    def _feed(self, data: memoryview | bytes) -> int:
        self._reader.feed(data)
        try:
            self._read()
        except wire.RemoteProtocolError as problem:
            problem.__traceback__ = None  # as in `Responses`
            self._fail()
        # What lies behind the end of a request belongs to the next one, which its sender may want to put elsewhere.
        return len(data) - len(self._reader.rest()) if self.complete else len(data)

    def _feed_large(self, view: memoryview) -> int:
        taken = 0
        while taken < len(view) and not self.complete:
            piece = view[taken : taken + AT_ONCE]
            taken += self.take(piece) if self.endless else self._feed(piece)
        return taken

    def forget(self) -> None:
        """Keep nothing any more, and nothing of what came: from now on only borders matter."""
        self._keep = False
        self._body = Gatherer()
        self._torn.clear()

    def message(self) -> wire.Request:
        """Return the request as far as it has come. Raises `ValueError` before its head is complete."""
        if self.head is None:
            raise ValueError("the head of the request is not complete")
        if self.complete:
            return wire.Request(self.head, self._body.body())
        inbox = self._reader.inbox
        return wire.Request(self.head, self._body.body(complete=False, torn=bytes(self._torn) + inbox.peek(len(inbox))))

    def _take_whole(self, data: bytes) -> bool:
        """Take *data* if it is one whole request without a body, as nearly all are: the usual case, in one go."""
        if len(data) < 4 or data.find(b"\r\n\r\n") != len(data) - 4 or data[0] <= 32:
            return False
        line = _LINE.match(data)
        fields = None if line is None else _bodiless.get(data[line.end() : -2])
        if line is not None and fields is not None:
            method, target = line.groups()
            head = wire.RequestHead(method.decode("ascii"), target.decode("ascii"), fields, octets=data)
        else:
            try:
                head = wire.parse_request_head(data, wire.LENIENT, wire.UNLIMITED)
                framing = wire.request_framing(head, wire.LENIENT)
            except wire.RemoteProtocolError:
                return False
            if framing.length or framing.kind is wire.BodyKind.CHUNKED:
                return False
            if line is not None and len(_bodiless) < _MOST_KNOWN:
                _bodiless[data[line.end() : -2]] = head.fields
        self.head = head
        self.complete = True
        self._body = Gatherer()
        return True

    def _read(self) -> None:
        while (event := self._reader.next_event()) is not wire.NEED_DATA:
            if event is wire.END_OF_MESSAGE:
                self.idle = self.complete = True
                return
            if isinstance(event, wire.RequestHead):
                self.head = event
                if self._spools is not None:
                    self._body = Gatherer(partial(self._spools.make, event, None, None), self._spools.large)
            elif self._keep and not isinstance(event, wire.NeedData):
                self._body.add(event)

    def _fail(self) -> None:
        """Keep what cannot be read: as the torn body of a head, if there is one."""
        self.endless = True
        inbox = self._reader.inbox
        if self.head is None and (section := inbox.take_section()) is not None:
            try:
                self.head = wire.parse_request_head(section, wire.LENIENT, wire.UNLIMITED)
            except wire.RemoteProtocolError:
                self._torn += section
        self._torn += self._reader.rest()
        if not self._keep:
            self._torn.clear()


class Responses:
    """Cuts what a server sends into responses; each request must be announced with `expect` first, in order.

    ``tunnel`` is true once the connection has stopped to be HTTP, after CONNECT's 2xx or a 101. *spools* as in
    `Requests`.
    """

    __slots__ = ("_body", "_failed", "_head", "_interim", "_raw", "_reader", "_requests", "_spools", "tunnel")

    def __init__(self, *, spools: Spools | None = None) -> None:
        self._spools = spools
        self._requests: deque[wire.RequestHead] = deque()
        self._reader = wire.ResponseReader(wire.CLIENT, wire.UNLIMITED)
        self._raw = bytearray()
        self._failed = False
        self.tunnel = False
        self._begin()

    def _begin(self) -> None:
        self._interim: list[wire.ResponseHead] = []
        self._head: wire.ResponseHead | None = None
        self._body = Gatherer()

    def expect(self, head: wire.RequestHead) -> None:
        """Announce the request with this *head*."""
        self._requests.append(head)
        self._reader.expect(head.method, head.version)

    def feed(self, data: memoryview | bytes) -> None:
        """Bring octets that came."""
        if self._failed:
            self._raw += data
        else:
            self._reader.feed(data)

    def feed_eof(self) -> None:
        """Say that the server has closed its side."""
        self._reader.feed_eof()

    def next_response(self) -> wire.Response | None:
        """Return the next complete response, or None as long as there is none."""
        if self._failed or self.tunnel:
            return None
        try:
            return self._read()
        except wire.RemoteProtocolError as problem:
            # The reader keeps the error, and with its traceback it would keep the buffers of those who called.
            problem.__traceback__ = None
            self._failed = True
            self._raw += self._reader.rest()
            return None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come, not even the end, that was not given out."""
        inbox = self._reader.inbox
        return self._head is None and not self._interim and inbox.is_empty() and not (inbox.at_eof or self._failed)

    def rest(self) -> bytes:
        """Take the octets that came after the last complete response."""
        return self._reader.rest()

    def partial(self) -> tuple[wire.Response | None, bytes]:
        """Return what came of a response that did not complete: from its head on as a response, else as octets."""
        torn = bytes(self._raw) + self._reader.rest()
        if self._head is None:
            return None, wire.emit(*self._interim) + torn
        return wire.Response(self._head, self._body.body(complete=False, torn=torn), tuple(self._interim)), b""

    def _take_plain(self, size: int) -> wire.Response | None:
        """Take a response of the usual kind that is whole, and not large, among the *size* octets that are there."""
        plain = self._reader.take_plain() if self._spools is None or size <= self._spools.large else None
        if plain is None:
            return None
        if self._requests:
            self._requests.popleft()
        return wire.Response(plain[0], wire.Body(plain[1]))

    def _read(self) -> wire.Response | None:
        if self._head is None:
            inbox = self._reader.inbox
            if inbox.is_empty() and not inbox.at_eof:
                return None
            if plain := self._take_plain(len(inbox)):
                return plain
        while (event := self._reader.next_event()) is not wire.NEED_DATA:
            if isinstance(event, wire.ResponseHead):
                if event.is_interim:
                    self._interim.append(event)
                    continue
                self._head = event
                request = self._requests.popleft() if self._requests else None
                if self._spools is not None:
                    self._body = Gatherer(partial(self._spools.make, request, event, None), self._spools.large)
                framing = self._reader.framing
                self.tunnel = framing is not None and framing.kind is wire.BodyKind.TUNNEL
            elif event is not wire.END_OF_MESSAGE and not isinstance(event, wire.NeedData):
                self._body.add(event)
                continue
            if (event is wire.END_OF_MESSAGE or self.tunnel) and self._head is not None:
                response = wire.Response(self._head, self._body.body(), tuple(self._interim))
                self._begin()
                return response
        return None
