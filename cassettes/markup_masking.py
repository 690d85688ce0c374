"""Secrets in XML and HTML: elements and attributes with a secret name, and pairs of a name and a value.

Law: octets in, octets out; nothing is parsed as a whole, so what is torn is masked as well as what is sound, and HTML
as well as XML. Tags stay where they are. Markup and JSON that are text in markup, with entities for their signs, are
masked as what they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .member_masking import shown

if TYPE_CHECKING:
    from .masking import Masking

_ELEMENT: Final = re.compile(rb"(<((?:[\w.-]+:)?([\w.-]{1,80}))(\s[^<>]*)?>\s*(?:<!\[CDATA\[)?)([^<]*)")
_NAMED: Final = re.compile(rb"""\s(?:name|key)\s*=\s*["']([^"'<>]{1,80})["']""")
_CDATA_END: Final = re.compile(rb"\]\]>.*", re.DOTALL)
_TEXT: Final = re.compile(rb"(>\s*(?:<!\[CDATA\[)?)([^<\s][^<]*)")
_WITH_VALUE: Final = re.compile(rb"(?i)<[\w:.-]+\s(?:[^<>]*\s)?(?:value|content)\s*=[^<>]*>")
_LABEL: Final = re.compile(rb"""(?i)\s(?:name|id|key|property)\s*=\s*["']?([^\s"'<>]+)""")
_VALUE: Final = re.compile(rb"""(?i)(\s(?:value|content)\s*=\s*)("[^"]*|'[^']*|[^\s"'<>]+)""")
_PAIR: Final = re.compile(
    rb"(?i)(<(?:[\w.-]*(?:key|name))>([^<]{1,80})</[\w.-]+>\s*"
    rb"(?:<[\w.-]*(?:string|data|integer|value|val)>\s*){1,2})([^<]+)"
)
_ESCAPED_ELEMENT: Final = re.compile(rb"(&lt;(?:[\w.-]+:)?([\w.-]{1,80})&gt;)([^&<>]+)(?=&lt;)")
_ESCAPED_MEMBER: Final = re.compile(rb"(&quot;([\w.-]{1,80})&quot;\s*:\s*&quot;)([^<>]+?)(?=&quot;)")


def mask_markup(text: bytes, masking: Masking, place: str) -> bytes:
    """Return *text*, XML or HTML, with stand-ins for the secrets that the names in it give away.

    A name is that of an element, or the value of an attribute ``name`` or ``key``, or stands in an element before that
    of the value: as in property lists, XML-RPC, the parameters of cloud services. Of an element that has elements, all
    text in it is a secret.
    """
    text = _elements(text, masking, place)
    if b"alue" in text or b"ontent" in text or b"VALUE" in text:
        text = _WITH_VALUE.sub(lambda match: _tag(match[0], masking, place), text)
    text = _PAIR.sub(lambda match: _after_name(match, masking, place), text)
    if b"&lt;" in text:
        text = _ESCAPED_ELEMENT.sub(lambda match: _after_name(match, masking, place), text)
    if b"&quot;" in text:
        text = _ESCAPED_MEMBER.sub(lambda match: _after_name(match, masking, place), text)
    return text


def _elements(text: bytes, masking: Masking, place: str) -> bytes:
    pieces: list[bytes] = []
    never_closed: set[bytes] = set()
    done = position = 0
    while element := _ELEMENT.search(text, position):
        position = element.end()
        begin, tag, local, attributes, value = element.groups()
        if b"]]>" in value:
            value = _CDATA_END.sub(b"", value)
        name = local
        if not masking.is_secret(name, value.strip()):
            named = _NAMED.search(attributes) if attributes else None
            if named is None or not masking.is_secret(named[1], value.strip()):
                continue
            name = named[1]
        place_in_it = f"{place} {shown(name)}"
        start = element.start() + len(begin)
        if value.strip():
            masked, end = masking.text(value, place_in_it), start + len(value)
        elif tag in never_closed or begin.rstrip().endswith(b"/>"):
            continue
        elif (end := text.find(b"</" + tag, start)) < 0:
            never_closed.add(tag)
            continue
        else:
            masked = _all_text(text[start - 1 : end], masking, place_in_it)[1:]
        pieces += text[done:start], masked
        done = position = end
    return b"".join([*pieces, text[done:]]) if pieces else text


def _all_text(text: bytes, masking: Masking, place: str) -> bytes:
    return _TEXT.sub(lambda match: match[1] + masking.text(match[2], place, named=False), text)


def _tag(tag: bytes, masking: Masking, place: str) -> bytes:
    """Mask the value of a tag that has a name as well, as ``input``, ``meta`` and ``param`` have."""
    name = _LABEL.search(tag)
    if name is None or not masking.is_secret(name[1]):
        return tag
    place = f"{place} {shown(name[1])}"
    return _VALUE.sub(lambda match: match[1] + _unquoted(match[2], masking, place), tag)


def _unquoted(value: bytes, masking: Masking, place: str) -> bytes:
    quote = value[:1] if value[:1] in (b'"', b"'") else b""
    return quote + masking.text(value[len(quote) :], place)


def _after_name(match: re.Match[bytes], masking: Masking, place: str) -> bytes:
    before, name, value = match.groups()
    name = name.strip()
    if not masking.is_secret(name, value.strip()) or not value.strip():
        return match[0]
    return before + masking.text(value, f"{place} {shown(name)}")
