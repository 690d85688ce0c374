"""Heads: a start line and its header section, read from octets and written back.

Law: complete heads in, values out; no waiting (that is `drive`), no body. The octets a head was read from stay with it,
and are what `octets` gives back; a head made from parts is written the usual way.

Versions are numbers as in httplib: 9, 10 and 11 for HTTP/0.9, 1.0 and 1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .errors import BadFieldLine, BadStartLine, LocalProtocolError, UnknownVersion, shown
from .fields import Fields
from .grammar import (
    EMPTY_LINES,
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
from .limits import Leniency, Limits, check_section_limits

if TYPE_CHECKING:
    from .fields import FieldLine

HTTP09: Final = 9
HTTP10: Final = 10
HTTP11: Final = 11


def version_text(version: int) -> str:
    """Return HTTP/1.1 for 11, and so on (RFC 9112 section 2.3)."""
    return f"HTTP/{version // 10}.{version % 10}"


class RequestHead:
    """Method, request target, version and fields of a request (RFC 9112 section 3).

    ``method`` and ``target`` are str, ``version`` is an int (11 is HTTP/1.1), ``fields`` a `Fields`. Immutable by
    convention; equal to another if their octets are.
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
            return _first_line(self._octets)
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
    An HTTP/0.9 response has version 9, status 200, and no octets. Immutable by convention; equal to another if their
    octets are.
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
            return _first_line(self._octets)
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
    if version not in {HTTP09, HTTP10, HTTP11}:
        raise LocalProtocolError(f"a request's version must be 9, 10 or 11, not {version!r}")
    if version == HTTP09 and (method != "GET" or len(fields)):
        raise LocalProtocolError("an HTTP/0.9 request is GET and a target, without fields (RFC 1945 section 4.1)")
    _check_fields(fields)
    return RequestHead(check_method(method), check_target(target), fields, version)


def response_head(status: int, reason: str, fields: Fields, version: int = HTTP11) -> ResponseHead:
    """Return a head that is safe to send: each part is checked. Raises `LocalProtocolError`."""
    if version not in {HTTP10, HTTP11}:
        raise LocalProtocolError(f"a response's version must be 10 or 11, not {version!r}")
    if not 100 <= status <= 999:
        raise LocalProtocolError(f"a status code must have three digits, not {status!r}")
    _check_fields(fields)
    return ResponseHead(status, check_field_value(reason), fields, version)


def parse_request_head(octets: bytes, leniency: Leniency, limits: Limits) -> RequestHead:
    """Return the head that *octets*, complete with its empty line (but for HTTP/0.9), spell.

    Raises `BadStartLine`, `UnknownVersion`, `BadFieldLine` or `LimitExceeded`.
    """
    begin = count_empty_lines(octets) if leniency.leading_empty_lines else 0
    check_section_limits(octets, begin, limits, complete=True)
    match = REQUEST_LINE.match(octets, begin)
    end = match.end() if match else octets.index(b"\n", begin) + 1
    if match is None:
        line = _loose_line(octets, begin, end, leniency)
        match = LOOSE_REQUEST_LINE.fullmatch(line) if leniency.loose_start_line else REQUEST_LINE.match(line + b"\r\n")
        if match is None:
            return _simple_request_head(octets, line, leniency)
    version = _version(match[3], match[4], octets, begin)
    fields = _fields(octets, end, leniency)
    return RequestHead(match[1].decode("latin-1"), match[2].decode("latin-1"), fields, version, octets=octets)


def parse_response_head(octets: bytes, leniency: Leniency, limits: Limits) -> ResponseHead:
    """Return the head that *octets*, complete with its empty line, spell.

    Raises `BadStartLine`, `UnknownVersion`, `BadFieldLine` or `LimitExceeded`.
    """
    begin = count_empty_lines(octets) if leniency.leading_empty_lines else 0
    check_section_limits(octets, begin, limits, complete=True)
    match = STATUS_LINE.match(octets, begin)
    end = match.end() if match else octets.index(b"\n", begin) + 1
    if match is None:
        line = _loose_line(octets, begin, end, leniency)
        match = LOOSE_STATUS_LINE.fullmatch(line) if leniency.loose_start_line else STATUS_LINE.match(line + b"\r\n")
        if match is None:
            text = f"expected a status line such as 'HTTP/1.1 200 OK', got {shown(line)}"
            raise BadStartLine(text, line.decode("latin-1"))
    major, minor, status, reason = match.groups(b"")
    version = HTTP11 if major == minor == b"1" else _version(major, minor, octets, begin)
    fields = _fields(octets, end, leniency)
    return ResponseHead(int(status), reason.decode("latin-1").strip(" \t"), fields, version, octets=octets)


def parse_trailer_section(octets: bytes, leniency: Leniency, limits: Limits) -> Fields:
    """Return the fields of a trailer section, given with the empty line that ends it (RFC 9112 section 7.1.2).

    Raises `BadFieldLine` or `LimitExceeded`.
    """
    check_section_limits(octets, 0, limits, "field_line", complete=True)
    return _fields(octets, 0, leniency)


