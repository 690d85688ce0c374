"""Ports that refuse, that drop, and at which nobody answers: what clients make of them."""

from __future__ import annotations

import http.client
import socket
import sys

import httpx
import pytest
import requests

from fake_server.unreachable import DeafPort, RefusedPort, SilentPort

HURRY = 0.2


def test_a_refused_connection() -> None:
    """At once, and for as long as the port is held; nobody else gets it meanwhile."""
    with RefusedPort() as port:
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                http.client.HTTPConnection(port.host, port.port).connect()
        with pytest.raises(requests.ConnectionError):
            requests.get(port.url, timeout=HURRY)
        with pytest.raises(httpx.ConnectError):
            httpx.get(port.url, trust_env=False)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((port.host, port.port))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue does not drop who comes")
def test_a_connection_that_does_not_come_about() -> None:
    """It is the time-out of connecting, not that of reading."""
    with SilentPort() as port:
        with pytest.raises(TimeoutError):
            http.client.HTTPConnection(port.host, port.port, timeout=HURRY).connect()
        with pytest.raises(requests.ConnectTimeout):
            requests.get(port.url, timeout=HURRY)
        with pytest.raises(httpx.ConnectTimeout):
            httpx.get(port.url, timeout=HURRY, trust_env=False)


def test_a_connection_that_nobody_serves() -> None:
    """It comes about, and it is reading that times out."""
    with DeafPort() as port:
        with pytest.raises(requests.ReadTimeout):
            requests.get(port.url, timeout=HURRY)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(port.url, timeout=HURRY, trust_env=False)


def test_the_port_is_given_back() -> None:
    """With the block, another may listen there."""
    with RefusedPort() as port:
        number = port.port
    assert str(number) in port.url
    with socket.socket() as other:
        other.bind((port.host, number))
