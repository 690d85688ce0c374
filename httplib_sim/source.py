"""Where a response's octets come from: a socket, and what of it has arrived already.

Law: the only place of the client that receives. Octets that came early stay with the socket they came from, so the
next response finds them. At most `PIECE` octets are asked for at once, unless it is known that more must come. What the
octets mean is not known here.
"""

from __future__ import annotations

import io
import operator
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from . import wire

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE: Final = 65_536
"""Octets asked of the socket at once: for more, the C library would map and unmap memory for every piece."""

_FIRST_BLOCK: Final = 1_048_576
"""A length is a claim: memory for a long content is taken in steps that double from this size (CVE-2025-13836)."""
_CREDIBLE_PART: Final = 16
"""Once so small a part of a long content has come, memory for all of it is taken."""


class Source:
    """The receiving side of one connection.

    *sock* is a socket; or anything that has ``makefile``, and then the file is what is read; or anything that has
    ``recv``. A socket that counts the files made of it (as `socket.socket` does) is read directly, and counted on all
    the same: closing it waits for `let_go`, as it would wait for the file.
    """

    __slots__ = (
        "_counted",
        "_exact",
        "_file",
        "_held",
        "_receive",
        "inbox",
        "is_shared",
        "is_spoilt",
        "peer",
        "sock",
        "torn",
    )

    def __init__(self, sock: Any, peer: tuple[str, int] | None = None) -> None:  # noqa: ANN401  see above
        self.sock = sock
        self.peer = peer
        self.inbox = wire.Inbox()
        self.is_spoilt = False
        """A response was given up half-read: what comes next is the rest of it."""
        self.torn: OSError | None = None
        """What TLS said if the connection ended without saying so: whoever needs its end to be true must ask."""
        self._file: Any = None
        self.is_shared = True
        """Whether one response after the other may read from it: not where each reads a file of its own."""
        self._held = self._exact = False
        self._counted = isinstance(getattr(sock, "_io_refs", None), int)  # a double may have any attribute
        if self._counted or not hasattr(sock, "makefile"):
            self._receive: Callable[[int], bytes] = sock.recv
        else:
            self._file = sock.makefile("rb")
            self.is_shared = False
            self._receive = _reader_of(self._file)

    @classmethod
    def of_file(cls, file: Any) -> Source:  # noqa: ANN401  any binary file
        """Return a source that reads a *file* from where it stands."""
        self = cls.__new__(cls)
        self.sock = self._file = file
        self.peer = None
        self.is_shared = False
        self._counted = self._exact = False
        self._held = True
        self.inbox = wire.Inbox()
        self.torn = None
        self.is_spoilt = False
        self._receive = _reader_of(file)
        return self

    def hold(self) -> None:
        """Keep the socket open, whoever closes it, until `let_go`."""
        if not self._held:
            self._held = True
            if self._counted:
                self.sock._io_refs += 1  # noqa: SLF001  what socket.socket.makefile does

    def let_go(self) -> None:
        """Undo `hold`: a socket that was closed meanwhile now really is; a file is closed. Once more does nothing."""
        if self._held:
            self._held = False
            if self._counted:
                sock = self.sock
                if sock._closed:  # noqa: SLF001
                    sock._decref_socketios()  # noqa: SLF001  what closing the file of socket.socket.makefile does
                else:
                    sock._io_refs -= 1  # noqa: SLF001  the same, without a call
            elif self._file is not None:
                self._file.close()

    def is_idle(self) -> bool:
        """Tell whether the next response can begin here: no other is being read, and nothing has come unasked."""
        return not (self._held or self._exact or self.is_spoilt) and self.inbox.is_empty()

    def has_unasked(self) -> bool:
        """Tell whether there are octets that nobody has asked for: here, or still in the socket.

        What was sent with the end of a response is here, unless no more was received than that response.
        """
        if self._exact and self._counted and not self.inbox:
            self._exact = False
            self._look()
        return bool(self.inbox)

    def _look(self) -> None:
        """Take the next octet if it is there, without waiting. What is wrong with the socket shows when it is used."""
        sock = self.sock
        timeout = sock.gettimeout()
        try:
            sock.settimeout(0)
            self.inbox.feed(sock.recv(1))
        except OSError:
            return
        finally:
            sock.settimeout(timeout)

    def fileno(self) -> int:
        """Return the descriptor. Raises what the socket raises if it has none."""
        number: int = self.sock.fileno()
        return number

    def receive(self, most: int = PIECE) -> bytes:
        """Return the octets that come next from the socket itself, at most *most*; b"" at the end."""
        try:
            return self._receive(most)
        except OSError as problem:
            return self._end(problem)

    def _end(self, problem: OSError) -> bytes:
        """Return b"" if *problem* is but the way in which the connection ended; raise it if not."""
        if not _is_missing_close_notify(problem):
            raise problem
        self.torn = problem
        return b""

    def more(self, most: int = PIECE) -> bool:
        """Get the next piece into the inbox; False at the end.

        Of a file no more than a line, nor more than *most* octets: what follows a body belongs to the file's owner.
        """
        if self._file is not None:
            data = self._file.readline(min(most, PIECE))
        else:
            try:
                data = self._receive(PIECE)
            except OSError as problem:
                data = self._end(problem)
        if data:
            self.inbox.feed(data)
            return True
        return False

    def put_back(self, octets: bytes) -> None:
        """Put *octets* before all that is there: whoever has taken them was interrupted, and will come again."""
        self.inbox.feed(octets + self.inbox.take_all())

    def take(self, count: int) -> bytes:
        """Return the next *count* octets, fewer only where the connection ends.

        Raises what the socket raises, a time-out above all, and then has lost nothing: it can be called again.
        """
        first = self.inbox.take(count)
        missing = count - len(first)
        if not missing:
            return first
        if self._file is None and missing <= PIECE:
            return self._take_by_inbox(first, missing)
        self._exact = True
        if missing > PIECE:
            return self._take_long(first, missing)
        pieces = [first]
        try:
            while missing and (data := self.receive(missing)):
                pieces.append(data)
                missing -= len(data)
        except BaseException:
            self.put_back(b"".join(pieces))
            raise
        return b"".join(pieces)

    def _take_by_inbox(self, first: bytes, missing: int) -> bytes:
        """As `take`: with what comes beyond left in the inbox, so that small reads are no calls of the system."""
        inbox = self.inbox
        try:
            while len(inbox) < missing and self.more():
                pass
        except BaseException:
            self.put_back(first)
            raise
        return first + inbox.take(missing) if first else inbox.take(missing)

    def take_all(self) -> bytes:
        """Return all the octets until the connection ends. Raises as `take` does."""
        pieces = [self.inbox.take_all()]
        try:
            while data := self.receive():
                pieces.append(data)
        except BaseException:
            self.put_back(b"".join(pieces))
            raise
        return b"".join(pieces)

    def fill(self, view: memoryview) -> int:
        """Put the next octets into *view* until it is full or the connection ends; return how many."""
        if self._file is None and len(view) <= PIECE:
            octets = self.take(len(view))
            view[: len(octets)] = octets
            return len(octets)
        first = self.inbox.take(len(view))
        view[: len(first)] = first
        self._exact = True
        try:
            return len(first) + self._receive_into(view[len(first) :])
        except BaseException:
            self.put_back(first)
            raise

    def _take_long(self, first: bytes, missing: int) -> bytes:
        """As `take`: into a buffer that grows as octets really come, and becomes the result without being copied."""
        total = len(first) + missing
        buffer, end = io.BytesIO(first), len(first)
        try:
            while end < total:
                size = _next_size(end, total)
                larger = io.BytesIO(bytes(size))  # zeros that the system only gives memory for when they are written
                with buffer.getbuffer() as before:
                    larger.write(before[:end])
                buffer = larger
                with buffer.getbuffer() as whole, whole[end:size] as view:
                    end += self._receive_into(view)
                if end < size:
                    break
        except BaseException:
            self.put_back(buffer.getvalue()[:end])
            raise
        buffer.truncate(end)
        return buffer.getvalue()

    def _receive_into(self, view: memoryview) -> int:
        """Receive until *view* is full or the connection ends; return how many octets came.

        If the socket raises, what came before is put into the inbox.
        """
        filled, size = 0, len(view)
        flags = (socket.MSG_WAITALL,) if type(self.sock) is socket.socket and self.sock.gettimeout() is None else ()
        direct = self.sock.recv_into if self._file is None and _leaves_no_view(self.sock) else None
        try:
            while filled < size:
                with view[filled:] as rest:
                    if direct is None:
                        count = len(data := self.receive(min(len(rest), PIECE)))
                        rest[:count] = data
                    else:
                        count = self._receive_directly(direct, rest, flags)
                if not count:
                    break
                filled += count
        except BaseException:
            self.inbox.feed(view[:filled])
            raise
        return filled

    def _receive_directly(self, direct: Callable[..., int], view: memoryview, flags: tuple[int, ...]) -> int:
        try:
            return direct(view, len(view), *flags)
        except OSError as problem:
            return len(self._end(problem))


