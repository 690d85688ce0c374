"""What TLS agreed on is recorded once for each origin, and told again where a client asks."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
import trustme
import urllib3

from cassettes import store
from cassettes.tls import decoded
from cassettes.use import use_cassette
from fake_server import FakeServer
from httplib_sim.client import HTTPSConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server with TLS that answers any GET."""
    with FakeServer(tls=True) as server:
        server.expect_request("/").respond_with_data("hello")
        yield server


def trusting(server: FakeServer) -> ssl.SSLContext:
    """A context that trusts *server*."""
    return ssl.create_default_context(cafile=server.tls.ca_path)


def facts(secure: Any) -> tuple[Any, ...]:
    """All that clients ask for."""
    return (
        secure.version(),
        secure.cipher(),
        secure.selected_alpn_protocol(),
        secure.getpeercert(),
        secure.getpeercert(True),
    )


def by_httplib_sim(server: FakeServer, context: ssl.SSLContext) -> tuple[Any, ...]:
    """Of a socket."""
    with HTTPSConnection(server.host, server.port, context=context) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
        return facts(connection.sock)


def by_urllib3(server: FakeServer, context: ssl.SSLContext) -> tuple[Any, ...]:
    """Of a pool's connection."""
    with urllib3.HTTPSConnectionPool(server.host, server.port, ssl_context=context) as pool:
        connection = pool._get_conn()
        connection.request("GET", "/")
        assert connection.getresponse().data == b"hello"
        found = facts(cast("Any", connection).sock)
        connection.close()
        return found


def by_httpx(server: FakeServer, context: ssl.SSLContext) -> tuple[Any, ...]:
    """Of a network stream."""
    with httpx.Client(verify=context) as client, client.stream("GET", server.url_for("/")) as response:
        return facts(response.extensions["network_stream"].get_extra_info("ssl_object"))


def by_asyncio(server: FakeServer, context: ssl.SSLContext) -> tuple[Any, ...]:
    """Of a transport."""

    async def program() -> tuple[Any, ...]:
        reader, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.read(15)) == b"HTTP/1.1 200 OK"
        secure = writer.get_extra_info("ssl_object")
        assert writer.get_extra_info("peercert") == secure.getpeercert()
        assert writer.get_extra_info("cipher") == secure.cipher()
        found = facts(secure)
        writer.close()
        await writer.wait_closed()
        return found

    return asyncio.run(program())


@pytest.mark.parametrize("ask", [by_httplib_sim, by_urllib3, by_httpx, by_asyncio])
def test_a_replay_tells_what_was_agreed_on(
    ask: Callable[[FakeServer, ssl.SSLContext], tuple[Any, ...]], server: FakeServer, tmp_path: Path
) -> None:
    """Certificate, version, cipher and protocol are those of the real connection, with nobody to trust."""
    path = tmp_path / "x.yaml"
    with use_cassette(path, mode="all"):
        recorded = ask(server, trusting(server))
    server.stop()
    with use_cassette(path, mode="none"):
        assert ask(server, ssl.create_default_context()) == recorded
    assert recorded[3]["subjectAltName"]


def test_what_was_agreed_on_is_written_once(server: FakeServer, tmp_path: Path) -> None:
    """A certificate is long, and the same for all connections to an origin: also where a recording goes on."""
    path = tmp_path / "x.yaml"
    for mode in ("all", "new_episodes"):
        with use_cassette(path, mode=mode):
            for number in range(2):
                with httpx.Client(verify=trusting(server)) as client:
                    client.get(server.url_for("/"), params={"of": f"{mode}{number}"})
    assert [exchange.tls is None for exchange in store.load(path)] == [False, True, True, True]


def test_a_new_certificate_is_written(tmp_path: Path) -> None:
    """Where the same origin shows another one."""
    path = tmp_path / "x.yaml"
    port = 0
    for mode in ("all", "new_episodes"):
        with FakeServer(tls=True, port=port) as server, use_cassette(path, mode=mode):
            server.expect_request("/").respond_with_data("hello")
            port = server.port
            with httpx.Client(verify=trusting(server)) as client:
                client.get(server.url_for("/"), params={"of": mode})
    first, second = [exchange.tls for exchange in store.load(path)]
    assert first is not None
    assert second is None or second != first


def test_without_verification_there_is_no_certificate_to_read(server: FakeServer, tmp_path: Path) -> None:
    """As ssl has it: its octets are there, its text is not."""
    path = tmp_path / "x.yaml"
    with use_cassette(path, mode="all"), httpx.Client(verify=False) as client:
        client.get(server.url_for("/"))
    found = store.load(path)[0].tls
    assert found is not None
    assert not found.verified
    assert found.certificate


def test_a_cassette_that_does_not_have_it_says_none(tmp_path: Path) -> None:
    """One written by hand, say: as of a server that has shown no certificate."""
    path = tmp_path / "x.yaml"
    path.write_text(
        "cassette: 1\n...\n---\norigin: https://api.example.com\nrequest:\n  line: GET / HTTP/1.1\n"
        "  headers:\n  - Host: api.example.com\n  - Accept-Encoding: identity\nresponse:\n"
        "  line: HTTP/1.1 204 No Content\n  headers: []\nend: {how: complete}\n...\n"
    )
    with use_cassette(path, mode="none"):
        connection = HTTPSConnection("api.example.com")
        connection.request("GET", "/")
        assert facts(connection.sock) == (None, None, None, None, None)
        assert connection.getresponse().read() == b""


def test_a_certificate_is_read_as_ssl_reads_it() -> None:
    """Its octets alone give the dictionary."""
    certificate = trustme.CA().issue_cert("api.example.com").cert_chain_pems[0].bytes()
    found = decoded(ssl.PEM_cert_to_DER_cert(certificate.decode("ascii")))
    assert found["subjectAltName"] == (("DNS", "api.example.com"),)
