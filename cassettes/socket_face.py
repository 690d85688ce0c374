"""What every socket of ours has in common: the methods that clients call, on top of a few that each kind brings.

Law: the interface of `socket.socket` as far as blocking HTTP clients use it, method by method, with the standard
library's rules for what is easy to get wrong (a file made by `makefile` keeps the socket open; `sendall` goes on until
all is sent). No HTTP, no cassette. Nothing is caught by a general __getattr__: what is not here is not there.
"""

from __future__ import annotations

import errno
import socket
from abc import ABC, abstractmethod
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typing import Self

Buffer = bytes | bytearray | memoryview


class SocketFace(ABC):
    """A socket for blocking clients; each kind brings the abstract methods."""

    family: int = socket.AF_INET
    type: int = socket.SOCK_STREAM
    proto: int = 0

    def __init__(self) -> None:
        self._io_refs = 0  # the files made of this socket; `socket.socket.makefile` counts them under this name
        self._closed = False
        self._hung_up = False

    @abstractmethod
    def send(self, data: Buffer, flags: int = 0, /) -> int:
        """Send what can be sent of *data* at once, and return how many octets that are."""

    @abstractmethod
    def recv_into(self, buffer: bytearray | memoryview, nbytes: int = 0, flags: int = 0, /) -> int:
        """Receive at most *nbytes* (0: what fits) into *buffer*; return how many came, 0 once the peer has closed."""

    @abstractmethod
    def fileno(self) -> int:
        """Return a descriptor whose readiness is that of this socket; -1 once it is closed."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close what is beneath: the socket is closed, and so are the files made of it."""

    @abstractmethod
    def settimeout(self, value: float | None, /) -> None:
        """Set how many seconds to wait; None is for ever, 0 is not at all."""

    @abstractmethod
    def gettimeout(self) -> float | None:
        """Return how many seconds to wait."""

    def sendall(self, data: Buffer, flags: int = 0, /) -> None:
        """Send *data*, all of it."""
        __tracebackhide__ = True
        octets = data if type(data) is bytes else memoryview(data).cast("B")  # the length of an array counts items
        sent = self.send(octets, flags)
        if sent < len(octets):
            view = memoryview(octets)
            while sent < len(view):
                sent += self.send(view[sent:], flags)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive at most *bufsize* octets; b"" once the peer has closed."""
        __tracebackhide__ = True
        buffer = bytearray(bufsize)
        return bytes(memoryview(buffer)[: self.recv_into(buffer, bufsize, flags)])

    def makefile(
        self,
        mode: str = "r",
        buffering: int | None = None,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[bytes] | IO[str]:
        """Return a file over this socket, as `socket.socket.makefile` does; it keeps the socket open."""
        # The standard library's own code, with its rules for modes and buffers; it asks for no more than a face has.
        made = socket.socket.makefile(
            cast("socket.socket", self),
            mode,  # type: ignore[call-overload]
            buffering,
            encoding=encoding,
            errors=errors,
            newline=newline,
        )
        return cast("IO[bytes] | IO[str]", made)

    def _decref_socketios(self) -> None:
        """Note that a file is closed: `socket.SocketIO` calls this name."""
        if self._io_refs > 0:
            self._io_refs -= 1
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close the socket, once the files made of it are closed."""
        self._closed = True
        if self._io_refs <= 0 and not self._hung_up:
            self._hung_up = True
            self.hang_up()

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001  the standard library's signature
        """Wait for ever, or not at all."""
        self.settimeout(None if flag else 0.0)

    def getblocking(self) -> bool:
        """Tell whether this socket waits at all."""
        return self.gettimeout() != 0

    @property
    def timeout(self) -> float | None:
        """What `gettimeout` returns."""
        return self.gettimeout()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._hung_up:
            raise OSError(errno.EBADF, "Bad file descriptor")


class Readiness:
    """A real descriptor for those who poll: readable exactly when it is told so. Made only when somebody asks."""

    def __init__(self) -> None:
        self._seen, self._told = socket.socketpair()
        self._seen.settimeout(0.0)
        self._shown = False

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._seen.fileno()

    def show(self, *, readable: bool) -> None:
        """Make the descriptor readable, or not."""
        if readable is not self._shown:
            self._shown = readable
            if readable:
                self._told.send(b"!")
            else:
                self._seen.recv(1)

    def close(self) -> None:
        """Close the descriptor."""
        self._seen.close()
        self._told.close()
