"""How fast the fake server is, beside pytest-httpserver, cheroot, waitress, and a socket loop that does no HTTP at all.

Run it with ``python benchmarks/fake_server_vs_peers.py``; ``--quick`` for a look. All are measured in turn in one
process, in rounds, since on a busy machine figures swing and ratios hold; the best round of each counts. Clients are
plain socket loops in the same process, as a test's client is. Client and server take turns at the interpreter's lock,
so the process is held to one processor, unless ``--spread`` is given: else the figures show, above all, what it costs
the machine to wake another processor for each turn.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pytest_httpserver import HTTPServer
from werkzeug import Response

from fake_server import FakeServer
from fake_server.certificates import authority

if TYPE_CHECKING:
    import ssl
    from wsgiref.types import StartResponse, WSGIEnvironment

REQUEST = b"GET /a HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: benchmark\r\n\r\n"
CONTENT = b"x" * 100


class Target(NamedTuple):
    """A server to be measured."""

    address: tuple[str, int]
    context: ssl.SSLContext | None = None
    keeps_alive: bool = True


Server = Callable[[], contextlib.AbstractContextManager[Target]]


@contextlib.contextmanager
def socket_loop() -> Iterator[Target]:
    """The least that a thread can do: receive, and send an answer that was made before."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n" + CONTENT
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)

    def serve(sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with sock:
            while sock.recv(65_536):
                sock.sendall(answer)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield Target(listener.getsockname())
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@contextlib.contextmanager
def ours() -> Iterator[Target]:
    """A canned answer."""
    with FakeServer() as server:
        server.expect("/a").respond(data=CONTENT)
        yield Target((server.host, server.port))


@contextlib.contextmanager
def ours_with_data() -> Iterator[Target]:
    """pytest-httpserver's words: werkzeug makes the response, once."""
    with FakeServer() as server:
        server.expect_request("/a").respond_with_data(CONTENT)
        yield Target((server.host, server.port))


@contextlib.contextmanager
def ours_with_handler() -> Iterator[Target]:
    """A handler is given a werkzeug Request and makes a Response for each."""
    with FakeServer() as server:
        server.expect_request("/a").respond_with_handler(lambda _: Response(CONTENT))
        yield Target((server.host, server.port))


@contextlib.contextmanager
def ours_over_tls() -> Iterator[Target]:
    """A canned answer over HTTPS."""
    with FakeServer(tls=True) as server:
        server.expect("/a").respond(data=CONTENT)
        yield Target((server.host, server.port), server.tls.client_context())


@contextlib.contextmanager
def incumbent() -> Iterator[Target]:
    """pytest-httpserver as its fixture makes it."""
    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/a").respond_with_data(CONTENT)
        yield Target((server.host, server.port), keeps_alive=False)


@contextlib.contextmanager
def incumbent_over_tls() -> Iterator[Target]:
    """pytest-httpserver with a certificate of ours."""
    context = authority().server_context("127.0.0.1")
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/a").respond_with_data(CONTENT)
        yield Target((server.host, server.port), authority().client_context(), keeps_alive=False)


@contextlib.contextmanager
def cheroot() -> Iterator[Target]:
    """The server of CherryPy, with the least of an application."""
    from cheroot.wsgi import Server  # noqa: PLC0415

    server = Server(("127.0.0.1", 0), application, numthreads=40)
    server.prepare()
    threading.Thread(target=server.serve, daemon=True).start()
    yield Target(server.bind_addr)
    server.stop()


@contextlib.contextmanager
def waitress() -> Iterator[Target]:
    """The server of Pyramid, with the least of an application."""
    from waitress.server import create_server  # noqa: PLC0415

    server = create_server(application, host="127.0.0.1", port=0, threads=16)

    def run() -> None:
        with contextlib.suppress(OSError):  # it does not notice that it is closed
            server.run()

    threading.Thread(target=run, daemon=True).start()
    yield Target(("127.0.0.1", server.effective_port))
    server.close()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:  # noqa: ARG001  as WSGI has it
    """Answer as the others do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(CONTENT)))])
    return [CONTENT]


def connected(target: Target) -> socket.socket:
    """Return a new connection, TLS and all."""
    sock = socket.create_connection(target.address)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock if target.context is None else target.context.wrap_socket(sock, server_hostname=target.address[0])


def answered(sock: socket.socket) -> bool:
    """Send the request and read the answer; tell whether the connection may be used again."""
    sock.sendall(REQUEST)
    got = b""
    while not got.endswith(CONTENT):
        octets = sock.recv(65_536)
        if not octets:
            raise SystemExit(f"expected an answer that ends in the content, got {got!r}")
        got += octets
    return True


def one_connection(target: Target, count: int) -> float:
    """Requests per second, one after the other, over one connection where the server keeps it."""
    begin = time.perf_counter()
    if target.keeps_alive:
        with connected(target) as sock:
            for _ in range(count):
                answered(sock)
    else:
        new_connections(target, count)
    return count / (time.perf_counter() - begin)


def new_connections(target: Target, count: int) -> float:
    """Requests per second, each over a connection of its own."""
    begin = time.perf_counter()
    for _ in range(count):
        with connected(target) as sock:
            answered(sock)
    return count / (time.perf_counter() - begin)


def sixteen_connections(target: Target, count: int) -> float:
    """Requests per second of sixteen clients at once; none where a client waits for its answer in vain."""
    gate = threading.Barrier(17, timeout=20.0)

    def client() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait()
            one_connection(target, count // 16)
            gate.wait()

    for _ in range(16):
        threading.Thread(target=client, daemon=True).start()
    gate.wait()
    begin = time.perf_counter()
    try:
        gate.wait()
    except threading.BrokenBarrierError:
        return 0.0
    return count / (time.perf_counter() - begin)


def cycles(count: int, make: Callable[[], FakeServer | HTTPServer]) -> tuple[float, float, float]:
    """Return the median milliseconds of starting, of stopping, and of a whole life with one request."""
    starts, stops, lives = [], [], []
    for _ in range(count):
        begin = time.perf_counter()
        server = make()
        server.start()
        started = time.perf_counter()
        server.expect_request("/a").respond_with_data(CONTENT)
        with connected(Target((server.host, server.port))) as sock:
            answered(sock)
        stopping = time.perf_counter()
        server.stop()
        end = time.perf_counter()
        starts.append(started - begin)
        stops.append(end - stopping)
        lives.append(end - begin)
    start, stop, life = (statistics.median(times) * 1e3 for times in (starts, stops, lives))
    return start, stop, life


def idle_stop(count: int, make: Callable[[], FakeServer | HTTPServer]) -> float:
    """Return the median milliseconds of stopping a server to which nothing has happened for a while."""
    never = threading.Event()
    times = []
    for _ in range(count):
        server = make()
        server.start()
        never.wait(0.06)
        begin = time.perf_counter()
        server.stop()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e3


def simultaneous(count: int) -> float:
    """Return the milliseconds in which *count* connections are made and answered while all stay open."""
    with ours() as target, contextlib.ExitStack() as stack:
        begin = time.perf_counter()
        socks = [stack.enter_context(connected(target)) for _ in range(count)]
        for sock in socks:
            sock.sendall(REQUEST)
        for sock in socks:
            if not sock.recv(65_536):
                raise SystemExit("a connection was closed without an answer")
        return (time.perf_counter() - begin) * 1e3


MEASURES = (
    ("one connection", one_connection),
    ("new connections", new_connections),
    ("16 clients", sixteen_connections),
)

PLAIN: tuple[Server, ...] = (incumbent, ours, ours_with_data, ours_with_handler, cheroot, waitress, socket_loop)
TLS: tuple[Server, ...] = (incumbent_over_tls, ours_over_tls)


def rates(servers: tuple[Server, ...], count: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return the best rate of each server by each measure, over *rounds* rounds."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for server in servers:
            for name, measure in MEASURES:
                with server() as target:
                    rate = measure(target, count if target.keeps_alive else count // 8)
                row = best.setdefault(server.__name__, {})
                row[name] = max(row.get(name, 0), rate)
    return best


def show(best: dict[str, dict[str, float]]) -> None:
    """Print rates, each with how many times the first server's it is."""
    first = next(iter(best.values()))
    print(f"{'requests per second':22}" + "".join(f"{name:>26}" for name in first))
    for server, row in best.items():
        cells = [f"{rate:,.0f} ({rate / first[name]:.1f} x)" for name, rate in row.items()]
        print(f"{server:22}" + "".join(f"{cell:>26}" for cell in cells))
    print()


def main() -> None:
    """Measure, and print."""
    for noisy in ("werkzeug", "waitress"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests: a look, not a measurement")
    parser.add_argument("--spread", action="store_true", help="use all processors, as the system sees fit")
    arguments = parser.parse_args()
    quick = arguments.quick
    if not arguments.spread and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    show(rates(PLAIN, 800 if quick else 8000, 1 if quick else 3))
    show(rates(TLS, 400 if quick else 2000, 1 if quick else 2))
    print(f"{'milliseconds, median':22}{'start':>12}{'stop':>12}{'stop when idle':>18}{'start, 1 request, stop':>26}")
    for name, make, count in (
        ("FakeServer", FakeServer, 20 if quick else 200),
        ("pytest-httpserver", lambda: HTTPServer(host="127.0.0.1"), 2 if quick else 8),
    ):
        start, stop, life = cycles(count, make)
        print(f"{name:22}{start:12.2f}{stop:12.2f}{idle_stop(5, make):18.2f}{life:26.2f}")
    print(f"\n500 simultaneous connections answered in {simultaneous(500):.0f} ms")


if __name__ == "__main__":
    main()
