"""Secrets in bodies: found by what the content is, inside content codings and across the borders of chunks.

Law: wire values in, wire values out. Chunks stay where they were as long as the content is as long as it was; where it
is not, since a content coding was taken off and put on again, the framing is made to fit. A body that was cut short
stays cut, by as many octets as were missing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from httplib_sim import wire

from . import unicode_text
from .content_coding import TakenOff, coding_of, take_off
from .field_masking import mask_fields, mask_lines, mask_repeated
from .frames import Frames
from .large_body import LargeBody
from .masking import Clean
from .prose_masking import mask_settings, mask_tokens
from .stand_ins import SHAPED
from .table_masking import mask_table
from .text_masking import mask_form, mask_patterns, mask_text
from .token_shapes import may_have_tokens

if TYPE_CHECKING:
    from .large_body import Content
    from .masking import Masking

_NEVER_TEXT: Final = re.compile("(?:image|audio|video|font)/(?!.*xml)")
_SELDOM_TEXT: Final = re.compile("application/(?!.*(?:json|xml|form|http|graphql|script|text|yaml))")
_TABLE: Final = re.compile("text/(?:csv|comma|tab)|application/csv")
_CODE: Final = re.compile("text/(?:css|html|markdown)|.*(?:java|ecma|type)script")
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_LOOKED_AT: Final = 1024
_MOST_VALUES: Final = 65_536
_BOUNDARY: Final = re.compile(r'(?i);\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))')
_FIRST_BORDER: Final = re.compile(
    rb"(?:\A|\n)--([^\s-][^\r\n]{0,69}|-[^\r\n]{0,69}[^\r\n-])[ \t]*\r?\n(?=[A-Za-z-]+:|\r?\n)"
)
_PART_NAME: Final = re.compile(r'(?i);\s*name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))')
_PART: Final = re.compile(rb"(\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(.*)", re.DOTALL)
_STRUCTURED: Final = (b"{", b"[", b"<", b'"')
_EXTENSION: Final = re.compile(rb"""(;[ \t]*([^\s;="]+)[ \t]*=[ \t]*"?)([^;"\r\n]*)""")
_NUMBER: Final = re.compile("[0-9]+")


def mask_body(body: wire.Body, fields: wire.Fields, masking: Masking) -> tuple[wire.Body, wire.Fields]:
    """Return (*body* with stand-ins for the secrets in it, *fields* with a Content-Length that fits)."""
    if is_clean_body(body, fields, masking):
        return body, fields
    if not _is_plain(body) or masking.echoes:
        return _masked_body(body, fields, masking)
    looked_at = body.content, *kind_and_codings(fields)
    before = masking.hits
    masked = _masked_body(body, fields, masking)
    if masking.hits == before and masked[0] is body:
        masking.clean_contents.note(looked_at, len(body.content))
    return masked


def is_clean_body(body: wire.Body, fields: wire.Fields, masking: Masking) -> bool:
    """Tell whether it is known that *body* has no secret in it, of its own; False if in doubt."""
    if not _is_plain(body) or masking.echoes:
        return False
    return not body.content or (body.content, *kind_and_codings(fields)) in masking.clean_contents


def _is_plain(body: wire.Body) -> bool:
    """Whether content is all that there is of *body*."""
    whole = body.chunks is None and body.trailers is None and body.complete and not body.torn
    return whole and not isinstance(body, LargeBody)


def _masked_body(body: wire.Body, fields: wire.Fields, masking: Masking) -> tuple[wire.Body, wire.Fields]:
    # Of a body that was cut short the length says where; and matchers do not compare it.
    if not body.complete and masking.stand_ins is not SHAPED:
        masking = replace(masking, stand_ins=SHAPED, clean_lines=Clean(), clean_contents=Clean())
    before = masking.hits
    trailers, chunks = _masked_trailers(body.trailers, masking), body.chunks
    if chunks is not None:
        chunks = tuple([_masked_extension(chunk, masking) for chunk in chunks])
    content, torn = _masked_content(body, fields, masking)
    if trailers is not None and len(trailers.fields):
        trailers = trailers._replace(fields=mask_repeated(trailers.fields, masking, "trailer"))
    if chunks is not None and masking.echoes:
        chunks = tuple([_without_repeated(chunk, masking) for chunk in chunks])
    same = content == body.content and torn == body.torn and chunks == body.chunks and trailers == body.trailers
    if same and (masking.stand_ins is SHAPED or masking.hits == before):
        return body, fields
    masked = replace(body, trailers=trailers, chunks=chunks, torn=torn)
    return _framed(masked, fields, content, anew=masking.stand_ins is not SHAPED)


def mask_frame(
    body: LargeBody, source: Content, more: int, fields: wire.Fields, masking: Masking
) -> tuple[LargeBody, wire.Fields]:
    """Return (*body* with stand-ins for the secrets round its content, *fields* that fit).

    Its content becomes *source*, which is longer by *more* octets; they may be fewer.
    """
    frames, trailers = body.frames, _masked_trailers(body.trailers, masking)
    if frames is not None and frames.has_extensions:
        runs = [(_masked_extension(head, masking), count) for head, count in frames.runs()]
        frames = Frames()
        for head, count in runs:
            frames.add(_without_repeated(head, masking) if masking.echoes else head, count)
    if trailers is not None and len(trailers.fields):
        trailers = trailers._replace(fields=mask_repeated(trailers.fields, masking, "trailer"))
    if more and frames is None:
        fields = _with_length(fields, more)
    elif more and frames is not None:
        missing = max(frames.total + more - source.size, 0)
        last = [head for head, _ in frames.runs() if not head.size]
        frames = Frames([wire.ChunkHead(source.size + missing), *last])
    tails = None if more else body.tails
    torn = mask_text(body.torn, masking, "body") if body.torn else b""
    return LargeBody(source, frames, trailers, complete=body.complete, tails=tails, torn=torn), fields


def mask_content(content: bytes, fields: wire.Fields, masking: Masking, place: str = "body") -> bytes:
    """Return *content*, content coding taken off, with stand-ins for its secrets, by the Content-Type in *fields*.

    What begins as JSON is looked at as JSON, whatever it says it is.
    """
    content_type = kind_and_codings(fields)[0] or ""
    media_type = content_type.strip().lower()
    if not content:
        return content
    if _is_no_text(content, media_type) and not _JSON.match(content):
        values = _may_be_values(content, media_type)
        return mask_tokens(content, masking, place, is_text=False) if values else content
    if media_type.startswith("multipart/"):
        return _multipart(content, content_type, masking, place)
    if media_type.startswith(("message/http", "application/http")):
        return mask_lines(content, masking)
    if media_type.startswith("application/x-www-form-urlencoded") and not content.lstrip().startswith(_STRUCTURED):
        return mask_patterns(mask_form(content, masking, place), masking, place)
    if _TABLE.match(media_type):
        content = mask_table(content, masking, place)
    code = _CODE.match(media_type) is not None
    return mask_text(content if code else mask_settings(content, masking, place), masking, place, code=code)


def _is_no_text(content: bytes, media_type: str) -> bool:
    """Whether *content* is a picture, an archive, and the like, which may be large."""
    if _NEVER_TEXT.match(media_type):
        return True
    return _SELDOM_TEXT.match(media_type) is not None and b"\0" in content[:_LOOKED_AT]


def _may_be_values(content: bytes, media_type: str) -> bool:
    """Whether *content* may be values that a program has written as octets: MessagePack, Protocol Buffers."""
    few = len(content) <= _MOST_VALUES and _NEVER_TEXT.match(media_type) is None
    return few and may_have_tokens(content) is not None


def _masked_content(body: wire.Body, fields: wire.Fields, masking: Masking) -> tuple[bytes, bytes]:
    """The content and the torn octets of *body*, masked; without a content coding they are looked at as one."""
    taken = _uncoded(body.content, codings_of(fields))
    before = masking.hits
    if taken is None or (body.complete and not taken.complete):
        together = _masked_plain(body.content + body.torn, fields, masking)
        if taken is None or masking.hits != before:  # it only said that it was coded
            size = len(body.content) if body.torn else len(together)
            return together[:size], together[size:]
    plain = _masked_plain(taken.plain, fields, masking)
    same = plain == taken.plain and (masking.stand_ins is SHAPED or masking.hits == before)
    return body.content if same else taken.put_on(plain), mask_text(body.torn, masking, "body")


def _uncoded(content: bytes, codings: str) -> TakenOff | None:
    """*content* without its codings; gzip shows itself. Without heads that say so an archive stays what it is."""
    taken = take_off(content, coding_of(content, codings))
    return None if not codings and taken is not None and b"\0" in taken.plain[:_LOOKED_AT] else taken


@lru_cache(512)
def kind_and_codings(fields: wire.Fields) -> tuple[str | None, str]:
    """Return the Content-Type of *fields*, None if there is none, and what `codings_of` says."""
    codings = fields.get_all("content-encoding")
    if "transfer-encoding" in fields:
        codings += [coding for coding in wire.transfer_codings(fields) if coding != "chunked"]
    return fields.get("content-type"), ",".join(codings)


def codings_of(fields: wire.Fields) -> str:
    """Return all codings of content, in the order of their application; few servers compress by Transfer-Encoding."""
    return kind_and_codings(fields)[1]


def _masked_plain(content: bytes, fields: wire.Fields, masking: Masking) -> bytes:
    text = unicode_text.read(content, fields.get("content-type", "")) if b"\0" in content[:_LOOKED_AT] else None
    plain = content if text is None else text.utf8
    masked = masking.repeated(mask_content(plain, fields, masking), "body")
    return masked if text is None else text.written(masked)


def _multipart(content: bytes, content_type: str, masking: Masking, place: str) -> bytes:
    """Mask the parts of *content* (RFC 2046 section 5.1): each by its name and its own Content-Type."""
    borders = _borders(content, content_type)
    if not borders:
        return mask_text(content, masking, place)
    pieces = [content[: borders[0].end()]]
    for border, following in zip(borders, [*borders[1:], None], strict=True):
        end = following.start() if following else len(content)
        pieces.append(_part(content[border.end() : end], masking, place))
        if following:
            pieces.append(following[0])
    return b"".join(pieces)


def _borders(content: bytes, content_type: str) -> list[re.Match[bytes]]:
    """The lines between parts: by the parameter boundary, or else by the first line that may be one."""
    said = _BOUNDARY.search(content_type)
    first = _FIRST_BORDER.search(content)
    for boundary in ((said[1] or said[2]).encode("latin-1") if said else b"", first[1] if first else b""):
        if boundary:
            borders = list(re.finditer(rb"(?:^|(?<=\n))--" + re.escape(boundary) + rb"[^\r\n]*", content))
            if borders:
                return borders
    return []


def _part(part: bytes, masking: Masking, place: str) -> bytes:
    """Mask one part, from the end of the line with the boundary to the next one."""
    match = _PART.fullmatch(part)
    if match is None:
        return mask_lines(part, masking)
    section, content = match.groups()
    fields = wire.Fields.from_octets(section)
    end = len(content) - len(content.rstrip(b"\r\n"))
    content, line_end = content[: len(content) - end], content[len(content) - end :]
    name = _PART_NAME.search(fields.get("content-disposition", ""))
    label = (name[1] or name[2] or "") if name else ""
    section = mask_lines(section, masking)
    if masking.is_parameter(label.encode("latin-1", "replace"), content):
        return section + masking.text(content, f"{place} {label}") + line_end
    return section + _masked_file(content, fields, masking, place) + line_end


def _masked_file(content: bytes, fields: wire.Fields, masking: Masking, place: str) -> bytes:
    """Mask the content of a part, which may be compressed."""
    taken = _uncoded(content, codings_of(fields))
    if taken is None or not taken.complete:
        return mask_content(content, fields, masking, place)
    masked = mask_content(taken.plain, fields, masking, place)
    return content if masked == taken.plain else taken.put_on(masked)


def _masked_trailers(trailers: wire.Trailers | None, masking: Masking) -> wire.Trailers | None:
    if trailers is None or not len(trailers.fields):
        return trailers
    return trailers._replace(fields=mask_fields(trailers.fields, masking, "trailer"))


def _masked_extension(chunk: wire.ChunkHead, masking: Masking) -> wire.ChunkHead:
    """Mask what a chunk extension assigns, such as a signature (RFC 9112 section 7.1.1)."""
    if not chunk.extension:
        return chunk

    def masked(match: re.Match[bytes]) -> bytes:
        if not masking.is_secret(match[2]):
            return match[0]
        return match[1] + masking.text(match[3], f"chunk extension {match[2].decode('latin-1')}")

    extension = _EXTENSION.sub(masked, chunk.extension.encode("latin-1")).decode("latin-1")
    raw = None if chunk.raw is None else _EXTENSION.sub(masked, chunk.raw)
    return chunk if extension == chunk.extension else wire.ChunkHead(chunk.size, extension, raw)


def _without_repeated(chunk: wire.ChunkHead, masking: Masking) -> wire.ChunkHead:
    if not chunk.extension:
        return chunk
    place = "chunk extension"
    extension = masking.repeated(chunk.extension.encode("latin-1"), place).decode("latin-1")
    raw = None if chunk.raw is None else masking.repeated(chunk.raw, place)
    return chunk if extension == chunk.extension else wire.ChunkHead(chunk.size, extension, raw)


def _framed(body: wire.Body, fields: wire.Fields, content: bytes, *, anew: bool) -> tuple[wire.Body, wire.Fields]:
    """Give *body* another *content*, and a framing that fits it; *anew*: in one chunk, whatever the length."""
    more = len(content) - len(body.content)
    if body.chunks is None:
        return replace(body, content=content), _with_length(fields, more) if more else fields
    if not more and not anew:
        return replace(body, content=content), fields
    missing = max(sum(chunk.size for chunk in body.chunks) - len(body.content), 0)
    chunks = [wire.ChunkHead(len(content) + missing)] if content or missing else []
    last = [chunk for chunk in body.chunks if not chunk.size]
    return replace(body, content=content, chunks=(*chunks, *last), tails=None), fields


def _with_length(fields: wire.Fields, more: int) -> wire.Fields:
    """Return *fields* with a Content-Length that is larger by *more* octets, which may be negative."""
    return wire.Fields([_longer(line, more) if line.name.lower() == "content-length" else line for line in fields])


def _longer(line: wire.FieldLine, more: int) -> wire.FieldLine:
    value = _NUMBER.sub(lambda match: str(int(match[0]) + more), line.value)
    if line.raw is None:
        return wire.FieldLine(line.name, value)
    return wire.FieldLine(line.name, value, line.raw.replace(line.value.encode("latin-1"), value.encode("latin-1")))
