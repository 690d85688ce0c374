"""Heads as values: made from parts with care, or read and given back; cases/start-lines.md has the grammar."""

from __future__ import annotations

import pytest

from httplib_sim.wire import (
    CLIENT,
    LIMITS,
    SERVER,
    STRICT,
    BadFieldLine,
    BadStartLine,
    FieldLine,
    Fields,
    Leniency,
    LocalProtocolError,
    RequestHead,
    ResponseHead,
    UnknownVersion,
    parse_request_head,
    parse_response_head,
    request_head,
    response_head,
)


def test_a_request_head_is_written_the_usual_way() -> None:
    """Parts give the octets that everyone expects."""
    head = request_head("GET", "/a?b", Fields([("Host", "h")]))
    assert head.octets == b"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"
    assert head.start_line == "GET /a?b HTTP/1.1"


def test_a_response_head_is_written_the_usual_way() -> None:
    """The blank before the reason is there even where the reason is not (RFC 9112 section 4)."""
    head = response_head(200, "", Fields(), 10)
    assert head.octets == b"HTTP/1.0 200 \r\n\r\n"
    assert head.start_line == "HTTP/1.0 200 "


def test_a_request_of_09_is_one_line() -> None:
    """HTTP/0.9 knows GET and a target, no version, no fields, no empty line (RFC 1945 section 4.1)."""
    assert request_head("GET", "/", Fields(), 9).octets == b"GET /\r\n"
    for method, fields in (("POST", Fields()), ("GET", Fields([("Host", "h")]))):
        with pytest.raises(LocalProtocolError, match=r"HTTP/0\.9"):
            request_head(method, "/", fields, 9)


@pytest.mark.parametrize("version", [0, 8, 12, 20, 11.0001])
def test_versions_that_are_none(version: int) -> None:
    """Nothing is sent in a version that there is not."""
    with pytest.raises(LocalProtocolError, match="version"):
        request_head("GET", "/", Fields(), version)
    with pytest.raises(LocalProtocolError, match="version"):
        response_head(200, "OK", Fields(), version)


@pytest.mark.parametrize("status", [99, 1000, -200])
def test_a_status_has_three_digits(status: int) -> None:
    """Nothing is sent that no one could read."""
    with pytest.raises(LocalProtocolError, match="three digits"):
        response_head(status, "OK", Fields())


@pytest.mark.parametrize(
    "line",
    [
        FieldLine("X", "1\r\nY: 2"),
        FieldLine("X\r\nY", "1"),
        FieldLine("", "malformed"),
        FieldLine("X", "\u20ac"),
        FieldLine("X", "fine", b"X: fine\r\nInjected: 1\r\n"),
        FieldLine("X", "fine", b"X: fi\rne\r\n"),
        FieldLine("X", "fine", b"X: fine"),
        FieldLine("X", "fine", b""),
    ],
)
def test_fields_are_checked(line: FieldLine) -> None:
    """Nothing gets out that would be read as something else, by value or by raw octets."""
    with pytest.raises(LocalProtocolError):
        request_head("GET", "/", Fields([line]))
    with pytest.raises(LocalProtocolError):
        response_head(200, "OK", Fields([line]))


def test_raw_octets_that_are_one_regular_line_pass() -> None:
    """A line may be sent as it was received, if it is regular."""
    assert request_head("GET", "/", Fields([FieldLine("X", "1", b"X:1 \r\n")])).octets.endswith(b"\r\nX:1 \r\n\r\n")


def test_the_start_line_is_the_one_received() -> None:
    """A head that was read tells its start line as it came, and emits its octets as they came."""
    octets = b"\r\nGET\t/  HTTP/1.1\nHost:h\n\n"
    head = parse_request_head(octets, Leniency(leading_empty_lines=True, loose_start_line=True, bare_lf=True), LIMITS)
    assert head.start_line == "GET\t/  HTTP/1.1"
    assert head.octets == octets
    response = parse_response_head(b"HTTP/1.1 200  Fine \r\n\r\n", CLIENT, LIMITS)
    assert (response.start_line, response.reason) == ("HTTP/1.1 200  Fine ", "Fine")


