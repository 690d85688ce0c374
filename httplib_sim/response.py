"""A response: `HTTPResponse`, the status line and headers as attributes, the content as a file.

Law: reads heads, and says what they say. Octets come from a `Source`, the codec reads them, `content` reads the body.
The headers are looked up where they stand; an `HTTPMessage` is made of them, and the email package loaded, when it is
asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from . import wire
from .content import ContentFile, with_peer
from .errors import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected, ResponseNotReady, head_error
from .face import HTTPLIB
from .source import Source
from .wire.quick import take_plain_head

if TYPE_CHECKING:
    from .message import HTTPMessage
    from .wire.quick import PlainHead

UNKNOWN: Final[Any] = "UNKNOWN"
"""What attributes are before `HTTPResponse.begin`, as in httplib."""

_SIMPLE: Final = wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b"")
"""What is known of an HTTP/0.9 response."""


_NOT_PLAIN: Final = frozenset({"CONNECT", "HEAD"})
"""Methods whose responses are not framed as others are."""


class HTTPResponse(ContentFile):
    """The response of a server.

    Usually made by `HTTPConnection.getresponse`. ``HTTPResponse(sock, debuglevel=0, strict=0)`` reads from *sock*, a
    socket or anything with ``makefile`` or ``recv``, once `begin` is called. Unless *strict*, what does not begin like
    a status line is the content of an HTTP/0.9 response. *method* is the request's: the response to HEAD has no
    content.

    Beyond httplib: ``head`` is the codec's `wire.ResponseHead`; ``interim`` are the heads of
    the interim responses before it, ``trailers`` the fields after a chunked body.
    """

    __slots__ = (
        "_head",
        "_known_fields",
        "_message",
        "_method",
        "_plain",
        "debuglevel",
        "reason",
        "status",
        "strict",
        "version",
        "will_close",
    )

    face = HTTPLIB
    interim: tuple[wire.ResponseHead, ...] = ()
    url: str | None = None
    _msg: Any = None
    version: int
    status: int
    reason: str
    will_close: bool

    def __init__(
        self,
        sock: Any,  # noqa: ANN401  see above
        debuglevel: int = 0,
        strict: int = 0,
        method: str | None = None,
        buffering: bool = False,  # noqa: ARG002  httplib's; here all reading is buffered, and none goes too far
        *,
        url: str | None = None,
    ) -> None:
        self._set_up(Source(sock), debuglevel, bool(strict), method)
        self._stay_unknown(url)

    def _set_up(
        self,
        source: Source,
        debuglevel: int,
        strict: int,
        method: str | None,
        limits: wire.Limits = wire.LIMITS,
    ) -> None:
        """What making a response is, whatever the arguments it is made with."""
        self._read_from(source)
        self._limits = limits
        self._method = method
        self._message: HTTPMessage | None = None
        self._head: wire.ResponseHead | None = None
        self._known_fields: wire.Fields | None = None
        self._plain: PlainHead | None = None
        self.debuglevel = debuglevel
        self.strict = strict

    def _stay_unknown(self, url: str | None) -> None:
        """What else there is to a response that is not begun at once."""
        self.version = self.status = self.reason = self.will_close = UNKNOWN
        if url is not None:
            self.url = url

    def __del__(self) -> None:
        """Let go of the connection; all else that io.IOBase would do here takes time and does nothing."""
        try:
            source = self._source
        except AttributeError:  # a subclass failed before it was made
            return
        if source is not None:
            self._close_conn()

    # The head

    def begin(self) -> None:
        """Read the head, and the interim responses before it (RFC 9110 section 15.2).

        Raises `HTTPException` for what is no response, `RemoteDisconnected` if the connection ends before its first
        octet, `IncompleteRead` if it ends inside the head, and what the socket raises.
        """
        if self._plain is not None or self._head is not None or self.__begin_plainly():
            return
        source = cast("Source", self._source)
        try:
            head = self._read_head()
            if head.status < 200:
                head = self._read_final_head(head)
            self._adopt(head, self._framing_of(head))
        except wire.RemoteProtocolError as problem:
            self._close_conn()
            raise self._shown(head_error(problem, self._limits), source) from None
        except HTTPException as problem:
            self._close_conn()
            self._shown(problem, source)
            raise

    def _shown(self, problem: HTTPException, source: Source) -> HTTPException:
        """Note whose response it is about, and print what came instead of a status line if that is asked for."""
        if self.debuglevel > 0 and isinstance(problem, BadStatusLine):
            nothing = isinstance(problem, RemoteDisconnected)
            print("reply:", problem.line if nothing else repr(problem.line))  # noqa: T201  what set_debuglevel asks for
        return with_peer(problem, source)

    def __begin_plainly(self) -> bool:
        """Read the head by the short way, if it is one of the ordinary kind; tell whether that could be done."""
        source = self._source
        if (
            source is None
            or self.debuglevel > 0
            or self._method in _NOT_PLAIN
            or type(self)._read_status is not _READ_STATUS  # noqa: SLF001  it may be overridden
        ):
            return False
        inbox = source.inbox
        if inbox.is_empty():
            source.more()
        plain = take_plain_head(inbox, self._limits)
        if plain is None:
            return False
        self.status, self.reason, _, _, length, persists, _ = self._plain = plain
        self.version = 11
        self.will_close = not persists
        self._framed = True
        if length >= 0:
            self.length = length
        else:
            self._decode_chunks()
        return True

    @property
    def head(self) -> wire.ResponseHead | None:
        """The head as the codec has it, with every line as it came; None before `begin`."""
        if self._head is None and self._plain is not None:
            status, reason, _, _, _, _, octets = self._plain
            self._head = wire.ResponseHead(status, reason, self._fields(), wire.HTTP11, octets=octets)
        return self._head

    def _fields(self) -> wire.Fields:
        """The field lines of the head. Raises `ResponseNotReady` before `begin`."""
        if self._known_fields is None:
            if self._plain is None:
                raise ResponseNotReady("begin() has not been called")
            self._known_fields = wire.Fields.from_lowered(self._plain[2], self._plain[3])
        return self._known_fields

    def _framing_of(self, head: wire.ResponseHead) -> wire.Framing:
        """Return how the content ends. Raises `wire.BadFraming`, or has reading raise, as the face says."""
        try:
            return _framing(head, self._method or "GET")
        except wire.BadFraming as problem:
            if self.face.framing_is_certain:
                raise
            self._refuse(head_error(problem, self._limits))
            return wire.Framing(wire.BodyKind.UNTIL_CLOSE)

    def _adopt(self, head: wire.ResponseHead, framing: wire.Framing) -> None:
        """Take the final head's facts as attributes."""
        self._head = head
        self._known_fields = head.fields
        self.status = head.status
        self.reason = head.reason
        self.version = min(11, head.version)
        if self.debuglevel > 0 and head is not _SIMPLE:
            _print_head(head)
        kind = framing.kind
        self.will_close = kind is wire.BodyKind.UNTIL_CLOSE or not _persists(head)
        if kind is wire.BodyKind.TUNNEL and head.status == 101:
            framing = wire.Framing(wire.BodyKind.NONE)  # what follows belongs to whoever has asked for the upgrade
        self._frame(framing)

    def _read_final_head(self, head: wire.ResponseHead) -> wire.ResponseHead:
        """Return the next final head, *head* or one behind it: after a 101 there is none (RFC 9110 section 15.2)."""
        while head.status < 200 and head.status != 101:
            self._keep_interim(head)
            try:
                head = self._read_head()
            except RemoteDisconnected:
                if self.face.final_is_required or head.status == 100:
                    raise
                return head
        return head

    def _keep_interim(self, head: wire.ResponseHead) -> None:
        """Note an interim response; a flood of them is cut off (CVE-2021-3737)."""
        most = self._limits.interim_responses
        if len(self.interim) == most:
            raise wire.LimitExceeded(f"expected a final response after {most} interim ones", "interim_responses")
        self.interim = (*self.interim, head)
        if self.debuglevel > 0:
            _print_head(head)

    def _read_head(self) -> wire.ResponseHead:
        """Read one head, whole."""
        if type(self)._read_status is not HTTPResponse._read_status:  # noqa: SLF001  it may be overridden
            return self._read_head_after(self._read_status())
        source = cast("Source", self._source)
        inbox = source.inbox
        if not inbox:
            source.more()
        octets = inbox.take_section()
        if octets is None or not octets.startswith(b"HTTP/"):
            if octets is not None:
                inbox.rewind(inbox.window()[1] - len(octets))
            octets = self._receive_section(source)
            if octets is None:
                if self.debuglevel > 0:
                    print("reply:", repr(_first_line(inbox.peek(self._limits.start_line))))  # noqa: T201  as below
                return _SIMPLE
        return _parse(octets, self._limits)

    def _receive_section(self, source: Source) -> bytes | None:
        """Return a head's octets; None if it is an HTTP/0.9 response, whose content they are."""
        inbox = source.inbox
        if inbox and self._is_simple(inbox):
            return None
        while source.more():
            if self._is_simple(inbox):
                return None
            octets = inbox.take_section()
            if octets is not None:
                return octets
            wire.check_section_limits(*inbox.window(), self._limits, complete=False)
        rest = inbox.take_all()
        if not rest.strip(b"\r\n"):
            raise RemoteDisconnected("Remote end closed connection without response")
        if self._takes_simple() and not rest.startswith(b"HTTP/"):
            inbox.rewind(inbox.window()[1] - len(rest))
            return None
        if not rest.startswith(b"HTTP/"):
            raise BadStatusLine(_first_line(rest))
        if self.face.files_are_whole or source.is_shared:
            if b"\n" in rest:
                _parse(rest[: rest.index(b"\n") + 1] + b"\r\n", self._limits)  # no status line at all is the worse news
            raise IncompleteRead(rest)
        return rest.rstrip(b"\r\n") + b"\r\n\r\n"

    def _takes_simple(self) -> bool:
        """Whether there may be no status line. To CONNECT there must be: else any answer would open a tunnel."""
        return not self.strict and self._method != "CONNECT"

    def _is_simple(self, inbox: wire.Inbox) -> bool:
        """Tell as soon as it can be told whether what arrives is an HTTP/0.9 response; raise if that is not allowed."""
        start = inbox.peek(5)
        if start == b"HTTP/"[: len(start)]:
            return False
        if self._takes_simple():
            return True
        line = inbox.peek(self._limits.start_line)
        if b"\n" not in line:
            return False
        raise BadStatusLine(_first_line(line))

    def _read_status(self) -> tuple[str, int, str]:
        """Read a status line alone: version, status, reason. For subclasses that override it, and for old tunnels."""
        source = cast("Source", self._source)
        while (line := source.inbox.take_line()) is None:
            wire.check_section_limits(*source.inbox.window(), self._limits, complete=False)
            if not source.more():
                rest = source.inbox.take_all()
                raise (
                    RemoteDisconnected("Remote end closed connection without response")
                    if not rest
                    else IncompleteRead(rest)
                )
        if self.debuglevel > 0:
            print("reply:", repr(line.decode("latin-1")))  # noqa: T201  what set_debuglevel asks for
        try:
            head = _parse(line + b"\r\n", self._limits)
        except wire.RemoteProtocolError as problem:
            self._close_conn()
            raise with_peer(head_error(problem, self._limits), source) from None
        return wire.version_text(head.version), head.status, head.reason

    def _read_head_after(self, status_line: tuple[str, int, str]) -> wire.ResponseHead:
        """Read the header section behind a status line that somebody else has read."""
        source = cast("Source", self._source)
        lines = [f"{status_line[0]} {status_line[1]} {status_line[2]}\r\n".encode("latin-1")]
        while lines[-1] not in {b"\r\n", b"\n"}:
            line = source.inbox.take_line()
            if line is not None:
                lines.append(line)
            elif not source.more():
                raise IncompleteRead(b"".join(lines))
            wire.check_section_limits(b"".join(lines), 0, self._limits, complete=False)
        return _parse(b"".join(lines), self._limits)

    # What the head says

    @property
    def headers(self) -> HTTPMessage:
        """The headers as an `HTTPMessage`. Raises `ResponseNotReady` before `begin`."""
        if self._message is None:
            fields = self._fields()
            from .message import from_fields  # noqa: PLC0415  loads the email package: only for those who ask

            self._message = from_fields(fields)
        return self._message

    @headers.setter
    def headers(self, message: HTTPMessage) -> None:
        self._message = message

    @property
    def msg(self) -> HTTPMessage:
        """The headers as an `HTTPMessage`, unless something else was put here (urllib.request puts the reason)."""
        return self.headers if self._msg is None else cast("HTTPMessage", self._msg)

    @msg.setter
    def msg(self, message: Any) -> None:  # noqa: ANN401  see above
        self._msg = message

    def getheader(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  the default may be anything
        """Return the values of the header *name*, in any case, joined by ", ".

        *default* if there is none; an iterable one is joined as well, as in http.client. Raises `ResponseNotReady`
        before `begin`.
        """
        if self._message is None:
            value = self._fields().get(name)
            if value is not None:
                return value
            values = default
        else:
            values = self._message.get_all(name) or default
        if isinstance(values, str) or not hasattr(values, "__iter__"):
            return values
        return ", ".join(values)

    def getheaders(self) -> list[tuple[str, str]]:
        """Return (name, value) of each header line, in order. Raises `ResponseNotReady` before `begin`."""
        if self._message is not None:
            return self._message.items()
        return self._fields().pairs()

    @property
    def trailers(self) -> wire.Fields:
        """The trailer fields (RFC 9110 section 6.5); empty where there are none, and until all content is read."""
        trailers = self._chunks.trailers if self._chunks is not None else None
        return wire.Fields() if trailers is None else trailers

    @property
    def has_early_octets(self) -> bool:
        """Whether octets have come that were not read yet; False where a file is read, with a life of its own."""
        return self._source is not None and self._source.is_shared and bool(self._source.inbox)

    @property
    def code(self) -> int:
        """The status, by its name in urllib."""
        return self.status

    @code.setter
    def code(self, status: int) -> None:
        self.status = status

    def info(self) -> HTTPMessage:
        """Return the headers, as urllib's responses do."""
        return self.headers

    def geturl(self) -> str | None:
        """Return the URL, if whoever asked has told it (``url``), as urllib's responses do."""
        return self.url

    def getcode(self) -> int:
        """Return the status, as urllib's responses do."""
        return self.status

    # The end

    def isclosed(self) -> bool:
        """Tell whether all content has been read, or the response has been closed: the next request may go out."""
        return self._source is None

    def close(self) -> None:
        """Close the response; what has not been read is given up, and the connection with it."""
        super().close()
        source = self._source
        if source is not None:
            # Whoever has the raw file knows how far it was read; else the rest would be taken for the next response.
            source.is_spoilt = self._framed and self._raw is None
            self._close_conn()

    def flush(self) -> None:
        """Do nothing: there is nothing to write."""


_READ_STATUS = HTTPResponse._read_status  # noqa: SLF001  to see whether a subclass, or somebody else, has another


def _parse(octets: bytes, limits: wire.Limits) -> wire.ResponseHead:
    """Return the head that *octets* spell. A status line of HTTP/0.9, which some servers send, means HTTP/1.0."""
    try:
        return wire.parse_response_head(octets, wire.CLIENT, limits)
    except wire.UnknownVersion:
        if not octets.startswith(b"HTTP/0.9"):
            raise
        return wire.parse_response_head(b"HTTP/1.0" + octets[8:], wire.CLIENT, limits)


def _framing(head: wire.ResponseHead, method: str) -> wire.Framing:
    """Return how the body ends. Raises `wire.BadFraming`, but for one negative Content-Length.

    httplib takes that for none: the content then ends with the connection, which is not used again.
    """
    if head.version == wire.HTTP09 and method != "HEAD":
        return wire.Framing(wire.BodyKind.UNTIL_CLOSE)
    try:
        return wire.response_framing(head, method)
    except wire.BadFraming:
        fields = head.fields
        lengths = fields.get_all("content-length")
        if "transfer-encoding" in fields or len(lengths) != 1 or not re.fullmatch(r"-[0-9]+", lengths[0]):
            raise
        return wire.Framing(wire.BodyKind.UNTIL_CLOSE)


def _persists(head: wire.ResponseHead) -> bool:
    """Tell whether the connection may be used again: RFC 9112 section 9.3, and what HTTP/1.0 servers used to send."""
    if wire.keeps_alive(head):
        return True
    fields = head.fields
    if head.version != wire.HTTP10 or "transfer-encoding" in fields or "close" in wire.connection_options(fields):
        return False
    return bool(fields.get("keep-alive")) or "keep-alive" in fields.get("proxy-connection", "").lower()


def _print_head(head: wire.ResponseHead) -> None:
    print("reply:", repr(head.start_line + "\r\n"))  # noqa: T201  what set_debuglevel asks for
    for name, value in head.fields.pairs():
        print("header:", name + ":", value)  # noqa: T201


def _first_line(octets: bytes) -> str:
    return octets[: octets.find(b"\n") + 1 or None].decode("latin-1")
