"""aiohttp: its TCP connector connects.

Two private methods, of these names and with these arguments since aiohttp 2.3 (2017): `_create_direct_connection`,
which stands before the resolver and so is where a replay comes in, and within it `_wrap_create_connection`, whose first
argument is the factory of the protocol that a real connection is for.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from cassettes.transports import connect
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import ModuleType

    Factory = Callable[[], asyncio.BaseProtocol]

_factory: ContextVar[Factory | None] = ContextVar("factory", default=None)
"""Who is to have the connection that is being made in this context."""


def install(library: ModuleType) -> None:
    """Let switches make all TCP connections of aiohttp's sessions from now on."""
    connector = library.TCPConnector
    original, wrapped = connector._create_direct_connection, connector._wrap_create_connection  # noqa: SLF001

    @functools.wraps(original)
    async def create_direct_connection(self: Any, req: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        async def dial(factory: Factory) -> object:
            token = _factory.set(factory)
            try:
                return await original(self, req, *args, **options)
            finally:
                _factory.reset(token)

        url = req.url
        tls = self._get_ssl_context(req)
        origin = Origin(url.scheme, url.raw_host, req.port)
        return await connect(self._loop, origin, self._factory, dial, tls)

    @functools.wraps(wrapped)
    async def wrap_create_connection(self: Any, factory: Factory, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        return await wrapped(self, _factory.get() or factory, *args, **options)

    connector._create_direct_connection = create_direct_connection  # noqa: SLF001
    connector._wrap_create_connection = wrap_create_connection  # noqa: SLF001
