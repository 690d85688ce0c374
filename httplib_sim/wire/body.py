"""Bodies: the octets after a head, cut where the framing says.

Law: a reader takes octets from an `Inbox` and gives back parts; joined, the octets of the parts are the octets taken.
One reader for each kind of framing. `ChunkedReader` has a second way, `take_content`, for those who want content only:
the same states in one loop over the buffer, several times faster.
"""

from __future__ import annotations

import functools
import struct
from typing import Final, NamedTuple, Protocol

from .errors import BadChunk, IncompleteMessage, LimitExceeded, RemoteProtocolError, shown
from .fields import Fields
from .framing import BodyKind, Framing
from .grammar import CHUNK_LINE, check_chunk_extension
from .head import parse_trailer_section
from .inbox import NEED_DATA, Inbox, NeedData
from .limits import Leniency, Limits, check_section_limits


class Data(NamedTuple):
    """A piece of content. Where one piece ends and the next begins means nothing."""

    content: bytes

    @property
    def octets(self) -> bytes:
        """The piece itself."""
        return self.content


class ChunkHead(NamedTuple):
    """The size line of a chunk; size 0 is the last chunk (RFC 9112 section 7.1).

    ``size`` in octets; ``extension`` as it stood, with its ";"; ``raw`` the line as received where it is not the usual
    lower-case digits, extension and CRLF, else None.
    """

    size: int
    extension: str = ""
    raw: bytes | None = None

    @property
    def octets(self) -> bytes:
        """The line as it is, or goes, on the wire."""
        if self.raw is not None:
            return self.raw
        return f"{self.size:x}{check_chunk_extension(self.extension)}\r\n".encode("latin-1")


class ChunkTail(NamedTuple):
    """What ends the data of a chunk."""

    octets: bytes = b"\r\n"


CRLF_TAIL: Final = ChunkTail()
"""The end that a chunk's data has, but for oddities."""


class Trailers(NamedTuple):
    """The trailer section and the empty line after it (RFC 9112 section 7.1.2); it is there even if it has no field."""

    fields: Fields
    end: bytes = b"\r\n"

    @property
    def octets(self) -> bytes:
        """The section as it is, or goes, on the wire."""
        return self.fields.octets + self.end


class EndOfMessage(NamedTuple):
    """The message is complete. Nothing on the wire says so: its framing does."""

    @property
    def octets(self) -> bytes:
        """Nothing."""
        return b""


END_OF_MESSAGE: Final = EndOfMessage()
"""What a body ends with."""

BodyPart = Data | ChunkHead | ChunkTail | Trailers | EndOfMessage


class BodyReader(Protocol):
    """Reads one body. `END_OF_MESSAGE` comes last."""

    def next_part(self, inbox: Inbox) -> BodyPart | NeedData:
        """Take the next part from *inbox*; `NEED_DATA` if it is not there yet.

        Raises `RemoteProtocolError`; the octets to blame may then be taken, so whoever wants them back must `rewind`.
        """


def body_reader(framing: Framing, leniency: Leniency, limits: Limits) -> BodyReader:
    """Return a new reader for a body with this *framing*."""
    if framing.kind is BodyKind.CHUNKED:
        return ChunkedReader(leniency, limits)
    if framing.kind in {BodyKind.UNTIL_CLOSE, BodyKind.TUNNEL}:
        return UntilCloseReader()
    return FixedReader(framing.length)


class FixedReader:
    """Reads a body of a length known in advance, which may be 0."""

    __slots__ = ("_length", "remaining")

    def __init__(self, length: int) -> None:
        self._length = length
        self.remaining = length

    def next_part(self, inbox: Inbox) -> BodyPart | NeedData:
        """Take what has arrived of the rest; `END_OF_MESSAGE` once nothing remains."""
        if not self.remaining:
            return END_OF_MESSAGE
        content = inbox.take(self.remaining)
        if content:
            self.remaining -= len(content)
            return Data(content)
        if inbox.at_eof:
            got = self._length - self.remaining
            raise IncompleteMessage(f"expected {self._length} octets of content, got {got} before the connection ended")
        return NEED_DATA


