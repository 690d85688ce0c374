"""TLS over what `ssl` cannot put it over: TLS itself, or a socket of which the first octets have been read already.

Law: as much of a socket's face as a connection uses, over `ssl.SSLObject`; nothing of HTTP. What is said of the socket
itself is said to the one at the bottom.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

AT_MOST: Final = 65_536

T = TypeVar("T")


class NestedTls:
    """The server's side of TLS by *context*, over *below*, of which *octets* have been read already."""

    def __init__(self, below: socket.socket | NestedTls, context: ssl.SSLContext, octets: bytes = b"") -> None:
        self.below = below
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._received.write(octets)
        self._tls: ssl.SSLObject | None = context.wrap_bio(self._received, self._to_send, server_side=True)

    def do_handshake(self) -> None:
        """Negotiate. Raises OSError, of which `ssl.SSLError` is one."""
        if self._tls is not None:
            self._run(self._tls.do_handshake)

    def getpeercert(self) -> Any:  # noqa: ANN401  as SSLSocket has it
        """Return what `ssl.SSLSocket.getpeercert` does."""
        return None if self._tls is None else self._tls.getpeercert()

    def recv(self, at_most: int) -> bytes:
        """Wait for octets; none at the end."""
        tls = self._tls
        if tls is None:
            return self.below.recv(at_most)
        try:
            return self._run(lambda: tls.read(at_most))
        except ssl.SSLEOFError:  # without close_notify, as SSLSocket has it
            return b""

    def sendall(self, octets: bytes) -> None:
        """Send all of *octets*."""
        tls, left = self._tls, memoryview(octets)
        if tls is None:
            raise OSError("TLS has ended")
        while left:
            left = left[self._run(functools.partial(tls.write, left)) :]

    def unwrap(self) -> None:
        """End TLS with its alert, and wait for the client's."""
        if self._tls is not None:
            self._run(self._tls.unwrap)

    def shutdown(self, how: int) -> None:
        """End what is below, too; what comes then is read as it is."""
        self._tls = None
        unwrap = getattr(self.below, "unwrap", None)
        if unwrap is not None:
            with contextlib.suppress(OSError):
                unwrap()
        self.below.shutdown(how)

    def settimeout(self, seconds: float | None) -> None:
        """Wait for no longer than *seconds* from now on."""
        self.below.settimeout(seconds)

    def setsockopt(self, level: int, name: int, value: int | bytes) -> None:
        """Set an option of the socket."""
        self.below.setsockopt(level, name, value)

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self.below.fileno()

    def close(self) -> None:
        """Give the descriptor back."""
        self.below.close()

    def _run(self, step: Callable[[], T]) -> T:
        """Do a *step* of TLS, with all that must be read and sent for it."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush()
                octets = self.below.recv(AT_MOST)
                if octets:
                    self._received.write(octets)
                else:
                    self._received.write_eof()
            except ssl.SSLError:
                self._flush()  # the alert that says why
                raise
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        octets = self._to_send.read()
        if octets:
            self.below.sendall(octets)
