"""Secrets in text: all of them, and of its own assignments, parameters of queries and forms, URLs.

Law: octets in, octets out; nothing is parsed as a whole, so what is torn, embedded in something else, or not quite what
it claims to be is masked as well as what is sound. Delimiters stay where they are.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, unquote_to_bytes

from .content_coding import coding_of, take_off
from .markup_masking import mask_markup
from .member_masking import mask_members, shown
from .prose_masking import mask_credentials, mask_tokens, without_scheme
from .stand_ins import SHAPED, looks_like_token
from .token_shapes import SHORTEST, may_have_tokens, may_hold_tokens

if TYPE_CHECKING:
    from .masking import Masking

_SIGN: Final = re.compile(rb"[=:\"'@<]|[Bb](?:earer|asic) |BEARER|BASIC|PRIVATE|--[A-Za-z]")
"""In text that has none of these no name stands before a secret: in most field values."""
_BEFORE_CREDENTIALS: Final = (b"PRIVATE KEY", b"earer ", b"asic ", b"BEARER ", b"BASIC ")
_NAMING: Final = (b"=", b":", b'"', b"'", b"<", b"--")
"""One of these stands between a name and what it names."""
_BARE_NAME: Final = re.compile(
    rb"""(?<![\w.$-])([A-Za-z_][\w.-]{0,79}+)[ \t]*+[:=][ \t]*+"""
    rb"""(?=(\\*["'`])(?:\2\2)?[^\s"'`<>\\,;:.)}\]&]|[^\s"'`<>\\,;&(){}\[\]:])"""
)
_QUOTED_VALUE: Final = re.compile(rb"""(\\*["'`])(?:\1\1)?([^"'`<>\\\r\n]+)(?=\1|\Z)""")
_BARE_VALUE: Final = re.compile(rb"""[^\s"'<>\\,;&(){}\[\]=]{8,200}+""")
_REST_OF_VALUE: Final = re.compile(rb"""[^\s"'<>\\,;&(){}\[\]]*+(?!\()""")
_LONGEST_SCHEME: Final = 40
_PARAMETER: Final = re.compile(rb"""(^|[?&;#]|\\u0026)([A-Za-z_%][\w.$%\[\]-]{0,79})=([^&\s"'<>\\#;]+)""", re.MULTILINE)
_IN_QUERY: Final = (b"?", b"&", b"\\u0026")
_USERINFO: Final = re.compile(rb"""(:\\?/\\?/)([^\s/?#"'<>@\\:]*+)(:?)([^\s/?#"'<>\\]*)@""")
_BASE64_SIGN: Final = re.compile(rb"eyJ|eyAi|ewo[gJ]|W3si|LS0tLS1C")
_BASE64: Final = re.compile(rb"(?<![A-Za-z0-9+/_-])(?:" + _BASE64_SIGN.pattern + rb")[A-Za-z0-9+/_-]{12,}={0,2}")
"""As ``{"``, ``[{"`` and ``-----B`` begin, and as JSON does that is written with blanks."""
_BASE64_RUN: Final = re.compile(
    # Spelled so that it is quick: the first character is looked for, and only then at the one before it.
    rb"[CDHI-Za-f](?<![A-Za-z0-9+/_=-].)(?:4sI|[A-Za-z0-9+/_-]{3}(?:[CDI-Za-f][A-Za-z0-9+/_-]{3}){3})"
    rb"[A-Za-z0-9+/_-]{0,65536}+={0,2}(?![A-Za-z0-9+/_=-])"
)
"""What may be base64 of text, of which each third character shows by its highest bits, or of gzip."""
_GZIP: Final = b"H4sI"
"""As gzip begins in base64."""
_READABLE: Final = re.compile(rb"(?=[^=]*=|[^:]*://)[\t\r\n -~]+")
"""A form, a URL, or other text with an assignment: what random octets are not."""
_READABLE_START: Final = re.compile(rb"[\t\r\n -~]+")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_NOT_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_DEEPEST: Final = 4
_ENCODED_SIGN: Final = re.compile(rb"%(?:2[0267]|3[ADF]|25)", re.IGNORECASE)
_ENCODED_OCTET: Final = re.compile(rb"%[0-9a-fA-F]{2}|[\x00-\xff]")


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
        text = mask_markup(text, masking, place)
    return _without_names(text, masking, place)


def may_hold_secret(text: bytes, masking: Masking) -> bool:
    """Tell whether `mask_text` may find a secret in *text*: in most texts it cannot, and this says so quickly."""
    if any(pattern.search(text) for pattern in masking.patterns):
        return True
    if may_hold_tokens(text) or any(_is_readable_base64(match[0]) for match in _BASE64_RUN.finditer(text)):
        return True
    if b" " in text and any(word in text for word in _BEFORE_CREDENTIALS):
        return True
    if not any(sign in text for sign in _NAMING):
        return False
    return _USERINFO.search(text) is not None or masking.headers.may_be_in(text)


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
        if _BASE64_SIGN.search(text):
            text = _BASE64.sub(lambda match: _base64(match[0], masking, place), text)
    if _BASE64_RUN.search(text):
        text = _BASE64_RUN.sub(lambda match: _readable_base64(match[0], masking, place), text)
    return mask_patterns(text, masking, place) if masking.patterns else text


def _inner(text: bytes, masking: Masking, place: str) -> bytes:
    """Mask *text*, which was written in a coding in another: no more than a few deep.

    It may be percent-encoded still, if it was twice.
    """
    if masking.depth == _DEEPEST:
        return text
    masking.depth += 1
    try:
        masked = mask_text(text, masking, place)
        return _field(b"=" + masked, masking, place)[1:] if _ENCODED_SIGN.search(text) else masked
    finally:
        masking.depth -= 1


def _base64(text: bytes, masking: Masking, place: str) -> bytes:
    """Mask text that is written in base64 or base64url (RFC 4648), maybe compressed before; it may be torn."""
    written = text.rstrip(b"=")
    whole = written[: len(written) - (len(written) % 4 == 1)]
    safe = whole.translate(_URL_SAFE)
    if safe != whole and (b"-" in whole or b"_" in whole):
        return text  # it is neither of the two
    plain, before = _decoded_base64(safe), masking.hits
    taken = take_off(plain, coding_of(plain, ""))
    masked = _inner(plain if taken is None else taken.plain, masking, f"{place} (base64)")
    if masking.hits == before:
        return text
    again = base64.urlsafe_b64encode(masked if taken is None else taken.put_on(masked)).rstrip(b"=")
    return (again if safe == whole else again.translate(_NOT_URL_SAFE)) + text[len(whole) :]


def _readable_base64(text: bytes, masking: Masking, place: str) -> bytes:
    """Mask a form, a URL, or an assignment, that is written in base64."""
    return _base64(text, masking, place) if _is_readable_base64(text) else text


def _is_readable_base64(text: bytes) -> bool:
    """Tell whether *text* is base64 of gzip, or of text with an assignment: its beginning shows most that is not."""
    safe = text.rstrip(b"=").translate(_URL_SAFE)
    if safe.startswith(_GZIP):
        return True
    if len(safe) % 4 == 1 or not _READABLE_START.fullmatch(_decoded_base64(safe[:16])):
        return False
    return _READABLE.fullmatch(_decoded_base64(safe)) is not None


def _decoded_base64(safe: bytes) -> bytes:
    return base64.urlsafe_b64decode(safe + b"=" * (-len(safe) % 4))


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
        return match[1] + _field(match[0][len(match[1]) :], masking, place) if b"%" in match[3] else match[0]
    return match[1] + match[2] + b"=" + masking.text(match[3], f"{place} {shown(name)}")


def _userinfo(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    slashes, user, colon, password = match.groups()
    before = match.string[max(match.start() - 5, 0) : match.start()].lower()
    if not password and not before.endswith((b"http", b"https")):
        return match[0]
    place = f"{place} userinfo"
    return slashes + masking.text(user, place, named=not password) + colon + masking.text(password, place) + b"@"


def _field(piece: bytes, masking: Masking, place: str) -> bytes:
    encoded, mark, value = piece.partition(b"=")
    name = _decoded(encoded)
    if masking.is_parameter(name, value):
        return encoded + mark + masking.text(value, f"{place} {shown(name)}")
    if value.isalnum() and len(value) < SHORTEST:
        return piece
    plain, before = _decoded(value), masking.hits
    place = f"{place} {shown(name)}"
    masked = _inner(plain, masking, place)
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
