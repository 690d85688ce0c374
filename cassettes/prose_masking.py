"""Secrets in what people and their tools write: settings line by line, credentials, private keys.

Law: octets in, octets out. The less a text says of what it is, the surer a secret must be: after a secret name at the
beginning of a line of settings anything is one, in the midst of a text only what looks like a token.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from .member_masking import shown
from .stand_ins import SHAPED, looks_like_token
from .token_shapes import tokens_in

if TYPE_CHECKING:
    from .masking import Masking

_KNOWN_SCHEMES: Final = (
    b"apikey|aws|aws4-ecdsa-p256-sha256|aws4-hmac-sha256|basic|bearer|bot|client-id|concealed|deepl-auth-key|digest|dpop"
    b"|genie-?key|gnap|googlelogin|hawk|hoba|jwt|kerberos|key|mac|mutual|negotiate|ntlm|oauth|privatetoken"
    b"|scram-sha-1|scram-sha-256|sharedkey|sharedkeylite|signature|splunk|ssws|token|vapid|zoho-oauthtoken"
)
"""Of what IANA registers (RFC 9110 section 16.4.1) and what services made up. Any other word may be the secret."""
SCHEME: Final = re.compile(rb"(?:" + _KNOWN_SCHEMES + rb")[ \t\r\n]+", re.IGNORECASE)
_CREDENTIALS: Final = re.compile(rb"\b(Bearer|bearer|BEARER|Basic|basic|BASIC)([ \t]+)([A-Za-z0-9._~+/-]{8,}=*)")
_FLAG: Final = re.compile(
    rb"""(?<![\w-])(--([A-Za-z][\w-]{1,40})(?:[ \t]+|\\*["'],[ \t\r\n]*\\*["']))([^\s"'\\,-][^\s"'\\,]{3,})"""
)
_PRIVATE_KEY: Final = re.compile(
    rb"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(.*?)(?=-----END |[\"'<]|\Z)", re.DOTALL
)
_OF_PRIVATE_KEY: Final = re.compile(rb"(?:\\+[nrt/]|%0[aAdD]|\s)|((?:(?!\\+[nrt/]|%0[aAdD]|\s)[\x00-\xff])+)")
_NO_SETTINGS: Final = re.compile(rb"\s*(?:[{<\"]|\[(?![\w .:/-]+\][ \t]*(?:[#;].*)?\r?$))", re.MULTILINE)
_BEFORE: Final = rb"^([ \t]*(?:-[ \t]+|export[ \t]+|set[ \t]+)?)([A-Za-z_][\w.-]{0,79}+)([ \t]*[:=][ \t]*)"
_SETTING: Final = re.compile(_BEFORE + rb"([^\s\"'|>{\[&*#][^\r\n]*+)", re.MULTILINE)
_BLOCK: Final = re.compile(
    rb"^([ \t]*(?:-[ \t]+)?)([A-Za-z_][\w.-]{0,79}+)[ \t]*:[ \t]*[|>][-+0-9]*[ \t]*\r?\n", re.MULTILINE
)

_LINE: Final = re.compile(rb"([ \t]*+)(?:\r?(?:\n|\Z)|([^\n]*+\n?))")


def mask_settings(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for the values of secret settings, as in YAML, in INI files, in ``.env`` files.

    What is JSON or markup has none.
    """
    if (b":" not in text and b"=" not in text) or _NO_SETTINGS.match(text):
        return text
    return _SETTING.sub(lambda match: _setting(match, masking, place), _blocks(text, masking, place))


def mask_credentials(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text* with stand-ins for what follows Bearer, Basic or ``--token``, and for private keys (RFC 7468)."""
    if b"earer" in text or b"asic" in text or b"BEARER" in text or b"BASIC" in text:
        text = _CREDENTIALS.sub(lambda match: _credentials(match, masking, place), text)
    if b"--" in text:
        text = _FLAG.sub(lambda match: _flag(match, masking, place), text)
    if b"PRIVATE KEY" in text:
        text = _PRIVATE_KEY.sub(lambda match: _private_key(match, masking, place), text)
    return text


def mask_tokens(text: bytes, masking: Masking, place: str, *, is_text: bool = True) -> bytes:
    """Return *text*, or octets, with stand-ins for the tokens of known services in it, whatever names they have."""
    pieces: list[bytes] = []
    done = 0
    for token in tokens_in(text, is_text=is_text):
        secret = text[token.start : token.end]
        stands_in_already = masking.stand_ins.text(secret) == secret
        if not stands_in_already and not masking.names.keeps(token.service):
            pieces += text[done : token.start], masking.text(secret, f"{place} ({token.service} token)")
            done = token.end
    return b"".join([*pieces, text[done:]]) if pieces else text


def without_scheme(value: bytes) -> int:
    """Return where the credentials begin in *value*, after the scheme if it has one."""
    scheme = SCHEME.match(value)
    return scheme.end() if scheme else 0


def _setting(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    before, name, mark, value = match.groups()
    if not masking.is_secret_field(name):
        return match[0]
    start = without_scheme(value)
    comments = [at for at in (value.find(b" #"), value.find(b"\t#")) if at >= 0]
    secret = value[start : min(comments, default=len(value))].rstrip()
    masked = masking.word(secret, f"{place} {shown(name)}")
    return before + name + mark + value[:start] + masked + value[start + len(secret) :]


def _blocks(text: bytes, masking: Masking, place: str) -> bytes:
    """Mask values of several lines: of those that are indented further than their name (YAML 1.2.2 section 8.1)."""
    pieces: list[bytes] = []
    done = 0
    for head in _BLOCK.finditer(text):
        if head.start() >= done and masking.is_secret_field(head[2]):
            end = head.end()
            while (line := _LINE.match(text, end)) and line[0] and (line[2] is None or len(line[1]) > len(head[1])):
                end = line.end()
            value = text[head.end() : end].strip()
            begin = text.index(value, head.end())
            pieces += text[done:begin], masking.text(value, f"{place} {shown(head[2])}")
            done = begin + len(value)
    return b"".join([*pieces, text[done:]]) if pieces else text


def _credentials(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    scheme, blank, secret = match.groups()
    if not (looks_like_token(secret) or (scheme.lower() == b"basic" and _is_basic(secret))):
        return match[0]
    return scheme + blank + masking.text(secret, f"{place} {scheme.decode()}")


def _flag(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    """Mask what follows an option of a command line, be it in a line or in a list."""
    before, name, value = match.groups()
    if not (masking.is_secret(name) and looks_like_token(value)):
        return match[0]
    return before + masking.text(value, f"{place} {shown(name)}")


def _is_basic(secret: bytes) -> bool:
    """Whether *secret* is a user and a password (RFC 7617): it may have no digit."""
    try:
        return b":" in base64.b64decode(secret, validate=True)
    except binascii.Error:
        return False


def _private_key(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    """Mask a key; line ends stay, whether they are octets or escapes."""
    begin, key = match.groups()
    if not key.strip():
        return match[0]
    place = f"{place} private key"
    if masking.stand_ins is not SHAPED:
        return begin + masking.text(key, place)
    return begin + _OF_PRIVATE_KEY.sub(lambda piece: masking.text(piece[1], place) if piece[1] else piece[0], key)
