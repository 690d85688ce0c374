"""Exchanges of the usual kind, written as documents at once.

Law: a fast path, and nothing else: what it writes is the very text that `yaml_format` writes the long way, by way of
plain data; any other exchange it leaves, by raising `quick_yaml.Odd`. It writes only, and only what is known to come
back to the octet, so that nothing needs to be read again: that is the reason for each of its conditions.

Field lines and bodies repeat themselves from one exchange to the next, so what has been written of one is remembered,
within bounds. What is remembered is what stands in the file: no secret.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .body_format import content_to_data
from .document import moment
from .exchange import How
from .head_format import field_value
from .large_body import LargeBody
from .quick_yaml import Odd, key_text, plain_text, scalar_text, write

if TYPE_CHECKING:
    from httplib_sim import wire

    from .exchange import Exchange

_CRLF: Final = b"\r\n"
_LETTERS: Final = frozenset("abcdef")
_MOST_CHUNKS: Final = 4
_LARGEST_KNOWN: Final = 4096
"""Octets of content that is remembered."""
_once: Final = scalar_text.__wrapped__  # for what is seen once, and would push out what comes again


def write_document(summary: str, exchange: Exchange) -> str:
    """Return *exchange*, below the comment *summary*, from its ``---`` to its ``...``. Raises `quick_yaml.Odd`."""
    response, end = exchange.response, exchange.end
    if (
        response is None
        or exchange.received
        or exchange.tls is not None
        or exchange.proxy is not None
        or exchange.timing
        or end.how is not How.COMPLETE
        or end.detail
    ):
        raise Odd
    sent, answer = exchange.request.message, response.message
    if isinstance(sent.body, LargeBody) or isinstance(answer.body, LargeBody):
        raise Odd
    if answer.interim or sent.extra or answer.extra:
        raise Odd
    redacted = ""
    if exchange.redacted:
        redacted = "redacted:\n" + "".join([f"- {scalar_text(place)}\n" for place in exchange.redacted])
    octets = answer.octets
    crc32 = f"{zlib.crc32(octets, zlib.crc32(sent.octets)):08x}"
    return (
        f"---\n{summary}\norigin: {scalar_text(exchange.request.origin.url)}\nconnection: {exchange.connection}\n"
        f"at: {moment(exchange.started)}\n{redacted}"
        f"request:\n{_head(sent.head)}{_body(sent.body, sent.head.fields)}"
        f"response:\n{_head(answer.head)}{_body(answer.body, answer.head.fields)}"
        f"end: {{how: complete, after: {exchange.elapsed * 1000:.3f} ms, bytes: {len(octets)}, "
        f"crc32: {crc32 if crc32[0] in _LETTERS else scalar_text(crc32)}}}\n...\n"
    )


def _head(head: wire.RequestHead | wire.ResponseHead) -> str:
    """The start line and the field lines, where they are all that the head is."""
    octets, section = head.octets, head.fields.octets
    start = octets[: len(octets) - len(section) - 2]
    if not section or len(start) < 3 or octets != start + section + _CRLF or not start.endswith(_CRLF):
        raise Odd
    return f"  line: {_once(start[:-2].decode('latin-1'))}\n  headers:\n{_section(section)}"


@lru_cache(128)
def _section(section: bytes) -> str:
    lines = section.split(_CRLF)
    if lines.pop():
        raise Odd
    return "".join([_field_line(line) for line in lines])


@lru_cache(1024)
def _field_line(line: bytes) -> str:
    """A line that reading makes of a name and a value again: it is ``Name: value``, and both are regular."""
    name, separator, value = line.decode("latin-1").partition(": ")
    if not separator or value.strip(" \t") != value:
        raise Odd
    return f"  - {key_text(name)}: {plain_text(field_value(value))}\n"


def _body(body: wire.Body, fields: wire.Fields) -> str:
    """The content, which came whole and in chunks of the usual kind, if any."""
    content, chunks, trailers = body.content, body.chunks, body.trailers
    if not body.complete or body.torn or body.tails is not None:
        raise Odd
    if chunks is None:
        framing = ""
        if trailers is not None:
            raise Odd
    else:
        framing = f"    chunks: {_chunks(chunks, len(content))}\n"
        if trailers is None or trailers.octets != _CRLF:
            raise Odd
    if not content:
        if framing:
            raise Odd
        return ""
    write = _content if len(content) <= _LARGEST_KNOWN else _content.__wrapped__
    return write(content, *_kind(fields)) + framing


@lru_cache(512)
def _kind(fields: wire.Fields) -> tuple[str, str]:
    return fields.get("content-type", "json"), fields.get("content-encoding", "")


def _chunks(chunks: tuple[wire.ChunkHead, ...], size: int) -> str:
    sizes = [chunk.size for chunk in chunks]
    if len(sizes) > _MOST_CHUNKS:
        raise Odd  # there may be runs of them
    if any(chunk.raw is not None or chunk.extension for chunk in chunks) or sum(sizes) != size or 0 in sizes[:-1]:
        raise Odd
    return str(sizes[:-1])


@lru_cache(256)
def _content(content: bytes, content_type: str, coding: str) -> str:
    """Content in its form, which has been chosen because it gives back the octets, and which is regular."""
    data = content_to_data(content, content_type, coding)
    if "compressed" in data:
        raise Odd  # compressing again is worth a second look
    if "\n" in data.get("base64", ""):
        data["base64"] += "\n"
    return "  body:\n" + write(data, {}, 2)
