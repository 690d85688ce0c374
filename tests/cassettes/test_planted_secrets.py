"""Wherever a secret is planted, by whatever client it goes, it is not in the cassette; and the replay answers."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cassettes import use_cassette
from fake_server import FakeServer
from httplib_sim import HTTPConnection

from .tokens_in_tests import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment


class Message(NamedTuple):
    """What goes one way: a target (of requests), header fields, content."""

    target: str = "/a"
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""


def in_content(kind: str, content: str) -> Message:
    """Return a message with *content*."""
    return Message(headers=(("Content-Type", kind),), content=content.encode())


def multipart(secret: str, name: str) -> str:
    """Return a form of one field."""
    return f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{secret}\r\n--B--\r\n'


def encoded(text: str) -> str:
    """Return *text* in base64."""
    return base64.b64encode(text.encode()).decode()


CONTENTS: dict[str, Callable[[str, str], Message]] = {
    "json": lambda secret, name: in_content("application/json", json.dumps({"a": [{name: secret}], "b": 1})),
    "indented": lambda secret, name: in_content("application/json", json.dumps({"a": {name: [secret]}}, indent=2)),
    "json in json": lambda secret, name: in_content("text/plain", json.dumps({"a": json.dumps({name: secret})})),
    "base64": lambda secret, name: in_content(
        "application/json", json.dumps({"a": encoded(json.dumps({name: secret}))})
    ),
    "pair": lambda secret, name: in_content("application/json", json.dumps([{"name": name, "value": secret}])),
    "form": lambda secret, name: in_content("application/x-www-form-urlencoded", urlencode({"a": "b c", name: secret})),
    "json in form": lambda secret, name: in_content(
        "application/x-www-form-urlencoded", urlencode({"a": json.dumps({name: secret})})
    ),
    "multipart": lambda secret, name: in_content("multipart/form-data; boundary=B", multipart(secret, name)),
    "xml": lambda secret, name: in_content("text/xml", f"<a><b:{name} c='d'>{secret}</b:{name}></a>"),
    "html": lambda secret, name: in_content("text/html", f"<p>a<input name='{name}' value='{secret}'>"),
    "csv": lambda secret, name: in_content("text/csv", f"a,{name}\nb,{secret}\n"),
    "yaml": lambda secret, name: in_content("application/yaml", f"a:\n  {name}: {secret}\nb: c\n"),
    "events": lambda secret, name: in_content("text/event-stream", f"data: {json.dumps({name: secret})}\n\n"),
    "script": lambda secret, name: in_content("text/javascript", f"var a = {{b: 1, {name}: '{secret}'}}"),
    "graphql": lambda secret, name: in_content(
        "application/json", json.dumps({"query": f'{{a({name}: "{secret}") {{b}}}}', "variables": {name: secret}})
    ),
}
TARGETS: dict[str, Callable[[str, str], Message]] = {
    "query": lambda secret, name: Message("/a?" + urlencode({"b": "c", name: secret})),
    "url in query": lambda secret, name: Message("/a?" + urlencode({"u": "https://h/?" + urlencode({name: secret})})),
    "json in query": lambda secret, name: Message("/a?" + urlencode({"q": json.dumps({name: secret})})),
    "path parameter": lambda secret, name: Message(f"/a;{name}={secret}/b"),
}
FIELDS: dict[str, Callable[[str, str], Message]] = {
    "field": lambda secret, name: Message(headers=(("X-" + name.replace("_", "-"), secret),)),
    "URL": lambda secret, name: Message(headers=(("X-Next", f'<https://h/?{name}={secret}>; rel="next"'),)),
    "json field": lambda secret, name: Message(headers=(("X-Data", json.dumps({name: secret})),)),
}
CREDENTIALS: dict[str, Callable[[str, str], Message]] = {
    "bearer": lambda secret, _: Message(headers=(("Authorization", f"Bearer {secret}"),)),
    "basic": lambda secret, _: Message(headers=(("Authorization", f"Basic {encoded('ann:' + secret)}"),)),
    "digest": lambda secret, _: Message(headers=(("Authorization", f'Digest username="ann", response="{secret}"'),)),
    "cookie": lambda secret, _: Message(headers=(("Cookie", f"a=b; c={secret}"),)),
    "user": lambda secret, _: in_content("application/json", json.dumps({"u": f"https://ann:{secret}@h/"})),
}
TOKEN_PLACES: dict[str, Callable[[str, str], Message]] = {
    "path": lambda secret, _: Message(f"/a/{secret}/b"),
    "prose": lambda secret, _: in_content("text/plain", f"Use {secret}, please.\n"),
    "octets": lambda secret, _: Message(
        headers=(("Content-Type", "application/x-protobuf"),), content=b"\x00\x0a\xff" + secret.encode() + b"\x10\x01"
    ),
}
NAMED = {**CONTENTS, **TARGETS, **FIELDS, **CREDENTIALS}
WITH_TOKENS = {**CONTENTS, **TARGETS, **FIELDS, **CREDENTIALS, **TOKEN_PLACES}

secrets = st.text("abcdefghijklmnopqrstuvwABCDEFGHIJ0123456789", min_size=14, max_size=30).filter(
    lambda text: len(set(text)) > 6 and not text.isdigit() and re.search("[0-9]", text) is not None
)
names = st.sampled_from(
    ["token", "accessToken", "client_secret", "PASSWORD", "x_session", "license_key", "mfa_code", "cvv", "api_key"]
)
codings = st.sampled_from(["identity", "gzip", "deflate"])


@st.composite
def plantings(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw (a secret, the name it stands under, the place it stands in)."""
    if draw(st.booleans()):
        return draw(secrets), draw(names), draw(st.sampled_from(sorted(NAMED)))
    return (
        draw(st.sampled_from(ALL)),
        draw(st.sampled_from(["note", "a_b"])),
        draw(st.sampled_from(sorted(WITH_TOKENS))),
    )


