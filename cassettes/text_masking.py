r"""Secrets in text: members of JSON, assignments, parameters of queries and forms, URLs, markup.

Law: octets in, octets out; nothing is parsed as a whole, so what is torn, embedded in something else, or not quite what
it claims to be is masked as well as what is sound. Delimiters stay where they are: what was JSON stays JSON.

A name in quotes and a colon is the same whether it stands in a document, in an event of a stream, in a script, or in
JSON that is itself a string of JSON, where each quote has backslashes before it. So names are searched for, and only
the value after a secret one is read, with the quote that its name has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, unquote_to_bytes

from .stand_ins import SHAPED

if TYPE_CHECKING:
    from .stand_ins import Masking

_QUOTED_NAME: Final = re.compile(
    rb"""(?<!\\)(\\*["'])((?:[^"'\\\r\n]|\\+u[0-9a-fA-F]{4}){1,80})\1[ \t\r\n]*[:=][ \t\r\n]*"""
)
_BARE_NAME: Final = re.compile(
    rb"""(?<![\w.$-])([A-Za-z_][\w.-]{0,79})[ \t]*[:=][ \t]*(\\*["'])([^\s"'<>\\,;:.)}\]&][^"'<>\\\r\n]*)(?=\2|\Z)"""
)
_AFTER_STRING: Final = (b"", b",", b"}", b"]", b":", b" ", b"\t", b"\r", b"\n")
_ESCAPE: Final = re.compile(rb"\\+u00([0-9a-fA-F]{2})")
_QUOTE: Final = re.compile(rb"""(?<!\\)(\\*)(["'])""")
_WORD: Final = re.compile(rb"""[^\s"'\\{}\[\],:;()<>&]+""")
_TOKEN: Final = re.compile(_QUOTE.pattern + rb"|[{}\[\]]|" + _WORD.pattern)
_COLON: Final = re.compile(rb"[ \t\r\n]*:")
_PARAMETER: Final = re.compile(rb"""(^|[?&;#]|\\u0026)([A-Za-z_%][\w.$%\[\]-]{0,79})=([^&\s"'<>\\#;]+)""", re.MULTILINE)
_USERINFO: Final = re.compile(rb"""(:\\?/\\?/)([^\s/?#"'<>@\\:]*)(:?)([^\s/?#"'<>@\\]*)@""")
_ELEMENT: Final = re.compile(rb"(<(?:[\w.-]+:)?([\w.-]{1,80})(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?)([^<]+)")
_ENCODED_OCTET: Final = re.compile(rb"%[0-9a-fA-F]{2}|[\x00-\xff]")
_CDATA_END: Final = re.compile(rb"\]\]>.*", re.DOTALL)
_INPUT: Final = re.compile(rb"(?i)<(?:input|meta)\b[^<>]*>")
_INPUT_NAME: Final = re.compile(rb"""(?i)\s(?:name|id|property)\s*=\s*["']?([^\s"'<>]+)""")
_INPUT_VALUE: Final = re.compile(rb"""(?i)(\s(?:value|content)\s*=\s*)("[^"]*|'[^']*|[^\s"'<>]+)""")


def mask_text(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text*, which stands in *place*, with stand-ins for the secrets that names, URLs or patterns give away."""
    text = mask_members(text, masking, place)
    if b"=" in text or b":" in text:
        text = _BARE_NAME.sub(lambda match: _assignment(match, masking, place), text)
    if b"=" in text:
        text = _PARAMETER.sub(lambda match: _parameter(match, masking, place), text)
    text = mask_userinfo(text, masking, place)
    if text.lstrip()[:1] == b"<":
        text = _ELEMENT.sub(lambda match: _element(match, masking, place), text)
        text = _INPUT.sub(lambda match: _input(match[0], masking, place), text)
    return mask_patterns(text, masking, place)


def mask_members(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for the values of its secret members: of objects and lists, all that is in them."""
    pieces: list[bytes] = []
    done = position = 0
    while match := _QUOTED_NAME.search(text, position):
        position = match.end()
        name = _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), match[2])
        if not masking.is_secret(name):
            continue
        masked, end = _value(text, position, match[1], masking, f"{place} {_shown(name)}")
        pieces += text[done:position], masked
        done = position = end
    return b"".join([*pieces, text[done:]]) if pieces else text


def mask_form(form: bytes, masking: Masking, place: str) -> bytes:
    """Return a form, or the query of a URL, with stand-ins for the values of its secret fields.

    Values of other fields may be URLs, or JSON; they are masked as such.
    """
    return b"&".join([_field(piece, masking, place) for piece in form.split(b"&")])


