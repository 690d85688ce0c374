"""Secrets in text: all of them, and of its own assignments, parameters of queries and forms, URLs, markup.

Law: octets in, octets out; nothing is parsed as a whole, so what is torn, embedded in something else, or not quite what
it claims to be is masked as well as what is sound. Delimiters stay where they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, unquote_to_bytes

from .member_masking import mask_members, shown
from .prose_masking import mask_credentials, mask_tokens, without_scheme
from .stand_ins import SHAPED, looks_like_token
from .token_shapes import SHORTEST, may_have_tokens

if TYPE_CHECKING:
    from .masking import Masking

_SIGN: Final = re.compile(rb"[=:\"'@<]|[Bb](?:earer|asic) |BEARER|BASIC|PRIVATE")
"""Text that has none of these has no secret: most field values."""
_BARE_NAME: Final = re.compile(
    rb"""(?<![\w.$-])([A-Za-z_][\w.-]{0,79}+)[ \t]*+[:=][ \t]*+"""
    rb"""(?=(\\*["'])[^\s"'<>\\,;:.)}\]&]|[^\s"'<>\\,;&(){}\[\]:])"""
)
_QUOTED_VALUE: Final = re.compile(rb"""(\\*["'])([^"'<>\\\r\n]+)(?=\1|\Z)""")
_BARE_VALUE: Final = re.compile(rb"""[^\s"'<>\\,;&(){}\[\]=]{8,200}+""")
_REST_OF_VALUE: Final = re.compile(rb"""[^\s"'<>\\,;&(){}\[\]]*+(?!\()""")
_LONGEST_SCHEME: Final = 40
_PARAMETER: Final = re.compile(rb"""(^|[?&;#]|\\u0026)([A-Za-z_%][\w.$%\[\]-]{0,79})=([^&\s"'<>\\#;]+)""", re.MULTILINE)
_IN_QUERY: Final = (b"?", b"&", b"\\u0026")
_USERINFO: Final = re.compile(rb"""(:\\?/\\?/)([^\s/?#"'<>@\\:]*+)(:?)([^\s/?#"'<>\\]*)@""")
_ELEMENT: Final = re.compile(rb"(<(?:[\w.-]+:)?([\w.-]{1,80})(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?)([^<]+)")
_ENCODED_OCTET: Final = re.compile(rb"%[0-9a-fA-F]{2}|[\x00-\xff]")
_CDATA_END: Final = re.compile(rb"\]\]>.*", re.DOTALL)
_INPUT: Final = re.compile(rb"(?i)<(?:input|meta)\b[^<>]*>")
_INPUT_NAME: Final = re.compile(rb"""(?i)\s(?:name|id|property)\s*=\s*["']?([^\s"'<>]+)""")
_INPUT_VALUE: Final = re.compile(rb"""(?i)(\s(?:value|content)\s*=\s*)("[^"]*|'[^']*|[^\s"'<>]+)""")


def mask_text(text: bytes, masking: Masking, place: str, *, code: bool = False) -> bytes:
    """Return *text*, which stands in *place*, with stand-ins for the secrets that names, URLs or patterns give away.

    In *code*, such as a script, what stands after a name without quotes is an expression, and no secret.
    """
    if not _SIGN.search(text):
        return _without_names(text, masking, place)
    text = mask_members(text, masking, place)
    markup = text.lstrip()[:1] == b"<"
    if b"=" in text or b":" in text:
        text = _assignments(text, masking, place, code=code or markup)
    text = mask_parameters(text, masking, place)
    text = mask_credentials(mask_userinfo(text, masking, place), masking, place)
    if markup:
        text = _ELEMENT.sub(lambda match: _element(match, masking, place), text)
        text = _INPUT.sub(lambda match: _input(match[0], masking, place), text)
    return _without_names(text, masking, place)


def mask_form(form: bytes, masking: Masking, place: str) -> bytes:
    """Return a form, or the query of a URL, with stand-ins for the values of its secret fields.

    Values of other fields may be URLs, or JSON; they are masked as such.
    """
    return b"&".join([_field(piece, masking, place) for piece in form.split(b"&")])


def mask_parameters(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for the values of secret parameters, as URLs have them: ``?``, ``&``, ``;``, ``#``.

    Those after a semicolon may be in a path (RFC 3986 section 3.3).
    """
    if b"=" not in text:
        return text
    return _PARAMETER.sub(lambda match: _parameter(match, masking, place), text)


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


def _without_names(text: bytes, masking: Masking, place: str) -> bytes:
    """Mask what its shape gives away, and what the project's own patterns do."""
    if may_have_tokens(text):
        text = mask_tokens(text, masking, place)
    return mask_patterns(text, masking, place) if masking.patterns else text


def _assignments(text: bytes, masking: Masking, place: str, *, code: bool) -> bytes:
    """Mask what stands after a secret name without quotes: in quotes anything, else what looks like a token."""
    pieces: list[bytes] = []
    done = position = 0
    while match := _BARE_NAME.search(text, position):
        position = match.end()
        if match[2] is not None:
            value = _QUOTED_VALUE.match(text, position) if masking.is_secret(match[1]) else None
            start = value.start(2) if value else 0
        elif code or not masking.is_secret_field(match[1]):
            continue
        else:
            start = position + without_scheme(text[position : position + _LONGEST_SCHEME])
            value = _BARE_VALUE.match(text, start)  # the beginning tells, however long it is
            value = _REST_OF_VALUE.match(text, value.end()) if value and looks_like_token(value[0]) else None
        if value:
            masked = masking.text(text[start : value.end()], f"{place} {shown(match[1])}")
            pieces += text[done:start], masked
            done = position = value.end()
    return b"".join([*pieces, text[done:]]) if pieces else text


def _parameter(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    name = unquote_to_bytes(match[2])
    secret = masking.is_parameter(name, match[3]) if match[1] in _IN_QUERY else masking.is_secret(name, match[3])
    if not secret:
        return match[0]
    return match[1] + match[2] + b"=" + masking.text(match[3], f"{place} {shown(name)}")


def _userinfo(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    slashes, user, colon, password = match.groups()
    before = match.string[max(match.start() - 5, 0) : match.start()].lower()
    if not password and not before.endswith((b"http", b"https")):
        return match[0]
    place = f"{place} userinfo"
    return slashes + masking.text(user, place, named=not password) + colon + masking.text(password, place) + b"@"


def _element(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    value = _CDATA_END.sub(b"", match[3]) if b"]]>" in match[3] else match[3]
    if not masking.is_secret(match[2], value.strip()) or match[2][:1] == b"/":
        return match[0]
    masked = masking.text(value, f"{place} {shown(match[2])}") if value.strip() else value
    return match[1] + masked + match[3][len(value) :]


def _input(tag: bytes, masking: Masking, place: str) -> bytes:
    """Mask the value of an HTML input or meta element that has a secret name."""
    name = _INPUT_NAME.search(tag)
    if name is None or not masking.is_secret(name[1]):
        return tag
    place = f"{place} {shown(name[1])}"
    return _INPUT_VALUE.sub(lambda match: match[1] + _unquoted(match[2], masking, place), tag)


def _unquoted(value: bytes, masking: Masking, place: str) -> bytes:
    quote = value[:1] if value[:1] in (b'"', b"'") else b""
    return quote + masking.text(value[len(quote) :], place)


def _field(piece: bytes, masking: Masking, place: str) -> bytes:
    encoded, mark, value = piece.partition(b"=")
    name = _decoded(encoded)
    if masking.is_parameter(name, value):
        return encoded + mark + masking.text(value, f"{place} {shown(name)}")
    if value.isalnum() and len(value) < SHORTEST:
        return piece
    plain, before = _decoded(value), masking.hits
    masked = mask_text(plain, masking, f"{place} {shown(name)}")
    return (
        piece
        if masking.hits == before
        else encoded + mark + _encoded(masked, value if masking.stand_ins is SHAPED else b"")
    )


def _group(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    if match[1] is None:
        return match[0]
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + masking.text(match[1], f"{place} (pattern)", named=False) + match[0][end:]


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
