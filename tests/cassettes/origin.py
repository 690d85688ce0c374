"""A scripted origin server on a real socket: a test says what it answers; it keeps what it received."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING

from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import Self

TIMEOUT = 10.0
"""Seconds after which a test that waits for octets fails: nobody waits for as long if all is well."""


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(TIMEOUT)
        self.sock = sock
        self.received = bytearray()
        self._seen = 0

    def read_until(self, mark: bytes) -> bytes:
        """Wait until *mark* has come; return all octets up to it that were not returned before."""
        while (end := self.received.find(mark, self._seen)) < 0:
            self._more()
        start, self._seen = self._seen, end + len(mark)
        return bytes(self.received[start : self._seen])

    def read_head(self) -> bytes:
        """Wait for the next head."""
        return self.read_until(b"\r\n\r\n")

    def read_some(self, most: int) -> bytes:
        """Wait for octets; return at most *most* that were not returned before."""
        while self._seen == len(self.received):
            self._more()
        start, self._seen = self._seen, min(self._seen + most, len(self.received))
        return bytes(self.received[start : self._seen])

    def read_to_end(self) -> None:
        """Wait until the client has closed."""
        try:
            while True:
                self._more()
        except (EOFError, ConnectionError):
            return

    def send(self, data: bytes) -> None:
        """Send *data*."""
        self.sock.sendall(data)

    def reset(self) -> None:
        """Break the connection with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self.received += data


class OriginServer:
    """Runs *script* for each connection, in a thread of its own, and closes the connection after it.

    With *tls*, a server's context, it speaks HTTPS. Where no *port* is named, it is a free one.
    ``peers`` are the connections that were made; ``origin`` is what a client would call this server.
    """

    def __init__(self, script: Callable[[Peer], None], tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._threads: list[threading.Thread] = []
        self._ended = threading.Semaphore(0)
        self.peers: list[Peer] = []
        self.failures: list[BaseException] = []
        self.port: int = self._listener.getsockname()[1]
        self.origin = Origin("https" if tls else "http", "127.0.0.1", self.port)
        self.url = self.origin.url

    def connect(self) -> socket.socket:
        """Return a real connection to this server."""
        return socket.create_connection(("127.0.0.1", self.port), TIMEOUT)

    def __enter__(self) -> Self:
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()
        assert not self.failures, self.failures

    def wait_for(self, count: int) -> None:
        """Wait until the scripts of *count* more connections have come to their end."""
        for _ in range(count):
            assert self._ended.acquire(timeout=TIMEOUT), "a connection's script did not come to its end"

    def stop(self) -> None:
        """Accept no more connections, and end those there are."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        self._listener.close()
        self._accepting.join(TIMEOUT)
        for peer in self.peers:
            with contextlib.suppress(OSError):
                peer.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(TIMEOUT)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            peer = Peer(sock)
            self.peers.append(peer)  # on the socket beneath TLS, until its thread has shaken hands
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: Peer) -> None:
        try:
            if self._tls is not None:
                peer.sock = self._tls.wrap_socket(peer.sock, server_side=True)
            self._script(peer)
        except (EOFError, ConnectionError, OSError):
            pass  # the client has gone: what it was to see is for the test to judge
        except BaseException as failure:  # noqa: BLE001  a thread's failure is the test's
            self.failures.append(failure)
        finally:
            peer.sock.close()
            self._ended.release()


def answering(*answers: bytes) -> Callable[[Peer], None]:
    """Return a script that answers the requests of a connection, none of which has a body, with *answers* in turn."""

    def script(peer: Peer) -> None:
        for answer in answers:
            peer.read_head()
            peer.send(answer)
        peer.read_to_end()

    return script


def answer(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """Return a response with a Content-Length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body
