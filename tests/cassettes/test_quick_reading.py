"""Documents read at once: the same exchange as at length, and nothing that a person has edited."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.errors import BadCassette
from cassettes.quick_reading import read_document
from cassettes.quick_yaml import Odd
from cassettes.yaml_format import read_at_length, write_exchange

from .test_quick_document import REQUEST
from .values import exchange, exchanges, get

if TYPE_CHECKING:
    from cassettes.exchange import Exchange

USUAL = [
    get("/a?b=c", b'{"id": 7, "price": -1.25, "tags": ["x", -5], "none": [], "m": {}}', "Content-Type: text/json"),
    replace(get("/a"), redacted=("request header Cookie", "response body token")),
    get("/a", b"one\n\n  two\nthree", "Date: Sun, 22 Nov 2026 20:00:00 GMT"),
    get("/a", bytes(range(256)) * 20),
    get("/a", b""),
    exchange(REQUEST, b"HTTP/1.1 200 OK\r\nX-Odd: 'a': #b\r\nX-Number: 012\r\nContent-Length: 0\r\n\r\n"),
    exchange(
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\na=1&b=2",
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n',
    ),
]


def read_quickly(text: str) -> Exchange | None:
    """What is read at once; None if it is left."""
    try:
        return read_document(text)
    except Odd:
        return None


@pytest.mark.parametrize("original", USUAL)
def test_the_usual_kind_is_read_at_once(original: Exchange) -> None:
    """And is what was written."""
    assert read_quickly(write_exchange(1, original)) == original


@given(exchanges())
def test_whatever_is_read_at_once_is_read_so_at_length(original: Exchange) -> None:
    """Awkward exchanges: what is odd is left, all else is the same exchange."""
    text = write_exchange(1, original)
    found = read_quickly(text)
    assert found is None or found == read_at_length(text)


@given(
    st.sampled_from([write_exchange(1, original) for original in USUAL]),
    st.integers(0, 2000),
    st.integers(0, 5),
    st.text(st.sampled_from("aZ09 :#'\"-|{}[]\n.\t\u00e9\u2028"), max_size=4),
)
def test_whatever_a_person_makes_of_a_document(text: str, at: int, count: int, new: str) -> None:
    """It is read as at length, or left: also where the edit is none that a checksum sees."""
    edited = text[:at] + new + text[at + count :]
    found = read_quickly(edited)
    if found is not None:
        with contextlib.suppress(BadCassette):
            assert found == read_at_length(edited)
            return
        raise AssertionError(edited)


LINES = write_exchange(1, USUAL[0]).split("\n")


@given(st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "twice", "comment", "deeper", *LINES]))
def test_whatever_a_person_makes_of_its_lines(at: int, edit: str) -> None:
    """So it is where whole lines are edited."""
    edits = {"drop": [], "twice": [LINES[at]] * 2, "comment": [LINES[at], "# a comment"], "deeper": [f"  {LINES[at]}"]}
    edited = "\n".join([*LINES[:at], *edits.get(edit, [edit]), *LINES[at + 1 :]])
    found = read_quickly(edited)
    assert found is None or found == read_at_length(edited)


def test_a_checksum_that_is_no_text_is_left() -> None:
    """Without quotes it is a number, which is told, although it fits."""
    documents = (write_exchange(1, get("/a", str(number).encode())) for number in range(1000))
    text = next(text for text in documents if "crc32: '" in text)
    start, _, end = text.partition("crc32: '")
    assert read_quickly(text) is not None
    assert read_quickly(f"{start}crc32: {end.replace(chr(39), '')}") is None
