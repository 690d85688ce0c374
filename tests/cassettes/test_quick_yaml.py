"""The quick way to write and read YAML: what it takes, it writes and reads as PyYAML does; the rest it leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cassettes import quick_yaml, yaml_format
from cassettes.yaml_format import write_exchange

from .values import awkward_text, exchange, exchanges, get, json_values

DOCUMENT = write_exchange(
    1,
    exchange(b"GET /a?b=c HTTP/1.1\r\nHost: h:8080\r\nAccept: */*\r\n\r\n", b'HTTP/1.1 200 OK\r\n\r\n{"id": 7}\ntwo\n'),
)
PIECES = [
    "a: b", "- a: b", "  - c", "x:", "  y: 'it''s'", '  z: "q"', "k: |", "k: |-", "  text", "", "   deep", "n: 12",
    "n: 0755", "t: true", "t: True", "no: no", "f: 1.5", "f: 1e5", "d: 2026-11-22", "{a: b}", "m: {a: 1, b: c}",
    "l: [1, 2, x]", "l: []", "m: {}", "# comment", "a: b # c", "a: 'b", 'a: "b\\n"', "a:  b", "a : b", "? a",
    "&x a: b", "a: *x", "a: !t b", "- - a", "a: b: c", "- 'x: y'", "...", "---", "\tt: x", "a: b\u2028c", "é: ü",
    "h: 12:30:45", "h: 0x1f", "h: 1_000", "a: ~", "a: null",
]  # fmt: skip


def as_pyyaml_reads(text: str) -> Any:
    """Return what the document means, by PyYAML."""
    return yaml_format._value(yaml_format._compose(text))


def agrees(text: str) -> bool:
    """Check that what the quick way reads is what PyYAML reads; tell whether it has read it."""
    try:
        data = quick_yaml.read(text)
    except quick_yaml.Odd:
        return False
    # Not only equal: 1, 1.0 and True are, in Python.
    assert json.dumps(data) == json.dumps(as_pyyaml_reads(text))
    return True


def test_what_most_exchanges_are_is_not_odd() -> None:
    """The usual documents do go the quick way: else it would be of no use."""
    assert agrees(DOCUMENT)
    assert agrees(
        write_exchange(1, get("/a", b'{"id":7,"tags":["x","y"],"kind":"no"}', "Content-Type: application/json"))
    )
    assert agrees(write_exchange(1, get("/a", b"one\n\n  two\nthree")))
    assert agrees(write_exchange(1, get("/a", b"\x00\x01" * 99)))


@given(exchanges())
def test_what_is_written_is_read_alike(original: object) -> None:
    """Whatever wrote a document, the quick way reads it as PyYAML does."""
    agrees(write_exchange(1, original))  # type: ignore[arg-type]


@given(st.dictionaries(st.text(alphabet="aBy_-.1 :", min_size=1, max_size=4), json_values, min_size=1, max_size=4))
def test_what_it_writes_pyyaml_reads(data: dict[str, Any]) -> None:
    """Any value that it writes comes back from PyYAML as the same value, and from itself."""
    try:
        text = f"---\n{quick_yaml.write(data, {})}...\n"
    except quick_yaml.Odd:
        return
    assert json.dumps(as_pyyaml_reads(text)) == json.dumps(data)
    agrees(text)


@given(st.text(alphabet="aeyxX019_-+.:# '\"{}[],*&!|>%@`~=/()", max_size=12) | awkward_text)
@example("1e5")
@example("0b1")
@example("1:30")
@example("12:30:45.5")
@example("y")
@example("...")
def test_a_scalar_is_the_same_text_to_every_reader(text: str) -> None:
    """By PyYAML's own rules of YAML 1.1, dates excepted, and by those of cassettes."""
    try:
        written = quick_yaml.scalar_text(text)
    except quick_yaml.Odd:
        return
    document = f"k: {written}\n"
    assert as_pyyaml_reads(document) == {"k": text}
    assert yaml.load(document, yaml.BaseLoader) == {"k": text}
    read = yaml.safe_load(document)["k"]
    assert read == text or not isinstance(read, str | int | float | bool)  # a date


@given(st.lists(st.sampled_from(PIECES), max_size=8))
@example(["m: {a: 1, a: 2}"])
@example(["a: b", "  c"])
@example(["a: b", " c: d"])
@example(["- a", "  b"])
@example(["x:", "- |a: b"])
def test_what_a_person_may_have_written_is_read_alike(lines: list[str]) -> None:
    """Edited by hand or not a document at all: the quick way reads it as PyYAML does, or leaves it to that."""
    text = "".join(line + "\n" for line in ["---", *lines, "..."])
    try:
        agrees(text)
    except yaml.YAMLError:
        pytest.fail(f"it took what is no YAML: {text!r}")


@given(st.integers(0, len(DOCUMENT)), st.sampled_from(list("\n :-'\"#{}[]|a1\t,")), st.booleans())
def test_one_character_more_or_less_is_read_alike(at: int, character: str, inserted: bool) -> None:
    """However a document is damaged, the quick way says nothing that PyYAML does not say."""
    text = DOCUMENT[:at] + character * inserted + DOCUMENT[at + (not inserted) :]
    try:
        agrees(text)
    except yaml.YAMLError:
        pytest.fail(f"it took what is no YAML: {text!r}")
