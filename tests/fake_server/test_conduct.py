"""What a server does beside answering: its limits, its patience, what it says to Expect."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from fake_server import BadExpectation, Conduct, FakeServer, Streamed

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request

    from fake_server import Expectation

POST = get("/a", "Expect: 100-continue", "Content-Length: 2", method="POST")


def served(conduct: Conduct) -> Iterator[FakeServer]:
    """Give a server with this conduct."""
    with FakeServer(conduct=conduct) as server:
        server.expect("/a", required=False).respond(data="x")
        yield server


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"expect": "later"}, "expected expect= as one of 'at once', 'on read', 'refuse', 'never', got 'later'"),
        ({"head": 0}, "expected head= from 16, got 0"),
        ({"requests": 0}, "expected requests= from 1, got 0"),
        ({"content": "1"}, "expected content= from 0, got '1'"),
        ({"idle": "1"}, "expected idle= in seconds from 0, got '1'"),
        ({"idle": 0}, "expected idle= in seconds, more than 0, got 0"),
    ],
)
def test_what_cannot_be_kept_to_is_told_where_it_is_written(wrong: dict[str, object], told: str) -> None:
    """A bad limit is an error at once, and not in a thread of the server."""
    with pytest.raises(BadExpectation, match=told.replace("(", "\\(")):
        Conduct(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("conduct", "octets", "status"),
    [
        (Conduct(head=100), get("/a", "X: " + "x" * 100), b"431"),
        (Conduct(head=100), get("/" + "a" * 100), b"414"),
        (Conduct(content=3), get("/a", "Content-Length: 4", method="POST") + b"abcd", b"413"),
        (Conduct(content=3), get("/a", "Content-Length: 4", "Expect: 100-continue", method="POST"), b"413"),
        (
            Conduct(content=3),
            get("/a", "Transfer-Encoding: chunked", method="POST") + b"2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n",
            b"413",
        ),
        (Conduct(content=3), get("/a", "Content-Length: 3", method="POST") + b"abc", b"200"),
    ],
)
def test_what_is_too_long_is_refused(conduct: Conduct, octets: bytes, status: bytes) -> None:
    """Heads and contents past the limit get the status that fits, and no 100 before it."""
    for server in served(conduct):
        answer = ask(server, octets)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert (b"Connection: close" in answer) == (status != b"200")
        assert server.journal[0].outcome == status.decode()


def test_a_connection_too_many_is_told_so() -> None:
    """With one connection allowed, the second gets 503 and is closed; the next after that is served."""
    for server in served(Conduct(connections=1)):
        with RawClient(server) as first:
            assert first.send(get("/a")).response().head.status == 200
            with RawClient(server) as second:
                assert second.send(get("/a")).response().head.status == 503
                assert second.at_end()
            assert first.send(get("/a")).response().head.status == 200


def test_a_connection_is_closed_after_its_last_request() -> None:
    """With two requests to a connection, the second answer says that it is the last."""
    for server in served(Conduct(requests=2)):
        with RawClient(server) as client:
            first, second = (client.send(get("/a")).response() for _ in range(2))
            assert "connection" not in first.head.fields
            assert second.head.fields.get("connection") == "close"
            assert client.at_end()


def test_an_idle_connection_is_closed_silently() -> None:
    """Between requests the time-out ends the connection without an answer, as servers do."""
    for server in served(Conduct(idle=0.5)):
        with RawClient(server) as client:
            assert client.send(get("/a")).response().head.status == 200
            assert client.at_end()
        assert len(server.journal) == 1


def test_a_client_that_does_not_begin_tls_is_not_waited_for() -> None:
    """The time-out holds for the handshake as well."""
    with FakeServer(tls=True, conduct=Conduct(idle=0.5)) as server:
        server.expect("/a").respond(data="x")
        with RawClient(server) as silent:
            assert silent.at_end()
        assert [entry.outcome for entry in server.journal.wait_for()] == ["tls-failed"]
        sock = socket.create_connection((server.host, server.port), PATIENCE)
        with RawClient(server, server.tls.client_context().wrap_socket(sock, server_hostname="localhost")) as client:
            assert client.send(get("/a")).response().head.status == 200
            assert client.at_end()


def test_a_tunnel_in_which_nothing_comes_is_closed() -> None:
    """The time-out holds for what comes first in a tunnel as well."""
    for server in served(Conduct(idle=0.5)):
        octets = b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n"
        with RawClient(server) as silent:
            assert silent.send(octets).rest() == b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.mark.parametrize("begun", [b"GET /a HT", get("/a", "Content-Length: 5", method="POST") + b"ab"])
def test_half_a_request_gets_408(begun: bytes) -> None:
    """Within a request the time-out is told (RFC 9110 section 15.5.9)."""
    for server in served(Conduct(idle=0.5)):
        with RawClient(server) as client:
            answer = client.send(begun).rest()
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert server.journal[0].outcome == "408"


def test_without_a_version_there_is_no_head() -> None:
    """An HTTP/0.9 request gets content alone where that is wanted, and 400 where not."""
    for server in served(Conduct(http09=True)):
        assert ask(server, b"GET /a\r\n") == b"x"
        assert server.journal[0].request is not None
        assert server.journal[0].request.head.version == 9
        assert ask(server, get("/a")).startswith(b"HTTP/1.1 200 OK\r\n")
        server.expect("/stream").respond(Streamed(200, [], [b"one", b"two"], trailers=[("X", "1")]))
        assert ask(server, b"GET /stream\r\n") == b"onetwo"
    for server in served(Conduct()):
        assert ask(server, b"GET /a\r\n").startswith(b"HTTP/1.1 400 ")


def test_never_a_100() -> None:
    """The client that waits for a 100 gets none; what it sends all the same is read."""
    for server in served(Conduct(expect="never")):
        with RawClient(server) as client:
            response = client.send(POST + b"hi").response()
            assert (response.head.status, response.interim) == (200, ())
            assert client.send(get("/a")).response().head.status == 200
        assert server.journal[0].content == b"hi"


def test_an_expectation_can_be_refused() -> None:
    """The client gets 417, sends no content, and may ask again without the expectation over the same connection."""
    for server in served(Conduct(expect="refuse")):
        with RawClient(server) as client:
            assert client.send(POST).response().head.status == 417
            again = get("/a", "Content-Length: 2", method="POST") + b"hi"
            assert client.send(again).response().head.status == 200
        assert [entry.outcome for entry in server.journal] == ["417", "200"]


def test_content_that_nobody_wants_is_not_asked_for() -> None:
    """With "on read", an answer that needs no content comes without a 100, and says that the connection closes."""
    for server in served(Conduct(expect="on read")):
        with RawClient(server) as client:
            response = client.send(POST).response()
            assert (response.head.status, response.interim) == (200, ())
            assert response.head.fields.get("connection") == "close"
            assert client.at_end()
        assert server.journal[0].content == b""


def expects_json(server: FakeServer) -> Expectation:
    """Have the content compared."""
    return server.expect("/b", json=12).respond(data="json")


def handled(server: FakeServer) -> Expectation:
    """Have the content read by a handler."""

    def answer(request: Request) -> str:
        return request.get_data(as_text=True)

    return server.expect("/b").respond_with_handler(answer)


@pytest.mark.parametrize(("prepare", "content"), [(expects_json, b"json"), (handled, b"12")])
def test_content_is_asked_for_when_somebody_wants_it(prepare: object, content: bytes) -> None:
    """With "on read", a matcher and a handler that look at the content have the client send it."""
    for server in served(Conduct(expect="on read")):
        assert callable(prepare)
        prepare(server)
        with RawClient(server) as client:
            client.send(POST.replace(b"/a", b"/b"))
            assert client.head().status == 100
            response = client.send(b"12").response()
            assert (response.head.status, response.body.content) == (200, content)
            assert client.send(get("/a")).response().head.status == 200
        assert server.journal[0].content == b"12"


def test_a_handler_that_fails_after_a_100_is_answered() -> None:
    """The 100 is no answer: the client gets a 500 after it."""

    def fail(request: Request) -> str:
        raise ValueError(request.get_data(as_text=True))

    for server in served(Conduct(expect="on read")):
        server.expect("/b").respond_with_handler(fail)
        with RawClient(server) as client:
            response = client.send(POST.replace(b"/a", b"/b") + b"hi").response()
        assert (response.head.status, len(response.interim)) == (500, 1)
        server.handler_errors.clear()


def test_what_is_under_way_may_finish() -> None:
    """A stop that lets finish answers what it has, says that it closes, and closes what is idle at once."""
    go_on = threading.Event()
    server = FakeServer()
    server.start()
    server.expect("/a").respond(data="x")
    slow = server.expect("/slow").respond_with_handler(lambda _: "slow" if go_on.wait(10.0) else "too slow")
    with RawClient(server) as idle, RawClient(server) as busy:
        assert idle.send(get("/a")).response().head.status == 200
        busy.send(get("/slow"))
        slow.wait_for()
        stopping = threading.Thread(target=server.stop, kwargs={"finish": 10.0})
        stopping.start()
        assert idle.at_end()
        go_on.set()
        response = busy.response()
        assert response.body.content == b"slow"
        assert busy.at_end()
        stopping.join(10.0)
        assert not stopping.is_alive()
