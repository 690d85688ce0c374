"""`cassettes.timing`: when the octets of an answer came, and a replay that keeps to that."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest

from cassettes import store, use_cassette
from cassettes.errors import BadCassette
from cassettes.recorder import Recorder
from cassettes.timing import Pace, Pieces, Schedule, from_text, pace, to_text
from httplib_sim import HTTPConnection
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cassettes.exchange import Exchange

HOUR = 3_600_000
"""In milliseconds."""


class Clock:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        """The time in seconds."""
        return self.time

    def wait(self, seconds: float) -> None:
        """Go on by *seconds*."""
        self.waits.append(round(seconds, 6))
        self.time += seconds

    def pace(self, speed: float = 1) -> Pace:
        """A pace by this clock."""
        return Pace(speed, now=self.now, wait=self.wait)


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A cassette of an answer whose head came after an hour, and then its content in two pieces, an hour each."""
    path = tmp_path / "slow.yaml"
    path.write_text(f"""\
cassette: 1
...
---
origin: http://api.example.com
request:
  line: GET / HTTP/1.1
  headers:
  - Host: api.example.com
response:
  line: HTTP/1.1 200 OK
  headers:
  - Content-Length: 6
  body:
    text: onetwo
end: {{how: complete, after: {3 * HOUR} ms, came: 38@{HOUR} 3@{2 * HOUR} 3@{3 * HOUR}}}
...
""")
    return path


def test_what_comes_within_moments_is_one_piece() -> None:
    """And an answer in one piece needs no more than what the exchange says of its end."""
    pieces = Pieces()
    for milliseconds in (100, 102, 104):
        pieces.note(milliseconds / 1000, 10)
    assert pieces.timing(0.104) == ()
    assert pieces.timing(0.2) == ((100, 30),)  # it was over later than that
    pieces.note(0.2, 5)
    assert pieces.timing(0.2) == ((100, 30), (200, 5))


def test_an_answer_in_many_pieces_is_kept_in_fewer() -> None:
    """No octet is lost, and the file stays small."""
    pieces = Pieces()
    for number in range(10_000):
        pieces.note(number * 0.01, 1)
    timing = pieces.timing(10_000)
    assert len(timing) <= 500
    assert sum(count for _, count in timing) == 10_000
    assert timing[0][0] == 0
    assert timing[-1][0] > 99_000


@pytest.mark.parametrize("timing", [(), ((0, 1),), ((87, 138), (180, 22))])
def test_a_timing_is_read_as_it_was_written(timing: tuple[tuple[int, int], ...]) -> None:
    """As text that a person can change."""
    assert from_text(to_text(timing)) == timing


@pytest.mark.parametrize("text", ["1", "1@", "a@b", "1@2@3", "-1@2"])
def test_what_is_no_timing_is_refused(text: str, slow: Path) -> None:
    """With the line of the file."""
    with pytest.raises(ValueError, match=r"."):
        from_text(text)
    slow.write_text(re.sub("came: [^}]*", f"came: '{text}'", slow.read_text()))
    with pytest.raises(BadCassette, match="octets and milliseconds"):
        store.load(slow)


def test_a_schedule_gives_each_piece_in_its_time() -> None:
    """Then the end; the last piece is as long as it is."""
    clock = Clock()
    schedule = Schedule(((1000, 10), (2000, 5)), 4.0, clock.now(), clock.pace(2))
    assert (schedule.delay(), schedule.limit(100)) == (0.5, 10)
    schedule.took(4)
    assert schedule.limit(100) == 6
    schedule.took(6)
    assert (schedule.delay(), schedule.limit(100)) == (1.0, 100)
    schedule.took(50)
    assert schedule.delay() == 2.0
    clock.wait(5)
    assert schedule.delay() == 0


@pytest.mark.parametrize(
    ("speed", "error"), [(-1, ValueError), (float("inf"), ValueError), ("1", TypeError), (True, TypeError)]
)
def test_a_speed_that_makes_no_sense_is_refused(speed: Any, error: type[Exception]) -> None:
    """Where the cassette is named."""
    with pytest.raises(error, match="expected speed"):
        use_cassette("x.yaml", speed=speed)


