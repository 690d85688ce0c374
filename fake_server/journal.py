"""What was received and what was answered, exactly: one entry for each request, in the order of their arrival.

Law: a record, thread-safe, that decides nothing. An entry stands in the journal before its answer is sent, so whoever
has the answer finds the entry; what is known only afterwards (`Entry.outcome`, `Entry.sent`) is waited for where it
is asked for.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, overload

from httplib_sim import wire

from .errors import NotVerified, WaitTimeout
from .target import decoded_path, split_target

if TYPE_CHECKING:
    import werkzeug

    from cassettes.exchange import Exchange, Request
    from httplib_sim.waist import Origin

    from .expectation import Expectation
    from .turns import Answers

PATIENCE: Final = 5.0
"""Seconds that are waited for something that is about to happen, where no other time is given."""


class Caller(NamedTuple):
    """The connection that a request came by: its number, the client's address, and the origin that it is for.

    *certificate* is what `ssl.SSLSocket.getpeercert` says of the client's own, if the server has asked for one.
    """

    connection: int
    peer: Any
    origin: Origin
    certificate: Mapping[str, Any] | None = None


class Entry:
    """One request as it was received (but see `readdress`), and its answer as it was sent.

    ``number`` counts the server's requests, and ``caller.connection`` its connections, both from 1. ``request`` is
    None, and ``error`` says why, where no request could be read; ``is_finding`` where that is told by itself.
    ``expectation`` is the one that was met, ``turn`` by how many before, and ``arguments`` what a rule such as
    ``/users/<int:id>`` found in the path. ``started``, in seconds since the epoch, is when the request had arrived.
    ``parts`` are the octets sent so far; ``werkzeug`` holds werkzeug's Request and Response, once made; ``load`` reads
    the content, if that waits for somebody to ask for it.
    """

    # Most entries are never looked at: what is the same in all of them as long as that is so stands here, once.
    error = ""
    is_finding = False
    number = 0
    expectation: Expectation | None = None
    turn = 0
    answers: Answers | None = None
    end: Literal["", "reset", "silence"] = ""
    arguments: Mapping[str, Any] = MappingProxyType({})
    werkzeug: tuple[werkzeug.Request | None, werkzeug.Response | None] = (None, None)
    parts: Sequence[bytes] = ()
    load: Callable[[], object] | None = None
    _octets: bytes | None = None
    _received: wire.RequestHead | None = None
    _split_target: tuple[str, str] | None = None
    _journal: Journal | None = None
    _shown: Request | None = None
    _outcome = ""
    _over: float | None = None

    def __init__(
        self, caller: Caller, request: wire.Request | None, *, octets: bytes | None = None, error: str = ""
    ) -> None:
        self.caller = caller
        self.request = request
        self.started = time.time()
        self._tick = time.perf_counter()
        if request is None or error:
            self._octets = octets
            self.error = error

    @property
    def octets(self) -> bytes:
        """All that was received: the request's octets, or what could not be read as one."""
        if self._octets is None:
            request, head = self.request, self._received
            if request is not None and head is not None:
                request = wire.Request(head, request.body, request.extra)
            self._octets = request.octets if request is not None else b""
        return self._octets

    @property
    def method(self) -> str:
        """The method; empty where no head could be read."""
        return self.request.head.method if self.request is not None else ""

    @property
    def target(self) -> str:
        """The request target as sent."""
        return self.request.head.target if self.request is not None else ""

    @property
    def path(self) -> str:
        """The path, percent-decoded as UTF-8: ``/a b`` for ``/a%20b?x=1``."""
        return self._split()[0]

    @property
    def query(self) -> str:
        """What follows the "?" of the target, as sent."""
        return self._split()[1]

    @property
    def headers(self) -> wire.Fields:
        """The header section, in order and as received."""
        return self.request.head.fields if self.request is not None else wire.Fields()

    @property
    def trailers(self) -> wire.Fields:
        """The trailer section (RFC 9112 section 7.1.2); empty where there is none."""
        trailers = self.body.trailers
        return trailers.fields if trailers is not None else wire.Fields()

    @property
    def content(self) -> bytes:
        """The content: transfer coding taken off, content coding not."""
        return self.body.content

    @property
    def body(self) -> wire.Body:
        """The body: content, chunks, trailers. Where it waits for somebody to ask for it, it is read now."""
        load, self.load = self.load, None
        if load is not None:
            load()
        return self.request.body if self.request is not None else wire.Body()

    @property
    def text(self) -> str:
        """The content as text, by the charset that the request names; content coding taken off."""
        from .exchanges import request_of  # noqa: PLC0415  cassettes are not loaded before they are asked for

        _ = self.body
        return request_of(self).text

    def json(self) -> Any:  # noqa: ANN401  JSON can be anything
        """The content read as JSON. Raises `ValueError` if it is none."""
        return json.loads(self.text)

    @property
    def sent(self) -> bytes:
        """All octets of the answer, interim responses included. Waits until it has been sent."""
        self._wait()
        return b"".join(self.parts)

    @property
    def response(self) -> wire.Response | None:
        """The answer read as a response; None where it is none. Waits until it has been sent."""
        try:
            responses = wire.parse_responses(self.sent, [self.method or "GET"])
        except wire.RemoteProtocolError:
            return None
        return responses[0] if len(responses) == 1 else None

    @property
    def outcome(self) -> str:
        """The answer's status code, the name of a fault, or ``client-closed``. Waits until it is known."""
        self._wait()
        return self._outcome

    @property
    def elapsed(self) -> float:
        """Seconds from the request's arrival until its answer was sent. Waits until it has been."""
        self._wait()
        return (self._over or self._tick) - self._tick

    @property
    def done(self) -> bool:
        """Whether the answer has been sent. Does not wait."""
        return self._over is not None

    @property
    def exchange(self) -> Exchange:
        """Request and answer as an exchange of a cassette. Waits until the answer has been sent."""
        from .exchanges import exchange_of  # noqa: PLC0415  cassettes are not loaded before they are asked for

        return exchange_of(self)

    def complete(self, outcome: str) -> None:
        """Say what became of the request. Its journal does, once."""
        self.load = None
        self._outcome = outcome
        self._over = time.perf_counter()

    def join(self, journal: Journal, number: int) -> None:
        """Become the entry with this *number* of *journal*."""
        self._journal = journal
        self.number = number

    def readdress(self, target: str) -> None:
        """Be a request for *target*: the one that was received has the key of a session as well."""
        request = self.request
        if request is not None and request.head.target != target:
            head = self._received = request.head
            head = wire.RequestHead(head.method, target, head.fields, head.version)
            self.request = wire.Request(head, request.body, request.extra)

    @property
    def readdressed(self) -> bool:
        """Whether `target` is another than the one received."""
        return self._received is not None

    def take_body(self, body: wire.Body) -> wire.Request | None:
        """Have *body*, since more of it has come; return the request."""
        if self.request is not None:
            self.request = wire.Request(self.request.head, body)
        return self.request

    def _split(self) -> tuple[str, str]:
        if self._split_target is None:
            path, query = split_target(self.target)
            self._split_target = decoded_path(path), query
        return self._split_target

    @property
    def shown(self) -> Request:
        """The request as texts may show it: with stand-ins in the place of secrets."""
        if self._shown is None:
            from .exchanges import shown_request  # noqa: PLC0415  cassettes are not loaded before they are asked for

            self._shown = shown_request(self)
        return self._shown

    def hide(self, show: Callable[[Request], Request]) -> None:
        """Have texts show the request only as *show* returns it: with still more stand-ins."""
        self._shown = show(self.shown)

    def _wait(self) -> None:
        if not self.done and (self._journal is None or not self._journal.wait(lambda: self.done)):
            raise WaitTimeout(f"expected an answer to have been sent by now: {self!r}")

    def __repr__(self) -> str:
        what = f"{self.method} {self.path}" if self.request is not None else f"no request, {len(self.octets)} octets"
        outcome = self._outcome if self.done else "being answered"
        return f"<Entry {self.number}: {what} -> {outcome}, connection {self.caller.connection}>"


