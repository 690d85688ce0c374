"""Clients that do not stand beside the others in one environment: ``make apart`` makes one for them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import geventhttpclient  # type: ignore[import-not-found, unused-ignore]

from tests.cassettes.origin import TIMEOUT

from .blocking import REDIRECTS, Blocking
from .sessions import Answer, Session

if TYPE_CHECKING:
    import ssl


class Gevent(Blocking):
    """geventhttpclient.HTTPClient, one for each thread; redirects and gzip by hand."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.idle: list[Any] = []

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        client = self.idle.pop() if self.idle else self._client(url)
        try:
            response = client.request(method, urlsplit(url).path or "/", body or b"", fields or {})
            self.on_head()
            content = bytes(response.read())
        except BaseException:
            client.close()
            raise
        self.idle.append(client)
        if response.status_code in REDIRECTS:
            return await self.ask("GET", urljoin(url, response["location"]))
        if response.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return Answer(response.status_code, tuple(response.items()), content)

    def _client(self, url: str) -> Any:
        parts = urlsplit(url)
        tls: dict[str, Any] = {}
        if parts.scheme == "https":
            tls = {"ssl": True, "ssl_context_factory": lambda *_, **__: self._context()}
        return geventhttpclient.HTTPClient(parts.hostname, parts.port, network_timeout=self.patience, **tls)

    def _context(self) -> Any:
        """A context as gevent wants it, which trusts whom ours trusts."""
        context = geventhttpclient.connectionpool.create_default_context()
        for certificate in self.tls.get_ca_certs(binary_form=True) if self.tls is not None else ():
            context.load_verify_locations(cadata=certificate)
        return context

    async def __aexit__(self, *failure: object) -> None:
        for client in self.idle:
            client.close()


APART: dict[str, type[Session]] = {
    "geventhttpclient": Gevent,
}
"""All clients of that environment."""
