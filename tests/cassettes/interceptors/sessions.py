"""Sessions of the clients that keep their connections in a pool, all with one interface, for the tests of pools."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import httpx
import trio

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Self

TIMEOUT = 10.0
"""Seconds that no test waits for."""


class Session(Protocol):
    """One client with its pool."""

    def __init__(self, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> None: ...

    async def get(self, url: str) -> str:
        """The content that answers a GET. Raises what the client raises."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *failure: object) -> None: ...


class BlockingHttpx:
    """httpx.Client."""

    def __init__(self, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> None:
        self.client = httpx.Client(verify=tls or False, timeout=timeout)

    async def get(self, url: str) -> str:
        """The content that answers a GET."""
        return self.client.get(url).text

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        self.client.close()


class AsyncHttpx:
    """httpx.AsyncClient."""

    def __init__(self, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> None:
        self.client = httpx.AsyncClient(verify=tls or False, timeout=timeout)

    async def get(self, url: str) -> str:
        """The content that answers a GET."""
        return (await self.client.get(url)).text

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.client.aclose()


class Aiohttp:
    """aiohttp.ClientSession."""

    def __init__(self, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> None:
        self.client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls or True), timeout=aiohttp.ClientTimeout(sock_read=timeout)
        )

    async def get(self, url: str) -> str:
        """The content that answers a GET."""
        async with self.client.get(url) as response:
            return await response.text()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.client.close()


def run_asyncio(function: Callable[..., Coroutine[Any, Any, Any]], *arguments: object) -> Any:  # the function's own
    """Run an async *function* on asyncio."""
    return asyncio.run(function(*arguments))


def run_trio(function: Callable[..., Awaitable[Any]], *arguments: object) -> Any:  # the function's own
    """Run an async *function* on trio."""
    return trio.run(function, *arguments)


KINDS: dict[str, tuple[type[Session], Callable[..., Any]]] = {
    "httpx": (BlockingHttpx, run_asyncio),
    "httpx-asyncio": (AsyncHttpx, run_asyncio),
    "httpx-trio": (AsyncHttpx, run_trio),
    "aiohttp": (Aiohttp, run_asyncio),
}
