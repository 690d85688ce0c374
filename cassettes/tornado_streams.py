"""Streams for tornado: what its HTTP client reads from and writes to, over asyncio's switch.

Law: tornado's interface of a stream on the client's side (`SwitchIOStream`), asyncio's of a transport on the real
connection's (`RealTransport`), which is tornado's own, TLS included; between the two stands a
`transports.SwitchTransport`, which knows what goes where. This module imports tornado: it is loaded by its interceptor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from tornado.iostream import BaseIOStream, IOStream, StreamClosedError

from .socket_face import Readiness

if TYPE_CHECKING:
    from .transports import SwitchTransport

_MOST = 65536
"""Octets that are read at once, and kept at most for a client that does not read."""


class SwitchIOStream(BaseIOStream):
    """A stream of which ``protocol`` is what a switch gives its octets to. Made anew for each connection."""

    def __init__(self, max_buffer_size: int | None = None) -> None:
        self._readiness = Readiness()
        self.protocol = _Inbox(self._readiness)
        super().__init__(max_buffer_size)

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is something to read."""
        return self._readiness.fileno()

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read what has come: the number of octets; None if nothing has, 0 at the end."""
        return self.protocol.take(buf)

    def write_to_fd(self, data: memoryview) -> int:
        """Write all of *data*."""
        self.protocol.transport.write(bytes(data))
        size = len(data)
        data.release()  # as tornado's own streams do: the buffer behind it is about to change
        return size

    def close_fd(self) -> None:
        """Close the connection."""
        if self.protocol.is_connected:
            self.protocol.transport.close()
        self._readiness.close()

    def set_nodelay(self, value: bool) -> None:  # noqa: FBT001  tornado's signature
        """Do nothing: what is written goes out at once."""


class _Inbox(asyncio.Protocol):
    """What a switch has given, until the stream reads it."""

    transport: SwitchTransport
    is_connected = False

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._octets = bytearray()
        self._ended = False
        self._error: Exception | None = None

    def take(self, buffer: bytearray | memoryview) -> int | None:
        """Move octets into *buffer*. Raises what the connection was lost by, once all octets are taken."""
        count = min(len(buffer), len(self._octets))
        if count:
            buffer[:count] = self._octets[:count]
            del self._octets[:count]
            if not self._octets and not self._ended:
                self.transport.resume_reading()
        elif self._error is not None:
            raise self._error
        elif not self._ended:
            return None
        self._tell()
        return count

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("SwitchTransport", transport)
        self.is_connected = True

    def data_received(self, data: bytes) -> None:
        self._octets += data
        if len(self._octets) >= _MOST:
            self.transport.pause_reading()
        self._tell()

    def eof_received(self) -> bool:
        self._ended = True
        self._tell()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._error = True, exc
        self._tell()

    def _tell(self) -> None:
        if self._readiness.fileno() >= 0:  # else the client has closed the stream
            self._readiness.show(readable=bool(self._octets) or self._ended)


class RealTransport(asyncio.Transport):
    """A real *stream* of tornado's, as asyncio's transport for *protocol*."""

    def __init__(self, stream: IOStream, protocol: asyncio.BaseProtocol) -> None:
        super().__init__()
        self._stream = stream
        self._protocol = cast("asyncio.Protocol", protocol)
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._reading: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Tell the protocol that it is connected, and from now on what comes."""
        self._protocol.connection_made(self)
        self._reading = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        error = None
        try:
            while True:
                await self._may_read.wait()
                self._protocol.data_received(await self._stream.read_bytes(_MOST, partial=True))
        except StreamClosedError as closed:
            error = closed.real_error
        if error is None:
            self._protocol.eof_received()
        self._protocol.connection_lost(cast("Exception | None", error))

    def write(self, data: Any) -> None:  # noqa: ANN401  octets
        """Send *data*; what fails is told by reading."""
        if not self._stream.closed():
            self._stream.write(bytes(data)).add_done_callback(asyncio.Future.exception)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let *protocol* have what comes from now on."""
        self._protocol = cast("asyncio.Protocol", protocol)

    def pause_reading(self) -> None:
        """Read no more for a while."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """Go on reading."""
        self._may_read.set()

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
        self._may_read.set()

    abort = close

    def can_write_eof(self) -> bool:
        """Tell that the client cannot close its own side alone: tornado's streams have nothing for it."""
        return False

    def get_write_buffer_size(self) -> int:
        """Return 0: tornado has a limit of its own."""
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  each name has a type of its own
        """Return the socket, or what it says."""
        return self._stream.socket if name == "socket" else default
