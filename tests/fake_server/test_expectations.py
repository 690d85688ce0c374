"""Expectations: which one a request meets, and what answers it."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from fake_server import BadExpectation, Canned, FakeServer, Kind, NoAnswer, WaitTimeout

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_server import Expectation
    from fake_server.turns import Headers


def contents(server: FakeServer, *targets: str) -> list[str]:
    """The content that answers a GET of each target; ``-`` where it was not expected."""
    with RawClient(server) as client:
        responses = [client.send(get(target)).response() for target in targets]
    return ["-" if response.head.status == 500 else response.body.content.decode() for response in responses]


def test_the_first_permanent_expectation_that_matches_is_met(server: FakeServer) -> None:
    """Whether it is found by its path or by asking it: the order of their making counts."""
    server.expect_request("/a", headers={"X": "1"}).respond(data="1")
    server.expect_request(re.compile("/a")).respond(data="2")
    server.expect_request("/a").respond(data="3")
    server.expect_request("").respond(data="4")
    server.expect_request("/b").respond(data="5")
    assert contents(server, "/a", "/b", "/ab") == ["2", "4", "2"]


def test_a_path_without_others_is_found_at_once(server: FakeServer) -> None:
    """Still the first of those with that path."""
    server.expect_request("/a", "POST").respond(data="1")
    server.expect_request("/a").respond(data="2")
    server.expect_request("/a").respond(data="3")
    assert contents(server, "/a", "/a", "/b") == ["2", "2", "-"]


def test_a_one_shot_expectation_is_met_once_and_before_permanent_ones(server: FakeServer) -> None:
    """Whichever was made first."""
    server.expect_request("/a").respond(data="always")
    server.expect_oneshot_request("/a").respond(data="once")
    server.expect_oneshot_request("/a").respond(data="twice")
    assert contents(server, "/a", "/a", "/a") == ["once", "twice", "always"]


def test_ordered_expectations_are_met_in_their_order_and_before_all_others(server: FakeServer) -> None:
    """Then the others come to their right."""
    server.expect_request("/a").respond(data="always")
    server.expect_ordered_request("/a").respond(data="1")
    server.expect_ordered_request("/b").respond(data="2")
    assert contents(server, "/a", "/b", "/a") == ["1", "2", "always"]


def test_once_the_order_is_lost_nothing_is_met_any_more(server: FakeServer) -> None:
    """As in pytest-httpserver; the answer says so."""
    server.expect_request("/c").respond(data="always")
    server.expect_ordered_request("/a").respond(data="1")
    server.expect_ordered_request("/b").respond(data="2")
    assert contents(server, "/b", "/a", "/c") == ["-", "-", "-"]
    assert "An ordered expectation has been missed" in server.journal[2].sent.decode()


def test_one_shot_expectations_are_met_once_each_however_many_ask_at_once(server: FakeServer) -> None:
    """Sixteen threads share forty between them, and none is met twice."""
    for number in range(40):
        server.expect_oneshot_request("/job").respond(data=str(number))
    got: list[str] = []

    def client() -> None:
        got.extend(contents(server, *["/job"] * 5))

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted([*map(str, range(40)), *["-"] * 40])


def test_an_expectation_knows_the_requests_that_met_it(server: FakeServer) -> None:
    """And each of them knows the expectation."""
    expectation = server.expect("/users/<int:id>").respond()
    contents(server, "/users/7", "/users/8")
    assert [entry.arguments for entry in expectation.entries] == [{"id": 7}, {"id": 8}]
    assert server.journal[1].expectation is expectation


def test_an_expectation_remembers_where_it_was_written(server: FakeServer) -> None:
    """File and line, for the one who reads that it was not met."""
    expectation = server.expect("/a")
    source, _, line = expectation.where.rpartition(":")
    assert source == __file__
    assert 'server.expect("/a")' in Path(source).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert repr(expectation) == f"<Expectation 1: any method /a, permanent, met by 0 ({expectation.where})>"
    assert expectation.kind is Kind.PERMANENT


@pytest.mark.parametrize(
    ("respond", "head", "content"),
    [
        (lambda e: e.respond(), "HTTP/1.1 200 OK\r\nContent-Length: 0", ""),
        (lambda e: e.respond(json={"a": [1]}), "HTTP/1.1 200 OK\r\nContent-Type: application/json", '{"a":[1]}'),
        (lambda e: e.respond(json=None), "HTTP/1.1 200 OK\r\nContent-Type: application/json", "null"),
        (lambda e: e.respond(data="é"), "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8", "é"),
        (lambda e: e.respond(data=b"x"), "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream", "x"),
        (lambda e: e.respond(status=404, reason="Gone away"), "HTTP/1.1 404 Gone away\r\n", ""),
        (
            lambda e: e.respond(json=1, headers={"content-type": "a/b", "Set-Cookie": ["a=1", "b=2"]}),
            "HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 1",
            "1",
        ),
        (lambda e: e.respond(headers=[("A", "1"), ("A", "2")]), "HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\n", ""),
        (lambda e: e.respond(Canned(299)), "HTTP/1.1 299 \r\n", ""),
        (
            lambda e: e.respond_with_json({"a": 1}, 201, {"A": "b"}),
            "HTTP/1.1 201 CREATED\r\nA: b\r\nContent-Type: application/json\r\n",
            '{\n    "a": 1\n}',
        ),
        (
            lambda e: e.respond_with_data("é", 404, [("A", "b")], content_type="a/b"),
            "HTTP/1.1 404 NOT FOUND\r\nA: b\r\nContent-Type: a/b\r\nContent-Length: 2",
            "é",
        ),
        (lambda e: e.respond_with_data(status="299 Mine"), "HTTP/1.1 299 Mine\r\nContent-Type: text/plain", ""),
    ],
)  # fmt: skip
def test_what_answers(server: FakeServer, respond: Callable[[Expectation], object], head: str, content: str) -> None:
    """In our words, and in pytest-httpserver's, whose responses are werkzeug's."""
    respond(server.expect("/"))
    got, _, body = ask(server, get()).decode().partition("\r\n\r\n")
    assert got.startswith(head.rstrip("\r\n"))
    assert body == content


@pytest.mark.parametrize(
    "respond",
    [
        lambda e: e.respond(json=1, data="x"),
        lambda e: e.respond(status=1000),
        lambda e: e.respond(headers={"A": "1\r\nB: 2"}),
    ],
    ids=["json beside data", "no status", "a line end in a value"],
)
def test_an_answer_that_cannot_be_is_refused_where_it_is_written(
    server: FakeServer, respond: Callable[[Expectation], object]
) -> None:
    """Not when the first request comes."""
    with pytest.raises(BadExpectation):
        respond(server.expect("/"))


def test_an_expectation_without_an_answer_says_so(server: FakeServer) -> None:
    """To the client, and to the test."""
    expectation = server.expect("/a")
    answer = ask(server, get("/a")).decode()
    assert answer.startswith("HTTP/1.1 500 ")
    assert f"any method /a ({expectation.where}) says no answer: add .respond(...)" in answer
    with pytest.raises(NoAnswer):
        server.check()


def test_the_last_answer_given_counts(server: FakeServer) -> None:
    """It may be changed while the server runs."""
    expectation = server.expect("/")
    expectation.respond(data="1")
    assert contents(server, "/") == ["1"]
    expectation.respond_with_data("2")
    assert contents(server, "/") == ["2"]


@pytest.mark.parametrize("headers", [{"A": "b"}, [("A", "b")], {"A": ["b"]}], ids=["mapping", "pairs", "lists"])
def test_headers_are_given_as_a_mapping_or_as_pairs(server: FakeServer, headers: Headers) -> None:
    """Both vocabularies take all of these."""
    server.expect("/1").respond(headers=headers)
    server.expect("/2").respond_with_data(headers=headers)
    assert ask(server, get("/1") + get("/2")).count(b"\r\nA: b\r\n") == 2


def test_a_matcher_may_look_at_the_server_and_expect_more(server: FakeServer) -> None:
    """It is the test's own function: nothing of the server is locked while it runs."""
    seen: list[tuple[int, int]] = []

    def agree(name: str, actual: str | None, expected: str) -> bool:
        seen.append((len(list(server.journal)), len(server.expectations.waiting)))
        server.expect_request("/more").respond(data=f"{name} {actual} {expected}")
        return True

    server.expect_oneshot_request("/a", headers={"X": "1"}, header_value_matcher=agree).respond(data="a")
    assert contents(server, "/a", "/more") == ["a", "X None 1"]
    assert seen == [(1, 1)]


