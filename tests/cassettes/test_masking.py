"""The walk over an exchange: stand-ins, and the places they are in."""

from __future__ import annotations

import pytest

from cassettes.masking import Masking
from cassettes.secret_names import SecretNames
from cassettes.text_masking import mask_text


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


def test_a_name_that_stands_for_a_secret_is_not_one_itself() -> None:
    """A form with the password "password" would lose the names of its fields."""
    masking = Masking(SecretNames(), SecretNames())
    assert masking.text(b"password", "body password") == b"xxxxxxxx"
    assert masking.repeated(b"password", "body") == b"password"


def test_what_is_repeated_is_told_with_its_place() -> None:
    """And counts as a hit."""
    masking = Masking(SecretNames(), SecretNames())
    masking.text(b"hunter2hunter2", "query token")
    masking.where = "response"
    assert masking.repeated(b"it is hunter2hunter2", "body") == b"it is xxxxxxxxxxxxxx"
    assert list(masking.found) == ["request query token", "response body (repeated)"]
    assert masking.hits == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"pin": 1234, "a": "1234"}', b'{"pin": 1000, "a": "1234"}'),
        (b'{"user_pin": 1, "pin": "004211"}', b'{"user_pin": 1, "pin": "xxxxxx"}'),
        (b'"{\\"pin\\":\\"4321\\"}"', b'"{\\"pin\\":\\"xxxx\\"}"'),
        (b'{"pin": 13, "pan": -12.5}', b'{"pin": 13, "pan": -12.5}'),
        (b'{"pin": "A12345", "pan": 12345.5}', b'{"pin": "A12345", "pan": 12345.5}'),
        (b"/a?pin=1234&pan=12&b=1234", b"/a?pin=xxxx&pan=12&b=1234"),
        (b"<a><pin>1234</pin><pan>left</pan></a>", b"<a><pin>xxxx</pin><pan>left</pan></a>"),
    ],
)
def test_a_pin_is_a_secret_if_it_is_digits(text: bytes, expected: bytes) -> None:
    """Those of a plug have two at the most."""
    masking = Masking(SecretNames(), SecretNames())
    assert mask_text(text, masking, "body") == expected
    assert mask_text(expected, masking, "body") == expected
