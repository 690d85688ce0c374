"""An exchange that a person edited, made into one that can be replayed.

Law: values only. What was edited stays as it was written; only Content-Length, which a person should not have to count,
follows the content. A message that was cut on the wire stays cut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from httplib_sim import wire

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
    head, body = request.head, request.body
    fields = _fitting_length(head.fields, body)
    if fields is not head.fields:
        head = wire.RequestHead(head.method, head.target, fields, head.version)
    return replace(request, head=head)


def _mended_response(response: wire.Response, method: str) -> wire.Response:
    head, body = response.head, response.body
    bodyless = method == "HEAD" or head.status in {204, 304}
    fields = head.fields if bodyless and not body.content else _fitting_length(head.fields, body)
    if fields is not head.fields:
        head = wire.ResponseHead(head.status, head.reason, fields, head.version)
    return replace(response, head=head)


def _fitting_length(fields: wire.Fields, body: wire.Body) -> wire.Fields:
    """*fields* with the Content-Length of *body*, where they have one that is wrong."""
    length = str(len(body.content))
    if not body.complete or body.chunks is not None or fields.get_all("content-length") in ([], [length]):
        return fields
    return wire.Fields(
        [wire.FieldLine(line.name, length) if line.name.lower() == "content-length" else line for line in fields]
    )
