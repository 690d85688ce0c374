"""One connection: what a server of HTTP/1.x must do, seen from the wire."""

from __future__ import annotations

import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from fake_server import Conduct, FakeServer, PeerGone, Raw, Streamed, Then

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fake_server.connection import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture(autouse=True)
def _expectation(server: FakeServer) -> None:
    server.expect("/", required=False).respond(data="hi")


def post(content: bytes, *fields: str) -> bytes:
    """Return the octets of a POST with this content."""
    return get("/", f"Content-Length: {len(content)}", *fields, method="POST") + content


def test_an_answer_is_these_octets(server: FakeServer) -> None:
    """Nothing is added to what was asked for but the framing: no Date, no Server."""
    assert ask(server, get()) == OK


def test_a_connection_is_kept_alive(server: FakeServer) -> None:
    """One request after the other over one connection (RFC 9112 section 9.3)."""
    with RawClient(server) as client:
        for _ in range(3):
            assert client.send(get()).response().body.content == b"hi"
    assert [entry.caller.connection for entry in server.journal] == [1, 1, 1]


def test_pipelined_requests_are_answered_in_order(server: FakeServer) -> None:
    """All that came at once is answered, one after the other (RFC 9112 section 9.3.2)."""
    for number in range(3):
        server.expect(f"/{number}").respond(data=f"{number}")
    with RawClient(server) as client:
        client.send(get("/0") + post(b"x") + get("/2") + get("/1"))
        assert [client.response().body.content for _ in range(4)] == [b"0", b"hi", b"2", b"1"]


def test_a_request_may_come_octet_by_octet(server: FakeServer) -> None:
    """Where the network cuts it means nothing."""
    with RawClient(server) as client:
        for octet in post(b"abc"):
            client.send(bytes([octet]))
        assert client.response().body.content == b"hi"
    assert server.journal[0].content == b"abc"


def test_a_request_that_is_followed_by_the_end_is_answered(server: FakeServer) -> None:
    """A client may close its side before the answer comes."""
    assert ask(server, get() + get()) == OK + OK


@pytest.mark.parametrize(
    "request_octets",
    [get("/", "Connection: close"), get("/", "Connection: TE, Close"), get("/", version="HTTP/1.0")],
    ids=["1.1 with close", "close among others", "1.0"],
)
def test_a_connection_is_closed_when_the_request_says_so(server: FakeServer, request_octets: bytes) -> None:
    """After the answer, which says so too (RFC 9112 section 9.6)."""
    with RawClient(server) as client:
        response = client.send(request_octets).response()
        assert response.head.fields.get("connection") == "close"
        assert client.at_end()


def test_http_1_0_may_ask_for_more(server: FakeServer) -> None:
    """With keep-alive the connection persists, and the answer says so (RFC 9112 section 9.3)."""
    with RawClient(server) as client:
        for _ in range(2):
            head = client.send(get("/", "Connection: keep-alive", version="HTTP/1.0")).response().head
            assert head.fields.get("connection") == "keep-alive"


def test_what_follows_a_last_request_is_not_read(server: FakeServer) -> None:
    """Requests behind one that closes get no answer, and the client no reset."""
    with RawClient(server) as client:
        client.send(get("/", "Connection: close") + get() * 1000)
        client.response()
        assert client.at_end()
    assert len(server.journal) == 1


def test_head_is_answered_without_content(server: FakeServer) -> None:
    """With the same fields as GET (RFC 9110 section 9.3.2)."""
    with RawClient(server) as client:
        client.send(get(method="HEAD") + get())
        head = client.response("HEAD")
        assert (head.body.content, head.head.fields) == (b"", client.response().head.fields)


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_content_have_none(server: FakeServer, status: int) -> None:
    """Nor a length of it (RFC 9110 section 8.6)."""
    server.expect("/none").respond(status=status)
    with RawClient(server) as client:
        response = client.send(get("/none") + get()).response()
        assert (response.head.status, list(response.head.fields)) == (status, [])
        assert client.response().body.content == b"hi"


def test_a_chunked_request_is_read_whole(server: FakeServer) -> None:
    """Chunks, extensions and trailers are in the journal as they came (RFC 9112 section 7.1)."""
    octets = get("/", "Transfer-Encoding: chunked", method="POST")
    octets += b"3;a=b\r\nabc\r\n02\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"
    assert ask(server, octets + get()) == OK + OK
    entry = server.journal[0]
    assert (entry.octets, entry.content, entry.trailers.get("x-sum")) == (octets, b"abcde", "5")
    assert entry.request is not None
    assert [chunk.extension for chunk in entry.request.body.chunks or ()] == [";a=b", "", ""]


def test_100_continue_is_sent_once_and_before_the_content_is_read(server: FakeServer) -> None:
    """RFC 9110 section 10.1.1."""
    with RawClient(server) as client:
        client.send(post(b"abc", "Expect: 100-continue")[:-3])
        assert client.head().status == 100
        client.send(b"abc" + get())
        first, second = client.response(), client.response()
        assert (first.interim, first.head.status, second.interim) == ((), 200, ())


