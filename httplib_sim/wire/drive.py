"""Readers of whole connections: octets in, events out, whoever brings the octets.

Law: `feed` and `feed_eof` bring octets; `next_event` gives the next event or `NEED_DATA`, and never waits. Pull (read a
socket when data is needed) and push (feed whatever comes, then ask until `NEED_DATA`) are two loops of three lines over
the same reader. Joined, the octets of all events and of what `rest` gives are the octets that were fed.

Events of a message are its heads (interim responses first), the parts of its body, and `END_OF_MESSAGE`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from .body import END_OF_MESSAGE, BodyPart, BodyReader, body_reader
from .errors import IncompleteMessage, LimitExceeded, RemoteProtocolError
from .fields import Fields
from .framing import TUNNEL, UNTIL_CLOSE, Framing, request_framing, response_framing
from .grammar import SIMPLE_REQUEST_LINE
from .head import HTTP09, RequestHead, ResponseHead, count_empty_lines, parse_request_head, parse_response_head
from .inbox import NEED_DATA, Inbox, NeedData
from .limits import CLIENT, LIMITS, SERVER, Leniency, Limits, check_section_limits
from .quick import CHUNKED_LENGTH, take_plain_head

Event = RequestHead | ResponseHead | BodyPart
_WITHOUT_CONTENT = frozenset({"HEAD", "CONNECT"})


class MessageReader(ABC):
    """What reading requests and reading responses have in common.

    ``framing`` says how the body being read ends, and is None between messages.
    """

    def __init__(self, leniency: Leniency, limits: Limits, inbox: Inbox | None) -> None:
        self.leniency = leniency
        self.limits = limits
        self.inbox = inbox if inbox is not None else Inbox()
        self.framing: Framing | None = None
        self._body: BodyReader | None = None
        self._failure: RemoteProtocolError | None = None
        self._empty = 0

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Bring octets that arrived."""
        self.inbox.feed(data)

    def feed_eof(self) -> None:
        """Say that the peer has closed its side."""
        self.inbox.feed_eof()

    def rest(self) -> bytes:
        """Take the octets that no event has given: what stands before the end, or from an error on."""
        return self.inbox.take_all()

    def next_event(self) -> Event | NeedData:
        """Return the next event; `NEED_DATA` if more octets, or the end, must be fed first.

        Raises `RemoteProtocolError`, and the same one at each further call: after it nothing can be told for certain.
        Between messages, at the end of the connection, it goes on returning `NEED_DATA`.
        """
        if self._failure is not None:
            raise self._failure
        _, before = self.inbox.window()
        try:
            if self._body is None:
                return self._next_head()
            part = self._body.next_part(self.inbox)
        except RemoteProtocolError as failure:
            self._failure = failure
            self.inbox.rewind(before)
            raise
        if part is END_OF_MESSAGE:
            self._body = None
            self.framing = None
        return part

    def become_tunnel(self) -> None:
        """From the next octet on, read no messages: what comes is `Data` until the connection ends.

        For the server's side of a CONNECT it has granted, or of an upgrade (RFC 9110 sections 9.3.6 and 7.8).
        """
        self._begin_body(TUNNEL)

    @abstractmethod
    def _next_head(self) -> Event | NeedData:
        """Take the next head and begin its body, or say that it is not there yet."""

    def _begin_body(self, framing: Framing) -> None:
        self.framing = framing
        self._body = body_reader(framing, self.leniency, self.limits)

    def _take_head(self) -> bytes | None:
        """Take a complete head, with the empty lines before it; None if it is not there yet."""
        empty = self._count_empty_lines()
        octets = self._take_simple_head(empty) or self.inbox.take_section(empty)
        if octets is not None:
            self._empty = 0
            return octets
        window, start = self.inbox.window()
        check_section_limits(window, start + empty, self.limits, complete=False)
        if self.inbox.at_eof and len(self.inbox) > empty:
            raise IncompleteMessage(f"the connection ended inside a head, after {len(self.inbox) - empty} octets of it")
        return None

    def _take_simple_head(self, empty: int) -> bytes | None:  # noqa: ARG002  for those that override it
        """Take a head of HTTP/0.9 after *empty* octets of empty lines; None if none is there."""
        return None

    def _count_empty_lines(self) -> int:
        """How many octets of empty lines come first; those that were counted before are not counted again."""
        if not self.leniency.leading_empty_lines:
            return 0
        octets, start = self.inbox.window()
        self._empty += count_empty_lines(octets, start + self._empty)
        most = self.limits.start_line
        if self._empty > most:
            text = f"expected at most {most} octets of empty lines before a start line, got more"
            raise LimitExceeded(text, "start_line", status_hint=400)
        return self._empty


