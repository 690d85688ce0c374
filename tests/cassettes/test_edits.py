"""Tests for cassettes that a person has edited: each edit works, or is told with its line."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cassettes import use_cassette
from cassettes.errors import BadCassette
from tests.cassettes.origin import OriginServer, answer, answering

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS = (
    answer(b'{"name": "Ann", "tags": ["a", "b"]}', "Content-Type: application/json", "X-Old: 1"),
    answer(b"one\ntwo\n", "Content-Type: text/plain"),
)


class Got(NamedTuple):
    """What a program is given."""

    status: int
    reason: str
    fields: dict[str, str]
    content: bytes


def ask(path: Path, port: int, mode: str) -> list[Got]:
    """Ask for both, under a cassette."""
    with use_cassette(path, mode=mode):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        got = []
        for target in ("/json", "/text"):
            connection.request("GET", target)
            response = connection.getresponse()
            got.append(Got(response.status, response.reason, dict(response.getheaders()), response.read()))
        connection.close()
        return got


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """The text of the cassette, and the port it is for."""
    path = tmp_path_factory.mktemp("edits") / "x.yaml"
    with OriginServer(answering(*ANSWERS)) as server:
        ask(path, server.port, "once")
        return path.read_text(encoding="utf-8"), server.port


def edited(text: str, *changes: tuple[str, str]) -> str:
    """The text with these changes, each of which is one in it."""
    for old, new in changes:
        assert text.count(old) == 1, (old, text)
        text = text.replace(old, new)
    return text


LENGTH = "\n  headers:\n  - Content-Length: 35"
JSON_BODY = "    json:\n      name: Ann\n      tags:\n      - a\n      - b\n    style: spaced\n"


@pytest.mark.parametrize(
    ("changes", "status", "content", "fields"),
    [
        ([(f"200 OK{LENGTH}", f"503 Busy{LENGTH}")], 503, b'{"name": "Ann", "tags": ["a", "b"]}', {}),
        (
            [("name: Ann", "name: Bob the Builder")],
            200,
            b'{"name": "Bob the Builder", "tags": ["a", "b"]}',
            {"Content-Length": "47"},
        ),
        (
            [("      - b\n", "      - b\n      - 3\n      - {c: null}\n")],
            200,
            b'{"name": "Ann", "tags": ["a", "b", 3, {"c": null}]}',
            {"Content-Length": "51"},
        ),
        ([("  - Content-Length: 35\n", "")], 200, b'{"name": "Ann", "tags": ["a", "b"]}', {"Content-Length": None}),
        (
            [("  - X-Old: 1\n", "  - X-Old: 2\n  - X-New: yes\n")],
            200,
            b'{"name": "Ann", "tags": ["a", "b"]}',
            {"X-Old": "2", "X-New": "yes"},
        ),
        ([(JSON_BODY, "    text: not JSON\n")], 200, b"not JSON", {"Content-Length": "8"}),
        ([(JSON_BODY, "    json: {}\n")], 200, b"{}", {"Content-Length": "2"}),
        ([(JSON_BODY, "    base64: AAECAw==\n")], 200, b"\0\1\2\3", {"Content-Length": "4"}),
        ([("  body:\n" + JSON_BODY, "")], 200, b"", {"Content-Length": "0"}),
        (
            [("cassette: 1\nrecorded_by: httplib-sim\n", "# mine\ncassette: 1\n")],
            200,
            b'{"name": "Ann", "tags": ["a", "b"]}',
            {},
        ),
    ],
    ids=[
        "status",
        "value",
        "elements",
        "no length",
        "fields",
        "json to text",
        "other json",
        "octets",
        "no body",
        "header",
    ],
)
def test_an_edit_is_what_the_program_is_given(
    recorded: tuple[str, int],
    tmp_path: Path,
    changes: list[tuple[str, str]],
    status: int,
    content: bytes,
    fields: dict[str, str | None],
) -> None:
    """The framing follows, and the exchange beside it is as it was."""
    text, port = recorded
    path = tmp_path / "x.yaml"
    path.write_text(edited(text, *changes), encoding="utf-8")
    first, second = ask(path, port, "none")
    assert (first.status, first.content) == (status, content)
    assert {name: first.fields.get(name) for name in fields} == fields
    assert second.content == b"one\ntwo\n"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("an editor's line end", lambda text: text + "\n"),
        ("no line end", lambda text: text.rstrip("\n")),
        ("CRLF", lambda text: text.replace("\n", "\r\n")),
        ("a byte order mark", lambda text: "\ufeff" + text),
        ("blank lines", lambda text: text.replace("---\n", "\n---\n\n")),
        ("comments", lambda text: text.replace("request:\n", "request:  # what was asked\n")),
        ("spaces at line ends", lambda text: text.replace("request:\n", "request:  \n")),
        ("wider indents", lambda text: text.replace("      one\n      two\n", "         one\n         two\n")),
        ("quotes", lambda text: text.replace("name: Ann", 'name: "Ann"')),
        ("a formatter", lambda text: text.replace("end: {", "end:\n  {")),
        ("no comment", lambda text: "".join([line for line in text.splitlines(True) if line[:3] != "# 0"])),
    ],
)
def test_what_editors_do_changes_nothing(recorded: tuple[str, int], tmp_path: Path, name: str, change: object) -> None:
    """The program is given the same."""
    assert callable(change), name
    text, port = recorded
    path = tmp_path / "x.yaml"
    path.write_bytes(change(text).encode("utf-8"))
    assert change(text) != text
    assert [got.content for got in ask(path, port, "none")] == [b'{"name": "Ann", "tags": ["a", "b"]}', b"one\ntwo\n"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("    json:\n", "    text: x\n    json:\n")], "expected one of json, text and base64 in a body"),
        ([(JSON_BODY, "    text: x\n    style: spaced\n")], "got it beside 'text': delete it"),
        ([("      name: Ann", "\t\tname: Ann")], "YAML"),
        ([("      - a\n", "     - a\n")], "YAML"),
        ([("    style: spaced\n", "    styel: spaced\n")], "styel"),
        ([(JSON_BODY, "    base64: AAEC*\n")], "base64"),
        ([("  - X-Old: 1\n", "    X-Old: 1\n")], "a line of its own, with a dash, for each header"),
    ],
    ids=["two contents", "style left", "tabs", "indent", "misspelt", "no base64", "no dash"],
)
def test_an_edit_that_says_nothing_is_told_with_its_line(
    recorded: tuple[str, int], tmp_path: Path, changes: list[tuple[str, str]], message: str
) -> None:
    """In or beside the line that was edited; the file stays as it is."""
    text, port = recorded
    path = tmp_path / "x.yaml"
    new = edited(text, *changes)
    path.write_text(new, encoding="utf-8")
    with pytest.raises(BadCassette, match=message) as caught:
        ask(path, port, "none")
    first = next(
        number
        for number, lines in enumerate(zip(text.splitlines(), new.splitlines(), strict=False), 1)
        if lines[0] != lines[1]
    )
    told = int(str(caught.value).removeprefix(f"{path}:").partition(":")[0])
    assert first - 1 <= told <= first + 2
    assert path.read_text(encoding="utf-8") == new
