"""Turns: one answer after the other."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation, Canned, FakeServer, NotVerified
from fake_server.faults import Close, Reset, Truncate
from fake_server.schedules import Every
from httplib_sim import wire

from .raw import RawClient, get


def statuses(server: FakeServer, count: int, path: str = "/job") -> list[int]:
    """The statuses that answer so many requests; 0 where the connection ends."""
    found = []
    for _ in range(count):
        with RawClient(server) as client:
            try:
                found.append(client.send(get(path)).response().head.status)
            except (OSError, wire.RemoteProtocolError):
                found.append(0)
    return found


def test_each_request_gets_the_next_answer_and_the_last_one_stays(server: FakeServer) -> None:
    """A retry more than the test says is answered, and seen in the journal."""
    job = server.expect("/job")
    job.respond(status=503).then(Reset(after="headers")).then(json={"state": "done"})
    assert statuses(server, 4) == [503, 0, 200, 200]
    assert [entry.outcome for entry in job.entries] == ["503", "reset(after='headers')", "200", "200"]
    server.verify()


def test_an_answer_may_be_for_several_requests(server: FakeServer) -> None:
    """Whatever way it was given."""
    server.expect("/job").respond(status=503).times(2).then().respond_with_data("wait", 202).then(Canned(201)).once()
    assert statuses(server, 5) == [503, 503, 202, 201, 500]


def test_a_fault_in_a_turn_may_have_an_answer(server: FakeServer) -> None:
    """Without one it befalls some content, so that who is cut off behind the head knows that something is missing."""
    server.expect("/job").respond().then(Truncate(2), data="hello").then(Close(after="headers"))
    assert statuses(server, 3) == [200, 0, 0]
    sent = [entry.sent.partition(b"\r\n\r\n")[2] for entry in server.journal]
    assert sent == [b"", b"he", b""]


def test_what_is_used_up_is_met_by_no_further_request(server: FakeServer) -> None:
    """The report says by which requests; others are asked."""
    expected = server.expect("/job").respond(data="a").times(2)
    assert statuses(server, 3) == [200, 200, 500]
    with pytest.raises(NotVerified, match=r"used up by request 1, 2"):
        server.verify()
    server.expect("/job").respond(status=204)
    assert statuses(server, 1) == [204]
    assert len(expected.entries) == 2


def test_answers_that_nobody_got_fail_the_verification(server: FakeServer) -> None:
    """With what was written where, and by which requests it was met."""
    expected = server.expect("/job").respond(status=503).times(2).then(status=200)
    statuses(server, 2)
    with pytest.raises(NotVerified) as caught:
        server.verify()
    text = "#1 any method /job [permanent] ({}): expected to be met by 3 requests, got 2: 1, 2"
    assert text.format(expected.where) in str(caught.value)
    statuses(server, 1)
    server.verify()


def test_what_need_not_be_met_need_not_be_met_as_often(server: FakeServer) -> None:
    """Then `times` is a limit alone."""
    server.expect("/job", required=False).respond().times(2)
    assert statuses(server, 1) == [200]
    server.verify()


def test_a_fault_may_come_at_some_requests_only(server: FakeServer) -> None:
    """By number or by schedule, counted from 1 for each expectation."""
    server.expect("/job").respond().with_fault(Reset(), on=2)
    server.expect("/other").respond().with_fault(Reset(), on=Every(2))
    assert statuses(server, 4) == [200, 0, 200, 200]
    assert statuses(server, 4, "/other") == [200, 0, 200, 0]


def test_what_is_met_once_has_one_answer(server: FakeServer) -> None:
    """The test is told where it is written."""
    with pytest.raises(BadExpectation, match="met once only"):
        server.expect_oneshot_request("/job").respond().then(status=200)
    with pytest.raises(BadExpectation, match="expected 1, since"):
        server.expect_ordered_request("/job").respond().times(2)
    with pytest.raises(BadExpectation, match="a number of requests from 1, got 0"):
        server.expect("/job").respond().times(0)
    with pytest.raises(BadExpectation, match="expected one answer, got"):
        server.expect("/job").respond().then(Canned(200), status=204)
