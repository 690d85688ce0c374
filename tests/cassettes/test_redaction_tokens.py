"""Redaction of tokens that their shape gives away, under whatever name they stand."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from cassettes.index import Index, Matching, Recorded
from cassettes.matchers import DEFAULT, matchers
from cassettes.redaction import Redaction, for_matching, redact

from .exchanges_in_tests import answer, octets, post, recorded
from .tokens_in_tests import ALL, HOOKS, TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

GET = b"GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n"
FORM = "application/x-www-form-urlencoded"


def get(target: str, *fields: str) -> bytes:
    """Return a request for *target*."""
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: api.example.com", *fields, "", ""]).encode()


PLACES: dict[str, Callable[[str], tuple[bytes, bytes | None]]] = {
    "query": lambda token: (get(f"/a?x=1&note={quote(token)}"), None),
    "path": lambda token: (get(f"/a/{token}/b"), None),
    "field": lambda token: (get("/a", f"X-Note: see {token}"), None),
    "JSON sent": lambda token: (post(json.dumps({"a": [{"b": token}]}).encode()), None),
    "JSON in JSON": lambda token: (post(json.dumps({"a": json.dumps({"b": f"{token}\n"})}).encode()), None),
    "form": lambda token: (post(f"a=1&note={quote(token)}".encode(), FORM), None),
    "text": lambda token: (GET, answer(f"Use {token}, please.".encode(), "text/plain")),
    "JSON received": lambda token: (GET, answer(json.dumps([token]).encode())),
    "HTML": lambda token: (GET, answer(f"<p>{token}</p>".encode(), "text/html")),
    "script": lambda token: (GET, answer(f"f('{token}')".encode(), "text/javascript")),
    "CSV": lambda token: (GET, answer(f"a,b\n1,{token}\n".encode(), "text/csv")),
    "octets": lambda token: (
        GET,
        answer(b"\x81\xa1a\x00" + bytes([0xD9, len(token)]) + token.encode(), "application/msgpack"),
    ),
    "Location": lambda token: (GET, answer(b"", "text/plain", f"Location: https://h/a/{token}?b=1")),
}


@pytest.mark.parametrize("token", ALL)
@pytest.mark.parametrize("place", PLACES)
def test_a_token_is_masked_wherever_it_stands(place: str, token: str) -> None:
    """By a stand-in of its length and shape; a replay that sends the token, or the stand-in, finds the exchange."""
    request, response = PLACES[place](token)
    exchange = recorded(request, *filter(None, [response]))
    kept = redact(exchange)
    assert token.encode() not in octets(kept)
    assert quote(token).encode() not in octets(kept)
    assert len(octets(kept)) == len(octets(exchange))
    assert kept.redacted
    assert redact(kept) == kept
    assert for_matching(kept.request) == for_matching(exchange.request)
    index = Index([Recorded(kept, 1, 1)], Matching(matchers(DEFAULT), for_matching))
    assert index.find(exchange.request)
    assert index.find(kept.request)


@pytest.mark.parametrize("token", ALL)
def test_a_token_is_masked_inside_of_gzip(token: str) -> None:
    """As all else is there."""
    content = gzip.compress(json.dumps({"a": token}).encode())
    kept = redact(recorded(GET, answer(content, "application/json", "Content-Encoding: gzip")))
    assert kept.response is not None
    assert token not in kept.response.text
    assert kept.response.json()["a"][:2] == token[:2]


@pytest.mark.parametrize("service", HOOKS)
def test_the_path_of_a_webhook_is_masked_at_its_end(service: str) -> None:
    """Which webhook it is can still be read; and it is found."""
    url, secret = HOOKS[service]
    public = "/" + url.partition("://")[2].partition("/")[2]
    exchange = recorded(get(f"{public}{secret}/send"), answer(json.dumps({"url": url + secret}).encode()))
    kept = redact(exchange)
    assert secret.encode() not in octets(kept)
    assert kept.request.target.startswith(public)
    assert kept.request.target.endswith("/send")
    assert kept.redacted == (f"request path ({service} token)", f"response body ({service} token)")
    index = Index([Recorded(kept, 1, 1)], Matching(matchers(DEFAULT), for_matching))
    assert index.find(exchange.request)
    assert not index.find(recorded(get(f"{public}{secret}/edit")).request)


def test_a_session_in_a_path_is_masked() -> None:
    """Servlets put it there where cookies are not accepted."""
    exchange = recorded(get("/a/b;jsessionid=A1B2C3;v=1?x=1"))
    kept = redact(exchange)
    assert kept.request.target == "/a/b;jsessionid=xxxxxx;v=1?x=1"
    assert kept.redacted == ("request path jsessionid",)
    index = Index([Recorded(kept, 1, 1)], Matching(matchers(DEFAULT), for_matching))
    assert index.find(recorded(get("/a/b;jsessionid=Z9Y8X7;v=1?x=1")).request)
    assert not index.find(recorded(get("/a/b;jsessionid=Z9Y8X7;v=2?x=1")).request)


def test_a_token_with_a_name_is_told_once() -> None:
    """By its name, which says more."""
    [token] = TOKENS["npm"]
    kept = redact(recorded(post(json.dumps({"password": token}).encode())))
    assert kept.redacted == ("request body password",)
    assert kept.request.json() == {"password": "npm_" + "x" * 36}


def test_paths_without_tokens_stay() -> None:
    """Identifiers are no secrets."""
    target = "/v1/a/6f9619ff-8b86-d011-b42d-00cf4fc964ff/0123456789abcdef0123456789abcdef;v=1/services/T/bots"
    assert redact(recorded(get(target))).request.target == target


def test_tokens_can_be_kept() -> None:
    """By whose they are: a program may look into a JWT."""
    jwt, npm = TOKENS["JWT"][0], TOKENS["npm"][0]
    kept = redact(recorded(post(json.dumps([jwt, npm]).encode())), Redaction(keep=("JWT",)))
    assert kept.request.json() == [jwt, "npm_" + "x" * 36]
