"""Tests of `cassettes.streams`: what httpcore's own pools do not show. The rest is tested through httpx."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpcore
import pytest

from cassettes.cassette import Cassette
from cassettes.current import enter, leave
from cassettes.errors import CassetteStall
from cassettes.exchange import End, Exchange, How
from cassettes.streams import AsyncSwitchStream, SwitchStream
from httplib_sim.waist import Origin

from .exchanges_in_tests import answer, recorded

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

ORIGIN = Origin("https", "api.example.com", 443)
GET = b"GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n"
HALF = answer(b"content")[:-3]


def never() -> httpcore.NetworkStream:
    """Dial where nobody may."""
    raise AssertionError("a replay has dialled")


async def never_async() -> httpcore.AsyncNetworkStream:
    """Dial where nobody may."""
    raise AssertionError("a replay has dialled")


@contextmanager
def replaying(how: How = How.COMPLETE, octets: bytes | None = None) -> Iterator[Cassette]:
    """Make a cassette current whose one exchange ended like this; *octets* came that are no response."""
    whole = recorded(GET, answer(b"content"))
    exchange = whole if octets is None else Exchange(request=whole.request, received=octets, end=End(how))
    cassette = Cassette(mode="none", recorded=[(exchange, 1)])
    enter(cassette)
    try:
        yield cassette
    finally:
        leave(cassette)


def stream(tls: ssl.SSLContext | None = None) -> SwitchStream:
    """A connection that must not dial, with TLS as far as it is told."""
    made = SwitchStream(httpcore, ORIGIN._replace(scheme="http"), never)
    return made.start_tls(tls) if tls is not None else made.start_tls(httpcore.default_ssl_context())


def test_a_replay_is_read_in_pieces_of_any_size() -> None:
    """TLS is passed over, and an idle connection has nothing to say."""
    with replaying():
        connection = stream()
        assert not connection.get_extra_info("is_readable")
        connection.write(GET[:9])
        connection.write(GET[9:])
        content = b""
        while len(content) < len(answer(b"content")):
            content += connection.read(5, 1.0)
        assert content == answer(b"content")
        assert not connection.get_extra_info("is_readable")
        connection.close()


def test_how_a_connection_ends_is_the_librarys_own_exception() -> None:
    """At once; a time-out only where the read has one."""
    with replaying(How.RESET, HALF):
        connection = stream()
        connection.write(GET)
        assert connection.read(1000, 1.0) == HALF
        with pytest.raises(httpcore.ReadError):
            connection.read(1000, 1.0)
        assert connection.get_extra_info("is_readable")
    with replaying(How.TIMEOUT, HALF):
        connection = stream()
        connection.write(GET)
        assert connection.read(1000, 1.0) == HALF
        with pytest.raises(httpcore.ReadTimeout):
            connection.read(1000, 1e9)
        with pytest.raises(CassetteStall):
            connection.read(1000)
    with replaying(How.EOF, HALF):
        connection = stream()
        connection.write(GET)
        assert connection.read(1000, 1.0) == HALF
        assert connection.read(1000, 1.0) == b""
        with pytest.raises(httpcore.WriteError):
            connection.write(GET)


def test_a_closed_connection_neither_sends_nor_receives() -> None:
    """As the library's own."""
    with replaying() as cassette:
        connection = stream()
        connection.close()
        with pytest.raises(httpcore.WriteError):
            connection.write(GET)
        with pytest.raises(httpcore.ReadError):
            connection.read(1)
    assert not cassette.played


def test_what_a_replayed_connection_says_of_itself() -> None:
    """What is known without a network, else None."""
    with replaying():
        connection = stream()
        assert connection.get_extra_info("server_addr") == ("api.example.com", 443)
        assert connection.get_extra_info("client_addr") == ("127.0.0.1", 0)
        assert connection.get_extra_info("ssl_object") is None


def test_a_time_out_that_nobody_has_set_is_a_stall_and_no_endless_wait() -> None:
    """On asyncio too, where the loop would be asked to wait for ever."""

    async def program() -> None:
        connection = await AsyncSwitchStream.opened(
            httpcore, ORIGIN._replace(scheme="http"), never_async, asyncio.sleep
        )
        connection = await connection.start_tls(httpcore.default_ssl_context())
        await connection.write(GET)
        assert await connection.read(1000) == HALF
        with pytest.raises(httpcore.ReadTimeout):
            await connection.read(1000, 1e6)
        with pytest.raises(CassetteStall):
            await connection.read(1000)
        await connection.aclose()
        with pytest.raises(httpcore.ReadError):
            await connection.read(1)

    with replaying(How.TIMEOUT, HALF):
        asyncio.run(program())
