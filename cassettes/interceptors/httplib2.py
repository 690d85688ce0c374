"""httplib2: a connection's ``connect``. Public classes, with these names since httplib2 0.5 (2009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassettes.connections import intercept, take_over
from cassettes.switch import SwitchSocket, connect

if TYPE_CHECKING:
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections of httplib2 from now on."""
    intercept(library.HTTPConnectionWithTimeout, "http", connect)
    intercept(library.HTTPSConnectionWithTimeout, "https", connect)


def adopt(library: ModuleType) -> None:
    """Have the connections that are open."""
    take_over(library.HTTPConnectionWithTimeout, connect, SwitchSocket)
