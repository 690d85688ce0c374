"""Sockets for blocking clients: live, recording, and mock.

A client keeps a `switch.SwitchSocket`, which chooses among them.

Law: octets pass through here and are told to the recorder, or asked of the player; what they mean is known there. A
live octet is never delayed, changed or held back. No thread, no clock; no descriptor in a replay unless somebody asks.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Any, Final, cast

from .errors import CassetteStall
from .exchange import How
from .player import Canned, Counterpart
from .socket_face import Buffer, Readiness, SocketFace
from .transcript import Requests

if TYPE_CHECKING:
    from .recorder import Recorder
    from .timing import Pace

UNKNOWN = -1.0
"""A time-out that nobody has set on the socket: what the client's connecting would have set is not known here."""

_NOT_YET = frozenset({"BlockingIOError", "SSLWantReadError", "SSLWantWriteError"})
"""What sockets raise that do not wait; by name, since importing ssl costs more than all that is here."""


_AT_ONCE: Final = 1_048_576
"""Octets that are told of before they are sent."""


def kind_of(sock: socket.socket) -> tuple[int, int, int]:
    """Return family, type and protocol of *sock*; for urllib3's TLS within TLS, which has none, of what it is over."""
    bottom = getattr(sock, "socket", sock)
    return bottom.family, bottom.type, bottom.proto


class LiveSocket(SocketFace):
    """A real, connected socket, whose requests are told apart and otherwise left alone."""

    def __init__(self, sock: socket.socket, requests: Requests | None = None) -> None:
        super().__init__()
        self.sock = sock
        self.family, self.type, self.proto = kind_of(sock)
        self._requests = requests or Requests(keep=False)
        self._ahead = 0
        self._broken = False

    @property
    def idle(self) -> bool:
        """Whether the next octet sent begins a request."""
        return not self._ahead and self._between_requests()

    @property
    def endless(self) -> bool:
        """Whether nobody can tell any more where a request ends, so that this socket may never be idle again."""
        return self._broken or self._requests.endless

    def send(self, data: Buffer, flags: int = 0, /) -> int:
        """Send *data*, at most to the end of the request under way."""
        view = memoryview(data).cast("B")
        if not self._ahead:
            # Told before it is sent: the answer may be there before send() returns.
            self._ahead = self._sending(data if type(data) is bytes and len(view) <= _AT_ONCE else view[:_AT_ONCE])
        try:
            count = self.sock.send(view[: self._ahead], flags) if flags else self.sock.send(view[: self._ahead])
        except OSError as error:
            self._broken = type(error).__name__ not in _NOT_YET  # who sends more may not mean the rest of this request
            raise
        self._ahead -= count
        return count

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0, /) -> int:
        """Receive into *buffer*."""
        return self.sock.recv_into(buffer, nbytes, flags) if flags else self.sock.recv_into(buffer, nbytes)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive at most *bufsize* octets."""
        return self.sock.recv(bufsize, flags) if flags else self.sock.recv(bufsize)

    def fileno(self) -> int:
        """Return the real socket's descriptor."""
        return self.sock.fileno()

    def hang_up(self) -> None:
        """Close the real socket."""
        self.sock.close()

    def settimeout(self, value: float | None, /) -> None:
        """Set the real socket's time-out."""
        self.sock.settimeout(value)

    def gettimeout(self) -> float | None:
        """Return the real socket's time-out."""
        return self.sock.gettimeout()

    def shutdown(self, how: int, /) -> None:
        """Shut one or both directions of the real socket."""
        self.sock.shutdown(how)

    def setsockopt(self, *option: Any) -> None:  # noqa: ANN401  three signatures, handed on as they are
        """Set an option of the real socket."""
        self.sock.setsockopt(*option)

    def getsockopt(self, *option: Any) -> int | bytes:  # noqa: ANN401  as setsockopt
        """Return an option of the real socket."""
        return self.sock.getsockopt(*option)

    def getpeername(self) -> Any:  # noqa: ANN401  what it is depends on the family
        """Return the peer's address."""
        return self.sock.getpeername()

    def getsockname(self) -> Any:  # noqa: ANN401  as getpeername
        """Return the own address."""
        return self.sock.getsockname()

    def _between_requests(self) -> bool:
        return self._requests.idle

    def _sending(self, data: bytes | memoryview) -> int:
        return self._requests.take(data)


