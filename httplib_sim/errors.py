"""The client's exceptions: httplib's, with the names and the tree that its documentation gives them.

Law: every exception of the client is here, and the only place that turns an error of the codec into one of them.

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

What the codec says (what was expected, what came) and whose response it was stand in the exception's notes (PEP 678),
which a traceback shows; its text and arguments are those that httplib's users compare with. No exception has a header's
value or a request target in it: they may be secrets.
"""

from __future__ import annotations

import re

from . import wire


class HTTPException(Exception):
    """The base of the client's exceptions."""


class NotConnected(HTTPException):
    """There is no connection, and ``auto_open`` forbids to make one."""


class InvalidURL(HTTPException):
    """A host, port or URL that cannot be one."""


class UnknownProtocol(HTTPException):
    """The server speaks a version of HTTP that is not 1.x. ``version`` is what it said, such as ``HTTP/2.0``."""

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
    """A method was called that the connection cannot carry out now; the argument names its state."""


class CannotSendRequest(ImproperConnectionState):
    """A request was begun before the last one was sent and its response read."""


class CannotSendHeader(ImproperConnectionState):
    """A header or a body was sent without a request, or after the end of its header section."""


class ResponseNotReady(ImproperConnectionState):
    """A response was asked for before a request was sent, or before the last response was read."""


class BadStatusLine(HTTPException):
    """What came instead of a status line is not one. ``line`` is that line as text, with its end, as in httplib."""

    def __init__(self, line: str) -> None:
        line = line or repr(line)
        super().__init__(line)
        self.line = line


class LineTooLong(HTTPException):
    """A line of the head, of the trailers or of the chunk framing is longer than the limit (CVE-2013-1752)."""

    def __init__(self, line_type: str) -> None:
        most = wire.LIMITS.chunk_line if line_type == "chunk size" else wire.LIMITS.field_line
        super().__init__(f"got more than {most} bytes when reading {line_type}")


class RemoteDisconnected(ConnectionResetError, BadStatusLine):
    """The server closed the connection without an answer."""

    def __init__(self, *arguments: object) -> None:
        BadStatusLine.__init__(self, "")
        ConnectionResetError.__init__(self, *arguments)


error = HTTPException

_OTHER_PROTOCOL = re.compile(r"HTTP/(?!1\.)\S*[ \t]+[0-9]{3}([ \t]|$)")
"""A status line but for its version, which is not 1.x."""
_LINES = {"start_line": "status line", "field_line": "header line", "head": "header line", "chunk_line": "chunk size"}


def head_error(problem: wire.RemoteProtocolError, limits: wire.Limits) -> HTTPException:
    """Return the exception that httplib's users expect where the codec found this *problem* in a head."""
    return _noted(_head_error(problem, limits), problem)


def chunk_error(problem: wire.RemoteProtocolError, limits: wire.Limits) -> HTTPException:
    """Return the exception that httplib's users expect where the codec found this *problem* in a chunked body."""
    found: HTTPException = IncompleteRead(b"")
    if isinstance(problem, wire.LimitExceeded):
        many = problem.what == "field_lines"
        text = f"got more than {limits.field_lines} trailers"
        found = HTTPException(text) if many else LineTooLong(_LINES[problem.what].replace("header", "trailer"))
    return _noted(found, problem)


def _head_error(problem: wire.RemoteProtocolError, limits: wire.Limits) -> HTTPException:
    if isinstance(problem, wire.BadStartLine):
        if _OTHER_PROTOCOL.match(problem.line):
            return UnknownProtocol(problem.line.split(None, 1)[0])
        return BadStatusLine(problem.line + "\r\n")
    if isinstance(problem, wire.LimitExceeded):
        if problem.what == "field_lines":
            return HTTPException(f"got more than {limits.field_lines} headers")
        if problem.what == "interim_responses":
            return HTTPException(f"got more than {limits.interim_responses} interim responses")
        return LineTooLong(_LINES[problem.what])
    return HTTPException(str(problem))


def _noted(found: HTTPException, problem: wire.RemoteProtocolError) -> HTTPException:
    if str(problem) != str(found):
        found.add_note(str(problem))
    return found
