"""The head of a request: what may stand in it, and how it is put together in one go.

Law: text and octets in, octets out; no control character ever comes out, but for the line ends of a value that goes on
in further lines, each after a blank (CVE-2016-5699, CVE-2019-9740, CVE-2019-9947, CVE-2020-26116). `PlainHeads` is a
fast path: for what it takes, it gives what `HTTPConnection.putrequest` and `HTTPConnection.putheader` give, and it
takes only what needs no second look.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

from .errors import InvalidURL
from .wire.grammar import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSAFE_IN_METHOD = re.compile(r"[\x00-\x1f\x7f]")
_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f]")
_UNSAFE_IN_ASCII_URL = re.compile(r"[^\x21-\x7e]")
# Not only tokens: http.client sends names with blanks in them, so that those who must can.
_NAME = re.compile(rb"[^\x00-\x20\x7f:][^\x00-\x1f\x7f:]*")
# A value may go on in a line that begins with a blank: putheader itself makes such lines (RFC 9112 section 5.2).
_UNSAFE_IN_VALUE = re.compile(rb"\n(?![ \t])|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_BYTES_ARE_NOT_COMPARED: Final = bool(sys.flags.bytes_warning)
"""Whether Python was told to warn where bytes are compared with text: the headers of a request may be either."""

_LOWERED: dict[str, str] = {}
"""Field names that were checked, with their lower case."""
_MOST_NAMES: Final = 1024
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


def check_method(method: Any) -> None:  # noqa: ANN401  what a program gives
    """Raise `ValueError` if a control character is in *method* (CVE-2020-26116).

    And `TypeError` if it is bytes, `AttributeError`, as in httplib, if it is no text at all.
    """
    if not isinstance(method, str):
        kind = TypeError if isinstance(method, bytes) else AttributeError
        raise kind(f"expected a method as str, got {type(method).__name__}")
    if match := _UNSAFE_IN_METHOD.search(method):
        raise ValueError(f"method can't contain control characters. {method!r} (found at least {match.group()!r})")


def check_url(url: Any, *, ascii_only: bool) -> None:  # noqa: ANN401  as check_method
    """Raise `InvalidURL` if a blank or a control character is in *url* (CVE-2019-9740, CVE-2019-9947).

    With *ascii_only* also if anything else is in it that is not ASCII.

    The rest of it is not shown: its query may hold a secret. Raises `TypeError` if it is no str.
    """
    if not isinstance(url, str):
        raise TypeError(f"expected a URL as str, got {type(url).__name__}")
    unsafe = _UNSAFE_IN_ASCII_URL if ascii_only else _UNSAFE_IN_URL
    if match := unsafe.search(url):
        wrong = "".join(unsafe.findall(url))[:20]
        raise InvalidURL(f"URL can't contain control characters. {wrong!r} (found at least {match.group()!r})")


def field_name(name: str | bytes) -> bytes:
    """Return *name* as it is sent. Raises `ValueError` for what could end the name or the line, or is not ASCII."""
    octets = name.encode("ascii") if isinstance(name, str) else name
    if _NAME.fullmatch(octets) is None:
        raise ValueError(f"Invalid header name {octets!r}")
    return octets


def field_value(value: str | bytes | float, name: bytes = b"") -> bytes:
    """Return *value* as it is sent, a str as ISO-8859-1. Raises `ValueError` for control characters, unshown.

    And `TypeError` for what is no value.
    """
    if isinstance(value, str):
        octets = value.encode("latin-1")
    elif isinstance(value, int | float):
        octets = str(value).encode()
    elif isinstance(value, bytes | bytearray | memoryview):
        octets = bytes(value)
    else:
        raise TypeError(f"expected str, bytes or a number as the value of {_shown(name)}, got {type(value).__name__}")
    if match := _UNSAFE_IN_VALUE.search(octets):
        wrong = f"{match.group()!r} would end the line, or is no text"
        raise ValueError(f"Invalid header value: in the value of {_shown(name)}, {wrong}")
    return octets


def _shown(name: bytes) -> str:
    return name.decode("ascii", "replace") or "a header"


def lower_names(headers: Mapping[Any, Any]) -> frozenset[str]:
    """Return the names of *headers*, str or bytes, in lower case."""
    return frozenset(
        name.lower() if isinstance(name, str) else bytes(name).decode("latin-1").lower() for name in headers
    )


class PlainHeads:
    """Puts the heads of ordinary requests together, HTTP/1.1, in one go.

    A program mostly sends the same headers again, so the lines that they have become are kept until others come.
    """

    __slots__ = ("_first_lines", "_given", "_host", "_last_lines")

    def __init__(self) -> None:
        self._host = ""
        self._given: list[tuple[object, object]] | None = None
        self._first_lines = self._last_lines = ""

    def head(self, method: str, url: str, host: str, headers: Mapping[Any, Any], length: int | None) -> bytes | None:
        """Return the whole head of a request to *host*; None if anything in it is out of the ordinary.

        *length* is that of the body in octets, None if there is no body. Ordinary are a target that begins with a
        slash, and headers that are tokens with values in printable ASCII, none of which concerns the body's framing.
        """
        line = f"{method} {url}"
        if not url or url[0] != "/" or " " in url or not (line.isascii() and line.isprintable()):
            return None
        try:
            given = [*headers.items()]
        except AttributeError:
            raise AttributeError(f"expected headers as a mapping, got {type(headers).__name__}") from None
        if _BYTES_ARE_NOT_COMPARED and not all(type(text) is str for pair in given for text in pair):
            return None
        if given != self._given or host != self._host:
            lines = _lines(host, given)
            if lines is None:
                return None
            self._given, self._host = given, host
            self._first_lines, self._last_lines = lines
        between = "" if length is None else f"Content-Length: {length}\r\n"
        return f"{line} HTTP/1.1\r\n{self._first_lines}{between}{self._last_lines}\r\n".encode()


def _lines(host: str, headers: list[tuple[object, object]]) -> tuple[str, str] | None:
    """Return the lines of Host and Accept-Encoding, but for those that are among *headers*, and those of *headers*.

    None if anything is out of the ordinary.
    """
    first = {"host": f"Host: {host}", "accept-encoding": "Accept-Encoding: identity"}
    lines = []
    for name, value in headers:
        if type(name) is not str or type(value) is not str:  # an enumeration's member may be equal, and read otherwise
            return None
        lowered = _LOWERED.get(name) or _learn(name)
        if lowered is None or lowered in _FRAMING:
            return None
        first.pop(lowered, None)
        lines.append(f"{name}: {value}")
    text = "".join([*first.values(), *lines])
    if not (text.isascii() and text.isprintable()):
        return None
    return "".join([line + "\r\n" for line in first.values()]), "".join([line + "\r\n" for line in lines])


def _learn(name: str) -> str | None:
    """Return *name* in lower case if it is a token, and remember it; else None."""
    if TOKEN.fullmatch(name) is None:
        return None
    lowered = name.lower()
    if len(_LOWERED) < _MOST_NAMES:
        _LOWERED[name] = lowered
    return lowered
