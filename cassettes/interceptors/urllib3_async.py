"""urllib3-future's asynchronous connections, and so niquests.AsyncSession: a connection's ``connect``.

Public methods; what they make is a socket of the library's own over asyncio's streams (``AsyncSocket``), whose private
parts are given here. HTTP/1.1 is the protocol to agree on (``_disabled_svn``), and what else there is to get ready
(``_post_conn``) is the library's own.
"""

# ruff: noqa: SLF001, ANN401  see above; what is the library's has no types here

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

from cassettes.connections import origin_of, proxy_of
from cassettes.route import is_dialling
from cassettes.transports import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections of ``urllib3_future._async.connection`` from now on."""
    _intercept(library, library.AsyncHTTPSConnection, "https")
    _intercept(library, library.AsyncHTTPConnection, "http")


def _intercept(library: ModuleType, kind: Any, scheme: str) -> None:
    original = kind.connect

    @functools.wraps(original)
    async def connect_through(self: Any) -> None:
        __tracebackhide__ = True
        if is_dialling():
            await original(self)
            return
        self._disabled_svn = {*self._disabled_svn, library.HttpVersion.h2, library.HttpVersion.h3}
        kept: list[object] = []  # a writer that nobody has any more closes its transport

        async def dial(factory: Callable[[], asyncio.BaseProtocol]) -> None:
            face, protocol, self._protocol = self.sock, self._protocol, None
            await original(self)
            kept.append(writer := self.sock._writer)
            self.sock, self._protocol = face or self.sock, protocol or self._protocol
            wire = factory()
            writer.transport.set_protocol(wire)
            wire.connection_made(writer.transport)

        reader = asyncio.StreamReader()
        streams = functools.partial(asyncio.StreamReaderProtocol, reader)
        try:
            made = await connect(
                asyncio.get_running_loop(), origin_of(self, scheme), streams, dial, proxy=proxy_of(self)
            )
        except TimeoutError as error:
            text = f"Connection to {self.host} timed out. (connect timeout={self.timeout})"
            raise library.ConnectTimeoutError(self, text) from error
        self.sock = _over(library.AsyncSocket(), reader, *made)
        if isinstance(self.timeout, int | float):
            self.sock.settimeout(self.timeout)
        if self._protocol is None:
            self.is_verified = True
            await self._post_conn()

    kind.connect = connect_through


def _over(face: Any, reader: asyncio.StreamReader, transport: Any, protocol: Any) -> Any:
    """Return *face*, a new socket of the library's, as one that is connected by *transport*."""
    face._reader = reader
    face._writer = asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())
    face._sock.close()
    face._sock = transport.get_extra_info("socket")
    face._connect_called = True
    face._established.set()
    return face
