"""Tests of `cassettes.escapes`: connections that go past a cassette are told of."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import warnings
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import httplib_sim
from cassettes import EscapeWarning, use_cassette
from tests.cassettes.origin import OriginServer, answer, answering

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "192.0.2.1"
"""An address that nobody has (RFC 5737)."""


def connect(host: str = NOWHERE, port: int = 80, kind: int = socket.SOCK_STREAM) -> None:
    """Begin to connect, and wait for nothing."""
    with socket.socket(socket.AF_INET, kind) as sock, contextlib.suppress(OSError):
        sock.setblocking(False)
        sock.connect((host, port))


@pytest.mark.parametrize("mode", ["once", "none", "new_episodes", "all"])
def test_a_connection_past_the_cassette_is_told_of_with_its_line(tmp_path: Path, mode: str) -> None:
    """In each mode, and once for each server."""

    def program() -> None:
        with use_cassette(tmp_path / "x.yaml", mode=mode):
            for port in (80, 443, 80):
                connect(NOWHERE, port)

    with pytest.warns(EscapeWarning) as told:
        program()
    assert len(told) == 2
    text = str(told[0].message)
    assert text.startswith(f"a connection to {NOWHERE}, port 80, goes past the cassette {tmp_path / 'x.yaml'}: ")
    assert f'ignore="{NOWHERE}"' in text
    assert told[0].filename == __file__


def test_where_it_is_an_error_nothing_is_connected(tmp_path: Path) -> None:
    """For suites that want to know it at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", EscapeWarning)
        with use_cassette(tmp_path / "x.yaml"), pytest.raises(EscapeWarning):
            connect()


def test_the_name_that_was_asked_for_is_told(tmp_path: Path) -> None:
    """And not the address alone, which says little; nor the name that another connection was for."""

    def program() -> None:
        with use_cassette(tmp_path / "x.yaml"):
            socket.getaddrinfo("localhost", 80)
            connect()
            connect(port=81)

    with pytest.warns(EscapeWarning) as told:
        program()
    assert str(told[0].message).startswith("a connection to localhost, port 80")
    assert str(told[1].message).startswith(f"a connection to {NOWHERE}, port 81")


def test_what_is_no_escape_is_not_told_of(tmp_path: Path) -> None:
    """This machine, datagrams, servers that are left alone, what a switch dials, and all without a cassette."""
    with warnings.catch_warnings(), OriginServer(answering(answer(b"up"))) as server:
        warnings.simplefilter("error")
        connect()
        with use_cassette(tmp_path / "x.yaml", ignore=NOWHERE):
            connect()
            connect("192.0.2.2", 53, socket.SOCK_DGRAM)
            server.connect().close()
            assert httpx.get(server.url).content == b"up"


@pytest.mark.parametrize("kind", [http.client.HTTPConnection, httplib_sim.HTTPConnection], ids=["theirs", "ours"])
def test_what_a_blocking_client_dials_is_no_escape(tmp_path: Path, kind: Any) -> None:
    """Wherever it goes."""
    with warnings.catch_warnings(), use_cassette(tmp_path / "x.yaml"), contextlib.suppress(OSError):
        warnings.simplefilter("error")
        kind(NOWHERE, 80, timeout=0.001).request("GET", "/")


def test_what_asyncio_dials_is_no_escape(tmp_path: Path) -> None:
    """Nor is it for a server that is left alone."""

    async def program() -> None:
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(0.001):
                await asyncio.open_connection(NOWHERE, 80)

    for ignore in ((), NOWHERE):
        with warnings.catch_warnings(), use_cassette(tmp_path / "x.yaml", ignore=ignore, mode="all"):
            warnings.simplefilter("error")
            asyncio.run(program())
