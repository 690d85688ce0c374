"""Bad certificates, each for the reason it is bad for, and for the name it was asked for."""

from __future__ import annotations

import socket
import ssl
import subprocess

import pytest

from fake_server import Authority, FakeServer, WrongState
from fake_server.flaws import FLAWS, Flaw

from .raw import PATIENCE, RawClient, get

REASONS = {
    "expired": "certificate has expired",
    "not yet valid": "certificate is not yet valid",
    "wrong host": "Hostname mismatch",
    "self-signed": "self.signed certificate",
    "unknown CA": "unable to get local issuer certificate",
    "missing intermediate": "unable to get local issuer certificate",
}


def connect(server: FakeServer, name: str) -> RawClient:
    """Return a client that asks for the certificate for *name*, and verifies it."""
    sock = socket.create_connection((server.host, server.port), PATIENCE)
    try:
        return RawClient(server, server.tls.client_context().wrap_socket(sock, server_hostname=name))
    except ssl.SSLError:
        sock.close()
        raise


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_is_refused_for_what_it_is(flaw: Flaw) -> None:
    """OpenSSL names the reason; other names have good certificates all the while."""
    with FakeServer(tls=True) as server:
        server.expect("/").respond(data="x")
        server.bad_certificate(flaw, "bad.test")
        for _ in range(2):
            with pytest.raises(ssl.SSLCertVerificationError, match=REASONS[flaw]):
                connect(server, "bad.test")
        with connect(server, "good.test") as client:
            assert client.send(get()).response().body.content == b"x"
        server.clear()
        server.expect("/").respond(data="x")
        with connect(server, "bad.test") as client:
            assert client.send(get()).response().body.content == b"x"


def test_the_servers_own_certificate_can_be_bad() -> None:
    """Without a name, it is the certificate for the server's host, of which a client may not even speak."""
    with FakeServer(tls=True) as server:
        server.bad_certificate("expired")
        with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
            connect(server, "127.0.0.1")


def test_one_server_spoils_no_certificate_of_another() -> None:
    """Although they share an authority."""
    with FakeServer(tls=True) as spoilt, FakeServer(tls=True) as server:
        spoilt.bad_certificate("expired", "shared.test")
        connect(server, "shared.test").sock.close()
        with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
            connect(spoilt, "shared.test")


def test_curl_says_what_is_the_matter() -> None:
    """Another TLS library sees the same."""
    with FakeServer(tls=True) as server:
        server.bad_certificate("expired", "bad.test")
        url = f"https://bad.test:{server.port}/"
        command = ["curl", "-sS", "--resolve", f"bad.test:{server.port}:127.0.0.1", "--cacert", server.tls.ca_path, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 60
        assert "certificate has expired" in done.stderr


def test_what_is_no_flaw_is_told_where_it_is_written() -> None:
    """With the names of those that are."""
    with pytest.raises(ValueError, match=r"expected a flaw as one of 'expired', 'not yet valid', .* got 'rotten'"):
        FakeServer(tls=True).bad_certificate("rotten")  # type: ignore[arg-type]
    with pytest.raises(WrongState, match="context that it was given"):
        FakeServer(tls=Authority().server_context("localhost")).bad_certificate("expired")
    with pytest.raises(
        WrongState, match="expected the name of a host, since this server has no TLS of its own, got none"
    ):
        FakeServer().bad_certificate("expired")
