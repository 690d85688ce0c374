"""Sessions on a server of another process, and what is passed on to them."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

from fake_server import BadExpectation, FakeServer, NotVerified, SharedServer, Streamed, WrongState, faults
from httplib_sim import wire

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_server.remote import RemoteSession

BOX = """
import sys
from fake_server import FakeServer
with FakeServer() as server:
    print(server.share(), server.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL at which a server in another process, which knows nothing of us, is shared."""
    with subprocess.Popen([sys.executable, "-c", BOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as box:
        assert box.stdout is not None
        yield box.stdout.readline().split()[0]
        box.communicate(timeout=PATIENCE)
    assert box.returncode == 0


@pytest.fixture
def session(url: str) -> Iterator[RemoteSession]:
    """A session on that server."""
    with SharedServer(url).session() as session:
        yield session


def fetch(session: RemoteSession, path: str) -> requests.Response:
    """Ask as the session's client does."""
    return requests.get(session.url_for(path), headers=dict(session.headers), timeout=PATIENCE)


def test_a_session_in_this_process_answers_for_a_server_in_another(session: RemoteSession) -> None:
    """By a function of the test, which is asked here; and the journal is here."""
    here = threading.get_ident()
    seen: list[bool] = []

    def handle(_: object) -> str:
        seen.append(here in {thread.ident for thread in threading.enumerate()})
        return "from here"

    session.expect("/a", query_string="x=1").respond_with_handler(handle)
    assert fetch(session, "/a?x=1").text == "from here"
    assert seen == [True]
    assert session.journal.one("GET", "/a").outcome == "200"
    session.verify()


@pytest.mark.parametrize("place", [{"header": "X-Run"}, {"path": True}, {"query": "run"}], ids=str)
def test_keys_may_be_anywhere(url: str, place: dict[str, Any]) -> None:
    """What is asked for here is what would be without the key."""
    with SharedServer(url).session("k/ey", **place) as session:
        session.expect("/a", query_string="x=1").respond(data="x")
        assert fetch(session, "/a?x=1").text == "x"
        assert session.journal[0].target == "/a?x=1"


def test_sessions_of_two_processes_are_apart(url: str) -> None:
    """One process stands for two, since each session has a server of its own."""
    with SharedServer(url).session() as one, SharedServer(url).session() as other:
        one.expect("/a").respond(data="one's")
        other.expect("/a").respond(data="the other's")
        assert [fetch(one, "/a").text, fetch(other, "/a").text, fetch(one, "/a").text] == [
            "one's",
            "the other's",
            "one's",
        ]
        assert (len(one.journal), len(other.journal)) == (2, 1)


def test_what_was_not_expected_is_told_here(session: RemoteSession) -> None:
    """In the answer, and in the session's verdict."""
    assert "GET /b was not expected" in fetch(session, "/b").text
    with pytest.raises(NotVerified, match="GET /b was not expected"):
        session.verify()


def test_a_key_that_is_taken_or_none_is_refused(url: str) -> None:
    """By the shared server; nothing keeps running here."""
    threads = threading.active_count()
    with SharedServer(url).session("k"):
        with pytest.raises(WrongState, match="has a session with this key already"):
            SharedServer(url).session("k")
        with pytest.raises(BadExpectation, match="got nothing"):
            SharedServer(url).session("")
    with SharedServer(url).session("k") as again:
        assert again.key == "k"
    assert threading.active_count() == threads


def test_nobody_there_is_told() -> None:
    """With the URL that was given."""
    with FakeServer() as server:
        gone = server.share()
        with pytest.raises(WrongState, match="is shared already"):
            server.share()
    with pytest.raises(WrongState, match=f"expected a shared fake server at {gone}, got"):
        SharedServer(gone).session()


@pytest.fixture
def near() -> Iterator[tuple[FakeServer, RemoteSession]]:
    """A server that is shared with its own process, and a session on it with the key ``k``."""
    with FakeServer() as server, SharedServer(server.share()).session("k") as session:
        yield server, session


KEY = "X-Test-Session: k"


def test_an_answer_comes_to_the_octet(near: tuple[FakeServer, RemoteSession]) -> None:
    """Interim responses, chunks and trailers; and the connection persists."""
    server, session = near
    answer = Streamed(200, [("X-Odd", "1")], [b"one", b"two"], trailers=[("X-Count", "2")])
    session.expect("/a").respond(answer).with_fault(faults.Information(103))
    session.expect("/head").respond(data="four")
    with RawClient(server) as client:
        for _ in range(2):
            received = client.send(get("/a", KEY)).response()
            assert [head.status for head in received.interim] == [103]
            assert received.octets == session.journal[-1].sent
        assert client.send(get("/head", KEY, method="HEAD")).response("HEAD").body.content == b""
        assert client.send(get("/head", KEY)).response().body.content == b"four"
    assert server.expectations.unused == []


def test_a_request_comes_to_the_octet(near: tuple[FakeServer, RemoteSession]) -> None:
    """Chunks, their extensions, trailers; and a client that waits gets one 100."""
    server, session = near
    session.expect("/a").respond(data="x")
    body = b"3;a=b\r\nabc\r\n0\r\nX-End: 1\r\n\r\n"
    octets = get("/a", KEY, "Transfer-Encoding: chunked", "Expect: 100-continue", method="POST") + body
    answer = ask(server, octets)
    assert answer.count(b"100 Continue") == 1
    assert answer.endswith(b"x")
    assert session.journal[0].octets == octets


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (faults.Reset(after="body[:2]"), ConnectionResetError),
        (faults.Close(after="body[:2]"), wire.IncompleteMessage),
        (faults.Reset(), ConnectionResetError),
    ],
    ids=str,
)
def test_what_goes_wrong_there_goes_wrong_here(
    near: tuple[FakeServer, RemoteSession], fault: faults.Fault, end: type[Exception]
) -> None:
    """A cut answer is cut, a reset is a reset, and what stood before it has come."""
    server, session = near
    session.expect("/a").respond(data="hello").with_fault(fault)
    with RawClient(server) as client, pytest.raises(end):
        client.send(get("/a", KEY)).response()


