"""The numbers and switches, and what they are for each role; cases/limits.md has what they do."""

from __future__ import annotations

from dataclasses import fields

import pytest

from httplib_sim.wire import CLIENT, LIMITS, SERVER, STRICT, Leniency, LimitExceeded, Limits, parse_requests
from httplib_sim.wire.limits import check_section_limits


def test_the_limits_of_httplib() -> None:
    """Lines of 65,536 octets and 100 fields: what users of httplib and http.client are used to."""
    assert (LIMITS.start_line, LIMITS.field_line, LIMITS.field_lines) == (65_536, 65_536, 100)


def test_a_hundred_field_lines_pass() -> None:
    """The hundredth field line is read, the hundred and first is too many."""
    head = b"GET / HTTP/1.1\r\n%s\r\n"
    (request,) = parse_requests(head % (b"X: y\r\n" * 100))
    assert len(request.head.fields) == 100
    with pytest.raises(LimitExceeded) as caught:
        parse_requests(head % (b"X: y\r\n" * 101))
    assert (caught.value.what, caught.value.status_hint) == ("field_lines", 431)


@pytest.mark.parametrize(
    ("octets", "what", "hint"),
    [
        (b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * 70_000), "start_line", 414),
        (b"GET / HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * 70_000), "field_line", 431),
        (b"GET / HTTP/1.1\r\n%s\r\n" % (b"X: %s\r\n" % (b"a" * 60_000) * 20), "head", 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;%s\r\n" % (b"a" * 20_000), "chunk_line", 400),
        (b"\r\n" * 40_000 + b"GET / HTTP/1.1\r\n\r\n", "start_line", 400),
    ],
)
def test_what_and_hint(octets: bytes, what: str, hint: int) -> None:
    """The error names the limit, and the status with which a server would answer (RFC 9110 15.5.15, RFC 6585)."""
    with pytest.raises(LimitExceeded) as caught:
        parse_requests(octets)
    assert (caught.value.what, caught.value.status_hint) == (what, hint)


def test_strict_is_the_grammar() -> None:
    """STRICT lets nothing pass."""
    assert not any(getattr(STRICT, flag.name) for flag in fields(Leniency))


def test_a_server_does_not_guess() -> None:
    """What makes two readers see two messages, a server refuses: RFC 9112 section 11.2."""
    guesses = ("bad_field_lines", "length_beside_coding", "loose_chunk_lines", "loose_start_line")
    assert not any(getattr(SERVER, name) for name in guesses)
    assert all(getattr(CLIENT, name) for name in guesses)


def test_an_unfinished_section_in_time() -> None:
    """A section that never ends is refused as soon as it is too long, and not before."""
    limits = Limits(start_line=10, field_line=10, field_lines=2, head=100)
    check_section_limits(b"0123456789", 0, limits, complete=False)
    with pytest.raises(LimitExceeded, match="start line of at most 10"):
        check_section_limits(b"0123456789a", 0, limits, complete=False)
    with pytest.raises(LimitExceeded, match="at most 2 field lines"):
        check_section_limits(b"x\n1\n2\n3\n4\n5\n", 0, limits, complete=False)
