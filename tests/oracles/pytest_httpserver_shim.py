"""pytest-httpserver's names for our fake server, so that its own tests and its documentation's examples run with it.

Law: a plugin for pytest that renames, and nothing more: whatever stands here beside another name for something of ours
is a deviation, with its reason.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from fake_server import Expectation, FakeServer, NotVerified, RequestMatcher, compat
from fake_server.matching import ANY_METHOD, ANY_URI

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


class HTTPServer(FakeServer):
    """`FakeServer`, with the context for TLS as the argument that it is there."""

    def __init__(
        self, host: str = "localhost", port: int = 0, ssl_context: ssl.SSLContext | None = None, **_: object
    ) -> None:
        super().__init__(host, port, tls=ssl_context or False)


def _names() -> dict[str, Any]:
    """What stands in the package and in its modules."""
    return {
        "BakedHTTPServer": compat.Baked,
        "BlockingHTTPServer": object,
        "BlockingRequestHandler": object,
        "BooleanQueryMatcher": compat.BooleanQueryMatcher,
        "Error": Exception,
        "HTTPServer": HTTPServer,
        "HTTPServerError": Exception,
        "HeaderValueMatcher": compat.HeaderValueMatcher,
        "MappingQueryMatcher": compat.MappingQueryMatcher,
        "METHOD_ALL": ANY_METHOD,
        "NoHandlerError": NotVerified,
        "RequestHandler": Expectation,
        "RequestMatcher": RequestMatcher,
        "RequestMatcherKwargs": dict,
        "StringQueryMatcher": compat.StringQueryMatcher,
        "URIPattern": compat.URIPattern,
        "URI_DEFAULT": ANY_URI,
        "get_httpserver_listen_address": lambda: (None, None),
    }


def _install() -> None:
    """Put the package and its modules where they are imported from."""
    package = types.ModuleType("pytest_httpserver")
    package.__path__ = []
    vars(package).update(_names())
    sys.modules[package.__name__] = package
    for name in ("httpserver", "hooks", "pytest_plugin", "bake", "blocking_httpserver"):
        module = types.ModuleType(f"pytest_httpserver.{name}")
        vars(module).update(_names())
        vars(module).update(Delay=compat.Delay, Chain=compat.Chain, Garbage=compat.Garbage)
        sys.modules[module.__name__] = module
        setattr(package, name, module)


_install()


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str | None, int | None]:
    """Where it listens, unless a test suite says otherwise."""
    return None, None


@pytest.fixture(scope="session")
def httpserver_ssl_context() -> None:
    """The context for TLS, unless a test suite gives one."""


@pytest.fixture(scope="session")
def make_httpserver(
    httpserver_listen_address: tuple[str | None, int | None], httpserver_ssl_context: ssl.SSLContext | None
) -> Iterator[HTTPServer]:
    """One for all tests."""
    host, port = httpserver_listen_address
    with HTTPServer(host or "localhost", port or 0, httpserver_ssl_context) as server:
        yield server


@pytest.fixture
def httpserver(make_httpserver: HTTPServer) -> HTTPServer:
    """The one, cleared."""
    make_httpserver.clear()
    return make_httpserver


@pytest.fixture
def httpserver_ipv4() -> Iterator[HTTPServer]:
    """At an address of IPv4."""
    with HTTPServer("127.0.0.1") as server:
        yield server


@pytest.fixture
def httpserver_ipv6() -> Iterator[HTTPServer]:
    """At an address of IPv6."""
    with HTTPServer("::1") as server:
        yield server
