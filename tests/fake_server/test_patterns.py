"""Patterns: what they equal, how they are put together, and what of JSON differs from them."""

from __future__ import annotations

import re
from unittest.mock import ANY

import pytest

from fake_server.patterns import File, Matches, Partial, Where, meant, places


def test_part_of_an_object_is_compared_at_every_depth() -> None:
    """Members that nobody asked for do not matter; elements of arrays do."""
    wanted = Partial({"user": {"name": "ann"}, "tags": [{"id": 1}]})
    assert wanted == {"user": {"name": "ann", "age": 7}, "tags": [{"id": 1, "x": 2}], "more": None}
    assert wanted != {"user": {"name": "anne"}, "tags": [{"id": 1}]}
    assert wanted != {"user": {"name": "ann"}, "tags": [{"id": 1}, {"id": 2}]}
    assert {"a": Partial({"b": 1})} == {"a": {"b": 1, "c": 2}}


def test_text_must_be_matched_whole() -> None:
    """A regular expression that matches a part of it is not enough; what is no text is not matched."""
    assert Matches(r"\d+") == "123"
    assert Matches(r"\d+") != "123 "
    assert Matches(re.compile("a", re.IGNORECASE)) == "A"
    assert Matches(r"\d+") != 123


def test_patterns_are_put_together() -> None:
    """By and, or and not, with plain values on either side."""
    long = Where(lambda text: len(text) > 3, "long")
    assert (Matches("a.*") & ~long) == "abc"
    assert (Matches("a.*") & ~long) != "abcd"
    assert ("x" | Matches("y+")) == "x"
    assert ("x" | Matches("y+")) == "yy"
    assert repr(Matches("a") & ~long | "b") == "((Matches('a') & ~long) | 'b')"


def test_a_pattern_is_no_key() -> None:
    """It equals many values, which have different hashes."""
    with pytest.raises(TypeError, match="equals many"):
        hash(Matches("a"))


def test_regular_expressions_and_functions_are_taken_for_patterns() -> None:
    """Whatever else is given stands for itself."""
    assert meant(re.compile("a+")) == "aa"
    assert meant(lambda value: value == 3) == 3
    assert meant(ANY) is ANY
    assert meant("a") == "a"
    assert File(Matches(r".*\.png"), ANY, b"x") == File("a.png", "image/png", b"x")


def test_each_place_that_differs_is_named() -> None:
    """In a part of an object, what nobody asked for is no difference."""
    got = {"a": 1, "b": [1, 2], "c": {"d": "x", "e": 1}}
    assert [path for path, _, _ in places({"a": 1, "b": [1, 3], "c": {"d": "x"}}, got)] == [("b", 1), ("c", "e")]
    assert [path for path, _, _ in places(Partial({"b": [1, 3], "c": {"d": "y"}}), got)] == [("b", 1), ("c", "d")]
