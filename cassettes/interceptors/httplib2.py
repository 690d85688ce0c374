"""httplib2: a connection's ``connect``. Public classes, with these names since httplib2 0.5 (2009)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cassettes.connections import intercept, take_over
from cassettes.switch import SwitchSocket, connect

if TYPE_CHECKING:
    from types import ModuleType

    from cassettes.connections import Adopters


def install(library: ModuleType) -> None:
    """Let switches make the connections of httplib2 from now on."""
    intercept(library.HTTPConnectionWithTimeout, "http", connect)
    intercept(library.HTTPSConnectionWithTimeout, "https", connect)


def adopters(library: ModuleType) -> Adopters:
    """Have the connections that are open."""
    return {library.HTTPConnectionWithTimeout: functools.partial(take_over, connect=connect, switch=SwitchSocket)}