def coded(message: Message, coding: str) -> Message:
    """Return *message* with its content in *coding*."""
    if coding == "identity" or not message.content:
        return message
    content = gzip.compress(message.content, mtime=0) if coding == "gzip" else zlib.compress(message.content)
    return message._replace(content=content, headers=(*message.headers, ("Content-Encoding", coding)))


class Service:
    """An application that answers with ``message``."""

    def __init__(self) -> None:
        self.message = Message()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer (PEP 3333)."""
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [*self.message.headers, ("Content-Length", str(len(self.message.content)))])
        return [self.message.content]


@pytest.fixture(scope="module")
def service() -> Service:
    """The application that is asked."""
    return Service()


@pytest.fixture(scope="module")
def url(service: Service) -> Iterator[str]:
    """Where the application is."""
    with FakeServer() as server:
        server.mount(service)
        yield server.url


def by_httplib_sim(url: str, message: Message) -> int:
    """Ask with the client of our own."""
    with HTTPConnection(urlsplit(url).netloc) as connection:
        connection.request("POST", message.target, message.content, dict(message.headers))
        response = connection.getresponse()
        response.read()
        return response.status


def by_http_client(url: str, message: Message) -> int:
    """Ask with the standard library's client, in chunks."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("PUT", message.target, iter([message.content[:5], message.content[5:]]), dict(message.headers))
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def by_requests(url: str, message: Message) -> int:
    """Ask with requests."""
    with requests.Session() as session:
        return session.post(url + message.target, message.content, headers=dict(message.headers)).status_code


def by_httpx(url: str, message: Message) -> int:
    """Ask with HTTPX."""
    with httpx.Client(trust_env=False) as client:
        return client.post(url + message.target, content=message.content, headers=dict(message.headers)).status_code


clients = st.sampled_from([by_httplib_sim, by_http_client, by_requests, by_httpx])


def written(path: Path) -> str:
    """Return all that stands in the cassette at *path*, also what is in base64 there."""
    text = path.read_text()
    for block in re.findall(r"base64: (?:\|-?\n)?((?: *[A-Za-z0-9+/=]+\n)+)", text):
        text += base64.b64decode("".join(block.split())).decode("latin-1")
    return text


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(plantings(), clients, codings, st.booleans())
def test_a_planted_secret_does_not_reach_the_file(
    tmp_path: Path,
    service: Service,
    url: str,
    planted: tuple[str, str, str],
    client: Callable[[str, Message], int],
    coding: str,
    received: bool,
) -> None:
    """Sent or received; and a replay that sends it again, or another one in its place, is answered."""
    secret, name, place = planted
    message = coded(WITH_TOKENS[place](secret, name), coding)
    received = received and message.target == "/a"
    sent = Message() if received else message
    service.message = message if received else Message(content=b"ok")
    path = tmp_path / "a.yaml"
    path.unlink(missing_ok=True)
    with use_cassette(path):
        assert client(url, sent) == 200
    text = written(path)
    for form in (secret, quote(secret, safe=""), encoded("ann:" + secret), encoded(json.dumps({name: secret}))):
        assert form not in text
    with use_cassette(path, mode="none") as cassette:
        assert client(url, sent) == 200
    [exchange] = cassette.exchanges
    assert exchange.response is not None
    assert secret not in exchange.request.text + exchange.response.text
    if not received and secret not in ALL:
        other = coded(WITH_TOKENS[place](secret[::-1], name), coding)
        with use_cassette(path, mode="none"):
            assert client(url, other) == 200
