"""Tests of `cassettes.json_difference`."""

from __future__ import annotations

from operator import eq

from cassettes.json_difference import ABSENT, json_differences, path_text, places


def test_equal_values_have_no_differences() -> None:
    """Whatever their order."""
    assert json_differences({"a": [1, {"b": None}], "c": 2}, {"c": 2, "a": [1, {"b": None}]}) == ()


def test_kinds_are_told_apart() -> None:
    """True is not 1, and a list is no object."""
    assert json_differences([True, [], None], [1, {}, 0]) == (
        ("$[0]", "recorded true, sent 1"),
        ("$[1]", "recorded [], sent {}"),
        ("$[2]", "recorded null, sent 0"),
    )


def test_long_values_are_cut() -> None:
    """A line stays a line."""
    ((_, line),) = json_differences("x" * 1000, "y")
    assert len(line) < 100


def test_many_differences_are_cut() -> None:
    """Eight, and the word that there are more."""
    lines = json_differences(list(range(100)), list(range(1, 101)))
    assert len(lines) == 9
    assert lines[-1] == ("", "and more")


def test_places_are_found_by_any_way_to_compare() -> None:
    """What only one of the two has differs in any case."""
    found = list(places({"a": [1, True], "b": 1}, {"a": [2, 1, 3], "c": None}, eq))
    assert found == [(("a", 0), 1, 2), (("a", 2), ABSENT, 3), (("b",), 1, ABSENT), (("c",), ABSENT, None)]
    assert path_text(("a", 2, "b")) == "$.a[2].b"
    assert path_text(("a.b", "c d")) == "$['a.b']['c d']"
