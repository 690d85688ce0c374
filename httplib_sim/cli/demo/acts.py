"""The three acts: live and recorded, offline from the cassette, and against fake servers that answer from the cassette.

Law: each act performs the same program and returns what came through its sockets, as an observer at the socket saw
it; an act changes who answers, and nothing else.
"""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cassettes import use_cassette
from cassettes.recorder import Recorder
from cassettes.sockets import RecordingSocket
from fake_server import FakeServer
from httplib_sim import HTTPConnection, HTTPSConnection
from httplib_sim.cli.errors import Failure
from httplib_sim.waist import Origin

from .comparison import Seen
from .httpbin import HOST, Httpbin
from .program import program

if TYPE_CHECKING:
    import pathlib
    import ssl
    from collections.abc import Iterator

    from cassettes.exchange import Exchange

    from .certificates import Certificates

_TIMEOUT = 10.0
"""Seconds that the program waits for an answer: on this machine, an age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the program needs to be performed: whom to talk to over HTTP and HTTPS, whom to trust, what to send."""

    plain: Origin
    secure: Origin
    context: ssl.SSLContext
    upload: pathlib.Path
    token: str


def perform(stage: Stage) -> list[Seen]:
    """Run the program over HTTP, then over HTTPS, each over one connection; return what came, exchange by exchange.

    Raises `Failure` if the program needed more connections than these two.
    """
    connections = (
        HTTPConnection(stage.plain.host, stage.plain.port, timeout=_TIMEOUT),
        HTTPSConnection(stage.secure.host, stage.secure.port, timeout=_TIMEOUT, context=stage.context),
    )
    seen: list[Seen] = []
    for number, (origin, connection) in enumerate(zip((stage.plain, stage.secure), connections, strict=True), 1):
        with contextlib.closing(connection):
            seen += _observed(number, origin, connection, stage)
    return seen


def _observed(number: int, origin: Origin, connection: HTTPConnection, stage: Stage) -> list[Seen]:
    """Run the program over *connection*, with an observer between the client and its socket."""
    exchanges: list[Exchange] = []
    connection.connect()
    observed = RecordingSocket(connection.sock, Recorder(origin, exchanges.append, connection=number))
    connection.sock = observed
    contents = [response.read() for response in program(connection, stage.upload, stage.token)]
    if connection.sock is not observed or len(exchanges) != len(contents):
        raise Failure(f"{origin.url}: the connection was not kept alive through {len(contents)} exchanges")
    return [Seen(exchange, content) for exchange, content in zip(exchanges, contents, strict=True)]


def record(stage: Stage, path: pathlib.Path) -> list[Seen]:
    """Act 1: perform against real servers while a cassette at *path* records."""
    with use_cassette(path, mode="once"):
        return perform(stage)


def replay(stage: Stage, path: pathlib.Path) -> list[Seen]:
    """Act 2: perform from the cassette at *path* alone; mode none never makes a connection."""
    with use_cassette(path, mode="none"):
        return perform(stage)


@contextlib.contextmanager
def real_servers(folder: pathlib.Path, certificates: Certificates) -> Iterator[tuple[Origin, Origin]]:
    """Where httpbin is, over HTTP and HTTPS: ready when this is entered, and gone when it is left."""
    (folder / "http").mkdir()
    (folder / "https").mkdir()
    with contextlib.ExitStack() as stack:
        plain = Httpbin(folder / "http")
        stack.callback(plain.stop)
        secure = Httpbin(folder / "https", certificates)
        stack.callback(secure.stop)
        plain.wait_until_ready()
        secure.wait_until_ready()
        yield Origin("http", HOST, plain.port), Origin("https", HOST, secure.port)


def refusal(origin: Origin) -> str | None:
    """Return with which words a connection to *origin* is refused; None if somebody listens there."""
    try:
        socket.create_connection((origin.host, origin.port), timeout=_TIMEOUT).close()
    except ConnectionRefusedError as error:
        return error.strerror
    return None


@contextlib.contextmanager
def fake_servers(path: pathlib.Path, certificates: Certificates) -> Iterator[tuple[FakeServer, FakeServer]]:
    """Act 3: fake servers over HTTP and HTTPS that answer from the cassette at *path*."""
    with FakeServer(HOST) as plain, FakeServer(HOST, tls=certificates.server_context()) as secure:
        plain.serve_cassette(path)
        secure.serve_cassette(path)
        yield plain, secure
