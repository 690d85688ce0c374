"""Answers: what a request is answered with, as objects that write themselves to a connection.

Law: octets and framing (RFC 9112 section 6), decided from the status, the fields and the request; no werkzeug, no
socket. Nothing is added that the test did not ask for, but what framing and persistence need: ``Content-Length`` or
``Transfer-Encoding``, and ``Connection`` where the connection does not just persist. There is no ``Date`` and no
``Server``, so that the same answer is the same octets each time (RFC 9110 section 6.6.1 would have a Date, of a
server with a clock). Whether the connection persists is read off the head that is sent, so that what it says is done.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from httplib_sim import wire

from . import checks
from .channel import STALLED
from .errors import BadExpectation
from .reasons import usual_reason

if TYPE_CHECKING:
    from .connection import Connection
    from .faults.steps import Action

Pairs = Iterable[tuple[str, str]]


class Canned:
    """A response whose content is known: turned to octets once, and sent in one piece.

    *fields* are sent in their order and case; a ``Content-Length`` among them is sent as it is, and if it does not
    tell the content's length, the connection is closed after the content. With *closes* it is closed in any case.
    Raises `BadExpectation` for what cannot be sent.
    """

    def __init__(
        self, status: int, fields: Pairs = (), content: bytes = b"", *, reason: str | None = None, closes: bool = False
    ) -> None:
        self.status = checked_status(status)
        self.content = content
        self._bodyless = _has_no_body(status)
        lines = list(fields)
        declared = _value(lines, "content-length")
        if declared is None and not self._bodyless:
            lines.append(("Content-Length", str(len(content))))
        self._closes = closes
        self._lies = not self._bodyless and declared not in {None, str(len(content))}
        self._head = checked_head(status, reason, lines)
        self._assembled: dict[tuple[bool, bool, bool], tuple[bytes, bool]] = {}

    def send(self, connection: Connection) -> str:
        """Send head and content at once."""
        connection.write(self._octets(connection))
        return str(self.status)

    def pieces(self, connection: Connection) -> Generator[bytes, None, None]:
        """Yield what is sent: one piece."""
        yield self._octets(connection)

    def _octets(self, connection: Connection) -> bytes:
        request = connection.request
        head = request.head if request is not None else None
        if head is not None and head.version == wire.HTTP09:
            connection.keep_alive = False
            return self.content  # RFC 1945 section 6: a simple response is content alone
        modern = head is None or head.version >= wire.HTTP11
        key = (connection.keep_alive, modern, head is not None and head.method == "HEAD")
        assembled = self._assembled.get(key)
        if assembled is None:
            assembled = self._assembled[key] = self._assemble(*key)
        octets, connection.keep_alive = assembled
        return octets

    def _assemble(self, persists: bool, modern: bool, head_only: bool) -> tuple[bytes, bool]:  # noqa: FBT001  they are the cache's key
        """The octets of the response, and whether the connection persists after it."""
        must_close = self._closes or (self._lies and not head_only)
        head = with_connection(self._head, persists=persists and not must_close, modern=modern)
        content = b"" if head_only or self._bodyless else self.content
        return head.octets + content, wire.keeps_alive(head) and not must_close

    def __repr__(self) -> str:
        return f"<Canned {self.status}, {len(self.content)} octets>"


class Streamed:
    """A response whose content comes piece by piece; each piece is sent when it comes, the head with the first.

    To HTTP/1.1 each piece is a chunk, followed by the *trailers*; to HTTP/1.0 the end of the content is the end of
    the connection; and where *fields* has a ``Content-Length``, that holds for both. *close*, if given, is called at
    the end, whatever happens. Raises `BadExpectation` for what cannot be sent.
    """

    def __init__(
        self,
        status: int,
        fields: Pairs,
        pieces: Iterable[bytes],
        *,
        reason: str | None = None,
        trailers: Pairs = (),
        close: Callable[[], object] | None = None,
    ) -> None:
        self.status = status
        lines = _without_length_beside_coding(list(fields))
        self._length = _value(lines, "content-length")
        self._head = checked_head(status, reason, lines)
        checks.pieces(pieces)
        self._pieces = pieces
        self._trailers = wire.Trailers(checked_fields(trailers))
        self._close = close

    def send(self, connection: Connection) -> str:
        """Send the head with the first piece, then the others as they come."""
        with contextlib.closing(self.pieces(connection)) as pieces:
            for octets in pieces:
                connection.write(octets)
        return str(self.status)

    def pieces(self, connection: Connection) -> Generator[bytes, None, None]:
        """Yield what is sent: the head with the first piece, then the others as they come."""
        try:
            yield from self._octets(connection)
        finally:
            if self._close is not None:
                self._close()

    def _octets(self, connection: Connection) -> Iterator[bytes]:
        request = connection.request
        if request is not None and request.head.version == wire.HTTP09:
            connection.keep_alive = False
            yield from self._pieces
            return
        modern = request is None or request.head.version >= wire.HTTP11
        bodyless = _has_no_body(self.status) or (request is not None and request.head.method == "HEAD")
        chunked = self._length is None and modern and not _has_no_body(self.status)
        must_close = not (chunked or bodyless or self._length is not None)
        head = self._start(persists=connection.keep_alive and not must_close, modern=modern, chunked=chunked)
        connection.keep_alive = wire.keeps_alive(head) and not must_close
        held = head.octets
        sent = 0
        for piece in () if bodyless else self._pieces:
            if piece:
                sent += len(piece)
                yield held + (b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                held = b""
        if chunked and not bodyless:
            held += b"0\r\n" + self._trailers.octets
        if held:
            yield held
        if self._length not in {None, str(sent)} and not bodyless:
            connection.keep_alive = False

    def _start(self, *, persists: bool, modern: bool, chunked: bool) -> wire.ResponseHead:
        head = with_connection(self._head, persists=persists, modern=modern)
        if chunked:
            fields = wire.Fields([*head.fields, ("Transfer-Encoding", "chunked")])
            head = wire.ResponseHead(head.status, head.reason, fields)
        return head

    def __repr__(self) -> str:
        return f"<Streamed {self.status}>"


class Then(enum.Enum):
    """What becomes of the connection after a `Raw` answer."""

    KEEP = "keep"
    """It persists, if the request lets it."""
    CLOSE = "close"
    """It is closed in the orderly way."""
    RESET = "reset"
    """It is reset, after the octets have been delivered."""
    STALL = "stall"
    """Nothing more is sent, until the client closes it."""


class Raw:
    """Octets, sent as they are, whatever they mean; and what becomes of the connection *then*.

    Raises `BadExpectation` for what is neither.
    """

    def __init__(self, octets: bytes, then: Then = Then.CLOSE, outcome: str = "raw") -> None:
        checks.octets("what is sent", octets)
        if not isinstance(then, Then):
            raise checks.wrong(f"then one of {', '.join(map(str, Then))}", then)
        self.octets = octets
        self.then = then
        self.outcome = outcome

    def send(self, connection: Connection) -> str:
        """Send the octets at once."""
        if self.octets:
            connection.write(self.octets)
        if self.then is Then.RESET:
            connection.reset()
        elif self.then is Then.STALL:
            connection.wait_for_end(STALLED)
        elif self.then is Then.CLOSE:
            connection.keep_alive = False
        return self.outcome

    def pieces(self, connection: Connection) -> Generator[bytes | Action, None, None]:  # noqa: ARG002  as the others
        """Yield the octets, and what is done then."""
        from .faults.ends import CloseNow, ResetNow, StallNow  # noqa: PLC0415  only where something goes wrong

        yield self.octets
        if self.then is not Then.KEEP:
            yield {Then.RESET: ResetNow, Then.STALL: StallNow, Then.CLOSE: CloseNow}[self.then]()

    def __repr__(self) -> str:
        return f"<Raw {len(self.octets)} octets, then {self.then.value}>"


def answer_with(
    status: int, fields: Sequence[tuple[str, str]], content: bytes, *, reason: str | None = None
) -> Canned | Streamed:
    """Return an answer with this content: in one piece, or as one chunk where *fields* name a transfer coding."""
    if _value(fields, "transfer-encoding") is not None:
        return Streamed(status, fields, [content], reason=reason)
    return Canned(status, fields, content, reason=reason)


def text_answer(status: int, text: str, fields: Pairs = (), *, closes: bool = False) -> Canned:
    """Return an answer in words, for people to read."""
    lines = [("Content-Type", "text/plain; charset=utf-8"), *fields]
    return Canned(status, lines, text.encode("utf-8", "replace"), closes=closes)


def refusal(error: wire.RemoteProtocolError, status: int) -> Canned:
    """Return the answer to octets that are no request; nothing after them can be understood, so it closes."""
    return text_answer(status, f"This is no HTTP/1.x request: {error}\n", closes=True)


def failure(error: BaseException) -> Canned:
    """Return the answer where an expectation was met, but answering failed."""
    return text_answer(500, f"The request was expected, but answering it failed with {type(error).__name__}: {error}\n")


def checked_status(status: object) -> int:
    """Return *status*, if it has three digits. Raises `BadExpectation`."""
    if not isinstance(status, int) or not 100 <= status <= 999:
        raise checks.wrong("a status code from 200 to 999, or 101", status)
    return status


def checked_head(status: int, reason: str | None, fields: Pairs) -> wire.ResponseHead:
    """Return a head that is safe to send; the status's usual reason where none is given. Raises `BadExpectation`."""
    checked_status(status)
    try:
        head = wire.response_head(status, usual_reason(status) if reason is None else reason, wire.Fields(fields))
    except wire.LocalProtocolError as error:
        raise BadExpectation(f"this response cannot be sent: {error}") from error
    except (AttributeError, TypeError, ValueError):  # a value that is no text, or pairs that are none
        raise BadExpectation("expected reason and fields, pairs of a name and a value, as text, got others") from None
    if head.is_interim:
        raise BadExpectation(
            f"expected the status of a final response, but {status} is the status of an interim response, which is no "
            "answer by itself: send it with a final one, as Raw octets"
        )
    return head


