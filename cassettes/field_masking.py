"""Secrets in heads: field values, the request target, and lines that look like fields.

Law: a field line keeps its octets but for the secret in its value; names, schemes of credentials, names of cookies and
their attributes stay. What a line says decides, not where it stands: header sections, trailer sections, interim
responses and half a head are alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from .prose_masking import mask_tokens, without_scheme
from .text_masking import mask_form, mask_parameters, mask_patterns, mask_text, mask_userinfo
from .token_shapes import SHORTEST, may_have_tokens, tokens_in

if TYPE_CHECKING:
    from .masking import Masking

_COOKIE: Final = re.compile(rb"((?:[^=;]*=)?)([^;]*)")
_LINE: Final = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n?)*|[^\n]+")  # with what is folded onto it
_LINE_WITH_NAME: Final = re.compile(rb"([ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:?[ \t]*)(.*?)([ \t\r\n]*)", re.DOTALL)
_END_OF_PATH: Final = re.compile(rb"[?#]")
_AUTHORITY: Final = re.compile(rb"^([^/@]*)@(?=[^/@]*$)")
_NEEDED: Final = frozenset(
    {"host", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "upgrade", "date"}
)
"""Fields without which a message cannot be read; a number or a word in them is no secret."""
_COOKIES: Final = frozenset({"cookie", "cookie2"})
_SET_COOKIES: Final = frozenset({"set-cookie", "set-cookie2"})


def mask_fields(fields: wire.Fields, masking: Masking, kind: str = "header") -> wire.Fields:
    """Return *fields* with stand-ins for the secrets in them; *kind* is what a place calls them."""
    section, clean, before = fields.octets, masking.clean_lines, masking.hits
    if section in clean:
        return fields
    lines = [line if line in clean else _masked_line(line, masking, kind) for line in fields]
    if masking.hits == before:
        clean.note(section, len(section))
    return fields if all(new is old for new, old in zip(lines, fields, strict=True)) else wire.Fields(lines)


def mask_target(target: str, masking: Masking) -> str:
    """Return a request target with stand-ins for the secrets in its query, fragment and userinfo, and in its path.

    In a path only what its shape gives away is one, and the value of a parameter, such as ``;jsessionid=``.
    """
    path, query = _divided(target)
    if len(path) > SHORTEST and may_have_tokens(path):
        path = mask_tokens(path, masking, "path")
    if b";" in path:
        path = mask_parameters(path, masking, "path")
    if b"@" in path:
        path = mask_userinfo(path, masking, "target")
        if not path.startswith(b"/"):
            path = _AUTHORITY.sub(lambda match: masking.text(match[1], "target userinfo") + b"@", path)
    if query and query not in masking.clean_lines:
        mark, before = query[:1], masking.hits
        masked = mark + mask_patterns(mask_form(query[1:], masking, "query"), masking, "query")
        if masked == query and masking.hits == before:
            masking.clean_lines.note(query, len(query))
        query = masked
    return (path + query).decode("latin-1")


def path_may_hide(path: str) -> bool:
    """Tell whether there may be a secret in *path*, or the stand-in of one; of most there is no doubt."""
    if ";" in path:
        return True
    octets = path.encode("latin-1")
    return may_have_tokens(octets) is not None and any(True for _ in tokens_in(octets))


def mask_repeated_in_target(target: str, masking: Masking) -> str:
    """Return a request target with stand-ins for secrets that were found elsewhere, but for its path."""
    path, query = _divided(target)
    return (path + masking.repeated(query, "query")).decode("latin-1")


def mask_repeated(fields: wire.Fields, masking: Masking, kind: str = "header") -> wire.Fields:
    """Return *fields* with stand-ins for secrets that were found elsewhere, but for fields that say what follows."""
    if not masking.echoes or not masking.echoes.any_in(fields.octets):
        return fields
    return wire.Fields([_without_repeated(line, masking, kind) for line in fields])


def mask_lines(octets: bytes, masking: Masking, kind: str = "header") -> bytes:
    """Return lines, of which some may be field lines and the last may be torn, with stand-ins for their secrets."""
    octets = b"".join([_masked_octets(line, masking, kind) for line in _LINE.findall(octets)])
    return mask_text(octets, masking, kind)


def mask_field_value(name: str, value: bytes, masking: Masking, place: str) -> bytes:
    """Return the *value* of the field *name*, with or without its line ends, with stand-ins for its secrets."""
    lowered = name.lower()
    if lowered in _COOKIES:
        return _COOKIE.sub(lambda match: match[1] + _cookie(match, masking, place), value)
    if lowered in _SET_COOKIES:
        pair, semicolon, attributes = value.partition(b";")
        return _COOKIE.sub(lambda match: match[1] + _cookie(match, masking, place), pair) + semicolon + attributes
    if name in masking.headers:
        secret = without_scheme(value)
        return value[:secret] + masking.text(value[secret:], place)
    return mask_text(value, masking, place)


def _divided(target: str) -> tuple[bytes, bytes]:
    """The path, with all before it, and the rest of a target: its query, and a fragment that should not be there."""
    octets = target.encode("latin-1")
    end = _END_OF_PATH.search(octets)
    at = end.start() if end else len(octets)
    return octets[:at], octets[at:]


def _without_repeated(line: wire.FieldLine, masking: Masking, kind: str) -> wire.FieldLine:
    if line.name.lower() in _NEEDED:
        return line
    place = f"{kind} {line.name}"
    if line.raw is None:
        return line._replace(value=masking.repeated(line.value.encode("latin-1"), place).decode("latin-1"))
    match = _LINE_WITH_NAME.fullmatch(line.raw)
    if match is None:
        return line
    raw = match[1] + masking.repeated(match[3], place) + match[4]
    return line if raw == line.raw else next(iter(wire.Fields.from_octets(raw)))


def _masked_line(line: wire.FieldLine, masking: Masking, kind: str) -> wire.FieldLine:
    before = masking.hits
    masked = _line_looked_at(line, masking, kind)
    if masking.hits == before:
        masking.clean_lines.note(line, len(line.name) + len(line.value) + len(line.raw or b""))
    return masked


def _line_looked_at(line: wire.FieldLine, masking: Masking, kind: str) -> wire.FieldLine:
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


def _cookie(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    """The value of a cookie, blanks round it left alone: a secret, even where its name does not say so."""
    value = match[2]
    secret = value.strip(b" \t\r\n")
    begin = value.find(secret)
    named = masking.is_secret(match[1].strip(b" \t\r\n="))
    return value[:begin] + masking.text(secret, place, named=named) + value[begin + len(secret) :]
