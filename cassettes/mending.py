"""An exchange that a person edited, or wrote, made into one that can be replayed.

Law: values only. What a person wrote stays as it is written; only the framing, which nobody should have to count,
follows the content (RFC 9112 section 6): Content-Length, and whether there are chunks. A message that was cut on the
wire stays cut, and a response that can have no content (RFC 9112 section 6.3, rule 1) loses what stands there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from httplib_sim import wire

from .body_format import one_chunk
from .frames import Frames
from .large_body import LargeBody, content_size

if TYPE_CHECKING:
    from .exchange import Exchange


def mended(exchange: Exchange) -> Exchange:
    """Return *exchange* with a framing that fits the content of its messages."""
    request = exchange.request.message
    changed = replace(exchange, request=replace(exchange.request, message=_mended_request(request)))
    if exchange.response is None:
        return changed
    response = _mended_response(exchange.response.message, request.head.method)
    return replace(changed, response=replace(exchange.response, message=response))


def _mended_request(request: wire.Request) -> wire.Request:
    head, body = request.head, _fitting_body(request.head.fields, request.body)
    fields = _fitting_fields(head.fields, body)
    if fields is not head.fields:
        head = wire.RequestHead(head.method, head.target, fields, head.version)
    return replace(request, head=head, body=body)


def _mended_response(response: wire.Response, method: str) -> wire.Response:
    head = response.head
    if method == "HEAD" or head.status in {101, 204, 304} or (method == "CONNECT" and 200 <= head.status < 300):
        return replace(response, body=wire.Body())
    body = _fitting_body(head.fields, response.body)
    fields = _fitting_fields(head.fields, body)
    if fields is not head.fields:
        head = wire.ResponseHead(head.status, head.reason, fields, head.version)
    return replace(response, head=head, body=body)


def _fitting_body(fields: wire.Fields, body: wire.Body) -> wire.Body:
    """*body* with chunks where *fields* say so, and only there."""
    chunked = wire.transfer_codings(fields)[-1:] == ["chunked"]
    if not body.complete or chunked is _is_chunked(body):
        return body
    chunks = one_chunk(content_size(body)) if chunked else None
    trailers = wire.Trailers(wire.Fields()) if chunked else None
    if isinstance(body, LargeBody):
        return LargeBody(body.source, None if chunks is None else Frames(chunks), trailers)
    return wire.Body(body.content, chunks, trailers)


def _fitting_fields(fields: wire.Fields, body: wire.Body) -> wire.Fields:
    """*fields* with the Content-Length of *body*, where they have one that is wrong."""
    length = str(content_size(body))
    if not body.complete or _is_chunked(body) or fields.get_all("content-length") in ([], [length]):
        return fields
    return wire.Fields(
        [wire.FieldLine(line.name, length) if line.name.lower() == "content-length" else line for line in fields]
    )


def _is_chunked(body: wire.Body) -> bool:
    return (body.frames if isinstance(body, LargeBody) else body.chunks) is not None
