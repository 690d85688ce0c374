"""How fast the codec is, beside h11 (Python, as ours) and httptools (llhttp, in C).

Run it with ``python benchmarks/wire_vs_h11.py``; ``--quick`` for a look. All parse the same octets, each as its users
do, and every answer is checked. The contenders take turns in one process, round after round, and the best round of each
counts: on a busy machine figures swing, and ratios hold.

"client" is the way of httplib_sim's own client: a section, a head, its framing, content; "events" is a MessageReader.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, NamedTuple

import h11
import httptools

from httplib_sim import wire

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 20:00:00 GMT\r\nServer: nginx/1.27\r\n"
    b"Content-Type: application/json\r\nContent-Length: 13\r\nConnection: keep-alive\r\n"
    b"Cache-Control: no-cache\r\nX-Request-Id: 0123456\r\nVary: Accept\r\n"
    b'\r\n{"ok": "yes"}'
)
MANY = (
    b"HTTP/1.1 200 OK\r\n"
    + b"".join(b"X-Field-Number-%02d: a value of the usual length, %d\r\n" % (i, i) for i in range(58))
    + b"Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nhello, world!"
)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 64 + b"0\r\n\r\n"
)
REQUEST = (
    b"GET /path/to/a/page?with=query HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: benchmark/1.0\r\n"
    b"Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n\r\n"
)
MIB = b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + b"y" * 1_048_576
MIB_PIECES = [MIB[i : i + 65_536] for i in range(0, len(MIB), 65_536)]


class Answer(NamedTuple):
    """What a contender read: content, and two ways of looking at fields."""

    content: bytes
    one: Callable[[], object]
    all: Callable[[], list[tuple[str, str]]]


def client(pieces: list[bytes]) -> Answer:
    """Our codec as our client uses it."""
    inbox = wire.Inbox(pieces[0])
    section = inbox.take_section()
    assert section is not None
    head = wire.parse_response_head(section, wire.CLIENT, wire.LIMITS)
    framing = wire.response_framing(head, "GET")
    assert wire.keeps_alive(head)
    if framing.kind is wire.BodyKind.CHUNKED:
        content = wire.ChunkedReader(wire.CLIENT, wire.LIMITS).take_content(inbox)
    else:
        parts = [inbox.take(framing.length)]
        for piece in pieces[1:]:
            inbox.feed(piece)
            parts.append(inbox.take(framing.length))
        content = b"".join(parts)
    return Answer(content, lambda: head.fields.get("content-type"), head.fields.pairs)


def _events(reader: wire.MessageReader, pieces: list[bytes]) -> Answer:
    arriving = iter(pieces)
    content: list[bytes] = []
    fields = wire.Fields()
    while (event := reader.next_event()) is not wire.END_OF_MESSAGE:
        if event is wire.NEED_DATA:
            reader.feed(next(arriving))
        elif isinstance(event, wire.Data):
            content.append(event.content)
        elif isinstance(event, wire.RequestHead | wire.ResponseHead):
            fields = event.fields
    return Answer(b"".join(content), lambda: fields.get("content-type"), fields.pairs)


def events(pieces: list[bytes]) -> Answer:
    """Our codec's events, for responses."""
    reader = wire.ResponseReader()
    reader.expect("GET")
    return _events(reader, pieces)


def request_events(pieces: list[bytes]) -> Answer:
    """Our codec's events, for requests."""
    return _events(wire.RequestReader(), pieces)


def _h11(connection: h11.Connection, pieces: list[bytes]) -> Answer:
    arriving = iter(pieces)
    content: list[bytes] = []
    headers: list[tuple[bytes, bytes]] = []
    while type(event := connection.next_event()) is not h11.EndOfMessage:
        if event is h11.NEED_DATA:
            connection.receive_data(next(arriving))
        elif isinstance(event, h11.Data):
            content.append(bytes(event.data))
        elif isinstance(event, h11.Request | h11.Response):
            headers = list(event.headers)
    return _raw_answer(content, headers)


def _raw_answer(content: list[bytes], headers: list[tuple[bytes, bytes]]) -> Answer:
    def one() -> object:
        return next(value for name, value in headers if name.lower() == b"content-type").decode("latin-1")

    def all_of_them() -> list[tuple[str, str]]:
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]

    return Answer(b"".join(content), one, all_of_them)


