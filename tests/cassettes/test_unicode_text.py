"""Text in UTF-16 and UTF-32."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.unicode_text import read

CODECS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("kind", ["", "application/json", "image/png"])
def test_json_is_told_by_how_it_begins(codec: str, mark: str, kind: str) -> None:
    """With a mark and without one, whatever it says it is; and it is written as it was."""
    content = (mark + '{"ä": "€😀"}').encode(codec)
    text = read(content, kind)
    assert text is not None
    assert text.utf8.decode() == '{"ä": "€😀"}'
    assert text.written(text.utf8) == content
    assert text.written(b"[1]") == (mark + "[1]").encode(codec)


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("text/plain; charset=utf-16", "utf-16-le"),
        ("text/plain; charset=utf-16", "utf-16-be"),
        ('text/plain; x=y; Charset="UTF-16BE"', "utf-16-be"),
        ("text/plain;charset=utf-32le", "utf-32-le"),
        ("text/plain;charset=UTF32-BE", "utf-32-be"),
    ],
)
def test_other_text_is_told_by_its_media_type(kind: str, codec: str) -> None:
    """Where no mark says more."""
    text = read("abc".encode(codec), kind)
    assert text is not None
    assert text.utf8 == b"abc"


def test_half_a_character_at_the_end_comes_through() -> None:
    """The body was cut short in the middle of it."""
    content = '{"a": "b'.encode("utf-16-le") + b"c"
    text = read(content, "application/json")
    assert text is not None
    assert text.utf8 == b'{"a": "b'
    assert text.written(text.utf8) == content


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"abc", "text/plain; charset=utf-8"), (b"PK\0\3", "application/zip"), (b"\xff\xfe\0\0\0\0\x11\0", ""), (b"", "")],
)
def test_what_is_no_such_text_is_none(content: bytes, kind: str) -> None:
    """Whatever it says, and whatever it begins with."""
    assert read(content, kind) is None


@given(st.binary(max_size=40), st.sampled_from(["", "text/plain; charset=utf-16", "text/plain; charset=utf-32"]))
def test_what_is_read_comes_back_to_the_octet(content: bytes, kind: str) -> None:
    """Else it is not read."""
    text = read(content, kind)
    assert text is None or text.written(text.utf8) == content