def count_empty_lines(octets: bytes | bytearray, begin: int = 0) -> int:
    """How many octets the empty lines take that stand at *begin* (RFC 9112 section 2.2)."""
    match = EMPTY_LINES.match(octets, begin)
    return match.end() - begin if match else 0


def _fields(octets: bytes, start: int, leniency: Leniency) -> Fields:
    """The section from *start* up to the empty line at the end of *octets*, checked as far as this role has to."""
    crlf = octets.endswith(b"\r\n")
    section = octets[start : -2 if crlf else -1]
    if not crlf and not leniency.bare_lf:
        raise BadFieldLine("the empty line after the fields ends in LF alone; CRLF was expected")
    fields = Fields.from_octets(section)
    lenient = leniency.bad_field_lines and leniency.obs_fold and leniency.bare_lf
    if not lenient and REGULAR_FIELD_LINES.fullmatch(section) is None:
        for number, line in enumerate(fields, 1):
            _refuse_bad_line(line, f"field line {number}", leniency)
    return fields


def _refuse_bad_line(line: FieldLine, where: str, leniency: Leniency) -> None:
    """Raise `BadFieldLine` if this leniency does not allow *line* (RFC 9112 sections 2.2, 5.1 and 5.2)."""
    raw = line.octets
    content = raw[:-2] if raw.endswith(b"\r\n") else raw[:-1]
    if line.name and TOKEN.fullmatch(line.name):
        where += f" ({line.name})"
    if b"\n" in content and not leniency.obs_fold:
        raise BadFieldLine(f"{where} is folded over several lines")
    if raw.count(b"\n") != raw.count(b"\r\n") and not leniency.bare_lf:
        raise BadFieldLine(f"{where} ends in LF alone; CRLF was expected")
    if leniency.bad_field_lines:
        return
    # What stands in a line is not shown, since a line that lost its colon, or its start, may be a secret.
    if not line.name:
        raise BadFieldLine(f"{where} has no field name before a colon")
    if TOKEN.fullmatch(line.name) is None:
        raise BadFieldLine(f"{where} has a field name that is no token (letters, digits and !#$%&'*+-.^_`|~)")
    if not raw.startswith(line.name.encode("latin-1") + b":"):
        raise BadFieldLine(f"{where} has a blank between the field name and the colon")
    unfolded = content.replace(b"\r\n", b" ").replace(b"\n", b" ")
    if REGULAR_FIELD_LINES.fullmatch(unfolded + b"\r\n") is None:
        raise BadFieldLine(f"{where} has a control character in its value")


def _check_fields(fields: Fields) -> None:
    """Raise `LocalProtocolError` unless each line is one regular line, and will be sent as what it says."""
    for line in fields:
        check_field_name(line.name)
        check_field_value(line.value)
        if line.raw is not None and (line.raw.count(b"\n") != 1 or not REGULAR_FIELD_LINES.fullmatch(line.raw)):
            raise LocalProtocolError(f"the raw octets of the field line {line.name!r} are not one regular field line")


def _first_line(octets: bytes) -> str:
    begin = count_empty_lines(octets)
    end = octets.find(b"\n", begin)
    line = octets[begin:end] if end >= 0 else octets[begin:]
    return line.removesuffix(b"\r").decode("latin-1")


def _loose_line(octets: bytes, begin: int, end: int, leniency: Leniency) -> bytes:
    """The start line, without its terminator, if that is one this role accepts."""
    line = octets[begin : end - 1]
    if line.endswith(b"\r"):
        return line[:-1]
    if not leniency.bare_lf:
        text = f"expected CRLF after the start line, got LF alone after {len(line)} octets"
        raise BadStartLine(text, line.decode("latin-1"))
    return line


def _version(major: bytes, minor: bytes, octets: bytes, begin: int) -> int:
    if major != b"1":
        text = f"expected HTTP/1.0 or HTTP/1.1, got {shown(b'HTTP/' + major + b'.' + minor)}"
        raise UnknownVersion(text, _first_line(octets[begin:]))
    return 10 + int(minor)


def _simple_request_head(octets: bytes, line: bytes, leniency: Leniency) -> RequestHead:
    """The head of an HTTP/0.9 request, if this role takes one and *line* is one; raises `BadStartLine` if not."""
    simple = SIMPLE_REQUEST_LINE.fullmatch(line) if leniency.http09 else None
    if simple is not None:
        return RequestHead("GET", simple[1].decode("latin-1"), Fields(), HTTP09, octets=octets)
    # The target is not shown: it may hold a secret. What stands before and behind it tells most mistakes apart.
    method, *rest = line.split(b" ")
    end = f" ... {shown(rest[-1])}" if rest and rest[-1].startswith(b"HTTP") else ""
    text = f"expected a request line such as 'GET / HTTP/1.1', got {shown(method)}{end} with {len(rest)} blanks"
    raise BadStartLine(text, line.decode("latin-1"))
