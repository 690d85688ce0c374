"""The client's exceptions: httplib's, with the names and the tree that its documentation gives them.

Law: every exception of the client is here, and the one place that turns an error of the codec into one of them.

::

    HTTPException (also called error)
     +-- NotConnected
     +-- InvalidURL
     +-- UnknownProtocol                .version
     +-- UnknownTransferEncoding
     +-- UnimplementedFileMode
     +-- IncompleteRead                 .partial, .expected
     +-- ImproperConnectionState
     |    +-- CannotSendRequest
     |    +-- CannotSendHeader
     |    +-- ResponseNotReady
     +-- BadStatusLine                  .line
     |    +-- RemoteDisconnected        a ConnectionResetError, too
     +-- LineTooLong

What an exception says never has a header's value in it: that may be a secret.
"""

from __future__ import annotations

from . import wire


class HTTPException(Exception):
    """The base of the client's exceptions."""


class NotConnected(HTTPException):
    """There is no connection, and none may be made automatically."""


class InvalidURL(HTTPException):
    """A host, port or URL that cannot be one."""


class UnknownProtocol(HTTPException):
    """The server speaks a version of HTTP that is not 1.x. ``version`` is what it said."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version


class UnknownTransferEncoding(HTTPException):
    """Kept for its name: nothing raises it, here as in httplib."""


class UnimplementedFileMode(HTTPException):
    """Kept for its name: nothing raises it, here as in httplib."""


class IncompleteRead(HTTPException):
    """The connection ended before the message did.

    ``partial`` is the content that came (bytes), ``expected`` how many octets more there should have been, or None.
    """

    def __init__(self, partial: bytes, expected: int | None = None) -> None:
        super().__init__(partial)
        self.partial = partial
        self.expected = expected

    def __repr__(self) -> str:
        more = f", {self.expected} more expected" if self.expected is not None else ""
        return f"{type(self).__name__}({len(self.partial)} bytes read{more})"

    __str__ = __repr__


class ImproperConnectionState(HTTPException):
    """A method was called that the connection cannot carry out now; the text names its state."""


class CannotSendRequest(ImproperConnectionState):
    """A request was begun before the last response was read."""


class CannotSendHeader(ImproperConnectionState):
    """A header or a body was sent without a request, or after the end of its header section."""


class ResponseNotReady(ImproperConnectionState):
    """A response was asked for before a request was sent, or before the last response was read."""


class BadStatusLine(HTTPException):
    """What came instead of a status line is not one. ``line`` is that line as text."""

    def __init__(self, line: str) -> None:
        super().__init__(line or repr(line))
        self.line = line or repr(line)


class LineTooLong(HTTPException):
    """A line of the head, of the trailers or of the chunk framing is longer than the limit."""

    def __init__(self, line_type: str) -> None:
        super().__init__(f"got more than {wire.LIMITS.field_line} bytes when reading {line_type}")


class RemoteDisconnected(ConnectionResetError, BadStatusLine):
    """The server closed the connection without an answer."""

    def __init__(self, *texts: object) -> None:
        BadStatusLine.__init__(self, "")
        ConnectionResetError.__init__(self, *texts)


error = HTTPException

_HEAD_LINES = {"start_line": "status line", "field_line": "header line", "head": "header line"}
_COUNTS = {
    "field_lines": f"got more than {wire.LIMITS.field_lines} headers",
    "interim_responses": f"got more than {wire.LIMITS.interim_responses} interim responses",
}


def from_wire(problem: wire.RemoteProtocolError) -> HTTPException:
    """Return the exception that httplib's users expect where the codec found this *problem* in a head."""
    if isinstance(problem, wire.UnknownVersion):
        return UnknownProtocol(problem.line.split(" ", 1)[0])
    if isinstance(problem, wire.BadStartLine):
        return BadStatusLine(problem.line)
    if isinstance(problem, wire.LimitExceeded):
        text = _COUNTS.get(problem.what)
        return LineTooLong(_HEAD_LINES[problem.what]) if text is None else HTTPException(text)
    return HTTPException(str(problem))


def in_chunks(problem: wire.RemoteProtocolError) -> HTTPException:
    """Return the exception for a *problem* in chunked content: what is wrong with a chunk is its cause, as in httplib."""
    if not isinstance(problem, wire.LimitExceeded):
        return IncompleteRead(b"")
    if problem.what == "chunk_line":
        return LineTooLong("chunk size")
    if problem.what == "field_lines":
        return HTTPException(f"got more than {wire.LIMITS.field_lines} trailers")
    return LineTooLong("trailer line")
