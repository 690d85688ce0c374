"""Marks: where a request carries the key of its session."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation
from fake_server.marks import Found, InHeader, InPath, InQuery, Mark, mark
from httplib_sim import wire


def head(target: str, *fields: tuple[str, str]) -> wire.RequestHead:
    """Return the head of a GET."""
    return wire.RequestHead(
        "GET", target, wire.Fields.from_octets("".join(f"{name}: {value}\r\n" for name, value in fields).encode())
    )


@pytest.mark.parametrize(
    ("where", "target", "found"),
    [
        (InPath(), "/k/users?x=1", Found("k", "/users?x=1")),
        (InPath(), "/k", Found("k", "/")),
        (InPath(), "/k?x=1", Found("k", "/?x=1")),
        (InPath(), "/a%2Fb/users", Found("a/b", "/users")),
        (InPath(), "http://k/k/users", Found("k", "http://k/users")),
        (InPath(), "*", None),
        (InPath(), "http://host?k", None),
        (InQuery("s"), "/users?s=k", Found("k", "/users")),
        (InQuery("s"), "/users?a=1&s=k%20k&b=2", Found("k k", "/users?a=1&b=2")),
        (InQuery("s"), "/users?ss=k", None),
        (InQuery("s"), "/users", None),
    ],
    ids=str,
)
def test_a_key_in_the_target_is_taken_out_of_it(where: Mark, target: str, found: Found | None) -> None:
    """What is left is what the client would ask for without it."""
    assert where.find(head(target)) == found


def test_a_key_in_a_field_leaves_the_target_as_it_is() -> None:
    """The field's name is found in any case."""
    assert InHeader("X-S").find(head("/a", ("x-s", "k"))) == Found("k", "/a")
    assert InHeader("X-S").find(head("/a")) is None


@pytest.mark.parametrize(
    ("where", "url"),
    [
        (InHeader("X-S"), "http://h/users?x=1"),
        (InPath(), "http://h/k%2Fk/users?x=1"),
        (InQuery("s"), "http://h/users?x=1&s=k%2Fk"),
    ],
    ids=str,
)
def test_what_a_mark_puts_on_it_finds(where: Mark, url: str) -> None:
    """The URL that a client is given is read again."""
    assert where.url("http://h", "users?x=1", "k/k") == url
    found = where.find(head(url.removeprefix("http://h"), *where.headers("k/k").items()))
    assert found == Found("k/k", "/users?x=1")


def test_marks_are_made_from_what_a_test_says() -> None:
    """The field's name in any case is one mark; two places at once are none."""
    assert mark("x-s") == mark("X-S") == InHeader("X-S")
    assert mark("X-S", path=True) == InPath()
    assert mark("X-S", query="s") == InQuery("s")
    with pytest.raises(BadExpectation, match="one place for the key"):
        mark("X-S", path=True, query="s")
    with pytest.raises(BadExpectation, match="name of the field or parameter"):
        mark("")


def test_a_key_that_cannot_stand_in_a_field_is_refused() -> None:
    """No field line is forged with it."""
    with pytest.raises(BadExpectation, match="printable ASCII"):
        InHeader("X-S").headers("a\r\nB: c")
