"""Exchanges written at once: the same text as at length, which comes back to the octet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes import quick_yaml
from cassettes.exchange import End, Exchange, How
from cassettes.quick_document import write_document
from cassettes.yaml_format import read_exchange, write_at_length

from .values import awkward_text, exchange, exchanges, get, json_values

SUMMARY = "# 0001  GET https://api.example.com/a -> 200 OK  67 B  87 ms"
REQUEST = b"GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n"

regular_text = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
regular_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | regular_text | st.just("two\nlines"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(regular_text, inner, max_size=4),
    max_leaves=12,
)


def is_written_alike(original: Exchange) -> bool:
    """Check what is written at once, against what is written at length and what that is; tell whether anything is."""
    try:
        text = write_document(SUMMARY, original)
    except quick_yaml.Odd:
        return False
    below = text.split("\n", 2)[2]
    assert below == write_at_length(1, original).split("\n", 2)[2]
    assert read_exchange(text) == original
    return True


@given(exchanges())
def test_whatever_is_written_at_once_is_written_so_at_length(original: Exchange) -> None:
    """Awkward exchanges: what is odd is left, all else is the same text."""
    is_written_alike(original)


@given(st.lists(regular_json, max_size=3) | st.dictionaries(regular_text, regular_json | json_values), st.booleans())
def test_any_json_is_written_alike(value: Any, spaced: bool) -> None:
    """Values of all kinds, in the two usual styles."""
    spelled = json.dumps(value) if spaced else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    is_written_alike(get("/a", spelled.encode("utf-8", "surrogatepass"), "Content-Type: application/json"))


@given(st.lists(st.tuples(regular_text, regular_text | awkward_text), max_size=3), regular_text)
def test_any_field_line_is_written_alike(lines: list[tuple[str, str]], target: str) -> None:
    """Names and values of any kind, as far as they make a field line."""
    section = [f"{name}: {value}" for name, value in lines]
    try:
        original = get(f"/{target.replace(' ', '')}", b"hello", *section)
    except (ValueError, UnicodeEncodeError):
        return
    is_written_alike(original)


@pytest.mark.parametrize(
    "original",
    [
        get(
            "/a?b=c", b'{"id": 7, "price": 1.25, "tags": ["x"], "none": [], "m": {}}', "Content-Type: application/json"
        ),
        get("/a", b"one\n\n  two\nthree", "Date: Sun, 22 Nov 2026 20:00:00 GMT"),
        get("/a", bytes(range(256)) * 20),
        get("/a", b""),
        exchange(
            b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\na=1&b=2",
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n',
        ),
    ],
)
def test_the_usual_exchanges_are_written_at_once(original: Exchange) -> None:
    """Else it would be of no use."""
    assert is_written_alike(original)


@pytest.mark.parametrize(
    "original",
    [
        exchange(REQUEST, None, end=End(How.RESET)),
        exchange(REQUEST, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", received=b"more"),
        exchange(REQUEST, b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        exchange(REQUEST, b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        exchange(REQUEST, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;a=1\r\n\r\n"),
        exchange(REQUEST, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n"),
        get("/a", f"[{'7' * 4000}]".encode()),
    ],
)
def test_the_unusual_is_left(original: Exchange) -> None:
    """Whatever is not known to come back is written at length, and read again."""
    with pytest.raises(quick_yaml.Odd):
        write_document(SUMMARY, original)
    assert read_exchange(write_at_length(1, original)) == original
