"""Sessions: several tests at once on one server, each as if it were alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from fake_server import BadExpectation, FakeServer, NotVerified, Session, StillRunning, WrongState, faults

from .raw import RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug import Request


def fetch(session: Session, path: str = "/", method: str = "GET") -> tuple[int, bytes]:
    """Ask as a client of *session* does; return status and content."""
    answer = requests.request(method, session.url_for(path), headers=session.headers, timeout=10)
    return answer.status_code, answer.content


WHERE: dict[str, Callable[[FakeServer], Session]] = {
    "header": lambda server: server.session(),
    "another header": lambda server: server.session(header="X-Run"),
    "path": lambda server: server.session(path=True),
    "query": lambda server: server.session(query="run"),
}


@pytest.mark.parametrize("opened", WHERE.values(), ids=WHERE)
def test_each_session_sees_its_own_requests_alone(server: FakeServer, opened: Callable[[FakeServer], Session]) -> None:
    """Expectations, journals and verdicts are apart, and none mentions the key."""
    with opened(server) as one, opened(server) as other:
        server.expect("/a").respond(data="the server's")
        one.expect("/a", query_string="x=1").respond(data="one's")
        other.expect("/a", query_string="x=1").respond(data="the other's")
        assert [fetch(one, "/a?x=1")[1] for _ in range(3)] == [b"one's"] * 3
        assert fetch(other, "/a?x=1")[1] == b"the other's"
        assert b"the server's" in ask(server, get("/a"))
        assert [entry.target for entry in one.journal] == ["/a?x=1"] * 3
        assert [entry.number for entry in other.journal] == [1]
        assert [entry.path for entry in server.journal] == ["/a"]
        for party in (one, other, server):
            party.verify()


def test_what_was_received_is_kept_to_the_octet(server: FakeServer) -> None:
    """The key that was taken out of the target stands there."""
    with server.session("k", path=True) as session:
        session.expect("/a").respond(data="x")
        octets = get("/k/a", "Content-Length: 2") + b"hi"
        ask(server, octets)
        assert session.journal[0].octets == octets
        assert session.journal[0].target == "/a"


def test_a_finding_is_the_one_session_s_alone(server: FakeServer) -> None:
    """A request that was not expected, an error of a handler, and an expectation that nobody met."""
    good, bad = server.session(), server.session()

    def fails(_: Request) -> str:
        raise RuntimeError("oh no")

    bad.expect("/handler").respond_with_handler(fails)
    bad.expect("/never").respond(data="x")
    good.expect("/a").respond(data="x")
    assert fetch(bad, "/handler")[0] == 500
    assert fetch(bad, "/other")[0] == 500
    assert fetch(good, "/a") == (200, b"x")
    good.verify()
    server.verify()
    with pytest.raises(NotVerified) as caught:
        bad.verify()
    assert all(text in str(caught.value) for text in ("GET /other was not expected", "oh no", "/never", "3 things"))


def test_scenarios_orders_and_turns_are_apart(server: FakeServer) -> None:
    """What one session has done is not done in the other."""
    one, other = server.session(), server.session()
    for session in (one, other):
        session.expect("/s", scenario="s", state="started", becomes="full").respond(data="first")
        session.expect("/s", scenario="s", state="full").respond(data="then")
        session.expect_oneshot_request("/once").respond(data="once")
    assert [fetch(one, "/s")[1] for _ in range(2)] == [b"first", b"then"]
    assert fetch(one, "/once")[1] == b"once"
    assert other.scenarios["s"] == "started"
    assert fetch(other, "/once")[1] == b"once"
    assert fetch(other, "/s")[1] == b"first"


def test_a_missed_order_is_missed_in_one_session(server: FakeServer) -> None:
    """The other goes on."""
    one, other = server.session(), server.session()
    for session in (one, other):
        session.expect_ordered_request("/1").respond(data="1")
        session.expect_ordered_request("/2").respond(data="2")
    assert fetch(one, "/2")[0] == 500
    assert [fetch(other, path) for path in ("/1", "/2")] == [(200, b"1"), (200, b"2")]


def test_faults_of_a_session_befall_its_own_answers(server: FakeServer) -> None:
    """Counted by its own requests; what comes before a request is the server's."""
    one, other = server.session(), server.session()
    for session in (one, other):
        session.expect("/a").respond(data="hello")
    one.with_fault(faults.StatusLine(b"HTTP/1.1 299 Odd"), on=2)
    assert [fetch(one, "/a")[0] for _ in range(3)] == [200, 299, 200]
    assert [fetch(other, "/a")[0] for _ in range(3)] == [200] * 3
    with pytest.raises(BadExpectation, match="give it to the server"):
        one.with_fault(faults.Reset(after="accept"))


def test_one_connection_serves_many_sessions(server: FakeServer) -> None:
    """A pool's connection is whoever's the next request is, in turn."""
    sessions = [server.session(f"s{number}") for number in range(3)]
    for session in sessions:
        session.expect("/a").respond(data=session.key)
    with RawClient(server) as client:
        for session in sessions * 3:
            answer = client.send(get("/a", f"X-Test-Session: {session.key}")).response()
            assert answer.body.content == session.key.encode()
    assert [len(session.journal) for session in sessions] == [3, 3, 3]
    assert not server.journal


def test_sessions_at_once_do_not_mix(server: FakeServer) -> None:
    """Sixteen threads, each with a session of its own, on one server."""

    def run(number: int) -> None:
        with server.session() as session:
            session.expect("/a").respond(json=number).times(20)
            assert {fetch(session, "/a")[1] for _ in range(20)} == {str(number).encode()}
            assert len(session.journal) == 20
            session.verify()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(run, range(16)))
    server.verify()


