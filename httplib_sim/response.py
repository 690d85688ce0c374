"""A response: `HTTPResponse`, the status line and headers as attributes, the content as a file.

Law: says what the head says. `response_head` reads it, `content` reads the body, both by the codec and from a `Source`.
The headers are looked up where they stand; an `HTTPMessage` is made of them, and the email package loaded, when it is
asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

from . import wire
from .content import ContentFile, with_peer
from .errors import BadStatusLine, HTTPException, RemoteDisconnected, ResponseNotReady, head_error
from .face import HTTPLIB
from .response_head import SIMPLE, HeadReader, framing_of, persists, show
from .source import Source
from .wire.quick import take_plain_head

if TYPE_CHECKING:
    from .message import HTTPMessage
    from .wire.quick import PlainHead

_T = TypeVar("_T")

UNKNOWN: Final[Any] = "UNKNOWN"
"""What attributes are before `HTTPResponse.begin`, as in httplib."""

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
            return framing_of(head, self._method or "GET")
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
        if self.debuglevel > 0 and head is not SIMPLE:
            show(head)
        kind = framing.kind
        self.will_close = kind is wire.BodyKind.UNTIL_CLOSE or not persists(head)
        if kind is wire.BodyKind.TUNNEL and head.status == 101:
            framing = wire.Framing(wire.BodyKind.NONE)  # what follows belongs to whoever has asked for the upgrade
            cast("Source", self._source).is_spoilt = True  # for requests, that is
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
            show(head)

    def _reader(self) -> HeadReader:
        """What reads heads; to CONNECT there must be a status line, else any answer would open a tunnel."""
        takes_simple = not self.strict and self._method != "CONNECT"
        source = cast("Source", self._source)
        return HeadReader(source, self._limits, takes_simple, self.face.cuts_are_ends, self.debuglevel > 0)

    def _read_head(self) -> wire.ResponseHead:
        """Read one head, whole."""
        reader = self._reader()
        if type(self)._read_status is HTTPResponse._read_status:  # noqa: SLF001  it may be overridden
            return reader.read()
        version, status, reason = self._read_status()
        return reader.read_after(f"{version} {status} {reason}\r\n".encode("latin-1"))

    def _read_status(self) -> tuple[str, int, str]:
        """Read a status line alone: version, status, reason. For subclasses that override it, and for old tunnels."""
        source = cast("Source", self._source)
        try:
            line, head = self._reader().read_status_line()
        except wire.RemoteProtocolError as problem:
            self._close_conn()
            raise with_peer(head_error(problem, self._limits), source) from None
        if self.debuglevel > 0:
            print("reply:", repr(line.decode("latin-1")))  # noqa: T201  what set_debuglevel asks for
        return wire.version_text(head.version), head.status, head.reason

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

    @overload
    def getheader(self, name: str) -> str | None: ...
    @overload
    def getheader(self, name: str, default: _T) -> str | _T: ...
    def getheader(self, name: str, default: Any = None) -> Any:
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