def test_octets_that_are_no_response_are_passed_on(near: tuple[FakeServer, RemoteSession]) -> None:
    """To the end of the connection."""
    server, session = near
    session.expect("/a").respond(data="x").with_fault(faults.StatusLine(b"HELLO"), faults.Close(after="response"))
    answer = ask(server, get("/a", KEY))
    assert answer.startswith(b"HELLO\r\n")
    assert answer == session.journal[0].sent


def test_what_comes_slowly_is_passed_on_as_it_comes(near: tuple[FakeServer, RemoteSession]) -> None:
    """The head has come while the content is held."""
    server, session = near
    held = session.expect("/a").respond(data="hello").hold(after="headers")
    with RawClient(server) as client:
        client.send(get("/a", KEY))
        assert client.head().status == 200
        held.release()
        while isinstance(event := client.reader.next_event(), wire.NeedData):
            client.reader.feed(client.sock.recv(65_536))
        assert isinstance(event, wire.Data)


def test_a_server_that_stops_waits_for_no_other_process() -> None:
    """Though that has not answered."""
    with FakeServer(grace=60) as server, SharedServer(server.share()).session("k") as session:
        expected = session.expect("/a").respond(data="hello").hold()
        with RawClient(server) as client:
            client.send(get("/a", KEY))
            expected.wait_held()
            server.stop()
            assert client.at_end()


def test_a_session_whose_process_has_died_says_so() -> None:
    """The key still is its own."""
    program = (
        "import os, sys; from fake_server import SharedServer; SharedServer(sys.argv[1]).session('k'); os._exit(0)"
    )
    with FakeServer() as server:
        subprocess.run([sys.executable, "-c", program, server.share()], check=True, timeout=60)
        assert b"expected the process of this session at 127.0.0.1:" in ask(server, get("/a", KEY))
