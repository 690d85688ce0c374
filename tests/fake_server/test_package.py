"""Importing fake_server costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fake_server

HEAVY = {"werkzeug", "trustme", "ssl", "yaml", "asyncio"}


def loaded_after(code: str) -> set[str]:
    """The heavy modules that a new interpreter has loaded after *code*."""
    program = f"import sys\n{code}\nprint(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Neither werkzeug nor trustme, ssl, yaml or asyncio is there after the import."""
    assert loaded_after("import fake_server") == set()


def test_a_server_with_canned_answers_loads_nothing_heavy() -> None:
    """A whole life of a server works without werkzeug and ssl, as long as nobody asks for them."""
    code = """
from fake_server import FakeServer
import socket
with FakeServer() as server:
    server.expect("/").respond(json={})
    with socket.create_connection((server.host, server.port)) as sock:
        sock.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
        while sock.recv(1000): pass
server.verify()
"""
    assert loaded_after(code) == set()


def test_tls_loads_ssl_and_trustme_but_not_werkzeug() -> None:
    """What TLS needs is loaded when a server with TLS is made."""
    code = "from fake_server import FakeServer; FakeServer(tls=True)"
    assert {"ssl", "trustme"} <= loaded_after(code)
    assert "werkzeug" not in loaded_after(code)


def test_every_public_name_is_there() -> None:
    """Each name of __all__ can be had, and dir() shows them."""
    for name in fake_server.__all__:
        assert getattr(fake_server, name).__name__ == name
    assert set(fake_server.__all__) <= set(dir(fake_server))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(fake_server, "nothing")  # noqa: B009  mypy knows that there is none
