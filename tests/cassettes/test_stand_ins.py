"""Stand-ins, and what they take the place of."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.stand_ins import FIXED, looks_like_token, may_stand_for, shaped, shaped_number


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


@pytest.mark.parametrize(
    "value", [b"a1b2c3d4", b"Zq7Kp2Xw9Lm4Vt", b"eyJ0.eyJ1c2Vy.c2ln_-", b"4/0AX4XfWh=", b"a%2Fbcdef"]
)
def test_a_token_and_its_stand_in_look_like_one(value: bytes) -> None:
    """It is masked in the recording, so it must be in the replay."""
    assert looks_like_token(value)
    assert looks_like_token(shaped(value))
    assert looks_like_token(FIXED.text(value))


@pytest.mark.parametrize(
    "value", [b"", b"color", b"primary_key", b"12345678", b"2026-11-23", b"a1b2c3", b"a1 b2c3d4e5"]
)
def test_a_word_and_a_number_do_not_look_like_a_token(value: bytes) -> None:
    """Nor does what is short, or several words."""
    assert not looks_like_token(value)


@pytest.mark.parametrize(
    ("recorded", "sent", "may"),
    [
        (b"a=xxxx-xx&b=1", b"a=abcd-ef&b=1", True),
        (b"a=xxxx", b"a=xxxx", True),
        (b"a=xxxx-xx&b=1", b"a=abcd-ef&b=2", False),
        (b"a=xxxxxxx", b"a=abcd-ef", False),
        (b"a=xxxx", b"a=abc", False),
    ],
)
def test_what_a_stand_in_may_stand_for_has_its_shape(recorded: bytes, sent: bytes, may: bool) -> None:
    """And all else is equal."""
    assert may_stand_for(recorded, sent) is may
