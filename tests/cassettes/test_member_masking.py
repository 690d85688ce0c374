"""Secrets in members, and in pairs of a name and a value."""

from __future__ import annotations

import json

import pytest

from cassettes.masking import Masking
from cassettes.member_masking import mask_members
from cassettes.secret_names import SecretNames


def masked(text: bytes) -> bytes:
    """Return *text* without its secrets."""
    return mask_members(text, Masking(SecretNames(), SecretNames(["X-Key"])), "body")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"name":"token","value":"ab"}', b'{"name":"token","value":"xx"}'),
        (b'{"Value" : "ab" , "Key" : "token"}', b'{"Value" : "xx" , "Key" : "token"}'),
        (b'{"name":"token","a":{"b":["}"]},"value":["a",1]}', b'{"name":"token","a":{"b":["}"]},"value":["x",0]}'),
        (b'{"value":{"a":"b"},"a":{"c":"{"},"name":"token"}', b'{"value":{"a":"x"},"a":{"c":"{"},"name":"token"}'),
        (
            b'[{"name":"a","value":"b"},{"name":"jwt","value":12}]',
            b'[{"name":"a","value":"b"},{"name":"jwt","value":10}]',
        ),
        (
            b'{"ParameterKey":"DbPassword","ParameterValue":"ab"}',
            b'{"ParameterKey":"DbPassword","ParameterValue":"xx"}',
        ),
        (b'{"header":"X-Key","value":"ab","name":"c"}', b'{"header":"X-Key","value":"xx","name":"c"}'),
        (b'{"name":"token","value":"ab', b'{"name":"token","value":"xx'),
        (b'"a","value":"ab","name":"token"}', b'"a","value":"xx","name":"token"}'),
        (rb'"{\"value\":\"ab\",\"key\":\"token\"}"', rb'"{\"value\":\"xx\",\"key\":\"token\"}"'),
        (b'[["token","ab"],["a","b"]]', b'[["token","xx"],["a","b"]]'),
        (b'[["a","b"] , [ "X-Key" , "ab" ] ]', b'[["a","b"] , [ "X-Key" , "xx" ] ]'),
        (
            b'{"tokens": ["a1b2c3d4", "b", {"c": "d"}, "e1f2g3h4"]}',
            b'{"tokens": ["xxxxxxxx", "b", {"c": "d"}, "e1f2g3h4"]}',
        ),
        (b'{"auth": {"name": "token", "value": "ab"}}', b'{"auth": {"name": "xxxxx", "value": "xx"}}'),
    ],
)
def test_the_value_of_a_pair_with_a_secret_name_is_masked(text: bytes, expected: bytes) -> None:
    """In any order, whatever stands between, torn or in a string; a second time nothing changes."""
    assert masked(text) == expected
    assert masked(expected) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"name": "token", "a": {"value": "ab"}},
        {"a": {"name": "token"}, "value": "ab"},
        {"name": "ann", "value": "ab", "a": "token"},
        {"key": "color", "value": "a1b2c3d4"},
        {"required": ["password", "username"]},
        [["token", "b", "c"]],
        {"tokens": ["Hello", " world", 1234], "sessions": [{"id": "a1b2c3d4"}]},
        {"name": "token", "value": None},
    ],
)
def test_what_is_no_such_pair_stays(value: object) -> None:
    """A name and a value in different objects, other names, longer lists."""
    text = json.dumps(value).encode()
    assert masked(text) == text
