"""What recording and replaying cost, beside the live exchange, and beside http.client under VCR.py.

Run it with ``python benchmarks/cassettes_vs_vcrpy.py``; ``--quick`` for a look. All run in one process, one by one,
against the least that a server can be: a thread that answers. The figures are processor time for each exchange, the
server's part included where there is one; on a busy machine figures swing, and ratios hold.

Answers are all the same, and then each another, with a request's number and a record: what comes again is cheaper.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import statistics
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


def the_same(_: int) -> bytes:
    """Return `ANSWER`."""
    return ANSWER


def another(number: int) -> bytes:
    """Return an answer that no other is like: a record in JSON, of some 200 octets."""
    record = {
        "id": number,
        "name": f"Ann {number}",
        "email": f"ann{number}@example.com",
        "active": number % 2 == 0,
        "score": number * 1.5,
        "tags": ["admin", "staff"],
        "address": {"street": f"{number} Main Street", "city": "Springfield", "zip": "12345"},
        "since": "2026-11-22T20:00:00Z",
    }
    content = json.dumps(record).encode()
    head = (
        "HTTP/1.1 200 OK\r\nServer: benchmark\r\nDate: Sun, 22 Nov 2026 20:00:00 GMT\r\n"
        f"Content-Type: application/json\r\nX-Request-Id: {number}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def serve(answer_to: Callable[[int], bytes] = the_same) -> int:
    """Start a server that answers each request, which is one piece, by its number; return its port."""
    answers = [answer_to(number) for number in range(1000)]
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = 0
        with connection:
            while connection.recv(65_536):
                connection.sendall(answers[number % 1000])
                number += 1

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
        assert response.status == 200
        assert response.read()[-1:] == b"}"
    connection.close()


def measure(name: str, count: int, run: Callable[[], None], reference: float | None = None) -> float:
    """Print and return the microseconds of processor time that each of *count* exchanges takes."""
    start = time.process_time()
    run()
    cost = (time.process_time() - start) / count * 1e6
    beside = f"{cost / reference:8.2f} x live" if reference else ""
    print(f"{name:32} {cost:9.1f} us {beside}")
    return cost


def measure_recording(name: str, answer_to: Callable[[int], bytes], count: int, rounds: int = 7) -> None:
    """Print what recording *count* exchanges adds to each, beside the live exchange: medians of rounds by turns."""
    port = serve(answer_to)
    live: list[float] = []
    recorded: list[float] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for costs, path in ((live, None), (recorded, Path(folder, "recorded.yaml"))):
                start = time.process_time()
                with contextlib.nullcontext() if path is None else use_cassette(path):
                    exchanges(lambda: HTTPConnection("127.0.0.1", port), count)
                costs.append((time.process_time() - start) / count * 1e6)
    plain, cost = statistics.median(live), statistics.median(recorded)
    print(f"{name:32} {cost - plain:9.1f} us on top of {plain:.1f} us live")


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
        measure_recording("recording, the same answer", the_same, count)
        measure_recording("recording, another answer each", another, count)
        measure_recording("the same, ten times as many", another, count * 10, rounds=1)
        print(f"replaying (opening included): {peer / replay:.0f} times as fast as VCR.py with http.client")


if __name__ == "__main__":
    main()
