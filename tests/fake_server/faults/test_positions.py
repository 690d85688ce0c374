"""Positions: each name is one place."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation
from fake_server.faults.positions import HERE, NAMES, Phase, marked, position
from fake_server.faults.steps import Octets, steps_of

RESPONSE = (
    b"HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: 1\r\nY: 2\r\n\r\n"
)


def before(text: str, octets: bytes = RESPONSE) -> bytes:
    """What is sent before the position; all that comes after it is sent as well."""
    steps = list(marked(steps_of([octets]), text))
    assert steps.count(HERE) == 1
    assert b"".join(step.octets for step in steps if isinstance(step, Octets)) == octets
    return b"".join(step.octets for step in steps[: steps.index(HERE)] if isinstance(step, Octets))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("request", b""),
        ("status-line", b"OK\r\n"),
        ("status-line[:5]", b"HTTP/"),
        ("header[0]", b"A: 1\r\n"),
        ("header[1]", b"chunked\r\n"),
        ("header[0][:2]", b"\r\nA:"),
        ("headers", b"chunked\r\n\r\n"),
        ("headers[:3]", b"\r\nA: "),
        ("body", b"de\r\n"),
        ("body[:0]", b"\r\n\r\n3\r\n"),
        ("body[:4]", b"2\r\nd"),
        ("body[:5]", b"2\r\nde"),
        ("chunk-size[1]", b"abc\r\n2\r\n"),
        ("chunk[0]", b"abc\r\n"),
        ("chunk[1][:1]", b"2\r\nd"),
        ("chunks", b"de\r\n"),
        ("last-chunk", b"0\r\n"),
        ("trailer[0]", b"X: 1\r\n"),
        ("trailers", b"Y: 2\r\n\r\n"),
        ("trailers[:2]", b"0\r\nX:"),
        ("response", b"Y: 2\r\n\r\n"),
        ("response[:4]", b"HTTP"),
    ],
)
def test_a_name_is_the_place_after_what_it_names(text: str, end: bytes) -> None:
    """With a number in brackets one of several, with ``[:n]`` after its first octets."""
    assert before(text).endswith(end)
    assert before(text) == RESPONSE[: RESPONSE.index(end) + len(end)]


def test_the_end_of_a_body_that_is_not_chunked_is_the_end() -> None:
    """The same name, whatever the framing; of an empty body too."""
    for octets in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", b"HTTP/1.1 204 No Content\r\n\r\n"):
        assert before("body", octets) == octets


@pytest.mark.parametrize("text", ["chunk[2]", "header[2]", "body[:6]", "trailer[2]", "status-line[:99]"])
def test_a_position_that_a_response_has_not_is_an_error(text: str) -> None:
    """A fault that silently never comes would let a test pass."""
    with pytest.raises(BadExpectation, match="has the position"):
        before(text)


@pytest.mark.parametrize("text", ["", "Headers", "header", "headers[0]", "chunk", "body[1]", "request[:2]", "nowhere"])
def test_what_is_no_position_is_refused_with_all_there_are(text: str) -> None:
    """The message is the reference."""
    with pytest.raises(BadExpectation, match=r"header\[i\]\[\[:n\]\].*got ") as caught:
        position(text)
    assert all(name in str(caught.value) for name in NAMES)


def test_a_position_knows_its_phase_and_its_name() -> None:
    """What comes before the response needs the server's help."""
    assert position("accept").phase < position("request-body[:5]").phase < position("body").phase is Phase.RESPONSE
    assert str(position("chunk[1][:2]")) == "chunk[1][:2]"
    with pytest.raises(BadExpectation, match="a position in a response"):
        list(marked(iter(()), "accept"))
