"""Tests for what is to come of a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cassettes.attempts import FailedAttempt, Failure
from cassettes.due import Due
from cassettes.exchange import Exchange
from cassettes.index import Matching, Recorded, Repeats
from cassettes.matchers import DEFAULT, matchers
from httplib_sim.waist import Origin

from .exchanges_in_tests import ORIGIN, recorded

START = datetime(2026, 1, 1, tzinfo=UTC)
OTHER = Origin("https", "other.example.com", 443)


def exchange(second: int) -> Exchange:
    """One that began in this second."""
    one = recorded(b"GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
    return replace(one, started=START + timedelta(seconds=second))


def attempt(second: int | None = None, failure: Failure = Failure.REFUSED, origin: Origin = ORIGIN) -> FailedAttempt:
    """One that began in this second."""
    started = None if second is None else START + timedelta(seconds=second)
    return FailedAttempt(origin=origin, failure=failure, started=started)


def due(
    *items: Exchange | FailedAttempt, repeats: bool = False, match_on: tuple[str, ...] = DEFAULT
) -> tuple[Due, list[Recorded]]:
    """What is to come of *items*, and its exchanges."""
    exchanges = [Recorded(item, 0, number) for number, item in enumerate(items) if isinstance(item, Exchange)]
    attempts = [(item, 0, number) for number, item in enumerate(items) if isinstance(item, FailedAttempt)]
    return Due(
        exchanges, attempts, Matching(matchers(match_on), lambda request: request, repeats=Repeats.named(repeats))
    ), exchanges


def test_an_attempt_is_due_once_all_before_it_has_been_played() -> None:
    """And only once."""
    to_come, (one,) = due(exchange(1), attempt(2))
    assert to_come.failure(ORIGIN) is None
    one.played += 1
    found = to_come.failure(ORIGIN)
    assert found is not None
    assert found.played == 1
    assert to_come.failure(ORIGIN) is None
    assert to_come.is_over(ORIGIN)


def test_what_comes_first_is_a_matter_of_time_and_not_of_the_file() -> None:
    """An exchange that took long is written after an attempt which it began before."""
    to_come, (one,) = due(attempt(2), exchange(1))
    assert to_come.failure(ORIGIN) is None
    one.played += 1
    assert to_come.failure(ORIGIN) is not None


def test_an_attempt_without_a_time_comes_where_it_stands() -> None:
    """So that a person can put one between two exchanges."""
    to_come, (one, _) = due(exchange(1), attempt(), exchange(3))
    assert to_come.failure(ORIGIN) is None
    one.played += 1
    assert to_come.failure(ORIGIN) is not None
    assert to_come.failure(ORIGIN) is None


def test_other_servers_do_not_matter() -> None:
    """Neither what is to come of them, nor how they fail; the scheme does not count, names are read in any case."""
    to_come, _ = due(exchange(1), attempt(2, origin=OTHER))
    assert to_come.knows(OTHER)
    assert not to_come.knows(ORIGIN)
    assert to_come.failure(ORIGIN) is None
    assert to_come.failure(Origin("http", "OTHER.example.com", 443)) is not None


def test_a_failure_of_tls_waits_until_tls_begins() -> None:
    """For those who connect first, and begin TLS later."""
    to_come, _ = due(attempt(1, Failure.CERTIFICATE))
    assert to_come.failure(ORIGIN, of_tls=False) is None
    assert to_come.failure(ORIGIN, of_tls=True) is not None
    to_come, _ = due(attempt(1, Failure.REFUSED))
    assert to_come.failure(ORIGIN, of_tls=True) is None
    assert to_come.failure(ORIGIN, of_tls=False) is not None


def test_where_exchanges_repeat_the_last_attempt_does() -> None:
    """A server that is down stays down; one that came up stays up."""
    to_come, _ = due(attempt(1), attempt(2), repeats=True)
    assert all(to_come.failure(ORIGIN) is not None for _ in range(5))
    assert not to_come.is_over(ORIGIN)
    to_come, _ = due(attempt(1), exchange(2), repeats=True)
    assert to_come.failure(ORIGIN) is not None
    assert to_come.failure(ORIGIN) is None


def test_where_hosts_and_ports_are_not_compared_all_servers_are_one() -> None:
    """A server that gets another port in each run."""
    to_come, _ = due(attempt(1), match_on=("method", "path"))
    assert to_come.failure(Origin("http", "127.0.0.1", 40123)) is not None


def test_nothing_is_to_come_of_a_server_of_which_all_was_played() -> None:
    """Whoever connects then goes to the network, where that may be."""
    to_come, (one, two) = due(exchange(1), exchange(2))
    assert not to_come.is_over(ORIGIN)
    assert to_come.is_over(OTHER)
    one.played = two.played = 1
    assert to_come.is_over(ORIGIN)
