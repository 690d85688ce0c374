"""Tests for attempts to connect that fail, recorded and replayed, from the program to the file."""

from __future__ import annotations

import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import httpx
import pytest
import requests
import urllib3

from cassettes import use_cassette
from cassettes.errors import BadCassette, CassetteMissing, UnusedExchanges
from cassettes.store import Store, load
from fake_server.unreachable import DeafPort, RefusedPort
from tests.cassettes.origin import OriginServer, answer, answering

if TYPE_CHECKING:
    from pathlib import Path

BY_HAND = """\
cassette: 1
...
---
origin: http://api.example.com
connecting: {failed: refused}
...
---
origin: http://api.example.com
request:
  line: GET /a HTTP/1.1
  headers:
  - Host: api.example.com
  - Accept-Encoding: identity
response:
  line: HTTP/1.1 200 OK
  headers:
  - Content-Length: 2
  body:
    text: up
end: {}
...
---
origin: http://api.example.com
connecting: {failed: name-not-found, detail: it is gone}
...
"""


def get(port: int, host: str = "127.0.0.1") -> bytes:
    """The content of a GET over a connection of its own."""
    connection = HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/a")
        content: bytes = connection.getresponse().read()
        return content
    finally:
        connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cassette goes."""
    return tmp_path / "x.yaml"


def test_an_attempt_stands_in_the_file_as_a_person_would_write_it(path: Path) -> None:
    """With the system's own words."""
    with RefusedPort() as port, use_cassette(path) as cassette:
        with pytest.raises(ConnectionRefusedError):
            get(port.port)
        assert cassette.attempts[0].origin.port == port.port
    text = path.read_text()
    assert f"# 0001  connecting to {port.url} failed: refused" in text
    assert f"\norigin: {port.url}\nat: " in text
    assert "\nconnecting: {failed: refused, code: ECONNREFUSED, detail: Connection refused, after: " in text
    assert text.endswith("ms}\n...\n")
    assert load(path) == []


def test_a_person_can_write_one_before_and_after_an_exchange(path: Path) -> None:
    """How a program takes it that a server comes and goes can be tried without one."""
    path.write_text(BY_HAND)
    with use_cassette(path, mode="none"):
        with pytest.raises(ConnectionRefusedError, match="Connection refused"):
            get(80, "api.example.com")
        assert get(80, "api.example.com") == b"up"
        with pytest.raises(socket.gaierror, match="it is gone"):
            get(80, "api.example.com")


def test_the_error_says_that_it_is_replayed_and_from_where(path: Path) -> None:
    """Else somebody looks for a server that is down."""
    path.write_text(BY_HAND)
    with use_cassette(path, mode="none", strict=False), pytest.raises(ConnectionRefusedError) as caught:
        get(80, "api.example.com")
    assert caught.value.__notes__ == [
        f"replayed from {path}:3: connecting to http://api.example.com failed when it was recorded"
    ]


@pytest.mark.parametrize(
    ("wrong", "message", "line"),
    [
        ("{failed: never}", "expected how connecting failed, one of refused, name-not-found, ", 5),
        ("{}", "expected how connecting failed", 5),
        ("{failed: refused, code: 111}", "expected the name of an error number, such as ECONNREFUSED; got 111", 5),
        ("{failed: refused, code: ENOSUCH}", "expected the name of an error number", 5),
        ("{failed: refused, after: soon}", "expected a duration such as '87 ms'", 5),
        ("{failed: refused, how: eof}", "how", 5),
        ("refused", "connecting", 5),
    ],
)
def test_what_is_written_wrong_is_told_with_its_line(path: Path, wrong: str, message: str, line: int) -> None:
    """As for all else in the file."""
    path.write_text(BY_HAND.replace("{failed: refused}", wrong))
    with pytest.raises(BadCassette, match=message) as caught:
        Store(path).drafts()
    assert f"{path}:{line}" in str(caught.value)


def test_attempts_that_nobody_makes_are_unused(path: Path) -> None:
    """As exchanges are, in one report, in the order of the file."""
    path.write_text(BY_HAND)
    with pytest.raises(UnusedExchanges) as caught, use_cassette(path, mode="none"):
        pass
    told = str(caught.value)
    assert f"{path}:3  connecting to http://api.example.com -> refused\n" in told
    assert told.index("GET http://api.example.com/a -> 200") < told.index("-> name-not-found")


