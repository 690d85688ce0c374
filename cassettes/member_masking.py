r"""Secrets in JSON, and in what looks like it: members with a secret name, and pairs of a name and a value.

Law: octets in, octets out; nothing is parsed as a whole, so what is torn, embedded in something else, or not quite what
it claims to be is masked as well as what is sound. Delimiters stay where they are: what was JSON stays JSON.

A name in quotes and a colon is the same whether it stands in a document, in an event of a stream, in a script, or in
JSON that is itself a string of JSON, where each quote has backslashes before it. So names are searched for, and only
the value after a secret one is read, with the quote that its name has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from .secret_names import Kind
from .stand_ins import looks_like_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from .masking import Masking

_QUOTED_NAME: Final = re.compile(
    # Spelled so that it is quick: it begins with one of three octets, and only names with a backslash are read slowly.
    rb"""("(?<!\\")|'(?<!\\')|\\(?<!\\\\)\\*["'])"""
    rb"""([^"'\\\r\n]{1,80}+|(?=[^"'\\\r\n]{0,79}+\\)(?:[^"'\\\r\n]|\\+u[0-9a-fA-F]{4}){1,80})\1"""
    rb"""[ \t\r\n]*[:=][ \t\r\n]*"""
)
_LABEL: Final = re.compile(rb'(\\*["\'])([^"\'\\]{1,80})\1')
_DIGITS: Final = re.compile(rb"""(?:\\*["'])?(?:[0-9]{4,}|x{4,})(?![^"'\\,}\]\s])""")
_VALUE: Final = re.compile(rb"(?i)[\w-]{0,30}(?:value|values|val)")
_LISTED_NAME: Final = re.compile(rb'\[[ \t\r\n]*(\\*")([^"\\]{1,80})\1[ \t\r\n]*,[ \t\r\n]*(?=\1)')
_END_OF_LIST: Final = re.compile(rb'\\*"[ \t\r\n]*\]')
_IN_LIST: Final = re.compile(rb"[\[,][ \t\r\n]*\Z")
_AFTER_STRING: Final = (b"", b",", b"}", b"]", b":", b" ", b"\t", b"\r", b"\n")
_ESCAPE: Final = re.compile(rb"\\+u00([0-9a-fA-F]{2})")
_QUOTE: Final = re.compile(rb"""(?<!\\)(\\*)(["'])""")
_WORD: Final = re.compile(rb"""[^\s"'\\{}\[\],:;()<>&]+""")
_TOKEN: Final = re.compile(_QUOTE.pattern + rb"|[{}\[\]]|" + _WORD.pattern)
_COLON: Final = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")


class _Found(NamedTuple):
    """Where a secret value begins, the quote of its name, and its name."""

    start: int
    quote: bytes
    name: bytes


@dataclass(slots=True)
class _Pair:
    """What is known of an object: the secret *name* that it has as a member, and where its *value* begins."""

    name: bytes = b""
    value: int | None = None
    quote: bytes = b'"'

    def note(self, member: bytes, text: bytes, start: int, quote: bytes, masking: Masking) -> None:
        """Note the *member* of *text* whose value begins at *start*."""
        if self.value is None and _VALUE.fullmatch(member):
            self.value, self.quote = start, quote
        elif masking.names.kind(member) is not Kind.OTHER:
            label = _LABEL.match(text, start)
            if label and label[1] == quote and masking.is_secret_field(label[2]):
                self.name = label[2]


