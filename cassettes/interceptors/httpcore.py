"""httpcore, and so httpx: its network backends connect.

The backends that the library has of its own are intercepted (`SyncBackend`, `AnyIOBackend`, `TrioBackend`, public names
since httpcore 0.18); one that a program brings is the program's. Unix sockets are left alone.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cassettes.connections import instances
from cassettes.streams import AsyncSwitchStream, SwitchStream
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make all TCP connections of *library* (httpcore, or a module with its interface) from now on."""
    _intercept(library, library.SyncBackend)
    for backend in (library.AnyIOBackend, library.TrioBackend):
        if hasattr(backend, "connect_tcp"):  # else it says what is not installed
            _intercept_async(library, backend)


def adopt(library: ModuleType) -> None:
    """Have the connections that are open: each looks at its stream anew for each request."""
    blocking = library.HTTP11Connection, library.HTTP2Connection  # of which a cassette then says that it cannot be
    for found in instances(*blocking, library.AsyncHTTP11Connection, library.AsyncHTTP2Connection):
        stream, known = found._network_stream, found._origin  # noqa: SLF001
        origin = Origin(known.scheme.decode("ascii"), known.host.decode("ascii"), known.port)
        dial = functools.partial(_itself, stream)
        if isinstance(stream, (SwitchStream, AsyncSwitchStream)):
            continue
        if isinstance(found, blocking):
            found._network_stream = SwitchStream(library, origin, dial, stream)  # noqa: SLF001
        else:
            backend = library.TrioBackend if "trio" in type(stream).__module__ else library.AnyIOBackend
            found._network_stream = AsyncSwitchStream(library, origin, dial, backend().sleep, stream)  # noqa: SLF001


def _itself(stream: Any) -> Any:  # noqa: ANN401  a stream
    return stream


def _intercept(library: ModuleType, backend: Any) -> None:  # noqa: ANN401  a class of the library
    original = backend.connect_tcp

    @functools.wraps(original)
    def connect_tcp(self: object, host: str, port: int, *args: object, **options: object) -> SwitchStream:
        __tracebackhide__ = True
        dial = functools.partial(original, self, host, port, *args, **options)
        return SwitchStream(library, Origin("http", host, port), dial)

    backend.connect_tcp = connect_tcp


def _intercept_async(library: ModuleType, backend: Any) -> None:  # noqa: ANN401  a class of the library
    original = backend.connect_tcp

    @functools.wraps(original)
    async def connect_tcp(self: Any, host: str, port: int, *args: Any, **options: Any) -> AsyncSwitchStream:  # noqa: ANN401
        __tracebackhide__ = True
        dial = functools.partial(original, self, host, port, *args, **options)
        timeout = options["timeout"] if "timeout" in options else next(iter(args), None)
        return await AsyncSwitchStream.opened(library, Origin("http", host, port), dial, self.sleep, timeout)

    backend.connect_tcp = connect_tcp