def checked_fields(fields: Pairs) -> wire.Fields:
    """Return field lines that are safe to send. Raises `BadExpectation`."""
    return checked_head(200, None, fields).fields


def with_connection(head: wire.ResponseHead, *, persists: bool, modern: bool) -> wire.ResponseHead:
    """Return *head* with a Connection field, where one is needed to say whether the connection persists.

    HTTP/1.1 (*modern*) persists by default (RFC 9112 section 9.3). That it does not is always said: the response is of
    HTTP/1.1, and a client might go by that (section 9.6). What the test itself says of it counts.
    """
    if (persists and modern) or wire.connection_options(head.fields) & {"close", "keep-alive"}:
        return head
    fields = wire.Fields([*head.fields, ("Connection", "keep-alive" if persists else "close")])
    return wire.ResponseHead(head.status, head.reason, fields)


def _has_no_body(status: int) -> bool:
    """RFC 9112 section 6.3, 1: what never has a body, whatever its fields say."""
    return status < 200 or status in {204, 304}


def _without_length_beside_coding(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Whoever names a transfer coding wants chunks, and their field is added with them: no Content-Length beside it."""
    if _value(fields, "transfer-encoding") is None:
        return fields
    return [(name, value) for name, value in fields if name.lower() not in {"transfer-encoding", "content-length"}]


def _value(fields: Sequence[tuple[str, str]], name: str) -> str | None:
    return next((value for field, value in fields if field.lower() == name), None)
