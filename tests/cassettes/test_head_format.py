"""Heads as plain data: start line and headers as a person writes them, to the octet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from cassettes.head_format import (
    fields_from_data,
    fields_to_data,
    head_to_data,
    request_head_from_data,
    response_head_from_data,
)
from cassettes.plain_data import DocumentError
from httplib_sim import wire

from .values import exchanges

if TYPE_CHECKING:
    from cassettes.exchange import Exchange


@given(exchanges())
def test_any_head_comes_back(original: Exchange) -> None:
    """Readable or in base64, each head gives back its octets."""
    answers = [*original.interim, *([original.response.message.head] if original.response is not None else [])]
    for readable in (True, False):
        sent = original.request.message.head
        assert request_head_from_data(head_to_data(sent, readable=readable)) == sent
        for head in answers:
            assert response_head_from_data(head_to_data(head, readable=readable)) == head


def test_an_odd_head_is_readable() -> None:
    """Empty lines before it, LF alone, folded and colonless lines: each as text, with the line ends that are odd."""
    octets = b"\r\nHTTP/1.1  200  OK\nA: 1\r\nB:2\r\nC: x\r\n y\r\nnothing\nD: \xe9\r\n\n"
    made_of = {
        "line": "\r\nHTTP/1.1  200  OK\n",
        "headers": [{"A": 1}, "B:2", "C: x\r\n y", "nothing\n", {"D": "\xe9"}],
    }
    head = response_head_from_data({**made_of, "headers_end": "\n"})
    assert head.octets == octets
    assert head.status == 200
    assert head_to_data(head) == {**made_of, "headers_end": "\n"}


def test_http_0_9_has_a_line_and_an_empty_head() -> None:
    """A simple request is one line without headers; its response has no head at all."""
    request = request_head_from_data({"line": "GET /", "headers_end": ""})
    assert (request.octets, request.version) == (b"GET /\r\n", wire.HTTP09)
    assert head_to_data(request) == {"line": "GET /", "headers": [], "headers_end": ""}
    assert response_head_from_data({"head": ""}).version == wire.HTTP09
    assert head_to_data(response_head_from_data({"head": ""})) == {"head": ""}


@pytest.mark.parametrize("value", ["0", "7", "00", "1.0", "+1", "-1", "1_0", "", " ", "9" * 18, "9" * 19, "1e3"])
def test_a_number_is_written_without_quotes_only_if_it_is_the_same(value: str) -> None:
    """Content-Length is plain; what another spelling of a number would lose is text."""
    octets = f"A: {value}\r\n".encode()
    assert fields_from_data(fields_to_data(wire.Fields.from_octets(octets))).octets == octets


@pytest.mark.parametrize(
    ("data", "keys", "message"),
    [
        (5, (), "expected a request as a mapping, got the number 5"),
        ({}, (), "expected a request with its 'line' and its 'headers'"),
        ({"line": "GET / HTTP/1.1", "head": ""}, (), "expected a request with its 'line' and its 'headers'"),
        ({"lien": ""}, ("lien",), "unknown key 'lien' in a request; known are head, headers, headers_end, line"),
        ({"line": 5}, ("line",), "expected text as the first line of a request, got the number 5"),
        ({"line": "GET /\u20ac HTTP/1.1"}, ("line",), "expected ISO-8859-1 as the first line of a request, got the"),
        ({"line": "GET"}, ("line",), "expected a request line such as 'GET / HTTP/1.1'"),
        ({"head": "*"}, ("head",), "expected base64 as a head"),
        ({"line": "GET / HTTP/1.1", "headers": {"A": "b"}}, ("headers",), "expected headers as a list"),
        (
            {"line": "GET / HTTP/1.1", "headers": [["A"]]},
            ("headers", 0),
            "expected a header as 'Name: value', got a list",
        ),
        ({"line": "GET / HTTP/1.1", "headers": [{"A": "b", "C": "d"}]}, ("headers", 0), "got A and C in one"),
        ({"line": "GET / HTTP/1.1", "headers": [{True: "b"}]}, ("headers", 0), "expected text as the name of a header"),
        ({"line": "GET / HTTP/1.1", "headers": [{"A": "b"}, {"C": None}]}, ("headers", 1), "got nothing: put quotes"),
        ({"line": "GET / HTTP/1.1", "headers": [{"A": "b\nC: d"}]}, ("headers", 0), "'A' has a line end or NUL in it"),
        (
            {"line": "GET / HTTP/1.1", "headers": [{"A": "\u20ac"}]},
            ("headers", 0),
            "expected ISO-8859-1 as the header A",
        ),
        ({"line": "GET / HTTP/1.1", "headers_end": []}, ("headers_end",), "expected text as the end of the headers"),
    ],
)
def test_what_is_no_head_is_told_with_its_place(data: object, keys: tuple[object, ...], message: str) -> None:
    """What was expected, what came, and the keys that lead to it."""
    with pytest.raises(DocumentError, match=re.escape(message)) as caught:
        request_head_from_data(data)
    assert caught.value.keys == keys
