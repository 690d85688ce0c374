"""A server that says what a test tells it to, over a real socket, to one client."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0
"""Seconds after which a test that hangs fails."""


@contextlib.contextmanager
def scripted(answer: bytes, *, closes: bool = True) -> Iterator[str]:
    """Serve one connection: a head is read, *answer* is sent, and the connection is closed, or kept open until the end.

    Gives the server's URL.
    """
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        thread = threading.Thread(target=_serve, args=(listener, answer, None if closes else over))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join(PATIENCE)


def _serve(listener: socket.socket, answer: bytes, over: threading.Event | None) -> None:
    with contextlib.suppress(OSError):
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            received = b""
            while b"\r\n\r\n" not in received and (data := connection.recv(65536)):
                received += data
            connection.sendall(answer)
            if over is not None:
                over.wait(PATIENCE)


def refused_url() -> str:
    """Return a URL of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"
