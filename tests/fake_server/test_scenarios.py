"""Scenarios: the same request, answered otherwise when something has happened."""

from __future__ import annotations

import threading

import pytest

from fake_server import BadExpectation, FakeServer

from .raw import RawClient, get


def contents(server: FakeServer, *requests: tuple[str, str]) -> list[str]:
    """The content that answers each request, of method and path; ``-`` where it was not expected."""
    with RawClient(server) as client:
        responses = [client.send(get(path, method=method)).response(method) for method, path in requests]
    return ["-" if response.head.status == 500 else response.body.content.decode() for response in responses]


def test_a_scenario_leads_from_state_to_state(server: FakeServer) -> None:
    """It begins as ``started``; an expectation without *becomes* leaves it, and one without *state* is always there."""
    server.expect("/cart", "GET", scenario="cart", state="started").respond(data="empty")
    server.expect("/cart", "GET", scenario="cart", state="full").respond(data="one thing")
    server.expect("/cart", "PUT", scenario="cart", becomes="full").respond(data="put")
    requests = [("GET", "/cart"), ("PUT", "/cart"), ("GET", "/cart"), ("PUT", "/cart"), ("GET", "/cart")]
    assert contents(server, *requests) == ["empty", "put", "one thing", "put", "one thing"]
    assert dict(server.scenarios) == {"cart": "full"}


def test_a_test_can_set_and_forget_a_state(server: FakeServer) -> None:
    """Scenarios do not know each other; `clear` puts all back."""
    server.expect("/job", scenario="job", state="done").respond(data="done")
    assert contents(server, ("GET", "/job")) == ["-"]
    server.scenarios["job"] = "done"
    assert contents(server, ("GET", "/job")) == ["done"]
    assert server.scenarios["other"] == "started"
    del server.scenarios["job"]
    assert server.scenarios["job"] == "started"
    server.scenarios["job"] = "done"
    server.clear()
    assert len(server.scenarios) == 0


def test_of_many_requests_at_once_only_one_is_the_first(server: FakeServer) -> None:
    """State and choice change together."""
    first = server.expect("/lock", scenario="lock", state="started", becomes="taken").respond(data="yours")
    server.expect("/lock", scenario="lock", state="taken").respond(data="taken")
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.extend(contents(server, ("GET", "/lock")))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["taken"] * 15 + ["yours"]
    assert len(first.entries) == 1


def test_a_request_in_the_wrong_state_is_told_so(server: FakeServer) -> None:
    """In the report, beside where the expectation was written."""
    expected = server.expect("/job", scenario="job", state="done").respond(data="done")
    contents(server, ("GET", "/job"))
    report = str(server.assertions[0])
    assert f"#1 any method /job [permanent] ({expected.where})" in report
    assert "it would be met in state 'done' of the scenario 'job', which is in 'started'" in report


def test_a_state_without_a_scenario_is_refused(server: FakeServer) -> None:
    """In the test's own line."""
    with pytest.raises(BadExpectation, match="expected the scenario of which 'done' is a state, got none"):
        server.expect("/job", becomes="done")
