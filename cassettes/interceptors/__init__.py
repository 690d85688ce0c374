"""Interceptors: for each client library, the one function of it that connects.

Law: one small module for each library, with an ``install``, which is called once for good, and with ``adopters`` where
a pool of it may have connections open by then, which take them over; it knows its library, and what stands in for a
connection of that library. No response class of any library is made again here. A library that nobody has imported is
not imported here either: who imports it later finds it intercepted. This module is loaded in every test run, so it
imports nothing that is not loaded anyway.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from cassettes.connections import Adopters

_HOMES = {
    "aiohttp": "aiohttp",
    "asyncio": "asyncio_streams",
    "botocore.httpsession": "botocore",
    "geventhttpclient.connectionpool": "geventhttpclient",
    "http.client": "http_client",
    "httplib_sim.connection": "httplib_sim",
    "httpcore": "httpcore",
    "httplib2": "httplib2",
    "tornado.tcpclient": "tornado",
    "urllib3._async.connection": "urllib3_async",
    "urllib3.connection": "urllib3",
    "urllib3_future._async.connection": "urllib3_async",
    "urllib3_future.connection": "urllib3",
    "uvloop": "asyncio_streams",
}
"""Which module here intercepts which library."""

_installed: dict[str, ModuleType] = {}
_told: set[str] = set()
"""What was warned of."""
_installing = threading.RLock()  # a library may import another one


def watch() -> None:
    """Have each library intercepted as soon as it is imported; what is imported already waits for `install_all`."""
    with _installing:
        # First, each time: pytest's finder, for one, asks nobody else about what it finds itself.
        sys.meta_path[:] = [_watcher, *[finder for finder in sys.meta_path if finder is not _watcher]]


def install_all() -> None:
    """Have each library intercepted that is imported, and from now on each that will be."""
    watch()
    import_module(".httplib_sim", __name__).install_at_waist()  # which is there before the client
    with _installing:  # whoever comes meanwhile waits until all is taken over
        in_use = {library: module for library in _HOMES if (module := _to_install(library)) is not None}
        for library, module in in_use.items():
            _install(library, module)
        _adopt(in_use)


def _to_install(library: str) -> ModuleType | None:
    """Return the module of *library* if it is imported, and not intercepted yet."""
    module = sys.modules.get(library)
    spec = getattr(module, "__spec__", None)  # what has none is a stub, which some tests put there
    # One that is being imported just now is intercepted when that is done; one may be taken out, and imported anew.
    is_there = spec is not None and not getattr(spec, "_initializing", False)
    return module if is_there and _installed.get(library) is not module else None


def _install(library: str, module: ModuleType) -> None:
    """Have *module* intercepted."""
    with _installing, _warning_of_other_versions(library):
        _installed[library] = module
        _home(library).install(module)


def _adopt(in_use: dict[str, ModuleType]) -> None:
    """Take over what modules *in use* may have open, in one walk, since it goes over all there is."""
    adopters: dict[str, Adopters] = {}
    for library, module in in_use.items():
        with _warning_of_other_versions(library):
            adopters[library] = getattr(_home(library), "adopters", _none)(module)
    if not any(adopters.values()):
        return
    from cassettes.connections import instances  # noqa: PLC0415  it is loaded with what adopts, and not before

    for found in instances(kind for kinds in adopters.values() for kind in kinds):
        for library, kinds in adopters.items():
            with _warning_of_other_versions(library):
                for kind, adopt in kinds.items():
                    if issubclass(type(found), kind):
                        adopt(found)


def _home(library: str) -> ModuleType:
    """Return the module here that intercepts *library*."""
    return import_module(f".{_HOMES[library]}", __name__)


def _none(_: ModuleType) -> Adopters:
    """Stand for the adopters of a library of which nothing has to be taken over."""
    return {}


@contextlib.contextmanager
def _warning_of_other_versions(library: str) -> Iterator[None]:
    """Warn where *library* has other names than are known here, and go on: no import fails over that."""
    try:
        yield
    except AttributeError as problem:
        from cassettes.errors import InterceptionWarning  # noqa: PLC0415  seldom

        version = getattr(sys.modules.get(library.partition(".")[0]), "__version__", "of an unknown version")
        text = (
            f"cassettes do not see the requests of {library} {version}: {problem}. They are neither recorded nor "
            "replayed; docs/cassettes.md says which versions are"
        )
        if text not in _told:
            _told.add(text)
            warnings.warn(text, InterceptionWarning, stacklevel=4)


class _Watcher:
    """Stands first among those who find modules, to see when a library is imported; it finds nothing itself."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the others find, for a library; its loader then tells here when it has loaded it."""
        if name not in _HOMES:
            return None
        for finder in sys.meta_path:
            found: ModuleSpec | None = None
            if finder is not self and hasattr(finder, "find_spec"):
                found = finder.find_spec(name, path, target)
            if found is not None:
                if found.loader is not None and hasattr(found.loader, "exec_module"):
                    found.loader = cast("Loader", _Loader(found.loader))
                return found
        return None


class _Loader:
    """Loads a library as its own *loader* does, and then has it intercepted."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        """Return what the loader has: a source, data, whether it is a package."""
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return what the loader creates."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute *module*; nothing of this stays behind in it."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        _install(module.__name__, module)


_watcher = _Watcher()