class UntilCloseReader:
    """Reads a body, or a tunnel, that ends with the connection."""

    __slots__ = ()

    def next_part(self, inbox: Inbox) -> BodyPart | NeedData:
        """Take what has arrived; `END_OF_MESSAGE` once the connection has ended."""
        if inbox:
            return Data(inbox.take_all())
        return END_OF_MESSAGE if inbox.at_eof else NEED_DATA


_HEXADECIMAL: Final = b"0123456789abcdef"


class ChunkedReader:
    """Reads a chunked body (RFC 9112 section 7.1).

    ``trailers`` are the trailer fields, None until they have been read. Where in the body we are is ``_expected``: the
    function that reads what comes next.
    """

    __slots__ = ("_expected", "_failure", "_leniency", "_limits", "_loose_tail", "remaining", "trailers")

    def __init__(self, leniency: Leniency, limits: Limits) -> None:
        self._leniency = leniency
        self._limits = limits
        self._expected = ChunkedReader._size_line
        self._failure: RemoteProtocolError | None = None
        self._loose_tail = False
        self.remaining = 0
        self.trailers: Fields | None = None

    @property
    def complete(self) -> bool:
        """Whether the last chunk and the trailer section have been read."""
        return self._expected is ChunkedReader._end

    @property
    def last_chunk_read(self) -> bool:
        """Whether the last chunk has been read: what is still to come, if anything, are trailers."""
        return self._expected in {ChunkedReader._trailer_section, ChunkedReader._end}

    def next_part(self, inbox: Inbox) -> BodyPart | NeedData:
        """Take the next size line, piece of data, end of data, or the trailer section."""
        return self._expected(self, inbox)

    def take_content(self, inbox: Inbox) -> bytes:
        """Take all that has arrived of the body, and return its content; b"" where there is none yet, or no more.

        `complete` then tells whether the body is. Raises as `next_part` does, but only once all content before has been
        given, and leaves in *inbox* what the error is about.
        """
        pieces: list[bytes | bytearray] = []
        self.collect(inbox, pieces)
        return pieces[0] if len(pieces) == 1 and type(pieces[0]) is bytes else b"".join(pieces)

    def collect(self, inbox: Inbox, pieces: list[bytes | bytearray]) -> None:
        """As `take_content`, but add the content to *pieces*, as it comes: it is joined only once."""
        if self._failure is not None:
            raise self._failure
        so_far = len(pieces)
        while not self.complete:
            self._take_regular_chunks(inbox, pieces)
            _, before = inbox.window()
            try:
                part = self.next_part(inbox)
            except RemoteProtocolError as failure:
                inbox.rewind(before)
                self._failure = failure
                if len(pieces) == so_far:
                    raise
                break
            if type(part) is Data:
                pieces.append(part.content)
            elif part is NEED_DATA:
                break

    def _take_regular_chunks(self, inbox: Inbox, pieces: list[bytes | bytearray]) -> None:
        """Take the whole chunks that come first in *inbox* and have plain size lines, without making a part of each."""
        if self._expected is not ChunkedReader._size_line:
            return
        octets, start = inbox.window()
        position = start
        while True:
            eol = octets.find(b"\r\n", position, position + 18)
            digits = octets[position:eol] if eol >= 0 else b""
            if not digits.isalnum() or digits.lower().strip(_HEXADECIMAL) or len(digits) + 2 > self._limits.chunk_line:
                break
            size = int(digits, 16)
            begin = eol + 2
            end = begin + size
            # Servers send runs of chunks of one size: the end of one chunk and the same size line again are one search.
            joint = b"\r\n" + digits + b"\r\n"
            if size and octets[end : end + len(joint)] == joint:
                begin += _take_run(octets, begin, size, joint, pieces)
                end = begin + size
                position = begin - len(digits) - 2
            if octets[end : end + 2] != b"\r\n":
                break
            if not size:  # the last chunk, and no trailers
                position = end + 2
                self.trailers = Fields()
                self._expected = ChunkedReader._end
                break
            pieces.append(octets[begin:end])
            position = end + 2
        inbox.skip(position - start)

    def _size_line(self, inbox: Inbox) -> BodyPart | NeedData:
        line = inbox.take_line()
        most = self._limits.chunk_line
        if (len(inbox) if line is None else len(line)) > most:
            text = f"expected a chunk's size line of at most {most} octets, got a longer one"
            raise LimitExceeded(text, "chunk_line", status_hint=400)
        if line is None:
            return self._wait(inbox, "a chunk's size line")
        head = (_read_size_line if len(line) < 20 else _parse_size_line)(line, self._leniency)
        self.remaining = head.size
        self._expected = ChunkedReader._data if head.size else ChunkedReader._trailer_section
        return head

    def _data(self, inbox: Inbox) -> BodyPart | NeedData:
        content = inbox.take(self.remaining)
        if not content:
            return self._wait(inbox, f"{self.remaining} more octets of a chunk")
        self.remaining -= len(content)
        if not self.remaining:
            # LF alone behind CR is CRLF, and the size one too large: to take it would be to guess.
            self._loose_tail = self._leniency.loose_chunk_lines and not content.endswith(b"\r")
            self._expected = ChunkedReader._tail
        return Data(content)

    def _tail(self, inbox: Inbox) -> BodyPart | NeedData:
        if inbox.startswith(b"\r\n"):
            tail = CRLF_TAIL
        elif inbox.startswith(b"\n") and self._loose_tail:
            tail = ChunkTail(b"\n")
        elif (found := inbox.peek(2)) in {b"", b"\r"}:
            return self._wait(inbox, "CRLF after a chunk's data")
        else:
            wrong = found if found[:1] == b"\r" else found[:1]
            raise BadChunk(f"expected CRLF after a chunk's data, got {shown(wrong)}")
        inbox.skip(len(tail.octets))
        self._expected = ChunkedReader._size_line
        return tail

    def _trailer_section(self, inbox: Inbox) -> BodyPart | NeedData:
        end = b"\r\n" if inbox.startswith(b"\r\n") else b"\n" if inbox.startswith(b"\n") else b""
        section = inbox.take(len(end)) if end else inbox.take_section()
        if section is None:
            check_section_limits(*inbox.window(), self._limits, "field_line", complete=False)
            return self._wait(inbox, "the end of the trailer section")
        self.trailers = parse_trailer_section(section, self._leniency, self._limits)
        self._expected = ChunkedReader._end
        return Trailers(self.trailers, b"\r\n" if section.endswith(b"\r\n") else b"\n")

    def _end(self, inbox: Inbox) -> BodyPart | NeedData:  # noqa: ARG002  one signature for all that can be expected
        return END_OF_MESSAGE

    def _wait(self, inbox: Inbox, expected: str) -> NeedData:
        if inbox.at_eof:
            raise IncompleteMessage(f"expected {expected}, but the connection ended inside a chunked body")
        return NEED_DATA


