"""Requests that come again are read and matched once, and nothing else tells them from the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fake_server import FakeServer, again
from fake_server.again import Memory

from .raw import RawClient, get

if TYPE_CHECKING:
    from fake_server import Expectation


def contents(server: FakeServer, *requests: bytes) -> list[bytes]:
    """Return what the requests are answered with, over one connection, one after the other."""
    with RawClient(server) as client:
        return [client.send(request).response().body.content for request in requests]


def is_known(server: FakeServer, request: bytes) -> bool:
    """Tell whether the server answers this request from memory, as long as nothing changes."""
    return server.memory.recall(request) is not None


def test_the_journal_tells_no_difference(server: FakeServer) -> None:
    """The entry of a request that came again is that of the first, but for number, turn and time."""
    expected = server.expect("/a").respond(data="x")
    contents(server, get("/a"))
    assert not is_known(server, get("/a"))  # most tests send a request once
    contents(server, *[get("/a")] * 3)
    assert is_known(server, get("/a"))
    entries = list(server.journal)
    del entries[0]
    assert [entry.number for entry in entries] == [2, 3, 4]
    assert [entry.turn for entry in entries] == [1, 2, 3]
    assert expected.entries[1:] == entries
    for read in ("octets", "sent", "outcome", "path", "headers", "expectation", "caller", "method", "response"):
        first, second, third = (getattr(entry, read) for entry in entries)
        assert first == second == third, read
    assert entries[0].started <= entries[1].started <= entries[2].started
    assert all(entry.done and entry.elapsed >= 0 for entry in entries)


def test_other_connections_know_it_too(server: FakeServer) -> None:
    """What one connection has read, the next answers from memory."""
    server.expect("/a").respond(data="x")
    assert [contents(server, get("/a")) for _ in range(3)] == [[b"x"]] * 3
    assert [entry.caller.connection for entry in server.journal] == [1, 2, 3]


def test_one_that_is_added_is_met(server: FakeServer) -> None:
    """What is expected later counts at once."""
    server.expect("/a").respond(data="before")
    with RawClient(server) as client:
        for _ in range(2):
            assert client.send(get("/a")).response().body.content == b"before"
        server.expect_oneshot_request("/a").respond(data="once")
        assert [client.send(get("/a")).response().body.content for _ in range(3)] == [b"once", b"before", b"before"]
        server.clear()
        assert client.send(get("/a")).response().head.status == 500


@pytest.mark.parametrize(
    ("change", "answers"),
    [
        (lambda expected: expected.respond(data="y"), [b"y", b"y"]),
        (lambda expected: expected.then(data="y"), [b"y", b"y"]),
        (lambda expected: expected.respond_with_data("y"), [b"y", b"y"]),
        (lambda expected: expected.respond_with_handler(lambda _: "y"), [b"y", b"y"]),
    ],
    ids=["respond", "then", "respond_with_data", "handler"],
)
def test_an_answer_that_changes_is_sent(server: FakeServer, change: object, answers: list[bytes]) -> None:
    """What is said of the answer later counts at once."""
    expected = server.expect("/a").respond(data="x")
    assert contents(server, get("/a"), get("/a")) == [b"x", b"x"]
    assert callable(change)
    change(expected)
    assert contents(server, get("/a"), get("/a")) == answers


def test_a_limit_that_is_set_later_counts(server: FakeServer) -> None:
    """Three requests were for two: the third is unexpected, although it has been answered before."""
    expected = server.expect("/a").respond(data="x")
    assert contents(server, get("/a"), get("/a")) == [b"x", b"x"]
    expected.times(2)
    assert b"was not expected" in contents(server, get("/a"))[0]


def test_respond_with_data_is_known(server: FakeServer) -> None:
    """pytest-httpserver's words are as fast as our own."""
    server.expect_request("/a").respond_with_data("x")
    assert contents(server, *[get("/a")] * 3) == [b"x"] * 3
    assert is_known(server, get("/a"))
    assert [response.get_data() for _, response in server.log] == [b"x"] * 3


class Odd:
    """Is like every second value."""

    def __init__(self) -> None:
        self.asked = 0

    def __eq__(self, other: object) -> bool:
        self.asked += 1
        return bool(self.asked % 2)

    __hash__ = None  # type: ignore[assignment]


def unsteady(server: FakeServer, way: str) -> Expectation:
    """Return an expectation that only a look at the request, or at what the test has, can decide or answer."""
    ways = {
        "object": lambda: server.expect("/a", headers={"Host": Odd()}),
        "function": lambda: server.expect("/a", header_value_matcher=lambda *_: True, headers={"Host": "test"}),
        "pattern": lambda: server.expect(re.compile("/a")),
        "rule": lambda: server.expect("/<name>"),
        "json": lambda: server.expect("/a", query_string={"x": Odd()}, required=False),
    }
    return ways[way]()


@pytest.mark.parametrize("way", ["object", "function", "pattern", "rule", "json"])
def test_what_asks_the_test_is_asked_each_time(server: FakeServer, way: str) -> None:
    """An expectation that asks an object or a function is asked about every request."""
    unsteady(server, way).respond(data="x")
    server.expect("/a", required=False).respond(data="other")
    contents(server, *[get("/a")] * 3)
    assert not is_known(server, get("/a"))


def test_what_depends_on_the_state_of_the_connection_is_not_kept(server: FakeServer) -> None:
    """A request after which the connection is closed, and one with content, are read each time."""
    server.expect("/a").respond(data="x")
    for _ in range(2):
        contents(server, get("/a", "Connection: close"))
        contents(server, get("/a", "Content-Length: 2", method="POST") + b"hi")
    assert not is_known(server, get("/a", "Connection: close"))
    assert not is_known(server, get("/a", "Content-Length: 2", method="POST"))


def test_pipelined_requests_are_answered_in_order(server: FakeServer) -> None:
    """A known request in one piece with another is read with it."""
    server.expect("/a").respond(data="a")
    server.expect("/b").respond(data="b")
    contents(server, *[get("/a"), get("/b")] * 2)
    with RawClient(server) as client:
        client.send(get("/a") + get("/b") + get("/a"))
        assert [client.response().body.content for _ in range(3)] == [b"a", b"b", b"a"]
        assert client.send(get("/a")).response().body.content == b"a"


def test_the_memory_is_bounded(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many requests not all are kept, and of long ones none."""
    monkeypatch.setattr(again, "MOST", 3)
    server.expect("").respond(data="x")
    twice = [get(path) for number in range(8) for path in [f"/{number}"] * 2]
    contents(server, *twice, *[get("/" + "x" * again.LONGEST)] * 2)
    assert sum(is_known(server, get(f"/{number}")) for number in range(8)) == 2
    assert not is_known(server, get("/" + "x" * again.LONGEST))


def test_a_request_that_met_nothing_is_not_kept(server: FakeServer) -> None:
    """What is unexpected is told each time."""
    contents(server, get("/a"), get("/a"))
    assert len(server.assertions) == 2
    assert not is_known(server, get("/a"))
    assert isinstance(server.memory, Memory)


def test_an_answer_that_was_replaced_while_it_was_sent_is_not_learnt(server: FakeServer) -> None:
    """The test goes on as soon as it has the answer, before the server has had time to learn it."""
    expected = server.expect("/a").respond(data="before")
    contents(server, get("/a"))
    expected.respond(data="after")
    memory = Memory(server.party)
    for _ in range(2):
        memory.learn(server.journal[0], server)
    assert memory.recall(get("/a")) is None
