"""Connections that were opened before a cassette was current: what a program sends over one is looked at.

Law: a connection that cannot be switched any more carries no request past a cassette. It knows transports by their two
methods that write, and no event loop.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .current import current_for
from .errors import CassetteError
from .route import may_be_request

if TYPE_CHECKING:
    from httplib_sim.waist import Origin


def watch(transport: Any, origin: Origin) -> None:  # noqa: ANN401  of any loop
    """Have a request that is written to *transport*, a real one, refused where a cassette is current by then."""
    write, writelines = transport.write, transport.writelines

    def checked_write(data: Any) -> None:  # noqa: ANN401  octets
        _check(data, origin)
        write(data)

    def checked_writelines(list_of_data: Any) -> None:  # noqa: ANN401  octets
        pieces = list(list_of_data)
        _check(b"".join(pieces[:1]), origin)
        writelines(pieces)

    with contextlib.suppress(AttributeError):  # uvloop's transports are made in C
        transport.write, transport.writelines = checked_write, checked_writelines


def _check(data: Any, origin: Origin) -> None:  # noqa: ANN401  octets
    """Raise `CassetteError`, and remember it, if *data* may be a request that belongs to a cassette."""
    cassette = current_for(origin)
    if cassette is not None and may_be_request(data):
        error = CassetteError(
            f"expected a connection to {origin.url} that was opened within {cassette.path}, got one from before: "
            "what is sent over it can be neither recorded nor replayed. Open it where the cassette is current"
        )
        cassette.remember(error)
        raise error
