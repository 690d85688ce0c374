"""What every client must be given again in a replay as it was given live: one server's behaviour and one program each.

The server's side is a script over the raw socket; the program's side is written for any `Session`. A program returns
what the client gave it, which is compared; an exception is compared by its class.
"""

from __future__ import annotations

import gzip
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fake_server.unreachable import RefusedPort, SilentPort
from tests.cassettes.origin import TIMEOUT, OriginServer, Peer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .sessions import Session

PATIENCE = 0.25
"""Seconds until a client's time-out, live; in a replay it is a thousand times as long."""

MEBIBYTE = bytes(range(256)) * 4096


class Scenario:
    """A server's script, and a program. The base class: one GET, answered with *octets*.

    ``read`` is set once the client has the head of an answer: a script may wait for it.
    """

    octets = b""
    tls = False
    closes = False
    patient = True
    connects = True  # whether it can be connected to
    trusted = True  # whether the client trusts the server's certificate
    place = ""  # whom the client asks, if it is not the server
    counted = True  # whether it takes the same number of connections each time

    def __init__(self) -> None:
        self.read = threading.Event()

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """What there is beside the server, and lasts from the first run to the replay."""
        yield

    def script(self, peer: Peer) -> None:
        """Answer each request with ``octets``."""
        while True:
            self.read_request(peer)
            peer.send(self.octets)
            if self.closes:
                return

    def read_request(self, peer: Peer) -> bytes:
        """Wait for a request with all of its body; return its head."""
        head = peer.read_head()
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
        if b"transfer-encoding: chunked" in head.lower():
            peer.read_until(b"\r\n0\r\n\r\n")
        while length:
            length -= len(peer.read_some(length))
        return head

    async def program(self, session: Session, url: str) -> Any:  # whatever the client gave
        """Ask, and return what came."""
        return await session.ask("GET", url + "/path?query=1")


class Get(Scenario):
    """A GET."""

    octets = answer(b"hello", "Content-Type: text/plain", "X-Twice: a", "X-Twice: b")


class Head(Scenario):
    """A HEAD: a Content-Length and no content."""

    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    async def program(self, session: Session, url: str) -> Any:
        """Ask for the head, twice on one connection."""
        return [await session.ask("HEAD", url + "/a"), await session.ask("HEAD", url + "/a")]


class PostJson(Scenario):
    """A POST, which the server gives back."""

    def script(self, peer: Peer) -> None:
        """Echo."""
        while True:
            self.read_request(peer)
            peer.send(answer(bytes(peer.received[-16:]), "Content-Type: application/json", status="201 Created"))

    async def program(self, session: Session, url: str) -> Any:
        """Send JSON."""
        return await session.ask("POST", url + "/a", {"Content-Type": "application/json"}, b'{"key": "valuE"}')


class NoContent(Scenario):
    """A 204."""

    octets = b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"


class Chunked(Scenario):
    """Chunks of odd sizes, with an extension and a trailer."""

    octets = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"1\r\na\r\n007;name=value\r\nbcdefgh\r\n3\r\nijk\r\n0\r\nX-Sum: 11\r\n\r\n"
    )


class Gzip(Scenario):
    """A content coding, which the client takes off."""

    octets = answer(gzip.compress(b"zipped " * 100, mtime=0), "Content-Encoding: gzip")


class Interim(Scenario):
    """Interim responses before the final one."""

    octets = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"final")


class UntilClose(Scenario):
    """A body that ends with the connection."""

    octets = b"HTTP/1.1 200 OK\r\n\r\nto the end"
    closes = True


class Redirect(Scenario):
    """A redirect, which the client follows on the same connection."""

    def script(self, peer: Peer) -> None:
        """Point from /from to /to."""
        while True:
            if self.read_request(peer).startswith(b"GET /from"):
                peer.send(answer(b"", "Location: /to", status="302 Found"))
            else:
                peer.send(answer(b"arrived"))

    async def program(self, session: Session, url: str) -> Any:
        """Ask for the one that has moved."""
        return await session.ask("GET", url + "/from")


class KeepAlive(Scenario):
    """Three requests on one connection."""

    def script(self, peer: Peer) -> None:
        """Number the requests of this connection."""
        for number in range(10):
            self.read_request(peer)
            peer.send(answer(b"%d" % number))

    async def program(self, session: Session, url: str) -> Any:
        """Ask three times."""
        return [await session.ask("GET", url + "/a") for _ in range(3)]


class Close(Scenario):
    """A server that closes after each answer, and says so."""

    octets = answer(b"bye", "Connection: close")
    closes = True

    async def program(self, session: Session, url: str) -> Any:
        """Ask three times."""
        return [await session.get(url + "/a") for _ in range(3)]


class Https(Scenario):
    """TLS: GET, POST and gzip on one connection."""

    tls = True
    octets = answer(gzip.compress(b"zipped " * 100, mtime=0), "Content-Encoding: gzip")

    async def program(self, session: Session, url: str) -> Any:
        """Ask in three ways."""
        first = await session.ask("GET", url + "/a")
        return [first, await session.ask("POST", url + "/b", {}, b"body"), await session.ask("GET", url + "/c")]


class TimeoutBeforeHead(Scenario):
    """No answer at all."""

    patient = False

    def script(self, peer: Peer) -> None:
        """Wait for the client to give up."""
        self.read_request(peer)
        peer.read_to_end()


class TimeoutInBody(Scenario):
    """Half an answer."""

    patient = False

    def script(self, peer: Peer) -> None:
        """Wait for the client to give up."""
        self.read_request(peer)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ")
        peer.read_to_end()


