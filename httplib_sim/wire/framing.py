"""How the end of a body is found: RFC 9112 section 6.3, in its order.

Law: heads in, a `Framing` out; no body is read here. A message whose end cannot be known for certain raises
`BadFraming`: guessing is how requests are smuggled and responses split (RFC 9112 sections 11.1 and 11.2).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from .errors import BadFraming
from .head import HTTP10, HTTP11, RequestHead, ResponseHead
from .limits import CLIENT, SERVER, Leniency

if TYPE_CHECKING:
    from .fields import Fields


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


def response_framing(head: ResponseHead, request_method: str, leniency: Leniency = CLIENT) -> Framing:
    """Return how the body of a response to *request_method* ends. Raises `BadFraming`."""
    status = head.status
    # 1. "Any response to a HEAD request and any response with a 1xx, 204 or 304 status code is always terminated by the
    #    first empty line after the header fields", whatever the fields say. After a 101 that is true of HTTP only.
    if status < 200 or status in {204, 304} or request_method == "HEAD":
        tunnel = status == 101 or (status == 204 and request_method == "CONNECT")
        return TUNNEL if tunnel else NO_BODY
    # 2. "Any 2xx response to a CONNECT request implies that the connection will become a tunnel."
    if request_method == "CONNECT" and status < 300:
        return TUNNEL
    # 3. Transfer-Encoding overrides Content-Length. 4. If chunked is the final coding, the chunks say where the end is;
    #    if not, "the message body length is determined by reading the connection until it is closed by the server".
    if b"transfer-encoding" in head.fields.decisive:
        codings = _checked_codings(head, leniency)
        if codings:
            return CHUNKED if codings[-1] == "chunked" else UNTIL_CLOSE
    # 5. and 6. Content-Length, if valid. 8. Otherwise "the number of octets received prior to the server closing".
    length = content_length(head.fields)
    return UNTIL_CLOSE if length is None else Framing(BodyKind.FIXED, length)


def request_framing(head: RequestHead, leniency: Leniency = SERVER) -> Framing:
    """Return how the body of a request ends. Raises `BadFraming`."""
    # 3. and 4. "If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the
    #    final encoding, the message body length cannot be determined reliably; the server MUST respond with 400".
    if b"transfer-encoding" in head.fields.decisive:
        codings = _checked_codings(head, leniency)
        if codings and codings[-1] != "chunked":
            raise BadFraming(f"expected chunked as the final transfer coding of a request, got {codings[-1][:60]!r}")
        if codings:
            return CHUNKED
    # 5. and 6. Content-Length. 7. "If this is a request message and none of the above are true", there is no body.
    length = content_length(head.fields)
    return NO_BODY if length is None else Framing(BodyKind.FIXED, length)


def content_length(fields: Fields) -> int | None:
    """Return the Content-Length in octets, None if there is none (RFC 9110 section 8.6). Raises `BadFraming`.

    A list of equal numbers counts as one of them (RFC 9112 section 6.3, 5); anything but digits is an error.
    """
    line = fields.decisive.get(b"content-length")
    if line is None:
        return None
    digits = line[2:-1]
    if digits.isdigit() and line[:2] == b": " and line[-1] == 13 and len(digits) < 20:
        return int(digits)  # one regular line, the usual case
    values = fields.get_all("content-length")
    if not values:
        return None
    numbers = {number.strip(" \t") for value in values for number in value.split(",")}
    if len(numbers) > 1:
        quoted = ", ".join(repr(text[:40]) for text in sorted(numbers)[:5])
        raise BadFraming(f"expected one Content-Length, got {len(numbers)} different ones: {quoted}")
    text = numbers.pop()
    if not (text.isascii() and text.isdigit()):
        raise BadFraming(f"expected a Content-Length of digits only, got {text[:40]!r}")
    text = text.lstrip("0") or "0"
    if len(text) > 40:  # more octets than there are; and int() itself refuses some thousands of digits
        raise BadFraming(f"expected a Content-Length that is a size, got a number of {len(text)} digits")
    return int(text)


def transfer_codings(fields: Fields) -> list[str]:
    """Return the transfer codings in the order of their application, in lower case (RFC 9112 section 6.1).

    Each with its parameters, if it has any.
    """
    values = ",".join(fields.get_all("transfer-encoding")).lower()
    return [coding for part in values.split(",") if (coding := part.strip(" \t"))]


def keeps_alive(head: RequestHead | ResponseHead) -> bool:
    """Tell whether this message lets the connection persist after it (RFC 9112 section 9.3).

    It does not where its framing was open to doubt: Transfer-Encoding beside Content-Length, or in HTTP/1.0 (RFC 9112
    sections 6.1 and 6.3, 3). Whether its body is one that ends before the connection does is for its `Framing` to say.
    """
    lines = head.fields.decisive
    if b"transfer-encoding" in lines and (head.version < HTTP11 or b"content-length" in lines):
        return False
    line = lines.get(b"connection")
    if line is None:
        return head.version >= HTTP11
    options = {"keep-alive"} if line == b": keep-alive\r" else connection_options(head.fields)
    if "close" in options:
        return False
    return head.version >= HTTP11 or (head.version == HTTP10 and "keep-alive" in options)


def connection_options(fields: Fields) -> set[str]:
    """Return the options of the Connection field, in lower case (RFC 9110 section 7.6.1)."""
    return {option.strip(" \t").lower() for value in fields.get_all("connection") for option in value.split(",")}


def _checked_codings(head: RequestHead | ResponseHead, leniency: Leniency) -> list[str]:
    """The transfer codings, without those that this role may pass over. Raises `BadFraming` for what it may not."""
    codings = transfer_codings(head.fields)
    if not leniency.length_beside_coding:
        if head.fields.get_all("content-length"):
            raise BadFraming("expected either Transfer-Encoding or Content-Length, got both")
        if head.version < HTTP11:
            raise BadFraming("expected no Transfer-Encoding in HTTP/1.0, got one")
        if not codings:
            raise BadFraming("expected a Transfer-Encoding that names a coding, got an empty one")
    # "identity" was a coding until RFC 7230 took it out; servers that send it alone mean none. Behind chunked it is a
    # final coding that is not chunked, as any unknown one.
    if leniency.length_beside_coding and set(codings) == {"identity"}:
        return []
    # RFC 9112 section 7.1: "A sender MUST NOT apply the chunked transfer coding more than once", and parameters of it
    # "SHOULD be treated as an error".
    chunked = [coding for coding in codings if coding.partition(";")[0].rstrip(" \t") == "chunked"]
    if len(chunked) > 1 or chunked not in ([], ["chunked"]):
        raise BadFraming(f"expected the transfer coding chunked once and without parameters, got {chunked[-1][:60]!r}")
    return codings
