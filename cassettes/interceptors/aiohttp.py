"""aiohttp: its TCP connector connects.

Private methods, of these names and with these first arguments since aiohttp 2.3 (2017): `_create_direct_connection`,
which stands before the resolver and so is where a replay comes in; within it `_wrap_create_connection`, whose first
argument is the factory of the protocol that a real connection is for; and `_create_proxy_connection`, of which a tunnel
to an https origin is one connection as a whole.
"""

from __future__ import annotations

import functools
import socket
import ssl
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

from cassettes.connections import instances
from cassettes.route import is_dialling
from cassettes.transports import SwitchTransport, connect
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    Factory = Callable[[], asyncio.BaseProtocol]

_factory: ContextVar[Factory | None] = ContextVar("factory", default=None)
"""Who is to have the connection that is being made in this context."""


def install(library: ModuleType) -> None:
    """Let switches make all TCP connections of aiohttp's sessions from now on."""
    connector = library.TCPConnector
    direct, wrapped = connector._create_direct_connection, connector._wrap_create_connection  # noqa: SLF001
    proxied = connector._create_proxy_connection  # noqa: SLF001

    @functools.wraps(direct)
    async def create_direct_connection(self: Any, req: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        async def dial(factory: Factory) -> object:
            token = _factory.set(factory)
            try:
                return await direct(self, req, *args, **options)
            finally:
                _factory.reset(token)

        if is_dialling():  # the way to a proxy, for a tunnel
            return await direct(self, req, *args, **options)
        return await _connect(library, self, req, dial, *args, **options)

    @functools.wraps(wrapped)
    async def wrap_create_connection(self: Any, factory: Factory, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        return await wrapped(self, _factory.get() or factory, *args, **options)

    @functools.wraps(proxied)
    async def create_proxy_connection(self: Any, req: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        async def dial(factory: Factory) -> object:
            transport, _ = await proxied(self, req, *args, **options)
            protocol = factory()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            return transport, protocol

        if not req.is_ssl():
            return await proxied(self, req, *args, **options)
        return await _connect(library, self, req, dial, *args, **options)

    connector._create_direct_connection = create_direct_connection  # noqa: SLF001
    connector._wrap_create_connection = wrap_create_connection  # noqa: SLF001
    connector._create_proxy_connection = create_proxy_connection  # noqa: SLF001


def adopt(library: ModuleType) -> None:
    """Have the connections that wait in the pools."""
    for connector in instances(library.TCPConnector):
        for key, waiting in connector._conns.items():  # noqa: SLF001
            origin = Origin("https" if key.is_ssl else "http", key.host, key.port)
            for protocol, _ in waiting:
                if protocol.transport is not None and not isinstance(protocol.transport, SwitchTransport):
                    protocol.transport = SwitchTransport.adopting(connector._loop, origin, protocol)  # noqa: SLF001


async def _connect(
    library: Any,  # noqa: ANN401  a module
    connector: Any,  # noqa: ANN401  of aiohttp
    req: Any,  # noqa: ANN401  of aiohttp
    dial: Callable[[Factory], Awaitable[object]],
    _traces: object = None,
    timeout: Any = None,  # noqa: ANN401, ASYNC109  a ClientTimeout
    **_: object,
) -> Any:  # noqa: ANN401  a transport and a protocol
    tls = connector._get_ssl_context(req)  # noqa: SLF001
    scheme = "https" if req.is_ssl() else "http"  # what its URL calls wss or ws is begun by a request all the same
    origin = Origin(scheme, req.url.raw_host, req.port)
    options: dict[str, Any] = {"patience": getattr(timeout, "sock_connect", None)}
    if req.proxy and req.is_ssl():
        options["proxy"] = Origin(req.proxy.scheme, req.proxy.raw_host, req.proxy.port)
    try:
        return await connect(connector._loop, origin, connector._factory, dial, tls, **options)  # noqa: SLF001
    except OSError as error:
        if (told := _as_told(library, req.connection_key, error)) is error:
            raise
        raise told from error


def _as_told(library: Any, key: object, error: OSError) -> OSError:  # noqa: ANN401  a module
    """*error* as aiohttp tells it; it has told it already unless it comes from a cassette."""
    if isinstance(error, library.ClientConnectorError) or (isinstance(error, TimeoutError) and error.errno is None):
        return error
    usual = library.ClientConnectorError
    kinds: tuple[tuple[type[OSError], Any], ...] = (
        (ssl.SSLCertVerificationError, library.ClientConnectorCertificateError),
        (ssl.SSLError, library.ClientConnectorSSLError),
        (socket.gaierror, getattr(library, "ClientConnectorDNSError", usual)),  # since aiohttp 3.10
    )
    told = next((told for kind, told in kinds if isinstance(error, kind)), usual)
    return cast("OSError", told(key, error))
