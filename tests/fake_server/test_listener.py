"""The listener: threads and sockets come, and go again."""

from __future__ import annotations

import gc
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_server import CannotListen, FakeServer
from fake_server.listener import MOST_PARKED, Link, Listener

from .raw import PATIENCE, RawClient, get

if TYPE_CHECKING:
    from collections.abc import Callable


def echo(link: Link) -> None:
    """Send back what comes."""
    while octets := link.sock.recv(1000):
        link.sock.sendall(octets)


def call(listener: Listener) -> socket.socket:
    """Connect to *listener*."""
    return socket.create_connection(("127.0.0.1", listener.port), PATIENCE)


def our_threads() -> list[threading.Thread]:
    """The threads of listeners that are alive."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("fake_server ")]


def descriptors() -> int:
    """How many descriptors this process has open, apart from those that others have forgotten to close."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_each_connection_is_served_while_others_are_open() -> None:
    """An idle connection keeps nobody waiting."""
    listener = Listener("127.0.0.1", 0, echo)
    listener.start()
    with call(listener), call(listener), call(listener) as third:
        third.sendall(b"hello")
        assert third.recv(100) == b"hello"
    assert listener.stop(PATIENCE) == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_connection_whose_serving_raises_is_forgotten() -> None:
    """It is closed, counts as open no more, and others are served; its thread has ended, and nobody waits for it."""
    raised: list[threading.Thread] = []
    others: list[int] = []

    def serve(link: Link) -> None:
        others.append(link.others)
        if not raised:
            raised.append(threading.current_thread())
            raise LookupError("meant")
        echo(link)

    listener = Listener("127.0.0.1", 0, serve)
    listener.start()
    with call(listener) as first:
        assert first.recv(100) == b""
        raised[0].join(PATIENCE)
        assert not raised[0].is_alive()
    with call(listener) as second:
        second.sendall(b"hello")
        assert second.recv(100) == b"hello"
    assert others == [0, 0]
    assert listener.stop(PATIENCE) == 0


def test_a_thread_serves_one_connection_after_the_other() -> None:
    """A thread that is free is used again: a hundred calls in a row need no hundred threads."""
    served: set[str] = set()

    def serve(link: Link) -> None:
        served.add(threading.current_thread().name)
        echo(link)

    listener = Listener("127.0.0.1", 0, serve)
    listener.start()
    for _ in range(100):
        with call(listener) as caller:
            caller.sendall(b"x")
            assert caller.recv(1) == b"x"
            caller.shutdown(socket.SHUT_WR)
            assert caller.recv(1) == b""
    assert listener.stop(PATIENCE) == 0
    assert len(served) < 20


def test_after_a_burst_only_some_threads_stay() -> None:
    """What is parked beyond need ends by itself."""
    listener = Listener("127.0.0.1", 0, echo)
    listener.start()
    callers = [call(listener) for _ in range(3 * MOST_PARKED)]
    for caller in callers:
        caller.sendall(b"x")
        assert caller.recv(1) == b"x"
    crowd = our_threads()
    assert len(crowd) > 3 * MOST_PARKED
    for caller in callers:
        caller.close()
    for _ in range(200):
        crowd = [thread for thread in crowd if thread.is_alive()]
        if len(crowd) <= MOST_PARKED:
            break
        crowd[0].join(0.01)
        crowd.append(crowd.pop(0))
    assert len(crowd) <= MOST_PARKED
    assert listener.stop(PATIENCE) == 0
    assert our_threads() == []


def test_stop_cuts_connections_that_are_open() -> None:
    """A client that waits for an answer gets the end of the connection."""
    listener = Listener("127.0.0.1", 0, echo)
    listener.start()
    with call(listener) as caller:
        caller.sendall(b"x")
        assert caller.recv(1) == b"x"
        assert listener.stop(PATIENCE) == 0
        assert caller.recv(1) == b""


def test_stop_tells_of_those_that_do_not_end() -> None:
    """A thread that does not come back is counted, and all else is closed."""
    gate = threading.Event()
    arrived = threading.Event()

    def serve(_: Link) -> None:
        arrived.set()
        gate.wait(PATIENCE)

    listener = Listener("127.0.0.1", 0, serve)
    listener.start()
    with call(listener) as caller:
        assert arrived.wait(PATIENCE)
        assert listener.stop(0.01) == 1
        gate.set()
        assert caller.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        call(listener)


def test_a_handler_may_stop_the_listener_it_is_called_by() -> None:
    """It does not wait for itself."""
    left: list[int] = []
    done = threading.Event()

    def serve(_: Link) -> None:
        left.append(listener.stop(PATIENCE))
        done.set()

    listener = Listener("127.0.0.1", 0, serve)
    listener.start()
    with call(listener):
        assert done.wait(PATIENCE)
    assert left == [0]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
@pytest.mark.parametrize("visit", [True, False], ids=["with a request", "without"])
def test_two_hundred_servers_leave_no_thread_and_no_descriptor(visit: bool) -> None:
    """Started, used and stopped: all is given back."""
    before = descriptors()
    for _ in range(200):
        with FakeServer() as server:
            server.expect("/").respond()
            if visit:
                with RawClient(server) as client:
                    assert client.send(get()).response().head.status == 200
    assert our_threads() == []
    assert descriptors() == before


def test_a_port_in_use_is_one_clear_error(server: FakeServer) -> None:
    """It names host and port, and says what to do."""
    with pytest.raises(CannotListen, match=f"host '127.0.0.1', port {server.port}: the port is in use. Leave it out"):
        FakeServer(port=server.port).start()


def test_a_port_that_was_just_used_can_be_used_again() -> None:
    """What is left of the last connections does not keep it."""
    with FakeServer() as first, RawClient(first) as client:
        first.expect("/").respond()
        client.send(get("/", "Connection: close")).response()
        assert client.at_end()
    with FakeServer(port=first.port) as second:
        assert second.port == first.port


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Listener("no-such-host.invalid", 0, echo), "no-such-host.invalid"),
        (lambda: Listener("192.0.2.1", 0, echo), "this machine has no such address"),
    ],
    ids=["a name that is none", "an address of others"],
)
def test_a_host_that_cannot_be_listened_on_is_one_clear_error(make: Callable[[], Listener], text: str) -> None:
    """It is an OSError too, for those who expect one."""
    with pytest.raises(CannotListen, match=text) as caught:
        make()
    assert isinstance(caught.value, OSError)


def test_five_hundred_connections_at_once_are_answered(server: FakeServer) -> None:
    """All are open at the same time."""
    server.expect("/").respond(data=b"here")
    clients = [RawClient(server) for _ in range(500)]
    for client in clients:
        client.send(get())
    assert [client.response().body.content for client in clients] == [b"here"] * 500
    for client in clients:
        client.sock.close()
    assert server.journal.connections == 500
