"""urllib3-future's asynchronous connections, and so niquests.AsyncSession: not recorded, not replayed, and refused.

They are made of asyncio's parts in a way of their own. While a cassette is current none is made, so that no request
goes past it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cassettes.current import current
from cassettes.errors import CassetteError

if TYPE_CHECKING:
    from types import ModuleType


def install(library: ModuleType) -> None:
    """Refuse to connect the connections of ``urllib3_future._async.connection`` while a cassette is current."""
    for kind in (library.AsyncHTTPConnection, library.AsyncHTTPSConnection):
        _refuse(kind)


def _refuse(kind: Any) -> None:  # noqa: ANN401  a class of the library
    original = kind.connect

    @functools.wraps(original)
    async def connect(self: Any) -> None:  # noqa: ANN401  a connection
        __tracebackhide__ = True
        if (cassette := current()) is not None:
            error = CassetteError(
                f"expected a client that cassettes can record, got niquests.AsyncSession for {self.host}: it is not "
                "covered. Use niquests.Session, or another asynchronous client such as httpx or aiohttp"
            )
            cassette.remember(error)
            raise error
        await original(self)

    kind.connect = connect
