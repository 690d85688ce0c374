"""How much of a message is accepted, and how much of what the grammar forbids.

Law: numbers and switches, and the one function that holds a section against the numbers; nothing is parsed here. Two
roles, two leniencies: a client must read what the servers of this world send; a server must not guess, since guessing
is how requests are smuggled (RFC 9112 section 11.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is accepted of one message; what goes past it raises `LimitExceeded`.

    The first three are the ones of httplib and http.client (CVE-2013-1752). Sizes are in octets, terminators included.
    """

    start_line: int = 65_536
    field_line: int = 65_536
    """For one line; a folded one (RFC 9112 section 5.2) counts as several."""
    field_lines: int = 100
    """For a header section and for a trailer section, each."""
    head: int = 1_048_576
    """Start line and header section together; also for a trailer section."""
    chunk_line: int = 16_384
    """A chunk's size with its extensions (RFC 9112 section 7.1.1: bound them)."""
    interim_responses: int = 100
    """Before one final response (CVE-2021-3737)."""


@dataclass(frozen=True, slots=True)
class Leniency:
    """Which breaches of the grammar are read all the same. Each says who may be lenient, or who makes it necessary."""

    bare_lf: bool = False
    """LF alone ends a line of the head or of the trailer section (RFC 9112 section 2.2: a recipient MAY)."""
    leading_empty_lines: bool = False
    """Empty lines before the start line are passed over (RFC 9112 section 2.2: a server SHOULD)."""
    loose_start_line: bool = False
    """Any run of blanks between the words, and no blank before an empty reason (RFC 9112 sections 3 and 4: MAY)."""
    bad_field_lines: bool = False
    """A line without a colon or name, blanks before the colon, controls in a value: kept as received, the rest read on.

    RFC 9112 section 5.1 has a server refuse blanks before the colon, and a client take them away; sections 2.2 and
    RFC 9110 section 5.5 have CR and NUL in a value replaced by SP.
    """
    obs_fold: bool = False
    """A field line may go on in a line that begins with a blank; read as one SP (RFC 9112 section 5.2)."""
    length_beside_coding: bool = False
    """Transfer-Encoding wins over a Content-Length beside it, counts in HTTP/1.0, and may be "identity" or empty.

    RFC 9112 section 6.3, 3: such a message "ought to be handled as an error"; section 6.1: in HTTP/1.0 it is faulty.
    Whoever reads it all the same must not use the connection again: `keeps_alive` says so.
    """
    loose_chunk_lines: bool = False
    """A size line may end in blanks (Apache pads them), or in LF alone if it has no extension; the data in LF alone,
    if its last octet is not CR."""
    http09: bool = False
    """HTTP/0.9: a request line without version; an answer that is body only."""


LIMITS = Limits()
"""The limits that hold where none are given."""

CLIENT = Leniency(
    bare_lf=True,
    loose_start_line=True,
    bad_field_lines=True,
    obs_fold=True,
    length_beside_coding=True,
    loose_chunk_lines=True,
)
"""For reading responses."""

SERVER = Leniency(bare_lf=True, leading_empty_lines=True, obs_fold=True)
"""For reading requests."""

STRICT = Leniency()
"""The grammar and nothing else, for either role."""

LENIENT = Leniency(
    bare_lf=True,
    leading_empty_lines=True,
    loose_start_line=True,
    bad_field_lines=True,
    obs_fold=True,
    length_beside_coding=True,
    loose_chunk_lines=True,
    http09=True,
)
"""All that can be read at all, for either role: for those who look on, and have nothing to refuse."""

_MOST = 1 << 62
UNLIMITED = Limits(_MOST, _MOST, _MOST, _MOST, _MOST, _MOST)
"""No limits, for those who look on: whoever received it has judged it already."""


def check_section_limits(
    octets: bytes | bytearray, begin: int, limits: Limits, first: str = "start_line", *, complete: bool
) -> None:
    """Raise `LimitExceeded` where a section, from *begin* to the end of *octets*, first goes past a limit.

    *first* says what its first line is: ``start_line`` for a head, ``field_line`` for a trailer section. *complete*
    says whether the empty line at its end has come; if not, a long one is refused before it has.
    The same section gives the same error, however it came in pieces: what is met first, in the order of the octets.
    """
    size = len(octets) - begin
    if size <= limits.field_line and size <= limits.start_line and size <= limits.head:
        besides = 2 if first == "start_line" else 1
        if not complete or octets.count(b"\n", begin) <= limits.field_lines + besides:
            return
    end_of_head = begin + limits.head
    what, most, lines = first, getattr(limits, first), 0
    while begin < len(octets):
        end = octets.find(b"\n", begin) + 1 or len(octets)
        if end > min(begin + most, end_of_head):
            raise _too_long(what, most) if begin + most < end_of_head else _too_long("head", limits.head)
        lines += what == "field_line" and octets[end - 1] == 10 and octets[begin:end] not in (b"\r\n", b"\n")
        if lines > limits.field_lines:
            raise LimitExceeded(f"expected at most {limits.field_lines} field lines, got more", "field_lines")
        begin, what, most = end, "field_line", limits.field_line


def _too_long(what: str, most: int) -> LimitExceeded:
    text = f"expected a {what.replace('_', ' ')} of at most {most} octets, got a longer one"
    return LimitExceeded(text, what, status_hint=414 if what == "start_line" else 431)
