"""Our own client: it is made to be intercepted, so nothing is patched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httplib_sim import waist

if TYPE_CHECKING:
    from httplib_sim.waist import Connector


def install(connect: Connector) -> None:
    """Let *connect* make all connections of httplib_sim from now on."""
    waist.install(connect)
