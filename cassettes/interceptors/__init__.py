"""Interceptors: for each client library, the one function of it that connects.

Law: one small module for each library, with ``install(connect)``, which is called once for good; it knows its library
and the ``connect`` it is given, and nothing else of this package. No response class of any library is made again here.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from . import httplib_sim

if TYPE_CHECKING:
    from httplib_sim.waist import Connector

_installed = False
_installing = threading.Lock()


def install_all(connect: Connector) -> None:
    """Let *connect* make the connections of every client with an interceptor; only the first call counts."""
    global _installed  # noqa: PLW0603  one process has one set of clients
    with _installing:
        if not _installed:
            httplib_sim.install(connect)
            _installed = True
