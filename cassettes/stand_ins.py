"""What takes the place of a secret.

Law: octets in, octets out, knowing nothing of what stands round them. A stand-in of the shape that the secret had is
for the file: a length stays a length, a UUID looks like one, and a stand-in has itself as its stand-in. One stand-in
for all secrets is for comparing requests: two secrets are equal then, and so are a secret and its stand-in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .token_shapes import SHORTEST, beginning_of

if TYPE_CHECKING:
    from collections.abc import Callable

_BLANKS: Final = b" \t\r\n"
_KEPT: Final = _BLANKS + b"-._~+/=:,"
_SHAPE: Final = bytes(octet if octet in _KEPT else 0x78 for octet in range(256))
_LENGTH: Final = bytes(octet if octet in _BLANKS else 0x78 for octet in range(256))
_DIGIT: Final = re.compile(rb"[0-9]")
_LONG_WHOLE_PART: Final = re.compile(rb"[0-9](?=[0-9])")
_X: Final = 0x78
_FIXED: Final = b"xxxxxxxx"
_TOKEN: Final = re.compile(
    rb"(?=[^\s]{8})(?:(?=[^A-Za-z\s]*[A-Za-z])(?=[^0-9\s]*[0-9])[^\s]*|[-._~+/=:,x]*x[-._~+/=:,x]*)"
)


class StandIns(NamedTuple):
    """How stand-ins are made: for a secret *text* and for a secret *number*, as JSON writes them."""

    text: Callable[[bytes], bytes]
    number: Callable[[bytes], bytes]


def shaped(secret: bytes) -> bytes:
    """Return a stand-in of the same length: ``x`` for each octet, blanks and ``-._~+/=:,`` as they are.

    Of a token that begins as those of a service do, the beginning stays: there are programs that look at it. Of a
    secret that has nothing else in it only the blanks stay.
    """
    stand_in = secret.translate(_SHAPE)
    if len(secret) >= SHORTEST and (kept := beginning_of(secret)):
        return secret[:kept] + stand_in[kept:]
    return stand_in if b"x" in stand_in else secret.translate(_LENGTH)


def shaped_number(secret: bytes) -> bytes:
    """Return a number of the same length: each digit 0, but 1 where a number may not begin with 0 (RFC 8259, 6)."""
    zeros = _DIGIT.sub(b"0", secret)
    return _LONG_WHOLE_PART.sub(b"1", zeros, count=1) if _LONG_WHOLE_PART.match(zeros.lstrip(b"+-")) else zeros


def may_stand_for(recorded: bytes, sent: bytes) -> bool:
    """Tell whether *recorded* is *sent*, apart from stand-ins of the shape of what was sent in their place."""
    if len(recorded) != len(sent):
        return False
    shapes = sent.translate(_SHAPE)
    return all(old == new or old == shape == _X for old, new, shape in zip(recorded, sent, shapes, strict=True))


def looks_like_token(value: bytes) -> bool:
    """Tell whether *value* looks like what no person would write, or is the stand-in of that.

    For names that may stand before a secret or before a word: eight octets at least, with letters and digits among
    them. It says the same of a secret and of its stand-in.
    """
    return _TOKEN.fullmatch(value) is not None or beginning_of(value) > 0


SHAPED: Final = StandIns(shaped, shaped_number)
FIXED: Final = StandIns(lambda _: _FIXED, lambda _: b"0")
