"""Redaction: what is no longer there, what is still there, and that requests are still found."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from urllib.parse import quote, quote_plus, urlencode

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from cassettes.exchange import End, Exchange, How, Request, Response
from cassettes.matchers import DEFAULT as MATCHED
from cassettes.matchers import body_key, matchers
from cassettes.redaction import DEFAULT, Redaction, for_matching, redact
from cassettes.stand_ins import shaped
from cassettes.yaml_format import read_exchange, write_exchange
from httplib_sim import wire

from .exchanges_in_tests import ORIGIN, answer, octets, post, recorded

SECRET = "s3cr3t-Value.0f/the+Test="
OTHER = "0ther"


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n", fields: str = "") -> bytes:
    """Return a chunked response with a chunk for each of the *pieces*."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{fields}Transfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


ENCODED = quote(SECRET, safe="")
MEMBER = json.dumps({"user": "ann", "access_token": SECRET}).encode()
TO_URL, JSON_QUERY = quote("http://h/?token=").encode(), quote('{"password":"').encode()
PLACES = {
    "authorization": (b"/ HTTP/1.1\r\nAuthorization: Bearer SECRET\r\n\r\n", "header Authorization"),
    "authorization, unknown scheme": (b"/ HTTP/1.1\r\nAuthorization: SECRET 1\r\n\r\n", "header Authorization"),
    "authorization, folded": (b"/ HTTP/1.1\r\nauthorization:Bearer\r\n SECRET\r\n\r\n", "header authorization"),
    "proxy-authorization": (b"/ HTTP/1.1\r\nProxy-Authorization: Basic SECRET\r\n\r\n", "header Proxy-Authorization"),
    "cookie": (b"/ HTTP/1.1\r\nCookie: a=SECRET; b=2\r\n\r\n", "header Cookie"),
    "api key": (b"/ HTTP/1.1\r\nX-Api-Key: SECRET\r\n\r\n", "header X-Api-Key"),
    "referer": (b"/ HTTP/1.1\r\nReferer: https://h/?a=1&token=SECRET\r\n\r\n", "header Referer token"),
    "query": (b"/?a=1&Api-Key=SECRET&b HTTP/1.1\r\n\r\n", "query Api-Key"),
    "query of a proxy's target": (b"http://h/?token=SECRET HTTP/1.1\r\n\r\n", "query token"),
    "a URL in a query": (b"/?to=" + TO_URL + b"SECRET HTTP/1.1\r\n\r\n", "query to token"),
    "JSON in a query": (b"/?q=" + JSON_QUERY + b"SECRET%22%7D HTTP/1.1\r\n\r\n", "query q password"),
    "HTTP/1.0, LF alone": (b"/?token=SECRET HTTP/1.0\nHost: h\n\n", "query token"),
}


@pytest.mark.parametrize(("rest", "place"), PLACES.values(), ids=PLACES)
def test_a_secret_in_a_request_is_gone_from_the_file(rest: bytes, place: str) -> None:
    """Wherever it stood; its place is named, the length is the same, and nobody can tell two such requests apart."""
    sent = b"GET " + rest.replace(b"SECRET", (ENCODED if "query" in place else SECRET).encode())
    exchange = recorded(sent)
    kept = redact(exchange)
    assert kept.redacted == (f"request {place}",)
    assert SECRET not in write_exchange(1, kept)
    assert ENCODED not in write_exchange(1, kept)
    assert len(kept.request.message.octets) == len(sent)
    assert kept.request.message.head.start_line.count(" ") == 2
    other = recorded(b"GET " + rest.replace(b"SECRET", OTHER.encode()))
    assert for_matching(kept.request) == for_matching(exchange.request) == for_matching(other.request)


