"""The heads that nearly all responses have, read in one go.

Law: a fast path, and nothing else: for the heads it takes, it says what `parse_response_head`, `response_framing` and
`keeps_alive` say, with the leniency of a client (`CLIENT`); any other it leaves where it is, for them. Whatever is odd
about a head makes it another: nothing is decided here about what is odd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .fields import DECISIVE
from .grammar import STATUS_LINE
from .inbox import EMPTY_LINE

if TYPE_CHECKING:
    from .inbox import Inbox
    from .limits import Limits

CHUNKED_LENGTH: Final = -1
"""Stands for the length of a chunked body in what `take_plain_head` returns."""

PlainHead = tuple[int, str, bytes, bytes, int, bool, bytes]
"""What `take_plain_head` returns."""

_USUAL_LINE: Final = b"HTTP/1.1 200 OK\r\n"
_USUAL: Final = (200, "OK")

_STATUS_LINES: dict[bytes, tuple[int, str] | None] = {}
"""Other status lines that were read, as octets; None for those of responses that are not plain."""
_MOST_STATUS_LINES: Final = 256


def take_plain_head(inbox: Inbox, limits: Limits) -> PlainHead | None:
    """Take the head of a plain response, if that is what comes first in *inbox*; else take nothing, and return None.

    Returns status and reason; the field lines as received, and as `Fields.lowered` has them; the body's length in
    octets, or `CHUNKED_LENGTH`; whether the connection persists; and the octets of the whole head. It must not be asked
    about responses to HEAD and CONNECT. Plain is HTTP/1.1 with a final status that has content, and one Content-Length
    or Transfer-Encoding: chunked, spelled the usual way.
    """
    octets, start = inbox.window()
    found = EMPTY_LINE.search(octets, start)
    if found is None or type(octets) is not bytes:
        return None
    last, end = found.span()
    if octets.startswith(_USUAL_LINE, start):
        first = start + len(_USUAL_LINE)
        known: tuple[int, str] | None = _USUAL
    else:
        first = octets.index(b"\n", start) + 1
        line = octets[start:first]
        known = _STATUS_LINES[line] if line in _STATUS_LINES else _learn(line)
    if known is None or not _is_within(limits, octets, first, end):
        return None
    section = octets[first : last + 1]
    lowered = b"\n" + section.lower()
    meaning = _meaning(DECISIVE.findall(lowered))
    if meaning is None:
        return None
    inbox.skip(end - start)
    return known[0], known[1], section, lowered, meaning[0], meaning[1], octets[start:end]


def _is_within(limits: Limits, octets: bytes, first: int, end: int) -> bool:
    """Whether a head with its field lines from *first* to *end* is within the limits, whatever its lines are."""
    size = end - first
    if size > limits.field_line or end > limits.start_line or end > limits.head:
        return False
    # A line has at least two octets, and of short heads the lines need not be counted.
    return size <= 2 * limits.field_lines or octets.count(b"\n", first, end) <= limits.field_lines + 1


def _meaning(decisive: list[tuple[bytes, bytes]]) -> tuple[int, bool] | None:
    """The body's length and whether the connection persists, as the decisive lines say; None if that is not plain."""
    persists = True
    if len(decisive) == 2:
        name, value = decisive.pop(decisive[1][0] == b"connection")
        persists = value != b": close\r"
        if name != b"connection" or (persists and value != b": keep-alive\r"):
            return None
    if len(decisive) != 1:
        return None
    name, value = decisive[0]
    digits = value[2:-1]
    if name == b"content-length" and value == b": %b\r" % digits and len(digits) < 16 and digits.isdigit():
        return int(digits), persists
    return (CHUNKED_LENGTH, persists) if name == b"transfer-encoding" and value == b": chunked\r" else None


def _learn(line: bytes) -> tuple[int, str] | None:
    """Read a status line, and remember it."""
    match = STATUS_LINE.fullmatch(line)
    known = None
    if match is not None and match[1] == match[2] == b"1":
        status = int(match[3])
        if status >= 200 and status not in {204, 304}:
            known = status, match[4].decode("latin-1").strip(" \t")
    if len(_STATUS_LINES) < _MOST_STATUS_LINES and len(line) < 100:
        _STATUS_LINES[line] = known
    return known
