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
    from collections.abc import Callable

    from .again import Memory
    from .gates import Gate
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
    """Who knows the answers. Where it is *forehanded*, it wants to see a request before its content has been read."""

    @property
    def forehanded(self) -> bool:
        """Whether `foresee` is to be asked."""

    @property
    def memory(self) -> Memory:
        """The requests that may come again."""

    def foresee(self, entry: Entry, /) -> bool:
        """Tell whether a request of which only the head has come is to be answered before its content is read."""

    def choose(self, entry: Entry, /) -> Answer:
        """Return the answer to the request of *entry*."""

    def failed(self, entry: Entry, error: BaseException, /) -> None:
        """Take note of what went wrong in choosing or sending the answer."""


class Connection:
    """Serves one connection.

    ``request`` is the one being answered. ``keep_alive`` says whether the connection is to persist after it; an
    answer may set it to False. An answer that was chosen before the request's content came reads that by
    `read_content`, as far as it likes, after as many 100s as ``continues`` says, if the client waits for one; and
    ``unread`` is called when the answer has been sent and content is left.
    """

    def __init__(self, link: Link, caller: Caller, journal: Journal, service: Service) -> None:
        self.request: wire.Request | None = None
        self.keep_alive = True
        self.unread: Callable[[], object] | None = None
        self.continues = 1
        self._over = False
        self._notify = True
        self._at_next: Callable[[], object] | None = None
        self._entry: Entry | None = None
        self._body_left = False
        self._caller = caller
        self._link = link
        self._sock = link.sock
        self._journal = journal
        self._service = service
        self._reader = wire.RequestReader()
        self._head: wire.RequestHead | None = None
        self._body = wire.BodyCollector()
        self._content_read = 0
        self._sent: list[bytes] = []

    def serve(self) -> None:
        """Answer request after request; return when the connection has ended."""
        with contextlib.suppress(PeerGone):
            while self.keep_alive and self._answer_known() and self._exchange():
                pass
            if not (self._link.cut or self._reader.inbox.at_eof):
                self.linger()

    def write(self, octets: bytes) -> None:
        """Send all of *octets*. Raises `PeerGone` if the client has gone."""
        self._sent.append(octets)
        try:
            self._sock.sendall(octets)
        except OSError as error:
            raise self._gone(error) from error

    @property
    def over(self) -> bool:
        """Whether nothing more can be sent."""
        return self._over

    def wait_for_end(self) -> None:
        """Read, and drop, what the client sends until it closes the connection (or the server stops)."""
        self._end()
        self._reader.rest()
        while self._receive():
            self._reader.rest()

    def half_close(self) -> None:
        """Close our side, and read on until the client closes the connection."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
        self.wait_for_end()

    def ignore(self) -> None:
        """Neither send nor read any more; the client's octets stay where they are. Returns when the server stops."""
        self._end()
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._link.stopping.wait()

    def close(self, *, notify: bool = True) -> None:
        """Close the connection in the orderly way as soon as the answer is over; over TLS, *notify* the client."""
        self._end()
        self._notify = notify

    def pause(self, seconds: float) -> None:
        """Wait. Raises `PeerGone` if the server stops meanwhile."""
        if self._link.stopping.wait(seconds):
            self._end()
            raise PeerGone("the server stopped while an answer was delayed")

    def hold(self, gate: Gate) -> None:
        """Wait at *gate*. Raises `PeerGone` if the server stops meanwhile."""
        self._link.gate = gate
        try:
            gate.enter(self._link.stopping.is_set)
        except PeerGone:
            self._end()
            raise

    def at_next_request(self, action: Callable[[], object]) -> None:
        """Call *action* instead of answering, when the client's next request begins to come."""
        self._at_next = action

    def write_below(self, octets: bytes) -> None:
        """Send *octets* on the socket itself, below TLS if there is any. Raises `PeerGone`."""
        self._sent.append(octets)
        try:
            socket.socket.sendall(self._sock, octets)
        except OSError as error:
            raise self._gone(error) from error

    def reset(self) -> None:
        """End the connection with a reset (RST), as soon as the client's side has all that was written."""
        self._end()
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
        self._end()
        end = time.monotonic() + LINGER
        with contextlib.suppress(OSError, ValueError):  # gone already: then there is nothing to wait for
            self._sock.settimeout(LINGER)
            if self._notify:
                self._say_goodbye()
            self._sock.shutdown(socket.SHUT_WR)
            while time.monotonic() < end and self._sock.recv(AT_MOST):
                pass

    def read_content(self, octets: int | None = None, *, at_once: int = AT_MOST, seconds: float = 0.0) -> int:
        """Read what has not come yet of the request's content, or its first *octets*; return how many there are.

        *at_once* octets are asked for at a time, and *seconds* waited before each. Does nothing where the request has
        been read already. Raises `PeerGone` where the content breaks off, or is none.
        """
        if self._body_left and self._head is not None:
            try:
                self._continue(self._head)
                while octets is None or self._content_read < octets:
                    if (part := self._read_part(at_once, seconds)) is wire.END_OF_MESSAGE:
                        break
                    self._content_read += len(part.content) if isinstance(part, wire.Data) else 0
            except wire.RemoteProtocolError as error:
                self._end()
                raise PeerGone(f"the request's content could not be read ({error})") from error
            finally:
                body = self._body.body(complete=not self._body_left)
                self.request = wire.Request(self._head, body)
                if self._entry is not None:
                    self._entry.request = self.request
        return self._content_read

    def skip_content(self) -> None:
        """Take it for granted that the client sends none of the request's content: what comes is the next request."""
        rest = self._reader.rest()
        self._reader = wire.RequestReader()
        self._reader.feed(rest)
        self._body_left = False

    def _gone(self, error: OSError) -> PeerGone:
        """What is raised when the client has closed the connection."""
        self._end()
        return PeerGone(f"the client closed the connection while it was being answered ({error})")

    def _end(self) -> None:
        self.keep_alive = False
        self._over = True

    def _say_goodbye(self) -> None:
        """End TLS with its own alert, or the client must take the end for a truncation (RFC 8446 section 6.1)."""
        unwrap = getattr(self._sock, "unwrap", None)
        if unwrap is not None:
            with contextlib.suppress(OSError):
                unwrap()

    def _exchange(self) -> bool:
        """Read a request and answer it; tell whether there was one."""
        if self._at_next is not None:
            return self._do_at_next(self._at_next)
        self._sent = []
        try:
            head = self._read_head()
            if head is None:
                return False
            if self._body_left and self._service.forehanded and self._answer_early(head):
                return True
            request = wire.Request(head, self._read_body(head))
        except wire.RemoteProtocolError as error:
            if not self._link.cut:
                self._answer(self._broken_entry(error), refusal(error))
            return False
        self.keep_alive = wire.keeps_alive(head)
        entry = Entry(self._caller, request)
        self._answer(entry)
        if request.body is NO_BODY and self.keep_alive and not self._at_next:
            self._service.memory.learn(entry)
        return True

    def _answer_known(self) -> bool:
        """Answer requests as long as each is one that was answered before, and feed the first octets that are not.

        True if there are octets to be read, or must be waited for.
        """
        memory, journal, sock, caller = self._service.memory, self._journal, self._sock, self._caller
        while not (self._reader.inbox or self._at_next):
            octets = self._received()
            known = memory.recall(octets)
            if known is None or not memory.meet_again(known, entry := Entry(caller, known.request)):
                self._feed(octets)
                break
            entry.parts = known.parts
            journal.begin(entry)
            outcome = "client-closed"
            try:
                sock.sendall(known.answer)
                outcome = known.outcome
            except OSError as error:
                raise self._gone(error) from error
            finally:
                journal.complete(entry, outcome)
        return True

    def _answer_early(self, head: wire.RequestHead) -> bool:
        """Answer a request whose content has not been read, if somebody wants to."""
        entry = Entry(self._caller, wire.Request(head, NO_BODY))
        if not self._service.foresee(entry):
            return False
        self.keep_alive = wire.keeps_alive(head)
        self.unread = None
        self._answer(entry)
        self._finish()
        return True

    def _finish(self) -> None:
        """See to content that has not been read when the answer has been sent."""
        if self._body_left and not self.over:
            self.continues = 0  # the client has its answer
            (self.unread or self.read_content)()

    def _do_at_next(self, action: Callable[[], object]) -> bool:
        """Wait for the next request to begin, and do what is to be done then; tell whether it may be answered."""
        self._at_next = None
        if not self._reader.inbox and not self._receive():
            return False
        action()
        return self.keep_alive

    def _answer(self, entry: Entry, answer: Answer | None = None) -> None:
        """Let the answer write itself; whatever happens is in the journal."""
        self.request = entry.request
        self._entry = entry
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

    def _read_head(self) -> wire.RequestHead | None:
        """Wait for a request's head; None if the client ends the connection before its first octet."""
        self._head = None
        head = self._next_event()
        if not isinstance(head, wire.RequestHead):
            return None
        self._head = head
        _check_host(head)
        framing = self._reader.framing
        self._body_left = not (framing is None or framing.kind is wire.BodyKind.NONE or framing == NO_CONTENT)
        if self._body_left:
            self._body = wire.BodyCollector()
            self._content_read = 0
            self.continues = 1
        return head

    def _read_body(self, head: wire.RequestHead) -> wire.Body:
        """Wait for the request's body, and return it whole."""
        if not self._body_left:
            self._reader.next_event()
            return NO_BODY
        self._continue(head)
        while self._read_part() is not wire.END_OF_MESSAGE:
            pass
        return self._body.body()

    def _read_part(self, at_most: int = AT_MOST, seconds: float = 0.0) -> wire.Event:
        """Wait for the next part of the body."""
        part = self._next_event(at_most, seconds)
        self._body_left = part is not wire.END_OF_MESSAGE
        self._body.add(part)
        return part

    def _continue(self, head: wire.RequestHead) -> None:
        """Send the 100 that the client waits for: once, where no fault says otherwise."""
        if self.continues and _expects_continue(head):
            self.write(CONTINUE * self.continues)
        self.continues = 0

    def _next_event(self, at_most: int = AT_MOST, seconds: float = 0.0) -> wire.Event:
        """Wait for the reader's next event; `END_OF_MESSAGE` between messages is the end of the connection."""
        while True:
            event = self._reader.next_event()
            if not isinstance(event, wire.NeedData):
                return event
            if self._reader.inbox.at_eof:
                return wire.END_OF_MESSAGE
            if seconds:
                self.pause(seconds)
            self._receive(at_most)

    def _receive(self, at_most: int = AT_MOST) -> bool:
        """Wait for octets and feed them to the reader; False at the end."""
        octets = self._received(at_most)
        self._feed(octets)
        return bool(octets)

    def _received(self, at_most: int = AT_MOST) -> bytes:
        """Wait for octets; none at the end, which a reset is too."""
        try:
            return self._sock.recv(at_most)
        except OSError:
            return b""

    def _feed(self, octets: bytes) -> None:
        if octets:
            self._reader.feed(octets)
        else:
            self._reader.feed_eof()


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
