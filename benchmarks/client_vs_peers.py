"""How fast the client is, beside http.client, which it replaces, other clients, and a bare socket.

The bare socket carries the same octets, and looks at none of them: it is the limit.

Run it with ``python benchmarks/client_vs_peers.py``; ``--quick`` for a look. The server is a process of its own, on the
same processor, and says what it says without thinking. Every answer is checked.

What is measured is CPU time of the client alone, in microseconds for each exchange (milliseconds for the long ones).
The contenders take turns, round after round, and the best round of each counts: on a busy machine figures swing, and
ratios hold. With ``--instructions`` it is user-space instructions instead, counted by valgrind, which must be there:
they hardly swing at all, and leave out what the system does.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import shutil
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

    Exchange = Callable[[], bytes]

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
    look: Callable[[Any], object] = lambda headers: headers
    secure: bool = False
    body: bool = False

    @property
    def is_long(self) -> bool:
        """Whether an exchange carries so much that the peers that take minutes for it are left out."""
        return self.exchanges == 1


LOADS = {
    "small": Load("small GET, connection kept", "/small", 300),
    "one-of-60": Load("60 header lines, one looked up", "/many", 150, lambda headers: headers.get("content-type")),
    "all-of-60": Load("60 header lines, all read", "/many", 150, lambda headers: list(headers.items())),
    "chunks": Load("64 chunks of 1 KiB", "/chunks", 100),
    "tls": Load("small GET over TLS", "/small", 200, secure=True),
    "connect": Load("small GET, new connection each", "/close", 150),
    "download": Load(f"download of {LONG // MIB} MiB", "/long", 1),
    "upload": Load(f"upload of {LONG // MIB} MiB from a file", "/upload", 1, body=True),
}


class Headers(NamedTuple):
    """The headers of an httplib response as `Load.look` wants them: each client by its own quickest way."""

    get: Callable[[str], Any]
    items: Callable[[], Any]


def httplib_like(module: types.ModuleType) -> Callable[[Load, Server, Path], Exchange]:
    """Return the contender that the client *module* is."""

    def prepare(load: Load, where: Server, file: Path) -> Exchange:
        if load.secure:
            context = ssl.create_default_context(cafile=where.certificate)
            connection = module.HTTPSConnection("localhost", where.tls_port, context=context)
        else:
            connection = module.HTTPConnection("127.0.0.1", where.port, blocksize=65_536)
        length = {"Content-Length": str(file.stat().st_size)} if load.body else {}

        def exchange() -> bytes:
            if load.body:
                with file.open("rb") as body:
                    connection.request("POST", load.target, body, {**HEADERS, **length})
            else:
                connection.request("GET", load.target, headers=HEADERS)
            response = connection.getresponse()
            load.look(Headers(response.getheader, response.getheaders))
            content: bytes = response.read()
            return content

        return exchange

    return prepare


def url_of(load: Load, where: Server) -> str:
    """Return where *load* goes."""
    origin = f"https://localhost:{where.tls_port}" if load.secure else f"http://127.0.0.1:{where.port}"
    return origin + load.target


def urllib3(load: Load, where: Server, file: Path) -> Exchange:
    """A pool of one connection."""
    import urllib3  # noqa: PLC0415  a peer is loaded where it is measured, and nowhere else

    pool = urllib3.PoolManager(ca_certs=where.certificate, retries=False)
    url = url_of(load, where)

    def exchange() -> bytes:
        if load.body:
            with file.open("rb") as body:
                length = {"Content-Length": str(file.stat().st_size)}
                return pool.request("POST", url, body=body, headers={**HEADERS, **length}).data
        response = pool.request("GET", url, headers=HEADERS)
        load.look(response.headers)
        return response.data

    return exchange


def requests(load: Load, where: Server, file: Path) -> Exchange:
    """A session."""
    import requests  # noqa: PLC0415

    session = requests.Session()
    session.verify = where.certificate
    session.trust_env = False
    url = url_of(load, where)

    def exchange() -> bytes:
        if load.body:
            with file.open("rb") as body:
                return session.post(url, data=body, headers=HEADERS).content
        response = session.get(url, headers=HEADERS)
        load.look(response.headers)
        return response.content

    return exchange


def httpx(load: Load, where: Server, file: Path) -> Exchange:
    """A client."""
    import httpx  # noqa: PLC0415

    context = ssl.create_default_context(cafile=where.certificate) if load.secure else False
    client = httpx.Client(verify=context, trust_env=False)
    url = url_of(load, where)

    def exchange() -> bytes:
        if load.body:
            with file.open("rb") as body:
                length = {"Content-Length": str(file.stat().st_size)}
                return client.post(url, content=body, headers={**HEADERS, **length}).content
        response = client.get(url, headers=HEADERS)
        load.look(response.headers)
        return response.content

    return exchange


def pycurl(load: Load, where: Server, file: Path) -> Exchange:
    """One handle, which keeps its connection; headers are collected line by line where they are looked at."""
    import pycurl  # noqa: PLC0415

    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url_of(load, where))
    handle.setopt(pycurl.HTTPHEADER, [*(f"{name}: {value}" for name, value in HEADERS.items()), "Expect:"])
    handle.setopt(pycurl.CAINFO, where.certificate)
    if load.body:
        handle.setopt(pycurl.POST, 1)
        handle.setopt(pycurl.POSTFIELDSIZE_LARGE, file.stat().st_size)

    def exchange() -> bytes:
        pieces: list[bytes] = []
        lines: list[bytes] = []
        handle.setopt(pycurl.WRITEFUNCTION, pieces.append)
        handle.setopt(pycurl.HEADERFUNCTION, lines.append)
        if load.body:
            with file.open("rb") as body:
                handle.setopt(pycurl.READDATA, body)
                handle.perform()
        else:
            handle.perform()
            pairs = [line.decode("latin-1").partition(": ")[::2] for line in lines]
            load.look({name.lower(): value.strip() for name, value in pairs})
        return b"".join(pieces)

    return exchange


def connect(load: Load, where: Server) -> socket.socket:
    """Return a bare connection."""
    sock = socket.create_connection(("127.0.0.1", where.tls_port if load.secure else where.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if load.secure:
        return ssl.create_default_context(cafile=where.certificate).wrap_socket(sock, server_hostname="localhost")
    return sock


def request_of(load: Load, file: Path) -> bytes:
    """Return the head of the request, as octets."""
    length = f"Content-Length: {file.stat().st_size}\r\n" if load.body else ""
    lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    start = f"{'POST' if load.body else 'GET'} {load.target} HTTP/1.1\r\nHost: localhost\r\n"
    return f"{start}Accept-Encoding: identity\r\n{lines}{length}\r\n".encode()


def httptools(load: Load, where: Server, file: Path) -> Exchange:
    """A loop round the parser of Node.js, in C: what could be reached with it."""
    import httptools  # noqa: PLC0415

    class Answer:
        def __init__(self) -> None:
            self.headers: list[tuple[bytes, bytes]] = []
            self.pieces: list[bytes] = []
            self.complete = False
            self.on_header = lambda name, value: self.headers.append((name, value))
            self.on_body = self.pieces.append

        def on_message_complete(self) -> None:
            self.complete = True

    request = request_of(load, file)
    kept = connect(load, where)

    def exchange() -> bytes:
        sock = connect(load, where) if load.target == "/close" else kept
        sock.sendall(request)
        answer = Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.complete:
            parser.feed_data(sock.recv(65_536))
        load.look({name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers})
        if sock is not kept:
            sock.close()
        return b"".join(answer.pieces)

    return exchange


def bare(load: Load, where: Server, file: Path) -> Exchange:
    """Send the same octets, and receive as many as must come, without looking at them: the limit."""
    said = answers()[load.target.encode()]
    size = len(said) + (LONG if load.target == "/long" else 0)
    request = request_of(load, file)
    kept = connect(load, where)

    def exchange() -> bytes:
        sock = connect(load, where) if load.target == "/close" else kept
        sock.sendall(request)
        if load.body:
            with file.open("rb") as body:
                while block := body.read(65_536):
                    sock.sendall(block)
        if size > MIB:
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
        return received

    return exchange


CONTENDERS: dict[str, Callable[[Load, Server, Path], Exchange]] = {
    "httplib_sim": httplib_like(httplib_sim),
    "httplib_sim.client": httplib_like(httplib_sim.client),
    "http.client": httplib_like(http.client),
    "urllib3": urllib3,
    "requests": requests,
    "httpx": httpx,
    "pycurl": pycurl,
    "httptools": httptools,
    "bare socket": bare,
}
SHORT_ONLY = frozenset({"httptools"})
FAITHFUL = [name for name in CONTENDERS if name != "bare socket"]
"""Those that give the content; the bare socket gives all that it has received."""


def contenders(load: Load) -> list[str]:
    """Return who takes part in *load*."""
    return [name for name in CONTENDERS if not (load.is_long and name in SHORT_ONLY)]


def best_times(load: Load, where: Server, file: Path, rounds: int) -> dict[str, float]:
    """Return the best CPU time of one exchange, in microseconds, of each contender."""
    exchanges = {name: CONTENDERS[name](load, where, file) for name in contenders(load)}
    assert len({exchange() for name, exchange in exchanges.items() if name in FAITHFUL}) == 1
    exchanges["bare socket"]()
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, exchange in exchanges.items():
            begin = time.process_time()
            for _ in range(load.exchanges):
                exchange()
            took = (time.process_time() - begin) / load.exchanges * 1e6
            best[name] = min(best.get(name, took), took)
    return best


def instructions(name: str, key: str, where: Server, file: Path) -> float:
    """Return how many instructions one exchange takes: those of a run of many, without those of a run of few."""

    def count(exchanges: int) -> int:
        program = [sys.executable, str(Path(__file__)), "--run", name, key, str(exchanges), *map(str, where), str(file)]
        counter = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        text = subprocess.run([*counter, *program], capture_output=True, text=True, check=True, env=environment).stderr
        found = re.search(r"Collected : (\d+)", text)
        assert found is not None, text
        return int(found[1])

    few, many = (2, 6) if LOADS[key].is_long else (20, 120)
    return (count(many) - count(few)) / (many - few)


def run(name: str, key: str, exchanges: str, *rest: str) -> None:
    """Be what `instructions` counts."""
    port, tls_port, certificate, file = rest
    exchange = CONTENDERS[name](LOADS[key], Server(int(port), int(tls_port), certificate), Path(file))
    for _ in range(int(exchanges)):
        exchange()


def show(load: Load, figures: dict[str, float], unit: float) -> None:
    """Print the figures of one load, and what they are to http.client's and to the limit's."""
    print(f"\n{load.title}")
    for name, figure in figures.items():
        to_stdlib, to_bare = figures["http.client"] / figure, figures["bare socket"] / figure
        print(f"    {name:<20}{figure / unit:>10.1f}{to_stdlib:>10.2f}{to_bare:>10.2f}", flush=True)


def main() -> None:
    """Measure, and print a table for each load."""
    parser = argparse.ArgumentParser(description="The client beside its peers and a bare socket.")
    parser.add_argument("loads", nargs="*", metavar="LOAD", help=f"one or more of {', '.join(LOADS)}")
    parser.add_argument("--quick", action="store_true", help="few rounds, for a look")
    parser.add_argument("--instructions", action="store_true", help="count instructions, with valgrind")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--run", nargs=7, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run(*arguments.run)
        return
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if arguments.serve:
        serve()
    if arguments.instructions and not shutil.which("valgrind"):
        parser.error("valgrind, which counts the instructions, was not found")
    if unknown := sorted(set(arguments.loads) - set(LOADS)):
        parser.error(f"there is no load {unknown[0]!r}; there are {', '.join(LOADS)}")
    with server() as where, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "upload")
        file.write_bytes(b"z" * LONG)
        what = "thousands of instructions" if arguments.instructions else "CPU us (ms for the long ones)"
        print(f"{what} an exchange; speed as a multiple of http.client's, and of the bare socket's")
        for key in arguments.loads or LOADS:
            load = LOADS[key]
            if arguments.instructions:
                show(load, {name: instructions(name, key, where, file) for name in contenders(load)}, 1000)
            else:
                rounds = 8 if arguments.quick else 40
                figures = best_times(load, where, file, max(rounds // 4, 3) if load.is_long else rounds)
                show(load, figures, 1000 if load.is_long else 1)


if __name__ == "__main__":
    main()
