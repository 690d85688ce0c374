"""The journal: what was received and answered, exactly."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from fake_server import Entry, FakeServer, Journal, NotVerified, Raw, WaitTimeout
from fake_server.journal import Caller
from httplib_sim import wire
from httplib_sim.waist import Origin

from .raw import PATIENCE, RawClient, ask, get

if TYPE_CHECKING:
    import werkzeug

CALLER = Caller(1, ("127.0.0.1", 9), Origin("http", "127.0.0.1", 80))


def entry_of(octets: bytes) -> Entry:
    """An entry for a request that never came by a socket."""
    return Entry(CALLER, wire.parse_requests(octets)[0])


def journal_of(*targets: str) -> Journal:
    """A journal with a GET for each target, answered."""
    journal = Journal()
    for target in targets:
        entry = entry_of(get(target))
        journal.begin(entry)
        journal.complete(entry, "200")
    return journal


def test_an_entry_has_both_sides_octet_for_octet(server: FakeServer) -> None:
    """What was received, what was sent, by which connection, and what became of it."""
    server.expect("/a").respond(json={"x": 1}, headers={"X-B": "2"})
    octets = get("/a?q=%20", "x-ODD:1", "X-odd: 2", "Content-Length: 2", method="PUT") + b"hi"
    answer = ask(server, octets)
    (entry,) = server.journal
    assert (entry.octets, entry.sent) == (octets, answer)
    assert (entry.number, entry.caller.connection, entry.outcome) == (1, 1, "200")
    assert (entry.method, entry.target, entry.path, entry.query) == ("PUT", "/a?q=%20", "/a", "q=%20")
    assert entry.headers.get_all("x-odd") == ["1", "2"]
    assert entry.text == "hi"
    assert entry.response is not None
    assert (entry.response.head.status, entry.response.body.content) == (200, b'{"x":1}')
    assert entry.elapsed > 0
    assert repr(entry) == "<Entry 1: PUT /a -> 200, connection 1>"


def test_an_entry_is_there_before_its_answer_is(server: FakeServer) -> None:
    """Whoever has the answer finds the entry; the handler finds it as well."""
    seen: list[tuple[int, bool]] = []

    def handler(_: werkzeug.Request) -> None:
        seen.append((len(server.journal), server.journal[-1].done))

    server.expect("/").respond_with_handler(handler)
    with RawClient(server) as client:
        for number in range(50):
            client.send(get()).response()
            assert len(server.journal) == number + 1
            assert server.journal[-1].outcome == "200"
    assert seen[0] == (1, False)


def test_an_answer_that_is_no_response_is_kept_as_octets(server: FakeServer) -> None:
    """There is nothing to read in it, and nothing is lost."""
    server.expect("/").respond(Raw(b"garbage"))
    ask(server, get())
    (entry,) = server.journal
    assert (entry.sent, entry.response) == (b"garbage", None)


def test_content_is_read_as_json() -> None:
    """What is none raises ValueError."""
    assert entry_of(get("/", "Content-Length: 7", method="PUT") + b'{"a":1}').json() == {"a": 1}
    with pytest.raises(ValueError, match="Expecting value"):
        entry_of(get()).json()


def test_the_text_of_a_request_can_be_had_while_it_is_answered() -> None:
    """It does not wait for the answer."""
    assert entry_of(get("/", "Content-Length: 2", method="PUT") + b"hi").text == "hi"


def test_an_entry_without_a_request_has_none_of_its_parts() -> None:
    """The octets are all there is."""
    entry = Entry(CALLER, None, octets=b"nonsense", error="it is no request")
    assert (entry.method, entry.target, entry.path, entry.content, len(entry.headers)) == ("", "", "", b"", 0)
    assert entry.octets == b"nonsense"
    assert len(entry.trailers) == 0
    assert repr(entry) == "<Entry 0: no request, 8 octets -> being answered, connection 1>"


def test_entries_are_found_by_method_path_and_whatever_else() -> None:
    """In their order."""
    journal = journal_of("/a", "/b", "/a?x=1")
    assert [entry.number for entry in journal.find(path="/a")] == [1, 3]
    assert journal.find("POST") == []
    assert [entry.number for entry in journal.find("GET", where=lambda entry: entry.query)] == [3]
    assert journal.one(path="/b").number == 2
    assert [entry.number for entry in journal[1:]] == [2, 3]


@pytest.mark.parametrize("path", ["/a", "/c"], ids=["two", "none"])
def test_one_wants_exactly_one(path: str) -> None:
    """Else it says which there are."""
    with pytest.raises(NotVerified, match=re.escape("<Entry 2: GET /b -> 200, connection 1>")):
        journal_of("/a", "/b", "/a").one("GET", path)


def test_an_empty_journal_says_so() -> None:
    """Rather than nothing."""
    with pytest.raises(NotVerified, match="expected one request /a, got 0; the journal has no entry"):
        Journal().one(path="/a")


def test_waiting_ends_when_enough_requests_have_come(server: FakeServer) -> None:
    """They come from elsewhere, at their own time."""
    server.expect("/hook").respond()
    thread = threading.Thread(target=ask, args=(server, get("/hook") * 3))
    thread.start()
    assert [entry.path for entry in server.journal.wait_for("GET", "/hook", count=3, timeout=PATIENCE)] == ["/hook"] * 3
    thread.join()


def test_waiting_in_vain_says_what_came_instead() -> None:
    """After the time that was given for it."""
    with pytest.raises(WaitTimeout, match=r"expected 2 requests /b within 0.01 s, got 1; the journal has:\n<Entry 1"):
        journal_of("/a", "/b").wait_for(path="/b", count=2, timeout=0.01)


def test_what_is_not_answered_in_time_is_an_error() -> None:
    """Asking for an outcome that never comes does not wait for ever."""
    journal = Journal(patience=0.01)
    entry = entry_of(get())
    journal.begin(entry)
    assert journal.wait(lambda: entry.done) is False
    with pytest.raises(WaitTimeout, match="being answered"):
        _ = entry.outcome


def test_a_cleared_journal_counts_on() -> None:
    """Numbers mean one request each, for as long as the server runs."""
    journal = journal_of("/a")
    journal.clear()
    assert list(journal) == []
    entry = entry_of(get("/b"))
    journal.begin(entry)
    assert entry.number == 2
    assert repr(journal) == "<Journal of 1 requests>"


def test_nothing_is_locked_while_it_is_asked_whether_to_wait_on() -> None:
    """Whoever waits may ask what needs another thread, and that thread the journal."""
    journal = Journal()

    def truth() -> bool:
        other = threading.Thread(target=journal.begin, args=[entry_of(get("/a"))])
        other.start()
        other.join(PATIENCE)
        return not other.is_alive() and len(journal) == 2

    assert journal.wait(truth)
    assert len(journal) == 2


def test_waiting_is_over_in_time_though_something_happens_all_the_time() -> None:
    """What is asked may itself be news."""
    journal = Journal()
    assert not journal.wait(journal.notify, timeout=0.01)
