"""pytest-httpserver's words, and verify: what the test is told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug import Request, Response

from fake_server import FakeServer, NotVerified, RequestMatcher, WaitTimeout

from .raw import ask, get

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_server import Expectation


def status(server: FakeServer, target: str) -> int:
    """The status that answers a GET."""
    return int(ask(server, get(target))[9:12])


def test_verify_is_content_when_all_is_as_expected(server: FakeServer) -> None:
    """Each required expectation met, and nothing else asked for; those of expect_request need not be."""
    server.expect("/a").respond()
    server.expect_request("/never").respond()
    server.expect("/not-needed", required=False).respond()
    server.expect_oneshot_request("/b").respond()
    ask(server, get("/a") + get("/b"))
    server.verify()


def test_verify_tells_all_findings_at_once(server: FakeServer) -> None:
    """What was not expected, what handlers raised and asserted, and what nobody met, with its place."""

    def bad(request: Request) -> Response:
        raise KeyError(request.path)

    def doubtful(_: Request) -> Response:
        raise AssertionError("this should be so")

    unused = [server.expect("/1"), server.expect_oneshot_request("/2")]
    server.expect("/bad").respond_with_handler(bad)
    server.expect("/doubtful").respond_with_handler(doubtful)
    assert [status(server, target) for target in ("/bad", "/doubtful", "/nothing")] == [500, 500, 500]
    with pytest.raises(NotVerified) as caught:
        server.verify()
    text = str(caught.value)
    assert text.startswith(
        "5 things are not as expected:\n\n1. this should be so\n     in answering GET /doubtful (request 2"
    )
    assert "\n\n2. GET /nothing was not expected" in text
    assert "3. KeyError was raised: '/bad'" in text
    for number, expectation in enumerate(unused, 4):
        assert f"{number}. #{expectation.number} {expectation}" in text
        assert f"({expectation.where}): no request has met it" in text
    assert isinstance(caught.value, AssertionError)
    with pytest.raises(NotVerified):
        server.verify()


def test_ordered_expectations_that_are_left_are_found(server: FakeServer) -> None:
    """One of two is not enough."""
    server.expect_ordered_request("/1").respond()
    server.expect_ordered_request("/2").respond()
    ask(server, get("/1"))
    with pytest.raises(NotVerified, match=r"1 thing is not as expected:\n\n1\. #2 any method /2"):
        server.verify()


def test_check_raises_what_was_found_one_after_the_other(server: FakeServer) -> None:
    """Assertions first, and each once."""

    def bad(_: Request) -> Response:
        raise KeyError("bad")

    server.expect_request("/bad").respond_with_handler(bad)
    ask(server, get("/bad") + get("/nothing"))
    with pytest.raises(AssertionError, match="GET /nothing was not expected"):
        server.check()
    with pytest.raises(KeyError):
        server.check()
    server.check()


def test_an_assertion_of_a_handler_is_raised_as_it_was(server: FakeServer) -> None:
    """The same object, with its traceback."""
    raised = AssertionError("so")

    def doubtful(_: Request) -> Response:
        raise raised

    server.expect_request("/").respond_with_handler(doubtful)
    ask(server, get())
    with pytest.raises(AssertionError) as caught:
        server.check_assertions()
    assert caught.value is raised


def test_a_handler_may_fail_the_test_in_pytests_words(server: FakeServer) -> None:
    """That is no Exception, and is not lost in the server's thread all the same."""

    def doubtful(_: Request) -> Response:
        pytest.fail("not like this")

    server.expect_request("/").respond_with_handler(doubtful)
    assert status(server, "/") == 500
    with pytest.raises(NotVerified, match="Failed was raised: not like this"):
        server.verify()


def test_the_status_for_what_is_not_expected_can_be_chosen(server: FakeServer) -> None:
    """The test is told all the same."""
    server.no_handler_status_code = 404
    assert status(server, "/") == 404
    assert len(server.assertions) == 1


