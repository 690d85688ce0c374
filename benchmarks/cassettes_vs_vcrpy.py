"""What recording and replaying cost, beside the live exchange, and beside http.client under VCR.py.

Run it with ``python benchmarks/cassettes_vs_vcrpy.py``; ``--quick`` for a look. All run in one process, one by one,
against the least that a server can be: a thread that answers. The figures are processor time for each exchange, the
server's part included where there is one; on a busy machine figures swing, and ratios hold.
"""

from __future__ import annotations

import http.client
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import vcr  # type: ignore[import-untyped]

from cassettes import use_cassette
from httplib_sim import HTTPConnection

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: benchmark\r\nDate: Sun, 22 Nov 2026 20:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: 13\r\n\r\n"
    b'{"ok": "yes"}'
)


def serve() -> int:
    """Start a server that answers each request, which is one piece, with `ANSWER`; return its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            while connection.recv(65_536):
                connection.sendall(ANSWER)

    def accept() -> None:
        while True:
            threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


def exchanges(connect: Callable[[], HTTPConnection | http.client.HTTPConnection], count: int) -> None:
    """Make *count* different requests over one connection."""
    connection = connect()
    for number in range(count):
        connection.request("GET", f"/items/{number}?page=1")
        response = connection.getresponse()
        assert response.read() == ANSWER[-13:]
    connection.close()


def measure(name: str, count: int, run: Callable[[], None], reference: float | None = None) -> float:
    """Print and return the microseconds of processor time that each of *count* exchanges takes."""
    start = time.process_time()
    run()
    cost = (time.process_time() - start) / count * 1e6
    beside = f"{cost / reference:8.2f} x live" if reference else ""
    print(f"{name:32} {cost:9.1f} us {beside}")
    return cost


def main() -> None:
    """Measure, and print."""
    count = 200 if "--quick" in sys.argv else 1000
    port = serve()

    def ours() -> None:
        exchanges(lambda: HTTPConnection("127.0.0.1", port), count)

    def theirs() -> None:
        exchanges(lambda: http.client.HTTPConnection("127.0.0.1", port), count)

    with tempfile.TemporaryDirectory() as folder:
        path, other = Path(folder, "ours.yaml"), Path(folder, "theirs.yaml")

        def ours_used() -> None:
            with use_cassette(path):
                ours()

        def theirs_used() -> None:
            with vcr.use_cassette(str(other), record_mode="once"):
                theirs()

        ours()  # once for the imports
        live = measure("live, httplib_sim", count, ours)
        measure("recording, httplib_sim", count, ours_used, live)
        replay = measure("replaying, httplib_sim", count, ours_used, live)
        measure("live, http.client", count, theirs, live)
        measure("recording, VCR.py + http.client", count, theirs_used, live)
        peer = measure("replaying, VCR.py + http.client", count, theirs_used, live)
        print(f"replaying (opening included): {peer / replay:.0f} times as fast as VCR.py with http.client")


if __name__ == "__main__":
    main()
