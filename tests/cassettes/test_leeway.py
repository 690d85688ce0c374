"""Tests of `cassettes.leeway`."""

from __future__ import annotations

from typing import Any

import pytest

from cassettes import use_cassette
from cassettes.leeway import NONE, leeway


def test_one_name_needs_no_list() -> None:
    """And names of headers are read in any case."""
    assert leeway(json="$.a", query="ts", form="x", headers="X-Trace") == leeway(["$.a"], ["ts"], ["x"], ["x-trace"])
    assert leeway() == NONE


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ignore_json": ["id"]}, ValueError, "expected a path in JSON"),
        ({"ignore_query": [1]}, TypeError, "expected ignore_query to be a name or a list of names, got 1 in it"),
        ({"ignore_form": [b"a"]}, TypeError, "expected ignore_form"),
        ({"ignore_headers": [None]}, TypeError, "expected ignore_headers"),
        ({"match_headers": [2]}, TypeError, "expected match_headers"),
        ({"allow_repeats": "often"}, ValueError, "expected allow_repeats to be True, False, 'last' or 'cycle'"),
        ({"allow_repeats": "cycle", "ordered": True}, ValueError, "got both"),
    ],
)
def test_a_wrong_option_is_told_where_it_is_written(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Before anything is recorded with it."""
    with pytest.raises(error, match=message):
        use_cassette("x.yaml", **options)