def test_clear_begins_anew(server: FakeServer) -> None:
    """Expectations, findings, journal and status: all as at the start, while the server runs on."""
    server.no_handler_status_code = 404
    server.expect_ordered_request("/1").respond()
    server.mount(Response("mounted"))
    assert status(server, "/2") == 200
    assert server.expectations.failed
    server.clear()
    server.verify()
    assert (len(server.journal), server.expectations.failed, list(server.expectations)) == (0, False, [])
    assert status(server, "/2") == 500


def test_the_log_has_werkzeugs_requests_and_responses(server: FakeServer) -> None:
    """Of every answer, whoever gave it, in the order of arrival."""
    given = Response("given", 201)
    server.expect_request("/1").respond_with_response(given)
    server.expect_request("/2").respond(json={"a": 1})
    ask(server, get("/1?x=y") + get("/2") + get("/3") + b"nonsense\r\n\r\n")
    (request, response), second, third = server.log
    assert (request.path, request.args["x"], response) == ("/1", "y", given)
    assert (second[1].status_code, second[1].json) == (200, {"a": 1})
    assert third[1].status == "500 Internal Server Error"
    assert server.log[0][0] is request


def test_requests_made_can_be_counted(server: FakeServer) -> None:
    """By what matches them; the error shows the nearest ones and what differs."""
    server.expect_request("/a").respond()
    ask(server, get("/a") * 2 + get("/b"))
    server.assert_request_made(RequestMatcher("/a", "GET"), count=2)
    server.assert_request_made(RequestMatcher("/c"), count=0)
    assert [request.path for request, _ in server.iter_matching_requests(RequestMatcher("/a"))] == ["/a", "/a"]
    with pytest.raises(NotVerified) as caught:
        server.assert_request_made(RequestMatcher("/b", "PUT"))
    assert str(caught.value).splitlines()[:4] == [
        "expected 1 requests like PUT /b, got 0", "", "request 3, GET /b", "    method   expected PUT, got GET",
    ]  # fmt: skip


def test_waiting_ends_when_all_that_is_waited_for_has_come(server: FakeServer) -> None:
    """From other threads, at their own time."""
    server.expect_oneshot_request("/1").respond()
    server.expect_ordered_request("/2").respond()
    with server.wait(timeout=10) as waiting:
        thread = threading.Thread(target=ask, args=(server, get("/2") + get("/1")))
        thread.start()
    thread.join()
    assert waiting.result
    assert waiting.elapsed_time > 0


def test_waiting_ends_at_a_request_that_is_not_expected(server: FakeServer) -> None:
    """It is raised, unless the test would rather look itself."""
    server.expect_oneshot_request("/1").respond()
    with pytest.raises(AssertionError, match="GET /x was not expected"), server.wait(timeout=10):
        ask(server, get("/x"))
    with server.wait(raise_assertions=False, timeout=10) as waiting:
        ask(server, get("/x"))
    assert not waiting.result


@pytest.mark.parametrize("stop", [True, False])
def test_waiting_ends_after_the_time_given(server: FakeServer, stop: bool) -> None:
    """What is still waited for is named."""
    server.expect_oneshot_request("/1").respond()
    if not stop:
        ask(server, get("/x"))
    waited_for = pytest.raises(WaitTimeout, match=r"after 0\.01 s these are still waited for:\n  #1 any method /1")
    with waited_for, server.wait(stop_on_nohandler=stop, timeout=0.01):
        pass


@pytest.mark.parametrize("name", ["expect", "expect_request", "expect_oneshot_request", "expect_ordered_request"])
def test_every_way_of_expecting_takes_the_same_words(server: FakeServer, name: str) -> None:
    """Path, method and content by position, the rest by name."""
    make: Callable[..., Expectation] = getattr(server, name)
    criteria = {"data_encoding": "latin-1", "headers": {"X": "1"}, "query_string": {"a": "b"}}
    make("/a", "PUT", "é", **criteria).respond(data="met")
    octets = get("/a?a=b", "x: 1", "Content-Length: 1", method="PUT") + b"\xe9"
    assert ask(server, octets).endswith(b"met")


def test_a_finding_of_the_tests_own_is_one_of_the_findings(server: FakeServer) -> None:
    """Whatever it is."""
    server.add_assertion("look here")
    with pytest.raises(NotVerified, match="look here"):
        server.verify()
