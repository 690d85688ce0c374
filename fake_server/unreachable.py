"""Ports at which nobody answers, without a network: refused, never connected, connected and never served.

Law: sockets and nothing else. The port is reserved as long as the context manager lasts, so that nobody else can begin
to listen there while a test runs.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

HURRY: Final = 0.05
"""Seconds after which a connection within this machine is taken not to come about."""

MOST: Final = 16
"""Connections with which a queue is filled at the most."""


class _Port:
    """A port of this machine at *host*, ``port``, for as long as the context manager lasts."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self._open = contextlib.ExitStack()

    @property
    def url(self) -> str:
        """The URL of the port, without a slash at its end."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        sock = self._open.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.bind((self.host, 0))
        self.port = sock.getsockname()[1]
        self._listen(sock)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def _listen(self, sock: socket.socket) -> None:
        """Do what makes it the port that it is."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.host}:{self.port}>"


class RefusedPort(_Port):
    """Connections are refused: the port is somebody's who does not listen."""


class SilentPort(_Port):
    """Connections do not come about, and are not refused either: on Linux, where a full queue drops who comes."""

    def _listen(self, sock: socket.socket) -> None:
        sock.listen(0)
        for _ in range(MOST):
            waiting = self._open.enter_context(socket.socket(sock.family, socket.SOCK_STREAM))
            waiting.settimeout(HURRY)
            try:
                waiting.connect((self.host, self.port))
            except TimeoutError:
                return


class DeafPort(_Port):
    """Connections come about, and nobody ever reads from them, or answers."""

    def _listen(self, sock: socket.socket) -> None:
        sock.listen(64)
