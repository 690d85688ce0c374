"""Accepting connections: a listening socket, and a thread for each connection.

Law: sockets and threads, and nothing of HTTP: what is done with a connection is the `Serve` that the listener is given.

The call flow::

    Listener(host, port, serve)      bind, listen: from here on the kernel accepts
    start()                          one thread: _run
    _run   accept()                  parked here, as long as nobody calls
           -> the last one parked?   a second thread is started, so that somebody is always parked
           serve(link)               the whole connection, blocking
           close, and park again     (or end, where enough others are parked)
    stop()                           shutdown() of the listening socket wakes every parked thread, shutdown() of each
                                     connection every thread in recv(); each closes its own socket, and is joined

Whoever accepts also serves: no hand-over between threads stands between a client and its answer. Nobody polls, so
starting and stopping take the time of a few system calls.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from .errors import CannotListen

if TYPE_CHECKING:
    from .nested import NestedTls

    Wrapped = TypeVar("Wrapped", bound=socket.socket | NestedTls)

BACKLOG: Final = 1024
"""Connections that the kernel holds until they are accepted; with fewer, a burst of clients waits seconds."""

MOST_PARKED: Final = 16
"""Threads that stay parked after a burst of connections."""

RETRY: Final = 0.01
"""Seconds until the next try where accept() failed."""


class Waits(Protocol):
    """Where an answer waits, such as a `Gate`."""

    def wake(self) -> None:
        """Have it look whether it is in vain, since the server stops."""


class Link:
    """An accepted connection's socket, which another thread may cut; *stopping* is set when the server stops.

    ``sock`` may be TLS over the socket that has the descriptor, which is ``bottom``.
    ``others`` is how many connections there were besides when it was accepted. Who serves it sets ``idle`` while no
    request is under way, and begins none once ``draining`` is set.
    """

    def __init__(
        self,
        sock: socket.socket,
        number: int,
        peer: Any,  # noqa: ANN401  as the family has it
        stopping: threading.Event,
        others: int = 0,
    ) -> None:
        self.sock: socket.socket | NestedTls = sock
        self.bottom = sock
        self.number = number
        self.peer = peer
        self.stopping = stopping
        self.others = others
        self.cut = False
        self.idle = False
        self.draining = False
        self.gate: Waits | None = None
        self._lock = threading.Lock()

    def replace(self, wrap: Callable[[], Wrapped]) -> Wrapped:
        """Put what *wrap* returns in the socket's place, such as a TLS socket over it, and return it."""
        with self._lock:
            self.sock = wrapped = wrap()
            if isinstance(wrapped, socket.socket):  # which has taken the descriptor over
                self.bottom = wrapped
        return wrapped

    def drain(self) -> None:
        """Have no other request begin; who waits for one is woken."""
        self.draining = True
        if self.idle:
            with self._lock, contextlib.suppress(OSError):
                socket.socket.shutdown(self.bottom, socket.SHUT_RD)

    def shutdown(self) -> None:
        """End both directions at once, which wakes the thread that reads or writes, or waits at ``gate``."""
        with self._lock, contextlib.suppress(OSError):
            self.cut = True
            socket.socket.shutdown(
                self.bottom, socket.SHUT_RDWR
            )  # not SSLSocket's, which another thread may be reading
        if self.gate is not None:
            self.gate.wake()

    def close(self) -> None:
        """Give the descriptor back."""
        with self._lock:
            self.sock.close()


Serve = Callable[[Link], None]
"""Serves one connection until it ends. Must not raise."""


