"""How fast the client is, beside http.client (which it replaces) and a bare socket that carries the same octets.

Run it with ``python benchmarks/client_vs_stdlib.py``; ``--quick`` for a look. The figures are CPU time of the client
alone, in microseconds for each exchange (milliseconds for the long ones): the server is a process of its own, on the
same processor, and says what it says without thinking. The contenders take turns, round after round, and the best round
of each counts: on a busy machine figures swing, and ratios hold. Every answer is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import trustme

import httplib_sim
import httplib_sim.client

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterator

FIELDS = (
    b"Date: Sun, 22 Nov 2026 20:00:00 GMT\r\nServer: benchmark\r\nContent-Type: text/plain\r\n"
    b"Cache-Control: no-cache\r\nX-Request-Id: 0123456\r\nVary: Accept\r\n"
)
MANY = b"".join(b"X-Field-Number-%02d: a value of the usual length, %d\r\n" % (i, i) for i in range(58))
HEADERS = {"User-Agent": "benchmark/1.0", "Accept": "*/*"}
MIB = 1_048_576
LONG = 64 * MIB


def answers() -> dict[bytes, bytes]:
    """What the server says, by target."""
    ok = b"HTTP/1.1 200 OK\r\n"
    chunks = (b"400\r\n" + b"x" * 1024 + b"\r\n") * 64 + b"0\r\n\r\n"
    return {
        b"/small": ok + FIELDS + b"Content-Length: 13\r\n\r\nhello, world!",
        b"/many": ok + MANY + b"Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nhello, world!",
        b"/chunks": ok + FIELDS + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
        b"/close": ok + FIELDS + b"Content-Length: 13\r\nConnection: close\r\n\r\nhello, world!",
        b"/long": ok + FIELDS + b"Content-Length: %d\r\n\r\n" % LONG,
        b"/upload": ok + FIELDS + b"Content-Length: 13\r\n\r\nhello, world!",
    }


def converse(sock: socket.socket, said: dict[bytes, bytes]) -> None:
    """Answer the requests of one connection."""
    block = b"y" * MIB
    while head := sock.recv(65_536):
        target = head.split(b" ", 2)[1]
        if target == b"/upload":
            top, _, body = head.partition(b"\r\n\r\n")
            left = int(top.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) - len(body)
            buffer = bytearray(MIB)
            while left:
                left -= sock.recv_into(buffer, min(left, MIB))
        sock.sendall(said[target])
        if target == b"/long":
            for _ in range(LONG // MIB):
                sock.sendall(block)
        if target == b"/close":
            return


def serve() -> None:
    """Be the server: print the ports of HTTP and HTTPS and the CA's certificate's path, then answer until killed."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    certificate = Path(tempfile.mkdtemp()) / "ca.pem"
    authority.cert_pem.write_to_path(str(certificate))
    said = answers()

    def handle(sock: socket.socket, *, secure: bool) -> None:
        with contextlib.suppress(OSError), contextlib.closing(sock):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(sock, server_side=True) if secure else sock as final:
                converse(final, said)

    def accept(listener: socket.socket, *, secure: bool) -> None:
        while True:
            threading.Thread(
                target=handle, args=(listener.accept()[0],), kwargs={"secure": secure}, daemon=True
            ).start()

    plain, secured = (socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(2))
    threading.Thread(target=accept, args=(secured,), kwargs={"secure": True}, daemon=True).start()
    print(plain.getsockname()[1], secured.getsockname()[1], certificate, flush=True)
    accept(plain, secure=False)


class Server(NamedTuple):
    """Where the server is."""

    port: int
    tls_port: int
    certificate: str


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Start the server in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, tls_port, certificate = process.stdout.readline().split()
        try:
            yield Server(int(port), int(tls_port), certificate)
        finally:
            process.kill()


class Load(NamedTuple):
    """One kind of exchange."""

    title: str
    target: str
    exchanges: int
    look: Callable[[Any], object] = lambda response: response.status
    secure: bool = False
    body: bool = False


LOADS = [
    Load("small GET, connection kept", "/small", 300),
    Load("60 header lines, one looked up", "/many", 150, lambda response: response.getheader("content-type")),
    Load("60 header lines, all read", "/many", 150, lambda response: response.getheaders()),
    Load("64 chunks of 1 KiB", "/chunks", 100),
    Load("small GET over TLS", "/small", 200, secure=True),
    Load("small GET, new connection each", "/close", 150),
    Load(f"download of {LONG // MIB} MiB", "/long", 1),
    Load(f"upload of {LONG // MIB} MiB from a file", "/upload", 1, body=True),
]