def test_equal_if_the_octets_are() -> None:
    """Heads are equal if they are the same on the wire; a request is never a response."""
    made = request_head("GET", "/", Fields())
    assert made == parse_request_head(made.octets, SERVER, LIMITS)
    assert made != request_head("GET", "/b", Fields())
    assert made != response_head(200, "", Fields())
    assert len({made, parse_request_head(made.octets, SERVER, LIMITS)}) == 1
    assert len({ResponseHead(200, "OK", Fields()), ResponseHead(200, "OK", Fields())}) == 1
    assert ResponseHead(200, "OK", Fields()) != made


def test_no_secret_in_repr() -> None:
    """A repr has no query and no fields: either may hold a secret."""
    assert repr(RequestHead("GET", "/a?key=s3cret", Fields([("X", "s3cret")]))) == "<RequestHead GET /a HTTP/1.1>"
    assert repr(ResponseHead(200, "OK", Fields([("X", "s3cret")]))) == "<ResponseHead HTTP/1.1 200 OK>"


@pytest.mark.parametrize(
    ("status", "interim"),
    [(100, True), (101, False), (102, True), (103, True), (199, True), (200, False), (999, False)],
)
def test_interim(status: int, interim: bool) -> None:
    """Every 1xx but 101 is followed by another response (RFC 9110 section 15.2)."""
    assert ResponseHead(status, "", Fields()).is_interim is interim


def test_a_bad_start_line_is_told_but_not_its_target() -> None:
    """The error has the line for those who log with care; its message has no target, which may hold a secret."""
    with pytest.raises(BadStartLine) as caught:
        parse_request_head(b"GET /a b?key=s3cret HTTP/1.1\r\n\r\n", SERVER, LIMITS)
    assert "s3cret" not in str(caught.value)
    assert caught.value.line == "GET /a b?key=s3cret HTTP/1.1"
    assert caught.value.status_hint == 400


def test_an_unknown_version_is_answered_by_505() -> None:
    """RFC 9110 section 15.6.6; the line is there without the empty lines before it."""
    with pytest.raises(UnknownVersion) as caught:
        parse_request_head(b"\r\nGET / HTTP/3.0\r\n\r\n", SERVER, LIMITS)
    assert (caught.value.status_hint, caught.value.line) == (505, "GET / HTTP/3.0")


def test_a_long_start_line_is_cut_in_the_message() -> None:
    """A message stays short, whatever came."""
    with pytest.raises(BadStartLine) as caught:
        parse_response_head(b"x" * 1000 + b"\r\n\r\n", CLIENT, LIMITS)
    assert len(str(caught.value)) < 200
    assert "(1000 octets)" in str(caught.value)


@pytest.mark.parametrize(
    ("octets", "leniency"),
    [
        (b"X: 1\n\r\n", Leniency(bare_lf=True)),
        (b"X: 1\r\n\n", Leniency(bare_lf=True)),
        (b"X: 1\r\n 2\r\n\r\n", Leniency(obs_fold=True)),
        (b"X : 1\r\n\r\n", Leniency(bad_field_lines=True)),
        (b"no colon\r\n\r\n", Leniency(bad_field_lines=True)),
        (b"X: \0\r\n\r\n", Leniency(bad_field_lines=True)),
    ],
)
def test_each_leniency_is_its_own(octets: bytes, leniency: Leniency) -> None:
    """What one leniency allows, that one alone allows: not STRICT, and none of the others."""
    head = b"HTTP/1.1 200 OK\r\n" + octets
    assert parse_response_head(head, leniency, LIMITS).octets == head
    for other in (STRICT, Leniency(bare_lf=True), Leniency(obs_fold=True), Leniency(bad_field_lines=True)):
        if other != leniency:
            with pytest.raises(BadFieldLine):
                parse_response_head(head, other, LIMITS)


def test_a_bad_line_is_told_by_number_and_name() -> None:
    """The error says which line it was, by its name where that is a name; never what stands in it."""
    with pytest.raises(BadFieldLine, match=r"^field line 2 \(X\) has a control character") as caught:
        parse_request_head(b"GET / HTTP/1.1\r\nA: 1\r\nX: s3cret\x7f\r\n\r\n", SERVER, LIMITS)
    assert "s3cret" not in str(caught.value)
