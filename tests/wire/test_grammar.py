"""What may be emitted, and that no pattern takes more than linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from httplib_sim.wire import (
    LocalProtocolError,
    check_chunk_extension,
    check_field_name,
    check_field_value,
    check_method,
    check_target,
    grammar,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (check_method, "GET"),
        (check_method, "m-search!#$%&'*+.^_`|~9"),
        (check_target, "/a?b=c#d%00\xe9"),
        (check_target, "*"),
        (check_field_name, "X-a_b.c"),
        (check_field_value, ""),
        (check_field_value, "a\tb \xff~"),
        (check_chunk_extension, ""),
        (check_chunk_extension, ';a="b c"'),
        (check_chunk_extension, " \t; a"),
    ],
)
def test_good(check: Callable[[str], str], text: str) -> None:
    """What is allowed is given back as it is."""
    assert check(text) == text


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\x0b", "\x1f", "\x7f", "\u2028", "\u20ac"])
@pytest.mark.parametrize(
    ("check", "start"),
    [
        (check_method, "GET"),
        (check_target, "/"),
        (check_field_name, "X"),
        (check_field_value, "v"),
        (check_chunk_extension, ";a"),
    ],
)
def test_injection(check: Callable[[str], str], start: str, bad: str) -> None:
    """Nothing that ends a line, or is a control, or is no octet, gets in: at the start, inside, or at the end."""
    for text in (start + bad, bad + start, start + bad + start):
        with pytest.raises(LocalProtocolError):
            check(text)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (check_method, ""),
        (check_method, "G T"),
        (check_method, "GET:"),
        (check_target, ""),
        (check_target, "/a b"),
        (check_target, "/a\tb"),
        (check_field_name, ""),
        (check_field_name, "X:"),
        (check_field_name, "X "),
        (check_field_name, "\xfcber"),
        (check_chunk_extension, "a"),
        (check_chunk_extension, "  "),
    ],
)
def test_bad(check: Callable[[str], str], text: str) -> None:
    """What the grammar does not allow is refused, as a ValueError."""
    with pytest.raises(ValueError, match="must"):
        check(text)


def test_secrets_are_not_told() -> None:
    """The error about a value or a target does not show it."""
    for check in (check_field_value, check_target):
        with pytest.raises(LocalProtocolError) as caught:
            check("s3cret\r\n")
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("REGULAR_FIELD_LINES", b"a:" + b" " * 1_000_000 + b"\0"),
        ("REGULAR_FIELD_LINES", b"a: b\r\n" * 200_000 + b"\0"),
        ("REQUEST_LINE", b"G" * 1_000_000),
        ("LOOSE_REQUEST_LINE", b"GET " + b" " * 1_000_000 + b"\0"),
        ("STATUS_LINE", b"HTTP/1.1 200 " + b" " * 1_000_000 + b"\0"),
        ("LOOSE_STATUS_LINE", b"HTTP/1.1 200" + b" " * 1_000_000 + b"\0"),
        ("CHUNK_LINE", b"5" + b" " * 1_000_000 + b"\0"),
        ("CHUNK_LINE", b"5;" + b" " * 1_000_000 + b"\0"),
        ("EMPTY_LINES", b"\r" * 1_000_000),
    ],
)
def test_patterns_do_not_backtrack(name: str, octets: bytes) -> None:
    """A million octets made to hurt are read in a moment: squared, they would take hours."""
    getattr(grammar, name).fullmatch(octets)
