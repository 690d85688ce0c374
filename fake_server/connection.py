"""One connection: requests in and answers out, in order, until one side has had enough.

Law: HTTP/1.x as a server speaks it (RFC 9112 section 9: persistence, pipelining, tear-down; RFC 9110 section 10.1.1:
Expect), over `wire.RequestReader` and a blocking socket. Which answer a request gets is somebody else's business: an
answer is an object that writes itself to the connection, so whatever can be written to a socket can be an answer.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING, Final, Protocol

from httplib_sim import wire

from .answers import failure, refusal
from .errors import PeerGone
from .journal import Caller, Entry, Journal

if TYPE_CHECKING:
    from .listener import Link

LINGER: Final = 2.0
"""Seconds for which what the client still sends is read, after our side is closed and before the connection is."""

AT_MOST: Final = 65_536
"""Octets that one recv asks for."""

CONTINUE: Final = wire.response_head(100, "Continue", wire.Fields()).octets

NO_BODY: Final = wire.Body()

NO_CONTENT: Final = wire.Framing(wire.BodyKind.FIXED, 0)


class Answer(Protocol):
    """What a request is answered with."""

    def send(self, connection: Connection, /) -> str:
        """Write itself to *connection*, and return the outcome for the journal: the status code, or a fault's name.

        `Connection.request` is the request to be answered. With `Connection.keep_alive` left true the next one is read
        afterwards. Raises `PeerGone` where `Connection.write` does.
        """


class Service(Protocol):
    """Who knows the answers."""

    def choose(self, entry: Entry, /) -> Answer:
        """Return the answer to the request of *entry*."""

    def failed(self, entry: Entry, error: BaseException, /) -> None:
        """Take note of what went wrong in choosing or sending the answer."""


class Connection:
    """Serves one connection.

    ``request`` is the one being answered. ``keep_alive`` says whether the connection is to persist after it; an
    answer may set it to False.
    """

    def __init__(self, link: Link, caller: Caller, journal: Journal, service: Service) -> None:
        self.request: wire.Request | None = None
        self.keep_alive = True
        self._caller = caller
        self._link = link
        self._sock = link.sock
        self._journal = journal
        self._service = service
        self._reader = wire.RequestReader()
        self._head: wire.RequestHead | None = None
        self._body = wire.BodyCollector()
        self._sent: list[bytes] = []

    def serve(self) -> None:
        """Answer request after request; return when the connection has ended."""
        with contextlib.suppress(PeerGone):
            while self.keep_alive and self._exchange():
                pass
            if not (self._link.cut or self._reader.inbox.at_eof):
                self.linger()

    def write(self, octets: bytes) -> None:
        """Send all of *octets*. Raises `PeerGone` if the client has gone."""
        self._sent.append(octets)
        try:
            self._sock.sendall(octets)
        except OSError as error:
            self.keep_alive = False
            raise PeerGone(f"the client closed the connection while it was being answered ({error})") from error

    def wait_for_end(self) -> None:
        """Read, and drop, what the client sends until it closes the connection (or the server stops)."""
        self.keep_alive = False
        self._reader.rest()
        while self._receive():
            self._reader.rest()

    def reset(self) -> None:
        """End the connection with a reset (RST), as soon as the client's side has all that was written."""
        self.keep_alive = False
        _wait_until_delivered(self._sock)
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._link.cut = True
        self._link.close()

    def linger(self) -> None:
        """Close our side, and read on for a while what the client still sends, so that the last answer reaches it.

        A socket closed with unread octets sends a reset, and that takes from the client what it has not read yet
        (RFC 9112 section 9.6).
        """
        self.keep_alive = False
        end = time.monotonic() + LINGER
        with contextlib.suppress(OSError, ValueError):  # gone already: then there is nothing to wait for
            self._sock.settimeout(LINGER)
            self._say_goodbye()
            self._sock.shutdown(socket.SHUT_WR)
            while time.monotonic() < end and self._sock.recv(AT_MOST):
                pass

    def _say_goodbye(self) -> None:
        """End TLS with its own alert, or the client must take the end for a truncation (RFC 8446 section 6.1)."""
        unwrap = getattr(self._sock, "unwrap", None)
        if unwrap is not None:
            with contextlib.suppress(OSError):
                unwrap()

    def _exchange(self) -> bool:
        """Read a request and answer it; tell whether there was one."""
        self._sent = []
        try:
            request = self._read_request()
        except wire.RemoteProtocolError as error:
            if not self._link.cut:
                self._answer(self._broken_entry(error), refusal(error))
            return False
        if request is None:
            return False
        self.keep_alive = wire.keeps_alive(request.head)
        self._answer(Entry(self._caller, request))
        return True

    def _answer(self, entry: Entry, answer: Answer | None = None) -> None:
        """Let the answer write itself; whatever happens is in the journal."""
        self.request = entry.request
        entry.parts = self._sent
        before = len(self._sent)
        self._journal.begin(entry)
        outcome = "client-closed"
        try:
            outcome = (answer or self._service.choose(entry)).send(self)
        except PeerGone:
            raise
        except BaseException as error:  # noqa: BLE001  whatever a handler raises, pytest.fail() too, is kept for the test
            self._service.failed(entry, error)
            if len(self._sent) == before:
                outcome = failure(error).send(self)
            else:
                outcome = "failed"
                self.keep_alive = False
        finally:
            self._journal.complete(entry, outcome)

    def _broken_entry(self, error: wire.RemoteProtocolError) -> Entry:
        """What stands in the journal for octets that are no request, or half of one."""
        rest = self._reader.rest()
        if self._head is None:
            return Entry(self._caller, None, octets=rest, error=str(error))
        body = self._body.body(complete=False, torn=rest)
        return Entry(self._caller, wire.Request(self._head, body), error=str(error))

    def _read_request(self) -> wire.Request | None:
        """Wait for a request and return it whole; None if the client ends the connection before its first octet."""
        self._head = None
        if not self._reader.inbox:
            self._receive()  # before a reader is asked who cannot know anything yet
        head = self._next_event()
        if not isinstance(head, wire.RequestHead):
            return None
        self._head = head
        self._body = wire.BodyCollector()
        _check_host(head)
        framing = self._reader.framing
        if framing is None or framing.kind is wire.BodyKind.NONE:
            self._reader.next_event()
            return wire.Request(head, NO_BODY)
        if framing != NO_CONTENT and _expects_continue(head):
            self.write(CONTINUE)
        while (part := self._next_event()) is not wire.END_OF_MESSAGE:
            self._body.add(part)
        return wire.Request(head, self._body.body())

    def _next_event(self) -> wire.Event:
        """Wait for the reader's next event; `END_OF_MESSAGE` between messages is the end of the connection."""
        while True:
            event = self._reader.next_event()
            if not isinstance(event, wire.NeedData):
                return event
            if self._reader.inbox.at_eof:
                return wire.END_OF_MESSAGE
            self._receive()

    def _receive(self) -> bool:
        """Wait for octets and feed them to the reader; False at the end, which a reset is too."""
        try:
            octets = self._sock.recv(AT_MOST)
        except OSError:
            octets = b""
        if octets:
            self._reader.feed(octets)
        else:
            self._reader.feed_eof()
        return bool(octets)


