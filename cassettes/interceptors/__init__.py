"""Interceptors: for each client library, the one function of it that connects.

Law: one small module for each library, with an ``install``, which is called once for good; it knows its library, and
what stands in for a connection of that library: the ``connect`` it is given, or a face of its own kind. No response
class of any library is made again here. A library that nobody has imported is not imported here either: it is watched
for, and intercepted as soon as somebody has (httpx, for one, imports httpcore when it first needs it).
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from . import httplib_sim

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from httplib_sim.waist import Connector

_HOMES = {"aiohttp": "aiohttp", "asyncio": "asyncio_streams", "httpcore": "httpcore", "uvloop": "asyncio_streams"}
"""Which module here intercepts which library: each is imported after its library."""

_installed: set[str] = set()
_installing = threading.RLock()


def install_all(connect: Connector) -> None:
    """Let *connect* make the connections of every client with an interceptor; each is installed once."""
    with _installing:
        if "httplib_sim" not in _installed:
            _installed.add("httplib_sim")
            httplib_sim.install(connect)
            sys.meta_path.insert(0, _Watch())
        for library in _HOMES:
            module = sys.modules.get(library)
            if module is not None and not getattr(module.__spec__, "_initializing", False):
                _install(module)


def _install(module: ModuleType) -> None:
    """Install the interceptor of this library, which is imported, once."""
    library = module.__name__
    with _installing:
        if library not in _installed:
            _installed.add(library)
            import_module(f".{_HOMES[library]}", __name__).install(module)


class _Watch:
    """Finds nothing by itself: what others find of the libraries that are waited for, it has installed when loaded."""

    def __init__(self) -> None:
        self._here = threading.local()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ANN401, ARG002
        """Return the spec of a library that is waited for, as the other finders give it, with a loader that tells."""
        if name not in _HOMES or name in _installed or getattr(self._here, "looking", False):
            return None
        self._here.looking = True
        try:
            spec = find_spec(name)
        finally:
            self._here.looking = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # it has what the other has
        return spec


class _Loader:
    """Another loader, and what is to be done when it has loaded."""

    def __init__(self, loader: Any) -> None:  # noqa: ANN401  any loader
        self._loader = loader

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the other has
        return getattr(self._loader, name)

    def exec_module(self, module: Any) -> None:  # noqa: ANN401  a module, whose spec is no None
        """Load *module*, which is left as if nobody had watched; then install its interceptor."""
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        _install(module)
