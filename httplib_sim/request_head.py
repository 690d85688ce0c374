"""The head of a request: what may stand in it, and how it is put together in one go.

Law: text and octets in, octets out; no control character ever comes out (CVE-2016-5699, CVE-2019-9740, CVE-2019-9947,
CVE-2020-26116). `plain_head` is a fast path: for what it takes, it gives what `HTTPConnection.putrequest` and
`HTTPConnection.putheader` give, and it takes only what needs no second look.
"""

from __future__ import annotations

import re
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
_UNSAFE_IN_VALUE = re.compile(rb"\n(?![ \t])|\r(?![ \t\n])|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_LOWERED: dict[str, str] = {}
"""Field names that were checked, with their lower case."""
_MOST_NAMES: Final = 1024
_DECISIVE: Final = frozenset({"accept-encoding", "content-length", "host", "transfer-encoding"})


def check_method(method: str) -> None:
    """Raise `ValueError` if a control character is in *method* (CVE-2020-26116)."""
    if match := _UNSAFE_IN_METHOD.search(method):
        raise ValueError(f"method can't contain control characters. {method!r} (found at least {match.group()!r})")


def check_url(url: str, *, ascii_only: bool) -> None:
    """Raise `InvalidURL` if a blank or a control character is in *url* (CVE-2019-9740, CVE-2019-9947).

    With *ascii_only* also if anything else is in it that is not ASCII.

    The rest of it is not shown: its query may hold a secret.
    """
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


def field_value(value: str | bytes | float) -> bytes:
    """Return *value* as it is sent, a str as ISO-8859-1. Raises `ValueError` for control characters, unshown."""
    if isinstance(value, str):
        octets = value.encode("latin-1")
    elif isinstance(value, int | float):
        octets = str(value).encode()
    else:
        octets = value
    if match := _UNSAFE_IN_VALUE.search(octets):
        raise ValueError(f"Invalid header value: {match.group()!r} in it would end the line, or is no text")
    return octets


def lower_names(headers: Mapping[Any, Any]) -> frozenset[str]:
    """Return the names of *headers*, str or bytes, in lower case."""
    return frozenset(
        name.lower() if isinstance(name, str) else bytes(name).decode("latin-1").lower() for name in headers
    )


def plain_head(method: str, url: str, host: str, headers: Mapping[Any, Any], length: int | None) -> bytes | None:
    """Return the whole head of a request, HTTP/1.1, to *host*; None if anything in it is out of the ordinary.

    *length* is that of the body in octets, None if there is no body. Ordinary are a target that begins with a slash,
    and headers that are tokens with values in printable ASCII, none of which concerns the body's framing.
    """
    if not url or url[0] != "/" or " " in url:
        return None
    lines = [f"{method} {url} HTTP/1.1", f"Host: {host}", "Accept-Encoding: identity"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    for name, value in headers.items():
        lowered = _LOWERED.get(name) or _learn(name)
        if lowered is None or type(value) is not str:
            return None
        if lowered in _DECISIVE:
            if lowered == "host":
                lines[1] = ""
            elif lowered == "accept-encoding":
                lines[2] = ""
            else:
                return None
        lines.append(f"{name}: {value}")
    text = "".join(lines)
    if not (text.isascii() and text.isprintable()):
        return None
    if not (lines[1] and lines[2]):
        lines = [line for line in lines if line]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _learn(name: object) -> str | None:
    """Return *name* in lower case if it is a token, and remember it; else None."""
    if type(name) is not str or TOKEN.fullmatch(name) is None:
        return None
    lowered = name.lower()
    if len(_LOWERED) < _MOST_NAMES:
        _LOWERED[name] = lowered
    return lowered
