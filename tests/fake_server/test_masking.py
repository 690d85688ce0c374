"""Masking: what may be secret is not shown."""

from __future__ import annotations

import pytest

from fake_server.masking import is_secret, masked_header, masked_json, masked_query, masked_text


@pytest.mark.parametrize(
    "name",
    [
        *["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "apiKey", "api_key", "jwt"],
        *["access_token", "password", "PASSWD", "client-secret", "session_id", "signature", "private.key", "auth"],
    ],
)
def test_these_names_are_secret(name: str) -> None:
    """In any case, however their words are joined."""
    assert is_secret(name)


@pytest.mark.parametrize("name", ["name", "author", "key", "id", "Accept", "Host", "Content-Type", "page"])
def test_these_names_are_not(name: str) -> None:
    """They would hide what a test is about."""
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer geheim", "'Bearer ***'"),
        ("Authorization", "geheim", "'***'"),
        ("Cookie", "sid=geheim; a=b", "'***'"),
        ("X-Api-Key", "geheim", "'***'"),
        ("Accept", "text/html, */*", "'text/html, */*'"),
    ],
)
def test_of_a_secret_field_the_scheme_is_shown_at_most(name: str, value: str, shown: str) -> None:
    """All others are shown whole."""
    assert masked_header(name, value) == shown


def test_secret_parameters_and_members_are_masked_wherever_they_stand() -> None:
    """In queries, in forms, in JSON of any depth."""
    assert masked_query("a=1&token=geheim&b") == "'a=1&token=***&b'"
    assert masked_text(b"user=ann&password=geheim") == "'user=ann&password=***'"
    assert masked_text(b'[{"a": {"password": ["geheim"], "b": 1}}]') == '[{"a": {"password": "***", "b": 1}}]'
    assert masked_json("geheim", "api-key") == "***"


def test_long_values_are_cut() -> None:
    """And it is said how long they were."""
    assert masked_text(b"\0" * 1000).endswith("... (1000 octets)")
    assert masked_json("x" * 1000).endswith("... (1002 characters)")


def test_what_is_no_json_is_shown_as_it_is() -> None:
    """Objects that a test compares with, for one."""
    assert masked_json(int) == "<class 'int'>"
