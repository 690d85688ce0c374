"""Streams for httpcore, and so for httpx: what their connection pools keep, blocking and asynchronous.

Law: httpcore's interface of a network stream (read, write, close, start_tls, get_extra_info), over a `Route`. TLS and
tunnels are part of connecting: on a real connection they are httpcore's own, in a replay they are passed over, and both
are made up for when a request needs the network after all. What fails is raised as the library's own exception. The
library is a parameter, never imported: it is the one whose backend has connected.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NoReturn, cast

from httplib_sim.waist import Origin

from .current import current
from .errors import CassetteStall
from .exchange import How
from .route import Route, dialling
from .warp import pass_patience

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    import httpcore

_CONNECT = b"CONNECT "
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
"""What stands in for the proxy's answer in a replay, which needs no proxy."""

_FOR_EVER = 1e9
"""Seconds, as a timer."""


class _Face(ABC):
    """What the two streams have in common: everything but waiting."""

    def __init__(self, library: ModuleType, origin: Origin) -> None:
        self._library = library
        self._route = Route(origin)
        self._tunnel: bytes | None = None  # the CONNECT that was sent, until TLS begins behind it
        self._canned = b""
        self._tls = False
        self._closed = False

    @property
    @abstractmethod
    def _real_stream(self) -> httpcore.NetworkStream | httpcore.AsyncNetworkStream | None:
        """The real connection, if there is one."""

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  each name has a type of its own
        """Return what the real connection says; where there is none, what is known without, else None."""
        if info == "is_readable":
            return self._is_readable()
        if self._real_stream is not None:
            return self._real_stream.get_extra_info(info)
        if info == "ssl_object" and self._tls:
            return self._route.recorded_tls()
        origin = self._route.origin
        return {"server_addr": (origin.host, origin.port), "client_addr": ("127.0.0.1", 0)}.get(info)

    def _is_readable(self) -> bool:
        """Whether whoever has the next request has something to say: before a request, that is its end."""
        route = self._route
        if not route.needs_network:
            return route.player is not None and route.player.readable
        return self._real_stream is not None and bool(self._real_stream.get_extra_info("is_readable"))

    def _begins_tunnel(self, octets: bytes) -> bool:
        """Whether *octets* ask a proxy for a tunnel; that is part of connecting, and no request to be recorded."""
        if self._tunnel is None and not self._tls and self._route.idle and octets.startswith(_CONNECT):
            if self._real_stream is not None:
                self._route.check_tunnel(octets)
            self._tunnel = octets
            self._canned = _ESTABLISHED
            return True
        return False

    def _secure(self) -> None:
        """From here on it is a connection to an https origin: the one behind the tunnel, if there is one.

        Raises what was recorded where TLS failed then.
        """
        __tracebackhide__ = True
        host, port, proxy = self._route.origin.host, self._route.origin.port, None
        if self._tunnel is not None:
            proxy = self._route.origin
            authority = self._tunnel.split(b" ", 2)[1].decode("ascii")
            name, _, number = authority.rpartition(":")
            host, port = name.strip("[]"), int(number)
        self._route = Route(Origin("https", host, port), proxy)
        self._tunnel, self._canned, self._tls = None, b"", True
        if (failure := self._route.failure(of_tls=True)) is not None:
            raise self._connect_error(failure)

    def _connect_error(self, failure: OSError) -> Exception:
        """How the library says that connecting failed."""
        own = self._error("ConnectTimeout" if isinstance(failure, TimeoutError) else "ConnectError", str(failure))
        own.__cause__ = failure
        return own

    def _begin_open(self) -> None:
        """Begin with a real connection that is open already, its TLS included."""
        self._tls = self._route.origin.scheme == "https"
        self._note_tls()

    def _note_tls(self) -> None:
        """Note what the real connection says of TLS."""
        if self._real_stream is not None:
            self._route.secured(self._real_stream.get_extra_info("ssl_object"))

    def _take_canned(self, most: int) -> bytes:
        taken, self._canned = self._canned[:most], self._canned[most:]
        return taken

    def _check_open(self, error: str) -> None:
        if self._closed:
            raise self._error(error, "the connection is closed")

    def _played(self, most: int, timeout: float | None) -> bytes:
        """What the player says next; raises at once what was recorded as the library's exception."""
        __tracebackhide__ = True
        got = cast("Any", self._route.player).receive(most)
        if type(got) is bytes:
            return got
        if got is How.RESET:
            raise self._error("ReadError", "Connection reset by peer")
        if got is How.TIMEOUT:
            if timeout is None:
                raise CassetteStall("a time-out was recorded here, but this request has none: live it would hang")
            raise self._error("ReadTimeout", "timed out")
        return b""

    @staticmethod
    def _patience(delay: float, timeout: float | None) -> float:
        """How long to wait for what is due after *delay* seconds."""
        return delay if timeout is None else min(delay, timeout)

    def _check_patience(self, delay: float, timeout: float | None) -> None:
        """Raise the library's time-out if what was due after *delay* seconds came too late."""
        __tracebackhide__ = True
        if timeout is not None and delay > timeout:
            raise self._error("ReadTimeout", "timed out")

    def _came(self, data: bytes, most: int) -> bytes:
        """Note what the real connection gave."""
        if data:
            self._route.received(data)
        elif most:
            self._route.eof()
        return data

    def _read_failed(self, error: BaseException) -> NoReturn:
        """Note how reading failed, and raise it again. A read that is given up is one whose patience is at its end."""
        if isinstance(error, self._library.ReadError):
            self._route.reset(str(error))
        elif not isinstance(error, Exception) or isinstance(error, self._library.TimeoutException):
            self._route.timed_out()
        raise error

    def _write_failed(self, error: Exception) -> NoReturn:
        """Raise as the library's own what the player says of sending; note what the real connection says."""
        __tracebackhide__ = True
        if isinstance(error, OSError):
            raise self._error("WriteError", str(error)) from error
        if isinstance(error, self._library.WriteTimeout):
            self._route.timed_out()
        elif isinstance(error, self._library.WriteError):
            self._route.failed(str(error))
        raise error

    def _error(self, name: str, text: str) -> Exception:
        return cast("Exception", getattr(self._library, name)(text))

    def _check_established(self, answer: bytes) -> None:
        """Raise the library's ProxyError unless *answer* opens the tunnel."""
        status_line = answer.partition(b"\r\n")[0].decode("latin-1")
        if not status_line.partition(" ")[2].startswith("2"):
            raise self._error("ProxyError", status_line.partition(" ")[2] or "the proxy has closed the connection")