class Listener:
    """Accepts connections on ``host`` and ``port``, or at *path*, and has each served in a thread of its own.

    The socket listens from the making on; ``port`` is the one the kernel gave where 0 was asked for. *path* is that of
    a socket of this machine's own (AF_UNIX), which must not be there, and is removed at the end. Raises `CannotListen`.
    """

    def __init__(self, host: str, port: int, serve: Serve, path: str | None = None) -> None:
        self._path = path
        self._sock = _listening_socket(host, port) if path is None else _local_socket(path)
        self.port: int = self._sock.getsockname()[1] if path is None else port
        self._name = f"{host}:{self.port}" if path is None else path
        self._serve = serve
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._links: set[Link] = set()
        self._parked = 0
        self._accepted = 0
        self._closed = threading.Event()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to accept."""
        with self._lock:
            self._park_another()

    def stop(self, grace: float, finish: float = 0.0) -> int:
        """Stop accepting, cut every connection, and wait for the threads.

        For *finish* seconds, what is being answered may go on. Returns how many threads have not ended after *grace*
        seconds more: they run a handler that does not return.
        """
        with self._lock:
            self._closed.set()
            links, threads = list(self._links), list(self._threads)
        self._wake(len(threads))
        others = [thread for thread in threads if thread is not threading.current_thread()]
        if finish:
            for link in links:
                link.drain()
            _join(others, finish)
        self._stopping.set()
        for link in links:
            link.shutdown()
        left = _join(others, grace)
        self._sock.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)  # noqa: PTH108  pathlib takes longer to load than the server to start
        return left

    def _wake(self, parked: int) -> None:
        """Wake every thread that is parked in accept()."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            # Only Linux lets a listening socket be shut down. Elsewhere a connection wakes one thread.
            address = self._sock.getsockname()
            for _ in range(parked):
                with contextlib.suppress(OSError), socket.socket(self._sock.family, socket.SOCK_STREAM) as caller:
                    caller.settimeout(1.0)
                    caller.connect(address)

    def _park_another(self) -> None:
        """Start one more thread; to be called with the lock held, so that nobody finds one that has not started."""
        name = f"fake_server {self._name} thread {len(self._threads) + 1}"
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._threads.add(thread)
        self._parked += 1
        thread.start()

    def _run(self) -> None:
        """Accept and serve, one connection after the other."""
        try:
            while (link := self._accept()) is not None:
                try:
                    self._serve(link)
                finally:
                    link.close()
                    with self._lock:
                        self._links.discard(link)
                with self._lock:
                    if self._parked >= MOST_PARKED:
                        break
                    self._parked += 1
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _accept(self) -> Link | None:
        """Wait for a connection, and see to it that somebody else is parked then; None if the server stops."""
        call = self._wait_for_caller()
        with self._lock:
            self._parked -= 1
            if call is None:
                return None
            sock, peer = call
            if self._closed.is_set():
                sock.close()
                return None
            self._accepted += 1
            link = Link(sock, self._accepted, peer, self._stopping, len(self._links))
            self._links.add(link)
            if not self._parked:
                self._park_another()
        return link

    def _wait_for_caller(self) -> tuple[socket.socket, Any] | None:
        while not self._closed.is_set():
            try:
                sock, peer = self._sock.accept()
            except OSError:
                # Unless the server stops, this passes: the caller hung up, or there are no descriptors just now.
                self._closed.wait(RETRY)
                continue
            with contextlib.suppress(OSError):  # the caller may have gone already, or be of this machine
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock, peer
        return None


def _listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens on *host* and *port*. Raises `CannotListen`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(_advice(host, port, error)) from None
    try:
        if os.name == "posix":  # where it means: do not wait until the last connections on this port are forgotten
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise CannotListen(_advice(host, port, error)) from None
    return sock


def _local_socket(path: str) -> socket.socket:
    """A socket that listens at *path* in the file system. Raises `CannotListen`."""
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise CannotListen(f"the fake server cannot listen at {path!r}: this system has no sockets in the file system")
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        what = "something is there already" if error.errno == errno.EADDRINUSE else f"{error.strerror or error}"
        raise CannotListen(f"the fake server cannot listen at {path!r}: {what}") from None
    return sock


def _join(threads: list[threading.Thread], seconds: float) -> int:
    """Wait for *threads* for so long, all in all; return how many have not ended."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return sum(thread.is_alive() for thread in threads)


def _advice(host: str, port: int, error: OSError) -> str:
    """What is the matter, and what to do."""
    if error.errno == errno.EADDRINUSE:
        what = "the port is in use. Leave it out (or give 0) to be given a free one, or stop what listens there"
    elif error.errno == errno.EACCES:
        what = "it is not allowed. Ports below 1024 are the system's: leave it out (or give 0) to be given a free one"
    elif error.errno == errno.EADDRNOTAVAIL:
        what = "this machine has no such address. 127.0.0.1 and, where there is IPv6, ::1 always are"
    else:
        what = f"{error.strerror or error}"
    return f"the fake server cannot listen on host {host!r}, port {port}: {what}"
