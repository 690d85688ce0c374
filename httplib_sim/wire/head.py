"""Heads: a start line and its header section, read from octets and written back.

Law: complete heads in, values out; no waiting (that is `drive`), no body. The octets a head was read from stay with it, and
are what `octets` gives back; a head made from parts is written the usual way.

Versions are numbers as in httplib: 9, 10 and 11 for HTTP/0.9, 1.0 and 1.1.
"""

from __future__ import annotations

from typing import Final

from .errors import BadFieldLine, BadStartLine, LimitExceeded, UnknownVersion, shown
from .fields import Fields
from .grammar import (
    LOOSE_REQUEST_LINE,
    LOOSE_STATUS_LINE,
    REGULAR_FIELD_LINES,
    REQUEST_LINE,
    SIMPLE_REQUEST_LINE,
    STATUS_LINE,
    TOKEN,
    check_field_name,
    check_field_value,
    check_method,
    check_target,
)
from .limits import Leniency, Limits

HTTP09: Final = 9
HTTP10: Final = 10
HTTP11: Final = 11


def version_text(version: int) -> str:
    """Return HTTP/1.1 for 11, and so on (RFC 9112 section 2.3)."""
    return f"HTTP/{version // 10}.{version % 10}"


class RequestHead:
    """Method, request target, version and fields of a request (RFC 9112 section 3).

    ``method`` and ``target`` are str, ``version`` is an int (11 is HTTP/1.1), ``fields`` a `Fields`. Immutable by convention.
    """

    __slots__ = ("_octets", "fields", "method", "target", "version")

    def __init__(
        self, method: str, target: str, fields: Fields, version: int = HTTP11, *, octets: bytes | None = None
    ) -> None:
        self.method = method
        self.target = target
        self.fields = fields
        self.version = version
        self._octets = octets

    @property
    def start_line(self) -> str:
        """The request line as received, or as it will be sent, without its terminator."""
        if self._octets is not None:
            return _first_line(self._octets).decode("latin-1")
        if self.version == HTTP09:
            return f"{self.method} {self.target}"
        return f"{self.method} {self.target} {version_text(self.version)}"

    @property
    def octets(self) -> bytes:
        """The head as it is, or goes, on the wire, with the empty line that ends it."""
        if self._octets is None:
            end = b"\r\n" if self.version == HTTP09 else b"\r\n" + self.fields.octets + b"\r\n"
            self._octets = self.start_line.encode("latin-1") + end
        return self._octets

    def __eq__(self, other: object) -> bool:
        return self.octets == other.octets if isinstance(other, RequestHead) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.octets)

    def __repr__(self) -> str:
        return f"<RequestHead {self.method} {self.target.partition('?')[0]} {version_text(self.version)}>"


class ResponseHead:
    """Version, status, reason and fields of a response (RFC 9112 section 4).

    ``status`` and ``version`` are int (11 is HTTP/1.1), ``reason`` is str and may be empty, ``fields`` a `Fields`.
    An HTTP/0.9 response has version 9, status 200, and no octets. Immutable by convention.
    """

    __slots__ = ("_octets", "fields", "reason", "status", "version")

    def __init__(
        self, status: int, reason: str, fields: Fields, version: int = HTTP11, *, octets: bytes | None = None
    ) -> None:
        self.status = status
        self.reason = reason
        self.fields = fields
        self.version = version
        self._octets = octets

    @property
    def is_interim(self) -> bool:
        """Whether another response follows for the same request: 1xx, but not 101 (RFC 9110 section 15.2)."""
        return self.status < 200 and self.status != 101

    @property
    def start_line(self) -> str:
        """The status line as received, or as it will be sent, without its terminator."""
        if self._octets is not None:
            return _first_line(self._octets).decode("latin-1")
        return f"{version_text(self.version)} {self.status} {self.reason}"

    @property
    def octets(self) -> bytes:
        """The head as it is, or goes, on the wire, with the empty line that ends it."""
        if self._octets is None:
            self._octets = self.start_line.encode("latin-1") + b"\r\n" + self.fields.octets + b"\r\n"
        return self._octets

    def __eq__(self, other: object) -> bool:
        return self.octets == other.octets if isinstance(other, ResponseHead) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.octets)

    def __repr__(self) -> str:
        return f"<ResponseHead {version_text(self.version)} {self.status} {self.reason}>"


def request_head(method: str, target: str, fields: Fields, version: int = HTTP11) -> RequestHead:
    """Return a head that is safe to send: each part is checked. Raises `LocalProtocolError`."""
    _check_fields(fields)
    return RequestHead(check_method(method), check_target(target), fields, version)