BODIES = {
    "JSON": ("application/json", MEMBER, "access_token"),
    "JSON, nested": ("application/problem+json", b'{"a": [{"auth": {"x": ["%s", 12]}}]}' % SECRET.encode(), "auth"),
    "JSON, escaped name": ("application/json", b'{"p\\u0061ssword": "%s"}' % SECRET.encode(), "password"),
    "JSON in JSON": ("application/json", json.dumps({"body": MEMBER.decode()}).encode(), "access_token"),
    "JSON in JSON in JSON": (
        "application/json", json.dumps({"a": json.dumps({"b": MEMBER.decode()})}).encode(), "access_token"
    ),
    "JSON that says it is a form": ("application/x-www-form-urlencoded", MEMBER, "access_token"),
    "a form": ("application/x-www-form-urlencoded", urlencode({"a": "1", "passwd": SECRET}).encode(), "passwd"),
    "a form with JSON": (
        "application/x-www-form-urlencoded", urlencode({"payload": MEMBER.decode()}).encode(), "payload access_token"
    ),
    "multipart": (
        "multipart/form-data; boundary=B",
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n%s\r\n--B--\r\n' % SECRET.encode(),
        "client_secret",
    ),
    "JSON in multipart": (
        'multipart/related; boundary="B C"',
        b"--B C\r\nContent-Type: application/json\r\n\r\n" + MEMBER + b"\r\n--B C--\r\n",
        "access_token",
    ),
    "events": ("text/event-stream", b"event: a\ndata: " + MEMBER + b"\n\ndata: [DONE]\n\n", "access_token"),
    "lines of JSON": ("application/x-ndjson", b'{"a":1}\n' + MEMBER + b"\n", "access_token"),
    "XML": ("text/xml", b"<a><b:SecretAccessKey>%s</b:SecretAccessKey></a>" % SECRET.encode(), "SecretAccessKey"),
    "XML, CDATA": ("text/xml", b"<a><Password><![CDATA[%s]]></Password></a>" % SECRET.encode(), "Password"),
    "XML, attribute": ("text/xml", b'<user name="ann" password="%s"/>' % SECRET.encode(), "password"),
    "HTML": ("text/html", b'<form><input name="csrf_token" value="%s">' % SECRET.encode(), "csrf_token"),
    "GraphQL": ("application/json", json.dumps({"query": f'{{login(password: "{SECRET}")}}'}).encode(), "password"),
    "a URL in JSON": ("application/json", b'{"a":"https://h/?a=1&Signature=%s"}' % SECRET.encode(), "Signature"),
    "a URL with a password": ("text/plain", b"see https://ann:%s@h/" % SECRET.replace("/", "").encode(), "userinfo"),
    "a script": ("text/javascript", b"const cfg = {apiKey: '%s'};" % SECRET.encode(), "apiKey"),
    "no type": ("", MEMBER, "access_token"),
    "JSON that says it is a picture": ("image/png", MEMBER, "access_token"),
    "JSON that says it is octets": ("application/octet-stream", b"\n " + MEMBER, "access_token"),
    "a name and a value": ("application/json", b'[{"name":"password","value":"%s"}]' % SECRET.encode(), "password"),
    "a value and a name": (
        "application/json", b'{"Value": "%s", "a": {"b": [1]}, "Key": "api_key"}' % SECRET.encode(), "api_key"
    ),
    "a list of names and values": ("application/json", b'{"h":[["Token","%s"]]}' % SECRET.encode(), "Token"),
    "tokens": ("application/json", b'{"tokens":["%s","a1b2c3d4e5"]}' % SECRET.encode(), "tokens"),
    "YAML": ("application/yaml", b"user: ann\n- password: %s\n" % SECRET.encode(), "password"),
    "YAML, a block": ("application/yaml", b"a:\n  secret: |\n    %s\n  b: c\n" % SECRET.encode(), "secret"),
    "INI": ("text/plain", b"[db]\r\nuser = ann\r\npassword = %s\r\n" % SECRET.encode(), "password"),
    "a header in a text": ("text/plain", b"curl -H 'X-Api-Key: %s' h" % SECRET.encode(), "X-Api-Key"),
    "a header in JSON": ("application/json", b'["Authorization: Bearer %s"]' % SECRET.encode(), "Authorization"),
    "credentials in a text": ("text/plain", b"send Bearer %s to it" % SECRET.encode(), "Bearer"),
    "a private key": (
        "text/plain",
        b"-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----\n" % SECRET.encode(),
        "private key",
    ),
    "multipart without a boundary": (
        "multipart/form-data",
        b'--B\r\nContent-Disposition: form-data; name="token"\r\n\r\n%s\r\n--B--\r\n' % SECRET.encode(),
        "token",
    ),
    "JSON in UTF-8 with a mark": ("image/png", b"\xef\xbb\xbf" + MEMBER, "access_token"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "name"), BODIES.values(), ids=BODIES)
