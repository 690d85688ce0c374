"""Exchanges for tests, from octets as on the wire."""

from __future__ import annotations

from cassettes.exchange import Exchange, Request, Response
from httplib_sim import wire
from httplib_sim.waist import Origin

ORIGIN = Origin("https", "api.example.com", 443)


def recorded(request: bytes, answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n") -> Exchange:
    """Return the exchange of *request* and *answer*, octets as on the wire."""
    [asked] = wire.parse_requests(request)
    [response] = wire.parse_responses(answer, [asked.head.method])
    return Exchange(request=Request(ORIGIN, asked), response=Response(response))


def post(content: bytes, kind: str = "application/json", *fields: str) -> bytes:
    """Return a request with *content*."""
    lines = [f"Content-Type: {kind}", f"Content-Length: {len(content)}", *fields]
    return "\r\n".join(["POST /a HTTP/1.1", "Host: api.example.com", *lines, "", ""]).encode() + content


def answer(content: bytes, kind: str = "application/json", *fields: str) -> bytes:
    """Return a response with *content*."""
    return post(content, kind, *fields).replace(b"POST /a HTTP/1.1\r\nHost: api.example.com", b"HTTP/1.1 200 OK", 1)


def octets(exchange: Exchange) -> bytes:
    """Return all octets of *exchange*, both ways."""
    return exchange.request.message.octets + exchange.answer
