"""Faults of the content and of its pace."""

from __future__ import annotations

import gzip
import ssl
from typing import TYPE_CHECKING

import pytest

from fake_server import FakeServer, Streamed
from fake_server.faults import (
    BadRecord,
    ByteOrderMark,
    Chunked,
    Corrupt,
    CorruptGzip,
    Drip,
    Fault,
    Insert,
    Rate,
    Slice,
    TruncatedGzip,
    Unzippable,
)
from tests.fake_server.raw import RawClient, get

if TYPE_CHECKING:
    from httplib_sim import wire

FRAMES: list[tuple[Fault, ...]] = [(), (Chunked((2,)),)]


def answered(server: FakeServer, *faults: Fault) -> wire.Response:
    """The response to a request whose answer is ``hello`` with *faults*."""
    server.expect("/").respond(data="hello").with_fault(*faults)
    with RawClient(server) as client:
        return client.send(get()).response()


@pytest.mark.parametrize("frame", FRAMES, ids=["length", "chunks"])
def test_one_octet_is_corrupted(server: FakeServer, frame: tuple[Fault, ...]) -> None:
    """The one at the offset, whatever the framing."""
    assert answered(server, *frame, Corrupt(4)).body.content == b"hell" + bytes([ord("o") ^ 0xFF])


def test_an_octet_that_is_not_there_cannot_be_corrupted(server: FakeServer) -> None:
    """The test is told."""
    assert answered(server, Corrupt(5)).head.status == 500
    assert "more than 5 octets" in str(server.handler_errors[0])


@pytest.mark.parametrize("frame", FRAMES, ids=["length", "chunks"])
def test_gzip_may_be_none_or_cut_or_wrong(frame: tuple[Fault, ...]) -> None:
    """The framing is right in each case, so that only who decodes it notices."""
    got = {}
    for fault in (Unzippable(), TruncatedGzip(), CorruptGzip()):
        with FakeServer() as server:
            response = answered(server, *frame, fault)
        assert response.head.fields.get("content-encoding") == "gzip"
        assert response.body.complete
        got[type(fault)] = response.body.content
    assert got[Unzippable] == b"hello"
    assert gzip.compress(b"hello", mtime=0).startswith(got[TruncatedGzip])
    with pytest.raises(EOFError):
        gzip.decompress(got[TruncatedGzip])
    with pytest.raises(gzip.BadGzipFile, match="CRC"):
        gzip.decompress(got[CorruptGzip])


def test_a_byte_order_mark_is_counted(server: FakeServer) -> None:
    """It is content as any."""
    response = answered(server, ByteOrderMark())
    assert (response.body.content, response.head.fields.get("content-length")) == (b"\xef\xbb\xbfhello", "8")


def test_octets_are_inserted_anywhere(server: FakeServer) -> None:
    """Whatever they mean there."""
    server.expect("/").respond(data="hello").with_fault(
        Insert(b"A: 1\r\n", after="status-line"), Insert(b"!", after="body[:2]")
    )
    with RawClient(server) as client:
        client.send(get())
        assert client.response().body.content == b"he!ll"
    assert b"OK\r\nA: 1\r\n" in server.journal[0].sent


@pytest.mark.parametrize("fault", [Drip(seconds=0), Drip(3, 0, "headers"), Slice(seconds=0), Rate(100_000)], ids=str)
def test_a_slow_response_loses_nothing(server: FakeServer, fault: Fault) -> None:
    """Whatever the pieces."""
    assert answered(server, fault).body.content == b"hello"


def test_a_drip_is_pieces(server: FakeServer) -> None:
    """Each a send of its own; from a position on."""
    answered(server, Drip(2, 0, "headers"))
    entry = server.journal[0]
    assert [len(part) for part in entry.parts[1:]] == [2, 1]
    assert entry.parts[0].endswith(b"\r\n\r\nhe")


def test_slices_are_the_same_with_the_same_seed() -> None:
    """Chance that can be repeated."""
    runs = []
    for seed in (1, 1, 2):
        with FakeServer() as server:
            answered(server, Slice(8, 7, seed, 0))
            assert server.journal[0].done or server.journal[0].outcome
            runs.append(server.journal[0].parts)
    assert runs[0] == runs[1] != runs[2]


def test_what_streams_is_slow_piece_by_piece(server: FakeServer) -> None:
    """The position is found across pieces."""
    server.expect("/").respond(Streamed(200, [], [b"ab", b"cd"])).with_fault(Drip(1, 0, "chunk[0]"))
    with RawClient(server) as client:
        assert client.send(get()).response().body.content == b"abcd"


def test_a_record_that_nobody_can_read_breaks_tls() -> None:
    """What was sent before it has come."""
    with FakeServer(tls=True) as server:
        server.expect("/").respond(data="hello").with_fault(BadRecord(after="body[:2]"))
        with RawClient(server) as plain:
            context = server.tls.client_context()
            with context.wrap_socket(plain.sock, server_hostname="localhost") as sock:
                sock.sendall(get())
                assert sock.recv(1000).endswith(b"he")
                with pytest.raises(ssl.SSLError, match="DECRYPTION_FAILED_OR_BAD_RECORD_MAC"):
                    sock.recv(1000)