def test_without_a_speed_nobody_waits() -> None:
    """0 and None are the same."""
    assert pace(0) is pace(None) is None


@pytest.mark.parametrize(("speed", "hour"), [(1, 3600.0), (2, 1800.0)])
def test_a_blocking_client_has_each_piece_when_it_came(slow: Path, speed: float, hour: float) -> None:
    """The head, then the content piece by piece."""
    clock = Clock()
    with use_cassette(slow, mode="none", speed=clock.pace(speed)):
        connection = HTTPConnection("api.example.com")
        connection.request("GET", "/")
        response = connection.getresponse()
        assert clock.time == hour
        assert response.read1(100) == b"one"
        assert clock.time == 2 * hour
        assert response.read() == b"two"
        assert clock.time == 3 * hour
        connection.close()
    assert clock.waits == [hour] * 3


def test_a_time_out_that_is_shorter_is_the_clients_own(slow: Path) -> None:
    """As live: the client gives up when its time is over."""
    clock = Clock()
    with use_cassette(slow, mode="none", speed=clock.pace()):
        connection = HTTPConnection("api.example.com", timeout=10)
        connection.request("GET", "/")
        with pytest.raises(TimeoutError):
            connection.getresponse()
        connection.close()
    assert clock.waits == [10]


def test_httpx_waits_and_gives_up_as_live(slow: Path) -> None:
    """With its own exception."""
    clock = Clock()
    with use_cassette(slow, mode="none", speed=clock.pace()), httpx.Client(timeout=None) as client:
        assert client.get("http://api.example.com/").text == "onetwo"
    assert clock.time == 3 * 3600
    use = use_cassette(slow, mode="none", speed=clock.pace())
    with use, httpx.Client(timeout=7) as client, pytest.raises(httpx.ReadTimeout):
        client.get("http://api.example.com/")
    assert clock.waits[-1] == 7


async def _with_httpx(patience: float | None) -> str:
    async with httpx.AsyncClient(timeout=patience) as client:
        return (await client.get("http://api.example.com/")).text


async def _with_aiohttp(patience: float | None) -> str:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as session,
        session.get("http://api.example.com/") as response,
    ):
        return await response.text()


@pytest.mark.parametrize("ask", [_with_httpx, _with_aiohttp])
def test_an_asynchronous_client_waits_with_its_loop(slow: Path, ask: Callable[[float | None], Any]) -> None:
    """At a speed at which three hours are three milliseconds; at the recorded one it gives up before."""
    with use_cassette(slow, mode="none", speed=HOUR):
        assert asyncio.run(ask(None)) == "onetwo"
    with use_cassette(slow, mode="none", speed=1), pytest.raises((TimeoutError, httpx.ReadTimeout)):
        asyncio.run(ask(0.01))


def test_the_time_of_each_piece_is_recorded(tmp_path: Path) -> None:
    """From the first octet of the request on; what came at once is one piece, and the file says it."""
    clock = Clock()
    kept: list[Exchange] = []
    recorder = Recorder(Origin("http", "api.example.com", 80), kept.append, clock=clock.now)
    recorder.sent(b"GET / HTTP/1.1\r\n")
    clock.wait(1)
    recorder.sent(b"Host: api.example.com\r\n\r\n")
    clock.wait(1)
    recorder.received(b"HTTP/1.1 200 OK\r\n")
    recorder.received(b"Content-Length: 6\r\n\r\none")
    clock.wait(1)
    recorder.received(b"two")
    [exchange] = kept
    assert exchange.timing == ((2000, 41), (3000, 3))
    assert exchange.elapsed == 3
    file = store.Store(tmp_path / "x.yaml")
    file.append(exchange)
    assert "end: {how: complete, after: 3000.000 ms, came: 41@2000 3@3000, bytes: 44, " in file.path.read_text()
    [(read, _)] = file.load()
    assert read.timing == exchange.timing
    file.close()
