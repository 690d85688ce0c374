"""HTTPS: certificates for whoever asks, from a CA in memory."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from fake_server import Authority, FakeServer, NotVerified, WrongState

from .raw import PATIENCE, RawClient, get

if TYPE_CHECKING:
    from collections.abc import Iterator


def secure(server: FakeServer, name: str) -> RawClient:
    """A client that asks the server for its certificate for *name*, and verifies it."""
    sock = socket.create_connection((server.host, server.port), PATIENCE)
    return RawClient(server, server.tls.client_context().wrap_socket(sock, server_hostname=name))


@pytest.fixture
def tls_server() -> Iterator[FakeServer]:
    """A server with TLS that answers."""
    with FakeServer(tls=True) as server:
        server.expect("/", required=False).respond(data="hi")
        yield server


def test_https_is_kept_alive(tls_server: FakeServer) -> None:
    """One handshake, any number of requests."""
    connection = http.client.HTTPSConnection(tls_server.host, tls_server.port, context=tls_server.tls.client_context())
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hi"
    connection.close()
    assert tls_server.url == f"https://127.0.0.1:{tls_server.port}"
    assert tls_server.journal.connections == 1
    assert tls_server.journal[0].exchange.request.url == f"{tls_server.url}/"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "::1", "api.github.com", "xn--bcher-kva.de"])
def test_there_is_a_certificate_for_every_name(tls_server: FakeServer, name: str) -> None:
    """A client that verifies it is content."""
    with secure(tls_server, name) as client:
        assert client.send(get()).response().body.content == b"hi"


def test_each_server_has_a_certificate_for_its_own_host() -> None:
    """Also where several share an authority."""
    for host in ("localhost", "127.0.0.2", "127.0.0.3"):
        with FakeServer(host, tls=True) as server:
            server.expect("/").respond(data="hi")
            assert requests.get(server.url, timeout=10, verify=server.tls.ca_path).text == "hi"


def test_a_name_that_can_have_no_certificate_is_refused(tls_server: FakeServer) -> None:
    """By an alert, which the journal shows, and the next client is served."""
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        secure(tls_server, "under_score.example")
    (entry,) = tls_server.journal.wait_for()  # the client may have the alert before the journal has the entry
    assert (entry.outcome, entry.request) == ("tls-failed", None)
    assert entry.error.startswith("the TLS handshake failed: ")
    with secure(tls_server, "localhost") as client:
        assert client.send(get()).response().head.status == 200
    tls_server.verify()


def test_a_client_that_does_not_trust_the_ca_fails(tls_server: FakeServer) -> None:
    """With an error of its own, and the server goes on."""
    with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        requests.get(tls_server.url, timeout=10)
    assert requests.get(tls_server.url, timeout=10, verify=tls_server.tls.ca_path).text == "hi"


def test_plain_http_to_a_tls_port_is_told_in_plain_http(tls_server: FakeServer) -> None:
    """That was not expected; the next client is served."""
    answer = requests.get(tls_server.url.replace("https:", "http:"), timeout=10)
    assert answer.status_code == 400
    assert answer.text.startswith("This server speaks HTTP over TLS: the URL must begin with https://")
    with secure(tls_server, "localhost") as client:
        assert client.send(get()).response().head.status == 200
    (finding,) = tls_server.findings()
    assert f"is no request: expected TLS, since this server is {tls_server.url}; got HTTP without it\n" in finding


def test_a_failed_handshake_is_told_beside_what_is_not_as_expected(tls_server: FakeServer) -> None:
    """By itself it is no finding, since a test may want it."""
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(tls_server.url, timeout=10)
    tls_server.journal.wait_for(where=lambda entry: bool(entry.error))
    tls_server.verify()
    tls_server.expect("/never")
    with pytest.raises(
        NotVerified, match=r"met it\n\nConnections that came to no whole request:\n {4}connection 1, for "
    ):
        tls_server.verify()


def test_a_client_without_a_certificate_is_told_why() -> None:
    """Each time: the alert is not lost to a reset, although the request that the client has sent is not read."""
    with FakeServer(tls=True, client_certificate="required") as server:
        for _ in range(10):
            connection = http.client.HTTPSConnection(
                server.host, server.port, context=server.tls.client_context(), timeout=PATIENCE
            )
            with contextlib.closing(connection):
                connection.request("GET", "/", headers={"X-Long": "x" * 10_000})
                with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
                    connection.getresponse()


def test_the_last_answer_ends_with_an_alert(tls_server: FakeServer) -> None:
    """A client that demands close_notify is content: the answer is not cut (RFC 8446 section 6.1)."""
    sock = socket.create_connection((tls_server.host, tls_server.port), PATIENCE)
    context = tls_server.tls.client_context()
    demanding = context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False)
    with RawClient(tls_server, demanding) as client:
        assert client.send(get("/", "Connection: close")).response().head.status == 200
        assert client.at_end()


def test_curl_trusts_by_the_environment(tls_server: FakeServer) -> None:
    """A program that is told by its environment whom to trust, at a name that is not ours."""
    url = f"https://api.github.com:{tls_server.port}/"
    command = ["curl", "-sS", "--resolve", f"api.github.com:{tls_server.port}:127.0.0.1", url, url]
    environment = {**os.environ, **tls_server.tls.client_env()}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"hihi"


def test_an_authority_of_ones_own_is_another(tls_server: FakeServer) -> None:
    """Clients of the one do not trust the other."""
    own = Authority()
    with FakeServer(tls=own) as server:
        server.expect("/").respond()
        assert server.tls is own
        assert server.tls is not tls_server.tls
        with secure(server, "localhost") as client:
            assert client.send(get()).response().head.status == 200
        sock = socket.create_connection((server.host, server.port), PATIENCE)
        with sock, pytest.raises(ssl.SSLCertVerificationError):
            tls_server.tls.client_context().wrap_socket(sock, server_hostname="localhost")


def test_a_context_is_used_as_it_is() -> None:
    """Then nobody knows whom to trust but who made it."""
    issuer = Authority()
    with FakeServer(tls=issuer.server_context("localhost")) as server:
        server.expect("/").respond(data="hi")
        assert requests.get(server.url, timeout=10, verify=issuer.ca_path).text == "hi"
        with pytest.raises(WrongState, match="uses the context that it was given"):
            _ = server.tls


def test_servers_share_the_authority_of_the_process(tls_server: FakeServer) -> None:
    """A client needs to trust but one."""
    assert FakeServer(tls=True).tls is tls_server.tls
    assert tls_server.tls.ca_pem.startswith(b"-----BEGIN CERTIFICATE-----")
    assert Path(tls_server.tls.ca_path).read_bytes() == tls_server.tls.ca_pem


def test_the_file_with_the_certificate_goes_with_the_process() -> None:
    """Nothing is left behind."""
    program = "from fake_server import Authority; print(Authority().ca_path)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not Path(done.stdout.strip()).exists()


def test_a_client_that_never_greets_keeps_nobody_waiting(tls_server: FakeServer) -> None:
    """Neither the next client nor stop."""
    with RawClient(tls_server) as silent:
        with secure(tls_server, "localhost") as client:
            assert client.send(get()).response().head.status == 200
        tls_server.stop()
        assert silent.at_end()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fake_server ")]
    assert all(entry.outcome != "tls-failed" for entry in tls_server.journal)


def test_a_server_may_want_to_know_who_asks() -> None:
    """With client_certificate="required", clients have one of this authority, and the request says whose it is."""
    with FakeServer(tls=True, client_certificate="required") as server:
        server.expect("/").respond_with_handler(
            lambda request: request.environ["httplib_sim.client_certificate"]["subjectAltName"][0][1]
        )
        path = server.tls.client_path("ann@example.org")
        for url in (server.url, f"https://localhost:{server.port}"):
            assert requests.get(url, timeout=10, verify=server.tls.ca_path, cert=path).text == "ann@example.org"
        entry = server.journal[0]
        assert entry.caller.certificate is not None
        assert entry.caller.certificate["subjectAltName"] == (("email", "ann@example.org"),)
        with pytest.raises(requests.exceptions.RequestException):
            requests.get(server.url, timeout=10, verify=server.tls.ca_path)
        with pytest.raises(requests.exceptions.RequestException):
            requests.get(server.url, timeout=10, verify=server.tls.ca_path, cert=Authority().client_path("eve"))
        assert [entry.outcome for entry in server.journal.wait_for(where=lambda entry: entry.error, count=2)] == [
            "tls-failed",
            "tls-failed",
        ]


def test_a_client_may_do_without_a_certificate_where_it_is_optional() -> None:
    """The request says that there was none."""
    with FakeServer(tls=True, client_certificate="optional") as server:
        server.expect("/").respond(data="hi")
        for identity in (None, "ann"):
            sock = socket.create_connection((server.host, server.port), PATIENCE)
            context = server.tls.client_context(identity)
            with RawClient(server, context.wrap_socket(sock, server_hostname="any.test")) as client:
                assert client.send(get()).response().head.status == 200
        assert [entry.caller.certificate is None for entry in server.journal] == [True, False]


def test_a_wish_for_certificates_that_is_none_is_told() -> None:
    """By the names of those that are."""
    with pytest.raises(ValueError, match="expected client_certificate= as one of 'none', 'optional', 'required', got"):
        FakeServer(tls=True, client_certificate="maybe")  # type: ignore[arg-type]