def through(module: types.ModuleType, load: Load, where: Server, file: Path) -> Callable[[], bytes]:
    """Return what makes one exchange with the client *module*, and returns the content."""
    if load.secure:
        context = ssl.create_default_context(cafile=where.certificate)
        connection = module.HTTPSConnection("localhost", where.tls_port, context=context)
    else:
        connection = module.HTTPConnection("127.0.0.1", where.port, blocksize=65_536)
    method = "POST" if load.body else "GET"
    length = {"Content-Length": str(file.stat().st_size)} if load.body else {}

    def exchange() -> bytes:
        if load.body:
            with file.open("rb") as body:
                connection.request(method, load.target, body, {**HEADERS, **length})
        else:
            connection.request(method, load.target, headers=HEADERS)
        response = connection.getresponse()
        load.look(response)
        content: bytes = response.read()
        return content

    return exchange


def bare(load: Load, where: Server, file: Path) -> Callable[[], bytes]:
    """Return what sends the same octets, and receives as many as must come, without looking at them."""
    answer = answers()[load.target.encode()]
    size = len(answer) + (LONG if load.target == "/long" else 0)
    length = f"Content-Length: {file.stat().st_size}\r\n" if load.body else ""
    lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    method = "POST" if load.body else "GET"
    start = f"{method} {load.target} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n"
    request = f"{start}{lines}{length}\r\n".encode()

    def connect() -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", where.tls_port if load.secure else where.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if load.secure:
            return ssl.create_default_context(cafile=where.certificate).wrap_socket(sock, server_hostname="localhost")
        return sock

    kept = connect()

    def exchange() -> bytes:
        sock = connect() if load.target == "/close" else kept
        sock.sendall(request)
        if load.body:
            with file.open("rb") as body:
                while block := body.read(65_536):
                    sock.sendall(block)
        if size > MIB and not load.secure:
            received = sock.recv(size, socket.MSG_WAITALL)
        else:
            pieces = []
            left = size
            while left:
                pieces.append(sock.recv(65_536))
                left -= len(pieces[-1])
            received = b"".join(pieces)
        if sock is not kept:
            sock.close()
        return received[-13:]

    return exchange


def best_times(exchanges: dict[str, Callable[[], bytes]], count: int, rounds: int) -> dict[str, float]:
    """Return the best CPU time of one exchange, in microseconds, of each contender."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, exchange in exchanges.items():
            begin = time.process_time()
            for _ in range(count):
                exchange()
            took = (time.process_time() - begin) / count * 1e6
            best[name] = min(best.get(name, took), took)
    return best


def measure(load: Load, where: Server, file: Path, rounds: int) -> str:
    """Measure one load, and return its line."""
    exchanges = {
        "httplib": through(httplib_sim, load, where, file),
        "client": through(httplib_sim.client, load, where, file),
        "stdlib": through(http.client, load, where, file),
    }
    assert len({exchange() for exchange in exchanges.values()}) == 1
    exchanges["bare"] = bare(load, where, file)
    exchanges["bare"]()
    best = best_times(exchanges, load.exchanges, rounds if load.exchanges > 1 else max(rounds // 4, 3))
    unit = 1.0 if load.exchanges > 1 else 1000.0
    faces = [f"{best[name] / unit:.1f} ({best['stdlib'] / best[name]:.1f})" for name in ("httplib", "client")]
    bare_cell = f"{best['bare'] / unit:.1f} ({best['bare'] / best['httplib']:.2f})"
    return f"{load.title:<34}{faces[0]:>18}{faces[1]:>18}{best['stdlib'] / unit:>14.1f}{bare_cell:>22}"


def main() -> None:
    """Measure, and print a line for each load."""
    parser = argparse.ArgumentParser(description="The client beside http.client and a bare socket: CPU time.")
    parser.add_argument("--quick", action="store_true", help="few rounds, for a look")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if arguments.serve:
        serve()
    with server() as where, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "upload")
        file.write_bytes(b"z" * LONG)
        print("CPU us an exchange (ms for the long ones); in brackets how many times as fast as http.client,")
        print("and behind the bare socket what part of its speed is left")
        print(f"{'':<34}{'httplib_sim':>18}{'.client':>18}{'http.client':>14}{'bare socket':>22}")
        for load in LOADS:
            print(measure(load, where, file, 8 if arguments.quick else 40), flush=True)


if __name__ == "__main__":
    main()
