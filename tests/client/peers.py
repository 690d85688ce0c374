"""What the client talks to in its tests: a server that does what a test tells it, and objects that only give octets."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from typing import TYPE_CHECKING, Self

from httplib_sim import HTTPResponse, wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE = 10.0
"""Seconds after which a test that hangs fails."""

HOLD = b"(hold)"
"""Instead of an answer: say nothing until the client closes the connection."""


class ScriptedServer:
    """Serves as many connections as it has scripts: reads a request, sends the next answer, and closes after the last.

    ``requests`` are the requests as they came, in octets. Of a CONNECT that is answered 2xx, what follows are requests,
    too.
    """

    def __init__(self, *scripts: Sequence[bytes]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            for script in self._scripts:
                sock, _ = self._listener.accept()
                with sock:
                    sock.settimeout(PATIENCE)
                    self.connections += 1
                    self._converse(sock, script)

    def _converse(self, sock: socket.socket, script: Sequence[bytes]) -> None:
        reader = wire.RequestReader()
        for answer in script:
            if answer is HOLD:
                with contextlib.suppress(ConnectionError):
                    sock.recv(1)
                return
            self.requests.append(self._request(sock, reader))
            sock.sendall(answer)

    def _request(self, sock: socket.socket, reader: wire.RequestReader) -> bytes:
        octets = b""
        while True:
            event = reader.next_event()
            if event is wire.END_OF_MESSAGE:
                return octets
            if not isinstance(event, wire.NeedData):
                octets += event.octets
            elif data := sock.recv(65_536):
                reader.feed(data)
            else:
                reader.feed_eof()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


class Octets:
    """The least that a response can be read from: `recv`. Gives at most *size* octets at once."""

    def __init__(self, octets: bytes, size: int = 65_536) -> None:
        self._octets = octets
        self._size = size
        self.received = 0

    def recv(self, most: int) -> bytes:
        """Give the next octets, b"" at the end."""
        begin, self.received = self.received, min(self.received + min(most, self._size), len(self._octets))
        return self._octets[begin : self.received]


class FileOnly:
    """The other kind: an object with nothing but `makefile`, as test suites have it."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, mode: str) -> io.BytesIO:
        """Return a file with the octets."""
        assert mode == "rb"
        return io.BytesIO(self._octets)


def response_to(octets: bytes, method: str = "GET", *, size: int = 65_536, strict: int = 0) -> HTTPResponse:
    """Return the response that *octets* are, begun; they come *size* at a time."""
    response = HTTPResponse(Octets(octets, size), strict=strict, method=method)
    response.begin()
    return response


def ways(octets: bytes, method: str = "GET") -> Iterator[HTTPResponse]:
    """Yield the response that *octets* are in each way in which they may come."""
    for size in (len(octets), 1, 7):
        yield response_to(octets, method, size=size)
    of_file = HTTPResponse(FileOnly(octets), method=method)
    of_file.begin()
    yield of_file
    here, there = socket.socketpair()
    with here, there:
        there.sendall(octets)
        there.shutdown(socket.SHUT_WR)
        of_socket = HTTPResponse(here, method=method)
        of_socket.begin()
        yield of_socket
