"""Detours: who connects, in this process, to a host that has one reaches a fake server.

Law: nothing of any client library. Two things of the standard library are changed, through which every client in
Python goes, for as long as there is a detour: the look-up of its name gives an address that is nobody's, on this
machine (`socket.getaddrinfo` and its kin), and connecting to that leads to the server (`socket.socket.connect`), so
that a client for which neither is changed, one that is not written in Python, reaches nothing rather than the real
host. And whoever begins TLS for such a host (`ssl.SSLContext`) trusts the server's authority, for good: contexts are
made before anybody knows, some when a library is imported. The host's name must agree all the same.
"""

from __future__ import annotations

import fnmatch
import socket
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from cassettes import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOBODY: Final = "127.83.{}.{}"
"""The addresses that names stand for: all of 127.0.0.0/8 is this machine (RFC 6890), and here nobody listens."""

_LOOK_UPS: Final = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")
_CONNECTS: Final = ("connect", "connect_ex")
_WRAPS: Final = {"wrap_socket": 4, "wrap_bio": 3}  # where the host's name stands among their arguments


class Server(Protocol):
    """Where a detour leads."""

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, on IPv4."""

    @property
    def authority_pem(self) -> str | None:
        """Whom its clients must trust, if that is known."""


class _Detour(NamedTuple):
    pattern: str
    server: Server


_changing = threading.RLock()
_detours: tuple[_Detour, ...] = ()
_addresses: dict[str, str] = {}
_names: dict[str, str] = {}
_arrivals: dict[int, tuple[str, int]] = {}
_undo: list[Callable[[], None]] = []


def enter(hosts: Sequence[str], server: Server) -> None:
    """Lead to *server* instead of *hosts*, in which ``*`` stands for any text. The latest detour counts."""
    global _detours  # noqa: PLW0603  one process has one network
    with _changing:
        patterns = [host.lower().rstrip(".") for host in hosts]
        _detours = (*(_Detour(pattern, server) for pattern in patterns), *_detours)
        guard.serve_here(patterns)
        if not _undo:
            _install()


def leave(server: Server) -> None:
    """Lead to *server* no more."""
    global _detours  # noqa: PLW0603  see enter
    with _changing:
        guard.serve_elsewhere([known.pattern for known in _detours if known.server is server])
        _detours = tuple(known for known in _detours if known.server is not server)
        if not _detours:
            while _undo:
                _undo.pop()()
            for known in (_addresses, _names, _arrivals):
                known.clear()


def arrived(peer: object) -> tuple[str, int] | None:
    """Return the host and port that the client with this address meant to reach; None if it meant the server."""
    return _arrivals.pop(peer[1], None) if isinstance(peer, tuple) and _arrivals else None


def _server_for(host: object) -> Server | None:
    """The server that is reached instead of *host*, a name or an address, if there is one."""
    name = host.decode("latin-1") if isinstance(host, bytes) else host
    if not isinstance(name, str):
        return None
    name = name.lower().rstrip(".")
    return next((known.server for known in _detours if fnmatch.fnmatchcase(name, known.pattern)), None)


def _address_for(host: str | bytes) -> str:
    """The address that the name *host* stands for here."""
    name = (host.decode("latin-1") if isinstance(host, bytes) else host).lower().rstrip(".")
    with _changing:
        if name not in _addresses:
            number = len(_addresses) + 1
            _addresses[name] = NOBODY.format(number // 256, number % 256)
            _names[_addresses[name]] = name
        return _addresses[name]


def _install() -> None:
    """Change what must be, and remember how it was."""
    import ssl  # noqa: PLC0415  only where there is a detour

    for name in _LOOK_UPS:
        _replace(socket, name, _looking_up(getattr(socket, name)))
    for name in _CONNECTS:
        _replace(socket.socket, name, _connecting(getattr(socket.socket, name)))
    for name, position in _WRAPS.items():
        _replace(ssl.SSLContext, name, _trusting(getattr(ssl.SSLContext, name), position))


def _replace(owner: Any, name: str, new: Callable[..., Any]) -> None:  # noqa: ANN401  a module, or a class
    inherited = name not in vars(owner)
    old = getattr(owner, name)
    new.__name__, new.__doc__ = old.__name__, old.__doc__
    setattr(owner, name, new)
    _undo.append(lambda: delattr(owner, name) if inherited else setattr(owner, name, old))


def _looking_up(real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401  as socket has them
        return real(_address_for(host) if host and _server_for(host) is not None else host, *args, **options)

    return look_up


def _connecting(real: Callable[..., Any]) -> Callable[..., Any]:
    def connect(sock: socket.socket, address: Any, /) -> Any:  # noqa: ANN401  as socket has them
        host, *rest = address if isinstance(address, tuple) and address else (None,)
        name = _names.get(host, host) if isinstance(host, str) else host
        server = _server_for(name) if sock.type == socket.SOCK_STREAM else None
        if server is None:
            return real(sock, address)
        if not sock.getsockname()[1]:
            sock.bind(("127.0.0.1", 0))  # so that it is known who comes before he does
        _arrivals[sock.getsockname()[1]] = str(name), int(rest[0])
        return real(sock, server.address)

    return connect


def _trusting(real: Callable[..., Any], position: int) -> Callable[..., Any]:
    def wrap(context: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401  as ssl has them
        host = options.get("server_hostname", args[position] if len(args) > position else None)
        server = _server_for(host) if host else None
        if server is not None and server.authority_pem is not None:
            context.load_verify_locations(cadata=server.authority_pem)
        return real(context, *args, **options)

    return wrap
