"""Connections that a pool has opened before cassettes are first used, outside of pytest's watch."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from fake_server import FakeServer

if TYPE_CHECKING:
    from pathlib import Path

BLOCKING = """
    from cassettes import use_cassette
    assert get(client, url) == "hello"
    with use_cassette(path, mode="all") as cassette:
        assert get(client, url) == "hello"
    assert len(cassette.recorded) == 1
    with use_cassette(path, mode="none") as cassette:
        assert get(client, url) == "hello"
    assert len(cassette.played) == 1
    assert get(client, url) == "hello"
"""

ASYNCHRONOUS = BLOCKING.replace("get(", "await get(")

CLIENTS = {
    "http.client": """
        import http.client
        client = http.client.HTTPSConnection(host, port, context=trust)
        def get(client, url):
            client.request("GET", "/")
            return client.getresponse().read().decode()
    """,
    "httplib_sim": """
        import httplib_sim
        client = httplib_sim.HTTPSConnection(host, port, context=trust)
        def get(client, url):
            client.request("GET", "/")
            return client.getresponse().read().decode()
    """,
    "urllib3": """
        import urllib3
        client = urllib3.PoolManager(ssl_context=trust)
        def get(client, url):
            return client.request("GET", url).data.decode()
    """,
    "httpx": """
        import httpx
        client = httpx.Client(verify=trust)
        def get(client, url):
            return client.get(url).text
    """,
    "httpx-asyncio": """
        import httpx
        async def opened():
            return httpx.AsyncClient(verify=trust)
        async def get(client, url):
            return (await client.get(url)).text
        async def close(client):
            await client.aclose()
    """,
    "httpx-trio": """
        import httpx
        async def opened():
            return httpx.AsyncClient(verify=trust)
        async def get(client, url):
            return (await client.get(url)).text
        async def close(client):
            await client.aclose()
    """,
    "aiohttp": """
        import aiohttp
        async def opened():
            return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust))
        async def get(client, url):
            async with client.get(url) as response:
                return await response.text()
        async def close(client):
            await client.close()
    """,
}


def program(client: str) -> str:
    """The whole of what a process of its own runs."""
    begin = """
        import ssl, sys
        url, host, port, ca, path = sys.argv[1:]
        port = int(port)
        trust = ssl.create_default_context(cafile=ca)
    """
    parts = [textwrap.dedent(begin), textwrap.dedent(CLIENTS[client])]
    if "async def" not in CLIENTS[client]:
        return "\n".join([*parts, textwrap.dedent(BLOCKING)])
    body = textwrap.indent("client = await opened()" + textwrap.dedent(ASYNCHRONOUS) + "await close(client)\n", " " * 4)
    run = "import trio; trio.run(main)" if client.endswith("trio") else "import asyncio; asyncio.run(main())"
    return "\n".join([*parts, "async def main():", body, run])


@pytest.mark.parametrize("client", CLIENTS)
def test_a_connection_that_was_open_before_is_no_hole(client: str, tmp_path: Path) -> None:
    """It goes live, into a cassette, out of it, and live again: one connection, of which the replay uses nothing."""
    with FakeServer(tls=True) as server:
        server.expect_request("/").respond_with_data("hello")
        arguments = [server.url_for("/"), server.host, str(server.port), server.tls.ca_path, str(tmp_path / "x.yaml")]
        done = subprocess.run(
            [sys.executable, "-c", program(client), *arguments], check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert len(server.journal) == 3
        assert server.journal.connections == 1


IN_USE = """
    import asyncio, sys
    import aiohttp

    url, path = sys.argv[1:]

    async def main():
        async with aiohttp.ClientSession() as client:
            async with client.get(url + "live") as response:
                from cassettes import use_cassette

                with use_cassette(path, mode="none", strict=False):
                    assert len(await response.text()) == 5_000_000
            with use_cassette(path) as cassette:
                async with client.get(url + "recorded") as response:
                    assert await response.text() == "recorded"
            assert len(cassette.recorded) == 1
            with use_cassette(path, mode="none") as cassette:
                async with client.get(url + "recorded") as response:
                    assert await response.text() == "recorded"
            assert len(cassette.played) == 1

    asyncio.run(main())
"""


def test_a_connection_that_was_in_use_is_no_hole_either(tmp_path: Path) -> None:
    """Its response is read to the end from the server; what the pool keeps of it is switched."""
    with FakeServer() as server:
        server.expect("/live").respond(data="live!" * 1_000_000)  # more than a client has room for that does not read
        server.expect("/recorded").respond(data="recorded")
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(IN_USE), server.url_for("/"), str(tmp_path / "x.yaml")],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert len(server.journal) == 2
        assert server.journal.connections == 1
