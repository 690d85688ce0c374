"""Tests of `cassettes.index`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassettes.exchange import Exchange, Request
from cassettes.index import Index, Matching, Recorded, Repeats
from cassettes.matchers import DEFAULT, Difference, MatchFunction, matchers

from .requests_in_tests import exchange, request

if TYPE_CHECKING:
    from collections.abc import Callable


def index(
    *recorded: Exchange,
    match_on: tuple[str | MatchFunction, ...] = DEFAULT,
    comparable: Callable[[Request], Request] = lambda one: one,
    repeats: bool | str = False,
    ordered: bool = False,
) -> Index:
    """An index of *recorded*."""
    items = [Recorded(item, number, number) for number, item in enumerate(recorded, 1)]
    return Index(items, Matching(matchers(match_on), comparable, Repeats.named(repeats), ordered))


def play(one: Index, asked: Request) -> int | None:
    """The number of the exchange that answers *asked*, which then counts as played."""
    found = one.find(asked)
    if found is None:
        return None
    found.played += 1
    return found.number


A, B = request("http://example.com/a"), request("http://example.com/b")


def test_each_exchange_answers_once_and_in_order_among_equals() -> None:
    """Whatever is asked for in between."""
    one = index(exchange(A), exchange(B), exchange(A))
    assert [play(one, asked) for asked in (A, A, B, A, B)] == [1, 3, 2, None, None]


def test_finding_alone_uses_nothing_up() -> None:
    """An exchange is used when somebody says so."""
    one = index(exchange(A))
    assert one.find(A) is one.find(A)


def test_among_equals_the_one_that_began_first_comes_first() -> None:
    """A stream that was read slowly is written after the request that overtook it."""
    one = index(exchange(A, b"overtook", at=2), exchange(A, b"slow", at=1))
    assert [play(one, A), play(one, A)] == [2, 1]


def test_repeats_lets_the_last_go_on() -> None:
    """For programs that ask until something changes."""
    one = index(exchange(A), exchange(A), repeats=True)
    assert [play(one, A) for _ in range(4)] == [1, 2, 2, 2]


def test_ordered_answers_in_the_order_of_the_file_only() -> None:
    """What comes too early finds nothing."""
    one = index(exchange(A), exchange(B), ordered=True)
    assert [play(one, asked) for asked in (B, A, B)] == [None, 1, 2]


def test_what_is_not_matched_on_does_not_count() -> None:
    """Not even the host, if nobody asks for it."""
    one = index(exchange(request("http://x/a", "POST", b"1")), match_on=("path",))
    assert play(one, request("https://y/a?q", "GET")) == 1
    assert play(index(exchange(A), match_on=()), B) == 1


def test_functions_choose_among_equals() -> None:
    """Those equal in all else are asked in their order, and skipped ones stay in theirs."""

    def same_tenant(recorded: Request, sent: Request) -> Difference | None:
        return None if recorded.headers.get("x-t") == sent.headers.get("x-t") else Difference("tenant")

    def of(tenant: str) -> Request:
        return request("http://x/", "GET", b"", "", ("X-T", tenant))

    one = index(exchange(of("a")), exchange(of("b")), exchange(of("a")), match_on=(*DEFAULT, same_tenant))
    assert [play(one, of(tenant)) for tenant in "baac"] == [2, 1, 3, None]


def test_secrets_are_compared_by_their_stand_ins() -> None:
    """What was replaced on disk equals what is sent live."""

    def masked(one: Request) -> Request:
        return request(one.url.partition("?")[0] + "?key=x", one.method)

    one = index(exchange(request("http://x/?key=REDACTED")), comparable=masked)
    assert play(one, request("http://x/?key=s3cret")) == 1


def test_a_request_cut_short_matches_any_body() -> None:
    """The server had answered before it had all; but what matches whole comes first."""
    cut = request("http://x/", "POST", b"abc")
    torn = Request(cut.origin, type(cut.message)(cut.message.head, type(cut.message.body)(b"a", complete=False)))
    one = index(exchange(torn), exchange(cut))
    assert play(one, cut) == 2
    assert play(one, request("http://x/", "POST", b"xyz")) == 1


def test_by_the_head_alone() -> None:
    """All but the body counts."""
    one = index(exchange(request("http://x/?a", "PUT", b"1")), exchange(request("http://x/?b", "PUT", b"2")))
    found = one.find_by_head(request("http://x/?b", "PUT"))
    assert found is not None
    assert found.number == 2
    found.played = 1
    assert one.find_by_head(request("http://x/?b", "PUT")) is None
    assert one.find_by_head(request("http://y/?b", "PUT")) is None


def test_a_look_up_does_not_grow_with_the_cassette() -> None:
    """Bodies of other requests are not looked at again: keys are worked out once, for one bucket."""
    seen: list[str] = []

    def counted(one: Request) -> Request:
        seen.append(one.target)
        return one

    posts = [exchange(request("http://x/same", "POST", b"%d" % number)) for number in range(300)]
    others = [exchange(request(f"http://x/{number}")) for number in range(300)]
    one = index(*posts, *others, comparable=counted)
    assert seen == []
    for number in reversed(range(300)):
        assert play(one, request("http://x/same", "POST", b"%d" % number)) == number + 1
    assert len(seen) == 600
    assert set(seen) == {"/same"}


def test_a_cycle_begins_again_with_the_first() -> None:
    """For who polls a server that goes round."""
    one = index(exchange(A), exchange(A, b"two"), exchange(B), repeats="cycle")
    assert [play(one, A) for _ in range(5)] == [1, 2, 1, 2, 1]
    assert [play(one, B) for _ in range(2)] == [3, 3]


def test_a_look_up_costs_the_same_in_a_small_cassette_and_in_a_large_one() -> None:
    """However many recorded requests differ from it in the body alone; a miss, and one by its head, as well."""

    def cost(size: int) -> int:
        compared = 0

        def comparable(asked: Request) -> Request:
            nonlocal compared
            compared += 1
            return asked

        posts = [request("http://example.com/", "POST", b"%d" % number) for number in range(size)]
        one = index(*[exchange(asked) for asked in posts], comparable=comparable)
        for asked in posts:
            assert play(one, asked) is not None
        for number in range(size):
            assert one.find(request("http://example.com/", "POST", b"new %d" % number)) is None
            assert one.find_by_head(request("http://example.com/", "POST", b"new %d" % number)) is None
        return compared

    assert cost(80) <= 2 * cost(40) + 80