def test_waiting_is_for_the_session_s_requests(server: FakeServer) -> None:
    """Neither wait_for nor a gate is moved by others' requests."""
    one, other = server.session(), server.session()
    held = one.expect("/a").respond(data="x").hold()
    other.expect("/a").respond(data="y")
    assert fetch(other, "/a")[1] == b"y"
    thread = threading.Thread(target=fetch, args=(one, "/a"))
    thread.start()
    held.wait_held()
    assert [entry.done for entry in one.journal.wait_for("GET", "/a")] == [False]
    one.close()
    thread.join(10)
    assert not thread.is_alive()
    assert one.journal[0].sent.endswith(b"x")


def test_after_the_end_a_key_is_nobody_s(server: FakeServer) -> None:
    """Also of what came again and again: the server's own expectations are met, and the key may be used anew."""
    server.expect("/a").respond(data="the server's")
    request = get("/a", "X-Test-Session: k")
    with RawClient(server) as client:

        def contents() -> list[bytes]:
            return [client.send(request).response().body.content for _ in range(3)]

        assert contents() == [b"the server's"] * 3
        for _ in range(2):
            with server.session("k") as session:
                session.expect("/a").respond(data="the session's")
                assert contents() == [b"the session's"] * 3
            assert contents() == [b"the server's"] * 3
            session.close()


def test_the_report_tells_of_sessions(server: FakeServer) -> None:
    """Where a request without the key would be met, and where keys are looked for."""
    with server.session() as session:
        session.expect("/a").respond(data="x")
        ask(server, get("/a"))
        ask(server, get("/a", "X-Test-Session: another"))
        without, wrong = server.findings()
    assert f"It would be met in the session opened at {__file__}" in without
    assert "Of the sessions here, 1 is known by the field X-Test-Session; the request has no key there." in without
    assert "the request has the key of none there." in wrong


def test_the_report_of_a_session_tells_of_the_server(server: FakeServer) -> None:
    """But not of other sessions, which are other tests' own."""
    with server.session() as session, server.session() as other:
        server.expect("/a", required=False).respond(data="x")
        other.expect("/a", required=False).respond(data="x")
        fetch(session, "/a")
        (finding,) = session.findings()
    assert f"It would be met on the server {server.url}, without this key" in finding
    assert "in the session" not in finding


def test_a_key_that_is_taken_or_none_is_refused(server: FakeServer) -> None:
    """Two tests with one key would see each other's requests."""
    with server.session("k"):
        with pytest.raises(WrongState, match="has a session with this key already"):
            server.session("k")
        server.session("k", path=True).close()
    with pytest.raises(BadExpectation, match="got nothing"):
        server.session("")


def test_a_handler_sees_the_request_without_the_key(server: FakeServer) -> None:
    """In werkzeug's Request, too, and in a mounted application."""
    seen: list[str] = []

    def handle(request: Request) -> str:
        seen.append(request.full_path)
        return "x"

    with server.session(path=True) as session:
        session.expect("/a").respond_with_handler(handle)
        assert fetch(session, "/a?x=1") == (200, b"x")
    assert seen == ["/a?x=1"]


def test_content_that_is_read_late_is_the_session_s(server: FakeServer) -> None:
    """A fault that comes while the request is read, and the request's target stays without the key."""
    with server.session("k", path=True) as session:
        session.expect("/a").respond(data="x").with_fault(faults.SlowRead(2, 0.0))
        answer = ask(server, get("/k/a", "Content-Length: 5", method="POST") + b"hello")
        assert answer.endswith(b"x")
        assert (session.journal[0].content, session.journal[0].target) == (b"hello", "/a")


def test_a_stop_tells_what_a_session_still_answers() -> None:
    """The requests that are still being answered stand in the sessions' journals."""
    server = FakeServer(grace=0.01)
    go_on = threading.Event()

    def handle(_: Request) -> str:
        go_on.wait(10)
        return ""

    server.start()
    with server.session() as session:
        expected = session.expect("/slow").respond_with_handler(handle)
        with RawClient(server) as client:
            client.send(get("/slow", f"X-Test-Session: {session.key}"))
            expected.wait_for()
            with pytest.raises(StillRunning, match="/slow"):
                server.stop()
            go_on.set()


def test_what_comes_through_a_tunnel_is_a_session_s_by_its_key(server: FakeServer) -> None:
    """CONNECT, and who may use the proxy, are the server's own business."""
    with server.session() as session:
        session.expect("/a").respond(data="x")
        server.demand_proxy_credentials("ann", "secret")
        url, fields, ca = "https://api.example.com/a", session.headers, server.tls.ca_path
        for credentials in ("", "ann:secret@"):
            proxies = {"https": f"http://{credentials}{server.host}:{server.port}"}
            if credentials:
                assert requests.get(url, headers=fields, proxies=proxies, verify=ca, timeout=10).text == "x"
            else:
                with pytest.raises(requests.exceptions.ProxyError, match="407"):
                    requests.get(url, headers=fields, proxies=proxies, verify=ca, timeout=10)
        assert [entry.path for entry in session.journal] == ["/a"]
        assert {entry.method for entry in server.journal} == {"CONNECT"}


def test_texts_of_a_session_do_not_tell_its_key(server: FakeServer) -> None:
    """It may be a secret; where it was opened says more."""
    with server.session("hush", header="Authorization") as session:
        assert repr(session).startswith(f"<Session of {server.url}, opened at {__file__}")
        ask(server, get("/a", "Authorization: hush"))
        ask(server, get("/a", "Authorization: hash"))
        with pytest.raises(WrongState) as caught:
            server.session("hush", header="authorization")
        texts = [*session.findings(), *server.findings(), str(caught.value)]
    assert len(texts) == 3
    assert not any("hush" in text or "hash" in text for text in texts)
