"""Relays: another process answers, and this server passes on what it says, to the octet and as it comes.

Law: the request goes over a connection of its own, whole; the answer comes back as it is, with its pauses, and so does
its end, if that is a close or a reset: whatever goes wrong with an answer there goes wrong here.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .channel import AT_MOST
from .connection import CONTINUE
from .errors import FakeServerError, PeerGone

if TYPE_CHECKING:
    from .connection import Answer, Connection
    from .journal import Entry
    from .schedules import Schedule

PATIENCE: Final = 5.0
"""Seconds within which the other process must take a connection."""


class Relay:
    """Has whoever listens at *host* and *port* answer."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    @property
    def schedules(self) -> list[Schedule | None]:
        """None: what goes wrong is said in the other process."""
        return []

    def answer(self, entry: Entry) -> Answer:
        """Return the answer that will be had from there."""
        return Relayed(entry, self._address)

    def nearest(self, entry: Entry) -> str:  # noqa: ARG002  see Source
        """Return nothing: there is an answer to everything."""
        return ""


class Relayed:
    """What is said at *address* to the request of *entry*."""

    def __init__(self, entry: Entry, address: tuple[str, int]) -> None:
        self._request = entry.request or wire.Request(wire.RequestHead("GET", "/", wire.Fields()))
        self._address = address
        self._continued = bool(entry.parts)

    def send(self, connection: Connection) -> str:
        """Ask, and pass on the answer until it ends; return its status, or how it ended."""
        try:
            peer = socket.create_connection(self._address, PATIENCE)
        except OSError as error:
            text = f"expected the process of this session at {self._address[0]}:{self._address[1]}, got {error}"
            raise FakeServerError(text) from error
        with peer:
            peer.settimeout(None)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.link.gate = waker = _Waker(peer)
            if connection.link.stopping.is_set():
                waker.wake()
            try:
                peer.sendall(self._request.octets)
                return self._pass_on(peer, connection)
            except ConnectionError:
                connection.reset()
                return "reset"

    def _pass_on(self, peer: socket.socket, connection: Connection) -> str:
        """Pass on octets until the response is complete, or *peer* has closed its side."""
        reading = _Reading(self._request.head)
        while not reading.complete:
            octets = peer.recv(AT_MOST)
            if connection.link.stopping.is_set():
                connection.end()
                raise PeerGone("the server stopped while another process answered")
            if not octets:
                reading.end()
                connection.close()
                break
            reading.feed(octets)
            connection.write(self._without_continue(octets))
        if not reading.persists:
            connection.close()
        return reading.outcome

    def _without_continue(self, octets: bytes) -> bytes:
        """What the client is to get: the 100 that it waited for, it has had already."""
        if self._continued and octets.startswith(CONTINUE):
            octets = octets[len(CONTINUE) :]
        self._continued = False
        return octets


class _Reading:
    """How far a response has come; octets that are none are passed on until they end."""

    def __init__(self, head: wire.RequestHead) -> None:
        self._reader = wire.ResponseReader()
        self._reader.expect(head.method, head.version)
        self._readable = True
        self._status = ""
        self.complete = False
        self.persists = True
        self.outcome = "close"

    def feed(self, octets: bytes) -> None:
        """Take note of what has come."""
        self._reader.feed(octets)
        self._look()

    def end(self) -> None:
        """Take note that nothing more comes."""
        self._reader.feed_eof()
        self._look()

    def _look(self) -> None:
        try:
            while self._readable and not self.complete:
                event = self._reader.next_event()
                if isinstance(event, wire.NeedData):
                    return
                if isinstance(event, wire.ResponseHead) and not event.is_interim:
                    self.persists = wire.keeps_alive(event)
                    self._status = str(event.status)
                self.complete = event is wire.END_OF_MESSAGE
                if self.complete:
                    self.outcome = self._status
        except wire.RemoteProtocolError:
            self._readable = self.persists = False


class _Waker:
    """Ends waiting for *peer*, when the server stops."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer

    def wake(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)
