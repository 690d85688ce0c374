"""httpcore, and so httpx: its network backends connect.

The backends that the library has of its own are intercepted (`SyncBackend`, `AnyIOBackend`, `TrioBackend`, public names
since httpcore 0.18); one that a program brings is the program's. Unix sockets are left alone.
"""

# ruff: noqa: SLF001, ANN401  what a connection keeps; what is the library's has no types here

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cassettes.streams import AsyncSwitchStream, SwitchStream
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from types import ModuleType

    from cassettes.connections import Adopters


def install(library: ModuleType) -> None:
    """Let switches make all TCP connections of *library* (httpcore, or a module with its interface) from now on."""
    _intercept(library, library.SyncBackend)
    for backend in (library.AnyIOBackend, library.TrioBackend):
        if hasattr(backend, "connect_tcp"):  # else it says what is not installed
            _intercept_async(library, backend)


def adopters(library: ModuleType) -> Adopters:
    """Have the connections that are open: each looks at its stream anew for each request."""
    # Of those of HTTP/2 a cassette then says that it cannot be.
    kinds = (
        library.HTTP11Connection,
        library.AsyncHTTP11Connection,
        library.HTTP2Connection,
        library.AsyncHTTP2Connection,
    )
    return dict.fromkeys(kinds, functools.partial(_adopt, library))


def _adopt(library: ModuleType, connection: Any) -> None:
    stream, known = connection._network_stream, connection._origin
    if isinstance(stream, (SwitchStream, AsyncSwitchStream)):
        return
    origin = Origin(known.scheme.decode("ascii"), known.host.decode("ascii"), known.port)
    dial = functools.partial(_itself, stream)
    if isinstance(connection, (library.HTTP11Connection, library.HTTP2Connection)):
        connection._network_stream = SwitchStream(library, origin, dial, stream)
    else:
        backend = library.TrioBackend if "trio" in type(stream).__module__ else library.AnyIOBackend
        connection._network_stream = AsyncSwitchStream(library, origin, dial, backend().sleep, stream)


def _itself(stream: Any) -> Any:
    return stream


def _intercept(library: ModuleType, backend: Any) -> None:
    original = backend.connect_tcp

    @functools.wraps(original)
    def connect_tcp(self: object, host: str, port: int, *args: object, **options: object) -> SwitchStream:
        __tracebackhide__ = True
        dial = functools.partial(original, self, host, port, *args, **options)
        return SwitchStream(library, Origin("http", host, port), dial)

    backend.connect_tcp = connect_tcp


def _intercept_async(library: ModuleType, backend: Any) -> None:
    original = backend.connect_tcp

    @functools.wraps(original)
    async def connect_tcp(self: Any, host: str, port: int, *args: Any, **options: Any) -> AsyncSwitchStream:
        __tracebackhide__ = True
        dial = functools.partial(original, self, host, port, *args, **options)
        timeout = options["timeout"] if "timeout" in options else next(iter(args), None)
        return await AsyncSwitchStream.opened(library, Origin("http", host, port), dial, self.sleep, timeout)

    backend.connect_tcp = connect_tcp
