"""Blocking clients with their pools, each with the interface of `sessions.Session`."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import ssl
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httplib2  # type: ignore[import-untyped]
import requests
import urllib3
from botocore.awsrequest import AWSPreparedRequest  # type: ignore[import-untyped]
from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]
from requests.adapters import HTTPAdapter

from tests.cassettes.origin import TIMEOUT

from .sessions import Answer, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

REDIRECTS = {301, 302, 303, 307, 308}


class Blocking(Session):
    """A client whose methods block, so that only threads run at the same time."""

    @staticmethod
    async def at_once(functions: Sequence[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
        """Run *functions* at the same time, each in a thread; return what they return."""
        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(lambda function: asyncio.run(function()), functions))

    async def __aexit__(self, *failure: object) -> None:
        """Nothing is left open."""


class HttpClient(Blocking):
    """http.client, with one connection that is kept, and redirects and gzip by hand."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.idle: list[http.client.HTTPConnection] = []

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        if self.idle:
            connection = self.idle.pop()
        elif parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, context=self.tls, timeout=self.patience
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.patience)
        try:
            connection.request(method, parts.path or "/", body or None, fields or {})
            response = connection.getresponse()
            self.on_head()
            content = response.read()
        except BaseException:
            connection.close()
            raise
        self.idle.append(connection)
        if response.status in REDIRECTS and (target := response.getheader("Location")):
            return await self.ask("GET", urljoin(url, target))
        if response.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return Answer(response.status, tuple(response.getheaders()), content)

    async def __aexit__(self, *failure: object) -> None:
        for connection in self.idle:
            connection.close()


class UrllibRequest(Blocking):
    """urllib.request, which keeps no connection."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        self.opener = urllib.request.build_opener(*handlers, urllib.request.HTTPSHandler(context=tls))

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        request = urllib.request.Request(url, body or None, fields or {}, method=method)
        try:
            response = self.opener.open(request, timeout=self.patience)
        except urllib.error.HTTPError as problem:
            response = problem
        with response:
            self.on_head()
            content = response.read()
            if response.headers.get("Content-Encoding") == "gzip":
                content = gzip.decompress(content)
            return Answer(response.status, tuple(response.headers.items()), content)


class Urllib3(Blocking):
    """urllib3.PoolManager."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.pool = urllib3.PoolManager(
            ssl_context=tls, timeout=patience, retries=urllib3.Retry(0, redirect=3), maxsize=9
        )

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        response = self.pool.request(method, url, headers=fields, body=body or None, preload_content=False)
        self.on_head()
        content = b"".join(response.stream(4096))
        response.release_conn()
        return Answer(response.status, tuple(response.headers.items()), content)

    async def __aexit__(self, *failure: object) -> None:
        self.pool.clear()


class _Trusting(HTTPAdapter):
    """requests with a context of our own."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        super().__init__(pool_maxsize=9)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=self._tls)


class Requests(Blocking):
    """requests.Session."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = self._bundle(tls)
        self.session.mount("https://", _Trusting(tls))

    @staticmethod
    def _bundle(tls: ssl.SSLContext | None) -> bool:
        return tls is None or tls.verify_mode is ssl.CERT_REQUIRED

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


class Botocore(Blocking):
    """botocore's session, which boto3 sends through."""

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.session = URLLib3Session(timeout=patience, max_pool_connections=9)
        if tls is not None:
            self.session._manager.connection_pool_kw["ssl_context"] = tls

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        response = self.session.send(AWSPreparedRequest(method, url, fields or {}, body or None, True))
        self.on_head()
        content = response.content
        if response.status_code in REDIRECTS:
            return await self.ask("GET", urljoin(url, response.headers["Location"]))
        return Answer(response.status_code, tuple(response.headers.items()), content)

    async def __aexit__(self, *failure: object) -> None:
        self.session.close()


class Httplib2(Blocking):
    """httplib2.Http, one for each thread as its documentation wants it; it reads all before it returns anything."""

    tells_heads = False

    def __init__(self, tls: ssl.SSLContext | None = None, patience: float = TIMEOUT) -> None:
        super().__init__(tls, patience)
        self.idle: list[httplib2.Http] = []

    async def ask(self, method: str, url: str, fields: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send a request; return its answer."""
        client = self.idle.pop() if self.idle else self._client()
        try:
            response, content = client.request(url, method, body or None, fields)
        except BaseException:
            client.close()
            raise
        self.on_head()
        self.idle.append(client)
        return Answer(response.status, tuple(response.items()), content)

    def _client(self) -> httplib2.Http:
        client = httplib2.Http(timeout=self.patience, proxy_info=None)
        client.disable_ssl_certificate_validation = self.tls is not None and self.trusts
        return client

    async def __aexit__(self, *failure: object) -> None:
        for client in self.idle:
            client.close()


BLOCKING: dict[str, type[Session]] = {
    "http.client": HttpClient,
    "urllib.request": UrllibRequest,
    "urllib3": Urllib3,
    "requests": Requests,
    "botocore": Botocore,
    "httplib2": Httplib2,
}
"""All blocking clients but httpx."""
