"""How the end of a body is found: RFC 9112 section 6.3, in its order.

Law: heads in, a `Framing` out; no body is read here. A message whose end cannot be known for certain raises `BadFraming`:
guessing is how requests are smuggled and responses split (RFC 9112 sections 11.1 and 11.2).
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from .errors import BadFraming
from .fields import Fields
from .head import HTTP10, HTTP11, RequestHead, ResponseHead
from .limits import CLIENT, SERVER, Leniency


class BodyKind(enum.Enum):
    """The ways in which a body ends."""

    NONE = "none"
    FIXED = "fixed length"
    CHUNKED = "chunked"
    UNTIL_CLOSE = "until close"
    TUNNEL = "tunnel"
    """Not a body: after CONNECT's 2xx or a 101 the connection carries something else until it closes."""


class Framing(NamedTuple):
    """The kind of body that follows a head, and its length in octets where that is fixed in advance."""

    kind: BodyKind
    length: int = 0


NO_BODY: Final = Framing(BodyKind.NONE)
CHUNKED: Final = Framing(BodyKind.CHUNKED)
UNTIL_CLOSE: Final = Framing(BodyKind.UNTIL_CLOSE)
TUNNEL: Final = Framing(BodyKind.TUNNEL)
_EMPTY: Final = Framing(BodyKind.FIXED, 0)


def response_framing(head: ResponseHead, request_method: str, leniency: Leniency = CLIENT) -> Framing:
    """Return how the body of a response to *request_method* ends. Raises `BadFraming`."""
    status = head.status
    # 1. "Any response to a HEAD request and any response with a 1xx, 204 or 304 status code is always terminated by the first
    #    empty line after the header fields", whatever the fields say.
    if status < 200 or status in {204, 304} or request_method == "HEAD":
        return TUNNEL if status == 101 else NO_BODY
    # 2. "Any 2xx response to a CONNECT request implies that the connection will become a tunnel."
    if request_method == "CONNECT" and status < 300:
        return TUNNEL
    section = head.fields.lowered
    # 3. Transfer-Encoding overrides Content-Length. 4. If chunked is the final coding, the chunks say where the end is; if not,
    #    "the message body length is determined by reading the connection until it is closed by the server".
    if b"\ntransfer-encoding" in section:
        codings = transfer_codings(head.fields)
        if codings:
            _check_length_beside_coding(head.fields, leniency)
            return CHUNKED if _chunked_is_final(codings) else UNTIL_CLOSE
    # 5. and 6. Content-Length, if it is valid. 8. Otherwise "the number of octets received prior to the server closing".
    length = content_length(head.fields)
    return UNTIL_CLOSE if length is None else Framing(BodyKind.FIXED, length)


def request_framing(head: RequestHead, leniency: Leniency = SERVER) -> Framing:
    """Return how the body of a request ends. Raises `BadFraming`."""
    section = head.fields.lowered
    # 3. and 4. "If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final
    #    encoding, the message body length cannot be determined reliably; the server MUST respond with 400".
    if b"\ntransfer-encoding" in section:
        codings = transfer_codings(head.fields)
        if codings:
            _check_length_beside_coding(head.fields, leniency)
            if not _chunked_is_final(codings):
                raise BadFraming(f"expected chunked as the final transfer coding of a request, got {codings[-1][:60]!r}")
            return CHUNKED
    # 5. and 6. Content-Length. 7. "If this is a request message and none of the above are true, then the length is zero".
    length = content_length(head.fields)
    return Framing(BodyKind.FIXED, length) if length else _EMPTY if length == 0 else NO_BODY


def content_length(fields: Fields) -> int | None:
    """Return the Content-Length in octets, None if there is none (RFC 9110 section 8.6). Raises `BadFraming`.

    A list of equal numbers counts as one of them (RFC 9112 section 6.3, 5); anything but digits is an error.
    """
    section = fields.lowered
    begin = section.find(b"\ncontent-length:")
    if begin >= 0 and section.find(b"\ncontent-length", begin + 16) < 0:
        # One regular line, the usual case: read it where it stands.
        end = section.find(b"\n", begin + 16)
        digits = section[begin + 16 : end].strip(b" \t\r")
        if digits.isdigit() and len(digits) < 20 and section[end + 1 : end + 2] not in (b" ", b"\t"):
            return int(digits)
    elif begin < 0 and b"\ncontent-length" not in section:
        return None
    values = fields.get_all("content-length")
    if not values:
        return None
    numbers = {number.strip(" \t") for value in values for number in value.split(",")}
    if len(numbers) > 1:
        raise BadFraming(f"expected one Content-Length, got {len(numbers)} different ones: {_quoted(numbers)}")
    text = numbers.pop()
    if not (text.isascii() and text.isdigit()):
        raise BadFraming(f"expected a Content-Length of digits only, got {text[:40]!r}")
    if len(text.lstrip("0")) > 4000:
        raise BadFraming(f"expected a Content-Length that is a size, got a number of {len(text)} digits")
    return int(text)


def transfer_codings(fields: Fields) -> list[str]:
    """Return the names of the transfer codings in the order of their application, in lower case (RFC 9112 section 6.1)."""
    codings = []
    for value in fields.get_all("transfer-encoding"):
        for coding in value.split(","):
            name = coding.strip(" \t").lower()
            if name:
                codings.append(name)
    return codings


def keeps_alive(head: RequestHead | ResponseHead) -> bool:
    """Tell whether this message lets the connection persist after it (RFC 9112 section 9.3)."""
    options = connection_options(head.fields)
    if "close" in options:
        return False
    return head.version >= HTTP11 or (head.version == HTTP10 and "keep-alive" in options)


def connection_options(fields: Fields) -> set[str]:
    """Return the options of the Connection field, in lower case (RFC 9110 section 7.6.1)."""
    if b"\nconnection" not in fields.lowered:
        return set()
    return {option.strip(" \t").lower() for value in fields.get_all("connection") for option in value.split(",")}


def _chunked_is_final(codings: list[str]) -> bool:
    """RFC 9112 section 7.1: "A sender MUST NOT apply the chunked transfer coding more than once"."""
    if codings.count("chunked") > 1:
        raise BadFraming("expected the chunked transfer coding once, got it more than once")
    return codings[-1] == "chunked"


def _check_length_beside_coding(fields: Fields, leniency: Leniency) -> None:
    """RFC 9112 section 6.3, 3: such a message "ought to be handled as an error"; a client may still have to read it."""
    if not leniency.length_beside_coding and "content-length" in fields:
        raise BadFraming("expected either Transfer-Encoding or Content-Length, got both")


def _quoted(texts: set[str]) -> str:
    return ", ".join(repr(text[:40]) for text in sorted(texts)[:5])
