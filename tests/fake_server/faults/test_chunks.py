"""Faults of chunks and trailers."""

from __future__ import annotations

import pytest

from fake_server import BadExpectation, FakeServer, Streamed
from fake_server.faults import Chunked, ChunkSize, Fault, NoChunkEnd, NoLastChunk, Trailers
from tests.fake_server.raw import RawClient, ask, get


def body_of(server: FakeServer, *faults: Fault) -> bytes:
    """The body that is sent, of ``hello`` with *faults*."""
    server.expect("/").respond(data="hello").with_fault(*faults)
    head, _, body = ask(server, get()).partition(b"\r\n\r\n")
    assert b"Content-Length" not in head
    assert head.endswith(b"Transfer-Encoding: chunked")
    return body


@pytest.mark.parametrize(
    ("faults", "body"),
    [
        ([Chunked()], b"5\r\nhello\r\n0\r\n\r\n"),
        ([Chunked((2, 1))], b"2\r\nhe\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n"),
        ([Chunked((4,), extension=b";a=1")], b"4;a=1\r\nhell\r\n1;a=1\r\no\r\n0\r\n\r\n"),
        ([Chunked((3,), line_end=b"\n", seconds=0.0001)], b"3\nhel\n2\nlo\n0\r\n\r\n"),
        ([Chunked((1,)), Chunked((5,))], b"5\r\nhello\r\n0\r\n\r\n"),
        ([ChunkSize(b"zz")], b"zz\r\nhello\r\n0\r\n\r\n"),
        ([Chunked((3,)), ChunkSize(b"", chunk=1)], b"3\r\nhel\r\n\r\nlo\r\n0\r\n\r\n"),
        ([NoChunkEnd()], b"5\r\nhello0\r\n\r\n"),
        ([NoLastChunk()], b"5\r\nhello\r\n"),
        ([Trailers((b"A: 1", b"no colon"))], b"5\r\nhello\r\n0\r\nA: 1\r\nno colon\r\n\r\n"),
        ([Trailers((b"A: 1",)), Trailers((b"B: 2",))], b"5\r\nhello\r\n0\r\nA: 1\r\nB: 2\r\n\r\n"),
    ],
    ids=str,
)
def test_chunks_are_literally_what_is_said(server: FakeServer, faults: list[Fault], body: bytes) -> None:
    """A response without chunks gets them first."""
    assert body_of(server, *faults) == body


def test_what_is_chunked_already_stays_as_it_is(server: FakeServer) -> None:
    """But where the fault is."""
    server.expect("/").respond(Streamed(200, [], [b"ab", b"cd"])).with_fault(ChunkSize(b"zz", chunk=1))
    assert ask(server, get()).endswith(b"\r\n\r\n2\r\nab\r\nzz\r\ncd\r\n0\r\n\r\n")


def test_a_stream_in_other_chunks_has_the_same_content(server: FakeServer) -> None:
    """Its own chunks are forgotten."""
    server.expect("/").respond(Streamed(200, [], [b"ab", b"cde"], trailers=[("A", "1")])).with_fault(Chunked((4,)))
    with RawClient(server) as client:
        response = client.send(get()).response()
    assert [chunk.size for chunk in response.body.chunks or ()] == [4, 1, 0]
    assert response.body.content == b"abcde"
    assert response.body.trailers is not None


def test_a_chunk_without_octets_is_refused() -> None:
    """It would be the last."""
    with pytest.raises(BadExpectation, match="sizes of chunks from 1"):
        Chunked((1, 0))
