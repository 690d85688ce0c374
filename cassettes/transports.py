"""Transports for asyncio's protocols: what aiohttp keeps in its pool, and what asyncio's streams write to.

Law: asyncio's interface of a transport, over a `Route`. A real connection is asyncio's own, TLS included: what is sent
and received is seen above it. A replay has no descriptor and no thread: octets are given to the protocol in turns of
the loop, one call after the other, as from a real transport. What goes wrong with a cassette is told to the protocol as
the loss of its connection, since that is where clients raise what they are told.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING, Any, cast

from httplib_sim.waist import Origin

from .errors import CassetteError, CassetteStall
from .exchange import How
from .route import Route, dialling, may_be_request
from .tls import RecordedTls
from .warp import pass_patience, wait_in_vain

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable

Buffer = bytes | bytearray | memoryview

_AT_ONCE = 0.05
"""Seconds: a client that gives up an incomplete response later than this after the last octet has waited in vain."""

_OF_TLS: dict[str, Callable[[RecordedTls], object]] = {
    "ssl_object": lambda recorded: recorded,
    "peercert": RecordedTls.getpeercert,
    "cipher": RecordedTls.cipher,
}
"""What asyncio's transports say of TLS."""

_MOST = 65536
"""How many octets a protocol is given at once."""


