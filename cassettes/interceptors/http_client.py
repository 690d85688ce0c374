"""http.client, and so urllib.request and all that is built on it: a connection's ``connect``.

Public methods, the same in Python 3.11 to 3.15. Connections that are open already are taken over. Where httplib_sim
stands in http.client's place, there is nothing to do: it is made to be intercepted.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cassettes.connections import intercept, intercept_sending, take_over
from cassettes.switch import SwitchSocket, connect

if TYPE_CHECKING:
    from types import ModuleType

    from cassettes.connections import Adopters


def install(library: ModuleType) -> None:
    """Let switches make the connections of http.client from now on."""
    if library.__name__ != "http.client":
        return
    intercept(library.HTTPConnection, "http", connect)
    if hasattr(library, "HTTPSConnection"):  # else Python was made without TLS
        intercept(library.HTTPSConnection, "https", connect)
    intercept_sending(library.HTTPConnection, connect, SwitchSocket)


def adopters(library: ModuleType) -> Adopters:
    """Have the connections that are open."""
    return {library.HTTPConnection: functools.partial(take_over, connect=connect, switch=SwitchSocket)}
