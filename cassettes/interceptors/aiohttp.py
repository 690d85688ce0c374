"""aiohttp: its TCP connector connects.

Private methods, of these names and with these first arguments since aiohttp 2.3 (2017): `_create_direct_connection`,
which stands before the resolver and so is where a replay comes in; and `_create_proxy_connection`, of which a tunnel to
an https origin is one connection as a whole. Both have their protocols made by the connector's `_factory`.
"""

# ruff: noqa: SLF001, ANN401, ASYNC109  see above; what is aiohttp's has no types here, and arguments of its own

from __future__ import annotations

import functools
import socket
import ssl
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from cassettes.route import is_dialling
from cassettes.transports import SwitchTransport, connect
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import ModuleType

    from cassettes.connections import Adopters

    Factory = Callable[[], asyncio.BaseProtocol]

_dialled_for: ContextVar[Factory | None] = ContextVar("dialled_for", default=None)
"""Who is to have the connection that is really made in this context."""


class _Factory:
    """A connector's factory of protocols: whoever is dialled for in this context, else its own."""

    def __get__(self, connector: Any, owner: object = None) -> Factory:
        return _dialled_for.get() or vars(connector)["_factory"]

    def __set__(self, connector: Any, own: Factory) -> None:
        vars(connector)["_factory"] = own


def install(library: ModuleType) -> None:
    """Let switches make all TCP connections of aiohttp's sessions from now on."""
    library.TCPConnector._factory = _Factory()
    _intercept(library, "_create_direct_connection")
    _intercept(library, "_create_proxy_connection", is_tunnel=lambda req: req.is_ssl())


def adopters(library: ModuleType) -> Adopters:
    """Have the connections that wait in the pools, and those that are in use when they come back to them."""
    release = library.TCPConnector._release

    @functools.wraps(release)
    def release_adopted(self: Any, key: Any, protocol: Any, **options: Any) -> None:
        _adopt(self, key, protocol)
        release(self, key, protocol, **options)

    library.TCPConnector._release = release_adopted
    return {library.TCPConnector: _adopt_waiting}


def _adopt_waiting(connector: Any) -> None:
    for key, waiting in connector._conns.items():
        for protocol, _ in waiting:
            _adopt(connector, key, protocol)


def _adopt(connector: Any, key: Any, protocol: Any) -> None:
    if protocol.transport is not None and not isinstance(protocol.transport, SwitchTransport):
        origin = Origin("https" if key.is_ssl else "http", key.host, key.port)
        protocol.transport = SwitchTransport.adopting(connector._loop, origin, protocol)


def _intercept(library: Any, name: str, *, is_tunnel: Callable[[Any], bool] | None = None) -> None:
    """Let switches connect where the connector's method of this *name* does; of proxies, only through tunnels."""
    original = getattr(library.TCPConnector, name)

    @functools.wraps(original)
    async def create(self: Any, req: Any, traces: Any = None, timeout: Any = None, **options: Any) -> Any:
        async def dial(factory: Factory | None) -> Any:
            token = _dialled_for.set(factory)
            try:
                return await original(self, req, traces, timeout, **options)
            finally:
                _dialled_for.reset(token)

        if is_dialling() or (is_tunnel is not None and not is_tunnel(req)):
            return await dial(None)  # the way to a proxy
        tls = self._get_ssl_context(req)
        origin = Origin("https" if req.is_ssl() else "http", req.url.raw_host, req.port)  # of wss or ws as well
        proxy = Origin(req.proxy.scheme, req.proxy.raw_host, req.proxy.port) if req.proxy and req.is_ssl() else None
        patience = getattr(timeout, "sock_connect", None)
        try:
            return await connect(self._loop, origin, self._factory, dial, tls, patience=patience, proxy=proxy)
        except OSError as error:
            usual = library.ClientProxyConnectionError if proxy else library.ClientConnectorError
            usual = options.get("client_error", usual)
            if (kind := _told_as(library, error, usual)) is None:
                raise
            raise kind(req.connection_key, error) from error

    setattr(library.TCPConnector, name, create)


def _told_as(library: Any, error: OSError, usual: type[OSError]) -> type[OSError] | None:
    """As what aiohttp tells *error*; it has told it already unless it comes from a cassette."""
    if isinstance(error, library.ClientConnectorError) or (isinstance(error, TimeoutError) and error.errno is None):
        return None
    kinds: tuple[tuple[type[OSError], Any], ...] = (
        (ssl.SSLCertVerificationError, library.ClientConnectorCertificateError),
        (ssl.SSLError, library.ClientConnectorSSLError),
        (socket.gaierror, getattr(library, "ClientConnectorDNSError", usual)),  # since aiohttp 3.10
    )
    return next((told for kind, told in kinds if isinstance(error, kind)), usual)
