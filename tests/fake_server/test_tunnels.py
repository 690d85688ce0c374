"""One port is origin, forward proxy and CONNECT proxy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import httpx
import pytest
import requests

from fake_server import FakeServer, Tunnel
from fake_server.faults import BadRecord, Close, Reset

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

CONNECT = b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n"


def tunnel(server: FakeServer, context: ssl.SSLContext | None, name: str = "api.test") -> RawClient:
    """Return a client within a tunnel, with TLS if there is a context."""
    sock = socket.create_connection((server.host, server.port), PATIENCE)
    sock.sendall(CONNECT)
    assert sock.recv(65_536) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    return RawClient(server, sock if context is None else context.wrap_socket(sock, server_hostname=name))


def test_a_tunnel_leads_to_the_server_itself(server: FakeServer) -> None:
    """With a certificate for whatever host is asked for, and any number of requests."""
    server.expect("/a").respond(data="x")
    with tunnel(server, server.tls.client_context()) as client:
        for _ in range(2):
            assert client.send(get("/a")).response().body.content == b"x"
    asked, *entries = server.journal
    assert (asked.method, asked.target, asked.outcome) == ("CONNECT", "api.test:443", "200")
    assert [entry.exchange.request.url for entry in entries] == ["https://api.test/a"] * 2
    server.verify()


def test_a_tunnel_without_tls(server: FakeServer) -> None:
    """What comes through a tunnel may as well be plain."""
    server.expect("/a").respond(data="x")
    with tunnel(server, None) as client:
        assert client.send(get("/a")).response().body.content == b"x"
    assert server.journal[1].exchange.request.url == "http://api.test:443/a"


def test_what_comes_with_connect_is_not_lost(server: FakeServer) -> None:
    """A client that does not wait for the 200 is served as well, if it speaks no TLS."""
    server.expect("/a").respond(data="x")
    assert ask(server, CONNECT + get("/a")).endswith(b"established\r\n\r\nHTTP/1.1 200 OK\r\n"
                                                     b"Content-Type: text/plain; charset=utf-8\r\n"
                                                     b"Content-Length: 1\r\n\r\nx")  # fmt: skip


def test_an_address_without_a_name_has_a_certificate(server: FakeServer) -> None:
    """A client names no address (RFC 6066 section 3): it is the one it has asked a tunnel to."""
    server.expect("/a").respond(data="x")
    proxies = {"https": server.url}
    answer = requests.get("https://192.0.2.7/a", proxies=proxies, verify=server.tls.ca_path, timeout=PATIENCE)
    assert answer.text == "x"


def test_requests_httpx_and_aiohttp_come_through(server: FakeServer) -> None:
    """Each with its own way to name a proxy; plain requests come in absolute form."""
    server.expect("/a").respond(data="x")
    urls = ["https://api.test/a", "http://api.test/a"]
    proxies = {"https": server.url, "http": server.url}
    for url in urls:
        assert requests.get(url, proxies=proxies, verify=server.tls.ca_path, timeout=PATIENCE).text == "x"
    with httpx.Client(proxy=server.url, verify=server.tls.client_context()) as client:
        assert [client.get(url).text for url in urls] == ["x", "x"]

    async def use() -> list[str]:
        async with aiohttp.ClientSession(proxy=server.url) as session:
            answers = [await session.get(url, ssl=server.tls.client_context()) for url in urls]
            return [await answer.text() for answer in answers]

    assert asyncio.run(use()) == ["x", "x"]
    seen = [entry.exchange.request.url for entry in server.journal if entry.method == "GET"]
    assert seen == urls * 3


def test_the_environment_brings_other_programs_here(server: FakeServer) -> None:
    """Proxy and trust, all by variables: curl asks for a host that does not exist."""
    server.expect("/a").respond(data="x")
    command = ["curl", "-sS", "--max-time", "20", "https://api.test/a", "http://api.test/a"]
    environment = {**os.environ, **server.proxy_env()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "xx"


def test_a_proxy_may_be_asked_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tunnel's TLS is within the proxy's: requests and httpx, several times over one connection, and plain HTTP.

    But not plain HTTP with urllib3, which warns that nobody has verified what it verified.
    """
    with FakeServer(tls=True) as server:
        for name, value in server.tls.client_env().items():  # whom requests trusts as a proxy it takes from there alone
            monkeypatch.setenv(name, value)
        server.expect("/a").respond(data="x" * 100_000)
        urls = ["https://api.test/a", "https://api.test/a", "http://api.test/a"]
        with requests.Session() as session:
            session.proxies = {"https": server.url, "http": server.url}
            assert [len(session.get(url, timeout=PATIENCE).text) for url in urls[:2]] == [100_000] * 2
        context = server.tls.client_context()
        with httpx.Client(proxy=httpx.Proxy(server.url, ssl_context=context), verify=context) as client:
            assert [len(client.get(url).text) for url in urls] == [100_000] * 3
        seen = [entry.exchange.request.url for entry in server.journal if entry.method == "GET"]
        assert seen == urls[:2] + urls
        assert [entry.method for entry in server.journal].count("CONNECT") == 2
        server.verify()