def test_a_secret_in_content_is_gone_in_both_directions(kind: str, content: bytes, name: str) -> None:
    """By what the content is; and the framing stays exact."""
    exchange = recorded(post(content, kind), answer(content, kind))
    kept = redact(exchange)
    for direction in ("request", "response"):
        assert f"{direction} body {name}" in kept.redacted
    text = write_exchange(1, kept)
    for form in (SECRET, SECRET.replace("/", ""), quote_plus(SECRET)):
        assert form not in text
        assert form.encode() not in octets(kept)
    assert len(octets(kept)) == len(octets(exchange))
    assert wire.parse_requests(kept.request.message.octets) == [kept.request.message]
    assert for_matching(kept.request) == for_matching(exchange.request)


def zstd(content: bytes) -> bytes:
    """Return *content* as zstd in one frame."""
    return zstandard.ZstdCompressor().compress(content)


CODINGS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": lambda content: zlib.compress(content)[2:-4],
    "br": brotli.compress,
    "zstd": zstd,
    "gzip, deflate": lambda content: zlib.compress(gzip.compress(content)),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_secret_inside_a_content_coding_is_gone(coding: str) -> None:
    """The content is coded anew, and Content-Length follows."""
    content = CODINGS[coding](MEMBER)
    field = f"Content-Encoding: {coding.removeprefix('raw ')}"
    exchange = recorded(post(content, "application/json", field), answer(content, "application/json", field))
    kept = redact(exchange)
    assert kept.response is not None
    expected = MEMBER.replace(SECRET.encode(), shaped(SECRET.encode()))
    if coding != "raw deflate":
        assert kept.request.text.encode() == kept.response.text.encode() == expected
    assert wire.parse_requests(kept.request.message.octets) == [kept.request.message]
    assert wire.parse_responses(kept.answer) == [kept.response.message]
    assert SECRET not in write_exchange(1, kept)
    assert for_matching(kept.request) == for_matching(exchange.request)


def test_content_without_a_secret_keeps_its_very_octets() -> None:
    """What is not to be masked is not coded anew."""
    content = gzip.compress(b'{"user": "ann"}', mtime=1234)
    exchange = recorded(b"GET / HTTP/1.1\r\n\r\n", answer(content, "application/json", "Content-Encoding: gzip"))
    assert redact(exchange) == exchange


def test_a_secret_that_spans_chunks_is_gone_and_the_chunks_stay() -> None:
    """Content is looked at as a whole."""
    middle = MEMBER.index(SECRET.encode()) + 5
    pieces = MEMBER[:middle], MEMBER[middle : middle + 3], MEMBER[middle + 3 :]
    kept = redact(recorded(b"GET / HTTP/1.1\r\n\r\n", chunked(*pieces)))
    assert kept.response is not None
    assert kept.response.json() == {"user": "ann", "access_token": shaped(SECRET.encode()).decode()}
    chunks = kept.response.message.body.chunks
    assert chunks is not None
    assert [chunk.size for chunk in chunks] == [*map(len, pieces), 0]


