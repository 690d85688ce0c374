"""Tests of `cassettes.near_miss`: what a miss teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cassettes.cassette import Cassette
from cassettes.errors import NoMatch
from cassettes.index import Matching
from cassettes.matchers import DEFAULT, matchers

from .requests_in_tests import exchange, request

if TYPE_CHECKING:
    from cassettes.exchange import Exchange, Request

JSON = "application/json"


def miss(cassette: Cassette, asked: Request) -> str:
    """The text of the miss for *asked*."""
    with pytest.raises(NoMatch) as caught:
        cassette.play(asked)
    return str(caught.value)


def cassette_of(*exchanges: Exchange, mode: str = "once", matching: Matching | None = None) -> Cassette:
    """A cassette whose exchanges stand ten lines apart."""
    recorded = [(item, number * 10) for number, item in enumerate(exchanges, 1)]
    return Cassette("tests/c.yaml", mode=mode, recorded=recorded, existed=True, matching=matching)


def test_within_a_test_the_command_is_for_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the whole suite it would record everything anew."""
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "tests/test_a.py::test_b[c d (e)] (call)")
    text = miss(cassette_of(exchange(request())), request("http://example.com/other"))
    assert "mode='all' (pytest 'tests/test_a.py::test_b[c d (e)]' --cassette-mode=all)\n" in text


def test_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request, the nearest with file and line, what differs in each, and what to do."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    orders = "http://api.example.com/orders?page=1"
    cassette = cassette_of(
        exchange(request("http://api.example.com/health")),
        exchange(request(orders, "POST", b'{"items": [{"qty": 2}]}', JSON), status=201),
    )
    cassette.play(request("http://api.example.com/health"))
    text = miss(cassette, request(orders, "POST", b'{"items": [{"qty": 3}]}', JSON))
    assert text == (
        "no recorded exchange answers this request:\n"
        "\n"
        "  POST http://api.example.com/orders?page=1\n"
        "\n"
        "cassette: tests/c.yaml\n"
        "  mode 'once', matched on method, scheme, host, port, path, query, body\n"
        "  2 recorded, 1 of them played\n"
        "\n"
        "nearest recorded requests:\n"
        "  1. tests/c.yaml:20  POST http://api.example.com/orders?page=1 -> 201\n"
        "     body: $.items[0].qty: recorded 2, sent 3\n"
        "  2. tests/c.yaml:10  GET http://api.example.com/health -> 200, already played\n"
        "     method: recorded GET, sent POST\n"
        "     path: recorded /health, sent /orders\n"
        "     query: page: sent '1', not recorded\n"
        '     body: recorded no content, sent \'{"items": [{"qty": 3}]}\'\n'
        "\n"
        "what to do:\n"
        "  * if that changes with every run, do not compare it: ignore_json=['$.items[0].qty']\n"
        "  * if the request is new, add it: mode='new_episodes' (pytest: --cassette-mode=new_episodes)\n"
        "  * if the program has changed on purpose, record anew: mode='all' (pytest: --cassette-mode=all)\n"
        "  * mode 'once' records only where there is no file: or delete tests/c.yaml, as is right where the "
        "program or the test failed while it was recorded"
    )


def test_three_at_the_most_and_the_nearest_first() -> None:
    """Among many."""
    cassette = cassette_of(*[exchange(request(f"http://example.com/items/{number}")) for number in range(100)])
    text = miss(cassette, request("http://example.com/items/50?new"))
    assert text.count("tests/c.yaml:") == 3
    assert "1. tests/c.yaml:510  GET http://example.com/items/50 -> 200\n     query: new: sent" in text


def test_one_that_is_used_up_says_so() -> None:
    """The remedy is not to record anew, but to let it answer more than once."""
    cassette = cassette_of(exchange(request()))
    cassette.play(request())
    text = miss(cassette, request())
    assert "already played\n     the same in all that is matched" in text
    assert "allow_repeats=True" in text


def test_one_that_is_not_due_says_so() -> None:
    """With ordered=True."""
    matching = Matching(matchers(DEFAULT), lambda one: one, ordered=True)
    later = request("http://example.com/later")
    text = miss(cassette_of(exchange(request()), exchange(later), matching=matching), later)
    assert "it is not this exchange's turn" in text


def test_an_empty_cassette_shows_no_nearest() -> None:
    """And asks for nothing that makes no sense."""
    text = miss(cassette_of(mode="none"), request())
    assert "nearest recorded" not in text
    assert "0 recorded" in text
    assert "delete" not in text
    assert "mode='new_episodes'" in text


def test_secrets_are_shown_as_stand_ins_only() -> None:
    """In the URL, in what differs, in the nearest."""

    def masked(one: Request) -> Request:
        return request(one.url.replace("s3cret", "xxxxxx").replace("0ther", "xxxxxx"), one.method)

    matching = Matching(matchers(DEFAULT), masked)
    cassette = cassette_of(exchange(request("http://example.com/?key=0ther&b=1")), matching=matching)
    text = miss(cassette, request("http://example.com/?key=s3cret&b=2"))
    assert "s3cret" not in text
    assert "0ther" not in text
    assert "query: b: recorded '1', sent '2'" in text


def test_a_difference_in_a_secret_is_named_and_not_shown() -> None:
    """Where secrets are compared as they are, since nothing is redacted, texts show them no more than elsewhere."""

    def masked(one: Request) -> Request:
        return request(one.url.partition("?")[0] + "?key=xxxxxx", one.method)

    matching = Matching(matchers(DEFAULT), lambda one: one, shown=masked)
    cassette = cassette_of(exchange(request("http://example.com/?key=0ther")), matching=matching)
    text = miss(cassette, request("http://example.com/?key=s3cret"))
    assert "query: it differs in a secret" in text
    assert "s3cret" not in text
    assert "0ther" not in text


def test_a_server_on_another_port_is_told_from_a_new_request() -> None:
    """A free port differs at every run: the remedy is what to match on."""
    text = miss(cassette_of(exchange(request("http://localhost:5001/a"))), request("http://localhost:5002/a"))
    assert "port: recorded 5001, sent 5002" in text
    assert (
        "if the server is elsewhere at every run, do not match on it: "
        "match_on=('method', 'scheme', 'host', 'path', 'query', 'body')"
    ) in text


def test_nothing_is_said_of_a_body_that_is_not_known_yet() -> None:
    """A client that waits for 100 (Continue) has not sent it: it is not one of 0 octets."""
    cassette = cassette_of(exchange(request("http://localhost/a", "POST", b"content", "text/plain")))
    with pytest.raises(NoMatch, match="path: recorded /a, sent /b") as caught:
        cassette.foresee(request("http://localhost/b", "POST"))
    assert "body:" not in str(caught.value)
