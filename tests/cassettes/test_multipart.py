"""Tests of `cassettes.multipart`."""

from __future__ import annotations

import pytest

from cassettes.multipart import Part, boundary_of, parts_of

WHOLE = (
    b'preamble\r\n--abc\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
    b"--abc  \r\ncontent-type: text/plain\r\nContent-Disposition: form-data; filename=x.txt; name=file\r\n"
    b"\r\n\r\n--abcd\r\n"
    b"\r\n--abc--\r\nepilogue"
)


def test_parts_have_names_fields_and_content() -> None:
    """A longer line that begins like a boundary is content."""
    assert parts_of(WHOLE, b"abc") == (
        Part(b"a", b"", ((b"content-disposition", b'form-data; name="a"'),), b"one"),
        Part(
            b"file",
            b"x.txt",
            (
                (b"content-disposition", b"form-data; filename=x.txt; name=file"),
                (b"content-type", b"text/plain"),
            ),
            b"\r\n--abcd\r\n",
        ),
    )


def test_line_ends_may_be_lf() -> None:
    """Some write them so."""
    octets = b'--x\nContent-Disposition: form-data; name="a"\n\none\n--x--\n'
    (part,) = parts_of(octets, b"x") or ()
    assert (part.name, part.content) == (b"a", b"one")


@pytest.mark.parametrize(
    "octets", [b"", b"--abc\r\n", b"--abc\r\n\r\nno end\r\n", b"--abc\r\nno head\r\n--abc--", b"x"]
)
def test_what_is_not_whole_is_none(octets: bytes) -> None:
    """It is compared as octets."""
    assert parts_of(octets, b"abc") is None
    assert parts_of(WHOLE, b"") is None


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; Boundary="a b;c"; x=y', b"a b;c"),
        ("multipart/form-data", b""),
        ("", b""),
    ],
)
def test_a_boundary_is_found(content_type: str, boundary: bytes) -> None:
    """In quotes or not, in any case of its name."""
    assert boundary_of(content_type) == boundary
