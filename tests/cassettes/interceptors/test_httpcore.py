"""Tests of `cassettes.interceptors.httpcore`: the library itself, which can be told more than httpx."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import httpcore
import pytest
import trustme

from cassettes.use import use_cassette
from tests.cassettes.origin import OriginServer, Peer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CA = trustme.CA()


def agreed(peer: Peer) -> None:
    """Answer with the protocol that was agreed on in the TLS handshake."""
    assert isinstance(peer.sock, ssl.SSLSocket)
    protocol = peer.sock.selected_alpn_protocol() or "none"
    peer.read_head()
    peer.send(answer(protocol.encode()))


@pytest.fixture
def server() -> Iterator[OriginServer]:
    """A server that would rather speak HTTP/2."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("127.0.0.1").configure_cert(tls)
    tls.set_alpn_protocols(["h2", "http/1.1"])
    with OriginServer(agreed, tls=tls) as server:
        yield server


def trust() -> ssl.SSLContext:
    """What the client trusts."""
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


def test_http_1_1_is_agreed_on_while_recording(server: OriginServer, tmp_path: Path) -> None:
    """Whatever both would rather speak; verification is as it was."""
    with use_cassette(tmp_path / "x.yaml") as cassette, httpcore.ConnectionPool(trust(), http2=True) as pool:
        assert pool.request("GET", server.url + "/a").content == b"http/1.1"
    assert len(cassette.recorded) == 1
    with (
        use_cassette(tmp_path / "y.yaml"),
        httpcore.ConnectionPool(http2=True) as pool,
        pytest.raises(httpcore.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        pool.request("GET", server.url + "/a")


def test_asynchronous_pools_agree_on_http_1_1_too(server: OriginServer, tmp_path: Path) -> None:
    """With the same words."""

    async def program() -> bytes:
        async with httpcore.AsyncConnectionPool(trust(), http2=True) as pool:
            return (await pool.request("GET", server.url + "/a")).content

    for _ in range(2):
        with use_cassette(tmp_path / "x.yaml"):
            assert asyncio.run(program()) == b"http/1.1"
    assert len(server.peers) == 1
