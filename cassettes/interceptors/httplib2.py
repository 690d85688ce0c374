"""httplib2: a connection's ``connect``. Public classes, with these names since httplib2 0.5 (2009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassettes.connections import adopt, intercept
from cassettes.switch import SwitchSocket, connect

if TYPE_CHECKING:
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Let switches make the connections of httplib2 from now on."""
    intercept(library.HTTPConnectionWithTimeout, "http", connect)
    intercept(library.HTTPSConnectionWithTimeout, "https", connect)
    adopt(library.HTTPConnectionWithTimeout, connect, SwitchSocket)
