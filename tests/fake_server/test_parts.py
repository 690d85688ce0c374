"""Forms, order and case of field names, trailers, functions of the test's own; matchers put together; priority."""

from __future__ import annotations

import re

import pytest
import requests

from fake_server import BadExpectation, FakeServer, RequestMatcher
from fake_server.patterns import File, Matches, Partial

from .raw import ask, get


def post(server: FakeServer, path: str = "/", **content: object) -> requests.Response:
    """Post by requests."""
    return requests.post(server.url_for(path), timeout=10, **content)  # type: ignore[arg-type]


def test_a_form_is_compared_field_by_field(server: FakeServer) -> None:
    """Urlencoded or multipart, in any order; only what is named; a list is all fields of a name."""
    server.expect("/", form={"a": "1", "b": ["2", "3"]}).respond()
    assert post(server, data={"b": ["2", "3"], "a": "1", "c": "4"}).status_code == 200
    assert post(server, files=[("a", (None, "1")), ("b", (None, "2")), ("b", (None, "3"))]).status_code == 200
    refused = post(server, data={"a": "2", "b": "2"}).text
    assert 'form     a: expected "1", got "2"' in refused
    assert 'form     b: expected ["2", "3"], got ["2"]' in refused
    assert "expected a form, got none" in post(server, json={"a": "1"}).text


def test_a_file_in_a_form_has_name_type_and_content(server: FakeServer) -> None:
    """Each of them may be a pattern."""
    server.expect("/", form={"up": File(Matches(r".*\.txt"), "text/plain", b"hello")}).respond()
    assert post(server, files={"up": ("a.txt", b"hello", "text/plain")}).status_code == 200
    refused = post(server, files={"up": ("a.txt", b"hullo", "text/plain")}).text
    assert "b'hello'" in refused
    assert "b'hullo'" in refused


def test_order_and_case_of_field_names(server: FakeServer) -> None:
    """They are compared as they came; others may stand between them."""
    server.expect("/", header_names=["X-B", "x-a"]).respond()
    assert ask(server, get("/", "X-B: 1", "X-C: 1", "x-a: 1")).startswith(b"HTTP/1.1 200")
    refused = ask(server, get("/", "x-a: 1", "X-B: 1"))
    assert b"names    expected X-B, x-a in this order and case, got Host, x-a, X-B" in refused


def test_trailers(server: FakeServer) -> None:
    """A field behind the chunks is compared like one before them."""
    server.expect("/", trailers={"X-Sum": re.compile(r"\d")}).respond()
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    assert ask(server, head + b"X-Sum: 9\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert b"trailer X-Sum expected Matches('\\\\d'), got missing" in ask(server, head + b"\r\n")


def test_a_function_of_the_test_decides(server: FakeServer) -> None:
    """It is given the journal's entry; that it said no, and where it stands, is told."""

    def even(entry: object) -> bool:
        return bool(getattr(entry, "json")()["n"] % 2 == 0)  # noqa: B009  any entry

    server.expect("/", where=even).respond()
    assert post(server, json={"n": 2}).status_code == 200
    assert "even" in post(server, json={"n": 3}).text
    assert "test_parts.py:" in post(server, json={"n": 3}).text


def test_values_may_be_regular_expressions_and_functions(server: FakeServer) -> None:
    """In headers, in a query and in a form."""
    server.expect(
        "/",
        headers={"X-A": re.compile("a+")},
        query_string={"q": lambda value: int(value) > 3},
        form={"f": re.compile("x")},
    ).respond()
    assert post(server, "/?q=4", headers={"X-A": "aa"}, data={"f": "x"}).status_code == 200
    refused = post(server, "/?q=3", headers={"X-A": "ab"}, data={"f": "y"}).text
    assert "header X-A expected Matches('a+'), got 'ab'" in refused


def test_partial_json_names_only_what_was_asked_for(server: FakeServer) -> None:
    """What is more in the request is no difference."""
    server.expect("/", json=Partial({"user": {"name": "ann"}})).respond()
    assert post(server, json={"user": {"name": "ann", "age": 1}, "x": 2}).status_code == 200
    refused = post(server, json={"user": {"name": "anne", "age": 1}, "x": 2}).text
    assert '$.user.name: expected "ann", got "anne"' in refused
    assert "$.x" not in refused


def test_matchers_are_put_together(server: FakeServer) -> None:
    """And, or, not; what differs is told of those that differ."""
    put, shop = RequestMatcher("", "PUT"), RequestMatcher(re.compile("/shop/"))
    server.expect((put | RequestMatcher("", "POST")) & shop & ~RequestMatcher("/shop/closed")).respond()
    assert post(server, "/shop/1").status_code == 200
    assert "not (any method /shop/closed)" in post(server, "/shop/closed").text
    assert "path     expected /shop/, got /x" in post(server, "/x").text


def test_a_matcher_says_all_there_is_to_compare(server: FakeServer) -> None:
    """More beside it would be lost, and so is refused."""
    with pytest.raises(BadExpectation, match="a matcher alone"):
        server.expect(RequestMatcher("/"), "PUT")


def test_of_those_that_match_the_highest_priority_is_met(server: FakeServer) -> None:
    """Among equals the first, whether they name a path or not."""
    server.expect_request("/a").respond(data="first")
    server.expect("/a", priority=1).respond(data="path")
    server.expect(re.compile("/a"), priority=2).respond(data="pattern").times(1)
    server.expect("", priority=-1).respond(data="any")
    assert [requests.get(server.url_for(path), timeout=10).text for path in ("/a", "/a", "/b")] == [
        "pattern",
        "path",
        "any",
    ]


def test_a_forbidden_request_fails_the_test(server: FakeServer) -> None:
    """Where it is forbidden is told; that none comes is as it should be."""
    server.expect("/admin", priority=1).never()
    server.verify()
    server.expect("").respond()
    answer = requests.get(server.url_for("/admin"), timeout=10)
    assert (answer.status_code, answer.headers["X-Fake-Server"]) == (500, "unmatched")
    assert "GET /admin is forbidden (request 1, connection 1)" in answer.text
    assert "test_parts.py:" in answer.text
    assert server.findings(unused=False) == [answer.text.rstrip("\n")]
