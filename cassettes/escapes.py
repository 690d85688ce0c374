"""Escapes: connections that a program makes past a cassette.

Law: an audit hook looks at what sockets connect while a cassette is current, and tells of it; it never forbids (that is
`guard`'s business). What a switch dials is no escape, nor is what goes to this machine, where databases and fake
servers are, nor to a server that the cassette is to leave alone. What the interpreter does not see, such as libraries
in C with sockets of their own, is not seen here.
"""

from __future__ import annotations

import sys
import threading
import warnings
from contextvars import ContextVar
from typing import Any, Final

from httplib_sim.waist import Origin

from .callers import frame_of_program
from .current import current
from .errors import EscapeWarning
from .guard import is_local
from .route import is_dialling

_STREAM: Final = 1
"""`socket.SOCK_STREAM`: it is no reason to import socket."""
_watching = False
_beginning = threading.Lock()
_name: ContextVar[str] = ContextVar("name", default="")
"""The name that was looked up last in this context: connections are made to addresses."""


def watch() -> None:
    """Tell of escapes from now on. There is no end to it: an audit hook cannot be taken away."""
    global _watching  # noqa: PLW0603  one process has one hook
    with _beginning:
        if not _watching:
            _watching = True
            sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        if current() is not None and not is_dialling():
            _tell(arguments[0], arguments[1])
        _name.set("")  # the next address may be another's
    elif event == "socket.getaddrinfo" and isinstance(arguments[0], str):
        _name.set(arguments[0])


def _tell(sock: Any, address: Any) -> None:  # noqa: ANN401  as the interpreter has them
    """Warn of a connection to *address*, once for each server and cassette."""
    cassette = current()
    if cassette is None or not isinstance(address, tuple) or getattr(sock, "type", None) != _STREAM:
        return
    host, port = str(address[0]), address[1]
    names = [name for name in (_name.get(), host) if name]
    if is_local(host) or any(_is_left_alone(cassette, name, port) for name in names):
        return
    if cassette.notes_escape(host, port):
        frame = frame_of_program()
        warnings.warn_explicit(
            f"a connection to {names[0]}, port {port}, goes past the cassette {cassette.path}: what is sent over it is "
            "neither replayed nor recorded. Ask with a client that is intercepted (docs/cassettes.md names them), "
            f'leave the server alone on purpose (ignore="{names[0]}"), or forbid it: pytest --network=block',
            EscapeWarning,
            "an unknown file" if frame is None else frame.f_code.co_filename,
            1 if frame is None else frame.f_lineno,
        )


def _is_left_alone(cassette: Any, name: str, port: int) -> bool:  # noqa: ANN401  a Cassette
    ignores = cassette.ignores
    return ignores is not None and any(ignores(Origin(scheme, name, port)) for scheme in ("http", "https"))