class SwitchTransport(asyncio.Transport):
    """A connection to *origin* for *protocol*; *dial* really connects a protocol, TLS included.

    Made by `connect`. *tls* is the context of a connection with TLS: there to be asked for in a replay. Without *http*
    nobody knows what will be spoken: what does not begin as a request of HTTP is let through.
    """

    _start_tls_compatible = True  # what `asyncio.loop.start_tls` asks for: protocols can be exchanged

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        origin: Origin,
        protocol: asyncio.BaseProtocol,
        dial: Callable[[Callable[[], asyncio.BaseProtocol]], Awaitable[object]],
        tls: ssl.SSLContext | None = None,
        *,
        http: bool = True,
        proxy: Origin | None = None,
    ) -> None:
        super().__init__()
        self._loop = loop
        self._route = Route(origin, proxy)
        self._protocol: Any = protocol
        self._dial = dial
        self._tls = tls
        self._real: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._dialling: asyncio.Task[None] | None = None
        self._http: bool | None = True if http else None
        self._made = self._closing = self._lost = self._paused = self._delivering = False
        self._last = loop.time()

    @classmethod
    def adopting(cls, loop: asyncio.AbstractEventLoop, origin: Origin, protocol: Any) -> SwitchTransport:  # noqa: ANN401
        """Return a transport for *protocol* over the real one that it has, with its TLS."""
        real: asyncio.Transport = protocol.transport
        self = cls(loop, origin, protocol, _is_gone, real.get_extra_info("sslcontext"))
        self._made = True
        wire = _Wire(self)
        real.set_protocol(wire)
        wire.connection_made(real)
        return self

    # What the client's protocol calls.

    def write(self, data: Buffer) -> None:
        """Send *data*; what a cassette has against it is told to the protocol."""
        if self._closing or not data:
            return
        self._last = self._loop.time()
        if self._http is None:
            self._http = may_be_request(data) or self._route.is_answered_here
        try:
            for octets in self._route.sending(memoryview(data)) if self._http else (data,):
                self._send(bytes(octets))
        except (CassetteError, OSError) as error:
            self._break(error)
            return
        if self._route.player is not None:
            self._deliver_soon()

    def writelines(self, list_of_data: Iterable[Buffer]) -> None:
        """Send all of *list_of_data*."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """Tell whether the client can close its own side alone: not with TLS."""
        return self._tls is None

    def write_eof(self) -> None:
        """Close the client's side of the real connection; in a replay nobody is there who could notice."""
        if self._route.player is None and self._real is not None and self._real.can_write_eof():
            self._real.write_eof()

    def pause_reading(self) -> None:
        """Give the protocol nothing more."""
        self._paused = True
        if self._real is not None:
            self._real.pause_reading()

    def resume_reading(self) -> None:
        """Give the protocol what comes."""
        self._paused = False
        if self._real is not None:
            self._real.resume_reading()
        self._deliver_soon()

    @property
    def may_begin_tls(self) -> bool:
        """Whether TLS that begins now has all requests above it: nothing was sent before."""
        return self._http is None and self._tls is None

    async def begin_tls(
        self, tls: ssl.SSLContext, secure: Callable[[asyncio.Transport, asyncio.BaseProtocol], Awaitable[Any]]
    ) -> None:
        """Begin TLS: on the real connection, by *secure*, or on the one that may be made later.

        From here on it is a connection to an https origin. Raises what *secure* raises, or what was recorded.
        """
        host, port = self._route.origin.host, self._route.origin.port
        self._route = Route(Origin("https", host, port))
        self._tls = tls
        real, dial = self._real, self._dial
        if (failure := self._route.failure(of_tls=True)) is not None:
            raise failure

        async def dial_securely(factory: Callable[[], asyncio.BaseProtocol]) -> None:
            connected: Any = await dial(asyncio.Protocol)
            wire = factory()
            wire.connection_made(await secure(connected[0], wire))

        self._dial = dial_securely
        if real is not None:
            self._real = None
            with self._route.connecting():
                self.connected(await secure(real, _Wire(self)))

    def is_reading(self) -> bool:
        """Tell whether the protocol is given what comes."""
        return not self._paused and not self._closing

    def is_closing(self) -> bool:
        """Tell whether the connection is closed, or about to be."""
        return self._closing

    def close(self) -> None:
        """Close the connection; what was written is sent before."""
        self._give_up()
        if self._real is not None:
            self._real.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._give_up()
        if self._real is not None:
            self._real.abort()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let *protocol* have what comes from now on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return whose connection it is."""
        return cast("asyncio.BaseProtocol", self._protocol)

    def get_write_buffer_size(self) -> int:
        """Return how many octets are not sent yet."""
        return sum(map(len, self._unsent)) + (self._real.get_write_buffer_size() if self._real is not None else 0)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the marks of the real connection's buffer; asyncio's usual ones where there is none."""
        return self._real.get_write_buffer_limits() if self._real is not None else (_MOST // 4, _MOST)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the marks of the real connection's buffer."""
        if self._real is not None:
            self._real.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  each name has a type of its own
        """Return what the real connection says; where there is none, what is known without."""
        if self._real is not None:
            return self._real.get_extra_info(name, default)
        origin = self._route.origin
        known = {
            "peername": (origin.host, origin.port),
            "sockname": ("127.0.0.1", 0),
            "socket": NoSocket(origin),
            "sslcontext": self._tls,
        }
        found = self._of_tls(name) if name in _OF_TLS else known.get(name)
        return default if found is None else found

    def _of_tls(self, name: str) -> Any:  # noqa: ANN401  each name has a type of its own
        """What the cassette has of a connection's TLS."""
        recorded = self._route.recorded_tls() if self._tls is not None else None
        return None if recorded is None else _OF_TLS[name](recorded)

    # The real connection.

    @property
    def needs_network(self) -> bool:
        """Whether a request that began now would go to the network for certain."""
        return self._route.needs_network

    async def dial(self) -> None:
        """Connect really. Raises what connecting raises."""
        with self._route.connecting(), dialling():
            await self._dial(lambda: _Wire(self))

    def begin(self) -> None:
        """Tell the protocol, once, that it is connected."""
        if not self._made:
            self._made = True
            self._protocol.connection_made(self)

    def connected(self, real: asyncio.Transport) -> None:
        """Note that the *real* connection is there; what waited for it is sent."""
        self._real = real
        self._route.secured(real.get_extra_info("ssl_object"))
        if self._closing:
            real.abort()
            return
        if self._paused:
            real.pause_reading()
        unsent, self._unsent = self._unsent, []
        for octets in unsent:
            real.write(octets)
        self.begin()

    def came(self, data: bytes) -> None:
        """Take *data* from the real connection: the recorder first, so that an exchange is kept before it is seen."""
        if self._route.player is not None:
            self._drop_real()  # nobody asked for it: what it answers was given up
            return
        self._last = self._loop.time()
        try:
            self._route.received(data)
        except CassetteError as error:
            self._break(error)
            return
        self._give(data)

    def real_eof(self) -> bool:
        """Note that the server has closed its side; return whether the protocol wants to keep the other one."""
        if self._route.player is not None:
            self._drop_real()
            return False
        try:
            self._route.eof()
        except CassetteError as error:
            self._break(error)
            return False
        return bool(self._protocol.eof_received())

    def real_lost(self, error: Exception | None) -> None:
        """Note that the real connection is no more."""
        self._real = None
        if self._route.player is not None and not self._closing:
            return
        try:
            if error is not None:
                self._route.reset(str(error))
            self._route.closed()
        except CassetteError as failure:
            error = failure
        self._lose(error)

    def pause_writing(self) -> None:
        """Have the protocol write no more for a while."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Have the protocol go on."""
        self._protocol.resume_writing()

    def _send(self, octets: bytes) -> None:
        if self._real is not None:
            self._real.write(octets)
            return
        self._unsent.append(octets)
        if self._dialling is None:
            self._dialling = self._loop.create_task(self._dial_late())

    async def _dial_late(self) -> None:
        try:
            await self.dial()
        except Exception as error:  # noqa: BLE001  whatever connecting raises, the protocol is told
            self._break(error)
        finally:
            self._dialling = None

    def _drop_real(self) -> None:
        real, self._real = self._real, None
        if real is not None:
            real.set_protocol(asyncio.Protocol())
            real.abort()

    # The replay.

    def _deliver_soon(self) -> None:
        if not self._delivering:
            self._delivering = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """Give the protocol what is due, and how it ends."""
        self._delivering = False
        player = self._route.player
        if player is None or self._paused or self._closing:
            return
        if delay := player.delay:
            self._delivering = True
            self._loop.call_later(delay, self._deliver)
            return
        if not player.readable:
            if player.ending is How.TIMEOUT or player.cut:
                wait_in_vain(self._loop, self._is_waiting, self._stall)
            return
        got = player.receive(_MOST)
        if type(got) is bytes:
            self._give(got)
            self._deliver_soon()
        elif got is How.RESET:
            self._break(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
        elif not self._protocol.eof_received() or self._tls is not None:
            self.close()

    def _is_waiting(self) -> bool:
        player = self._route.player
        return not self._closing and player is not None and player.idle and not player.readable

    def _stall(self) -> None:
        self._break(
            CassetteStall(
                f"the client waits without a time-out for more than was recorded of {self._route.origin.url}: "
                "live it might wait for ever"
            )
        )

    # What the protocol is told.

    def _give(self, data: bytes) -> None:
        """Give *data* to the protocol; one that fails over it loses its connection, as a real transport does it."""
        try:
            if isinstance(self._protocol, asyncio.BufferedProtocol):
                _fill(self._protocol, data)
            else:
                self._protocol.data_received(data)
        except Exception as error:  # noqa: BLE001  it is told to the loop
            message = "Fatal error: protocol.data_received() call failed."
            self._loop.call_exception_handler(
                {"message": message, "exception": error, "transport": self, "protocol": self._protocol}
            )
            self._break(error)

    def _give_up(self) -> None:
        """Note that the client gives the connection up; what is recorded of it is kept now."""
        if self._closing:
            return
        self._closing = True
        if self._loop.time() - self._last > _AT_ONCE:
            self._route.timed_out()
        try:
            self._route.closed()
        except CassetteError as error:
            self._drop_real()
            self._loop.call_soon(self._lose, error)
            return
        if self._real is None:
            self._loop.call_soon(self._lose, None)

    def _break(self, error: Exception) -> None:
        """End the connection with *error*."""
        if not self._closing:
            self._closing = True
            self._drop_real()
            self._loop.call_soon(self._lose, error)

    def _lose(self, error: Exception | None) -> None:
        self._closing = True
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(error)


class NoSocket:
    """What stands for the socket of a transport that has none: asked for its addresses, and to set options."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = 0

    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def getpeername(self) -> tuple[str, int]:
        """Return the host and port that the connection is for."""
        return self._origin.host, self._origin.port

    def getsockname(self) -> tuple[str, int]:
        """Return the address of this machine for itself, and port 0."""
        return "127.0.0.1", 0

    def setsockopt(self, *option: object) -> None:
        """Do nothing: there is nothing that an option would change."""

    def getsockopt(self, *option: object) -> int:  # noqa: ARG002  the interface of a socket
        """Return 0."""
        return 0

    def fileno(self) -> int:
        """Return -1: there is no descriptor."""
        return -1

    def gettimeout(self) -> float:
        """Return 0, as for all sockets of asyncio's."""
        return 0.0


class _Wire(asyncio.Protocol):
    """The protocol of the real connection: it hands everything on to the switch."""

    def __init__(self, switch: SwitchTransport) -> None:
        self._switch = switch
        self.pause_writing = switch.pause_writing  # type: ignore[method-assign]
        self.resume_writing = switch.resume_writing  # type: ignore[method-assign]
        self.data_received = switch.came  # type: ignore[method-assign]
        self.eof_received = switch.real_eof  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._switch.connected(cast("asyncio.Transport", transport))

    def connection_lost(self, exc: Exception | None) -> None:
        self._switch.real_lost(exc)


async def _is_gone(_: Callable[[], asyncio.BaseProtocol]) -> None:
    """Stand for the dialling of a connection that was there before, and is no more."""
    raise ConnectionResetError(errno.ECONNRESET, "Connection lost")


def _fill(protocol: asyncio.BufferedProtocol, data: bytes) -> None:
    """Give *data* to a protocol that brings its own buffer."""
    rest = memoryview(data)
    while rest:
        buffer = memoryview(protocol.get_buffer(len(rest)))
        count = min(len(buffer), len(rest))
        buffer[:count] = rest[:count]
        protocol.buffer_updated(count)
        rest = rest[count:]


async def connect(  # noqa: PLR0913  asyncio's, and ours by name
    loop: asyncio.AbstractEventLoop,
    origin: Origin,
    factory: Callable[[], asyncio.BaseProtocol],
    dial: Callable[[Callable[[], asyncio.BaseProtocol]], Awaitable[object]],
    tls: ssl.SSLContext | None = None,
    *,
    http: bool = True,
    at_once: bool = False,
    patience: float | None = None,
    proxy: Origin | None = None,
) -> tuple[SwitchTransport, Any]:
    """Return a connection to *origin* and its protocol, made by *factory*, as `asyncio.loop.create_connection` does.

    *dial* connects a protocol really, through the tunnel of *proxy* if there is one; it is called *at_once*, or where a
    real connection is certain to be needed, so that errors of connecting come where they come live; else when a request
    first needs it. *patience* is how long the client itself would wait, in seconds. Raises the OSError that was
    recorded where connecting failed then.
    """
    if (failure := Route(origin).failure()) is not None:
        if isinstance(failure, TimeoutError):
            await pass_patience(patience)
        raise failure
    protocol = factory()
    transport = SwitchTransport(loop, origin, protocol, dial, tls, http=http, proxy=proxy)
    if at_once or transport.needs_network:
        await transport.dial()
    else:
        transport.begin()
        await asyncio.sleep(0)
    return transport, protocol
