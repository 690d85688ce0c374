r"""Echoes: where a secret is found again, and what is left alone although it looks the same."""

from __future__ import annotations

import pytest

from cassettes.echoes import Echoes
from cassettes.stand_ins import FIXED, SHAPED


def without(secret: bytes, text: bytes, *, named: bool = True, fixed: bool = False) -> bytes:
    """Return *text* without *secret*."""
    echoes = Echoes(FIXED if fixed else SHAPED)
    echoes.note(secret, named=named)
    return echoes.masked(text, lambda: None)


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        (b"hunter2x", b"<hunter2x>hunter2xhunter2x", b"<xxxxxxxx>xxxxxxxxxxxxxxxx"),
        (b"wordwordword", b"a wordwordword, wordwordwords", b"a xxxxxxxxxxxx, wordwordwords"),
        (b"wordwordword", b"a=%20wordwordword&b=\\nwordwordword", b"a=%20xxxxxxxxxxxx&b=\\nxxxxxxxxxxxx"),
        (b"required", b'{"required": "required"} <required/>', b'{"required": "xxxxxxxx"} <required/>'),
        (b"required", b'"{\\"required\\":1}" required=1', b'"{\\"required\\":1}" required=1'),
        (b"12345678", b'{"a": 12345678, "b": 123456789}', b'{"a": 10000000, "b": 123456789}'),
        (b"a/b+c d!1", b"a%2Fb%2Bc+d%211 a/b%2Bc%20d%211", b"xxxxxxxxx+xxxxx x/xxxxxxxxxxxxx"),
        (b"a%2Fb%2B1234", b"a/b+1234 a%2Fb%2B1234", b"x/x+xxxx xxxxxxxxxxxx"),
        (b'a\\"bc\\/1234', b'a"bc/1234 a\\"bc/1234', b"xxxx/xxxx xxxxx/xxxx"),
    ],
)
def test_a_secret_is_masked_where_it_is_repeated(secret: bytes, text: bytes, masked: bytes) -> None:
    """In each of the forms that it has in URLs and JSON; a word only as a word, a number stays a number."""
    assert without(secret, text) == masked


def test_what_is_short_is_not_looked_for() -> None:
    """Nor is a word, a number or a name that no name of its own gave away."""
    assert without(b"hunter2", b"hunter2") == b"hunter2"
    for secret in (b"longpassword", b"123456789012", b"abcdefgh123"):
        assert without(secret, secret, named=False) == secret
    assert without(b"abcdefghi123", b"abcdefghi123", named=False) == b"xxxxxxxxxxxx"


def test_for_comparing_a_recording_and_a_replay_are_equal() -> None:
    """Whether the replay sends the same secret, another one, or the stand-in."""
    recorded = without(b"xxxx-xxxxxxxxxx", b"a xxxx-xxxxxxxxxx b xxxxxxxxxxxxx", fixed=True)
    for secret in (b"2f1e-0a0b0c0d0e", b"a-longer-one-1234", b"another1"):
        assert without(secret, b"a " + secret + b" b xxxxxxxxxxxxx", fixed=True) == recorded


def test_all_that_is_repeated_is_told() -> None:
    """A stand-in is no repetition."""
    found: list[bool] = []
    echoes = Echoes(SHAPED)
    for secret in (b"hunter2x", b"hunter2xy", b"xxxx-xxxx"):
        echoes.note(secret, named=True)
    assert len(echoes) == 2
    assert echoes.any_in(b"a hunter2x")
    assert not echoes.any_in(b"a xxxx-xxxx")
    assert echoes.masked(b"hunter2xy hunter2x xxxx-xxxx", lambda: found.append(True)) == b"xxxxxxxxx xxxxxxxx xxxx-xxxx"
    assert len(found) == 2
