"""The switch: what a client keeps as its connection.

Law: at the first octet of each request it asks its `Route` which way that request goes, and lets the socket for that
way answer: live, recording, or mock. So a connection that a pool keeps can never carry a request out of a replay, nor
answer from a cassette that is not current; and one connection may go from the network to a cassette, to another, and
back. Answers are read in the order of their requests: where a cassette both replays and records, a request waits until
what is due before it from the other side has been read. A connection of which it cannot be told any more where a
request begins is of no use to another cassette, and hung up.
"""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from .errors import CassetteError
from .recorder import Recorder
from .route import Route, Way, dialling
from .socket_face import Buffer, SocketFace
from .sockets import UNKNOWN, LiveSocket, MockSocket, RecordingSocket, kind_of
from .transcript import Requests

if TYPE_CHECKING:
    from httplib_sim.waist import Dial, Origin


class SwitchSocket(SocketFace):
    """A connection to *origin* that asks, at the first octet of each request, which cassette is current.

    *dial* really connects, through *proxy* if there is one. It is called at once where a real connection is certain to
    be needed, so that errors of connecting come where they come live; else when a request first needs it. Raises the
    OSError that was recorded where connecting failed then.
    """

    def __init__(self, origin: Origin, dial: Dial, proxy: Origin | None = None) -> None:
        super().__init__()
        self.origin = origin
        self._dial = dial
        self._sock: socket.socket | None = None
        self._timeout: float | None = UNKNOWN
        self._options: list[tuple[Any, ...]] = []
        self._route = Route(origin, proxy)
        self._live: LiveSocket | None = None
        self._recording: RecordingSocket | None = None
        self._mock: MockSocket | None = None
        self._face: LiveSocket | MockSocket | None = None
        self._owing: deque[RecordingSocket | MockSocket] = deque()  # each is read until it has given what it owes
        self._held = bytearray()  # what waits for that, and may not
        self._may_hold = True
        self._shutdown: int | None = None  # what is to be done once nothing waits
        if (failure := self._route.failure()) is not None:
            raise failure
        if self._route.needs_network:
            self._connect()

    @property
    def is_real(self) -> bool:
        """Whether there is a real connection, at least for now."""
        return self._sock is not None

    def send(self, data: Buffer, flags: int = 0, /) -> int:
        """Send *data*, at most to the end of the request under way."""
        __tracebackhide__ = True
        self._check_open()
        if self._owing:
            self._go_on()
            if self._held:
                return self._hold(data)
        face = self._face
        if face is None or face.idle:
            if self._must_wait():
                return self._hold(data)
            face = self._choose(memoryview(data).cast("B"))
        elif face.endless:
            self._hang_up_if_spoilt()
        count = face.send(data, flags)
        if face is self._mock:
            self._send_unanswered()
        return count

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive at most *bufsize* octets."""
        __tracebackhide__ = True
        self._check_open()
        return self._reading().recv(bufsize, flags)

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0, /) -> int:
        """Receive into *buffer*."""
        __tracebackhide__ = True
        self._check_open()
        return self._reading().recv_into(buffer, nbytes, flags)

    def fileno(self) -> int:
        """Return a descriptor that is as ready as whoever answers now."""
        return -1 if self._hung_up else self._reading().fileno()

    def close(self) -> None:
        """Close the socket, once the files made of it are closed."""
        if self._held and self._io_refs <= 0:
            self._may_hold = False
            with contextlib.suppress(OSError):  # it came to nothing, and nobody wants to know any more
                self._send_held()
        super().close()

    def hang_up(self) -> None:
        """Close the real connection, if there is one."""
        for face in (self._recording, self._live, self._mock, *self._owing):
            if face is not None:
                face.close()
        if self._sock is not None:
            self._sock.close()

    def settimeout(self, value: float | None, /) -> None:
        """Set the time-out, here and on the real connection that is or will be."""
        self._timeout = value
        for face in (self._sock, self._mock, *self._owing):
            if face is not None:
                face.settimeout(value)

    def gettimeout(self) -> float | None:
        """Return the time-out."""
        if self._sock is not None:
            return self._sock.gettimeout()
        return socket.getdefaulttimeout() if self._timeout == UNKNOWN else self._timeout

    def shutdown(self, how: int, /) -> None:
        """Shut one or both directions of the real connection, if there is one."""
        if self._held and how != socket.SHUT_RD:
            self._shutdown = how
        elif self._sock is not None:
            self._sock.shutdown(how)

    def setsockopt(self, *option: Any) -> None:  # noqa: ANN401  three signatures, handed on as they are
        """Set an option, on the real connection that is or will be."""
        self._options.append(option)
        if self._sock is not None:
            self._sock.setsockopt(*option)

    def getsockopt(self, *option: Any) -> int | bytes:  # noqa: ANN401  as setsockopt
        """Return an option of the real connection; 0 where there is none."""
        return self._sock.getsockopt(*option) if self._sock is not None else 0

    def getpeername(self) -> Any:  # noqa: ANN401  what it is depends on the family
        """Return the peer's address, or the host and port the connection is for where there is no real one."""
        return self._sock.getpeername() if self._sock is not None else (self.origin.host, self.origin.port)

    def getsockname(self) -> Any:  # noqa: ANN401  as getpeername
        """Return the own address; port 0 where there is no real connection."""
        return self._sock.getsockname() if self._sock is not None else ("127.0.0.1", 0)

    def _choose(self, beginning: bytes | memoryview = b"") -> LiveSocket | MockSocket:
        """A request begins: decide which way it goes."""
        __tracebackhide__ = True
        way = self._route.choose(beginning)
        if self._mock is not None and self._mock.counterpart is not way:
            self._leave_mock()
        self._face = face = self._face_for(way)
        return face

    def _hang_up_if_spoilt(self) -> None:
        """Refuse what may be a request of a cassette that it cannot be given to."""
        __tracebackhide__ = True
        try:
            self._route.check_unspoilt()
        except CassetteError:
            self._hung_up = True
            self.hang_up()
            raise

    def _send_unanswered(self) -> None:
        """Send what the cassette does not answer, and may record, to the network."""
        pieces = self._route.take_unanswered()
        if pieces is None or self._route.way is None:
            return
        self._leave_mock()
        if self._owing and self._may_hold:
            self._face = None
            for octets in pieces:
                self._hold(octets)
        else:
            self._face = self._face_for(self._route.way)
            for octets in pieces:
                self._face.sendall(octets)

    def _leave_mock(self) -> None:
        """Ask the mock nothing more: it is closed, once what it owes has been read."""
        mock, self._mock = self._mock, None
        if mock is not None and mock.owes:
            self._owing.append(mock)
        elif mock is not None:
            mock.close()

    def _must_wait(self) -> bool:
        """Whether the request that begins may be answered before one that the network has not answered yet."""
        recording = self._recording
        if recording is None or not (recording.owes and self._may_hold and self._route.asks_the_same_player):
            return False
        self._owing.append(recording)
        return True

    def _hold(self, data: Buffer) -> int:
        """Keep *data* until the answers before have been read: what is sent where must not change their order."""
        octets = memoryview(data).cast("B")
        self._held += octets
        return len(octets)

    def _reading(self) -> LiveSocket | MockSocket:
        """Who is to be read now: answers come in the order of their requests."""
        __tracebackhide__ = True
        if self._owing:
            self._go_on()
        return self._owing[0] if self._owing else self._face or self._choose()

    def _go_on(self) -> None:
        """If all is read that was owed, go on with what was held until then."""
        __tracebackhide__ = True
        while self._owing and not self._owing[0].owes:
            owing = self._owing.popleft()
            if isinstance(owing, MockSocket):
                owing.close()
        if self._owing:
            return
        self._send_held()
        if self._shutdown is not None and not self._held:
            how, self._shutdown = self._shutdown, None
            self.shutdown(how)

    def _send_held(self) -> None:
        """Send what was held as if it were sent now."""
        __tracebackhide__ = True
        held, self._held = bytes(self._held), bytearray()
        self.sendall(held)

    def _face_for(self, way: Way) -> LiveSocket | MockSocket:
        """The socket that goes this *way*."""
        if isinstance(way, Requests):
            if self._live is None:
                self._live = LiveSocket(self._connect(), way)
            return self._live
        if isinstance(way, Recorder):
            if self._recording is None or self._recording.recorder is not way:
                self._recording = RecordingSocket(self._connect(), way)
            return self._recording
        if self._mock is None:
            self._mock = MockSocket(way, peer=(self.origin.host, self.origin.port))
            self._mock.settimeout(self._timeout)
        return self._mock

    def _connect(self) -> socket.socket:
        """The real connection, made if there is none yet."""
        if self._sock is None:
            with self._route.connecting(), dialling():
                self._sock = self._dial()
            self._route.secured(self._sock)
            del self._dial  # it knows the client, which knows us: a dropped client is to be freed at once
            for option in self._options:
                self._sock.setsockopt(*option)
            if self._timeout != UNKNOWN:
                self._sock.settimeout(self._timeout)
            self.family, self.type, self.proto = kind_of(self._sock)
        return self._sock


