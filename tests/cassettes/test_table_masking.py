"""Secrets in the columns of CSV."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.masking import Masking
from cassettes.secret_names import SecretNames
from cassettes.table_masking import mask_table


def masked(text: bytes) -> bytes:
    """Return *text* without its secrets."""
    return mask_table(text, Masking(SecretNames(), SecretNames()), "body")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"user,password\nann,ab\nbob,\n", b"user,password\nann,xx\nbob,\n"),
        (b'"user";"api_key"\r\n"a; b";"a""b"\r\n', b'"user";"api_key"\r\n"a; b";"xxxx"\r\n'),
        (b"password\tuser\nab\tann\nabc", b"password\tuser\nxx\tann\nxxx"),
        (b'password,user\n"a\nb",ann\nab,"', b'password,user\n"x\nx",ann\nxx,"'),
        (b'password,user\n"ab', b'password,user\n"xx'),
        (b"token\nab\n\ncd", b"token\nxx\n\nxx"),
        (b"pin,user\n1234,ann\n12,1234\n", b"pin,user\nxxxx,ann\n12,1234\n"),
    ],
)
def test_a_column_with_a_secret_name_is_masked(text: bytes, expected: bytes) -> None:
    """Whatever separates the columns, also where the end is torn off."""
    assert masked(text) == expected
    assert masked(expected) == expected


@pytest.mark.parametrize("text", [b"", b"\n", b"user,name\nann,token\n", b"ann,hunter2\n", b"a password\n,x\n"])
def test_a_table_without_secrets_stays(text: bytes) -> None:
    """One without names has none that are known."""
    assert masked(text) == text


cells = st.text('abc123 ,;"\n', max_size=6)


@given(st.lists(st.tuples(cells, cells, cells), max_size=5))
def test_a_masked_table_has_the_same_cells_but_for_the_secrets(rows: list[tuple[str, str, str]]) -> None:
    """As Python's csv reads it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([("user", "password", "note"), *rows])
    kept = masked(file.getvalue().encode()).decode()
    assert len(kept) == len(file.getvalue())
    read = list(csv.reader(io.StringIO(kept, newline="")))[1:]
    assert [(row[0], row[2]) for row in read] == [(row[0], row[2]) for row in rows]
    for row, old in zip(read, rows, strict=True):
        assert not set(row[1]) & set("abc123")
        assert len(row[1]) == len(old[1]) or '"' in old[1]
