"""Bodies as plain data: the most readable form that gives back the very octets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from cassettes.body_format import body_from_data, body_to_data
from cassettes.plain_data import DocumentError
from httplib_sim import wire

from .values import contents, exchanges
from .values import exchange as made

if TYPE_CHECKING:
    from cassettes.exchange import Exchange

JSON = wire.Fields([("Content-Type", "application/json")])
NONE = wire.Fields()
VALUE = {"id": 7, "name": "M\xfcller", "tags": ["a", {"b": None}], "share": 1.5}


@given(contents)
def test_any_content_comes_back(content: bytes) -> None:
    """Whatever the octets are, some form of them gives them back; base64 does so always."""
    body = wire.Body(content)
    for fields in (JSON, NONE):
        for readable in (True, False):
            assert body_from_data(body_to_data(body, fields, readable=readable)) == body


@given(exchanges())
def test_any_framing_comes_back(original: Exchange) -> None:
    """Chunks with odd size lines and extensions, trailers, and bodies that were cut anywhere."""
    response = original.response
    if response is not None:
        body = response.message.body
        assert body_from_data(body_to_data(body, response.headers)).octets == body.octets


@pytest.mark.parametrize(
    ("style", "spelled"),
    [
        (None, json.dumps(VALUE, separators=(",", ":"), ensure_ascii=False)),
        ("compact-ascii", json.dumps(VALUE, separators=(",", ":"))),
        ("spaced", json.dumps(VALUE, ensure_ascii=False)),
        ("spaced-ascii", json.dumps(VALUE)),
        ("indent-2", json.dumps(VALUE, indent=2, ensure_ascii=False)),
        ("indent-2-ascii", json.dumps(VALUE, indent=2)),
        ("indent-4", json.dumps(VALUE, indent=4, ensure_ascii=False)),
        ("indent-4-ascii", json.dumps(VALUE, indent=4)),
        ("indent-tab", json.dumps(VALUE, indent="\t", ensure_ascii=False)),
    ],
)
def test_json_is_its_value_and_how_it_was_spelled(style: str | None, spelled: str) -> None:
    """The usual spellings have a name, the shortest needs none; a line end behind it is kept."""
    usual: dict[str, object] = {"json": VALUE} if style is None else {"json": VALUE, "style": style}
    for content, form in ((spelled, usual), (spelled + "\n", {**usual, "newline": True})):
        assert body_to_data(wire.Body(content.encode()), JSON) == form
        assert body_from_data(form).content == content.encode()


@pytest.mark.parametrize(
    "spelled",
    ['{"a":1.10}', "[1e3]", "[-0]", "[1E5]", '{"a":1,"a":2}', '{"a" :1}', '{"a":"\\/"}', "[1,\n2]", '"text"', "12"],
)
def test_json_that_would_be_spelled_otherwise_is_text(spelled: str) -> None:
    """A value that loses an octet is no form of the content; nor is a scalar, which is as readable as text."""
    assert body_to_data(wire.Body(spelled.encode()), JSON) == {"text": spelled}


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", {}),
        (b"one\ntwo", {"text": "one\ntwo"}),
        (b"one\r\ntwo\r\n", {"text": "one\ntwo\n", "eol": "crlf"}),
        (b"one\r\ntwo\n", {"text": "one\r\ntwo\n"}),
        (b"a\rb", {"text": "a\rb"}),
        (b"a\x00", {"text": "a\0"}),
        (b"\x00\x01", {"base64": "AAE="}),
        (b"\xff", {"base64": "/w=="}),
        (b"\xef\xbb\xbfa", {"text": "\ufeffa"}),
        (b"\xc2\x85", {"text": "\x85"}),
        (b"\xe2\x80\xa8", {"text": "\u2028"}),
        (
            b"\x1b[1m" * 2 + b"some text of a terminal, in bold",
            {"text": "\x1b[1m" * 2 + "some text of a terminal, in bold"},
        ),
        (b"\x1b\x07" * 20, {"base64": "GwcbBxsH" * 6 + "GwcbBw=="}),
    ],
)
def test_text_is_text_where_a_person_can_see_it(content: bytes, form: dict[str, str]) -> None:
    """A few control characters, a byte order mark, odd line ends are escapes; where there are many it is base64."""
    assert body_to_data(wire.Body(content), NONE) == form
    assert body_from_data(form).content == content


def test_chunks_are_sizes_and_odd_ones_their_line() -> None:
    """One short list; what is usual goes without saying: CRLF, the last chunk, an empty trailer section."""
    octets = b"5;a=1\r\nabcde\r\n05\r\nfghij\r\nA \nklmnopqrst\n2\r\nuv\r\n0\r\n\r\n"
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + octets
    exchange = made(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", response)
    assert exchange.response is not None
    body = exchange.response.message.body
    data = body_to_data(body, NONE)
    assert data["chunks"] == ["5;a=1", "05", "A \n", 2]
    assert data["chunk_ends"] == ["\r\n", "\r\n", "\n", "\r\n"]
    assert "trailers" not in data
    assert body_from_data(data).octets == octets


@pytest.mark.parametrize("cut", [0, 1, 6, 8])
@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([3] * 10 + [2], ["3 x 10", 2]),
        ([3] * 3, [3, 3, 3]),
        ([1, 2] * 501, "1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2\n"),
    ],
)
def test_many_chunks_are_runs_and_very_many_are_text(sizes: list[int], expected: list[object] | str, cut: int) -> None:
    """There is little to be read in them, and they must not take much room; whole, or cut anywhere."""
    octets = b"".join([b"%x\r\n%b\r\n" % (size, b"a" * size) for size in sizes]) + b"0\r\n\r\n"
    octets = octets[: len(octets) - cut]
    reader, collector = wire.ResponseReader(), wire.BodyCollector()
    reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + octets)
    while (event := reader.next_event()) is not wire.NEED_DATA and event is not wire.END_OF_MESSAGE:
        collector.add(event)
    body = collector.body(complete=not cut, torn=reader.rest())
    data = body_to_data(body, NONE)
    assert data["chunks"][: len(expected)] == expected or body.tails is not None
    assert body_from_data(data) == body
    assert body_from_data(data).octets == octets


def test_chunks_of_edited_content_are_one() -> None:
    """However they were said."""
    for chunks in ([3, 4], ["3 x 5"], "3x5 1", [], "9x9999999999"):
        assert body_from_data({"text": "edited", "chunks": chunks}).octets == b"6\r\nedited\r\n0\r\n\r\n"
    with pytest.raises(DocumentError, match="got 'three'"):
        body_from_data({"text": "edited", "chunks": "three"})


@pytest.mark.parametrize(
    ("data", "keys", "message"),
    [
        ("hello", (), "expected a body as a mapping, got text"),
        ({"jsn": 1}, ("jsn",), "unknown key 'jsn' in a body; known are base64, chunk_ends"),
        ({"json": 1, "text": ""}, ("text",), "expected one of json, text and base64 in a body, got json and text"),
        ({"text": 1.5}, ("text",), "expected text as the text of a body, got the number 1.5: put quotes round it"),
        ({"text": None}, ("text",), "got nothing: put quotes round it"),
        ({"text": True}, ("text",), "got the truth value true"),
        ({"text": "\ud800"}, ("text",), "half of one"),
        ({"text": "", "eol": "lf"}, ("eol",), "expected crlf as eol, or no eol for LF, got 'lf'"),
        (
            {"base64": "", "eol": "crlf"},
            ("eol",),
            "expected 'eol' in a body beside 'text', got it beside 'base64': delete it",
        ),
        (
            {"text": "", "style": "compact"},
            ("style",),
            "expected 'style' in a body beside 'json', got it beside 'text': delete it",
        ),
        ({"json": {}, "style": "fancy"}, ("style",), "expected a style of JSON, one of compact, compact-ascii"),
        ({"json": {}, "style": ["compact"]}, ("style",), "expected a style of JSON"),
        ({"json": {}, "newline": 1}, ("newline",), "expected true or false as newline, got the number 1"),
        ({"json": {1, 2}}, ("json",), "expected what JSON can hold"),
        ({"json": {(1, 2): 3}}, ("json",), "expected what JSON can hold"),
        ({"base64": "a"}, ("base64",), "expected base64 as the content of a body, got what is none"),
        ({"base64": "\xfc"}, ("base64",), "expected base64 as the content of a body"),
        ({"base64": 5}, ("base64",), "expected text as the content of a body, got the number 5"),
        ({"text": "", "compressed": 6}, ("compressed",), "expected a recipe for compressing"),
        ({"complete": "no"}, ("complete",), "expected true or false as complete, got text"),
        ({"torn": "\u20ac"}, ("torn",), "expected ISO-8859-1 as what came after the last whole part of a body"),
        ({"chunks": 5}, ("chunks",), "expected chunks as a list of sizes, got the number 5"),
        ({"chunks": [1, -1]}, ("chunks", 1), "expected the size of a chunk, or its size line, got -1"),
        ({"chunks": [True]}, ("chunks", 0), "expected the size of a chunk"),
        ({"chunks": ["x"]}, ("chunks", 0), "expected the size of a chunk, or its size line, got 'x'"),
        ({"chunks": ["\u2603"]}, ("chunks", 0), "expected ISO-8859-1 as the size of a chunk"),
        ({"chunks": [], "chunk_ends": "x"}, ("chunk_ends",), "expected the ends of the chunks as a list, got text"),
        ({"chunks": [], "chunk_ends": [1]}, ("chunk_ends",), "expected text as the end of a chunk"),
        ({"chunks": [], "trailers": {}}, ("trailers",), "expected headers as a list of 'Name: value', got a mapping"),
        ({"chunks": [], "trailers": [{"A": 1.5}]}, ("trailers", 0), "expected text as the value of the header A"),
        ({"chunks": [], "trailers_end": 1}, ("trailers_end",), "expected text as the end of the trailers"),
    ],
)
def test_what_is_no_body_is_told_with_its_place(data: object, keys: tuple[object, ...], message: str) -> None:
    """What was expected, what came, and the keys that lead to it."""
    with pytest.raises(DocumentError, match=re.escape(message)) as caught:
        body_from_data(data)
    assert caught.value.keys == keys


def test_json_in_a_circle_is_told() -> None:
    """YAML can express what JSON cannot end."""
    value: list[object] = []
    value.append(value)
    with pytest.raises(DocumentError, match="expected what JSON can hold"):
        body_from_data({"json": value})
