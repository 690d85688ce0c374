"""Stand-ins and the places they are in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.secret_names import SecretNames
from cassettes.stand_ins import FIXED, SHAPED, Masking, shaped, shaped_number


@pytest.mark.parametrize(
    ("secret", "stand_in"),
    [
        (b"abc", b"xxx"),
        (b"2f1e-00aa-B", b"xxxx-xxxx-x"),
        (b"eyJh.eyJz.c2ln_-", b"xxxx.xxxx.xxxx_-"),
        (b"dXNlcjpwYXNz==", b"xxxxxxxxxxxx=="),
        (b"p@ss w\xc3\xb6rd!", b"xxxx xxxxxx"),
        (b"%2F\\u0041", b"xxxxxxxxx"),
        (b"--..", b"xxxx"),
        (b"", b""),
    ],
)
def test_a_stand_in_has_the_shape_of_the_secret(secret: bytes, stand_in: bytes) -> None:
    """Unless the shape would be the secret."""
    assert shaped(secret) == stand_in
    assert len(stand_in) == len(secret)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_the_stand_in_of_a_number_is_a_number(value: float) -> None:
    """Of the same length, and as good JSON as the secret."""
    secret = json.dumps(value).encode()
    stand_in = shaped_number(secret)
    assert isinstance(json.loads(stand_in), type(value))
    assert len(stand_in) == len(secret)
    assert shaped_number(stand_in) == stand_in
    assert not set(stand_in) & set(b"23456789")


@given(st.binary())
def test_a_stand_in_is_its_own(secret: bytes) -> None:
    """So that redacting twice changes nothing."""
    assert shaped(shaped(secret)) == shaped(secret)
    assert FIXED.text(secret) == FIXED.text(shaped(secret))


def test_a_masking_notes_places_and_counts_hits() -> None:
    """Nothing, and what JSON writes without quotes or says nothing, is no secret."""
    masking = Masking(SecretNames(), SecretNames(), where="response")
    assert masking.text(b"abc", "body a") == b"xxx"
    assert masking.word(b"123", "body b") == b"100"
    assert masking.word(b"abc", "body a") == b"xxx"
    for nothing in (b"", b"true", b"false", b"null"):
        assert masking.text(nothing, "body c") == masking.word(nothing, "body c") == nothing
    assert masking.word(b"undefined", "body c") == b"undefined"
    assert list(masking.found) == ["response body a", "response body b"]
    assert masking.hits == 3


def test_only_unmistakable_secrets_are_searched_for_elsewhere() -> None:
    """A password that is a word would make holes in every text."""
    masking = Masking(SecretNames(), SecretNames(), FIXED)
    for secret in (b"password", b"longpassword", b"123456789012", b"abcdefghi123"):
        masking.text(secret, "query token")
    assert masking.echoes(b"password longpassword 123456789012 abcdefghi123", "body") == (
        b"password longpassword 123456789012 xxxxxxxxxxxx"
    )
    assert list(masking.found) == ["request query token", "request body (repeated)"]
    assert SHAPED.text(b"abcdefghi123") == b"xxxxxxxxxxxx"
