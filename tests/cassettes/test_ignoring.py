"""Tests of `cassettes.ignoring`: which servers a cassette leaves alone, under several clients."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import requests

from cassettes import store
from cassettes.ignoring import ignoring
from cassettes.use import use_cassette
from httplib_sim.waist import Origin

from .origin import OriginServer
from .test_use import echo, get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def servers() -> Iterator[tuple[OriginServer, OriginServer]]:
    """Two servers that answer with the target."""
    with OriginServer(echo) as first, OriginServer(echo) as second:
        yield first, second


def by_requests(server: OriginServer, target: str) -> bytes:
    """The content of a response."""
    return requests.get(f"http://127.0.0.1:{server.port}{target}", timeout=10).content


def by_httpx(server: OriginServer, target: str) -> bytes:
    """The content of a response."""
    return httpx.get(f"http://127.0.0.1:{server.port}{target}").content


def by_async_httpx(server: OriginServer, target: str) -> bytes:
    """The content of a response."""

    async def ask() -> bytes:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{server.port}{target}")).content

    return asyncio.run(ask())


def by_aiohttp(server: OriginServer, target: str) -> bytes:
    """The content of a response."""

    async def ask() -> bytes:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{server.port}{target}") as response,
        ):
            return await response.read()

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [get, by_requests, by_httpx, by_async_httpx, by_aiohttp])
def test_a_server_that_is_ignored_is_neither_recorded_nor_replayed(
    servers: tuple[OriginServer, OriginServer], tmp_path: Path, ask: Callable[[OriginServer, str], bytes]
) -> None:
    """Its requests reach it in every mode; the others' are recorded, and replayed."""
    kept, ignored = servers
    path = tmp_path / "x.yaml"
    for mode in ("once", "none"):
        with use_cassette(path, mode=mode, ignore=f"127.0.0.1:{ignored.port}"):
            assert ask(kept, "/kept") == b"/kept"
            assert ask(ignored, "/ignored") == b"/ignored"
    assert [exchange.request.target for exchange in store.load(path)] == ["/kept"]
    assert (len(kept.peers), len(ignored.peers)) == (1, 2)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("api.example.com", True),
        ("API.example.com:8443", True),
        ("*.example.com", True),
        ("https://*", True),
        (lambda origin: origin.port == 8443, True),
        (["other", "*.com"], True),
        ("example.com", False),
        ("api.example.com:443", False),
        (["http://*"], False),
    ],
)
def test_hosts_patterns_and_functions(what: Any, expected: bool) -> None:
    """Host, host and port, URL of the server; whatever the case."""
    found = ignoring(what)
    assert found is not None
    assert found(Origin("https", "Api.Example.com", 8443)) is expected


def test_what_is_neither_is_refused() -> None:
    """Where it is written."""
    for what in (["localhost", 8080], 8080, re.compile("localhost")):
        with pytest.raises(TypeError, match=r"expected ignore to be hosts, patterns such as .* or functions, got"):
            ignoring(what)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"such as .http://127\.0\.0\.1:80., got a path as well"):
        ignoring("http://user@127.0.0.1:80/")
    assert ignoring(()) is None
