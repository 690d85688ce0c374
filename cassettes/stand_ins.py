"""Stand-ins: what takes the place of a secret, and the list of the places where one did.

Law: octets in, octets out, knowing nothing of what stands round them. A stand-in of the shape that the secret had is
for the file: a length stays a length, a UUID looks like one, and a stand-in has itself as its stand-in. One stand-in
for all secrets is for comparing requests: two secrets are equal then, and so are a secret and its stand-in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .secret_names import SecretNames

_BLANKS: Final = b" \t\r\n"
_KEPT: Final = _BLANKS + b"-._~+/=:,"
_SHAPE: Final = bytes(octet if octet in _KEPT else 0x78 for octet in range(256))
_LENGTH: Final = bytes(octet if octet in _BLANKS else 0x78 for octet in range(256))
_NUMBER: Final = re.compile(rb"[-+]?[0-9][0-9.eE+-]*")
_DIGIT: Final = re.compile(rb"[0-9]")
_LONG_WHOLE_PART: Final = re.compile(rb"[0-9](?=[0-9])")
_NO_SECRET: Final = frozenset({b"true", b"false", b"null"})
_NO_SECRET_WORD: Final = _NO_SECRET | {b"True", b"False", b"None", b"undefined", b"NaN"}
_FIXED: Final = b"xxxxxxxx"
_SHORTEST_ECHO: Final = 12


class StandIns(NamedTuple):
    """How stand-ins are made: for a secret *text* and for a secret *number*, as JSON writes them."""

    text: Callable[[bytes], bytes]
    number: Callable[[bytes], bytes]


def shaped(secret: bytes) -> bytes:
    """Return a stand-in of the same length: ``x`` for each octet, blanks and ``-._~+/=:,`` as they are.

    Of a secret that has nothing else in it only the blanks stay.
    """
    stand_in = secret.translate(_SHAPE)
    return stand_in if b"x" in stand_in else secret.translate(_LENGTH)


def shaped_number(secret: bytes) -> bytes:
    """Return a number of the same length: each digit 0, but 1 where a number may not begin with 0 (RFC 8259, 6)."""
    zeros = _DIGIT.sub(b"0", secret)
    return _LONG_WHOLE_PART.sub(b"1", zeros, count=1) if _LONG_WHOLE_PART.match(zeros.lstrip(b"+-")) else zeros


SHAPED: Final = StandIns(shaped, shaped_number)
FIXED: Final = StandIns(lambda _: _FIXED, lambda _: b"0")


@dataclass(slots=True)
class Masking:
    """One walk over an exchange: by which names secrets are known, what stands in for them, and where they were found.

    *headers* are the names that count for field lines, *names* those for all else. *where* is what places begin with,
    such as "request"; *hits* counts what was masked. *patterns* are expressions whose first group is a secret.
    *secrets* are the values found, as far as they are unmistakable, so that an answer that repeats one can be told.
    """

    names: SecretNames
    headers: SecretNames
    stand_ins: StandIns = SHAPED
    patterns: tuple[re.Pattern[bytes], ...] = ()
    where: str = "request"
    found: dict[str, None] = field(default_factory=dict)
    hits: int = 0
    secrets: dict[bytes, None] = field(default_factory=dict)

    def is_secret(self, name: bytes) -> bool:
        """Tell whether *name* stands before a secret."""
        return name.decode("utf-8", "replace") in self.names

    def text(self, secret: bytes, place: str) -> bytes:
        """Return the stand-in for *secret*, which was found in *place*; nothing stands in for nothing, or for true."""
        if not secret or secret in _NO_SECRET:
            return secret
        self._hit(place)
        if len(secret) >= _SHORTEST_ECHO and _DIGIT.search(secret) and not secret.isdigit():
            self.secrets[secret] = None
        return self.stand_ins.text(secret)

    def word(self, secret: bytes, place: str) -> bytes:
        """Return the stand-in for a number, or for a word without quotes; true, false and null are no secrets."""
        if secret in _NO_SECRET_WORD:
            return secret
        if not _NUMBER.fullmatch(secret):
            return self.text(secret, place)
        self._hit(place)
        return self.stand_ins.number(secret)

    def echoes(self, content: bytes, place: str) -> bytes:
        """Return *content* with stand-ins for the secrets that were found before and are repeated in it.

        They have the shape of the secret even where requests are compared: no name tells of them once they are masked.
        """
        for secret in self.secrets:
            if secret in content:
                self._hit(f"{place} (repeated)")
                content = content.replace(secret, shaped(secret))
        return content

    def _hit(self, place: str) -> None:
        self.found[f"{self.where} {place}"] = None
        self.hits += 1