def response_head(status: int, reason: str, fields: Fields, version: int = HTTP11) -> ResponseHead:
    """Return a head that is safe to send: each part is checked. Raises `LocalProtocolError`."""
    _check_fields(fields)
    return ResponseHead(status, check_field_value(reason), fields, version)


def parse_request_head(octets: bytes, leniency: Leniency, limits: Limits) -> RequestHead:
    """Return the head that *octets*, complete with its empty line (but for HTTP/0.9), spell.

    Raises `BadStartLine`, `UnknownVersion`, `BadFieldLine` or `LimitExceeded`.
    """
    begin = _empty_lines(octets) if leniency.leading_empty_lines else 0
    end = octets.index(b"\n", begin)
    line = _line(octets, begin, end, leniency)
    match = REQUEST_LINE.fullmatch(line) or (leniency.loose_start_line and LOOSE_REQUEST_LINE.fullmatch(line)) or None
    if match is None:
        simple = SIMPLE_REQUEST_LINE.fullmatch(line) if leniency.http09 else None
        if simple is None:
            raise _bad_request_line(line)
        return RequestHead("GET", simple[1].decode("latin-1"), Fields(), HTTP09, octets=octets)
    version = _version(match[3], match[4], line)
    fields = _fields(octets, end + 1, leniency, limits)
    return RequestHead(match[1].decode("latin-1"), match[2].decode("latin-1"), fields, version, octets=octets)


def parse_response_head(octets: bytes, leniency: Leniency, limits: Limits) -> ResponseHead:
    """Return the head that *octets*, complete with its empty line, spell.

    Raises `BadStartLine`, `UnknownVersion`, `BadFieldLine` or `LimitExceeded`.
    """
    end = octets.find(b"\n")
    code = octets[9:12]
    # Before the general case, the line that nearly every server sends.
    if octets.startswith(b"HTTP/1.1 ") and code.isdigit() and octets[12:13] == b" " and octets[end - 1] == 13 and code >= b"100":
        reason = octets[13 : end - 1]
        if reason.isalpha() or STATUS_LINE.fullmatch(octets, 0, end - 1):
            fields = _fields(octets, end + 1, leniency, limits)
            return ResponseHead(int(code), reason.decode("latin-1"), fields, HTTP11, octets=octets)
    begin = _empty_lines(octets) if leniency.leading_empty_lines else 0
    end = octets.index(b"\n", begin)
    line = _line(octets, begin, end, leniency)
    match = STATUS_LINE.fullmatch(line) or (leniency.loose_start_line and LOOSE_STATUS_LINE.fullmatch(line)) or None
    if match is None:
        raise _bad_status_line(line)
    version = _version(match[1], match[2], line)
    fields = _fields(octets, end + 1, leniency, limits)
    reason_text = (match[4] or b"").decode("latin-1").strip(" \t")
    return ResponseHead(int(match[3]), reason_text, fields, version, octets=octets)


def parse_trailer_section(octets: bytes, leniency: Leniency, limits: Limits) -> Fields:
    """Return the fields of a trailer section, given with the empty line that ends it (RFC 9112 section 7.1.2)."""
    return _fields(octets, 0, leniency, limits)


def _fields(octets: bytes, start: int, leniency: Leniency, limits: Limits) -> Fields:
    """The section from *start* up to the empty line at the end of *octets*, checked as far as this role has to."""
    end = len(octets) - (2 if octets.endswith(b"\r\n") else 1)
    count = octets.count(b"\n", start, end)
    if count > limits.field_lines:
        raise LimitExceeded(f"expected at most {limits.field_lines} field lines, got {count}", "field_lines")
    if len(octets) > limits.field_line or len(octets) > limits.start_line:
        check_line_lengths(octets, limits)
    if not leniency.bare_lf and octets.endswith(b"\n\n"):
        raise BadFieldLine("the empty line after the fields ends in LF alone; CRLF was expected")
    section = octets[start:end]
    fields = Fields.from_octets(section)
    if not leniency.bad_field_lines and REGULAR_FIELD_LINES.fullmatch(section) is None:
        _refuse_bad_lines(fields, leniency)
    return fields


