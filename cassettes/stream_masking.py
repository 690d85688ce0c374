"""Secrets in large bodies: found while the content comes, in a window that moves over it.

Law: octets in, octets out, in bounded memory. What is private in a small body is private in a large one, as far as a
window shows it: each octet is judged with what stands round it, `AROUND` octets at least on either side, so that only
a secret longer than that can be missed. Most content has no secret, and none of the words that give one away: that is
found out first, and costs little.

For comparing, stand-ins of the secret's shape are used here as well: a window needs them to be as long as the secret.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from . import unicode_text
from .body_masking import mask_content
from .stand_ins import shaped
from .text_masking import mask_patterns, mask_text, may_hold_secret

if TYPE_CHECKING:
    from httplib_sim import wire

    from .masking import Masking

_WINDOW: Final = 262_144
AROUND: Final = 16_384
"""Octets on either side of each that are seen with it."""
_MOST_NOTED: Final = 256
"""Secrets of a large body that are looked for elsewhere: each costs a look through all the rest of it."""
_LOOKED_AT: Final = 1024
_OF_TEXT: Final = bytes(octet for octet in range(256) if octet >= 0x20 or octet in b"\t\n\r\x1b")
_FEW: Final = 32
"""Of so many octets of a text one may be a control character."""
_BORDER: Final = re.compile(rb"(?m)^--[^\s-][^\r\n]{0,69}[ \t]*\r?\n(?=[A-Za-z-]+:|\r?\n)")


class MaskedStream:
    """Masks the content of one message, whose head has *fields*: give it piece by piece, and None at its end.

    ``changed`` says whether there was anything to mask. Text in UTF-16 and UTF-32 is looked at as UTF-8, unless it is
    known to be *utf8* already.
    """

    def __init__(self, fields: wire.Fields, masking: Masking, *, utf8: bool = False) -> None:
        self.masking = masking
        masking.echoes.most = len(masking.echoes) + _MOST_NOTED
        self.changed = False
        self._fields = fields
        self._multipart = fields.get("content-type", "").strip().lower().startswith("multipart/")
        self._opening: bytes | None = None  # what tells markup, where the beginning is not seen any more
        self._suspicious = False
        self._unicode: _UnicodeStream | None = None
        self._begun = utf8  # then it need not be told whether it is another encoding
        self._before = b""
        self._held: list[bytes] = []
        self._size = 0

    def __call__(self, data: bytes | None) -> bytes:
        """Return what can be told by now of the content, masked."""
        if data is not None:
            self._held.append(data)
            self._size += len(data)
            if self._size < _WINDOW + AROUND:
                return b""
        held = b"".join(self._held)
        if self._unicode is None and not self._begun:
            self._unicode = _unicode_stream(held, self._fields, self.masking)
        self._begun = True
        if self._unicode is not None:
            self._held, self._size = [], _WINDOW + AROUND
            masked = self._unicode(held) + (self._unicode(None) if data is None else b"")
            self.changed = self._unicode.changed
            return masked
        pieces, start, end = [], 0, 0
        while start < len(held):
            end = min(start + _WINDOW, len(held) if data is None else len(held) - AROUND)
            if end <= start:
                break
            pieces.append(self._masked(held[start : end + AROUND], end - start))
            start = end
        self._held, self._size = [held[start:]], len(held) - start
        return b"".join(pieces)

    def _masked(self, held: bytes, count: int) -> bytes:
        """The first *count* octets of *held*, masked, and seen together with what was before and what comes after."""
        window = self._before + held
        start = len(self._before)
        self._before = window[max(start + count - AROUND, 0) : start + count]
        masked = self._mask(window, start)
        if masked == window:
            return held[:count]
        given = masked[start : start + count] if len(masked) == len(window) else shaped(held[:count])
        self.changed = self.changed or given != held[:count]
        return given

    def _mask(self, window: bytes, start: int) -> bytes:
        """*window*, masked; what stands before *start* has been seen, with what comes after it."""
        masking = self.masking
        if self._opening is None:
            self._opening = b"<>" if window.lstrip()[:1] == b"<" else b""
        border = _BORDER.search(window) if self._multipart and b"--" in window else None
        if border is None and _is_no_text(window):
            return masking.repeated(mask_patterns(window, masking, "body"), "body")
        suspicious = may_hold_secret(window[start:], masking)
        self._suspicious, looked_at = suspicious, suspicious or self._suspicious
        if not looked_at:
            return masking.repeated(window, "body")
        if border is not None:
            # What comes before is the end of a part of which the beginning is not seen any more.
            before, after = window[: border.start()], window[border.start() :]
            before = before if _is_no_text(before) else mask_text(before, masking, "body")
            return masking.repeated(before + mask_content(after, self._fields, masking), "body")
        if self._multipart:
            return masking.repeated(mask_text(window, masking, "body"), "body")
        masked = mask_content(self._opening + window, self._fields, masking)[len(self._opening) :]
        return masking.repeated(masked, "body")


def _is_no_text(window: bytes) -> bool:
    """Whether there are more control characters in *window* than any text has."""
    return len(window.translate(None, _OF_TEXT)) * _FEW > len(window)


class _UnicodeStream:
    """As `MaskedStream`, for text in UTF-16 or UTF-32; what cannot be read ends it, and is given as it is."""

    def __init__(self, encoding: str, fields: wire.Fields, masking: Masking) -> None:
        self._encoding = encoding
        self._reading = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._writing = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        self._plain = MaskedStream(fields, masking, utf8=True)
        self._broken = False

    @property
    def changed(self) -> bool:
        return self._plain.changed

    def __call__(self, data: bytes | None) -> bytes:
        if self._broken:
            return data or b""
        if data is None:
            rest, _ = self._reading.getstate()
            return self._written(self._plain(None)) + bytes(rest)
        rest = bytes(self._reading.getstate()[0]) + data
        try:
            text = self._reading.decode(data)
        except UnicodeDecodeError:
            self._broken = True
            return self._written(self._plain(None)) + rest
        return self._written(self._plain(text.encode("utf-8", "surrogatepass")))

    def _written(self, masked: bytes) -> bytes:
        return self._writing.decode(masked).encode(self._encoding, "surrogatepass")


def _unicode_stream(beginning: bytes, fields: wire.Fields, masking: Masking) -> _UnicodeStream | None:
    text = unicode_text.read(beginning, fields.get("content-type", "")) if b"\0" in beginning[:_LOOKED_AT] else None
    return None if text is None else _UnicodeStream(text.encoding, fields, masking)
