"""`cassettes.drift`: in what a live answer differs from the recorded one, as far as a program would notice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cassettes.drift import Detail, differences, drift
from cassettes.exchange import End, Exchange, How
from cassettes.index import Matching
from cassettes.matchers import DEFAULT, matchers

from .values import exchange, get

MATCHING = Matching(matchers(DEFAULT), lambda request: request)
SECRET = "hunter2-Zq7Kp2Xw9Lm4"


def of_json(value: Any, target: str = "/") -> Exchange:
    """A GET that was answered with *value*."""
    return get(target, json.dumps(value).encode(), "Content-Type: application/json")


def status(line: str) -> Exchange:
    """A GET that was answered with this status line, and no content."""
    head = f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode()
    return exchange(b"GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n", head)


def test_equal_answers_do_not_differ() -> None:
    """Nothing is told of what is as it was."""
    assert differences(get(), get()) == []
    assert drift("x.yaml", [(get(), 4)], [get()], MATCHING) == []


def test_another_status_is_told() -> None:
    """The reason phrase says nothing to a program."""
    assert differences(status("200 OK"), status("404 Not Found")) == ["status: recorded 200, live 404"]
    assert differences(status("200 OK"), status("200 Fine")) == []


def test_fields_are_compared_by_name_and_value() -> None:
    """In any case of the name; the order of different names does not matter."""
    recorded = get("/", b"", "X-A: 1", "X-B: 2", "X-C: 3")
    live = get("/", b"", "x-c: 3", "X-B: two", "X-D: 4")
    assert differences(recorded, live) == [
        'header x-a: recorded "1", live none',
        'header x-b: recorded "2", live "two"',
        'header x-d: recorded none, live "4"',
    ]


def test_fields_of_one_moment_say_nothing() -> None:
    """A date, an identifier of the request, what is left of a quota; nor how the content is framed."""
    recorded = get("/", b"", "Date: Mon, 23 Nov 2026 06:00:00 GMT", "X-Request-Id: 7", "ETag: a")
    live = get("/", b"", "Date: Tue, 24 Nov 2026 06:00:00 GMT", "X-RateLimit-Remaining: 59")
    assert differences(recorded, live) == []


def test_cookies_are_compared_by_name() -> None:
    """Their values are of one answer."""
    recorded = get("/", b"", "Set-Cookie: sid=1; Path=/", "Set-Cookie: theme=dark")
    live = get("/", b"", "Set-Cookie: sid=2; Path=/")
    assert differences(recorded, live) == ['header set-cookie: recorded "sid, theme", live "sid"']


def test_json_is_compared_by_paths() -> None:
    """How it is spelled does not matter; each place that differs is named."""
    recorded = of_json({"id": 7, "tags": ["a", "b"], "on": True})
    live = of_json({"on": 1, "tags": ["a"], "id": 7.0, "new": None})
    assert differences(recorded, live) == [
        '$.tags[1]: recorded "b", live nothing',
        "$.on: recorded true, live 1",
        "$.new: recorded nothing, live null",
    ]


def test_many_places_are_counted() -> None:
    """A report is to be read."""
    told = differences(of_json(list(range(20))), of_json(list(range(1, 21))))
    assert len(told) == 9
    assert told[-1] == "and 12 more places"


def test_text_is_compared_by_lines() -> None:
    """The first one that differs is shown."""
    assert differences(get("/", b"a\nb\nc\n"), get("/", b"a\nB\nd\n")) == ['content, line 2: recorded "b", live "B"']
    assert differences(get("/", b"a\n"), get("/", b"a")) == ["content: the line ends differ"]
    assert differences(get("/", b"a"), get("/", b"a\nb")) == ['content, line 2: recorded no such line, live "b"']


def test_other_content_is_compared_by_octets() -> None:
    """Nobody could read it."""
    assert differences(get("/", b"\xff\0"), get("/", b"\xff\0")) == []
    assert differences(get("/", b"\xff\0"), get("/", b"\xff\1")) == ["content: recorded 2 octets, live 2 others"]


@pytest.mark.parametrize(
    ("recorded", "live", "told"),
    [
        ({"id": 7, "name": "Ann"}, {"id": 8, "name": "Bob"}, []),
        ({"id": 7}, {"id": "7"}, ["$.id: recorded a number, live text"]),
        ({"id": 7}, {"id": None}, []),
        ({"id": 7}, {}, ["$.id: recorded a number, live nothing"]),
        ({"at": True}, {"at": 1}, ["$.at: recorded true or false, live a number"]),
        ([], [{"a": 1}], []),
        ([{"a": 1}, {"b": 2}], [{"b": 3, "a": 4}], []),
        ([{"a": 1}], [{"a": "x"}], ["$[0].a: recorded a number, live text"]),
        ([1, "a"], [1], ["$[0]: recorded of several kinds, live a number"]),
        ({"a": {}}, {"a": []}, ['$.a: recorded {}, live ["null"]']),
        ([[1]], [["x"]], ["$[0][0]: recorded a number, live text"]),
    ],
)  # fmt: skip
def test_a_shape_is_names_and_kinds(recorded: Any, live: Any, told: list[str]) -> None:
    """Null and empty lists fit anything, and the elements of a list are looked at together."""
    assert differences(of_json(recorded), of_json(live), detail=Detail.SHAPE) == told


def test_a_shape_has_neither_values_of_fields_nor_texts() -> None:
    """But the type of the content is part of it."""
    recorded = get("/", b"a", "X-A: 1", "Content-Type: text/plain")
    live = get("/", b"b", "X-A: 2", "Content-Type: text/html")
    assert differences(recorded, live, detail=Detail.SHAPE) == [
        'header content-type: recorded "text/plain", live "text/html"'
    ]


def test_secrets_are_equal_and_not_shown() -> None:
    """Whether the recorded one was replaced, as in a file, or is of another length."""
    live = of_json({"access_token": SECRET, "name": "Ann"})
    for value in ("xxxxxxx-xxxxxxxxxxxx", "x", "another-Secret-1234"):
        told = differences(of_json({"access_token": value, "name": "Bob"}), live)
        assert told == ['$.name: recorded "Bob", live "Ann"']


def test_an_answer_that_did_not_come_is_told() -> None:
    """Recorded or live."""
    request = b"GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n"
    reset = exchange(request, None, end=End(How.RESET))
    timeout = exchange(request, None, end=End(How.TIMEOUT))
    assert differences(reset, reset) == []
    assert differences(reset, timeout) == ["end: recorded reset, live timeout"]
    assert differences(get(), reset) == ["answer: recorded status 200, live reset"]
    assert differences(timeout, get()) == ["answer: recorded timeout, live status 200"]


def test_exchanges_are_paired_as_in_a_replay() -> None:
    """Equal requests in their order; what has no counterpart is told, unless that does not matter."""
    first, second = get("/a", b"1"), get("/a", b"2")
    recorded = [(first, 4), (second, 14), (get("/b"), 24)]
    later = replace(second, started=second.started.replace(year=2030))
    assert drift("x.yaml", recorded, [later, first, get("/c")], MATCHING) == [
        "x.yaml: GET https://api.example.com/c",
        "  no such request was recorded",
        "x.yaml:24: GET https://api.example.com/b",
        "  was recorded, and not sent now",
    ]
    assert drift("x.yaml", recorded, [get("/a", b"0")], MATCHING, strict=False) == [
        "x.yaml:4: GET https://api.example.com/a",
        "  $: recorded 1, live 0",
    ]


def test_a_url_is_shown_without_its_secrets() -> None:
    """The report may be in a log of CI."""
    assert SECRET not in "\n".join(drift("x.yaml", [], [get(f"/?api_key={SECRET}")], MATCHING))


def test_a_detail_that_there_is_not_is_refused() -> None:
    """The names are listed."""
    with pytest.raises(ValueError, match="one of values, shape; got 'all'"):
        Detail.named("all")
