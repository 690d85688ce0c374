"""Clients that do not stand beside the others in one environment: ``make apart`` makes one for them."""

from __future__ import annotations

import gzip
import itertools
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import geventhttpclient  # type: ignore[import-not-found, unused-ignore]
import niquests  # type: ignore[import-not-found, unused-ignore]

from tests.cassettes.origin import TIMEOUT

from .blocking import REDIRECTS, Blocking
from .sessions import Answer, Session

if TYPE_CHECKING:
    import ssl


class Gevent(Blocking):
    """geventhttpclient.HTTPClient, one for each thread; redirects and gzip by hand."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.idle: dict[int, list[Any]] = {}  # by thread: gevent's things are for one alone

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        idle = self.idle.setdefault(threading.get_ident(), [])
        client = idle.pop() if idle else self._client(url)
        try:
            response = client.request(method, urlsplit(url).path or "/", body or b"", fields or {})
            self.on_head()
            content = bytes(response.read())
        except BaseException:
            client.close()
            raise
        idle.append(client)
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
        for client in itertools.chain(*self.idle.values()):
            client.close()


class Niquests(Blocking):
    """niquests.Session."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.session = niquests.Session(pool_maxsize=9)
        self.session.trust_env = False
        self.session.verify = bundle_of(tls)

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        with self.session.request(
            method, url, headers=fields, data=body or None, timeout=self.patience, stream=True
        ) as response:
            self.on_head()
            content = b"".join(response.iter_content(4096))
            return Answer(response.status_code, tuple(response.headers.items()), content)

    async def __aexit__(self, *failure: object) -> None:
        self.session.close()


class AsyncNiquests(Session):
    """niquests.AsyncSession."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.session = niquests.AsyncSession(pool_maxsize=9)
        self.session.trust_env = False
        self.session.verify = bundle_of(tls)

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        response = await self.session.request(
            method, url, headers=fields, data=body or None, timeout=self.patience, stream=True
        )
        self.on_head()
        content = b"".join([piece async for piece in await response.iter_content(4096)])
        return Answer(response.status_code, tuple(response.headers.items()), content)

    async def __aexit__(self, *failure: object) -> None:
        await self.session.close()


def bundle_of(tls: ssl.SSLContext | None) -> Any:
    """Whom *tls* trusts, as niquests wants it: PEM."""
    from ssl import DER_cert_to_PEM_cert

    if tls is None:
        return True
    return "".join(map(DER_cert_to_PEM_cert, tls.get_ca_certs(binary_form=True))) or True


APART: dict[str, type[Session]] = {
    "geventhttpclient": Gevent,
    "niquests": Niquests,
    "niquests, asynchronous": AsyncNiquests,
}
"""All clients of that environment."""