class RecordingSocket(LiveSocket):
    """A real, connected socket whose traffic is told to a `Recorder`; nobody gets anything later or changed."""

    def __init__(self, sock: socket.socket, recorder: Recorder) -> None:
        super().__init__(sock)
        self.recorder = recorder

    def send(self, data: Buffer, flags: int = 0, /) -> int:
        """Send *data*, at most to the end of the request under way."""
        try:
            return super().send(data, flags)
        except OSError as error:
            self._failed(error)  # not the end yet: what the server said before it closed may still be there to read
            raise

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0, /) -> int:
        """Receive into *buffer*; the recorder is told before this returns."""
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except ConnectionError as error:
            self.recorder.reset(str(error))
            raise
        except OSError as error:
            self._failed(error)
            raise
        if not flags or not flags & socket.MSG_PEEK:
            # Views end here, and not in the traceback of an error: it would keep the client's buffer from being closed.
            with memoryview(buffer) as view, view.cast("B") as octets, octets[:count] as data:
                self._came(data, at_end=not count and bool(nbytes or len(buffer)))
        return count

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive at most *bufsize* octets; the recorder is told before this returns."""
        try:
            data = super().recv(bufsize, flags)
        except ConnectionError as error:
            self.recorder.reset(str(error))
            raise
        except OSError as error:
            self._failed(error)
            raise
        if not flags or not flags & socket.MSG_PEEK:
            self._came(data, at_end=not data and bufsize > 0)
        return data

    @property
    def owes(self) -> bool:
        """Whether a request is under way that has not been answered in full."""
        return self.recorder.owes

    def hang_up(self) -> None:
        """Close the real socket."""
        super().hang_up()
        self.recorder.closed()

    def _came(self, data: bytes | memoryview, *, at_end: bool) -> None:
        if len(data):
            self.recorder.received(data)
        elif at_end:
            self.recorder.eof()

    def _failed(self, error: OSError) -> None:
        """Tell the recorder: a time-out, a failure, or (a socket that does not wait) nothing at all."""
        if isinstance(error, TimeoutError):
            self.recorder.timed_out()
        elif type(error).__name__ not in _NOT_YET:
            self.recorder.failed(str(error))

    @property
    def endless(self) -> bool:
        """Whether nobody can tell any more where a request ends, so that this socket may never be idle again."""
        return self._broken or self.recorder.endless

    def _between_requests(self) -> bool:
        return self.recorder.idle

    def _sending(self, data: bytes | memoryview) -> int:
        return self.recorder.sent(data)


class MockSocket(SocketFace):
    """A socket without a network: made of the octets of an answer, or of a `Player`.

    ``MockSocket(b"HTTP/1.1 200 OK...")`` gives these octets whatever is sent, then the end of the connection.
    """

    def __init__(self, answer: bytes | Counterpart, *, peer: tuple[str, int] = ("127.0.0.1", 80)) -> None:
        super().__init__()
        self.counterpart = Canned(answer) if isinstance(answer, bytes) else answer
        self._peer = peer
        self._timeout: float | None = UNKNOWN
        self._readiness: Readiness | None = None

    @property
    def idle(self) -> bool:
        """Whether the next octet sent begins a request."""
        return self.counterpart.idle

    @property
    def endless(self) -> bool:
        """Whether nobody can tell any more where a request ends, so that this socket will never be idle."""
        return self.counterpart.endless

    @property
    def owes(self) -> bool:
        """Whether octets are due."""
        return self.counterpart.owes

    def send(self, data: Buffer, flags: int = 0, /) -> int:  # noqa: ARG002  no flag changes what is sent
        """Take *data*, at most to the end of the request under way."""
        __tracebackhide__ = True
        self._check_open()
        count = self.counterpart.sent(data if type(data) is bytes else memoryview(data).cast("B"))
        self._show()
        return count

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive at most *bufsize* octets; raises what the live socket raised when this was recorded, at once."""
        __tracebackhide__ = True
        self._check_open()
        if not bufsize:
            return b""
        if self._timeout == 0 and not self.counterpart.readable:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        if self.counterpart.pace is not None:
            self._wait(self.counterpart.pace)
        got = self.counterpart.receive(bufsize, peek=bool(flags and flags & socket.MSG_PEEK))
        if type(got) is not bytes:
            return self._ended(cast("How", got))
        self._show()
        return got

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0, /) -> int:
        """Receive into *buffer*."""
        __tracebackhide__ = True
        with memoryview(buffer) as view, view.cast("B") as octets:
            data = self.recv(nbytes or len(octets), flags)
            octets[: len(data)] = data
            return len(data)

    def fileno(self) -> int:
        """Return a descriptor that is readable when octets, or the end of the connection, are due."""
        if self._hung_up:
            return -1
        if self._readiness is None:
            self._readiness = Readiness()
            self._show()
        return self._readiness.fileno()

    def hang_up(self) -> None:
        """Close the descriptor, if there is one."""
        if self._readiness is not None:
            self._readiness.close()
            self._readiness = None

    def settimeout(self, value: float | None, /) -> None:
        """Set the time-out: whether a time-out that was recorded is raised (at once), or would be an endless wait."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """Return the time-out."""
        return socket.getdefaulttimeout() if self._timeout == UNKNOWN else self._timeout

    def shutdown(self, how: int, /) -> None:
        """Accept it: nobody is there who could notice."""

    def getpeername(self) -> tuple[str, int]:
        """Return the host and port the connection is for."""
        return self._peer

    def getsockname(self) -> tuple[str, int]:
        """Return an address of this machine with port 0: there is no port."""
        return ("127.0.0.1", 0)

    def setsockopt(self, *option: object) -> None:
        """Accept it: there is no network it could change."""

    def getsockopt(self, *option: object) -> int:  # noqa: ARG002  none has another value
        """Return 0."""
        return 0

    def _show(self) -> None:
        if self._readiness is not None:
            self._readiness.show(readable=self.counterpart.readable)

    def _wait(self, pace: Pace) -> None:
        """Wait until what comes next is due, or for as long as the time-out says, which then is over."""
        __tracebackhide__ = True
        delay, timeout = self.counterpart.delay, self.gettimeout()
        if timeout == 0 and delay:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        if timeout is not None and delay > timeout:
            pace.wait(timeout)
            raise TimeoutError("timed out")
        if delay:
            pace.wait(delay)

    def _ended(self, how: How) -> bytes:
        """Return b"" or raise, as a live socket does at the end."""
        __tracebackhide__ = True
        if how is How.RESET:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        if how is How.TIMEOUT:
            if self._timeout is None:
                raise CassetteStall("a time-out was recorded here, but this socket has none: live it would hang")
            raise TimeoutError("timed out")
        return b""
