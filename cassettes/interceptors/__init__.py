"""Interceptors: for each client library, the one function of it that connects.

Law: one small module for each library, with an ``install``, which is called once for good; it knows its library, and
what stands in for a connection of that library: the ``connect`` it is given, or a face of its own kind. No response
class of any library is made again here. A library that nobody has imported is not imported here either.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING

from . import httplib_sim

if TYPE_CHECKING:
    from httplib_sim.waist import Connector

_HOMES = {"aiohttp": "aiohttp", "asyncio": "asyncio_streams", "httpcore": "httpcore", "uvloop": "asyncio_streams"}
"""Which module here intercepts which library: each is imported after its library."""

_installed: set[str] = set()
_installing = threading.Lock()


def install_all(connect: Connector) -> None:
    """Let *connect* make the connections of every client with an interceptor; each is installed once."""
    with _installing:
        if "httplib_sim" not in _installed:
            httplib_sim.install(connect)
            _installed.add("httplib_sim")
        for library, home in _HOMES.items():
            if library in sys.modules and library not in _installed:
                import_module(f".{home}", __name__).install(sys.modules[library])
                _installed.add(library)
