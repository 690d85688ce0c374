"""Connections in the shape of http.client's: a class whose ``connect`` makes ``sock``.

Law: the one way in which such a class is intercepted, whatever library it is of. All that its own ``connect`` does
(resolving, a proxy's tunnel, TLS) is how a real connection is made, as a whole: it is done when one is needed, and not
at all in a replay. What stands in ``sock`` is what the given ``connect`` returns. A subclass may connect by itself, and
a program may set ``sock``: what is found there when something is sent under a cassette is taken over. No library is
named here.
"""

from __future__ import annotations

import functools
import gc
import socket
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from httplib_sim.waist import Origin

from .current import current_for
from .route import is_dialling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from httplib_sim.waist import Connector

    Adopters = dict[type[Any], Callable[[Any], None]]
    """Of each class whose instances have connections open or keep them, what takes those of one over."""


_ours: WeakSet[Callable[..., None]] = WeakSet()
"""The methods ``connect`` that are intercepted."""
_own_connects: WeakKeyDictionary[type, Callable[[Any], None] | None] = WeakKeyDictionary()
"""Of each class that was asked, the ``connect`` that it has of its own."""


def intercept(
    kind: Any,  # noqa: ANN401  a class of a library
    scheme: str,
    connect: Connector,
    ready: Callable[[Any], None] = lambda _: None,
    failed: Callable[[Any, OSError], Exception] = lambda _, error: error,
) -> None:
    """Let *connect* make the connections of *kind*, whose origins have this *scheme*, from now on.

    *ready* is given a connection that *connect* has been asked for: it says there what its own method would have said.
    *failed* is given one for which a replay has an error of connecting: it returns what its own method would raise.
    """
    original = kind.connect

    @functools.wraps(original)
    def connect_through(self: Any) -> None:  # noqa: ANN401  a connection
        __tracebackhide__ = True
        if is_dialling():
            original(self)
            return
        is_real = False

        def dial() -> socket.socket:
            nonlocal is_real
            is_real = True
            return _dial(self, original)

        try:
            self.sock = connect(origin_of(self, scheme), dial, proxy_of(self))
        except OSError as error:
            if is_real or (own := failed(self, error)) is error:
                raise
            raise own from error
        if isinstance(self.timeout, int | float):  # what connecting later, or never, would have set
            self.sock.settimeout(self.timeout)
        ready(self)

    kind.connect = connect_through
    _ours.add(connect_through)


def intercept_sending(kind: Any, connect: Connector, switch: type[Any]) -> None:  # noqa: ANN401  a class of a library
    """Let *connect* have, when it sends, a connection of *kind* that did not connect by way of it.

    That is one of a subclass whose ``connect`` calls no other, or one whose ``sock`` was set by hand. *switch* is what
    *connect* returns.
    """
    original = kind.send
    _ours.add(kind.connect)

    @functools.wraps(original)
    def send_through(self: Any, data: Any) -> None:  # noqa: ANN401  a connection, and what it sends
        __tracebackhide__ = True
        if not isinstance(self.sock, switch) and not is_dialling():
            _have(self, connect)
        original(self, data)

    kind.send = send_through


def _have(connection: Any, connect: Connector) -> None:  # noqa: ANN401  of a library
    """Let *connect* have *connection*, if a cassette is current for it."""
    __tracebackhide__ = True
    sock = connection.sock
    if sock is None:
        own = _own_connect(type(connection))
        if own is None or not connection.auto_open:
            return
        origin = origin_of(connection, _scheme_of(connection))
        dial = functools.partial(_dial, connection, own)
    elif isinstance(sock, socket.socket):  # else a program has put something there that is none
        origin = origin_of(connection, "https" if hasattr(sock, "getpeercert") else "http")
        dial = functools.partial(_itself, sock)
    else:
        return
    if current_for(origin) is not None:
        connection.sock = connect(origin, dial, proxy_of(connection))
        if isinstance(connection.timeout, int | float):
            connection.sock.settimeout(connection.timeout)


def _own_connect(kind: type) -> Callable[[Any], None] | None:
    """The ``connect`` of *kind* if it connects by itself: it calls none that is intercepted."""
    if kind not in _own_connects:
        own = next(vars(each)["connect"] for each in kind.__mro__ if "connect" in vars(each))
        names = set(getattr(getattr(own, "__code__", None), "co_names", ("super",)))
        calls_another = names & {"super", *(each.__name__ for each in kind.__mro__)}
        _own_connects[kind] = None if own in _ours or calls_another else own
    return _own_connects[kind]


def take_over(connection: Any, connect: Connector, switch: type[Any]) -> None:  # noqa: ANN401  of a library
    """Let *connect* have *connection* if it is open already. *switch* is what *connect* returns."""
    sock = getattr(connection, "sock", None)
    if sock is not None and not isinstance(sock, switch):
        origin = origin_of(connection, _scheme_of(connection))
        connection.sock = connect(origin, functools.partial(_itself, sock), proxy_of(connection))


def instances(kinds: Iterable[type[Any]]) -> list[Any]:
    """Return all there are of *kinds*, or of a class made of one.

    What a pool has kept since before cassettes are used would otherwise carry requests past every one of them.
    """
    classes: set[type[Any]] = set()
    more = list(kinds)
    while more:
        if (kind := more.pop()) not in classes:
            classes.add(kind)
            more += type.__subclasses__(kind)
    # An instance refers to its class. Not isinstance(): it asks proxies for their class, and some do things then.
    return [found for found in gc.get_referrers(*classes) if type(found) in classes]


def origin_of(connection: Any, scheme: str) -> Origin:  # noqa: ANN401  of a library
    """Return the server that the requests of *connection* are for: the one behind the tunnel, if there is one."""
    tunnel = connection._tunnel_host  # noqa: SLF001  http.client's, and its heirs use it
    host, port = (tunnel, connection._tunnel_port) if tunnel else (connection.host, connection.port)  # noqa: SLF001
    return Origin(scheme, host, port or connection.default_port)


def proxy_of(connection: Any) -> Origin | None:  # noqa: ANN401  of a library
    """The proxy through whose tunnel *connection* is, if it is through one."""
    if not connection._tunnel_host:  # noqa: SLF001  http.client's, and its heirs use it
        return None
    proxy = getattr(connection, "proxy", None)  # urllib3 knows its scheme
    scheme = getattr(proxy, "scheme", None) or "http"
    return Origin(scheme, connection.host, connection.port or connection.default_port)


def _scheme_of(connection: Any) -> str:  # noqa: ANN401
    return "https" if connection.default_port == 443 else "http"


def _dial(connection: Any, original: Callable[[Any], None]) -> socket.socket:  # noqa: ANN401
    """Connect as the library does, and leave what the connection has as its socket in place."""
    mine = connection.sock
    connection.sock = None
    try:
        original(connection)
        sock: socket.socket = connection.sock
        return sock
    finally:
        connection.sock = mine


def _itself(sock: socket.socket) -> socket.socket:
    return sock