def by_h11(pieces: list[bytes]) -> Answer:
    """h11 as a client."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(H11_REQUEST)
    connection.send(H11_END)
    return _h11(connection, pieces)


def request_by_h11(pieces: list[bytes]) -> Answer:
    """h11 as a server."""
    return _h11(h11.Connection(h11.SERVER), pieces)


H11_REQUEST = h11.Request(method="GET", target="/", headers=[("Host", "h")])
H11_END = h11.EndOfMessage()


class _Sink:
    """What httptools calls back."""

    def __init__(self) -> None:
        self.content: list[bytes] = []
        self.headers: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.content.append(body)


def by_httptools(pieces: list[bytes]) -> Answer:
    """A client by httptools."""
    sink = _Sink()
    parser = httptools.HttpResponseParser(sink)
    for piece in pieces:
        parser.feed_data(piece)
    parser.should_keep_alive()
    return _raw_answer(sink.content, sink.headers)


def request_by_httptools(pieces: list[bytes]) -> Answer:
    """A server by httptools."""
    sink = _Sink()
    parser = httptools.HttpRequestParser(sink)
    for piece in pieces:
        parser.feed_data(piece)
    assert parser.get_method() == b"GET"
    return _raw_answer(sink.content, sink.headers)


def at_nothing(_: Answer) -> object:
    """Look at no field."""
    return None


def at_one(answer: Answer) -> object:
    """Look one field up."""
    return answer.one()


def at_all(answer: Answer) -> object:
    """Read every field."""
    return answer.all()


Contender = tuple[str, "Callable[[list[bytes]], Answer]"]
RESPONSES: list[Contender] = [("client", client), ("events", events), ("h11", by_h11), ("httptools", by_httptools)]
REQUESTS: list[Contender] = [("events", request_events), ("h11", request_by_h11), ("httptools", request_by_httptools)]
LOADS: list[tuple[str, list[bytes], Callable[[Answer], object], list[Contender], int]] = [
    ("response, 8 fields", [SMALL], at_nothing, RESPONSES, 300),
    ("response, 60 fields, one looked up", [MANY], at_one, RESPONSES, 100),
    ("response, 60 fields, all read", [MANY], at_all, RESPONSES, 100),
    ("response, chunked 64 x 1 KiB", [CHUNKED], at_nothing, RESPONSES, 50),
    ("response, 1 MiB by 64 KiB", MIB_PIECES, at_nothing, RESPONSES, 20),
    ("request, 5 fields", [REQUEST], at_nothing, REQUESTS, 300),
]


def check(pieces: list[bytes], contenders: list[Contender]) -> None:
    """All contenders must have read the same."""
    answers = [read(pieces) for _, read in contenders]
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple((name.lower(), value) for name, value in answer.all()) for answer in answers}) == 1


def best_times(
    pieces: list[bytes], look: Callable[[Answer], object], contenders: list[Contender], calls: int, rounds: int
) -> dict[str, float]:
    """The best time of one call, in microseconds, of each contender."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, read in contenders:
            begin = time.process_time()
            for _ in range(calls):
                look(read(pieces))
            took = (time.process_time() - begin) / calls * 1e6
            best[name] = min(best.get(name, took), took)
    return best


def main() -> None:
    """Measure, and print a line for each load."""
    parser = argparse.ArgumentParser(
        description="Our codec beside h11 and httptools: microseconds, and how many times h11."
    )
    parser.add_argument("--quick", action="store_true", help="few rounds, for a look")
    rounds = 5 if parser.parse_args().quick else 40
    print(
        f"{'microseconds a message (times as fast as h11)':<46}{'client':>16}{'events':>16}{'h11':>12}{'httptools':>18}"
    )
    for title, pieces, look, contenders, calls in LOADS:
        check(pieces, contenders)
        best = best_times(pieces, look, contenders, calls, rounds)
        cells = [
            f"{best[name]:.1f} ({best['h11'] / best[name]:.1f})" if name in best else "-"
            for name in ("client", "events", "httptools")
        ]
        print(f"{title:<46}{cells[0]:>16}{cells[1]:>16}{best['h11']:>12.1f}{cells[2]:>18}", flush=True)


if __name__ == "__main__":
    main()