class RawFile(io.BufferedIOBase):
    """The octets of a source as a file: the body as it is on the wire, for those who read ``HTTPResponse.fp``."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.owns_source = False

    def readable(self) -> bool:
        """Always true."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._source.fileno()

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next *size* octets, fewer only at the end; all there are if it is None or negative."""
        if size is not None and size >= 0:
            return self._source.take(operator.index(size))
        return self._source.take_all()

    def read1(self, size: int = -1, /) -> bytes:
        """Return the next octets, at most *size*, with at most one receive."""
        most = PIECE if size < 0 else operator.index(size)
        if not most:
            return b""
        return self._source.inbox.take(most) or self._source.receive(min(most, PIECE))

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  any writable buffer
        """Put the next octets into *buffer*, at least one unless at the end; return how many they are."""
        with memoryview(buffer) as view, view.cast("B") as octets:
            if octets.readonly:
                raise TypeError(f"expected a buffer to write to, got {type(buffer).__name__}")
            data = self.read1(len(octets))
            octets[: len(data)] = data
            return len(data)

    def peek(self, size: int = 0, /) -> bytes:  # noqa: ARG002  a hint, as in io.BufferedReader
        """Return octets that come next, at least one unless at the end, and leave them."""
        if not self._source.inbox:
            self._source.more()
        return self._source.inbox.peek(PIECE)

    def readline(self, limit: int | None = -1, /) -> bytes:
        """Return the next line with its LF, at most *limit* octets of it; b"" at the end."""
        most = sys.maxsize if limit is None or limit < 0 else operator.index(limit)
        return take_line(self._source.inbox, most, self._source.more)

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            super().close()
            self._source.let_go()

    def __del__(self) -> None:
        """Let go of the socket, if the response has given it away; else it is the response's."""
        if self.owns_source:
            self._source.let_go()