def mask_userinfo(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for user and password in URLs (RFC 3986 section 3.2.1).

    A user without a password is a secret in http URLs alone: there it is a token, in ``ssh://git@`` it is not.
    """
    if b"@" not in text:
        return text
    return _USERINFO.sub(lambda match: _userinfo(match, masking, place), text)


def mask_patterns(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for what the project's own patterns take for secrets."""
    for pattern in masking.patterns:
        text = pattern.sub(lambda match: _group(match, masking, place), text)
    return text


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
    """Mask all strings and numbers of the object or list that begins at *start*; the names of members stay.

    A quote with fewer than *level* backslashes ends the string that all of it stands in: the structure is torn.
    """
    pieces: list[bytes] = []
    position, depth = start, 0
    while (token := _TOKEN.search(text, position)) and (token[2] is None or len(token[1]) >= level):
        pieces.append(text[position : token.start()])
        position = token.end()
        if token[2] is not None:
            end = _end_of_string(text, position, token)
            content = text[position:end]
            position = end + len(token[0]) if text.startswith(token[0], end) else end
            is_name = _COLON.match(text, position) is not None
            pieces += token[0], content if is_name else masking.text(content, place), text[end:position]
        elif token[0] in b"{}[]":
            pieces.append(token[0])
            depth += 1 if token[0] in b"{[" else -1
            if depth <= 0:
                break
        else:
            pieces.append(masking.word(token[0], place))
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


def _assignment(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    if not masking.is_secret(match[1]):
        return match[0]
    start, end = match.start(3) - match.start(), match.end(3) - match.start()
    return match[0][:start] + masking.text(match[3], f"{place} {_shown(match[1])}") + match[0][end:]


def _parameter(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    name = unquote_to_bytes(match[2])
    if not masking.is_secret(name):
        return match[0]
    return match[1] + match[2] + b"=" + masking.text(match[3], f"{place} {_shown(name)}")


def _userinfo(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    slashes, user, colon, password = match.groups()
    before = match.string[max(match.start() - 5, 0) : match.start()].lower()
    if not password and not before.endswith((b"http", b"https")):
        return match[0]
    place = f"{place} userinfo"
    return slashes + masking.text(user, place) + colon + masking.text(password, place) + b"@"


def _element(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    if not masking.is_secret(match[2]) or match[2][:1] == b"/":
        return match[0]
    value = _CDATA_END.sub(b"", match[3])
    masked = masking.text(value, f"{place} {_shown(match[2])}") if value.strip() else value
    return match[1] + masked + match[3][len(value) :]


def _input(tag: bytes, masking: Masking, place: str) -> bytes:
    """Mask the value of an HTML input or meta element that has a secret name."""
    name = _INPUT_NAME.search(tag)
    if name is None or not masking.is_secret(name[1]):
        return tag
    place = f"{place} {_shown(name[1])}"
    return _INPUT_VALUE.sub(lambda match: match[1] + _unquoted(match[2], masking, place), tag)


def _unquoted(value: bytes, masking: Masking, place: str) -> bytes:
    quote = value[:1] if value[:1] in (b'"', b"'") else b""
    return quote + masking.text(value[len(quote) :], place)


def _field(piece: bytes, masking: Masking, place: str) -> bytes:
    encoded, mark, value = piece.partition(b"=")
    name = _decoded(encoded)
    if masking.is_secret(name):
        return encoded + mark + masking.text(value, f"{place} {_shown(name)}")
    if value.isalnum():
        return piece
    plain, before = _decoded(value), masking.hits
    masked = mask_text(plain, masking, f"{place} {_shown(name)}")
    return (
        piece
        if masking.hits == before
        else encoded + mark + _encoded(masked, value if masking.stand_ins is SHAPED else b"")
    )


def _group(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    if match[1] is None:
        return match[0]
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + masking.text(match[1], f"{place} (pattern)") + match[0][end:]


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _encoded(text: bytes, as_in: bytes) -> bytes:
    """Return *text* percent-encoded octet by octet as the value *as_in* is, if that has as many; else the usual way."""
    written = _ENCODED_OCTET.findall(as_in)
    if len(written) != len(text):
        return quote_plus(text).encode()
    octets = zip(text, _decoded(as_in), written, strict=True)
    return b"".join(
        [old if new == was else b"%%%02X" % new if len(old) > 1 else bytes([new]) for new, was, old in octets]
    )


def _shown(name: bytes) -> str:
    """A name as a place has it."""
    return "".join(char if char.isprintable() else "?" for char in name.decode("utf-8", "replace"))
