"""What can be wrong with a message, as one tree.

Law: every error of the codec is here; each says what was expected, what came, and who broke the protocol.

::

    WireError
     +-- LocalProtocolError (also ValueError)   we were asked to emit what the RFCs forbid
     +-- RemoteProtocolError                    the peer's octets are not HTTP/1.x
          +-- BadStartLine
          |    +-- UnknownVersion               HTTP, but neither 1.x nor (where allowed) 0.9
          +-- BadFieldLine
          +-- BadFraming                        Content-Length or Transfer-Encoding cannot be trusted
          +-- BadChunk
          +-- LimitExceeded                     longer, or more, than the limits allow
          +-- IncompleteMessage                 the connection ended before the message did (RFC 9112 section 8)

The octets quoted in a message are cut after a few dozen and shown escaped. They never come from a request target or a
field value, which may hold a secret; the values of Content-Length and Transfer-Encoding, which cannot, are excepted.
"""

from __future__ import annotations

SHOWN = 60


class WireError(Exception):
    """The base of every error that the codec raises."""


class LocalProtocolError(WireError, ValueError):
    """We were asked to emit something that RFC 9110 or RFC 9112 forbids."""


class RemoteProtocolError(WireError):
    """The peer sent something that is not HTTP/1.x.

    ``status_hint`` is the status code with which a server would answer it (RFC 9110 section 15.5 and 15.6).
    """

    def __init__(self, message: str, *, status_hint: int = 400) -> None:
        super().__init__(message)
        self.status_hint = status_hint


class BadStartLine(RemoteProtocolError):
    """The first line is neither a request line nor a status line (RFC 9112 sections 3 and 4).

    ``line`` is that line as it came, without its terminator, each octet as one character.
    """

    def __init__(self, message: str, line: str, *, status_hint: int = 400) -> None:
        super().__init__(message, status_hint=status_hint)
        self.line = line


class UnknownVersion(BadStartLine):
    """The start line is HTTP's, but the version is not one we speak (RFC 9112 section 2.3)."""

    def __init__(self, message: str, line: str) -> None:
        super().__init__(message, line, status_hint=505)


class BadFieldLine(RemoteProtocolError):
    """A field line breaks the grammar, and this role may not be lenient about it (RFC 9112 section 5)."""


class BadFraming(RemoteProtocolError):
    """The end of the body cannot be determined safely (RFC 9112 section 6.3)."""


class BadChunk(RemoteProtocolError):
    """A chunk's size line, or what follows its data, breaks the grammar (RFC 9112 section 7.1)."""


class LimitExceeded(RemoteProtocolError):
    """A line is longer, or there are more of them, than `Limits` allows.

    ``what`` names the limit: one of its field names.
    """

    def __init__(self, message: str, what: str, *, status_hint: int = 431) -> None:
        super().__init__(message, status_hint=status_hint)
        self.what = what


class IncompleteMessage(RemoteProtocolError):
    """The connection ended before the message did (RFC 9112 section 8)."""


def shown(octets: bytes) -> str:
    """Return the first octets of a line as text fit for a message: escaped, and cut after a few dozen."""
    text = repr(bytes(octets[:SHOWN]))[1:]
    return f"{text}... ({len(octets)} octets)" if len(octets) > SHOWN else text