class SwitchStream(_Face):
    """A blocking connection to *origin*; *dial* really connects it, at once if it is certain to be needed.

    *real* is the connection that is there already, if it is.
    """

    def __init__(
        self,
        library: ModuleType,
        origin: Origin,
        dial: Callable[[], httpcore.NetworkStream],
        real: httpcore.NetworkStream | None = None,
    ) -> None:
        super().__init__(library, origin)
        self._dial = dial
        self._steps: list[Callable[[httpcore.NetworkStream], httpcore.NetworkStream]] = []
        self._real = real
        if real is not None:
            self._begin_open()
            return
        if (failure := self._route.failure(of_tls=False)) is not None:
            raise self._connect_error(failure)
        if self._route.needs_network:
            self._connected()

    @property
    def _real_stream(self) -> httpcore.NetworkStream | None:
        return self._real

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send *buffer*, all of it."""
        __tracebackhide__ = True
        self._check_open("WriteError")
        if self._tunnel is not None or self._begins_tunnel(buffer):
            if self._real is not None:
                self._real.write(buffer, timeout)
            return
        try:
            for octets in self._route.sending(buffer):
                self._connected().write(bytes(octets), timeout)
        except Exception as error:  # noqa: BLE001  it is raised again, or as the library's own
            self._write_failed(error)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Receive at most *max_bytes*; b"" once the server has closed."""
        __tracebackhide__ = True
        self._check_open("ReadError")
        if self._tunnel is not None:
            return self._real.read(max_bytes, timeout) if self._real is not None else self._take_canned(max_bytes)
        if (player := self._route.player) is not None:
            if player.pace is not None and (delay := player.delay):
                player.pace.wait(self._patience(delay, timeout))
                self._check_patience(delay, timeout)
            return self._played(max_bytes, timeout)
        real = self._connected()
        try:
            data = real.read(max_bytes, timeout)
        except BaseException as error:  # noqa: BLE001  it is raised again
            self._read_failed(error)
        return self._came(data, max_bytes)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> SwitchStream:
        """Begin TLS: on the real connection, or on the one that may be made later."""
        tunnel = self._tunnel

        def step(stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
            if current() is not None:
                ssl_context.set_alpn_protocols(["http/1.1"])
            return stream.start_tls(ssl_context, server_hostname, timeout)

        self._secure()
        if self._real is not None:
            with self._route.connecting(self._library.TimeoutException):
                self._real = step(self._real)
            self._note_tls()
        elif tunnel is not None:
            self._steps.append(lambda stream: self._open_tunnel(stream, tunnel, timeout))
        self._steps.append(step)
        return self

    def close(self) -> None:
        """Close the real connection, if there is one."""
        self._closed = True
        if self._real is not None:
            self._real.close()
        self._route.closed()

    def _connected(self) -> httpcore.NetworkStream:
        if self._real is None:
            with self._route.connecting(self._library.TimeoutException):
                self._real = self._made()
            self._note_tls()
        return self._real

    def _made(self) -> httpcore.NetworkStream:
        with dialling():
            stream = self._dial()
        try:
            for step in self._steps:
                stream = step(stream)
        except BaseException:
            stream.close()
            raise
        return stream

    def _open_tunnel(
        self, stream: httpcore.NetworkStream, request: bytes, timeout: float | None
    ) -> httpcore.NetworkStream:
        stream.write(request, timeout)
        answer = b""
        while b"\r\n\r\n" not in answer and (data := stream.read(1, timeout)):
            answer += data
        self._check_established(answer)
        return stream


class AsyncSwitchStream(_Face):
    """The same for asyncio and trio: *sleep* is the backend's, all other waiting is its own stream's."""

    def __init__(
        self,
        library: ModuleType,
        origin: Origin,
        dial: Callable[[], Awaitable[httpcore.AsyncNetworkStream]],
        sleep: Callable[[float], Awaitable[None]],
        real: httpcore.AsyncNetworkStream | None = None,
    ) -> None:
        super().__init__(library, origin)
        self._dial = dial
        self._sleep = sleep
        self._steps: list[Callable[[httpcore.AsyncNetworkStream], Awaitable[httpcore.AsyncNetworkStream]]] = []
        self._real = real
        if real is not None:
            self._begin_open()

    @classmethod
    async def opened(
        cls,
        library: ModuleType,
        origin: Origin,
        dial: Callable[[], Awaitable[httpcore.AsyncNetworkStream]],
        sleep: Callable[[float], Awaitable[None]],
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's
    ) -> AsyncSwitchStream:
        """Return a connection; it is dialled at once if it is certain to be needed.

        *timeout* is the client's patience, in seconds. Raises as the library's own what was recorded where connecting
        failed then.
        """
        self = cls(library, origin, dial, sleep)
        if (failure := self._route.failure(of_tls=False)) is not None:
            if isinstance(failure, TimeoutError):
                await self._wait_in_vain(timeout)
            raise self._connect_error(failure)
        if self._route.needs_network:
            await self._connected()
        else:
            await sleep(0)
        return self

    @property
    def _real_stream(self) -> httpcore.AsyncNetworkStream | None:
        return self._real

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  httpcore's signature
        """Send *buffer*, all of it."""
        __tracebackhide__ = True
        self._check_open("WriteError")
        if self._tunnel is not None or self._begins_tunnel(buffer):
            if self._real is not None:
                await self._real.write(buffer, timeout)
            return
        try:
            for octets in self._route.sending(buffer):
                await (await self._connected()).write(bytes(octets), timeout)
        except Exception as error:  # noqa: BLE001  it is raised again, or as the library's own
            self._write_failed(error)
        if self._route.player is not None:
            await self._sleep(0)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  httpcore's signature
        """Receive at most *max_bytes*; b"" once the server has closed."""
        __tracebackhide__ = True
        self._check_open("ReadError")
        if self._tunnel is not None:
            return await self._real.read(max_bytes, timeout) if self._real is not None else self._take_canned(max_bytes)
        if (player := self._route.player) is not None:
            delay = player.delay
            await self._sleep(self._patience(delay, timeout))
            self._check_patience(delay, timeout)
            if not player.readable and player.ending is How.TIMEOUT:
                await self._wait_in_vain(timeout)
            return self._played(max_bytes, timeout)
        real = await self._connected()
        try:
            data = await real.read(max_bytes, timeout)
        except BaseException as error:  # noqa: BLE001  it is raised again
            self._read_failed(error)
        return self._came(data, max_bytes)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
    ) -> AsyncSwitchStream:
        """Begin TLS: on the real connection, or on the one that may be made later."""
        tunnel = self._tunnel

        async def step(stream: httpcore.AsyncNetworkStream) -> httpcore.AsyncNetworkStream:
            if current() is not None:
                ssl_context.set_alpn_protocols(["http/1.1"])
            return await stream.start_tls(ssl_context, server_hostname, timeout)

        self._secure()
        if self._real is not None:
            with self._route.connecting(self._library.TimeoutException):
                self._real = await step(self._real)
            self._note_tls()
        elif tunnel is not None:
            self._steps.append(lambda stream: self._open_tunnel(stream, tunnel, timeout))
        self._steps.append(step)
        return self

    async def aclose(self) -> None:
        """Close the real connection, if there is one."""
        self._closed = True
        try:
            if self._real is not None:
                await self._real.aclose()
        finally:
            self._route.closed()

    async def _wait_in_vain(self, timeout: float | None) -> None:  # noqa: ASYNC109  httpcore's signature
        """Let the first time-out come: that of this read (then this returns), or one that the program put around it."""
        patience = _FOR_EVER if timeout is None else timeout
        if (trio := sys.modules.get("trio")) is not None and trio.lowlevel.in_trio_run():
            if trio.current_effective_deadline() - trio.current_time() < patience:
                await self._sleep(math.inf)
            return
        await pass_patience(patience)

    async def _connected(self) -> httpcore.AsyncNetworkStream:
        if self._real is None:
            with self._route.connecting(self._library.TimeoutException):
                self._real = await self._made()
            self._note_tls()
        return self._real

    async def _made(self) -> httpcore.AsyncNetworkStream:
        with dialling():
            stream = await self._dial()
        try:
            for step in self._steps:
                stream = await step(stream)
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def _open_tunnel(
        self,
        stream: httpcore.AsyncNetworkStream,
        request: bytes,
        timeout: float | None,  # noqa: ASYNC109  httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        await stream.write(request, timeout)
        answer = b""
        while b"\r\n\r\n" not in answer and (data := await stream.read(1, timeout)):
            answer += data
        self._check_established(answer)
        return stream
