"""One walk over an exchange: what counts as a secret in it, what stands in for each, and where they were found.

Law: the state of the walk, and nothing of what is walked over: where secrets stand in fields, texts and bodies is for
the modules above to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .echoes import Echoes
from .secret_names import Kind
from .stand_ins import SHAPED, StandIns, looks_like_token

if TYPE_CHECKING:
    from .secret_names import SecretNames

_NUMBER: Final = re.compile(rb"[-+]?[0-9][0-9.eE+-]*")
_DIGITS: Final = re.compile(rb"[0-9]{4,}|x{4,}")
_NAME: Final = re.compile(rb"[A-Za-z_-]+")
_NO_SECRET: Final = frozenset({b"true", b"false", b"null"})
_NO_SECRET_WORD: Final = _NO_SECRET | {b"True", b"False", b"None", b"undefined", b"NaN"}


@dataclass(slots=True)
class Masking:
    """One walk over an exchange: by which names secrets are known, what stands in for them, and where they were found.

    *headers* are the names that count for field lines, *names* those for all else. *where* is what places begin with,
    such as "request"; *hits* counts what was masked, *depth* the codings that what is walked over was taken out of.
    *patterns* are expressions whose first group is a secret.
    *echoes* are the values found, as far as they are unmistakable, so that what repeats one can be told.
    """

    names: SecretNames
    headers: SecretNames
    stand_ins: StandIns = SHAPED
    patterns: tuple[re.Pattern[bytes], ...] = ()
    where: str = "request"
    found: dict[str, None] = field(default_factory=dict)
    hits: int = 0
    depth: int = 0
    echoes: Echoes = field(init=False)

    def __post_init__(self) -> None:
        self.echoes = Echoes(self.stand_ins)

    def is_secret(self, name: bytes, value: bytes = b"") -> bool:
        """Tell whether *name* stands before a secret; of a few names, *value* decides."""
        kind = self.names.kind(name)
        return kind is Kind.SECRET or (kind is Kind.DIGITS and _DIGITS.fullmatch(value) is not None)

    def is_parameter(self, name: bytes, value: bytes) -> bool:
        """Tell whether *name* stands before a secret in a query or form, as ``key`` and ``code`` do before a token."""
        kind = self.names.kind(name)
        if kind is Kind.DIGITS:
            return _DIGITS.fullmatch(value) is not None
        return kind is Kind.SECRET or (kind is Kind.PERHAPS and looks_like_token(value))

    def is_secret_field(self, name: bytes) -> bool:
        """Tell whether *name* stands before a secret where it may be the name of a header field."""
        return self.headers.kind(name) is Kind.SECRET

    def text(self, secret: bytes, place: str, *, named: bool = True) -> bytes:
        """Return the stand-in for *secret*, which was found in *place*; nothing stands in for nothing, or for true.

        *named* is false for what is secret only because of what it stands in: that is less sure to be one, so it is
        not looked for elsewhere unless it looks like one.
        """
        if not secret or secret in _NO_SECRET:
            return secret
        stand_in = self.stand_ins.text(secret)
        self._hit(place, masked=stand_in != secret)
        self.echoes.note(secret, named=named and not (_NAME.fullmatch(secret) and self.is_secret(secret)))
        return stand_in

    def word(self, secret: bytes, place: str, *, named: bool = True) -> bytes:
        """Return the stand-in for a number, or for a word without quotes; true, false and null are no secrets."""
        if secret in _NO_SECRET_WORD:
            return secret
        if not _NUMBER.fullmatch(secret):
            return self.text(secret, place, named=named)
        stand_in = self.stand_ins.number(secret)
        self._hit(place, masked=stand_in != secret)
        if secret.isdigit():
            self.echoes.note(secret, named=named)
        return stand_in

    def take_over(self, other: Masking, place: str) -> None:
        """Count as found what *other* has found in *place*, and as known what it knows."""
        for found in other.found:
            if found.startswith(f"{self.where} {place}"):
                self.found[found] = None
                self.hits += 1
        self.echoes.take_over(other.echoes)

    def repeated(self, content: bytes, place: str) -> bytes:
        """Return *content* with stand-ins for the secrets that were found by their names and are repeated in it."""
        if not self.echoes:
            return content
        return self.echoes.masked(content, lambda: self._hit(f"{place} (repeated)"))

    def _hit(self, place: str, *, masked: bool = True) -> None:
        """Count, and note *place* unless it holds a stand-in already."""
        self.hits += 1
        if masked:
            self.found[f"{self.where} {place}"] = None
