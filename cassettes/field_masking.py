"""Secrets in heads: field values, the request target, and lines that look like fields.

Law: a field line keeps its octets but for the secret in its value; names, schemes of credentials, names of cookies and
their attributes stay. What a line says decides, not where it stands: header sections, trailer sections, interim
responses and half a head are alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .text_masking import mask_form, mask_patterns, mask_text, mask_userinfo

if TYPE_CHECKING:
    from .stand_ins import Masking

_KNOWN_SCHEMES: Final = (
    b"apikey|aws|aws4-ecdsa-p256-sha256|aws4-hmac-sha256|basic|bearer|bot|client-id|concealed|deepl-auth-key|digest|dpop"
    b"|genie-?key|gnap|googlelogin|hawk|hoba|jwt|kerberos|key|mac|mutual|negotiate|ntlm|oauth|privatetoken"
    b"|scram-sha-1|scram-sha-256|sharedkey|sharedkeylite|signature|splunk|ssws|token|vapid|zoho-oauthtoken"
)
"""Of what IANA registers (RFC 9110 section 16.4.1) and what services made up. Any other word may be the secret."""
_SCHEME: Final = re.compile(rb"(?:" + _KNOWN_SCHEMES + rb")[ \t\r\n]+", re.IGNORECASE)
_COOKIE: Final = re.compile(rb"((?:[^=;]*=)?)([^;]*)")
_LINE: Final = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n?)*|[^\n]+")  # with what is folded onto it
_LINE_WITH_NAME: Final = re.compile(rb"([ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:?[ \t]*)(.*?)([ \t\r\n]*)", re.DOTALL)
_COOKIES: Final = frozenset({"cookie", "cookie2"})
_SET_COOKIES: Final = frozenset({"set-cookie", "set-cookie2"})


def mask_fields(fields: wire.Fields, masking: Masking, kind: str = "header") -> wire.Fields:
    """Return *fields* with stand-ins for the secrets in them; *kind* is what a place calls them."""
    lines = [_masked_line(line, masking, kind) for line in fields]
    return fields if all(new is old for new, old in zip(lines, fields, strict=True)) else wire.Fields(lines)


def mask_target(target: str, masking: Masking) -> str:
    """Return a request target with stand-ins for the secrets in its query and its userinfo; its path stays."""
    path, mark, query = target.encode("latin-1").partition(b"?")
    path = mask_userinfo(path, masking, "target")
    query = mask_patterns(mask_form(query, masking, "query"), masking, "query")
    return (path + mark + masking.echoes(query, "query")).decode("latin-1")


def mask_lines(octets: bytes, masking: Masking, kind: str = "header") -> bytes:
    """Return lines, of which some may be field lines and the last may be torn, with stand-ins for their secrets."""
    octets = b"".join([_masked_octets(line, masking, kind) for line in _LINE.findall(octets)])
    return mask_text(octets, masking, kind)


def mask_field_value(name: str, value: bytes, masking: Masking, place: str) -> bytes:
    """Return the *value* of the field *name*, with or without its line ends, with stand-ins for its secrets."""
    lowered = name.lower()
    if lowered in _COOKIES:
        return _COOKIE.sub(lambda match: match[1] + _cookie(match[2], masking, place), value)
    if lowered in _SET_COOKIES:
        pair, semicolon, attributes = value.partition(b";")
        return _COOKIE.sub(lambda match: match[1] + _cookie(match[2], masking, place), pair) + semicolon + attributes
    if name in masking.headers:
        scheme = _SCHEME.match(value)
        secret = scheme.end() if scheme else 0
        return value[:secret] + masking.text(value[secret:], place)
    return masking.echoes(mask_text(value, masking, place), place)


def _masked_line(line: wire.FieldLine, masking: Masking, kind: str) -> wire.FieldLine:
    if line.raw is not None:
        raw = _masked_octets(line.raw, masking, kind)
        return line if raw == line.raw else next(iter(wire.Fields.from_octets(raw)))
    value = line.value.encode("latin-1")
    masked = mask_field_value(line.name, value, masking, f"{kind} {line.name}")
    return line if masked == value else wire.FieldLine(line.name, masked.decode("latin-1"))


def _masked_octets(line: bytes, masking: Masking, kind: str) -> bytes:
    """Mask a line by its octets: one that is written oddly, or has lost its colon or its end."""
    match = _LINE_WITH_NAME.fullmatch(line)
    if match is None or not match[3]:
        return mask_text(line, masking, kind)
    name = match[2].decode("latin-1")
    return match[1] + mask_field_value(name, match[3], masking, f"{kind} {name}") + match[4]


def _cookie(value: bytes, masking: Masking, place: str) -> bytes:
    """The value of a cookie, blanks round it left alone."""
    secret = value.strip(b" \t\r\n")
    begin = value.find(secret)
    return value[:begin] + masking.text(secret, place) + value[begin + len(secret) :]
