"""A connection's socket: octets out, octets in, and every way to end it.

Law: nothing of HTTP. All that is sent is remembered for the journal; that the client has gone is `PeerGone`.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING, Final, Literal

from .errors import PeerGone

if TYPE_CHECKING:
    from .gates import Gate
    from .listener import Link
    from .nested import NestedTls

LINGER: Final = 2.0
"""Seconds for which what the client still sends is read, after our side is closed and before the connection is."""

HANDSHAKE: Final = b"\x16"
"""What TLS begins with (RFC 8446 section 5.1: a record of the type handshake)."""

STALLED: Final = 60.0
"""Seconds after which a client that gets nothing more is let go: one without a time-out would wait for ever."""

AT_MOST: Final = 65_536
"""Octets that one recv asks for."""


class Channel:
    """The octets of one connection. ``keep_alive`` says whether it is to persist after the answer under way.

    ``sent`` are the octets of that answer, ``how`` says how it ended where it was by a reset or by silence; ``over``:
    nothing more can be sent; ``at_eof``: nothing more comes, since the client has closed its side or, if ``timed_out``,
    has been silent for too long.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.sock = link.sock
        self.keep_alive = True
        self.over = False
        self.at_eof = False
        self.timed_out = False
        self.sent: list[bytes] = []
        self.how: Literal["", "reset", "silence"] = ""
        self._notify = True

    def write(self, octets: bytes) -> None:
        """Send all of *octets*. Raises `PeerGone` if the client has gone."""
        self.sent.append(octets)
        try:
            self.sock.sendall(octets)
        except OSError as error:
            raise self.gone(error) from error

    def received(self, at_most: int = AT_MOST) -> bytes:
        """Wait for octets; none at the end, which a reset is too."""
        try:
            octets = self.sock.recv(at_most)
        except OSError:
            octets = b""
        if not octets:
            self.at_eof = True
        return octets

    def received_within(self, seconds: float, at_most: int = AT_MOST) -> bytes:
        """Wait for octets, but not longer than *seconds*: then ``timed_out`` is set."""
        try:
            self.sock.settimeout(seconds)
            octets = self.sock.recv(at_most)
            self.sock.settimeout(None)
        except OSError as error:
            self.timed_out = isinstance(error, TimeoutError)
            octets = b""
        if not octets:
            self.at_eof = True
        return octets

    def wait_for_end(self, seconds: float | None = None) -> None:
        """Read, and drop, what the client sends until it closes the connection, or the server stops.

        That is for *seconds* at most, if it is not None.
        """
        self.end()
        self.how = self.how or "silence"
        if seconds is None:
            while self.received():
                pass
            return
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.received_within(left):
            pass

    def half_close(self) -> None:
        """Close our side, and read on until the client closes the connection."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        self.wait_for_end()

    def ignore(self, seconds: float) -> None:
        """Neither send nor read any more, for *seconds* or until the server stops.

        The client's octets stay where they are.
        """
        self.end()
        self.how = "silence"
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.link.stopping.wait(seconds)

    def close(self, *, notify: bool = True) -> None:
        """Close the connection in the orderly way as soon as the answer is over; over TLS, *notify* the client."""
        self.end()
        self._notify = notify

    def pause(self, seconds: float) -> None:
        """Wait. Raises `PeerGone` if the server stops meanwhile."""
        if self.link.stopping.wait(seconds):
            self.end()
            raise PeerGone("the server stopped while an answer was delayed")

    def hold(self, gate: Gate) -> None:
        """Wait at *gate*. Raises `PeerGone` if the server stops meanwhile."""
        self.link.gate = gate
        try:
            gate.enter(self.link.stopping.is_set)
        except PeerGone:
            self.end()
            raise

    def write_below(self, octets: bytes) -> None:
        """Send *octets* on the socket itself, below TLS if there is any. Raises `PeerGone`."""
        self.sent.append(octets)
        try:
            if isinstance(self.sock, socket.socket):
                socket.socket.sendall(self.sock, octets)
            else:
                self.sock.below.sendall(octets)
        except OSError as error:
            raise self.gone(error) from error

    def reset(self) -> None:
        """End the connection with a reset (RST), as soon as the client's side has all that was written."""
        self.end()
        self.how = "reset"
        _wait_until_delivered(self.sock)
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.link.cut = True
        self.link.close()

    def linger(self) -> None:
        """Close our side, and read on for a while what the client still sends, so that the last answer reaches it.

        A socket closed with unread octets sends a reset, and that takes from the client what it has not read yet
        (RFC 9112 section 9.6).
        """
        self.end()
        end = time.monotonic() + LINGER
        with contextlib.suppress(OSError, ValueError):  # gone already: then there is nothing to wait for
            self.sock.settimeout(LINGER)
            if self._notify:
                self._say_goodbye()
            self.sock.shutdown(socket.SHUT_WR)
            while time.monotonic() < end and self.sock.recv(AT_MOST):
                pass

    def gone(self, error: OSError) -> PeerGone:
        """What is raised when the client has closed the connection."""
        self.end()
        return PeerGone(f"the client closed the connection while it was being answered ({error})")

    def end(self) -> None:
        """Say that the answer under way is the last one, and complete."""
        self.keep_alive = False
        self.over = True

    def _say_goodbye(self) -> None:
        """End TLS with its own alert, or the client must take the end for a truncation (RFC 8446 section 6.1)."""
        unwrap = getattr(self.sock, "unwrap", None)
        if unwrap is not None:
            with contextlib.suppress(OSError):
                unwrap()


def begins_tls(sock: socket.socket, patience: float | None) -> bool:
    """Tell whether the client begins with TLS: the octets stay where they are, on a socket without TLS.

    Waits for that, but not longer than *patience* seconds, if it is not None.
    """
    begins = False
    with contextlib.suppress(OSError):
        sock.settimeout(patience)
        begins = sock.recv(1, socket.MSG_PEEK) == HANDSHAKE
        sock.settimeout(None)
    return begins


def has_tls(link: Link) -> bool:
    """Tell whether TLS is over a connection already."""
    return hasattr(link.sock, "unwrap")


def first_octets(sock: socket.socket | NestedTls, patience: float | None) -> bytes:
    """Read the first octets that come, within *patience* seconds, if it is not None; none at the end."""
    octets = b""
    with contextlib.suppress(OSError):
        sock.settimeout(patience)
        octets = sock.recv(AT_MOST)
        sock.settimeout(None)
    return octets


def _wait_until_delivered(sock: socket.socket | NestedTls) -> None:
    """Wait until the peer has acknowledged all that was sent, where the system can tell (Linux's SIOCOUTQ).

    A reset throws away what is still under way; a client must get what was promised to it before.
    """
    try:
        import fcntl  # noqa: PLC0415  not everywhere
        import termios  # noqa: PLC0415
    except ImportError:
        return
    end = time.monotonic() + LINGER
    with contextlib.suppress(OSError):
        while struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0] and time.monotonic() < end:
            time.sleep(0.0005)  # nothing tells when an acknowledgement has come
