"""The grammar of RFC 9110 and RFC 9112 that is regular, and the checks of what we are about to emit.

Law: patterns over octets or latin-1 text, and functions that say yes or raise. Everything that reads or writes messages
asks here; nothing else spells a character class. No pattern backtracks: time is linear, whoever sends the octets.

Text stands for octets through ISO-8859-1, in which every octet is one character: nothing is lost either way.
"""

from __future__ import annotations

import re

from .errors import LocalProtocolError

# RFC 9110 section 5.6.2
_TCHAR = r"!#$%&'*+\-.^_`|~0-9A-Za-z"
_TOKEN = f"[{_TCHAR}]+".encode()

TOKEN = re.compile(f"[{_TCHAR}]+")

# RFC 9112 section 2.2: the empty lines that a server passes over before a request line.
EMPTY_LINES = re.compile(rb"(?:\r?\n)*")

# RFC 9112 section 5: field-line = field-name ":" OWS field-value OWS. A section of such lines, all regular; HTAB, SP,
# VCHAR and obs-text are what RFC 9110 section 5.5 allows in a value.
REGULAR_FIELD_LINES = re.compile(rb"(?:" + _TOKEN + rb":[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*")

# RFC 9112 section 3: request-line = method SP request-target SP HTTP-version CRLF
REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([^\x00-\x20\x7f]+) HTTP/([0-9])\.([0-9])\r\n")
# The same without its terminator, "SP, HTAB, VT, FF, or bare CR" for each blank (RFC 9112 section 3).
LOOSE_REQUEST_LINE = re.compile(
    rb"[ \t]*(" + _TOKEN + rb")[ \t\x0b\x0c\r]+([^\x00-\x20\x7f]+)[ \t\x0b\x0c\r]+HTTP/([0-9])\.([0-9])[ \t]*"
)
# RFC 1945 section 4.1: Simple-Request = "GET" SP Request-URI CRLF
SIMPLE_REQUEST_LINE = re.compile(rb"GET ([^\x00-\x20\x7f]+)")

# RFC 9112 section 4: status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF
STATUS_LINE = re.compile(rb"HTTP/([0-9])\.([0-9]) ([1-9][0-9][0-9]) ([^\x00-\x08\x0a-\x1f\x7f]*)\r\n")
LOOSE_STATUS_LINE = re.compile(rb"HTTP/([0-9])\.([0-9])[ \t]+([1-9][0-9][0-9])(?:[ \t]([^\x00\r\n]*))?")

# RFC 9112 section 7.1: chunk = chunk-size [ chunk-ext ] CRLF. Sixteen digits behind zeros are more than any file.
CHUNK_LINE = re.compile(rb"(0*[0-9A-Fa-f]{1,16})((?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?)")

# What may be emitted.
_UNSAFE_TARGET = re.compile(r"[^\x21-\x7e\x80-\xff]")
_UNSAFE_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def check_method(method: str) -> str:
    """Return *method* if it is a token (RFC 9110 section 9.1); raise `LocalProtocolError` if not (CVE-2020-26116)."""
    if TOKEN.fullmatch(method) is None:
        raise LocalProtocolError(f"a method must be a token (letters, digits and !#$%&'*+-.^_`|~), not {method[:60]!r}")
    return method


def check_target(target: str) -> str:
    """Return *target* if it has no blank and no control character; raise `LocalProtocolError` if not.

    RFC 9112 section 3.2; CVE-2019-9740, CVE-2019-9947. It is not shown: a query may hold a secret.
    """
    if not target or _UNSAFE_TARGET.search(target):
        raise LocalProtocolError("a request target must have at least one character, and no blank or control character")
    return target


def check_field_name(name: str) -> str:
    """Return *name* if it is a token (RFC 9110 section 5.1); raise `LocalProtocolError` if not (CVE-2016-5699)."""
    if TOKEN.fullmatch(name) is None:
        raise LocalProtocolError(f"a field name must be a token, not {name[:60]!r}")
    return name


def check_field_value(value: str) -> str:
    """Return *value* if it has no control character but HTAB; raise `LocalProtocolError` if not.

    RFC 9110 section 5.5; CVE-2016-5699. It is not shown: it may be secret.
    """
    if _UNSAFE_VALUE.search(value):
        raise LocalProtocolError("a field value must have no control character, and only characters of ISO-8859-1")
    return value


def check_chunk_extension(extension: str) -> str:
    """Return *extension*, empty or beginning with ";", if no control character is in it (RFC 9112 section 7.1.1)."""
    if extension and (not extension.lstrip(" \t").startswith(";") or _UNSAFE_VALUE.search(extension)):
        raise LocalProtocolError("a chunk extension must begin with ';' and have no control character")
    return extension
