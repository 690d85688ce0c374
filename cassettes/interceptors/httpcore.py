"""httpcore, and so httpx: its network backends connect.

The backends that the library has of its own are intercepted (`SyncBackend`, `AnyIOBackend`, `TrioBackend`, public names
since httpcore 0.18); one that a program brings is the program's. Unix sockets are left alone.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

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
    async def connect_tcp(self: Any, host: str, port: int, *args: object, **options: object) -> AsyncSwitchStream:  # noqa: ANN401
        __tracebackhide__ = True
        dial = functools.partial(original, self, host, port, *args, **options)
        return await AsyncSwitchStream.opened(library, Origin("http", host, port), dial, self.sleep)

    backend.connect_tcp = connect_tcp
