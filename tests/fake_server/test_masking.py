"""Masking: what may be secret is not shown."""

from __future__ import annotations

import pytest

from cassettes.json_difference import ABSENT
from fake_server.masking import (
    contrast,
    masked_content,
    masked_header,
    masked_json,
    masked_path,
    masked_query,
    shown_content,
    shown_json,
)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer geheim", "'Bearer xxxxxxxx'"),
        ("Authorization", "geheim word", "'xxxxxxxx'"),
        ("Cookie", "sid=geheim; a=b", "'sid=xxxxxxxx; a=xxxxxxxx'"),
        ("X-Api-Key", "geheim", "'xxxxxxxx'"),
        ("X-\u00e9", "\u20ac", "'\u20ac'"),
        ("Accept", "text/html, */*", "'text/html, */*'"),
    ],
)
def test_of_an_expected_field_no_secret_is_shown(name: str, value: str, shown: str) -> None:
    """What is none is shown whole."""
    assert masked_header(name, value) == shown


def test_secret_parameters_and_members_are_masked_wherever_they_stand() -> None:
    """In queries, in forms, in JSON of any depth."""
    assert masked_query(b"a=1&token=geheim&b") == "'a=1&token=xxxxxxxx&b'"
    assert masked_content(b"user=ann&password=geheim") == "b'user=ann&password=xxxxxxxx'"
    masked = '[{"a": {"password": ["xxxxxxxx"], "b": 1}}]'
    assert masked_content(b'[{"a": {"password": ["geheim"], "b": 1}}]') == masked
    assert masked_json([{"a": {"password": ["geheim"], "b": 1}}]) == masked
    assert masked_json({"deep": 5}, ["a", 0, "api-key", "b"]) == '{"deep": 0}'
    assert masked_json(ABSENT, ["token"]) == "nothing"
    assert (masked_json(4321, ["pin"]), masked_json(13, ["pin"])) == ("0", "13")


def test_tokens_in_paths_are_masked() -> None:
    """Those that show what they are; all else is what the path is."""
    assert masked_path("/bot123456:" + "a1B2" * 9 + "/sendMessage") == "/bot123456:xxxxxxxx/sendMessage"
    assert masked_path("/ä/\udcff/0123456789abcdef") == "/ä/\udcff/0123456789abcdef"


def test_long_values_are_cut() -> None:
    """And it is said how long they were."""
    assert shown_content(b"\0" * 1000).endswith("... (1000 octets)")
    assert shown_json("x" * 1000).endswith("... (1002 characters)")


def test_what_is_no_json_is_shown_as_it_is() -> None:
    """Objects that a test compares with, for one."""
    assert masked_json(int) == "<class 'int'>"


def test_two_secrets_that_differ_look_the_same() -> None:
    """So it is said that they differ."""
    assert contrast("'a'", "'b'") == "expected 'a', got 'b'"
    assert contrast("'xxxxxxxx'", "'xxxxxxxx'") == "it differs in what is not shown"
