"""Clients with their pools, all with one interface: a client that is to be tested needs one class here.

A session is made with the TLS context to trust and the time-out for reading, both optional; `ask` sends one request and
reads its answer piece by piece; ``on_head`` is called as soon as the head of an answer is there. Blocking clients are
written the same way: their methods block.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

import aiohttp
import httpx
import trio
from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from httplib_sim import wire
from tests.cassettes.origin import TIMEOUT

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import Self


class Answer(NamedTuple):
    """What a client gives its user."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes


class Session:
    """One client with its pool."""

    tells_heads = True
    """Whether `ask` calls ``on_head`` before it reads the content."""

    connecting = TIMEOUT
    """Seconds until a client's time-out for connecting, where it has one of its own."""

    trusts = True
    """Whether it is to trust the server, where it takes no context."""

    sees_resets = True
    """Whether `ask` ends when the connection is reset in the content, rather than when its own time is over."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        self.tls = tls
        self.patience = patience
        self.on_head: Callable[[], object] = lambda: None

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer. Raises what the client raises."""
        raise NotImplementedError

    async def get(self, url: str) -> str:
        """The content that answers a GET."""
        return (await self.ask("GET", url)).body.decode()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        raise NotImplementedError

    @staticmethod
    def run(function: Callable[..., Coroutine[Any, Any, Any]], *arguments: object) -> Any:  # the function's own
        """Run an async *function*, and wait until all that it has closed is closed: not every client does."""

        async def program() -> Any:  # the function's own
            try:
                return await function(*arguments)
            finally:
                async with asyncio.timeout(TIMEOUT):
                    files = cast("Any", asyncio.get_running_loop())._selector.get_map()
                    while len(files) > 1:  # noqa: ASYNC110  one is the loop's own; nobody tells when the others go
                        await asyncio.sleep(0)

        return asyncio.run(program())

    @staticmethod
    async def at_once(functions: Sequence[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
        """Run *functions* at the same time; return what they return."""
        return await asyncio.gather(*[function() for function in functions])


class BlockingHttpx(Session):
    """httpx.Client."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.client = httpx.Client(
            verify=tls or False,
            timeout=httpx.Timeout(TIMEOUT, read=patience, connect=self.connecting),
            follow_redirects=True,
        )

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        with self.client.stream(method, url, headers=fields, content=body or None) as response:
            self.on_head()
            content = b"".join(response.iter_bytes())
            return Answer(response.status_code, tuple(response.headers.multi_items()), content)

    async def __aexit__(self, *failure: object) -> None:
        self.client.close()

    @staticmethod
    async def at_once(functions: Sequence[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
        """Run *functions* at the same time, each in a thread; return what they return."""
        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(lambda function: asyncio.run(function()), functions))


class AsyncHttpx(Session):
    """httpx.AsyncClient on asyncio."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.client = httpx.AsyncClient(
            verify=tls or False,
            timeout=httpx.Timeout(TIMEOUT, read=patience, connect=self.connecting),
            follow_redirects=True,
        )

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        async with self.client.stream(method, url, headers=fields, content=body or None) as response:
            self.on_head()
            content = b"".join([piece async for piece in response.aiter_bytes()])
            return Answer(response.status_code, tuple(response.headers.multi_items()), content)

    async def __aexit__(self, *failure: object) -> None:
        await self.client.aclose()


class TrioHttpx(AsyncHttpx):
    """httpx.AsyncClient on trio."""

    @staticmethod
    def run(function: Callable[..., Awaitable[Any]], *arguments: object) -> Any:  # the function's own
        """Run an async *function* on trio."""
        return trio.run(function, *arguments)

    @staticmethod
    async def at_once(functions: Sequence[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
        """Run *functions* at the same time; return what they return."""
        results: dict[int, Any] = {}

        async def keep(number: int, function: Callable[[], Awaitable[Any]]) -> None:
            results[number] = await function()

        async with trio.open_nursery() as nursery:
            for number, function in enumerate(functions):
                nursery.start_soon(keep, number, function)
        return [results[number] for number in range(len(functions))]


class Aiohttp(Session):
    """aiohttp.ClientSession, with a time-out between octets."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls or True, limit=0), timeout=self._timeout(), auto_decompress=True
        )

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=None, sock_read=self.patience, sock_connect=self.connecting)

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        async with self.client.request(method, url, headers=fields, data=body or None) as response:
            self.on_head()
            content = b"".join([piece async for piece in response.content.iter_any()])
            return Answer(response.status, tuple(response.headers.items()), content)

    async def __aexit__(self, *failure: object) -> None:
        await self.client.close()


class AiohttpInAll(Aiohttp):
    """aiohttp.ClientSession, with a time-out for the whole exchange."""

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self.patience)


class Streams(Session):
    """`asyncio.open_connection`, and as little of a client as can be: one connection, and the codec."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        parts = urlsplit(url)
        tls = self.tls if parts.scheme == "https" else None
        if not self.idle:
            async with asyncio.timeout(self.connecting):
                self.idle.append(await asyncio.open_connection(parts.hostname, parts.port, ssl=tls))
        reader, writer = self.idle.pop()
        lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
        lines += [f"Content-Length: {len(body)}"] * bool(body)
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        responses = wire.ResponseReader()
        responses.expect(method)
        try:
            async with asyncio.timeout(self.patience):
                response = await self._response(reader, responses)
        except BaseException:
            writer.close()
            raise
        if wire.keeps_alive(response.head):
            self.idle.append((reader, writer))
        else:
            writer.close()
        found = tuple((field.name, field.value) for field in response.head.fields)
        return Answer(response.head.status, found, response.body.content)

    async def _response(self, reader: asyncio.StreamReader, responses: wire.ResponseReader) -> wire.Response:
        heads: list[wire.ResponseHead] = []
        body = wire.BodyCollector()
        while (event := responses.next_event()) is not wire.END_OF_MESSAGE:
            if isinstance(event, wire.NeedData):
                if data := await reader.read(65536):
                    responses.feed(data)
                else:
                    responses.feed_eof()
            elif isinstance(event, wire.ResponseHead):
                heads.append(event)
                self.on_head()
            elif not isinstance(event, wire.RequestHead):
                body.add(event)
        return wire.Response(heads[-1], body.body())

    async def __aexit__(self, *failure: object) -> None:
        for _, writer in self.idle:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class Tornado(Session):
    """tornado's AsyncHTTPClient, the simple one, which keeps no connection."""

    sees_resets = False

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.client = SimpleAsyncHTTPClient(force_instance=True, max_clients=100)

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        pieces: list[bytes] = []

        def note(line: str) -> None:
            if not line.strip():
                self.on_head()

        request = HTTPRequest(
            url,
            method,
            fields,
            body or None,
            connect_timeout=self.connecting,
            request_timeout=self.patience,
            ssl_options=self.tls,
            header_callback=note,
            streaming_callback=pieces.append,
            allow_nonstandard_methods=True,
        )
        response = await self.client.fetch(request, raise_error=False)
        if response.code == 599:  # no status, but tornado's word for an error of its own
            assert response.error is not None
            raise response.error
        return Answer(response.code, tuple(response.headers.get_all()), b"".join(pieces))

    async def __aexit__(self, *failure: object) -> None:
        self.client.close()


CLIENTS: dict[str, type[Session]] = {
    "httpx": BlockingHttpx,
    "httpx-asyncio": AsyncHttpx,
    "httpx-trio": TrioHttpx,
    "aiohttp": Aiohttp,
    "aiohttp-total": AiohttpInAll,
    "asyncio-streams": Streams,
    "tornado": Tornado,
}
"""All clients."""

POOLS = ["httpx", "httpx-asyncio", "httpx-trio", "aiohttp"]
"""Those whose connections outlive a cassette."""