def test_coded_content_in_chunks_comes_in_one() -> None:
    """Where the old chunks no longer fit; the last one stays."""
    content = gzip.compress(MEMBER)
    exchange = recorded(
        b"GET / HTTP/1.1\r\n\r\n", chunked(content[:20], content[20:], fields="Content-Encoding: gzip\r\n")
    )
    kept = redact(exchange)
    assert kept.response is not None
    assert kept.response.json()["user"] == "ann"
    assert wire.parse_responses(kept.answer) == [kept.response.message]


def test_trailers_and_chunk_extensions_are_masked() -> None:
    """Whatever stands in a message."""
    end = b"0;signature=abc123\r\nX-Session-Token: abc123\r\nX-Sum: 1\r\n\r\n"
    kept = redact(recorded(b"GET / HTTP/1.1\r\n\r\n", chunked(b"{}", end=end)))
    assert b"abc123" not in kept.answer
    assert b"0;signature=xxxxxx\r\nX-Session-Token: xxxxxx\r\nX-Sum: 1\r\n\r\n" in kept.answer
    assert kept.redacted == ("response trailer X-Session-Token", "response chunk extension signature")


def test_interim_responses_are_masked() -> None:
    """They have fields like any other head."""
    interim = b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: id=abc123; Path=/\r\n\r\n"
    kept = redact(recorded(b"GET / HTTP/1.1\r\n\r\n", interim + b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert kept.interim[0].octets == interim.replace(b"abc123", b"xxxxxx")


def test_of_set_cookie_the_attributes_stay_and_of_credentials_the_scheme() -> None:
    """A replay needs them."""
    exchange = recorded(
        b"GET / HTTP/1.1\r\nAuthorization: Bearer abc.def\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nSet-Cookie: id=abc; Path=/; Secure\r\nSet-Cookie: b=2; Path=/x\r\n\r\n",
    )
    kept = redact(exchange)
    assert kept.request.headers.get("authorization") == "Bearer xxx.xxx"
    assert kept.response is not None
    assert kept.response.headers.get_all("set-cookie") == ["id=xxx; Path=/; Secure", "b=x; Path=/x"]


def test_what_is_no_secret_stays() -> None:
    """Names that only look like those of secrets, and headers that every browser needs."""
    content = b'{"max_tokens": 12, "next_page_token": "abc", "author": "ann", "token": null, "session": true, "sid": 7}'
    exchange = recorded(
        b"GET /?page_token=abc&keys=1 HTTP/1.1\r\nSec-WebSocket-Key: abc\r\nIdempotency-Key: 7\r\n\r\n",
        answer(
            content, "application/json", "Access-Control-Allow-Credentials: true", 'WWW-Authenticate: Basic realm="x"'
        ),
    )
    assert redact(exchange) == exchange


@pytest.mark.parametrize("cut", range(len(MEMBER) + 1))
def test_of_a_torn_body_no_piece_of_a_secret_stays(cut: int) -> None:
    """Wherever it was cut, plain and inside gzip; and it is as incomplete as before."""
    plain = wire.Body(MEMBER[:cut], complete=False)
    coder = zlib.compressobj(wbits=31)
    coded = wire.Body(coder.compress(MEMBER[:cut]) + coder.flush(zlib.Z_SYNC_FLUSH), complete=False)
    for body, kind, size in ((plain, "", len(MEMBER)), (coded, "Content-Encoding: gzip\r\n", 200)):
        octets_ = f"HTTP/1.1 200 OK\r\n{kind}Content-Length: {size}\r\n\r\n".encode()
        [message] = wire.parse_responses(octets_, ["HEAD"])
        exchange = recorded(b"GET / HTTP/1.1\r\n\r\n")
        exchange = replace(exchange, response=Response(replace(message, body=body)), end=End(How.EOF))
        response = redact(exchange).response
        assert response is not None
        content_ = response.content if body is plain else zlib.decompressobj(31).decompress(response.content)
        assert content_ == MEMBER.replace(SECRET.encode(), shaped(SECRET.encode()))[:cut]
        assert SECRET[:6].encode() not in content_
        missing = int(response.headers.get("content-length", "")) - len(response.content)
        assert missing == size - len(body.content)


def test_half_a_head_and_lines_without_colon_are_masked() -> None:
    """What belongs to no response is looked at line by line; where a line goes on is part of it."""
    asked = recorded(b"GET / HTTP/1.1\r\n\r\n").request
    half = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=abc\r\nX-Auth-Token abc\r\nAuthorization: Bearer\r\n abc\r\nX-Api-K"
    kept = redact(Exchange(request=asked, received=half + b"ey: abc", end=End(How.RESET, "at http://h/?token=abc")))
    assert b"abc" not in kept.received
    assert kept.received == half.replace(b"abc", b"xxx") + b"ey: xxx"
    assert kept.end == End(How.RESET, "at http://h/?token=xxx")


def test_what_an_answer_repeats_of_the_requests_secrets_is_masked() -> None:
    """Even where no name tells of it, as in the answers of an echo service."""
    exchange = recorded(
        f"GET /?token={SECRET} HTTP/1.1\r\n\r\n".encode(),
        answer(f"you are {SECRET}".encode(), "text/plain", f"X-Echo: {SECRET}"),
    )
    kept = redact(exchange)
    assert SECRET.encode() not in octets(kept)
    assert kept.redacted == (
        "request query token", "response body (repeated)", "response header X-Echo (repeated)"
    )  # fmt: skip


def test_an_exchange_without_response_and_one_of_http09_can_be_redacted() -> None:
    """There is less of them, that is all."""
    [asked] = wire.parse_requests(b"GET /?token=abc\r\n", leniency=replace(wire.SERVER, http09=True))
    kept = redact(Exchange(request=Request(ORIGIN, asked), end=End(How.TIMEOUT)))
    assert kept.request.message.octets == b"GET /?token=xxx\r\n"
    old = Response(wire.Response(wire.ResponseHead(200, "", wire.Fields(), wire.HTTP09, octets=b""), wire.Body(b"{}")))
    assert redact(replace(kept, response=old)).response == old


def test_redacting_twice_changes_nothing_more() -> None:
    """A stand-in has itself as its stand-in, and the places are told once."""
    exchange = recorded(
        post(gzip.compress(MEMBER), "application/json", "Content-Encoding: gzip", "Authorization: Basic abc="),
        answer(b'{"token": 12.50, "secret": {"a": [-7, 0, 1e5]}}'),
    )
    once = redact(exchange)
    assert redact(once) == once
    assert once.response is not None
    assert once.response.content == b'{"token": 10.00, "secret": {"a": [-0, 0, 0e0]}}'


def test_rules_add_to_the_defaults() -> None:
    """Names of fields count for fields, other names for all."""
    rules = Redaction(headers=("X-Tenant",), names=("iban",), patterns=(r"account-(\w+)|nothing",))
    exchange = recorded(
        b"GET /?IBAN=abc&x_tenant=abc&a=account-abc HTTP/1.1\r\n"
        b"X-Tenant: abc\r\nX-Iban: abc\r\nX-A: account-abc\r\n\r\n",
        answer(b'{"iban": "abc", "password": "abc", "a": "account-abc nothing"}'),
    )
    kept = redact(exchange, rules)
    assert kept.request.target == "/?IBAN=xxx&x_tenant=abc&a=account-xxx"
    assert [value for _, value in kept.request.headers.pairs()] == ["xxx", "abc", "account-xxx"]
    assert kept.response is not None
    assert kept.response.content == b'{"iban": "xxx", "password": "xxx", "a": "account-xxx nothing"}'
    assert "request query a (pattern)" in kept.redacted
    assert for_matching(kept.request, rules) == for_matching(exchange.request, rules)


def test_rules_can_keep_what_the_defaults_take_for_secret() -> None:
    """By name; of the same name in headers too."""
    exchange = recorded(b"GET /?sessionId=abc HTTP/1.1\r\nSession-Id: abc\r\n\r\n", answer(b'{"sessionId": "abc"}'))
    assert redact(exchange, Redaction(keep=("session_id",))) == exchange


def test_rules_can_be_functions() -> None:
    """They see what the other rules have left, and count for matching too."""

    def without_agent(exchange: Exchange) -> Exchange:
        message = exchange.request.message
        lines = [line for line in message.head.fields if line.name != "User-Agent"]
        head = wire.RequestHead(message.head.method, message.head.target, wire.Fields(lines))
        return replace(exchange, request=replace(exchange.request, message=replace(message, head=head)))

    rules = Redaction(functions=(without_agent,))
    kept = redact(recorded(b"GET /?token=abc HTTP/1.1\r\nUser-Agent: mine/1\r\n\r\n"), rules)
    assert kept.request.message.octets == b"GET /?token=xxx HTTP/1.1\r\n\r\n"
    other = recorded(b"GET /?token=0 HTTP/1.1\r\nUser-Agent: mine/2\r\n\r\n")
    assert for_matching(kept.request, rules) == for_matching(other.request, rules)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"names": "iban"}, TypeError, r"expected names to be several in a tuple, got one alone: names=\('iban',\)"),
        ({"functions": redact}, TypeError, "expected functions to be several"),
        ({"patterns": ("(",)}, ValueError, r"expected a regular expression, got '\('"),
        ({"patterns": ("a(b)(c)",)}, ValueError, "expected one group, round the secret, in 'a.*; got 2"),
    ],
)
def test_rules_that_make_no_sense_are_refused(options: dict[str, object], error: type[Exception], text: str) -> None:
    """With what was expected and what came."""
    with pytest.raises(error, match=text):
        Redaction(**options)  # type: ignore[arg-type]


