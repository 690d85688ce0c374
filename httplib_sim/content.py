"""The content of a response as a file: `ContentFile`.

Law: turns the octets of a `Source` into content, by the framing that the head has told, in every way in which a file
can be read; what the head says is `response`'s business. Only the framing ends a body: one that is cut short raises
`IncompleteRead`, with what came.
"""

from __future__ import annotations

import io
import operator
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from . import wire
from .errors import HTTPException, IncompleteRead, ResponseNotReady, chunk_error
from .source import PIECE, DoubtfulFile, RawFile, Source, take_line

if TYPE_CHECKING:

    class _BinaryFile(io.BufferedIOBase, BinaryIO):  # as typeshed has http.client's response
        """What io.TextIOWrapper and the like take, to a type checker."""
else:
    _BinaryFile = io.BufferedIOBase


class ContentFile(_BinaryFile):
    """A readable file, as http.client's response is one; it ends where the body does, and closes itself there.

    ``length`` is how many octets are left of a body of fixed length, else None; ``chunked`` tells of a chunked one.
    """

    # Slots for what is read often: the dictionary that io.BufferedIOBase gives to each object is slow. What is seldom
    # anything else than it is at first is an attribute of the class.
    __slots__ = ("_decoded", "_framed", "_limits", "_source", "length")

    chunked = False
    _chunks: wire.ChunkedReader | None = None
    _raw: Any = None

    enforce_content_length = False
    """Whether ``read(amt)``, `readinto`, `read1` and `readline` raise `IncompleteRead`, too, where a body of fixed
    length is cut short, as `read` does. http.client's do not (CPython issue gh-115997)."""

    length: int | None
    _source: Source | None
    _limits: wire.Limits

    def _read_from(self, source: Source) -> None:
        """Read from *source* from now on, and keep it open until the end."""
        self._source = source
        self._decoded: wire.Inbox | None = None
        self._framed = False
        self.length = None
        source.hold()

    def _frame(self, framing: wire.Framing) -> None:
        """Take the body's framing from the head."""
        self._framed = True
        kind, length = framing
        if kind is wire.BodyKind.CHUNKED:
            self._decode_chunks()
        elif kind is wire.BodyKind.FIXED or kind is wire.BodyKind.NONE:
            self.length = length

    def _refuse(self, problem: HTTPException) -> None:
        """Have *problem* raised whenever content is read, and let go of the connection: where it ends is in doubt."""
        if self._source is not None:
            with_peer(problem, self._source)
        self._close_conn()
        self._read_from(Source.of_file(DoubtfulFile(problem)))

    def _decode_chunks(self) -> None:
        self.chunked = True
        self._chunks = wire.ChunkedReader(wire.CLIENT, self._limits)
        self._decoded = wire.Inbox()

    # The connection below

    @property
    def fp(self) -> Any:  # noqa: ANN401  as in httplib: a file, and whatever file is put in its place
        """The body as it is on the wire, as a file; None once the response has been read or closed."""
        if self._source is not None and self._raw is None:
            self._raw = RawFile(self._source)
        return None if self._source is None else self._raw

    @fp.setter
    def fp(self, file: Any) -> None:  # noqa: ANN401  see above
        if isinstance(self._raw, RawFile):
            self._raw.owns_source = True  # whoever has the file has the connection now
        elif self._raw is None and self._source is not None:
            self._source.let_go()
        self._source = None
        if file is not None:
            self._source = Source.of_file(file)
            self._raw = file
            self._framed = True  # by `length`, if it is set: a file of one's own has no head

    def _safe_read(self, amt: int) -> bytes:
        """Return *amt* octets as they are on the wire, or raise `IncompleteRead`: urllib3 decodes chunks itself."""
        data: bytes = self.fp.read(amt)
        if len(data) < amt:
            raise IncompleteRead(data, amt - len(data))
        return data

    def fileno(self) -> int:
        """Return the descriptor of the socket that the content comes from. Raises OSError once it is closed."""
        if self._source is None:
            raise OSError("the response has been read or closed: it has no descriptor any more")
        return self._source.fileno()

    # Reading

    def read(self, amt: int | None = None) -> bytes:
        """Return the next *amt* octets of the content, fewer only at its end; all that is left if None or negative.

        Raises `IncompleteRead` where the connection ends before the content does; with *amt*, if the length was fixed,
        what came is returned instead, as in httplib (but see ``enforce_content_length``).
        """
        source = self._source
        if source is None:
            return b""
        if amt is None or amt < 0:
            length = self.length
            data = None if length is None else source.inbox.take_whole(length)
            if data is None:
                return self._read_all(source)
            self.length = 0
            self._close_conn()
            return data
        amt = operator.index(amt)
        if self._decoded is not None:
            return self._read_decoded(self._decoded, amt)
        self._check_framed()
        if self.length is None or amt < self.length:
            data = source.inbox.take_whole(amt)
            if data is not None:  # it is here, and not the last: the usual case of small reads, in short
                if self.length is not None:
                    self.length -= amt
                return data
        elif amt > self.length:
            amt = self.length
        data = source.take(amt)
        self._took(len(data), data, ended=len(data) < amt and (self.enforce_content_length or not data))
        return data

    def read1(self, n: int = -1) -> bytes:
        """Return at most *n* octets of the content, any number if negative, by one receive at most; b"" at the end."""
        source = self._source
        if source is None or not n:
            return b""
        most = operator.index(n) if n > 0 else PIECE
        if self._decoded is not None:
            if not self._decoded:
                self._decode_more()
            return self._take_decoded(self._decoded, most)
        self._check_framed()
        if self.length is not None and most > self.length:
            most = self.length
        data = source.inbox.take(most) or (source.receive(min(most, PIECE)) if most else b"")
        self._took(len(data), data, ended=not data)
        return data

    def readinto(self, b: Any) -> int:  # noqa: ANN401  any writable buffer
        """Read content into *b* until it is full or the content ends; return how many octets that are."""
        source = self._source
        if source is None:
            return 0
        with memoryview(b) as given, given.cast("B") as view:
            if view.readonly:
                raise TypeError(f"expected a buffer to write to, got {type(b).__name__}")
            if self._decoded is not None:
                data = self._read_decoded(self._decoded, len(view))
                view[: len(data)] = data
                return len(data)
            self._check_framed()
            size = len(view) if self.length is None else min(len(view), self.length)
            with view[:size] as part:
                count = source.fill(part)
                self._took(count, part, ended=count < size and (self.enforce_content_length or not count))
            return count

    def peek(self, n: int = -1) -> bytes:  # noqa: ARG002  a hint, as in io.BufferedReader
        """Return content that comes next, at least one octet unless at the end, and leave it."""
        source = self._source
        if source is None:
            return b""
        if self._decoded is not None:
            if not self._decoded:
                self._decode_more()
            return self._decoded.peek(PIECE)
        self._check_framed()
        most = PIECE if self.length is None else min(PIECE, self.length)
        if most and not source.inbox:
            source.more(most)
        return source.inbox.peek(most)

    def readline(self, limit: int | None = -1) -> bytes:
        """Return the next line of the content with its LF, at most *limit* octets of it; b"" at the end."""
        source = self._source
        if source is None:
            return b""
        if limit == -1 and self._framed and self._decoded is None:
            whole = source.inbox.take_line()
            if whole is not None:  # it is here, and not the last: the usual case of reading lines, in short
                if self.length is None:
                    return whole
                if len(whole) < self.length:
                    self.length -= len(whole)
                    return whole
                source.inbox.rewind(source.inbox.window()[1] - len(whole))
        most = sys.maxsize if limit is None or limit < 0 else operator.index(limit)
        if self._decoded is not None:
            line = take_line(self._decoded, most, lambda _: self._decode_more())
            self._finish_if_decoded()
            return line
        self._check_framed()
        if self.length is not None:
            most = min(most, self.length)
        line = take_line(source.inbox, most, source.more)
        self._took(len(line), line, ended=len(line) < most and not line.endswith(b"\n"))
        return line

    def readable(self) -> bool:
        """Always true."""
        return True

    def __iter__(self) -> Self:
        return self

    def _read_all(self, source: Source) -> bytes:
        """Return all the content that is left."""
        length = self.length
        if length is not None:
            data = source.take(length)
            self.length = left = length - len(data)
            self._close_conn()
            if left:
                raise incomplete(source, data, left)
            return data
        if self._chunks is not None:
            return self._read_all_chunks(self._chunks, cast("wire.Inbox", self._decoded))
        self._check_framed()
        data = source.take_all()
        self._took(len(data), data, ended=True)
        return data

    def _check_framed(self) -> None:
        if not self._framed:
            raise ResponseNotReady("begin() has not been called")

    def _took(self, count: int, data: bytes | memoryview, *, ended: bool) -> None:
        """Note that *count* octets of the body, the first of *data*, were taken; *ended*: the connection did, too."""
        if self.length is not None:
            self.length -= count
            if not self.length:
                self._close_conn()
                return
        if ended:
            source = cast("Source", self._source)
            self._close_conn()
            cut = self.enforce_content_length if self.length is not None else source.torn is not None
            if cut:
                raise incomplete(source, bytes(data[:count]), self.length) from source.torn

    # Chunks

    def _read_all_chunks(self, chunks: wire.ChunkedReader, decoded: wire.Inbox) -> bytes:
        pieces: list[bytes | bytearray] = [decoded.take_all()] if decoded else []
        try:
            while self._decode(chunks, pieces):
                pass
        except IncompleteRead as problem:
            problem.partial = b"".join(pieces)
            problem.args = (problem.partial,)
            raise
        except BaseException:
            decoded.feed(b"".join(pieces))
            raise
        self._close_conn()
        return b"".join(pieces)

    def _read_decoded(self, decoded: wire.Inbox, amt: int) -> bytes:
        """Return the next *amt* octets of what the chunks carry, fewer only at the end."""
        try:
            while len(decoded) < amt and self._decode_more():
                pass
        except IncompleteRead as problem:
            problem.partial = decoded.take_all()
            problem.args = (problem.partial,)
            raise
        data = decoded.take(amt)
        if len(data) < amt:
            self._finish_if_decoded()
        return data

    def _take_decoded(self, decoded: wire.Inbox, most: int) -> bytes:
        data = decoded.take(most)
        self._finish_if_decoded()
        return data

    def _finish_if_decoded(self) -> None:
        """Close, if all of the body has been decoded and taken."""
        if not self._decoded and (self._chunks is None or self._chunks.complete):
            self._close_conn()

    def _decode_more(self) -> bool:
        """Decode the next chunks that have come, or else come; False at the end of the body."""
        if self._source is None or self._chunks is None:
            return False
        pieces: list[bytes | bytearray] = []
        self._decode(self._chunks, pieces)
        if pieces:
            cast("wire.Inbox", self._decoded).feed(b"".join(pieces))
        return bool(pieces)

    def _decode(self, chunks: wire.ChunkedReader, pieces: list[bytes | bytearray]) -> bool:
        """Add to *pieces* what the next chunks carry, at least one octet; False at the end of the body."""
        source = cast("Source", self._source)
        so_far = len(pieces)
        while True:
            try:
                chunks.collect(source.inbox, pieces)
            except wire.RemoteProtocolError as problem:
                if isinstance(problem, wire.IncompleteMessage) and chunks.last_chunk_read:
                    self._chunks = None
                    return False  # complete all the same (RFC 9112 section 8): only its trailers were cut
                self._close_conn()
                raise with_peer(chunk_error(problem, self._limits), source) from problem
            if len(pieces) > so_far:
                return True
            if chunks.complete:
                return False
            if not source.inbox.at_eof and not source.more():
                source.inbox.feed_eof()

    # The end

    @property
    def has_more(self) -> bool:
        """Whether there may be content that was not read."""
        return self._source is not None and self.length != 0

    def _close_conn(self) -> None:
        """There is no more to read: let go of the connection (http.client's name: programs put in their own)."""
        source, self._source = self._source, None
        if source is not None:
            source.let_go()


def with_peer(problem: HTTPException, source: Source) -> HTTPException:
    """Note at the exception whose response it is about, where that is known."""
    if source.peer is not None:
        problem.add_note(f"reading the response of {source.peer[0]}, port {source.peer[1]}")
    return problem


def incomplete(source: Source, partial: bytes, expected: int | None = None) -> HTTPException:
    """Return an `IncompleteRead` with what came, and how many octets are missing."""
    return with_peer(IncompleteRead(partial, expected), source)
