"""Steps: an answer taken apart, and nothing lost."""

from __future__ import annotations

import pytest

from fake_server.faults.steps import FLUSH, Octets, Part, steps_of

CHUNKED = (
    b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nX: 1\r\nY: 2\r\n\r\n"
)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
LITERAL = b"neither head nor body"
HALF = b"HTTP/1.1 200 OK\r\nContent-Le"
INTERIM_ALONE = b"HTTP/1.1 102 Processing\r\nA: "
BAD_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"


def parts(*pieces: bytes) -> list[tuple[str, bytes, int]]:
    """The steps of an answer that writes *pieces*, without the pauses."""
    return [(step.part.name, step.octets, step.number) for step in steps_of(pieces) if isinstance(step, Octets)]


def test_a_chunked_response_is_lines_chunks_and_trailers() -> None:
    """Interim heads are one part each; fields, chunks and trailers are counted from 0."""
    assert parts(CHUNKED) == [
        ("INTERIM", b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", 0),
        ("STATUS_LINE", b"HTTP/1.1 200 OK\r\n", 0),
        ("FIELD", b"A: 1\r\n", 0),
        ("FIELD", b"Transfer-Encoding: chunked\r\n", 1),
        ("HEAD_END", b"\r\n", 0),
        ("CHUNK_SIZE", b"3;x=1\r\n", 0),
        ("CONTENT", b"abc", 0),
        ("CHUNK_END", b"\r\n", 0),
        ("CHUNK_SIZE", b"2\r\n", 1),
        ("CONTENT", b"de", 1),
        ("CHUNK_END", b"\r\n", 1),
        ("LAST_CHUNK", b"0\r\n", 0),
        ("TRAILER", b"X: 1\r\n", 0),
        ("TRAILER", b"Y: 2\r\n", 1),
        ("END", b"\r\n", 2),
    ]


def test_without_chunks_all_that_follows_the_head_is_content() -> None:
    """Whatever its length is said to be."""
    assert parts(PLAIN, b"more")[-2:] == [("CONTENT", b"abc", 0), ("CONTENT", b"more", 0)]


def test_between_two_pieces_there_is_a_flush() -> None:
    """Where the answer makes a pause, what was written is sent; at the end that goes without saying."""
    steps = list(steps_of([PLAIN, b"d"]))
    assert [step for step in steps if not isinstance(step, Octets)] == [FLUSH]
    assert steps[-1] == Octets(Part.CONTENT, b"d")


@pytest.mark.parametrize("octets", [CHUNKED, PLAIN, LITERAL, HALF, INTERIM_ALONE, BAD_CHUNK, b"", b"H"])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_no_octet_is_lost_however_it_is_cut(octets: bytes, size: int) -> None:
    """The octets of all steps are the octets written, in whatever pieces."""
    pieces = [octets[start : start + size] for start in range(0, len(octets), size)]
    assert b"".join(piece for _, piece, _ in parts(*pieces)) == octets
