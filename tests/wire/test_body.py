"""Body readers one by one; cases/chunked.md and cases/incomplete.md have the octets."""

from __future__ import annotations

import pytest

from httplib_sim.wire import (
    CLIENT,
    END_OF_MESSAGE,
    LIMITS,
    NEED_DATA,
    BadChunk,
    BodyKind,
    ChunkedReader,
    ChunkHead,
    ChunkTail,
    Data,
    EndOfMessage,
    Fields,
    FixedReader,
    Framing,
    Inbox,
    IncompleteMessage,
    Limits,
    LocalProtocolError,
    Trailers,
    UntilCloseReader,
    body_reader,
)


def test_the_reader_for_each_framing() -> None:
    """Each kind of framing has its reader."""
    expected = {
        BodyKind.NONE: FixedReader,
        BodyKind.FIXED: FixedReader,
        BodyKind.CHUNKED: ChunkedReader,
        BodyKind.UNTIL_CLOSE: UntilCloseReader,
        BodyKind.TUNNEL: UntilCloseReader,
    }
    for kind in BodyKind:
        assert type(body_reader(Framing(kind, 0), CLIENT, LIMITS)) is expected[kind]


def test_a_fixed_body_ends_by_itself() -> None:
    """What is behind the body stays in the inbox."""
    inbox, reader = Inbox(b"hel"), FixedReader(5)
    assert reader.next_part(inbox) == Data(b"hel")
    assert (reader.remaining, reader.next_part(inbox)) == (2, NEED_DATA)
    inbox.feed(b"lo, next")
    assert reader.next_part(inbox) == Data(b"lo")
    assert reader.next_part(inbox) is END_OF_MESSAGE
    assert inbox.take_all() == b", next"


def test_an_empty_fixed_body_asks_for_nothing() -> None:
    """A body of length 0 is over before anything has come."""
    assert FixedReader(0).next_part(Inbox()) is END_OF_MESSAGE


def test_until_close() -> None:
    """Only the end of the connection ends it; that nothing is there does not."""
    inbox, reader = Inbox(), UntilCloseReader()
    assert reader.next_part(inbox) is NEED_DATA
    inbox.feed(b"x")
    assert reader.next_part(inbox) == Data(b"x")
    assert reader.next_part(inbox) is NEED_DATA
    inbox.feed_eof()
    assert reader.next_part(inbox) is END_OF_MESSAGE


def test_content_comes_as_it_arrives() -> None:
    """Half a chunk is given out before the other half is there: nothing is held back."""
    inbox, reader = Inbox(b"5\r\nhe"), ChunkedReader(CLIENT, LIMITS)
    assert reader.take_content(inbox) == b"he"
    assert reader.take_content(inbox) == b""
    before = reader.complete
    inbox.feed(b"llo\r\n0\r\nX: 1\r\n\r\nnext")
    assert reader.take_content(inbox) == b"llo"
    assert (before, reader.complete) == (False, True)
    assert reader.trailers == Fields([("X", "1")])
    assert reader.take_content(inbox) == b""
    assert inbox.take_all() == b"next"


def test_both_ways_may_be_mixed() -> None:
    """Parts and content are read from the same states."""
    inbox, reader = Inbox(b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"), ChunkedReader(CLIENT, LIMITS)
    assert [reader.next_part(inbox) for _ in range(3)] == [ChunkHead(1), Data(b"a"), ChunkTail()]
    assert reader.next_part(inbox) == ChunkHead(1)
    assert reader.take_content(inbox) == b"bc"
    assert reader.next_part(inbox) == END_OF_MESSAGE


def test_an_error_comes_after_the_content_before_it() -> None:
    """What came in good order is given first, then the error, again and again; what it is about is left."""
    inbox, reader = Inbox(b"5\r\nhello\r\nzz\r\nrest"), ChunkedReader(CLIENT, LIMITS)
    assert reader.take_content(inbox) == b"hello"
    for _ in range(2):
        with pytest.raises(BadChunk, match="zz"):
            reader.take_content(inbox)
    assert inbox.take_all() == b"zz\r\nrest"


def test_a_torn_chunk_gives_its_content_first() -> None:
    """A connection that ended in a chunk: the content that came, then the error."""
    inbox, reader = Inbox(b"5\r\nhel"), ChunkedReader(CLIENT, LIMITS)
    inbox.feed_eof()
    assert reader.take_content(inbox) == b"hel"
    with pytest.raises(IncompleteMessage, match="2 more octets"):
        reader.take_content(inbox)


def test_one_chunk_is_not_copied_twice() -> None:
    """The content of a single piece is that piece, as bytes, whatever the buffer was."""
    inbox, reader = Inbox(b"5\r\nhel"), ChunkedReader(CLIENT, LIMITS)
    inbox.feed(b"lo\r\n3\r\nabc\r\n")
    content = reader.take_content(inbox)
    assert type(content) is bytes
    assert content == b"helloabc"


def test_a_size_line_as_long_as_its_limit() -> None:
    """The quick way holds the limits, too."""
    inbox, reader = Inbox(b"05\r\nhello\r\n005\r\nhello\r\n"), ChunkedReader(CLIENT, Limits(chunk_line=4))
    assert reader.take_content(inbox) == b"hello"
    with pytest.raises(Exception, match="at most 4 octets"):
        reader.take_content(inbox)


def test_parts_made_by_hand() -> None:
    """Parts are written the usual way; a size line with a bad extension is not written at all."""
    assert ChunkHead(255, ";a=b").octets == b"ff;a=b\r\n"
    assert ChunkHead(255, "", b"0FF\r\n").octets == b"0FF\r\n"
    assert ChunkTail().octets == b"\r\n"
    assert Trailers(Fields([("X", "1")])).octets == b"X: 1\r\n\r\n"
    assert EndOfMessage().octets == b""
    with pytest.raises(LocalProtocolError, match="chunk extension"):
        assert ChunkHead(1, ";a\r\nb").octets
