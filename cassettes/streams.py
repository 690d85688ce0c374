"""Streams for httpcore, and so for httpx: what their connection pools keep, blocking and asynchronous.

Law: httpcore's interface of a network stream (read, write, close, start_tls, get_extra_info), over a `Route`. TLS and
tunnels are part of connecting: on a real connection they are httpcore's own, in a replay they are passed over, and both
are made up for when a request needs the network after all. What fails is raised as the library's own exception. The
library is a parameter, never imported: it is the one whose backend has connected.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from .current import current
from .exchange import How
from .route import dialling
from .stream_face import StreamFace
from .warp import pass_patience

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    import httpcore

    from httplib_sim.waist import Origin

_FOR_EVER = 1e9
"""Seconds, as a timer."""


class SwitchStream(StreamFace):
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


class AsyncSwitchStream(StreamFace):
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
