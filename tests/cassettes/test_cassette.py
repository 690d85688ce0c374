"""Tests of `cassettes.cassette`."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cassettes.cassette import Cassette
from cassettes.errors import CassetteError, NoMatch, UnusedExchanges
from cassettes.exchange import End, How
from cassettes.index import Matching
from cassettes.matchers import matchers

from .requests_in_tests import exchange, request

if TYPE_CHECKING:
    from cassettes.exchange import Exchange, Request

A, B, C = (exchange(request(f"http://example.com/{name}"), name.encode()) for name in "abc")


def replay(*exchanges: Exchange, mode: str = "none", strict: bool = True) -> Cassette:
    """A cassette that replays."""
    recorded = [(item, line) for line, item in enumerate(exchanges, 5)]
    return Cassette("x.yaml", mode=mode, recorded=recorded, existed=True, strict=strict)


def test_what_was_played_and_what_was_not() -> None:
    """Both are there to be looked at."""
    cassette = replay(A, B)
    assert cassette.play(B.request) is B
    assert cassette.played == (B,)
    assert cassette.unused == (A,)
    assert cassette.exchanges == (A, B)
    assert repr(cassette) == "<Cassette x.yaml mode none: 2 recorded, 1 played, 0 added>"


def test_a_miss_is_raised_and_remembered() -> None:
    """A program that swallows it is told at the end, once."""
    cassette = replay(A)
    with pytest.raises(NoMatch) as caught:
        cassette.play(B.request)
    assert cassette.misses == (caught.value,)
    with pytest.raises(NoMatch) as again:
        cassette.verify()
    assert again.value is caught.value
    cassette.verify()


def test_a_miss_that_is_on_its_way_is_not_raised_again() -> None:
    """Neither itself, nor what a client made of it."""
    cassette = replay(A)
    with pytest.raises(NoMatch) as caught:
        cassette.play(B.request)
    wrapped = RuntimeError("the client's own")
    wrapped.__cause__ = caught.value
    cassette.verify(raised=wrapped)
    cassette.verify()


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), asyncio.CancelledError(), GeneratorExit(), SystemExit(1)])
def test_what_is_to_end_a_program_or_task_goes_on_with_the_errors_in_its_notes(ending: BaseException) -> None:
    """A task that was cancelled is cancelled, whatever it swallowed before."""
    cassette = replay(A)
    with pytest.raises(NoMatch):
        cassette.play(B.request)
    cassette.verify(raised=ending)
    assert "example.com/b" in "".join(ending.__notes__)
    cassette.verify()


def test_several_misses_are_told_together() -> None:
    """The first is raised, with the others in its notes."""
    cassette = replay(A)
    for missing in (B, C):
        with pytest.raises(NoMatch):
            cassette.play(missing.request)
    with pytest.raises(NoMatch, match=r"example\.com/b") as caught:
        cassette.verify()
    assert "example.com/c" in "".join(caught.value.__notes__)


def test_unused_exchanges_are_an_error_if_strict() -> None:
    """With the line of the file where each stands, once."""
    cassette = replay(A, B)
    cassette.play(A.request)
    with pytest.raises(UnusedExchanges, match=r"x\.yaml:6  GET http://example\.com/b -> 200"):
        cassette.verify()
    cassette.verify()
    replay(A, strict=False).verify()


def test_unused_exchanges_of_a_growing_cassette_are_no_error() -> None:
    """new_episodes adds to what other programs may need."""
    replay(A, mode="new_episodes").verify()


def test_unused_exchanges_are_not_told_beside_another_failure() -> None:
    """A program that failed did not come to ask for them."""
    replay(A).verify(raised=ValueError())


def test_what_is_recorded_is_kept_and_not_played() -> None:
    """A cassette that records answers nothing of what it has just recorded."""
    kept: list[Exchange] = []

    def keep(one: Exchange) -> Exchange:
        kept.append(one)
        return B

    cassette = Cassette(mode="new_episodes", existed=True, keep=keep)
    assert cassette.play(A.request) is None
    cassette.add(A)
    assert kept == [A]
    assert cassette.exchanges == (B,)
    assert cassette.play(B.request) is None


def test_what_cannot_be_kept_is_raised_and_remembered() -> None:
    """A full disk is not forgotten, whoever swallows the error."""

    def keep(one: Exchange) -> Exchange:
        raise CassetteError(f"no space left for {one!r}")

    cassette = Cassette(mode="all", keep=keep)
    with pytest.raises(CassetteError, match="no space"):
        cassette.add(A)
    with pytest.raises(CassetteError, match="no space"):
        cassette.verify()


def test_what_is_under_way_is_finished_at_the_end() -> None:
    """Recorders hand on what they have."""
    cassette = Cassette(mode="all")
    cassette.when_ended(lambda: cassette.add(A))
    cassette.end()
    assert cassette.ended
    assert cassette.exchanges == (A,)


def test_who_has_nothing_to_finish_any_more_is_forgotten() -> None:
    """A cassette with thousands of connections keeps those that are open."""
    cassette = Cassette(mode="all")
    cassette.when_ended(lambda: cassette.add(A))
    cassette.when_ended(lambda: cassette.add(B))()
    cassette.end()
    assert cassette.exchanges == (A,)


def test_an_exchange_is_amended_by_what_came_after_it() -> None:
    """The last one of its connection, as it was kept."""
    first, second, other = (replace(A, connection=number, elapsed=at) for number, at in [(1, 1.0), (1, 2.0), (2, 3.0)])
    cassette = Cassette(mode="all", amend=lambda one: replace(one, redacted=("kept",)))
    for one in (first, second, other):
        cassette.add(one)
    ended = replace(second, end=End(How.EOF))
    cassette.amend(ended)
    assert cassette.exchanges == (first, replace(ended, redacted=("kept",)), other)


def test_what_cannot_be_amended_is_raised_and_remembered() -> None:
    """As what cannot be kept."""

    def amend(one: Exchange) -> Exchange:
        raise ValueError(one)

    cassette = Cassette(mode="all", amend=amend)
    cassette.add(A)
    with pytest.raises(CassetteError, match="ValueError was raised"):
        cassette.amend(A)
    assert len(cassette.errors) == 1
    assert cassette.exchanges == (A,)


def test_any_error_of_keeping_is_wrapped_and_remembered() -> None:
    """A user's own redaction may raise what a client swallows; the text does not say what it says."""

    def keep(one: Exchange) -> Exchange:
        raise ValueError(f"s3cret in {one!r}")

    cassette = Cassette("x.yaml", mode="all", keep=keep)
    with pytest.raises(CassetteError, match=r"example\.com/a.* in x\.yaml: ValueError") as caught:
        cassette.add(A)
    assert "s3cret" not in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(CassetteError) as again:
        cassette.verify()
    assert again.value is caught.value


