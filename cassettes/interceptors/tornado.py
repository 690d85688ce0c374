"""tornado: its TCP client connects, and so its simple HTTP client and its WebSocket client.

`TCPClient.connect`, public since tornado 4.0 (2014). Only while a cassette is current, since these clients keep no
connection, and a TCP client may speak anything.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

from cassettes.current import current_for
from cassettes.route import dialling, is_dialling
from cassettes.tornado_streams import RealTransport, SwitchIOStream
from cassettes.transports import connect
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections of ``tornado.tcpclient`` while a cassette is current."""
    original = library.TCPClient.connect

    @functools.wraps(original)
    async def connect_through(
        self: Any,  # noqa: ANN401  a TCPClient
        host: str,
        port: int,
        af: int = 0,
        ssl_options: Any = None,  # noqa: ANN401  a context, or a dictionary
        max_buffer_size: int | None = None,
        **options: Any,  # noqa: ANN401  the library's
    ) -> Any:  # noqa: ANN401  an IOStream
        async def dial(factory: Callable[[], asyncio.BaseProtocol]) -> None:
            stream = await original(self, host, port, af, ssl_options, max_buffer_size, **options)
            RealTransport(stream, factory()).begin()

        origin = Origin("https" if ssl_options is not None else "http", host, port)
        cassette = current_for(origin)
        if cassette is None or is_dialling():
            with dialling():
                return await original(self, host, port, af, ssl_options, max_buffer_size, **options)
        stream = SwitchIOStream(max_buffer_size)
        known = cassette.knows(origin)
        loop = asyncio.get_running_loop()
        try:
            await connect(loop, origin, lambda: stream.protocol, dial, http=False, at_once=not known)
        except BaseException:
            stream.close()
            raise
        return stream

    library.TCPClient.connect = connect_through