def _expects_continue(head: wire.RequestHead) -> bool:
    """RFC 9110 section 10.1.1: a server must answer the expectation, unless it came in an HTTP/1.0 request.

    It might be left out where content has arrived already; it is not, since that depends on the network.
    """
    expectation = head.fields.get("expect")
    return expectation is not None and expectation.lower() == "100-continue" and head.version >= wire.HTTP11


def _check_host(head: wire.RequestHead) -> None:
    """RFC 9112 section 3.2: a server must refuse an HTTP/1.1 request without Host, and any with more than one."""
    count = head.fields.lowered.count(b"\nhost:")
    if count > 1 or (count == 0 and head.version >= wire.HTTP11):
        raise wire.RemoteProtocolError(f"expected one Host field line, got {count or 'none'} (RFC 9112 section 3.2)")


def _wait_until_delivered(sock: socket.socket) -> None:
    """Wait until the peer has acknowledged all that was sent, where the system can tell (Linux's SIOCOUTQ).

    A reset throws away what is still under way; a client must get what was promised to it before.
    """
    try:
        import fcntl  # noqa: PLC0415  not everywhere
        import termios  # noqa: PLC0415
    except ImportError:
        return
    end = time.monotonic() + LINGER
    with contextlib.suppress(OSError):
        while struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0] and time.monotonic() < end:
            time.sleep(0.0005)  # nothing tells when an acknowledgement has come
