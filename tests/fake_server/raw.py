"""A client that sends octets as they are, and reads what comes: for what no HTTP library would send or show."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Self

from httplib_sim import wire

if TYPE_CHECKING:
    from fake_server import FakeServer

PATIENCE = 10.0
"""Seconds after which a read that should have come is given up."""


class RawClient:
    """One connection to a server. A read that gets nothing raises TimeoutError."""

    def __init__(self, server: FakeServer, sock: socket.socket | None = None) -> None:
        self.sock = sock or socket.create_connection((server.host, server.port), PATIENCE)
        self.sock.settimeout(PATIENCE)
        self.reader = wire.ResponseReader()

    def send(self, octets: bytes) -> Self:
        """Send *octets*."""
        self.sock.sendall(octets)
        return self

    def response(self, method: str = "GET") -> wire.Response:
        """Read the next final response, with the interim ones before it."""
        self.reader.expect(method)
        interim = []
        while isinstance(head := self._event(), wire.ResponseHead) and head.is_interim:
            interim.append(head)
        assert isinstance(head, wire.ResponseHead), head
        body = wire.BodyCollector()
        while (part := self._event()) is not wire.END_OF_MESSAGE:
            body.add(part)
        return wire.Response(head, body.body(), tuple(interim))

    def head(self) -> wire.ResponseHead:
        """Read one head, interim or not."""
        self.reader.expect("GET")
        head = self._event()
        assert isinstance(head, wire.ResponseHead), head
        return head

    def at_end(self) -> bool:
        """Tell whether the server has closed its side without a further octet. Waits until it says one or the other."""
        return not self.reader.rest() and self.sock.recv(65_536) == b""

    def rest(self) -> bytes:
        """Read until the server closes its side."""
        pieces = [self.reader.rest()]
        while piece := self.sock.recv(65_536):
            pieces.append(piece)
        return b"".join(pieces)

    def _event(self) -> wire.Event:
        while isinstance(event := self.reader.next_event(), wire.NeedData):
            octets = self.sock.recv(65_536)
            if octets:
                self.reader.feed(octets)
            else:
                self.reader.feed_eof()
        return event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()


def get(path: str = "/", *fields: str, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    """Return the octets of a request without body."""
    lines = [f"{method} {path} {version}", "Host: test", *fields]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


def ask(server: FakeServer, octets: bytes) -> bytes:
    """Send *octets* over a connection of their own, say that no more will come, and return all that is answered."""
    with RawClient(server) as client:
        client.send(octets).sock.shutdown(socket.SHUT_WR)
        return client.rest()