def _take_run(octets: bytes | bytearray, begin: int, size: int, joint: bytes, pieces: list[bytes | bytearray]) -> int:
    """Add to *pieces* the data, from *begin*, of the chunks of *size* octets that *joint* follows, one by one.

    Return how many octets they and their joints take.
    """
    step = size + len(joint)
    most = (len(octets) - begin) // step
    taken = 0
    with memoryview(octets) as view, view[begin : begin + most * step] as run:
        for data, between in struct.iter_unpack(f"{size}s{len(joint)}s", run):
            if between != joint:
                break
            pieces.append(data)
            taken += step
    return taken


def _parse_size_line(line: bytes, leniency: Leniency) -> ChunkHead:
    """Read chunk-size [ chunk-ext ] CRLF: hexadecimal digits only, no sign, no 0x, no blank before them."""
    crlf = line.endswith(b"\r\n")
    content = line[:-2] if crlf else line[:-1] if leniency.loose_chunk_lines else line
    match = CHUNK_LINE.fullmatch(content.rstrip(b" \t") if leniency.loose_chunk_lines else content)
    # LF alone is to some the line's end, to others one more octet of an extension: that is how chunks are smuggled.
    if match is None or (match[2] and not crlf):
        raise BadChunk(f"expected a chunk's size in hexadecimal digits and CRLF, got {shown(line)}")
    head = ChunkHead(int(match[1], 16), match[2].decode("latin-1"))
    return head if head.octets == line else head._replace(raw=line)


_read_size_line = functools.lru_cache(256)(_parse_size_line)  # servers send few different ones, again and again
