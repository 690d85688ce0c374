"""asyncio itself, and uvloop: what `asyncio.open_connection` and `asyncio.loop.create_connection` connect to a host.

Only while a cassette is current, since most of what programs connect in this way is no HTTP. What says something else
with its first octets is let through; and what goes to a host and port that the cassette does not know is connected at
once, since clients of databases want a real socket, and some servers speak first. A request of HTTP belongs to the
cassette all the same. Where TLS begins later (`asyncio.loop.start_tls`), before anything was sent, requests are above
it from then on. A connection that was opened before a cassette was current cannot be switched any more: a request over
it is an error.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cassettes.current import current_for
from cassettes.earlier import watch
from cassettes.guard import policy
from cassettes.route import dialling, is_dialling
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections to hosts of *library*'s loops while a cassette is current."""
    loop_class = library.BaseEventLoop if hasattr(library, "BaseEventLoop") else library.Loop
    original = loop_class.create_connection

    @functools.wraps(original)
    async def create_connection(
        self: Any,  # noqa: ANN401  a loop
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        *,
        ssl: Any = None,  # noqa: ANN401  a context, or a flag
        **options: Any,  # noqa: ANN401  the loop's
    ) -> Any:  # noqa: ANN401  a transport and a protocol
        def dial(factory: Callable[[], asyncio.BaseProtocol]) -> Any:  # noqa: ANN401
            return original(self, factory, host, port, ssl=ssl, **options)

        if not host or not port or is_dialling():
            return await dial(protocol_factory)
        origin = Origin("https" if ssl else "http", host, int(port))
        cassette = current_for(origin)
        if (cassette is None or cassette.may_record) and not policy().permits(host):
            raise policy().refuse(f"a connection to {host}, port {port}")  # a thread looks names up: it has no line
        if cassette is None:
            with dialling():  # or it is nobody's, or it is left alone
                transport, protocol = await dial(protocol_factory)
            watch(transport, origin)
            return transport, protocol
        from cassettes.transports import connect  # noqa: PLC0415  it imports asyncio, which is being imported above

        known = cassette.knows(origin)
        return await connect(self, origin, protocol_factory, dial, tls=ssl or None, http=False, at_once=not known)

    begin_tls = loop_class.start_tls

    @functools.wraps(begin_tls)
    async def start_tls(self: Any, transport: Any, protocol: Any, sslcontext: Any, **options: Any) -> Any:  # noqa: ANN401
        if not getattr(transport, "may_begin_tls", False) or options.get("server_side"):
            return await begin_tls(self, transport, protocol, sslcontext, **options)

        async def secure(real: Any, wire: Any) -> Any:  # noqa: ANN401  a transport and a protocol
            return await begin_tls(self, real, wire, sslcontext, **options)

        transport.set_protocol(protocol)
        await transport.begin_tls(sslcontext, secure)
        return transport

    loop_class.create_connection = create_connection
    loop_class.start_tls = start_tls