def mask_members(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for the values of its secret members: of objects and lists, all that is in them.

    Of a list with the plural of a secret name only what looks like a token is one: there are "tokens" of languages too.
    A member may also be a pair, an object with a name and a value, in any order, or a list of both in a list: as in
    HAR, in Postman's collections, in the parameters and tags of cloud services.
    """
    pieces: list[bytes] = []
    levels: set[int] = set()
    done = position = 0
    kind_of = masking.names.kind
    while match := _QUOTED_NAME.search(text, position):
        start = position = match.end()
        quote, name = match.groups()
        if b"\\" in name:
            name = _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), name)
        kind = kind_of(name)
        if kind is Kind.OTHER:
            continue
        if kind is Kind.SECRET or (kind is Kind.DIGITS and _DIGITS.match(text, start)):
            masked, position = _value(text, start, quote, masking, f"{place} {shown(name)}")
        elif kind is Kind.SEVERAL and text[start : start + 1] == b"[":
            masked, position = _tokens(text, start, len(quote) - 1, masking, f"{place} {shown(name)}")
        else:
            if (label := _LABEL.match(text, start)) and label[1] == quote and masking.is_secret_field(label[2]):
                levels.add(len(quote) - 1)
            continue
        pieces += text[done:start], masked
        done = position
    text = b"".join([*pieces, text[done:]]) if pieces else text
    for level in sorted(levels):
        text = _with_stand_ins(text, _labelled(text, level, masking), masking, place)
    return _with_stand_ins(text, _listed(text, masking), masking, place) if b"[" in text else text


def shown(name: bytes) -> str:
    """Return *name* as a place has it."""
    return "".join(char if char.isprintable() else "?" for char in name.decode("utf-8", "replace"))


def _with_stand_ins(text: bytes, found: list[_Found], masking: Masking, place: str) -> bytes:
    """Mask the values in *text* that were *found*."""
    pieces: list[bytes] = []
    done = 0
    for start, quote, name in sorted(found):
        if start >= done:  # else it stood in the value before
            masked, end = _value(text, start, quote, masking, f"{place} {shown(name)}")
            pieces += text[done:start], masked
            done = end
    return b"".join([*pieces, text[done:]]) if pieces else text


def _listed(text: bytes, masking: Masking) -> list[_Found]:
    """The second string of each list of two that is itself in a list, after a secret name."""
    found = []
    for name in _LISTED_NAME.finditer(text):
        if masking.is_secret_field(name[2]) and _IN_LIST.search(text[max(name.start() - 80, 0) : name.start()]):
            opening = _QUOTE.match(text, name.end())
            if opening and _END_OF_LIST.match(text, _end_of_string(text, opening.end(), opening)):
                found.append(_Found(name.end(), name[1], name[2]))
    return found


def _labelled(text: bytes, level: int, masking: Masking) -> list[_Found]:
    """The value of each object that has a secret name and a value as members, in quotes after *level* backslashes.

    Objects may be torn: at the beginning and at the end of *text*, or, where they stand in a string, of that.
    """
    pairs = [_Pair()]
    done: list[_Pair] = []
    position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        if token[2] is None:
            if token[0] in b"{[":
                pairs.append(_Pair())
            elif token[0] in b"}]":
                done.append(pairs.pop())
                pairs = pairs or [_Pair()]
        elif len(token[1]) < level:
            done += pairs
            pairs = [_Pair()]
        else:
            end = _end_of_string(text, position, token)
            name = text[position:end]
            position = end + len(token[0]) if text.startswith(token[0], end) else end
            if colon := _COLON.match(text, position):
                position = colon.end()
                pairs[-1].note(name, text, position, token[0], masking)
    return [
        _Found(pair.value, pair.quote, pair.name) for pair in [*done, *pairs] if pair.name and pair.value is not None
    ]


def _value(text: bytes, start: int, quote: bytes, masking: Masking, place: str) -> tuple[bytes, int]:
    """Return (what stands in for the value that begins at *start*, where the value ends)."""
    if text[start : start + 1] in (b"{", b"["):
        return _structure(text, start, len(quote) - 1, masking, place)
    opening = _QUOTE.match(text, start)
    if opening and len(opening[1]) == len(quote) - 1:
        if quote[-1:] == b"'" and opening[2] == b'"' and text[opening.end() : opening.end() + 1] in _AFTER_STRING:
            return b"", start  # the name stood in a string that ends here
        end = _end_of_string(text, opening.end(), opening)
        return opening[0] + masking.text(text[opening.end() : end], place), end
    word = _WORD.match(text, start)
    return (masking.word(word[0], place), word.end()) if word else (b"", start)


def _structure(text: bytes, start: int, level: int, masking: Masking, place: str) -> tuple[bytes, int]:
    """Mask all strings and numbers of the object or list that begins at *start*; the names of members stay."""

    def string(content: bytes) -> bytes:
        return masking.text(content, place, named=False)

    def word(content: bytes) -> bytes:
        return masking.word(content, place, named=False)

    return _walked(text, start, level, string, word, 1 << 30)


def _tokens(text: bytes, start: int, level: int, masking: Masking, place: str) -> tuple[bytes, int]:
    """Mask the strings of the list that begins at *start*, up to the first list or object in it."""

    def string(content: bytes) -> bytes:
        return masking.text(content, place) if looks_like_token(content) else content

    return _walked(text, start, level, string, bytes, 1)


def _walked(
    text: bytes,
    start: int,
    level: int,
    string: Callable[[bytes], bytes],
    word: Callable[[bytes], bytes],
    deepest: int,
) -> tuple[bytes, int]:
    """Return (the object or list from *start* on, with each *string* and *word* changed, where it ends).

    A quote with fewer than *level* backslashes ends the string that all of it stands in: the structure is torn. What is
    more than *deepest* levels deep ends the walk.
    """
    pieces: list[bytes] = []
    position, depth = start, 0
    while (token := _TOKEN.search(text, position)) and (token[2] is None or len(token[1]) >= level):
        if depth == deepest and token[0] in b"{[":
            break
        pieces.append(text[position : token.start()])
        position = token.end()
        if token[2] is not None:
            end = _end_of_string(text, position, token)
            content = text[position:end]
            position = end + len(token[0]) if text.startswith(token[0], end) else end
            is_name = _COLON.match(text, position) is not None
            pieces += token[0], content if is_name else string(content), text[end:position]
        elif token[0] in b"{}[]":
            pieces.append(token[0])
            depth += 1 if token[0] in b"{[" else -1
            if depth <= 0:
                break
        else:
            pieces.append(word(token[0]))
    return b"".join(pieces), position


def _end_of_string(text: bytes, start: int, opening: re.Match[bytes]) -> int:
    """Where the closing quote of a string begins that *opening* opened; the end of *text*, if the string is torn.

    In JSON inside of JSON a quote has one backslash before it, one level further three, and so on; what closes a string
    is a quote after as many backslashes as the opening one has, apart from those that are escaped themselves. A string
    in apostrophes is none of JSON's, so it does not go on past a quotation mark, which may be.
    """
    level = len(opening[1])
    for quote in _QUOTE.finditer(text, start):
        backslashes = len(quote[1])
        if backslashes < level and quote[2] == b'"':
            return quote.start()
        if quote[2] == opening[2] and backslashes % (2 * (level + 1)) == level:
            return quote.end() - 1 - level
        if quote[2] == b'"' and opening[2] == b"'":
            return quote.start()
    return len(text)
