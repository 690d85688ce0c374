"""The response of a server: `HTTPResponse`.

Law: what the head says, as attributes and methods; its content is a file by inheritance (`content`). The headers become an
`HTTPMessage` when one is asked for: looking one up in the codec's fields is many times faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import wire
from .content import Content
from .errors import ResponseNotReady, from_wire
from .response_head import framing_of, persists, read_head

if TYPE_CHECKING:
    from .message import HTTPMessage


class HTTPResponse(Content):
    """The response of a server: status line and headers as attributes, the content as a file.

    Usually made by `HTTPConnection.getresponse`. ``HTTPResponse(sock, debuglevel=0, strict=0)`` reads from *sock*, which
    has ``recv``, or else ``makefile``, once `begin` is called. Unless *strict*, what does not begin like a status line is
    the content of an HTTP/0.9 response. *method* is the request's: the response to HEAD has no content.

    ``interim`` are the heads of the interim responses that came before (RFC 9110 section 15.2), ``head`` is this one's,
    as the codec has it.
    """

    __slots__ = (
        "_headers",
        "_method",
        "_msg",
        "chunked",
        "debuglevel",
        "head",
        "interim",
        "reason",
        "status",
        "strict",
        "url",
        "version",
        "will_close",
    )

    version: int
    status: int
    reason: str

    def __init__(
        self,
        sock: Any,  # noqa: ANN401  anything with recv or makefile
        debuglevel: int = 0,
        strict: int = 0,
        method: str | None = None,
        buffering: bool = False,  # noqa: ARG002  httplib's signature: here there is one buffer, the inbox
        *,
        url: str | None = None,
    ) -> None:
        super().__init__(sock)
        self.debuglevel = debuglevel
        self.strict = strict
        self.url = url
        self.head: wire.ResponseHead | None = None
        self.interim: list[wire.ResponseHead] = []
        self.chunked = False
        self.will_close = True
        self._method = method
        self._headers: HTTPMessage | None = None
        self._msg: HTTPMessage | None = None

    # The head

    def begin(self) -> None:
        """Read the head, and the interim responses before it. Raises `HTTPException` and what the socket raises."""
        if self.head is not None:
            return
        method = self._method or "GET"
        # An answer to CONNECT must have a status line: else anything would open a tunnel.
        http09 = not self.strict and method != "CONNECT"
        try:
            head = read_head(self._inbox, self._receive, http09=http09)
            while head.is_interim:
                self._keep_interim(head)
                head = read_head(self._inbox, self._receive, http09=False)
            self._adopt(head, framing_of(head, method))
        except wire.RemoteProtocolError as problem:
            self._finish()
            raise from_wire(problem) from None

    def _adopt(self, head: wire.ResponseHead, framing: wire.Framing) -> None:
        """Take the final head's facts as attributes."""
        self.head = head
        self.status = head.status
        self.reason = head.reason
        self.version = min(head.version, 11)
        kind = framing.kind
        if kind is wire.BodyKind.CHUNKED:
            self.chunked = True
            self._chunks = wire.ChunkedReader(wire.CLIENT, wire.LIMITS)
        elif kind is wire.BodyKind.FIXED or kind is wire.BodyKind.NONE:
            self.length = framing.length
        self.will_close = kind is wire.BodyKind.UNTIL_CLOSE or not persists(head)
        if self.debuglevel > 0:
            _print_head(head)
        if self.length == 0:
            self._finish()

    def _keep_interim(self, head: wire.ResponseHead) -> None:
        """Note an interim response (RFC 9110 section 15.2); a flood of them is cut off (CVE-2021-3737)."""
        if len(self.interim) == wire.LIMITS.interim_responses:
            raise wire.LimitExceeded("expected a final response, got more interim ones", "interim_responses")
        self.interim.append(head)
        if self.debuglevel > 0:
            _print_head(head)

    def read(self, amt: int | None = None) -> bytes:
        """Return the next *amt* octets of the content, fewer only at its end; all that is left if *amt* is None or < 0.

        Raises `IncompleteRead`, with what came, where the connection ends before the content does; see
        ``enforce_content_length`` for reading a part. Raises `ResponseNotReady` before `begin`.
        """
        if self.head is None:
            raise ResponseNotReady("begin() has not been called")
        return super().read(amt)

    # What it says

    @property
    def headers(self) -> HTTPMessage:
        """The headers, as an `HTTPMessage`."""
        if self._headers is None:
            from .message import from_fields  # noqa: PLC0415  loads the email package: only for those who ask

            self._headers = from_fields(self._fields())
        return self._headers

    @headers.setter
    def headers(self, message: HTTPMessage) -> None:
        self._headers = message

    @property
    def msg(self) -> HTTPMessage:
        """The headers, as an `HTTPMessage`: the same as `headers`, unless a program has set one of them."""
        return self.headers if self._msg is None else self._msg

    @msg.setter
    def msg(self, message: HTTPMessage) -> None:
        self._msg = message

    def _fields(self) -> wire.Fields:
        if self.head is None:
            raise ResponseNotReady("begin() has not been called")
        return self.head.fields

    def getheader(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  the default may be anything
        """Return the values of the header *name* joined by ", ", or *default* if there is none.

        An iterable of texts as *default* is joined in the same way, as http.client does.
        """
        if self._headers is None:
            values: list[Any] = self._fields().get_all(name)
        else:
            values = self._headers.get_all(name, [])
        if values:
            return ", ".join(map(str, values))
        return ", ".join(default) if hasattr(default, "__iter__") and not isinstance(default, str) else default

    def getheaders(self) -> list[tuple[str, str]]:
        """Return (name, value) of every header line, in order."""
        return self._fields().pairs() if self._headers is None else list(self._headers.items())

    @property
    def trailers(self) -> wire.Fields:
        """The trailer fields (RFC 9110 section 6.5); empty until all content has been received, and if there are none."""
        trailers = self._chunks.trailers if self._chunks is not None else None
        return wire.Fields() if trailers is None else trailers

    @property
    def code(self) -> int:
        """The status."""
        return self.status

    def getcode(self) -> int:
        """Return the status."""
        return self.status

    def info(self) -> HTTPMessage:
        """Return the headers."""
        return self.headers

    def geturl(self) -> str | None:
        """Return the URL of the resource, where whoever made the response has told it."""
        return self.url


def _print_head(head: wire.ResponseHead) -> None:
    print("reply:", repr(head.start_line + "\r\n"))  # noqa: T201  what set_debuglevel asks for
    for name, value in head.fields.pairs():
        print("header:", f"{name}:", value)  # noqa: T201