def test_a_program_that_fails_over_it_leaves_nothing_to_replay(path: Path) -> None:
    """Whoever forgot to start a server starts it, and runs the program again."""
    with RefusedPort() as port, pytest.raises(ConnectionRefusedError), use_cassette(path):
        get(port.port)
    assert not path.exists()
    with OriginServer(answering(answer(b"up"))) as server, use_cassette(path):
        assert get(server.port) == b"up"
    before = path.read_bytes()
    with RefusedPort() as port, pytest.raises(ConnectionRefusedError), use_cassette(path, mode="all"):
        get(port.port)
    assert path.read_bytes() == before
    with RefusedPort() as port, pytest.raises(ConnectionRefusedError), use_cassette(path, mode="new_episodes"):
        get(port.port)
    assert path.read_bytes() == before


def test_an_attempt_before_an_exchange_is_kept_whatever_comes_of_the_program(path: Path) -> None:
    """It got past it."""

    def program(port: int, other: int) -> None:
        with pytest.raises(ConnectionRefusedError):
            get(port)
        assert get(other) == b"up"
        raise KeyError

    with RefusedPort() as port, OriginServer(answering(answer(b"up"))) as server:
        with pytest.raises(KeyError), use_cassette(path):
            program(port.port, server.port)
        with pytest.raises(KeyError), use_cassette(path, mode="none"):
            program(port.port, server.port)
    assert [type(item).__name__ for item, _ in Store(path).drafts()] == ["FailedAttempt", "Exchange"]


@pytest.mark.parametrize("mode", ["all", "new_episodes", "once"])
def test_each_mode_that_records_keeps_a_program_that_copes(path: Path, mode: str) -> None:
    """It goes well, so that is what is to be replayed."""
    with RefusedPort() as port:
        with use_cassette(path, mode=mode), pytest.raises(ConnectionRefusedError):
            get(port.port)
        with use_cassette(path, mode="none"), pytest.raises(ConnectionRefusedError):
            get(port.port)


def test_where_nothing_of_a_server_is_left_new_episodes_connects_at_once(path: Path) -> None:
    """So that errors of connecting come where they come live, and are recorded for the next time."""
    with OriginServer(answering(answer(b"up"))) as server, use_cassette(path):
        assert get(server.port) == b"up"
    with use_cassette(path, mode="new_episodes"):
        assert get(server.port) == b"up"
        with pytest.raises(ConnectionRefusedError):
            HTTPConnection("127.0.0.1", server.port, timeout=10).connect()
    with use_cassette(path, mode="none"):
        assert get(server.port) == b"up"
        with pytest.raises(ConnectionRefusedError):
            HTTPConnection("127.0.0.1", server.port, timeout=10).connect()


def test_repeats_go_on_failing(path: Path) -> None:
    """With allow_repeats a server that is down stays down."""
    path.write_text(BY_HAND.partition("---\norigin: http://api.example.com\nrequest:")[0])
    with use_cassette(path, mode="none", allow_repeats=True):
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                get(80, "api.example.com")


def test_what_one_client_recorded_another_tells_in_its_own_words(path: Path) -> None:
    """The cassette has what the system said."""
    with RefusedPort() as port, use_cassette(path), pytest.raises(httpx.ConnectError):
        httpx.get(port.url)
    with use_cassette(path, mode="none"), pytest.raises(ConnectionRefusedError):
        get(port.port)
    with use_cassette(path, mode="none"), pytest.raises(urllib3.exceptions.NewConnectionError):
        urllib3.HTTPConnectionPool("127.0.0.1", port.port).request("GET", "/", retries=False)


def test_without_a_cassette_a_replay_still_says_so_at_the_first_request(path: Path) -> None:
    """Connecting alone is no request."""
    with pytest.raises(CassetteMissing), use_cassette(path, mode="none"):
        get(80, "api.example.com")


def test_a_time_out_of_tls_is_no_time_out_of_connecting(path: Path) -> None:
    """There was a connection: requests tells them apart, and so do those who try again."""

    def get(port: int) -> None:
        requests.get(f"https://127.0.0.1:{port}/", timeout=0.2)

    with DeafPort() as deaf:
        with pytest.raises(requests.exceptions.ReadTimeout):
            get(deaf.port)
        with use_cassette(path, strict=False), pytest.raises(requests.exceptions.ReadTimeout):
            get(deaf.port)
    with use_cassette(path, mode="none"), pytest.raises(requests.exceptions.ReadTimeout):
        get(deaf.port)