class RequestReader(MessageReader):
    """Reads the requests of one connection: the server's side of the codec."""

    def __init__(self, leniency: Leniency = SERVER, limits: Limits = LIMITS, inbox: Inbox | None = None) -> None:
        super().__init__(leniency, limits, inbox)

    def _next_head(self) -> Event | NeedData:
        octets = self._take_head()
        if octets is None:
            return NEED_DATA
        head = parse_request_head(octets, self.leniency, self.limits)
        self._begin_body(request_framing(head, self.leniency))
        return head

    def _take_simple_head(self, empty: int) -> bytes | None:
        """Take a request line without version: the whole of an HTTP/0.9 request (RFC 1945 section 4.1)."""
        if not self.leniency.http09:
            return None
        octets, start = self.inbox.window()
        begin = start + empty
        end = octets.find(b"\n", begin)
        if end < 0 or SIMPLE_REQUEST_LINE.fullmatch(octets[begin:end].removesuffix(b"\r")) is None:
            return None
        return self.inbox.take(end + 1 - start)


class ResponseReader(MessageReader):
    """Reads the responses of one connection: the client's side of the codec.

    How a response ends depends on its request, so each request must be announced with `expect`, in order. A response
    that nobody expects, such as a server's 408 on an idle connection, is read as one to GET.
    """

    def __init__(self, leniency: Leniency = CLIENT, limits: Limits = LIMITS, inbox: Inbox | None = None) -> None:
        super().__init__(leniency, limits, inbox)
        self._requests: deque[tuple[str, int]] = deque()
        self._interim = 0

    @property
    def unanswered(self) -> int:
        """How many announced requests have not had their final response's head yet."""
        return len(self._requests)

    def expect(self, method: str, version: int = 11) -> None:
        """Announce a request: its method, and its version (9 is HTTP/0.9, which is answered by a body alone)."""
        self._requests.append((method, version))

    def take_plain(self) -> tuple[ResponseHead, bytes] | None:
        """Take a whole response of the usual kind, its head and its content, if that is what comes first; else None.

        It is what `next_event` would give as a head, data and the end, in one go; and None says nothing: ask that then.
        """
        if self._body is not None or self._failure is not None or not self._requests or self._interim:
            return None
        method, version = self._requests[0]
        if version == HTTP09 or method in _WITHOUT_CONTENT or self.leniency is not CLIENT:
            return None
        _, before = self.inbox.window()
        plain = take_plain_head(self.inbox, self.limits)
        if plain is None:
            return None
        status, reason, section, lowered, length, _, octets = plain
        content = None if length == CHUNKED_LENGTH else self.inbox.take_whole(length)
        if content is None:
            self.inbox.rewind(before)
            return None
        self._requests.popleft()
        return ResponseHead(status, reason, Fields.from_lowered(section, lowered), octets=octets), content

    def _next_head(self) -> Event | NeedData:
        method, version = self._requests[0] if self._requests else ("GET", 11)
        if version == HTTP09 or (self.leniency.http09 and method != "CONNECT"):
            simple = self._is_simple_response(version)
            if simple is None:
                return NEED_DATA
            if simple:
                return self._begin(ResponseHead(200, "", Fields(), HTTP09, octets=b""), UNTIL_CLOSE)
        octets = self._take_head()
        if octets is None:
            if self.inbox.at_eof and self._requests:
                kind = "final response" if self._interim else "response"
                text = f"expected a {kind} to {method}, but the connection ended before its first octet"
                raise IncompleteMessage(text)
            return NEED_DATA
        head = parse_response_head(octets, self.leniency, self.limits)
        if head.is_interim:
            return self._interim_response(head)
        return self._begin(head, response_framing(head, method, self.leniency))

    def _interim_response(self, head: ResponseHead) -> ResponseHead:
        """Nothing but the next head follows an interim response; a flood of them is cut off (CVE-2021-3737)."""
        self._interim += 1
        most = self.limits.interim_responses
        if self._interim > most:
            text = f"expected at most {most} interim responses before the final one, got more"
            raise LimitExceeded(text, "interim_responses")
        return head

    def _begin(self, head: ResponseHead, framing: Framing) -> ResponseHead:
        self._interim = 0
        if self._requests:
            self._requests.popleft()
        self._begin_body(framing)
        return head

    def _is_simple_response(self, version: int) -> bool | None:
        """Tell whether what arrives is a body without a head (HTTP/0.9); None if it is too early to tell."""
        start = self.inbox.peek(5)
        if version == HTTP09:
            return True if start or self.inbox.at_eof else None
        if start == b"HTTP/"[: len(start)] and len(start) < 5 and not self.inbox.at_eof:
            return None
        return bool(start) and start != b"HTTP/"