Where = Callable[[Entry], object]


class Journal(Sequence[Entry]):
    """The entries of one server, oldest first. *patience* is how many seconds it waits where nothing else is said."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._entries: list[Entry] = []
        self._count = 0
        self._news = 0
        self._waiting = 0

    def begin(self, entry: Entry) -> None:
        """Add *entry*, whose answer is about to be looked for."""
        with self._lock:
            self._count = number = self._count + 1
            entry.join(self, number)
            self._entries.append(entry)
        self.notify()

    def complete(self, entry: Entry, outcome: str) -> None:
        """Say what became of *entry*."""
        entry.complete(outcome)
        self.notify()

    def add(self, entry: Entry, outcome: str) -> None:
        """Add *entry*, which is over already."""
        self.begin(entry)
        self.complete(entry, outcome)

    def notify(self) -> None:
        """Have everybody who waits look again: something has changed."""
        if self._waiting:  # who begins to wait from now on sees what has changed
            with self._changed:
                self._news += 1
                self._changed.notify_all()

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        with self._lock:
            self._entries = []

    @property
    def connections(self) -> int:
        """How many connections the requests came by."""
        return len({entry.caller.connection for entry in self})

    def find(self, method: str | None = None, path: str | None = None, *, where: Where | None = None) -> list[Entry]:
        """Return the entries with this *method* and *path* (percent-decoded) for which *where* says yes."""
        return [entry for entry in self if _fits(entry, method, path, where)]

    def one(self, method: str | None = None, path: str | None = None, *, where: Where | None = None) -> Entry:
        """Return the one entry that `find` finds. Raises `NotVerified` if there is none, or more than one."""
        found = self.find(method, path, where=where)
        if len(found) != 1:
            raise NotVerified(f"expected one request{_wish(method, path)}, got {len(found)}; {self._content()}")
        return found[0]

    def wait_for(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        where: Where | None = None,
        count: int = 1,
        timeout: float | None = None,
    ) -> list[Entry]:
        """Wait until `find` finds at least *count* entries, and return them.

        They have arrived then, but need not have been answered. Raises `WaitTimeout` after *timeout* seconds, where
        None is the journal's patience.
        """
        found: list[Entry] = []

        def enough() -> bool:
            found[:] = self.find(method, path, where=where)
            return len(found) >= count

        if not self.wait(enough, timeout):
            within = self._patience if timeout is None else timeout
            text = f"expected {count} requests{_wish(method, path)} within {within} s, got {len(found)}"
            raise WaitTimeout(f"{text}; {self._content()}")
        return found

    def wait(self, truth: Callable[[], object], timeout: float | None = None) -> bool:
        """Wait until *truth* is so, asked whenever an entry comes or is done; tell whether it became so in time.

        Nothing is locked while *truth* is asked, since that is the test's own function.
        """
        end = time.monotonic() + (self._patience if timeout is None else timeout)
        with self._changed:
            self._waiting += 1
        try:
            while True:
                known = self._news
                if truth():
                    return True
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._wait_for_news(known, left)
        finally:
            with self._changed:
                self._waiting -= 1

    def _wait_for_news(self, known: int, timeout: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._news != known, timeout)

    def _content(self) -> str:
        entries = list(self)
        return "\n".join(["the journal has:", *map(repr, entries)]) if entries else "the journal has no entry"

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return self._entries[index]

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} requests>"


def _fits(entry: Entry, method: str | None, path: str | None, where: Where | None) -> bool:
    return method in (None, entry.method) and path in (None, entry.path) and (where is None or bool(where(entry)))


def _wish(method: str | None, path: str | None) -> str:
    return "".join(f" {word}" for word in (method, path) if word is not None)
