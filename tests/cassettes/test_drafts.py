"""Exchanges of a large cassette are read when they are asked for, and are then what they would have been."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cassettes.drafts import Draft, Lines
from cassettes.errors import BadCassette, NoMatch
from cassettes.exchange import Afterword, End, Exchange, How
from cassettes.store import LARGE, Store
from cassettes.use import use_cassette
from httplib_sim import HTTPSConnection

from .exchanges_in_tests import recorded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cassette of ten exchanges, and what came after the third."""
    store = Store(tmp_path / "x.yaml")
    for number in range(10):
        store.append(made(number))
        if number == 2:
            store.append_afterword(Afterword(connection=3, received=b"late", end=End(How.EOF)))
    store.close()
    return store.path


def made(number: int) -> Exchange:
    """An exchange over a connection of its own."""
    asked = f"GET /items/{number}?q=1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n".encode()
    return replace(recorded(asked), connection=number + 1)


def test_what_is_read_later_is_what_is_read_at_once(path: Path) -> None:
    """With what came after it."""
    store = Store(path)
    drafts = store.drafts(0)
    assert len(drafts) == 10
    assert all(isinstance(draft, Draft) for draft, _ in drafts)
    assert [(draft.read(), draft.line) for draft, _ in drafts if isinstance(draft, Draft)] == store.load()
    assert store.load()[2][0].received == b"late"


def test_what_is_known_beforehand_is_true(path: Path) -> None:
    """Where the request went, when, and over which connection."""
    for (draft, _), (_, line) in zip(Store(path).drafts(0), Store(path).load(), strict=True):
        assert isinstance(draft, Draft)
        found = draft.read()
        assert line == draft.line
        assert (draft.origin, draft.method, draft.target, draft.connection, draft.started) == (
            found.request.origin,
            found.request.method,
            found.request.target,
            found.connection,
            found.started,
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("origin: ", "origin:  "),
        ("origin: ", "# said by a person\norigin: "),
        ("\nconnection: 1", ""),
        ("at: ", "at: '"),
        ("line: GET", "line: get"),
        ("HTTP/1.1\n", "HTTP/1.1 # odd\n"),
        ("origin: https://api.example.com", "origin: https://api.example.com:99999"),
        ("...\n", ""),
    ],
)
def test_a_document_that_begins_otherwise_is_no_draft(path: Path, old: str, new: str) -> None:
    """A person may have written it: it is read at once."""
    text = path.read_text().split("---\n")[1]
    document = "---\n" + text
    assert Draft.of(Lines(document.encode()), "x.yaml", 0, len(document.encode())) is not None
    assert old in document
    changed = document.replace(old, new).encode()
    assert Draft.of(Lines(changed), "x.yaml", 0, len(changed)) is None


def test_what_is_wrong_is_told_when_it_is_read(path: Path) -> None:
    """With the line: of a large file nobody waits for all of it."""
    text = path.read_text().replace("GET /items/7?q=1 HTTP/1.1\n  headers:", "GET /items/7?q=1 HTTP/1.1\n  heads:")
    path.write_text(text)
    line = text[: text.index("heads:")].count("\n") + 1
    drafts = Store(path).drafts(0)
    for number, (draft, _) in enumerate(drafts):
        assert isinstance(draft, Draft)
        if number != 7:
            draft.read()
            continue
        with pytest.raises(BadCassette, match=f"x.yaml:{line}"):
            draft.read()


def test_only_what_is_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large file; a miss reads those that are near as well."""
    store = Store(tmp_path / "x.yaml")
    for number in range(1000):
        store.append(made(number))
    store.close()
    path = store.path
    assert path.stat().st_size > LARGE
    read: list[int] = []

    reading = Draft.read

    def counted(draft: Draft) -> Exchange:
        read.append(draft.line)
        return reading(draft)

    monkeypatch.setattr(Draft, "read", counted)
    lines = [draft.line for draft, _ in Store(path).drafts() if isinstance(draft, Draft)]
    with use_cassette(path, mode="none", strict=False) as cassette:
        assert read == []
        connection = HTTPSConnection("api.example.com")
        connection.request("GET", "/items/4?q=1", headers={"Accept-Encoding": "identity"})
        assert connection.getresponse().status == 204
        assert read == [lines[4]]
        assert len(cassette.played) == 1
    with pytest.raises(NoMatch), use_cassette(path, mode="none", strict=False):  # noqa: PT012
        connection = HTTPSConnection("api.example.com")
        connection.request("GET", "/nothing")
    assert len(read) < 500
