"""Gates: no test needs to sleep."""

from __future__ import annotations

import threading

import pytest

from fake_server import FakeServer, Gate, NotVerified, WaitTimeout

from .raw import RawClient, ask, get


def test_a_held_answer_waits_until_it_is_released(server: FakeServer) -> None:
    """Others do not wait with it."""
    slow = server.expect("/slow").respond(data="slow").hold()
    server.expect("/fast").respond(data="fast")
    with RawClient(server) as first, RawClient(server) as second:
        first.send(get("/slow"))
        slow.wait_held()
        assert second.send(get("/fast")).response().body.content == b"fast"
        assert slow.entries[0].parts == []
        slow.release()
        assert first.response().body.content == b"slow"
        assert second.send(get("/slow")).response().body.content == b"slow"


def test_an_answer_may_be_held_anywhere(server: FakeServer) -> None:
    """What stands before the position has been sent."""
    slow = server.expect("/slow").respond(data="slow").hold(after="body[:2]")
    with RawClient(server) as client:
        client.send(get("/slow"))
        slow.wait_held()
        assert slow.entries[0].parts[-1].endswith(b"sl")
        slow.release()
        assert client.response().body.content == b"slow"


def test_some_may_be_released(server: FakeServer) -> None:
    """One by one."""
    slow = server.expect("/slow").respond(data="slow").hold()
    with RawClient(server) as first, RawClient(server) as second:
        first.send(get("/slow"))
        second.send(get("/slow"))
        slow.wait_held(2)
        slow.release(1)
        server.journal.wait(lambda: sum(entry.done for entry in server.journal) == 1)
        slow.release(1)
        assert first.response().body.content == second.response().body.content == b"slow"


def test_a_barrier_opens_when_all_are_there(server: FakeServer) -> None:
    """Each request is answered only when the others have come: they were under way at once."""
    server.expect("/both").respond(data="both").hold(opens_at=2)
    with RawClient(server) as first, RawClient(server) as second:
        first.send(get("/both"))
        second.send(get("/both"))
        assert first.response().body.content == second.response().body.content == b"both"


def test_no_test_hangs_at_a_gate_that_nobody_opens(server: FakeServer) -> None:
    """What was held in vain is answered by an error, and fails the test with the place of its expectation."""
    held = server.expect("/held").respond(data="held").hold(patience=0.01)
    barrier = server.expect("/both").respond(data="both").hold(opens_at=2, patience=0.01)
    assert ask(server, get("/held")).startswith(b"HTTP/1.1 500 ")
    assert ask(server, get("/both")).startswith(b"HTTP/1.1 500 ")
    with pytest.raises(NotVerified) as caught:
        server.verify()
    text = str(caught.value)
    assert "1. an answer was held for 0.01 s, and nobody called release()\n" in text
    assert (
        f"in answering GET /held (request 1, connection 1), by #1 any method /held [permanent] ({held.where})" in text
    )
    assert "2. an answer was held for 0.01 s, and of the 2 that open the gate together 1 have come\n" in text
    assert barrier.where in text


def test_waiting_in_vain_ends_with_what_came(server: FakeServer) -> None:
    """As an error of the test's."""
    slow = server.expect("/slow").respond(data="slow").hold()
    with pytest.raises(WaitTimeout, match="expected 1 answers to wait here within 0 s, got 0"):
        slow.wait_held(timeout=0)
    with pytest.raises(WaitTimeout, match=r"expected 2 requests to meet any method /slow within 0 s, got 0"):
        slow.wait_for(2, timeout=0)


def test_a_test_can_wait_for_requests(server: FakeServer) -> None:
    """Before they are answered, and also if they are never."""
    slow = server.expect("/slow").respond(data="slow").hold()
    with RawClient(server) as client:
        caller = threading.Thread(target=client.send, args=(get("/slow"),))
        caller.start()
        assert [entry.path for entry in slow.wait_for()] == ["/slow"]
        caller.join()


def test_a_gate_tells_how_it_is() -> None:
    """Whoever passes is not waiting any more."""
    gate = Gate()
    assert repr(gate) == "<Gate, closed, 0 waiting>"
    gate.release()
    gate.enter(lambda: False)
    assert (repr(gate), gate.arrived) == ("<Gate, open, 0 waiting>", 1)
