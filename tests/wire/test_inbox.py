"""The inbox: octets in order, none lost, none searched twice."""

from __future__ import annotations

import pytest

from httplib_sim.wire import NEED_DATA, Inbox


def test_what_is_fed_is_taken() -> None:
    """Octets come out in the order in which they went in, whatever they were fed as."""
    inbox = Inbox(b"ab")
    inbox.feed(b"cd")
    inbox.feed(bytearray(b"ef"))
    inbox.feed(memoryview(b"gh"))
    assert len(inbox) == 8
    assert (inbox.take(3), inbox.take(0), inbox.take(100), inbox.take(1)) == (b"abc", b"", b"defgh", b"")


def test_what_is_taken_is_bytes() -> None:
    """Whatever the buffer is, what is taken is bytes, and stays what it is when more is fed."""
    inbox = Inbox(b"a")
    inbox.feed(b"bcd")
    taken = inbox.take(2)
    inbox.feed(b"e" * 100)
    assert type(taken) is bytes
    assert taken == b"ab"
    assert type(inbox.peek(1)) is bytes


def test_one_piece_is_not_copied() -> None:
    """A piece of data that is taken whole is the very object that was fed."""
    data = b"x" * 1000
    inbox = Inbox()
    inbox.feed(data)
    assert inbox.take_all() is data


def test_what_was_taken_is_let_go() -> None:
    """However much passes through, the buffer keeps only what nobody has taken, and a little more."""
    inbox = Inbox(b"xy")
    for _ in range(1000):
        inbox.feed(b"z" * 1000)
        inbox.take(1000)
    octets, position = inbox.window()
    assert len(inbox) == 2
    assert len(octets) - position == 2
    assert len(octets) < 70_000


def test_a_line() -> None:
    """A line goes up to its LF; none is taken before it has come."""
    inbox = Inbox(b"one")
    assert inbox.take_line() is None
    inbox.feed(b"\r")
    assert inbox.take_line() is None
    inbox.feed(b"\ntwo\nthree")
    assert (inbox.take_line(), inbox.take_line(), inbox.take_line()) == (b"one\r\n", b"two\n", None)


@pytest.mark.parametrize("octets", [b"a\r\n\r\n", b"a\n\n", b"a\r\n\n", b"a\n\r\n", b"a\r\nb: c\r\n\r\n"])
def test_a_section(octets: bytes) -> None:
    """A section ends with its first empty line, of CRLF or of LF, however it comes."""
    inbox = Inbox(octets + b"behind\r\n\r\n")
    assert inbox.take_section() == octets
    inbox = Inbox()
    for i in range(len(octets) - 1):
        inbox.feed(octets[i : i + 1])
        assert inbox.take_section() is None
    inbox.feed(octets[-1:] + b"behind")
    assert inbox.take_section() == octets
    assert inbox.take_all() == b"behind"


def test_a_section_behind_empty_lines() -> None:
    """Empty lines before it are no end of a section for those who say how many there are."""
    inbox = Inbox(b"\r\n\r\nGET\r\n\r\n")
    assert inbox.take_section(4) == b"\r\n\r\nGET\r\n\r\n"


def test_a_line_after_a_section_was_looked_for() -> None:
    """Looking for a section in vain hides no line."""
    inbox = Inbox(b"a\r\nb")
    assert inbox.take_section() is None
    assert inbox.take_line() == b"a\r\n"


def test_rewind() -> None:
    """What was taken since a window can be put back, and is found again."""
    inbox = Inbox(b"a\r\n\r\nb")
    _, before = inbox.window()
    assert inbox.take_section() == b"a\r\n\r\n"
    assert inbox.take_section() is None
    inbox.rewind(before)
    assert inbox.startswith(b"a\r")
    assert inbox.take_section() == b"a\r\n\r\n"


def test_reading_in_place() -> None:
    """A parser may read the buffer where it is, and say how much it took."""
    inbox = Inbox(b"abc")
    inbox.take(1)
    octets, position = inbox.window()
    assert octets[position:] == b"bc"
    inbox.skip(1)
    assert inbox.take_all() == b"c"


def test_the_end() -> None:
    """That the peer has closed is not that nothing is there; data after it is a mistake of the caller."""
    inbox = Inbox(b"rest")
    before = inbox.at_eof
    inbox.feed_eof()
    assert (before, inbox.at_eof) == (False, True)
    assert repr(inbox) == "<Inbox 4 octets, at eof>"
    assert inbox.take_all() == b"rest"
    with pytest.raises(ValueError, match="after feed_eof"):
        inbox.feed(b"more")


def test_need_data_has_a_name() -> None:
    """In a debugger the value says what it is."""
    assert repr(NEED_DATA) == "NEED_DATA"
