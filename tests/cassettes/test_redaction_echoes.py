"""Redaction: a secret that its name gave away in one place of an exchange is nowhere in it."""

from __future__ import annotations

import gzip
import json

import pytest

from cassettes.exchange import End, Exchange, How
from cassettes.index import Index, Matching, Recorded
from cassettes.matchers import DEFAULT, matchers
from cassettes.redaction import for_matching, redact
from cassettes.yaml_format import read_exchange, write_exchange
from httplib_sim import wire

from .exchanges_in_tests import answer, octets, post, recorded

SECRET = b"Zq7Kp2Xw-9Lm4Vt"
PASSWORD = json.dumps({"password": SECRET.decode()}).encode()
GET = b"GET / HTTP/1.1\r\n\r\n"

EXCHANGES: dict[str, tuple[bytes, bytes]] = {
    "header, then query": (b"GET /?a=%s HTTP/1.1\r\nAuthorization: Bearer %s\r\n\r\n" % (SECRET, SECRET), b""),
    "body, then header": (post(PASSWORD, "application/json", f"X-Debug: <{SECRET.decode()}>"), b""),
    "body, then query": (post(PASSWORD).replace(b"/a ", b"/a?b=1&c=%s " % SECRET, 1), b""),
    "body, then fragment": (post(PASSWORD).replace(b"/a ", b"/a#c=%s " % SECRET, 1), b""),
    "header, then body": (post(b'{"a": "%s"}' % SECRET, "application/json", f"X-Api-Key: {SECRET.decode()}"), b""),
    "header, then coded body": (
        post(gzip.compress(SECRET), "text/plain", "Content-Encoding: gzip", f"X-Api-Key: {SECRET.decode()}"), b""
    ),
    "query, then reason": (
        b"GET /?api_key=%s HTTP/1.1\r\n\r\n" % SECRET,
        b"HTTP/1.1 401 bad key %s!\r\nContent-Length: 0\r\n\r\n" % SECRET,
    ),
    "a reason that names it": (GET, b"HTTP/1.1 401 bad api_key=%s\r\nContent-Length: 0\r\n\r\n" % SECRET),
    "query, then interim response, chunk extension and trailer": (
        b"GET /?api_key=%s HTTP/1.1\r\n\r\n" % SECRET,
        b"HTTP/1.1 103 Early %s\r\nX: %s\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1;a=%s\r\n.\r\n0\r\nY: %s\r\n\r\n" % (SECRET, SECRET, SECRET, SECRET),
    ),
    "body of the answer, then its fields": (GET, answer(PASSWORD, "application/json", f"X-Debug: {SECRET.decode()}")),
    "answer, then request": (
        post(b'{"a": ["%s"]}' % SECRET, "application/json", f"X-A: {SECRET.decode()}").replace(
            b"/a ", b"/a?b=%s " % SECRET, 1
        ),
        answer(PASSWORD),
    ),
    "answer, then coded request": (
        post(gzip.compress(b'{"a": ["%s"]}' % SECRET), "application/json", "Content-Encoding: gzip"), answer(PASSWORD)
    ),
    "UTF-16": (post(PASSWORD.decode().encode("utf-16"), "application/json; charset=utf-16"), b""),
    "UTF-16, then a header": (
        post(PASSWORD.decode().encode("utf-16-le"), "application/json", f"X-A: {SECRET.decode()}"), b""
    ),
    "UTF-32 of no type": (post(PASSWORD.decode().encode("utf-32"), ""), answer(PASSWORD.decode().encode("utf-32-be"))),
    "XML in UTF-16": (
        post(b"<Password>%s</Password>".replace(b"%s", SECRET).decode().encode("utf-16"), "text/xml"), b""
    ),
    "header, then UTF-16": (
        post(SECRET.decode().encode("utf-16-be"), "text/plain; charset=UTF-16BE", f"X-Key: {SECRET.decode()}"), b""
    ),
    "userinfo, then body": (post(b"%s" % SECRET, "text/plain", f"Referer: https://ann:{SECRET.decode()}@h/"), b""),
    "cookie, then body": (post(b"%s" % SECRET, "text/plain", f"Cookie: sid={SECRET.decode()}"), b""),
}  # fmt: skip


def exchange_of(name: str) -> Exchange:
    """Return the exchange of that name."""
    request, response = EXCHANGES[name]
    return recorded(request, response or b"HTTP/1.1 204 No Content\r\n\r\n")


