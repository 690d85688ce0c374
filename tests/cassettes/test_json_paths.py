"""Tests of `cassettes.json_paths`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cassettes.json_paths import json_path, without

VALUE = {
    "id": 1,
    "meta": {"at": 2, "etag": "x"},
    "items": [{"at": 3, "n": 1}, {"at": 4, "n": 2, "deep": [{"etag": "y"}]}],
    "a.b": {"c d": 5},
}


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("$.id", {"id"}),
        ("$['id']", {"id"}),
        ('$["a.b"]["c d"]', {"a.b.c d"}),
        ("$.meta.*", {"meta.at", "meta.etag"}),
        ("$.items[*].at", {"items[0].at", "items[1].at"}),
        ("$.items[1].at", {"items[1].at"}),
        ("$..etag", {"meta.etag", "items[1].deep[0].etag"}),
        ("$..*", {"id", "meta", "items", "a.b"}),
        ("$.items.*.n", {"items[0].n", "items[1].n"}),
        ("$.nothing.there", set()),
    ],
)
def test_what_a_path_leads_to_is_left_out(path: str, gone: set[str]) -> None:
    """And nothing else is; the value itself stays as it is."""
    before = json.dumps(VALUE)
    left = without(VALUE, [json_path(path)])
    assert json.dumps(VALUE) == before
    assert places(VALUE) - places(left) >= gone
    kept = {
        place
        for place in places(VALUE)
        if not any(place == one or place.startswith((one + ".", one + "[")) for one in gone)
    }
    assert kept <= places(left)


def places(value: Any, at: str = "") -> set[str]:
    """Each place in *value*, as text."""
    if isinstance(value, dict):
        inner = {f"{at}.{name}".lstrip("."): member for name, member in value.items()}
    elif isinstance(value, list):
        inner = {f"{at}[{number}]": element for number, element in enumerate(value)}
    else:
        inner = {}
    return {at} - {""} | {place for name, member in inner.items() for place in places(member, name)}


def test_elements_that_are_left_out_do_not_count() -> None:
    """A list is as long as what is compared of it."""
    assert without([1, 2, 3], [json_path("$[1]")]) == [1, 3]
    assert without({"a": 1}, [json_path("$..*")]) == {}


@pytest.mark.parametrize(
    "path", ["", "$", "id", "$.", "$id", "$.a[", "$.a[x]", "$.a b", "$.a..", "$[-1]", "$.a[0", 3, None]
)
def test_what_is_no_path_is_an_error(path: Any) -> None:
    """It says what one looks like."""
    with pytest.raises(ValueError, match=r"expected a path in JSON such as \$\.items\[\*\]\.at, got"):
        json_path(path)
