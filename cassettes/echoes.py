"""Echoes: secrets that a name gave away in one place and that stand, without a name, in another.

Law: octets in, octets out. Which secrets were found is noted here, and in which forms they may be repeated; a text is
looked through for the lot. A word is looked for as a word alone, and never where it is a name: an answer in which each
"required" has become a stand-in is of no use to anybody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

from .stand_ins import SHAPED, shaped, shaped_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .stand_ins import StandIns

SHORTEST: Final = 8
"""Octets. What is shorter is found in too many places that have nothing to do with it."""
_SHORTEST_WITHOUT_NAME: Final = 12
_DIGIT: Final = re.compile(rb"[0-9]")
_WORD: Final = re.compile(rb"[A-Za-z]+|[0-9]+")
_PLAIN: Final = re.compile(rb"[A-Za-z0-9._~-]+")
_NOT_IN_A_WORD: Final = rb"(?:(?<![A-Za-z0-9<])(?<!</)|(?<=%%[0-9A-Fa-f]{2})|(?<=\\[nrt]))%s(?![A-Za-z0-9]|\\*\"\s*:|=)"
_NOT_IN_A_STAND_IN: Final = rb"(?<!x)%s(?!x)"


class Echoes:
    """The secrets of one exchange that are unmistakable, and the stand-ins for them, made by *stand_ins*.

    After ``most`` of them no more are noted.
    """

    __slots__ = ("_fixed", "_known", "_stand_ins", "most")

    def __init__(self, stand_ins: StandIns) -> None:
        self.most = 1_000_000
        self._stand_ins = stand_ins
        self._fixed = stand_ins is not SHAPED
        self._known: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._known)

    def note(self, secret: bytes, *, named: bool) -> None:
        """Remember *secret*; *named*, if its own name said that it is one, and not that of what it stands in."""
        if len(secret) < SHORTEST or secret in self._known or len(self._known) >= self.most:
            return
        stand_in = shaped(secret)
        if not named and (len(secret) < _SHORTEST_WITHOUT_NAME or not (_is_mixed(secret) or stand_in == secret)):
            return
        if not self._fixed:
            if stand_in == secret:
                return
        elif stand_in != secret:
            self._known[stand_in] = self._stand_ins.text(secret)
        if secret.isdigit():  # it may be a number where it is repeated
            number = shaped_number(secret)
            if number != secret:
                self._known[secret] = number
            return
        self._known[secret] = self._stand_ins.text(secret)
        if not _PLAIN.fullmatch(secret):
            for form in _other_forms(secret):
                self._known.setdefault(form, shaped(form))

    def beyond(self, others: Echoes) -> Echoes:
        """Return those of these that are not among *others*."""
        more = Echoes(self._stand_ins)
        more._known = {secret: stand_in for secret, stand_in in self._known.items() if secret not in others._known}
        return more

    def take_over(self, others: Echoes) -> None:
        """Note what *others* have noted."""
        for secret, stand_in in others._known.items():
            self._known.setdefault(secret, stand_in)

    def masked(self, text: bytes, found: Callable[[], None]) -> bytes:
        """Return *text* with stand-ins for the secrets repeated in it; *found* is called for each."""
        repeated = [secret for secret in self._known if secret in text]
        if not repeated:
            return text

        def stand_in(match: re.Match[bytes]) -> bytes:
            known = self._known[match[0]]
            if known != match[0]:
                found()
            return known

        repeated.sort(key=len, reverse=True)
        return re.sub(b"|".join([_pattern(secret) for secret in repeated]), stand_in, text)

    def any_in(self, text: bytes) -> bool:
        """Tell whether a secret may be repeated in *text*."""
        for secret in self._known:  # noqa: SIM110  a generator costs more than the search
            if secret in text:
                return True
        return False


def _is_mixed(secret: bytes) -> bool:
    return _DIGIT.search(secret) is not None and not secret.isdigit()


def _pattern(secret: bytes) -> bytes:
    if not secret.strip(b"x-._~+/=:, \t\r\n"):
        return _NOT_IN_A_STAND_IN % re.escape(secret)
    return _NOT_IN_A_WORD % secret if _WORD.fullmatch(secret) else re.escape(secret)


def _other_forms(secret: bytes) -> Iterator[bytes]:
    """What *secret* is without its escapes, and what it is with those that URLs, forms and JSON need."""
    plain = secret.strip(b'"')
    if b"%" in plain:
        plain = unquote_to_bytes(plain)
    elif b"\\" in plain:
        plain = plain.replace(b"\\/", b"/").replace(b'\\"', b'"').replace(b"\\\\", b"\\")
    escaped = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    for form in (plain, quote(plain).encode(), quote_plus(plain).encode(), escaped, escaped.replace(b"/", b"\\/")):
        if form != secret and len(form) >= SHORTEST:
            yield form