@pytest.mark.parametrize("sent", [request("http://example.com/a", method="POST"), B.request])
@pytest.mark.parametrize("look", ["play", "foresee"])
def test_any_error_of_looking_is_wrapped_and_remembered(look: str, sent: Request) -> None:
    """A user's own redaction, by which requests are compared and shown, may raise what a client swallows."""

    def confused(one: Request) -> Request:
        raise ZeroDivisionError(one)

    matching = Matching(matchers(("path",)), confused)
    cassette = Cassette("x.yaml", mode="none", recorded=[(A, 5)], matching=matching)
    with pytest.raises(CassetteError, match=r"could not look for .*example\.com/.* in x\.yaml: ZeroDivisionError"):
        getattr(cassette, look)(sent)
    assert len(cassette.errors) == 1


def test_one_that_cannot_be_finished_keeps_no_other_from_being() -> None:
    """At the end each recorder has its turn."""

    def keep(one: Exchange) -> Exchange:
        if one is A:
            raise ZeroDivisionError
        return one

    cassette = Cassette(mode="all", keep=keep)
    cassette.when_ended(lambda: cassette.add(A))
    cassette.when_ended(lambda: cassette.add(B))
    cassette.end()
    assert cassette.exchanges == (B,)
    with pytest.raises(CassetteError):
        cassette.verify()


def test_connections_are_numbered_on() -> None:
    """After those of the file."""
    assert Cassette().new_connection() == 1
    assert replay(A, B).new_connection() == 2


def test_foreseeing_uses_nothing_up() -> None:
    """The head alone promises an answer, it does not take it."""
    cassette = replay(A)
    assert cassette.foresee(A.request) is A
    assert cassette.unused == (A,)
    with pytest.raises(NoMatch):
        cassette.foresee(B.request)


def test_threads_get_each_exchange_once() -> None:
    """No answer twice, none lost."""
    cassette = replay(*[exchange(A.request, b"%d" % number) for number in range(400)])
    answers: list[bytes] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        for _ in range(50):
            found = cassette.play(A.request)
            assert found is not None
            answers.append(found.answer)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 400


def test_a_loop_of_misses_is_told_in_few_words() -> None:
    """The first ones are told in full, and how many more there were."""
    cassette = Cassette(mode="none", recorded=[(exchange(request("http://example.com/a")), 1)])
    for number in range(50):
        with contextlib.suppress(NoMatch):
            cassette.play(request(f"http://example.com/{number}"))
    with pytest.raises(NoMatch) as caught:
        cassette.verify()
    assert len(caught.value.__notes__) == 5
    assert caught.value.__notes__[-1] == "\nand 45 more"
