"""What looks like a secret in the finished text of a cassette, though no rule took it for one.

Law: octets in, places out. A suspicion is none too sure, so nothing is changed by one, and none has the value that it
is about: it is told to people, in places where a secret may not be. What is suspected is what a person would look at
twice: random octets after a name that speaks of keys or tokens, and names of secrets among octets that are no text.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .member_masking import shown
from .secret_names import Kind
from .stand_ins import looks_like_token, shaped
from .token_shapes import tokens_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .secret_names import SecretNames

_LONG_VALUE: Final = re.compile(rb"""[:=][ \t]?["']?([A-Za-z0-9+/_-]{20,}={0,2})""")
_IN_PATH: Final = re.compile(
    rb"/([\w.-]{0,40}(?:token|passw|secret|reset|invit|activat|confirm|verif|hook)[\w.-]{0,40})/([A-Za-z0-9_-]{16,})"
)
_NAME_BEFORE: Final = re.compile(rb"""([A-Za-z_][\w.-]{0,79})["']?[ \t]?\Z""")
_LONGEST_NAME: Final = 84
_UUID: Final = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_CHANGE: Final = re.compile(rb"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])")
_MOST_OCTETS_TO_A_CHANGE: Final = 4
_FEWEST_KINDS: Final = 10
_BASE64: Final = re.compile(rb"^( *)base64: *(?:\|[-+0-9]*\n((?:\1 +\S+\n)+)|([A-Za-z0-9+/]+=*)$)", re.MULTILINE)
_MOST_DECODED: Final = 65_536
_NAMED_OCTETS: Final = re.compile(rb"([A-Za-z][A-Za-z_-]{4,39})[\x00-\x1f\x80-\xff]{1,3}([\x21-\x7e]{6,})")


class Suspicion(NamedTuple):
    """What is suspected, as a kind of text that names it, and on which line it begins."""

    line: int
    what: str


def suspicions(text: bytes, names: SecretNames, line: int = 1) -> Iterator[Suspicion]:
    """Find what looks like a secret in *text*, whose first line is number *line*; *names* are those of secrets.

    Names that a project keeps are kept here as well.
    """
    for found in _LONG_VALUE.finditer(text):
        if what := _suspected_value(text, found, names):
            yield Suspicion(line + text.count(b"\n", 0, found.start()), what)
    for segment in _IN_PATH.finditer(text):
        if _is_doubtful(segment[1], segment[2], names):
            what = f"a random value after {shown(segment[1])!r} in a path"
            yield Suspicion(line + text.count(b"\n", 0, segment.start()), what)
    if b"base64:" in text:
        for block in _BASE64.finditer(text):
            for what in _among_octets(block[2] or block[3], names):
                yield Suspicion(line + text.count(b"\n", 0, block.start()), what)


def _suspected_value(text: bytes, found: re.Match[bytes], names: SecretNames) -> str:
    """What *found* is suspected to be: "" for a value that is as it should be."""
    name = _NAME_BEFORE.search(text, max(found.start() - _LONGEST_NAME, 0), found.start())
    if name is None or not (names.kind(name[1]) is Kind.SECRET or names.is_doubtful(name[1])):
        return ""
    return f"a random value of {shown(name[1])!r}" if _is_doubtful(name[1], found[1], names) else ""


def _is_doubtful(name: bytes, value: bytes, names: SecretNames) -> bool:
    return shaped(value) != value and not names.keeps(name.decode("utf-8", "replace")) and _looks_random(value)


def _looks_random(value: bytes) -> bool:
    """Tell whether *value* is what no person would write, and is none of the identifiers that programs make."""
    if not looks_like_token(value) or _UUID.fullmatch(value):
        return False
    return len(set(value)) >= _FEWEST_KINDS and len(_CHANGE.findall(value)) * _MOST_OCTETS_TO_A_CHANGE >= len(value)


def _among_octets(written: bytes, names: SecretNames) -> Iterator[str]:
    """What is suspected in octets that are no text, *written* in base64: the values of secret names, and tokens."""
    if len(written) > _MOST_DECODED:
        return
    try:
        octets = base64.b64decode(b"".join(written.split()), validate=True)
    except binascii.Error:
        return
    for named in _NAMED_OCTETS.finditer(octets):
        if names.kind(named[1]) is Kind.SECRET and shaped(named[2]) != named[2]:
            yield f"octets after the name {shown(named[1])!r}, in base64"
    for token in tokens_in(octets, is_text=False):
        if shaped(octets[token.start : token.end]) != octets[token.start : token.end]:
            yield f"token of {token.service}, in base64"