class DoubtfulFile(io.RawIOBase):
    """A file that is there to be seen, not to be read: to read from it raises *problem*."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401, ARG002  io.RawIOBase's
        """Raise what is the matter."""
        raise self._problem


def _leaves_no_view(sock: Any) -> bool:  # noqa: ANN401  anything that has recv()
    """Tell whether *sock* keeps no view of what it receives into: another's may, in the traceback of its error.

    CPython cannot collect an `io.BytesIO` in a cycle with its view: 3.13 complains, 3.12.1 crashes (gh-111331, 111211).
    """
    ssl = sys.modules.get("ssl")
    return type(sock) is socket.socket or (ssl is not None and type(sock) is ssl.SSLSocket)


def _next_size(end: int, total: int) -> int:
    """How large a buffer is to be for a content of *total* octets of which *end* have come."""
    return total if end * _CREDIBLE_PART >= total else min(max(_FIRST_BLOCK, 2 * end), total)


def take_line(inbox: wire.Inbox, most: int, more: Callable[[int], bool]) -> bytes:
    """Take the next line with its LF, at most *most* octets of it.

    *more* is asked to bring more, and how many octets at most are of use, and tells whether it did.
    """
    searched = 0
    while searched < most:
        octets, start = inbox.window()
        end = octets.find(b"\n", start + searched, start + most)
        if end >= 0:
            return inbox.take(end + 1 - start)
        searched = len(inbox)
        if searched < most and not more(most - searched):
            break
    return inbox.take(most)


def _reader_of(file: Any) -> Callable[[int], bytes]:  # noqa: ANN401  any binary file
    """Return a function that reads what is there, at most so many octets, and waits only if there is nothing."""
    if hasattr(file, "read1"):
        read1: Callable[[int], bytes] = file.read1
        return read1
    # What has no more than read() waits until it has all it was asked for: so it is asked for no more than must come.
    return lambda most: file.read(min(most, 1))


def _is_missing_close_notify(problem: OSError) -> bool:
    """Tell whether the peer ended a TLS connection without saying so (RFC 8446 section 6.1): it may have been cut."""
    ssl = sys.modules.get("ssl")  # where it is not loaded, nothing of it was raised
    return ssl is not None and isinstance(problem, ssl.SSLEOFError)
