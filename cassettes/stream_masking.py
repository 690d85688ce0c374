"""Secrets in large bodies: found while the content comes, in a window that moves over it.

Law: octets in, octets out, in bounded memory. What is private in a small body is private in a large one, as far as a
window shows it: each octet is judged with what stands round it, `_AROUND` octets at least on either side, so that only
a secret longer than that can be missed. Most content has no secret, and none of the words that give one away: that is
found out first, and costs little.

For comparing, stand-ins of the secret's shape are used here as well: a window needs them to be as long as the secret.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .body_masking import mask_content, mask_frame
from .large_body import digest
from .stand_ins import shaped
from .text_masking import mask_patterns, mask_text, may_hold_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httplib_sim import wire

    from .echoes import Echoes
    from .large_body import Content, LargeBody
    from .masking import Masking

_WINDOW: Final = 131_072
_AROUND: Final = 16_384
_MOST_NOTED: Final = 256
"""Secrets of a large body that are looked for elsewhere: each costs a look through all the rest of it."""
_BORDER: Final = re.compile(rb"(?m)^--[^\s-][^\r\n]{0,69}[ \t]*\r?\n(?=[A-Za-z-]+:|\r?\n)")
_LOWER: Final = bytes(range(256)).lower()
_SEPARATORS: Final = b"_-.$ "


class MaskedStream:
    """Masks the content of one message, whose head has *fields*: give it piece by piece, and None at its end."""

    def __init__(self, fields: wire.Fields, masking: Masking) -> None:
        self.masking = masking
        masking.echoes.most = len(masking.echoes) + _MOST_NOTED
        self._fields = fields
        self._multipart = fields.get("content-type", "").strip().lower().startswith("multipart/")
        self._before = b""
        self._held: list[bytes] = []
        self._size = 0

    def __call__(self, data: bytes | None) -> bytes:
        """Return what can be told by now of the content, masked."""
        if data is not None:
            self._held.append(data)
            self._size += len(data)
            if self._size < _WINDOW + _AROUND:
                return b""
        held = b"".join(self._held)
        pieces, start, end = [], 0, 0
        while start < len(held):
            end = min(start + _WINDOW, len(held) if data is None else len(held) - _AROUND)
            if end <= start:
                break
            pieces.append(self._masked(held[start : end + _AROUND], end - start))
            start = end
        self._held, self._size = [held[start:]], len(held) - start
        return b"".join(pieces)

    def _masked(self, held: bytes, count: int) -> bytes:
        """The first *count* octets of *held*, masked, and seen together with what was before and what comes after."""
        window = self._before + held
        start = len(self._before)
        self._before = window[max(start + count - _AROUND, 0) : start + count]
        masked = self._mask(window)
        if masked is window:
            return held[:count]
        return masked[start : start + count] if len(masked) == len(window) else shaped(held[:count])

    def _mask(self, window: bytes) -> bytes:
        masking = self.masking
        if b"\0" in window:  # no text
            masked = mask_patterns(window, masking, "body")
        elif not may_hold_secret(window, masking):
            masked = window
        elif self._multipart and (border := _BORDER.search(window)):
            beginning = mask_text(window[: border.start()], masking, "body")
            masked = beginning + mask_content(window[border.start() :], self._fields, masking)
        elif self._multipart:
            masked = mask_text(window, masking, "body")
        else:
            masked = mask_content(window, self._fields, masking)
        return masking.repeated(masked, "body")


class MaskedContent:
    """The content *source* as *stream* masks it: each time it is read, anew."""

    def __init__(self, source: Content, stream: Callable[[], MaskedStream]) -> None:
        self._source = source
        self._stream = stream

    @property
    def size(self) -> int:
        """How many octets it is, masked or not: stand-ins are as long as secrets here."""
        return self._source.size

    @cached_property
    def sha256(self) -> str:
        """The digest of what is masked, in hexadecimal digits."""
        return digest(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Give the content, masked, piece by piece."""
        masked = self._stream()
        for piece in self._source.pieces():
            if octets := masked(piece):
                yield octets
        if octets := masked(None):
            yield octets


def mask_large(body: LargeBody, fields: wire.Fields, masking: Masking) -> tuple[LargeBody, wire.Fields]:
    """Return (*body* with stand-ins for the secrets in it, *fields* with a Content-Length that fits).

    What was masked while it came is looked through once more only for secrets that were not known then.
    """
    source: Content = body.source
    stream: MaskedStream | None = getattr(source, "masked", None)
    if stream is None:
        source = MaskedContent(source, lambda: MaskedStream(fields, masking))
    else:
        known = masking.echoes.beyond(stream.masking.echoes)
        masking.take_over(stream.masking, "body")
        if known and _holds_any(source, known):
            source = MaskedContent(source, lambda: MaskedStream(fields, masking))
    return mask_frame(body, source, fields, masking)


def _holds_any(source: Content, secrets: Echoes) -> bool:
    before = b""
    for piece in source.pieces():
        window = before + piece
        if secrets.any_in(window):
            return True
        before = window[-_AROUND:]
    return False