def test_the_environment_brings_other_programs_to_a_proxy_over_tls() -> None:
    """A program that requests is in, which knows nothing of the test."""
    program = "import requests; print(requests.get('https://api.test/a', timeout=20).text)"
    with FakeServer(tls=True) as server:
        server.expect("/a").respond(data="x")
        command, environment = [sys.executable, "-c", program], {**os.environ, **server.proxy_env()}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "x\n"


@contextlib.contextmanager
def tls_within_tls(server: FakeServer) -> Iterator[Within]:
    """A client's side of TLS within TLS, in a tunnel."""
    context = server.tls.client_context()
    with socket.create_connection((server.host, server.port), PATIENCE) as sock:
        outer = context.wrap_socket(sock, server_hostname="localhost")
        outer.settimeout(PATIENCE)
        with outer:
            outer.sendall(CONNECT)
            assert outer.recv(65_536) == b"HTTP/1.1 200 Connection established\r\n\r\n"
            yield Within(outer, context)


class Within:
    """TLS within *outer*, step by step."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext) -> None:
        self.outer = outer
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="api.test")
        self.run(self.tls.do_handshake)

    def run(self, step: Callable[[], T]) -> T:
        """Do a step, with all that is to be sent and received for it."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.flush()
                octets = self.outer.recv(65_536)
                self.incoming.write(octets) if octets else self.incoming.write_eof()
            finally:
                self.flush()

    def flush(self) -> None:
        """Send what there is."""
        if octets := self.outgoing.read():
            self.outer.sendall(octets)

    def get(self, path: str) -> None:
        """Ask."""
        self.run(lambda: self.tls.write(get(path)))

    def rest(self) -> bytes:
        """Read to the end, which TLS must say."""
        pieces = []
        while piece := self.run(lambda: self.tls.read(65_536)):
            pieces.append(piece)
        return b"".join(pieces)


def test_both_layers_of_tls_are_ended_in_the_orderly_way() -> None:
    """Each with its own alert, the inner first; what was sent before it has come."""
    with FakeServer(tls=True) as server, tls_within_tls(server) as client:
        server.expect("/a").respond(data="x").with_fault(Close(after="response"))
        client.get("/a")
        assert client.rest().endswith(b"x")
        client.run(client.tls.unwrap)
        client.outer.unwrap()


def test_a_reset_within_both_layers_delivers_what_came_before() -> None:
    """The octets before it are there, and then the connection is gone."""
    with FakeServer(tls=True) as server, tls_within_tls(server) as client:
        server.expect("/a").respond(data="hello").with_fault(Reset(after="body[:2]"))
        client.get("/a")
        received: list[bytes] = []
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):  # ssl tells a reset as the one or as the other
            received.extend(iter(lambda: client.run(lambda: client.tls.read(65_536)), None))
        assert b"".join(received).endswith(b"\r\n\r\nhe")
        assert (server.journal[1].outcome, server.journal[1].end) == ("reset(after='body[:2]')", "reset")


def test_a_record_that_nobody_has_the_key_to_is_the_inner_tls_s() -> None:
    """What is written below TLS is written into the outer one."""
    with FakeServer(tls=True) as server, tls_within_tls(server) as client:
        server.expect("/a").respond(data="hello").with_fault(BadRecord(after="headers"))
        client.get("/a")
        with pytest.raises(ssl.SSLError, match=r"(?i)bad.record.mac"):
            client.rest()


