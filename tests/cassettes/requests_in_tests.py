"""Requests and exchanges for tests that need some."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cassettes.exchange import Exchange, Request, Response
from httplib_sim import wire
from httplib_sim.waist import Origin


def request(
    url: str = "http://example.com/", method: str = "GET", body: bytes = b"", kind: str = "", *fields: tuple[str, str]
) -> Request:
    """Return a request for *url*; *kind* is the media type of its *body*."""
    parts = urlsplit(url)
    origin = Origin(parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme])
    target = url.removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"
    lines = [("Host", parts.netloc), *fields]
    if kind:
        lines.append(("Content-Type", kind))
    if body:
        lines.append(("Content-Length", str(len(body))))
    return Request(origin, wire.Request(wire.RequestHead(method, target, wire.Fields(lines)), wire.Body(body)))


def exchange(asked: Request, content: bytes = b"", *, at: float = 0, status: int = 200) -> Exchange:
    """Return an exchange whose request was sent *at* so many seconds."""
    head = wire.ResponseHead(status, "", wire.Fields([("Content-Length", str(len(content)))]))
    answer = Response(wire.Response(head, wire.Body(content)))
    return Exchange(request=asked, response=answer, started=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at))