def test_redaction_takes_lists_too() -> None:
    """What is given is kept as tuples, so that rules can be compared."""
    assert Redaction(names=["iban"]) == Redaction(names=("iban",))  # type: ignore[arg-type]


def test_requests_that_differ_in_secrets_alone_match() -> None:
    """In all parts that are matched; one that differs in something else does not."""
    first = recorded(post(b'{"user": "ann", "password": "abc"}', "application/json", "Authorization: Basic a")).request
    second = recorded(post(b'{"password": "other one", "user": "ann"}')).request
    third = recorded(post(b'{"password": "abc", "user": "bob"}')).request
    for matcher in matchers(MATCHED):
        assert matcher(for_matching(first), for_matching(second)) is None
    assert body_key(for_matching(first)) != body_key(for_matching(third))


def test_a_part_of_a_document_is_masked_too() -> None:
    """As long as the name before the secret is in it: a part of a range may begin anywhere."""
    content = b'{"a": "b c", "d": ["e\\"f"], "token": "%s"}' % SECRET.encode()
    for cut in range(content.index(b'"token"') + 1):
        kept = redact(recorded(b"GET / HTTP/1.1\r\n\r\n", answer(content[cut:])))
        assert kept.answer.endswith(b'"token": "%s"}' % shaped(SECRET.encode()))


def test_what_is_written_reads_back_the_same() -> None:
    """A redacted exchange is one like any other."""
    exchange = redact(
        recorded(post(MEMBER), answer(gzip.compress(MEMBER), "application/json", "Content-Encoding: gzip"))
    )
    again = read_exchange(write_exchange(1, exchange))
    assert octets(again) == octets(exchange)
    assert again.redacted == exchange.redacted


def test_the_defaults_are_rules_without_additions() -> None:
    """So that `Redaction(...)` adds to them."""
    assert Redaction() == DEFAULT