def test_a_handshake_that_fails_within_tls_is_told() -> None:
    """The inner one's: the client does not trust the certificate."""
    with FakeServer(tls=True) as server:
        server.bad_certificate("unknown CA", "api.test")
        with pytest.raises(ssl.SSLCertVerificationError), tls_within_tls(server):
            pass
        (failed,) = server.journal.wait_for(where=lambda entry: bool(entry.error))
        assert failed.outcome == "tls-failed"
        assert failed.caller.origin.url == "https://api.test"


def test_a_server_stops_while_tls_within_tls_waits() -> None:
    """The thread that reads is woken, and the client sees the end."""
    with FakeServer(tls=True) as server, tls_within_tls(server) as client:
        server.expect("/a").respond(data="x")
        client.get("/a")
        server.journal.wait_for(path="/a")
        assert server.journal[1].sent.endswith(b"x")
        server.stop()
        with pytest.raises((ConnectionError, ssl.SSLError)):
            client.rest()


def test_a_client_that_begins_tls_without_waiting_for_the_200_is_served(server: FakeServer) -> None:
    """Its first octets have come with the CONNECT."""
    context = server.tls.client_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="api.test")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    established = b"HTTP/1.1 200 Connection established\r\n\r\n"
    with socket.create_connection((server.host, server.port), PATIENCE) as sock:
        sock.sendall(CONNECT + outgoing.read())
        received = b""
        while len(received) <= len(established):
            received += sock.recv(65_536)
        incoming.write(received.removeprefix(established))
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                incoming.write(sock.recv(65_536))
    assert tls.getpeercert()


def test_a_tunnel_can_lead_to_another_server(server: FakeServer) -> None:
    """The proxy has the CONNECT in its journal, and the other one what came through."""
    with FakeServer(tls=True) as other:
        other.expect("/a").respond(data="other")
        server.expect("api.test:443", method="CONNECT").respond(Tunnel(other))
        with tunnel(server, other.tls.client_context()) as client:
            assert client.send(get("/a")).response().body.content == b"other"
        assert [entry.method for entry in server.journal] == ["CONNECT"]
        assert [entry.path for entry in other.journal] == ["/a"]
        server.verify()
        other.verify()


def test_a_tunnel_can_be_refused(server: FakeServer) -> None:
    """Whoever expects CONNECT answers it; who expects any method does not mean CONNECT."""
    server.expect("refused.test:443", method="CONNECT").respond(status=502)
    server.expect_request("").respond(data="x")
    assert ask(server, CONNECT) == b"HTTP/1.1 200 Connection established\r\n\r\n"
    assert ask(server, CONNECT.replace(b"api", b"refused")).startswith(b"HTTP/1.1 502 ")


def test_credentials(server: FakeServer) -> None:
    """Without them a request for the proxy gets 407, over a connection that persists; one for the origin gets none."""
    server.expect("/a").respond(data="x")
    ask(server, get("http://api.test/a"))
    server.demand_proxy_credentials("ann", "s3cret")
    with RawClient(server) as client:
        first = client.send(get("http://api.test/a")).response()
        assert (first.head.status, first.head.fields.get("proxy-authenticate")) == (
            407,
            'Basic realm="fake proxy", charset="UTF-8"',
        )
        for right in (407, 200):
            credentials = "YW5uOnMzY3JldA==" if right == 200 else "YW5uOndyb25n"
            asked = get("http://api.test/a", f"Proxy-Authorization: Basic {credentials}")
            assert client.send(asked).response().head.status == right
        assert client.send(get("/a")).response().head.status == 200
    proxies = {"https": server.url.replace("//", "//ann:s3cret@")}
    answer = requests.get("https://api.test/a", proxies=proxies, verify=server.tls.ca_path, timeout=PATIENCE)
    assert answer.text == "x"
    with pytest.raises(requests.exceptions.ProxyError, match="407"):
        requests.get("https://api.test/a", proxies={"https": server.url}, verify=server.tls.ca_path, timeout=PATIENCE)
    server.verify()


def test_tls_that_breaks_within_a_tunnel_is_in_the_journal(server: FakeServer) -> None:
    """As it is without a tunnel."""
    with tunnel(server, None) as client:
        client.send(b"\x16\x03\x01\x00\x05hello").rest()
    entries = server.journal.wait_for(count=2)
    assert entries[1].outcome == "tls-failed"
    assert entries[1].error.startswith("the TLS handshake failed: ")


def test_stop_ends_tunnels(server: FakeServer) -> None:
    """A tunnel in which nothing happens keeps nobody waiting."""
    with tunnel(server, None) as silent:
        server.stop()
        assert silent.at_end()
