"""Our own client: it is made to be intercepted, so its ``connect`` is left alone. Open connections are taken over."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cassettes.connections import intercept_sending, take_over
from cassettes.switch import SwitchSocket, connect
from httplib_sim import waist

if TYPE_CHECKING:
    from types import ModuleType

    from cassettes.connections import Adopters


def install_at_waist() -> None:
    """Let switches make all connections of httplib_sim from now on, whether it is imported yet or not."""
    waist.install(connect)


def install(library: ModuleType) -> None:
    """Let switches make all connections of httplib_sim from now on."""
    install_at_waist()
    intercept_sending(library.HTTPConnection, connect, SwitchSocket)


def adopters(library: ModuleType) -> Adopters:
    """Have the connections that are open."""
    return {library.HTTPConnection: functools.partial(take_over, connect=connect, switch=SwitchSocket)}
