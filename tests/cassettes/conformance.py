"""What a socket of ours does as a real one does: one function, run against real, recording, mock and switch."""

from __future__ import annotations

import array
import http.client
import select
import socket
from collections.abc import Callable

import pytest

from .origin import answer

REQUEST = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWERS = (answer(b"hello"), answer(b"world!", "Connection: close"))
"""What the peer answers to two requests; it closes after the second."""

Connect = Callable[[], socket.socket]
"""Returns a connected socket, whose peer answers two requests with `ANSWERS`."""


def check_socket(connect: Connect) -> None:
    """Check that what *connect* returns behaves as a connected socket does, as far as HTTP clients can see."""
    _check_reading(connect())
    _check_arrays(connect())
    _check_files(connect())
    _check_polling(connect())
    _check_options(connect())
    _check_http_client(connect())
    _check_closing(connect)


def _check_reading(sock: socket.socket) -> None:
    assert sock.sendall(REQUEST % 0) is None  # type: ignore[func-returns-value]
    assert sock.recv(4) == b"HTTP"
    assert sock.recv(4, socket.MSG_PEEK) == b"/1.1"
    buffer = bytearray(6)
    assert sock.recv_into(buffer) == 6
    assert sock.recv_into(memoryview(buffer)[4:], 2) == 2
    assert bytes(buffer) == b"/1.100"
    got = b""
    while not got.endswith(b"hello"):
        got += sock.recv(65536)
    assert sock.send(memoryview(REQUEST % 1)) == len(REQUEST % 1)
    got = b""
    while piece := sock.recv(7):
        got += piece
    assert got == ANSWERS[1]
    assert sock.recv(1) == b""
    assert sock.recv_into(bytearray(1)) == 0
    sock.close()


def _check_arrays(sock: socket.socket) -> None:
    """What counts are octets, not items, whatever kind of buffer it is."""
    both = REQUEST % 0 + REQUEST % 1
    items = array.array("Q", both)
    assert len(items) < len(REQUEST % 0)
    sock.sendall(items)
    buffer = array.array("I", bytes(16))
    assert sock.recv_into(buffer, 7) == 7
    got = buffer.tobytes()[:7]
    while piece := sock.recv(65536):
        got += piece
    assert got == b"".join(ANSWERS)
    sock.close()


def _check_files(sock: socket.socket) -> None:
    reading, writing = sock.makefile("rb"), sock.makefile("wb")
    writing.write(REQUEST % 0)
    writing.flush()
    sock.close()  # the files keep the connection open
    assert reading.readline() == b"HTTP/1.1 200 OK\r\n"
    assert reading.readline() == b"Content-Length: 5\r\n"
    assert reading.readline() == b"\r\n"
    assert reading.read(5) == b"hello"
    writing.write(REQUEST % 1)
    writing.close()
    assert reading.read() == ANSWERS[1]
    reading.close()
    assert sock.fileno() == -1


def _check_polling(sock: socket.socket) -> None:
    """The descriptor is readable exactly when octets, or the end, are due; and always writable."""
    assert select.select([sock], [sock], [], 0) == ([], [sock], [])
    sock.sendall(REQUEST % 0)
    assert select.select([sock], [], [], 10)[0] == [sock]
    got = b""
    while len(got) < len(ANSWERS[0]):
        got += sock.recv(65536)
    assert select.select([sock], [], [], 0)[0] == []
    sock.settimeout(0)
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    sock.settimeout(10)
    sock.sendall(REQUEST % 1)
    while sock.recv(65536):
        pass
    assert select.select([sock], [], [], 0)[0] == [sock]
    sock.close()


def _check_options(sock: socket.socket) -> None:
    assert sock.family in {socket.AF_INET, socket.AF_INET6}
    assert sock.type == socket.SOCK_STREAM
    sock.settimeout(7.5)
    assert sock.gettimeout() == 7.5
    assert sock.timeout == 7.5
    sock.setblocking(True)
    assert sock.gettimeout() is None
    assert sock.getblocking()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert sock.getpeername()[0] == "127.0.0.1"
    assert sock.getsockname()[0] == "127.0.0.1"
    with sock:
        assert sock.fileno() >= 0
    assert sock.fileno() == -1


def _check_http_client(sock: socket.socket) -> None:
    """The standard library's response, over it."""
    for number, body in enumerate([b"hello", b"world!"]):
        sock.sendall(REQUEST % number)
        response = http.client.HTTPResponse(sock)
        response.begin()
        assert response.status == 200
        assert response.read() == body
        response.close()
    sock.close()


def _check_closing(connect: Connect) -> None:
    sock = connect()
    sock.close()
    sock.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        sock.recv(1)
    with pytest.raises(OSError, match="Bad file descriptor"):
        sock.sendall(REQUEST % 0)
