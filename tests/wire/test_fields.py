"""Field lines: kept as received, looked up in any case, quick where they are regular."""

from __future__ import annotations

import pytest

from httplib_sim.wire import FieldLine, Fields
from httplib_sim.wire.fields import split

SECTION = b"Host: h\r\nAccept:a\r\naccept: b\r\nno colon\r\nX: one\r\n two\r\n"


def test_order_case_and_octets() -> None:
    """A section gives its lines in order and in their case; an odd line keeps its octets."""
    assert list(Fields.from_octets(SECTION)) == [
        FieldLine("Host", "h"),
        FieldLine("Accept", "a", b"Accept:a\r\n"),
        FieldLine("accept", "b"),
        FieldLine("", "no colon", b"no colon\r\n"),
        FieldLine("X", "one two", b"X: one\r\n two\r\n"),
    ]


def test_look_ups() -> None:
    """A name in any case finds all its lines, in order; `get` joins them."""
    fields = Fields.from_octets(SECTION)
    assert fields.get_all("ACCEPT") == ["a", "b"]
    assert fields.get("Accept") == "a, b"
    assert fields.get("x") == "one two"
    assert fields.get("y") is None
    assert fields.get("y", "default") == "default"
    assert "HOST" in fields
    assert "no colon" not in fields
    assert 5 not in fields


def test_a_line_without_a_name_is_found_by_no_name() -> None:
    """The lines that are no field lines are apart: `malformed` has them, `pairs` and look-ups do not."""
    fields = Fields.from_octets(SECTION)
    assert fields.malformed() == ["no colon"]
    assert fields.get_all("") == []
    assert [name for name, _ in fields.pairs()] == ["Host", "Accept", "accept", "X"]


def test_a_look_up_does_not_read_the_lines() -> None:
    """Asking for a name is a search: the lines are not made before they are asked for."""
    fields = Fields.from_octets(b"A: 1\r\nB: 2\r\n")
    assert fields.get("b") == "2"
    assert fields.pairs() == [("A", "1"), ("B", "2")]
    assert fields._lines is None
    assert len(fields) == 2
    assert fields._lines is not None


@pytest.mark.parametrize(
    ("octets", "name", "value"),
    [
        (b"Content-Length: 5\n", "content-length", "5"),
        (b"Content-Length: 15\n", "content-length", "15"),
        (b"Content-Length:\t5 \t\r\n", "Content-Length", "5"),
        (b"Content-Length : 5\r\n", "content-length", "5"),
        (b"X-Content-Length: 6\r\nContent-Length: 5\r\n", "content-length", "5"),
        (b"Content-Length-X: 6\r\nContent-Length: 5\r\n", "content-length", "5"),
        (b"Content-Length\r\nContent-Length: 5\r\n", "content-length", "5"),
        (b"A: x\rContent-Length: 6\r\nContent-Length: 5\r\n", "content-length", "5"),
        (b"A: x\r\n Content-Length: 6\r\nContent-Length: 5\r\n", "content-length", "5"),
        (b"A: \xc0\r\n", "a", "\xc0"),
        (b"\xc0: 1\r\n", "\xe0", "1"),
        (b"\xc0: 1\r\n", "\xc0", "1"),
    ],
)
def test_one_look_up(octets: bytes, name: str, value: str) -> None:
    """A look-up gives the same before and after the lines were read."""
    fields = Fields.from_octets(octets)
    assert fields.get_all(name) == [value]
    assert list(fields)
    assert fields.get_all(name) == [value]


@pytest.mark.parametrize("name", ["a: 1\r\nb", "a:", ":", "a\n", "\n", "a\r\nb", "\u212a"])
def test_a_look_up_cannot_be_fooled(name: str) -> None:
    """A name that is none finds nothing, whatever the octets of the section."""
    assert Fields.from_octets(b"a: 1\r\nb: 2\r\n").get_all(name) == []


def test_made_from_pairs() -> None:
    """Fields made from names and values are written the usual way."""
    fields = Fields([("Host", "h"), FieldLine("X", "1", b"X:1\r\n")])
    assert fields.octets == b"Host: h\r\nX:1\r\n"
    assert fields.get("host") == "h"
    assert fields[0] == ("Host", "h", None)
    assert fields[1:] == (FieldLine("X", "1", b"X:1\r\n"),)
    assert repr(fields) == "<Fields Host, X>"
    assert not Fields()


def test_equal_if_the_octets_are() -> None:
    """Fields are equal if they are the same on the wire, however they were made."""
    assert Fields([("A", "1")]) == Fields.from_octets(b"A: 1\r\n")
    assert Fields([("A", "1")]) != Fields([("a", "1")])
    assert Fields([("A", "1")]) != [("A", "1")]
    assert len({Fields([("A", "1")]), Fields.from_octets(b"A: 1\r\n")}) == 1


def test_no_value_in_repr() -> None:
    """The repr tells names only: a value may be a secret."""
    assert "s3cret" not in repr(Fields([("Authorization", "s3cret")]))


def test_an_unfinished_line_is_the_callers_mistake() -> None:
    """A section is complete lines."""
    with pytest.raises(ValueError, match="no terminator"):
        Fields.from_octets(b"A: 1")


def test_the_deciding_lines() -> None:
    """What decides on framing is found at once; a line that is there twice cannot pass for a regular one."""
    fields = Fields.from_octets(b"CONTENT-Length: 5\r\nconnection : X\r\nConnection:close\r\nContent-Lengthy: 9\r\n")
    assert fields.decisive == {b"content-length": b": 5\r", b"connection": b" : x\r\n:close\r"}


def test_folding_is_read_in_linear_time() -> None:
    """A long run of blanks in a folded line is no burden: a pattern that backtracks would take hours for this."""
    (line,) = split(b"X: a" + b" " * 2_000_000 + b"b\r\n c\r\n")
    assert line.value.endswith("b c")