class TimeoutInBodyWithTls(TimeoutInBody):
    """Half an answer, over TLS."""

    tls = True


class ResetInBody(Scenario):
    """A connection that breaks once the head has been read."""

    def script(self, peer: Peer) -> None:
        """Send half, and break."""
        self.read_request(peer)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ")
        assert self.read.wait(TIMEOUT)
        peer.reset()


class ResetInBodyWithTls(ResetInBody):
    """The same over TLS, which hides it from some."""

    tls = True


class ResetBeforeHead(Scenario):
    """A connection that breaks instead of an answer."""

    def script(self, peer: Peer) -> None:
        """Break."""
        self.read_request(peer)
        peer.reset()


class ClosedBeforeHead(Scenario):
    """A connection that ends instead of an answer."""

    closes = True


class Truncated(Scenario):
    """A body that ends too early."""

    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf "
    closes = True


class TruncatedChunk(Scenario):
    """A chunk that ends too early."""

    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"
    closes = True


class TruncatedHead(Scenario):
    """A head that ends too early."""

    octets = b"HTTP/1.1 200 OK\r\nContent-Le"
    closes = True


class Garbage(Scenario):
    """No HTTP."""

    octets = b"SSH-2.0-OpenSSH_9.6\r\n"
    closes = True


class Mebibyte(Scenario):
    """A long body, read piece by piece."""

    octets = answer(MEBIBYTE)


class LongRequest(Scenario):
    """A long body to the server, with an answer as long."""

    octets = answer(MEBIBYTE)

    async def program(self, session: Session, url: str) -> Any:
        """Send it, twice."""
        return [await session.ask("POST", url + "/a", {}, MEBIBYTE) for _ in range(2)]


class Hundred(Scenario):
    """A hundred exchanges, one after the other."""

    def script(self, peer: Peer) -> None:
        """Answer with the target."""
        while True:
            peer.send(answer(self.read_request(peer).split()[1]))

    async def program(self, session: Session, url: str) -> Any:
        """Ask for a hundred things."""
        return [await session.get(f"{url}/{number}") for number in range(100)]


class AtOnce(Hundred):
    """Eight users of one session, five requests each."""

    counted = False

    async def program(self, session: Session, url: str) -> Any:
        """Ask for forty things, eight at a time."""

        async def user(number: int) -> list[str]:
            return [await session.get(f"{url}/{number}/{turn}") for turn in range(5)]

        def of(number: int) -> Callable[[], Any]:
            return lambda: user(number)

        return await session.at_once([of(number) for number in range(8)])


class AtOnceWithTls(AtOnce):
    """The same over TLS."""

    tls = True


class Refused(Scenario):
    """A port at which nobody listens."""

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """The port."""
        with RefusedPort() as port:
            self.place = port.url
            yield

    async def program(self, session: Session, url: str) -> Any:
        """Ask there, twice."""
        return [await failing(session, url), await failing(session, url)]


class NameNotFound(Scenario):
    """A name that nobody has."""

    place = "http://nobody.invalid:80"

    async def program(self, session: Session, url: str) -> Any:
        """Ask there."""
        return await failing(session, url)


class NameNotFoundWithTls(NameNotFound):
    """The same, over TLS."""

    tls = True
    place = "https://nobody.invalid:443"


class ConnectTimeout(Scenario):
    """A server that does not answer who wants to connect."""

    patient = False
    connects = False

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """The server."""
        with SilentPort() as port:
            self.place = port.url
            yield

    async def program(self, session: Session, url: str) -> Any:
        """Ask there."""
        return await failing(session, url)


class BadCertificate(Scenario):
    """A server whose certificate nobody trusts."""

    tls = True
    trusted = False

    async def program(self, session: Session, url: str) -> Any:
        """Ask, twice."""
        return [await failing(session, url), await failing(session, url)]


class NoTls(Scenario):
    """A server that speaks no TLS."""

    counted = False

    def script(self, peer: Peer) -> None:
        """Answer what is no HTTP."""
        peer.read_some(5)
        peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        peer.read_to_end()

    async def program(self, session: Session, url: str) -> Any:
        """Ask."""
        return await failing(session, url.replace("http:", "https:"))


class RefusedThenAnswered(Scenario):
    """A server that is not there at first, then is, then is not any more."""

    octets = answer(b"hello", "Connection: close")
    closes = True
    counted = False

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Its port, which nobody else gets meanwhile."""
        with socket.socket() as reserved:
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))
            self.place = f"http://127.0.0.1:{reserved.getsockname()[1]}"
            yield

    async def program(self, session: Session, url: str) -> Any:
        """Ask at each time."""
        first = await failing(session, url)
        with OriginServer(self.script, port=int(url.rpartition(":")[2])):
            second = await session.get(url + "/a")
        return [first, second, await failing(session, url)]


async def failing(session: Session, url: str) -> type[Exception]:
    """Ask *session* for something at *url*, which fails: return the exception's class."""
    try:
        got = await session.get(url + "/a")
    except Exception as error:  # noqa: BLE001  whatever the client raises is compared
        return type(error)
    raise AssertionError(f"expected an exception, got {got!r}")


def _all(kind: type[Scenario]) -> list[type[Scenario]]:
    return [found for each in kind.__subclasses__() for found in (each, *_all(each))]


SCENARIOS: dict[str, type[Scenario]] = {scenario.__name__: scenario for scenario in _all(Scenario)}
"""All scenarios, by name."""
