"""pytest-httpserver's further words mean what they mean there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_httpserver
import requests
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from fake_server import FakeServer, NotVerified, RequestMatcher
from fake_server.compat import (
    BooleanQueryMatcher,
    Chain,
    Delay,
    Garbage,
    HeaderValueMatcher,
    MappingQueryMatcher,
    QueryMatcher,
    StringQueryMatcher,
    URIPattern,
)

if TYPE_CHECKING:
    from werkzeug import Request

PATIENCE = 10.0


@pytest.mark.parametrize(
    ("matcher", "query", "expected"),
    [
        (StringQueryMatcher("a=1"), b"a=1", True),
        (StringQueryMatcher(b"a=1"), b"a=2", False),
        (MappingQueryMatcher({"a": "1"}), b"a=1&a=2", True),
        (MappingQueryMatcher(MultiDict([("a", "1"), ("a", "2")])), b"a=1&a=2", True),
        (MappingQueryMatcher({"a": ""}), b"a", True),
        (MappingQueryMatcher({}), b"a=", False),
        (BooleanQueryMatcher(result=True), b"x", True),
        (BooleanQueryMatcher(result=False), b"x", False),
    ],
)
def test_queries_are_compared_by_objects(matcher: QueryMatcher, query: bytes, *, expected: bool) -> None:
    """As text, as parameters, or not at all."""
    assert matcher.match(query) is expected
    with pytest.raises(TypeError, match="str or bytes"):
        StringQueryMatcher(1)  # type: ignore[arg-type]


def test_a_server_asks_these_objects(server: FakeServer) -> None:
    """For the path, the query, and each field by its name."""

    class Even(URIPattern):
        def match(self, uri: str) -> bool:
            return len(uri) % 2 == 0

    by_name = HeaderValueMatcher({"X-A": lambda actual, expected: (actual or "").lower() == expected})
    server.expect_request(
        Even(), query_string=MappingQueryMatcher({"q": "1"}), headers={"X-A": "a"}, header_value_matcher=by_name
    ).respond()
    url = server.url_for("/b?q=1")
    assert requests.get(url, headers={"X-A": "A"}, timeout=PATIENCE).status_code == 200
    assert requests.get(url, headers={"X-A": "B"}, timeout=PATIENCE).status_code == 500
    assert HeaderValueMatcher()("Authorization", "Basic YTpi", "Basic YTpi")
    assert not HeaderValueMatcher()("X", "a", "b")
    with pytest.raises(KeyError):
        by_name("X-B", "a", "a")


def test_matchers_of_pytest_httpserver_itself_are_asked(server: FakeServer) -> None:
    """Where a suite still imports them from there: its own classes, and those it derives from them."""

    class Local(pytest_httpserver.RequestMatcher):
        def match(self, request: Request) -> bool:
            return super().match(request) and request.headers["X-Local"] == "1"

    server.expect(Local("/a")).respond()
    url = server.url_for("/a")
    assert requests.get(url, headers={"X-Local": "1"}, timeout=PATIENCE).status_code == 200
    refused = requests.get(url, headers={"X-Local": "2"}, timeout=PATIENCE)
    assert "Local.match says no" in refused.text
    server.assert_request_made(pytest_httpserver.RequestMatcher("/a"), count=2)
    with pytest.raises(NotVerified, match="expected 1 requests like"):
        server.assert_request_made(pytest_httpserver.RequestMatcher("/a", method="PUT"))


def test_hooks_change_the_response(server: FakeServer) -> None:
    """One after the other."""
    hook = Chain(Delay(0.001), Garbage(2, 3))
    server.expect_request("/").with_post_hook(hook).respond_with_data("hello")
    content = requests.get(server.url, timeout=PATIENCE).content
    assert (len(content), content[2:-3]) == (10, b"hello")
    with pytest.raises(AssertionError, match="suffix_size should be positive"):
        Garbage(1, -1)


def test_defaults_hold_where_nothing_else_is_said() -> None:
    """Those of the last one baked win, and those of the call over all; the server starts and stops with it."""
    server = FakeServer()
    with server.bake(method="PUT", headers={"X-A": "1"}).bake(headers={"X-A": "2"}) as baked, baked:
        baked.expect_request("/a").respond()
        baked.expect_oneshot_request("/b", method="GET").respond()
        baked.expect("/c").respond()
        baked.expect_ordered_request("/o").respond()
        assert [str(known) for known in server.expectations] == ["PUT /a", "GET /b", "PUT /c", "PUT /o"]
        assert requests.put(baked.url_for("/o"), headers={"X-A": "2"}, timeout=PATIENCE).status_code == 200
        assert "method" in repr(baked)
    assert not server.is_running()


def test_a_matcher_of_a_class_of_ones_own_sees_werkzeugs_request(server: FakeServer) -> None:
    """Also where the journal is asked; what it says no to is told."""

    class Even(RequestMatcher):
        def match(self, entry: Any) -> bool:
            request: Request = entry
            return super().match(request) and request.get_json()["value"] % 2 == 0

    server.expect(Even("/a")).respond_with_response(Response("even"))
    assert requests.post(server.url_for("/a"), json={"value": 2}, timeout=PATIENCE).text == "even"
    assert "Even.match says no" in requests.post(server.url_for("/a"), json={"value": 3}, timeout=PATIENCE).text
    server.assert_request_made(Even("/a"))
    assert [len(server.handlers), len(server.oneshot_handlers), len(server.ordered_handlers)] == [1, 0, 0]


def test_text_stands_for_a_response(server: FakeServer) -> None:
    """Which is its content."""
    server.expect_request("/").respond_with_response("hello")
    assert requests.get(server.url, timeout=PATIENCE).text == "hello"