def forms(secret: bytes) -> list[bytes]:
    """Return what *secret* may look like."""
    return [secret, *(secret.decode().encode(code) for code in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"))]


@pytest.mark.parametrize("name", EXCHANGES)
def test_what_is_repeated_is_gone_from_the_file(name: str) -> None:
    """In both directions, under every name; messages stay messages, and a second time nothing changes."""
    kept = redact(exchange_of(name))
    text = write_exchange(1, kept)
    again = read_exchange(text)
    plain = again.request.text + (again.response.text if again.response else "")
    for form in forms(SECRET):
        assert form not in octets(again)
    assert SECRET.decode() not in text + plain
    assert octets(again) == octets(kept)
    assert wire.parse_requests(kept.request.message.octets) == [kept.request.message]
    assert kept.response is not None
    assert wire.parse_responses(kept.answer) == [kept.response.message]
    assert redact(kept) == kept


@pytest.mark.parametrize("name", EXCHANGES)
def test_what_was_recorded_answers_the_same_request(name: str) -> None:
    """Although what was repeated is no longer there."""
    exchange = exchange_of(name)
    again = read_exchange(write_exchange(1, redact(exchange)))
    index = Index([Recorded(again, 1, 1)], Matching(matchers(DEFAULT), for_matching))
    assert index.find(exchange.request) is not None
    assert index.find(again.request) is not None
    other = recorded(post(b'{"a": ["other"]}').replace(b"/a ", exchange.request.target.encode() + b" ", 1))
    assert index.find(other.request) is None


@pytest.mark.parametrize(
    "name", [name for name in EXCHANGES if not any(word in name for word in ("answer", "coded", "UTF"))]
)
def test_another_secret_repeated_in_the_same_places_matches(name: str) -> None:
    """Whatever its length: a replay may send another one."""
    again = read_exchange(write_exchange(1, redact(exchange_of(name))))
    other = b"another-Secret-0f-another-length"
    request, _ = EXCHANGES[name]
    size = len(request.partition(b"\r\n\r\n")[2])
    changed = request.replace(SECRET, other)
    longer = len(changed.partition(b"\r\n\r\n")[2])
    changed = changed.replace(b"Content-Length: %d" % size, b"Content-Length: %d" % longer)
    index = Index([Recorded(again, 1, 1)], Matching(matchers(DEFAULT), for_matching))
    assert index.find(recorded(changed).request) is not None


def test_garbage_and_the_text_of_an_error_repeat_nothing() -> None:
    """They belong to the exchange too."""
    asked = recorded(b"GET /?token=%s HTTP/1.1\r\n\r\n" % SECRET).request
    kept = redact(Exchange(request=asked, received=b"junk %s" % SECRET, end=End(How.RESET, f"at {SECRET.decode()}")))
    assert kept.received == b"junk xxxxxxxx-xxxxxx"
    assert kept.end.detail == "at xxxxxxxx-xxxxxx"


def test_the_line_above_an_exchange_repeats_nothing() -> None:
    """It is made of what was redacted."""
    text = write_exchange(1, redact(exchange_of("query, then reason")))
    assert "401 bad key xxxxxxxx-xxxxxx!" in text.splitlines()[1]


HARMLESS = (
    b'{"keyword": "abcdefg1", "monkey": "abcdefg1", "zip_code": "abcdefg1", "status_code": 12345678, "key": "color",'
    b' "country_code": "DE", "primary_key": "abcdefg1", "code": "a1b2c3d4", "keys": ["a1b2c3d4"],'
    b' "tokens": ["Hello", " world"], "max_tokens": 128, "b": {"key": "language", "value": "a1b2c3d4"},'
    b' "required": ["password", "username"], "error": "password: is too short",'
    b' "c": {"name": "ann", "value": 12345678}, "d": [["user", "ann12345"]], "note": "Basic understanding of it"}'
)


def test_usual_names_stay_readable() -> None:
    """They only look like those of secrets; key and code are names of secrets in queries and forms alone."""
    for content, kind in (
        (HARMLESS, "application/json"),
        (b"keyword: abcdefg1\nprimary_key = abcdefg1\nzip_code: 12345678\n", "text/plain"),
        (b"const session = getSession1(); o = {token: nextToken12, a: b}", "text/javascript"),
        (b"<script>var s = {token: a.nextToken12}</script>", "text/html"),
        (b"see the password: it must be set", "text/plain"),
        (b"key=color&code=DE&zip_code=a1b2c3d4", "application/x-www-form-urlencoded"),
        (b"\x89PNG\r\n\x1a\n\0\0password=abc", "image/png"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB1234\n-----END CERTIFICATE-----\n", "text/plain"),
    ):
        query = b"?key=color&code=404&country_code=a1b2c3d4&monkey=a1b2c3d4"
        request = post(content, kind).replace(b"/a ", b"/a%s " % query, 1)
        exchange = recorded(request, answer(content, kind, "Cache-Key: a1b2c3d4", "X-Status-Code: 12345678"))
        assert redact(exchange) == exchange
