"""One connection: requests in and answers out, in order, until one side has had enough.

Law: HTTP/1.x as a server speaks it (RFC 9112 section 9: persistence, pipelining, tear-down; RFC 9110 section 10.1.1:
Expect), over `wire.RequestReader` and a blocking socket. Which answer a request gets is somebody else's business: an
answer is an object that writes itself to the connection, so whatever can be written to a socket can be an answer.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Protocol

from httplib_sim import wire

from .answers import failure, refusal, text_answer
from .channel import AT_MOST, HANDSHAKE, Channel
from .conduct import USUAL, Conduct
from .errors import PeerGone
from .journal import Caller, Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from .again import Memory
    from .expectations import Expectations
    from .journal import Journal
    from .listener import Link

CONTINUE: Final = wire.response_head(100, "Continue", wire.Fields()).octets

HELLO: Final = (
    "expected HTTP, since this server speaks without TLS; got the beginning of TLS. The URL must begin with http://, "
    "or the server be one with tls=True"
)

NO_BODY: Final = wire.Body()

EXPECTATION_FAILED: Final = text_answer(417, "This server does not say that content may follow.\n")

NO_CONTENT: Final = wire.Framing(wire.BodyKind.FIXED, 0)


class Answer(Protocol):
    """What a request is answered with."""

    def send(self, connection: Connection, /) -> str:
        """Write itself to *connection*, and return the outcome for the journal: the status code, or a fault's name.

        `Connection.request` is the request to be answered. With `Connection.keep_alive` left true the next one is read
        afterwards. Raises `PeerGone` where `Connection.write` does.
        """


class Service(Protocol):
    """Where requests go."""

    @property
    def memory(self) -> Memory:
        """The requests that may come again."""

    def party(self, entry: Entry, /) -> Party:
        """Return whom the request of *entry* is for."""


class Party(Protocol):
    """Who knows the answers. Where it is *forehanded*, it wants to see a request before its content has been read."""

    @property
    def journal(self) -> Journal:
        """Where its requests stand."""

    @property
    def expectations(self) -> Expectations:
        """What it expects."""

    @property
    def forehanded(self) -> bool:
        """Whether `foresee` is to be asked."""

    def foresee(self, entry: Entry, /) -> bool:
        """Tell whether a request of which only the head has come is to be answered before its content is read."""

    def choose(self, entry: Entry, /) -> Answer:
        """Return the answer to the request of *entry*."""

    def failed(self, entry: Entry, error: BaseException, /) -> None:
        """Take note of what went wrong in choosing or sending the answer."""

    def misread(self, entry: Entry, /) -> None:
        """Take note of what was refused, since it is no request: `Entry.error` says why."""


class Connection(Channel):
    """Serves one connection, as *conduct* says; where *always* is given, that answers every request.

    ``request`` is the one being answered; an answer may set ``keep_alive`` to False. An answer that was chosen before
    the request's content came reads that by `read_content`, as far as it likes, after as many 100s as ``continues``
    says, if the client waits for one; and ``unread`` is called when the answer has been sent and content is left.
    ``successor``, if an answer sets it, is called when the connection is HTTP's no longer, with what was read too much.
    """

    def __init__(
        self,
        link: Link,
        caller: Caller,
        service: Service,
        conduct: Conduct = USUAL,
        *,
        always: Answer | None = None,
    ) -> None:
        super().__init__(link)
        self.request: wire.Request | None = None
        self.unread: Callable[[], object] | None = None
        self.continues = 1
        self.successor: Callable[[bytes], object] | None = None
        self._at_next: Callable[[], object] | None = None
        self._entry: Entry | None = None
        self._body_left = False
        self._caller = caller
        self._service = service
        self._conduct = conduct
        self._always = always
        self._looks_ahead = always is None and conduct.idle is None and conduct.requests is None
        self._requests = 0
        self._reader = conduct.reader()
        self._head: wire.RequestHead | None = None
        self._body = wire.BodyCollector()
        self._content_read = 0

    def serve(self) -> None:
        """Answer request after request; return when the connection has ended."""
        with contextlib.suppress(PeerGone):
            while self.keep_alive and self._answer_known() and self._exchange():
                pass
            if self.successor is None and not (self.link.cut or (self.at_eof and not self.timed_out)):
                self.linger()
        if self.successor is not None:
            self.successor(self._reader.rest())

    def at_next_request(self, action: Callable[[], object]) -> None:
        """Call *action* instead of answering, when the client's next request begins to come."""
        self._at_next = action

    def read_content(self, octets: int | None = None, *, at_once: int = AT_MOST, seconds: float = 0.0) -> int:
        """Read what has not come yet of the request's content, or its first *octets*; return how many there are.

        *at_once* octets are asked for at a time, and *seconds* waited before each. Does nothing where the request has
        been read already. Raises `PeerGone` where the content breaks off, or is none.
        """
        if self._body_left and self._head is not None:
            try:
                self._continue(self._head)
                while octets is None or self._content_read < octets:
                    if self._read_part(at_once, seconds) is wire.END_OF_MESSAGE:
                        break
            except wire.RemoteProtocolError as error:
                self.end()
                raise PeerGone(f"the request's content could not be read ({error})") from error
            finally:
                body = self._body.body(complete=not self._body_left)
                if self._entry is not None:
                    self.request = self._entry.take_body(body)
        return self._content_read

    def skip_content(self) -> None:
        """Take it for granted that the client sends none of the request's content: what comes is the next request."""
        rest = self._reader.rest()
        self._reader = self._conduct.reader()
        self._reader.feed(rest)
        self._body_left = False

    def _exchange(self) -> bool:
        """Read a request and answer it; tell whether there was one."""
        if self._at_next is not None:
            return self._do_at_next(self._at_next)
        self.sent = []
        try:
            head = self._read_head()
            if head is None:
                return False
            if self._body_left and self._answer_early(head):
                return True
            request = wire.Request(head, self._read_body(head))
        except wire.RemoteProtocolError as error:
            if not self.link.cut:
                self._refuse(error)
            return False
        self.keep_alive = self._persists(head)
        entry = Entry(self._caller, request)
        party = self._service.party(entry)
        self._answer(entry, party, self._always)
        if request.body is NO_BODY and self.keep_alive and self._looks_ahead:
            self._service.memory.learn(entry, party)
        return True

    def _answer_known(self) -> bool:
        """Answer requests as long as each is one that was answered before, and feed the first octets that are not.

        False if the server wants to stop, and no request has come.
        """
        memory, link, sock, caller = self._service.memory, self.link, self.sock, self._caller
        while not (self._reader.inbox or self._at_next):
            link.idle = True
            if link.draining:
                return False
            if not self._looks_ahead:
                return True
            octets = self.received()
            link.idle = False
            known = memory.recall(octets)
            if known is None or not memory.meet_again(known, entry := Entry(caller, known.request)):
                self.feed(octets)
                break
            entry.parts = known.parts
            journal = known.party.journal
            journal.begin(entry)
            outcome = "client-closed"
            try:
                sock.sendall(known.answer)
                outcome = known.outcome
            except OSError as error:
                raise self.gone(error) from error
            finally:
                journal.complete(entry, outcome)
        return True

    def _answer_early(self, head: wire.RequestHead) -> bool:
        """Answer a request whose content has not been read, if somebody wants to, or the client waits in vain."""
        entry = Entry(self._caller, wire.Request(head, NO_BODY))
        party = self._service.party(entry)
        answer: Answer | None = None
        self.unread = None
        if not (party.forehanded and party.foresee(entry)):
            if not _expects_continue(head) or self._conduct.expect not in {"refuse", "on read"}:
                return False
            if self._conduct.expect == "refuse":
                answer, self.unread = EXPECTATION_FAILED, self.skip_content
            else:
                entry.load, self.unread = self.read_content, self._leave_content
        self.keep_alive = self._persists(head)
        self._answer(entry, party, answer or self._always)
        self._finish()
        return True

    def _leave_content(self) -> None:
        """Read nothing of the content: it may come or not, which the client says by closing the connection."""

    def _persists(self, head: wire.RequestHead) -> bool:
        """Whether the connection is to persist after this request, as far as request and server have a say in it."""
        self._requests += 1
        most = self._conduct.requests
        return wire.keeps_alive(head) and not self.link.draining and (most is None or self._requests < most)

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

    def _answer(self, entry: Entry, party: Party, answer: Answer | None = None) -> None:
        """Let the answer of *party* write itself; whatever happens is in its journal."""
        self.request = entry.request
        self._entry = entry
        entry.parts = self.sent
        begun: int | None = None
        party.journal.begin(entry)
        outcome = "client-closed"
        try:
            chosen = answer or party.choose(entry)
            begun = len(self.sent)
            if self.unread == self._leave_content and self._body_left:
                self.keep_alive = False  # the client has not been told to send what it has announced
            outcome = chosen.send(self)
        except PeerGone:
            raise
        except BaseException as error:  # noqa: BLE001  whatever a handler raises, pytest.fail() too, is kept for the test
            party.failed(entry, error)
            if begun is None or len(self.sent) == begun:
                outcome = failure(error).send(self)
            else:
                outcome = "failed"
                self.keep_alive = False
        finally:
            if self.how:
                entry.end = self.how
            party.journal.complete(entry, outcome)

    def _refuse(self, error: wire.RemoteProtocolError) -> None:
        """Answer what is no request. The party hears of it, unless the client went away, or that was its own limit."""
        entry = self._broken_entry(error)
        party = self._service.party(entry)
        limited = isinstance(error, wire.LimitExceeded) and self._conduct.limits
        if not (self.at_eof or limited):
            party.misread(entry)
        self._answer(entry, party, refusal(error, 408 if self.timed_out else error.status_hint))

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
            self.continues = int(self._conduct.expect != "never")
            self._conduct.check_content(framing.length or 0 if framing is not None else 0)
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
        if isinstance(part, wire.Data):
            self._content_read += len(part.content)
            self._conduct.check_content(self._content_read)
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
            if self._head is None and self._reader.inbox.startswith(HANDSHAKE):
                raise wire.RemoteProtocolError(HELLO)  # no line ever ends in it, so that both sides would wait
            if seconds:
                self.pause(seconds)
            self._receive(at_most)

    def _receive(self, at_most: int = AT_MOST) -> bool:
        """Wait for octets and feed them to the reader; False at the end."""
        idle = self._conduct.idle
        octets = self.received(at_most) if idle is None else self.received_within(idle, at_most)
        self.link.idle = False
        self.feed(octets)
        return bool(octets)

    def feed(self, octets: bytes) -> None:
        """Bring octets that were received; none at all are the end."""
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