def test_100_continue_is_sent_where_the_content_came_at_once(server: FakeServer) -> None:
    """What is answered does not depend on how the network cuts."""
    answer = ask(server, post(b"abc", "Expect: 100-continue"))
    assert answer == b"HTTP/1.1 100 Continue\r\n\r\n" + OK
    assert server.journal[0].sent == answer


@pytest.mark.parametrize(
    "octets",
    [get("/", "Expect: 100-continue"), post(b"", "Expect: 100-continue"), post(b"abc", "Expect: something")],
    ids=["no content", "content of no octets", "another expectation"],
)
def test_nothing_is_continued_where_nothing_is_to_come(server: FakeServer, octets: bytes) -> None:
    """There is no 100 without content that is waited for."""
    assert ask(server, octets) == OK


def test_http_1_0_gets_no_100(server: FakeServer) -> None:
    """A server must ignore the expectation of an HTTP/1.0 client (RFC 9110 section 10.1.1)."""
    octets = post(b"abc", "Expect: 100-continue").replace(b"HTTP/1.1", b"HTTP/1.0")
    assert ask(server, octets).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("octets", "status", "text"),
    [
        (b"hello\r\n\r\n", 400, "a request line such as 'GET / HTTP/1.1'"),
        (b"GET / HTTP/2.0\r\n\r\n", 505, "HTTP/2.0"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "expected one Host field line, got none"),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "expected one Host field line, got 2"),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "between the field name and the colon"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414, "at most 65536 octets"),
        (get("/", *["A: b"] * 101), 431, "at most 100 field lines"),
        (post(b"", "Content-Length: 3"), 400, "Content-Length"),
        (post(b"", "Transfer-Encoding: chunked"), 400, "Transfer-Encoding"),
        (get("/", "Transfer-Encoding: gzip", method="POST"), 400, "transfer coding"),
        (get("/", "Transfer-Encoding: chunked", method="POST") + b"x\r\n", 400, "chunk"),
        (post(b"abc")[:-1], 400, "got 2 before the connection ended"),
        (b"GET / HT", 400, "the connection ended inside a head"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_request_is_refused_in_words(server: FakeServer, octets: bytes, status: int, text: str) -> None:
    """With the status that fits, and then the connection is closed: nothing after it can be understood."""
    before = get()
    with RawClient(server) as client:
        client.send(before + octets).sock.shutdown(socket.SHUT_WR)
        assert client.response().head.status == 200
        refusal = client.response()
        assert refusal.head.status == status
        assert text in refusal.body.content.decode()
        assert refusal.head.fields.get("connection") == "close"
        assert client.at_end()
    entry = server.journal[1]
    assert entry.octets == octets
    assert text in entry.error
    assert entry.outcome == str(status)


@pytest.mark.parametrize(
    "octets", [b"hello\r\n\r\n", b"GET /a HTTP/1.1\r\n\r\n", post(b"", "Transfer-Encoding: chunked") + b"zz\r\n"]
)
def test_what_is_no_request_was_not_expected(server: FakeServer, octets: bytes) -> None:
    """It fails the test, unless that says otherwise."""
    with RawClient(server) as client:
        assert client.send(octets).response().head.status == 400
    (finding,) = server.findings()
    assert finding.startswith("what came on connection 1 is no request: expected ")
    assert server.remarks_beside() == []  # it is told once
    assert "clear_assertions()" in finding


def test_a_client_that_goes_away_within_a_request_may_be_expected(server: FakeServer) -> None:
    """It is told only beside what is not as expected; and so is what a limit of the test's own refuses."""
    ask(server, post(b"abc")[:-1])
    assert server.findings() == []
    assert "expected 3 octets of content, got 2" in "".join(server.remarks_beside())
    with FakeServer(conduct=Conduct(content=2)) as limited:
        assert ask(limited, post(b"abc")).startswith(b"HTTP/1.1 413 ")
        assert limited.findings() == []


def test_tls_where_there_is_none_is_told_at_once(server: FakeServer) -> None:
    """The client learns that this is not TLS, and does not wait for ever; the test learns which URL is wrong."""
    with pytest.raises(requests.exceptions.SSLError, match=r"(?i)wrong.version.number|record layer failure"):
        requests.get(server.url.replace("http:", "https:"), timeout=PATIENCE)
    (finding,) = server.findings()
    assert "expected HTTP, since this server speaks without TLS; got the beginning of TLS" in finding


def test_a_refusal_reaches_a_client_that_goes_on_sending(server: FakeServer) -> None:
    """What is still under way does not turn the end into a reset, which would take the answer from the client."""
    with RawClient(server) as client:
        client.send(b"nonsense\r\n\r\n" + b"x" * 3_000_000)
        assert client.response().head.status == 400
        assert client.at_end()


def test_a_client_that_only_connects_is_no_entry(server: FakeServer) -> None:
    """Nor is one that hangs up between requests."""
    with RawClient(server) as client:
        client.send(get()).response()
    with RawClient(server) as client:
        client.sock.shutdown(socket.SHUT_WR)
        assert client.at_end()
    assert len(server.journal) == 1


def test_empty_lines_before_a_request_are_passed_over(server: FakeServer) -> None:
    """RFC 9112 section 2.2."""
    assert ask(server, b"\r\n\r\n" + get()) == OK


class Probe:
    """An answer that does what the test wants."""

    def __init__(self, act: Callable[[Connection], str]) -> None:
        self._act = act

    def send(self, connection: Connection) -> str:
        """Let the test's function act."""
        return self._act(connection)


def test_an_answer_may_be_any_object_that_writes_itself(server: FakeServer) -> None:
    """It has the request at hand, and the connection is its own."""

    def act(connection: Connection) -> str:
        assert connection.request is not None
        connection.write(b"HTTP/1.1 299 ")
        connection.write(connection.request.head.method.encode() + b"\r\nContent-Length: 0\r\n\r\n")
        return "my own"

    server.expect("/probe").respond(Probe(act))
    with RawClient(server) as client:
        assert client.send(get("/probe")).response().head.start_line == "HTTP/1.1 299 GET"
        assert client.send(get()).response().head.status == 200
    assert server.journal[0].outcome == "my own"


def test_writing_to_a_client_that_has_gone_is_an_error_of_its_own(server: FakeServer) -> None:
    """The answer is told, and the journal says that the client closed."""
    seen: list[type[Exception]] = []
    gone = threading.Event()

    def act(connection: Connection) -> str:
        assert gone.wait(PATIENCE)
        try:
            for _ in range(100):
                connection.write(b"x" * 1_000_000)
        except PeerGone as error:
            seen.append(type(error))
            raise
        return "not reached"

    server.expect("/probe").respond(Probe(act))
    with RawClient(server) as client:
        client.send(get("/probe"))
        server.journal.wait_for(path="/probe")
    gone.set()
    assert server.journal[0].outcome == "client-closed"
    assert seen == [PeerGone]
    server.verify()


def test_an_error_after_the_first_octet_cuts_the_answer(server: FakeServer) -> None:
    """There is no way to take it back; the test is told."""

    def pieces() -> Iterator[bytes]:
        yield b"begin"
        raise RuntimeError("in the middle")

    server.expect("/cut").respond(Streamed(200, [], pieces()))
    answer = ask(server, get("/cut") + get())
    assert answer.endswith(b"5\r\nbegin\r\n")
    assert server.journal[0].outcome == "failed"
    with pytest.raises(RuntimeError, match="in the middle"):
        server.check_handler_errors()


@pytest.mark.parametrize("then", Then, ids=lambda then: then.value)
def test_raw_octets_are_sent_as_they_are(server: FakeServer, then: Then) -> None:
    """And then the connection is kept, closed, reset or left to the client."""
    server.expect("/raw").respond(Raw(b"HTTP/9.9 whatever\n\n", then, f"raw then {then.value}"))
    with RawClient(server) as client:
        client.send(get("/raw"))
        assert client.sock.recv(1000) == b"HTTP/9.9 whatever\n\n"
        if then is Then.KEEP:
            assert client.send(get()).response().head.status == 200
        elif then is Then.CLOSE:
            assert client.at_end()
        elif then is Then.RESET:
            with pytest.raises(ConnectionResetError):
                client.sock.recv(1)
        else:
            client.send(get())
            client.sock.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.sock.recv(1)
    assert server.journal[0].outcome == f"raw then {then.value}"


@pytest.mark.parametrize("size", [100_000, 3_000_000])
def test_before_a_reset_all_octets_are_delivered(server: FakeServer, size: int) -> None:
    """A client that reads on gets everything that was promised, and only then the reset."""
    server.expect("/raw").respond(Raw(b"x" * size, Then.RESET))
    with RawClient(server) as client:
        client.send(get("/raw"))
        got = 0
        while got < size:
            got += len(client.sock.recv(65_536))
        with pytest.raises(ConnectionResetError):
            client.sock.recv(1)


def test_curl_uploads_with_expect_and_keeps_the_connection(server: FakeServer, tmp_path: Path) -> None:
    """A client we did not write agrees: two uploads of 2 MB over one connection, each after a 100."""
    content = bytes(range(256)) * 8192
    (tmp_path / "content").write_bytes(content)
    upload = ["-H", "Expect: 100-continue", "--data-binary", f"@{tmp_path}/content"]
    command = ["curl", "-sS", *upload, server.url, server.url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"hihi"
    assert [entry.content for entry in server.journal] == [content, content]
    assert server.journal.connections == 1


def test_curl_uploads_in_chunks(server: FakeServer, tmp_path: Path) -> None:
    """As clients do that do not know the length."""
    (tmp_path / "content").write_bytes(b"abc" * 100_000)
    command = ["curl", "-sS", "-T", "-", "-X", "POST", server.url]
    done = subprocess.run(command, input=b"abc" * 100_000, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"hi"
    assert server.journal[0].content == b"abc" * 100_000
    assert server.journal[0].headers.get("transfer-encoding") == "chunked"
