"""`httplib_sim.cli.demo.httpbin`: a real server in processes of its own, of which nothing stays."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from httplib_sim.cli.demo import certificates
from httplib_sim.cli.demo.httpbin import HOST, Httpbin, check_installed
from httplib_sim.cli.errors import Exit, Failure

if TYPE_CHECKING:
    import pathlib

pytest.importorskip("httpbin", reason="needs the dependency group demo")
pytest.importorskip("gunicorn", reason="needs the dependency group demo")


def assert_gone(server: Httpbin) -> None:
    """No process of the server's group is left, and its port refuses connections."""
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, server.port), timeout=10)


def test_starts_and_stops(tmp_path: pathlib.Path) -> None:
    """It answers as soon as it is ready; once stopped no process is left, and stopping again does nothing."""
    server = Httpbin(tmp_path)
    try:
        server.wait_until_ready()
        with socket.create_connection((HOST, server.port), timeout=10) as client:
            client.sendall(b"GET /status/418 HTTP/1.0\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.0 418")
    finally:
        server.stop()
    server.stop()
    assert_gone(server)


def test_speaks_tls(tmp_path: pathlib.Path) -> None:
    """With certificates it is verified by their CA, and its key is an elliptic-curve key."""
    made = certificates.make(tmp_path, HOST)
    server = Httpbin(tmp_path, made)
    try:
        server.wait_until_ready()
        with (
            socket.create_connection((HOST, server.port), timeout=10) as plain,
            made.client_context().wrap_socket(plain, server_hostname=HOST) as client,
        ):
            assert client.getpeercert()
    finally:
        server.stop()
    assert_gone(server)
    assert "BEGIN EC PRIVATE KEY" in made.key.read_text("ascii")


def test_failing_start_tells_why(tmp_path: pathlib.Path) -> None:
    """A gunicorn that cannot start is told with its own words, and leaves nothing."""
    missing = tmp_path / "missing.pem"
    made = certificates.make(tmp_path, HOST)
    server = Httpbin(tmp_path, certificates.Certificates(missing, made.key, made.ca))
    try:
        with pytest.raises(Failure, match="httpbin did not start") as caught:
            server.wait_until_ready()
        assert str(missing) in caught.value.message
    finally:
        server.stop()
    assert_gone(server)


def test_missing_packages_are_named() -> None:
    """Where a package is not installed, the error says which, and what to install."""
    check_installed()
    with pytest.raises(Failure, match="but nosuchserver cannot be imported") as caught:
        check_installed(("httpbin", "nosuchserver"))
    assert "pip install httpbin nosuchserver" in caught.value.message
    assert caught.value.exit_code == Exit.USAGE