@pytest.mark.parametrize("ordered", [False, True], ids=["one-shot", "ordered"])
def test_requests_that_are_compared_at_once_do_not_meet_the_same_one(server: FakeServer, ordered: bool) -> None:
    """What one request has taken meanwhile is not there for the other, which then meets the next."""
    both = threading.Barrier(2)

    def agree(name: str, actual: str | None, expected: str) -> bool:
        if len(both_came) < 2:
            both_came.append(name)
            both.wait(PATIENCE)
        return actual == expected

    both_came: list[str] = []
    expect = server.expect_ordered_request if ordered else server.expect_oneshot_request
    for content in ("1", "2"):
        expect("/a", headers={"X": "1"}, header_value_matcher=agree).respond(data=content)
    with RawClient(server) as one, RawClient(server) as two:
        for client in (one, two):
            client.send(get("/a", "X: 1"))
        assert {one.response().body.content, two.response().body.content} == {b"1", b"2"}
    assert not server.expectations.waiting
    server.verify()


def test_what_is_forgotten_while_it_is_compared_is_not_met(server: FakeServer) -> None:
    """The request meets nothing of what there was before."""

    def agree(*_: object) -> bool:
        server.clear()
        return True

    server.expect_request("/a", headers={"X": "1"}, header_value_matcher=agree).respond(data="a")
    assert contents(server, "/a") == ["-"]


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_code_of_an_event_loop_waits_for_requests(server: FakeServer, library: str) -> None:
    """The loop goes on meanwhile; what does not come is told in the same words."""
    expected = server.expect("/a").respond()

    async def wait() -> int:
        with pytest.raises(WaitTimeout):
            await expected.met(timeout=0.01)
        ask(server, get("/a"))
        return len(await expected.met())

    assert anyio.run(wait, backend=library) == 1