def _refuse_bad_lines(fields: Fields, leniency: Leniency) -> None:
    """Raise `BadFieldLine` for the first line that this leniency does not allow (RFC 9112 sections 2.2, 5.1 and 5.2)."""
    for number, line in enumerate(fields, 1):
        where = f"field line {number}"
        raw = line.octets
        if not line.name:
            raise BadFieldLine(f"{where} has no field name before a colon")
        if TOKEN.fullmatch(line.name) is None:
            raise BadFieldLine(f"{where}: a field name must be a token, not {shown(line.name.encode('latin-1'))}")
        if not raw.startswith(line.name.encode("latin-1") + b":"):
            raise BadFieldLine(f"{where} ({line.name}): no blank may stand between the field name and the colon")
        content = raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]
        if b"\n" in content and not leniency.obs_fold:
            raise BadFieldLine(f"{where} ({line.name}) is folded over several lines")
        if not leniency.bare_lf and raw.count(b"\n") != raw.count(b"\r\n"):
            raise BadFieldLine(f"{where} ({line.name}) ends in LF alone; CRLF was expected")
        if not _value_is_clean(content.replace(b"\r\n", b" ").replace(b"\n", b" ")):
            raise BadFieldLine(f"{where} ({line.name}) has a control character in its value")


def _value_is_clean(line: bytes) -> bool:
    return REGULAR_FIELD_LINES.fullmatch(line + b"\r\n") is not None


def _check_fields(fields: Fields) -> None:
    for line in fields:
        check_field_name(line.name)
        check_field_value(line.value)


def check_growing_head(octets: bytes | bytearray, start: int, limits: Limits, first: str = "start_line") -> None:
    """Raise `LimitExceeded` as soon as an unfinished section, from *start* in *octets*, cannot become a good one.

    *first* says what its first line is: ``start_line`` for a head, ``field_line`` for a trailer section.
    """
    size = len(octets) - start
    if size <= limits.field_line and size <= limits.start_line:
        return
    if size > limits.head:
        raise LimitExceeded(f"expected a head of at most {limits.head} octets, got a longer one", "head")
    if octets.count(b"\n", start) > limits.field_lines + 1:
        raise LimitExceeded(f"expected at most {limits.field_lines} field lines, got more", "field_lines")
    _check_line_lengths(octets, start, limits, first)


def _check_line_lengths(octets: bytes | bytearray, begin: int, limits: Limits, first: str) -> None:
    what, most = first, limits.start_line if first == "start_line" else limits.field_line
    while begin < len(octets):
        end = octets.find(b"\n", begin) + 1 or len(octets)
        if end - begin > most:
            text = f"expected a {what.replace('_', ' ')} of at most {most} octets, got at least {end - begin}"
            raise LimitExceeded(text, what, status_hint=414 if what == "start_line" else 431)
        begin, what, most = end, "field_line", limits.field_line


def _empty_lines(octets: bytes) -> int:
    """How many octets the empty lines take that stand before the start line."""
    return len(octets) - len(octets.lstrip(b"\r\n"))


def _first_line(octets: bytes) -> bytes:
    begin = _empty_lines(octets)
    end = octets.find(b"\n", begin)
    line = octets[begin:end] if end >= 0 else octets[begin:]
    return line.removesuffix(b"\r")


def _line(octets: bytes, begin: int, end: int, leniency: Leniency) -> bytes:
    """The start line, without its terminator, if that is one this role accepts."""
    if octets[end - 1 : end] == b"\r" and end > begin:
        return octets[begin : end - 1]
    if not leniency.bare_lf:
        line = octets[begin:end]
        raise BadStartLine(f"the start line {shown(line)} ends in LF alone; CRLF was expected", line.decode("latin-1"))
    return octets[begin:end]


def _version(major: bytes, minor: bytes, line: bytes) -> int:
    if major != b"1":
        text = f"expected HTTP/1.0 or HTTP/1.1, got {shown(b'HTTP/' + major + b'.' + minor)}"
        raise UnknownVersion(text, line.decode("latin-1"))
    return 10 + int(minor)


def _bad_request_line(line: bytes) -> BadStartLine:
    expected = "expected a request line such as 'GET / HTTP/1.1'"
    words = line.split()
    if len(words) == 3 and words[2].startswith(b"HTTP/"):  # the target may hold a secret: only the version is of use
        return BadStartLine(f"{expected}, got method {shown(words[0])} and version {shown(words[2])}", line.decode("latin-1"))
    return BadStartLine(f"{expected}, got {shown(line)}", line.decode("latin-1"))


def _bad_status_line(line: bytes) -> BadStartLine:
    return BadStartLine(
        f"expected a status line such as 'HTTP/1.1 200 OK', got {shown(line)}", line.decode("latin-1")
    )
