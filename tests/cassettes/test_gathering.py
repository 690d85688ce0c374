"""Bodies gathered from their parts: whether their content is in memory or not, they are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.gathering import Gatherer
from cassettes.large_body import LargeBody, as_held, as_large, content_size, octet_count, side_by_side, without
from cassettes.spool import TemporarySpool
from httplib_sim import wire

CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n"
sizes = st.lists(st.sampled_from([1, 2, 3, 3, 3, 9, 40]), max_size=12)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A response with chunks of all kinds, or with a length; whole, or cut anywhere."""
    content = draw(st.binary(min_size=0, max_size=60))
    if draw(st.booleans()):
        octets = LENGTH.format(len(content)).encode() + content
    else:
        end = draw(st.sampled_from(["\r\n", "\n"])).encode()
        chunks = [
            b"%x%b\r\n%b%b" % (size, draw(st.sampled_from([b"", b";a=1"])), b"x" * size, end) for size in draw(sizes)
        ]
        trailers = draw(st.sampled_from([b"", b"X-Sum: 1\r\n"]))
        octets = CHUNKED.encode() + b"".join(chunks) + b"0\r\n" + trailers + b"\r\n"
    head = octets.index(b"\r\n\r\n") + 4
    return octets[: draw(st.integers(head, len(octets)))] if draw(st.booleans()) else octets


@given(bodies(), st.integers(1, 20), st.integers(0, 30))
def test_a_large_body_is_what_a_small_one_is(octets: bytes, piece: int, large: int) -> None:
    """In every respect, cut wherever it may be; how long it is is known without reading it."""
    reader = wire.ResponseReader(wire.LENIENT, wire.UNLIMITED)
    reader.expect("GET")
    small, gatherer, complete = wire.BodyCollector(), Gatherer(TemporarySpool, large), False
    for start in range(0, len(octets), piece):
        reader.feed(octets[start : start + piece])
        while (event := reader.next_event()) is not wire.NEED_DATA:
            small.add(event)
            gatherer.add(event)
            complete = complete or event is wire.END_OF_MESSAGE
    torn = reader.rest()
    expected, got = small.body(complete=complete, torn=torn), gatherer.body(complete=complete, torn=torn)
    assert isinstance(got, LargeBody) is (len(expected.content) > large)
    assert as_held(got) == expected
    assert got.octets == expected.octets == octets[octets.index(b"\r\n\r\n") + 4 :]
    assert octet_count(got) == len(expected.octets)
    assert content_size(got) == len(expected.content)
    assert as_large(expected).octets == expected.octets
    assert as_large(got) == as_large(expected)


def test_chunks_of_one_size_take_no_room() -> None:
    """A million of them are a run of one."""
    gatherer = Gatherer(TemporarySpool, 10)
    head, data, tail = wire.ChunkHead(16), wire.Data(b"0123456789abcdef"), wire.ChunkTail()
    for _ in range(100_000):
        gatherer.add(head)
        gatherer.add(data)
        gatherer.add(tail)
    gatherer.add(wire.ChunkHead(0))
    gatherer.add(wire.Trailers(wire.Fields()))
    body = gatherer.body()
    assert isinstance(body, LargeBody)
    assert body.frames is not None
    assert list(body.frames.runs()) == [(wire.ChunkHead(16), 100_000), (wire.ChunkHead(0), 1)]
    assert body.tails is None
    assert sum(map(len, body.octet_pieces())) == body.octet_count == 100_000 * 22 + 5


def test_two_contents_are_read_side_by_side() -> None:
    """In pieces from the same places."""
    one, other = as_large(wire.Body(b"a" * 100_000)).source, TemporarySpool()
    for _ in range(1000):
        other.write(b"a" * 100)
    other.finish()
    assert all(left == right for left, right in side_by_side(one, other))
    assert one.sha256 == other.sha256


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_text_is_replaced_across_pieces(size: int) -> None:
    """Wherever the border lies, also where what looks like its beginning is none."""
    content = b"--b--bo--bound..--bound--boun"
    pieces = (content[start : start + size] for start in range(0, len(content), size))
    assert b"".join(without(pieces, b"--bound", b"--")) == content.replace(b"--bound", b"--")