class SecureSwitchSocket(SwitchSocket):
    """A connection to an https *origin*: it has the methods of `ssl.SSLSocket` beside those of a socket."""

    def version(self) -> str | None:
        """Return the TLS version, of the real connection or as recorded."""
        return cast("str | None", self._of_tls("version"))

    def cipher(self) -> tuple[str, str, int] | None:
        """Return the TLS cipher, of the real connection or as recorded."""
        return cast("tuple[str, str, int] | None", self._of_tls("cipher"))

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002  ssl's signature
        """Return the certificate of the peer, of the real connection or as recorded."""
        return self._of_tls("getpeercert", binary_form)

    def selected_alpn_protocol(self) -> str | None:
        """Return the protocol agreed on in the TLS handshake, of the real connection or as recorded."""
        return cast("str | None", self._of_tls("selected_alpn_protocol"))

    def pending(self) -> int:
        """Return how many octets the real connection has decrypted and not given yet; 0 where there is no TLS."""
        return cast("int", getattr(self._sock, "pending", int)())

    def _of_tls(self, name: str, *arguments: object) -> object:
        """What the real TLS socket says; where there is none, what the cassette has of it; None if it has nothing."""
        asked = self._sock or self._route.recorded_tls()
        return None if asked is None else getattr(asked, name)(*arguments)


def connect(origin: Origin, dial: Dial, proxy: Origin | None = None) -> socket.socket:
    """Return what a client keeps as its connection to *origin*: the function that interceptors install.

    *dial* really connects it, through the tunnel of *proxy* if there is one.
    """
    kind = SecureSwitchSocket if origin.scheme == "https" else SwitchSocket
    return cast("socket.socket", kind(origin, dial, proxy))
