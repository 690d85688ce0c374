"""Tests of `cassettes.matchers`."""

from __future__ import annotations

import ast
import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.exchange import Request
from cassettes.leeway import leeway
from cassettes.matchers import DEFAULT, Difference, Matcher, body_key, matchers, place
from httplib_sim import wire

from .requests_in_tests import request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def difference(part: str, recorded: Request, sent: Request) -> str | None:
    """What the matcher of *part* says, as text."""
    (matcher,) = matchers([part])
    found = matcher(recorded, sent)
    return None if found is None else str(found)


@pytest.mark.parametrize("part", DEFAULT)
def test_a_request_matches_itself(part: str) -> None:
    """No matcher finds a difference where there is none."""
    for one in (request(), request("https://[::1]:8443/a?b=c&d", "POST", b'{"a": [1.0, null]}', JSON)):
        assert difference(part, one, one) is None


@pytest.mark.parametrize(
    ("part", "sent", "text"),
    [
        ("method", request(method="PUT"), "method: recorded GET, sent PUT"),
        ("scheme", request("https://example.com:80/"), "scheme: recorded http, sent https"),
        ("host", request("http://example.org/"), "host: recorded example.com, sent example.org"),
        ("port", request("http://example.com:81/"), "port: recorded 80, sent 81"),
        ("path", request("http://example.com/a"), "path: recorded /, sent /a"),
        ("query", request("http://example.com/?a=1"), "query: a: sent '1', not recorded"),
        ("body", request(body=b"abc"), "body: recorded no content, sent 'abc'"),
    ],
)
def test_each_part_differs_for_itself(part: str, sent: Request, text: str) -> None:
    """One matcher sees it, the others do not."""
    assert difference(part, request(), sent) == text
    assert [name for name in DEFAULT if difference(name, request(), sent)] == [part]


@pytest.mark.parametrize(
    ("recorded", "sent", "text"),
    [
        ("?a=1&b=2", "?b=2&a=1", None),
        ("?a=%7E", "?a=~", None),
        ("?a=x+y", "?a=x%20y", None),
        ("?a=%E9", "?a=\xe9", None),
        ("?a=1&a=2", "?a=2&a=1", "query: a: recorded '1', '2', sent '2', '1'"),
        ("?abc", "", "query: abc: recorded without a value, not sent"),
        ("?abc", "?abc=", "query: abc: recorded without a value, sent ''"),
        ("?abc", "?abd", "query: abc: recorded without a value, not sent; abd: sent without a value, not recorded"),
        ("?", "", "query: one has a '?', the other not"),
        ("?a=1&b=2", "?a=3&b=2", "query: a: recorded '1', sent '3'"),
    ],
)
def test_queries_are_compared_by_their_parameters(recorded: str, sent: str, text: str | None) -> None:
    """Order does not matter, nor how a character is encoded; a parameter without "=" does."""
    base = "http://example.com/"
    assert difference("query", request(base + recorded), request(base + sent)) == text


@pytest.mark.parametrize(
    ("kind", "recorded", "sent", "same"),
    [
        (JSON, b'{"a": 1, "b": [2]}', b'{"b":[2.0],"a":1}', True),
        (JSON, b'{"a": 1}', b'{"a": true}', False),
        (JSON, b'{"a": 1}', b'{"a": "1"}', False),
        (JSON, b"[1, 2]", b"[2, 1]", False),
        ("application/vnd.x+json; charset=utf-8", b'{"a": 1}', b'{ "a":1 }', True),
        (JSON, b"not json ", b"not json", False),
        (JSON, b"[" * 100_000, b"[" * 100_000, True),
        (JSON, b"1e400", b"2e400", True),
        (FORM, b"a=1&b=x+y", b"b=x%20y&a=1", True),
        (FORM, b"a=1", b"a=2", False),
        ("text/plain;charset=UTF-8", b'{"a": 1}', b'{"a":1}', True),
        ("application/x-amz-json-1.1", b'{"a": 1}', b'{"a":1}', True),
        ("", b' [{"a": 1, "b": 2}]', b'[{"b": 2, "a": 1}]', True),
        (FORM, b'{"a": 1, "b": "x=1&y"}', b'{"b": "x=1&y", "a": 1}', True),
        ("text/plain", b"{a: 1}", b"{ a: 1}", False),
        ("text/plain", b"1.0", b"1", False),
        ("application/x-ndjson", b'{"a": 1, "b": 2}\n{"c": 3}\n', b'{"b": 2, "a": 1}\n{"c": 3}', True),
        ("application/x-ndjson", b'{"a": 1}\n{"c": 3}\n', b'[{"a": 1}, {"c": 3}]', False),
        ("application/x-ndjson", b'{"a": 1}\n{"c": 3}\n', b'{"a": 1}\n{"c": 4}\n', False),
        ("multipart/mixed; boundary=x", b'--x\r\n\r\n{"a": 1}\r\n--x--', b'--x\r\n\r\n{"a":1}\r\n--x--', True),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n1\r\n--x--", b"--x\r\n\r\n2\r\n--x--", False),
    ],
)
def test_bodies_are_compared_by_their_meaning(kind: str, recorded: bytes, sent: bytes, same: bool) -> None:
    """JSON and forms by their values, everything else by its octets."""
    old, new = request(method="POST", body=recorded, kind=kind), request(method="POST", body=sent, kind=kind)
    assert (difference("body", old, new) is None) is same


def test_places_in_json_are_ignored_whatever_its_media_type() -> None:
    """Where there is none, as requests sends text; in each of several lines, and in the parts of a form."""
    leave = leeway(json="$.id")
    for kind, body in [
        ("", b'{"id": %d, "a": 1}'),
        (FORM, b'{"id": %d, "a": 1}'),
        ("application/x-ndjson", b'{"id": %d}\n{"a": 2}\n'),
        ("multipart/mixed; boundary=x", b'--x\r\n\r\n{"id": %d}\r\n--x--'),
    ]:
        old, new = (request(method="POST", body=body % number, kind=kind) for number in (1, 2))
        assert body_key(old, leave) == body_key(new, leave) != body_key(new)


def test_what_is_ignored_is_not_compared_even_where_it_is_named() -> None:
    """So that the advice of a miss can be followed."""
    leave = leeway(headers="X-A")
    assert matchers([], leave, ["x-a"]) == ()
    (headers,) = matchers([], leave, ["X-A", "X-B"])
    assert (
        headers(request("http://x/", "GET", b"", "", ("X-A", "1")), request("http://x/", "GET", b"", "", ("X-A", "2")))
        is None
    )
    assert (
        headers(request("http://x/", "GET", b"", "", ("X-B", "1")), request("http://x/", "GET", b"", "", ("X-B", "2")))
        is not None
    )


def test_what_differs_between_lines_of_json_is_told_by_line_and_path() -> None:
    """The lines as a list."""
    kind = "application/x-ndjson"
    old = request(method="POST", body=b'{"a": 1}\n{"b": 2}\n', kind=kind)
    new = request(method="POST", body=b'{"a": 1}\n{"b": 3}\n', kind=kind)
    assert difference("body", old, new) == "body: $[1].b: recorded 2, sent 3"


def test_multipart_is_compared_without_its_boundary() -> None:
    """Clients invent a new boundary each time."""
    parts = b'--%b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--%b--\r\n'
    old, new = (
        request(method="POST", body=parts % (mark, mark), kind=f'multipart/form-data; boundary="{mark.decode()}"')
        for mark in (b"abc", b"1234")
    )
    assert difference("body", old, new) is None


def test_bodies_are_compared_without_their_content_coding() -> None:
    """The same JSON, compressed and not."""
    packed = request("http://x/", "POST", gzip.compress(b'{"a": 1}'), JSON, ("Content-Encoding", "gzip"))
    assert difference("body", packed, request("http://x/", "POST", b'{"a":1}', JSON)) is None


def test_what_differs_in_json_is_named_by_its_path() -> None:
    """Each place in a line of its own."""
    old = request(method="POST", body=b'{"items": [{"qty": 2}], "when": "x", "gone": 1}', kind=JSON)
    new = request(method="POST", body=b'{"items": [{"qty": 3}, {}], "when": "x", "new": null}', kind=JSON)
    (matcher,) = matchers(["body"])
    found = matcher(old, new)
    assert found is not None
    assert found.details == (
        "$.gone: recorded 1, not sent",
        "$.items[0].qty: recorded 2, sent 3",
        "$.items[1]: sent {}, not recorded",
        "$.new: sent null, not recorded",
    )


def test_what_differs_in_octets_is_shown_from_the_first_one() -> None:
    """With a little of what stands before."""
    text = difference("body", request(body=b"x" * 50 + b"old"), request(body=b"x" * 50 + b"new"))
    assert text == "body: from octet 50: recorded 'xxxxxxxxxxold', sent 'xxxxxxxxxxnew'"


@given(st.binary(), st.sampled_from([JSON, FORM, "text/plain", "multipart/x; boundary=a", ""]))
def test_every_body_has_a_key(body: bytes, kind: str) -> None:
    """Whatever is sent can be looked up, and is equal to itself."""
    one = request(method="POST", body=body, kind=kind)
    assert hash(body_key(one)) == hash(body_key(one))
    assert difference("body", one, one) is None


def test_url_stands_for_its_parts() -> None:
    """And no part is compared twice."""
    names = [matcher.name for matcher in matchers(["method", "url", "host"]) if isinstance(matcher, Matcher)]
    assert names == ["method", "scheme", "host", "port", "path", "query"]


def test_functions_are_matchers() -> None:
    """What a user writes stays what it is."""

    def same_tenant(recorded: Request, sent: Request) -> Difference | None:
        return None if recorded.headers.get("x-tenant") == sent.headers.get("x-tenant") else Difference("tenant")

    assert matchers(["method", same_tenant])[1] is same_tenant


def test_a_name_that_there_is_not_is_refused() -> None:
    """The message names those that there are; a text instead of a tuple is a mistake too."""
    with pytest.raises(ValueError, match=r"parts out of method, scheme, .* got 'uri_path'"):
        matchers(["uri_path"])
    with pytest.raises(TypeError, match="'method'"):
        matchers("method")


@pytest.mark.parametrize("target", ["http://h:99999/a?b", "http://[::1/a?b", "http://h:port/a?b"])
def test_a_target_that_is_no_url_counts_as_it_stands(target: str) -> None:
    """A server may have answered it, so that it stands in a cassette: it has its place, at the request's origin."""
    sent = with_target(target)
    assert place(sent) == ("http", "example.com", 80, target.partition("?")[0], "b")
    assert difference("port", sent, sent) is None


def test_a_question_mark_alone_is_part_of_a_url_in_absolute_form() -> None:
    """As in origin form."""
    assert [place(with_target(f"http://h/a{query}"))[4] for query in ("", "?", "?b")] == [None, "", "b"]


def with_target(target: str) -> Request:
    """A request with this *target*."""
    asked = request()
    head = wire.RequestHead("GET", target, wire.Fields())
    return Request(asked.origin, wire.Request(head, asked.message.body))


def test_a_target_in_absolute_form_counts_for_its_url() -> None:
    """As a client sends it to a proxy."""
    direct, through = request("http://example.com/a?b"), request("http://proxy:3128/")
    head = through.message.head
    head.target = "http://example.com/a?b"
    assert [part for part in DEFAULT if difference(part, direct, through)] == []


@pytest.mark.parametrize(("recorded", "sent"), [("/a#b=1", "/a#c"), ("ann:xxx@h:443", "ann:abc@h:443"), ("/a#b", "/a")])
def test_userinfo_and_fragments_are_not_compared(recorded: str, sent: str) -> None:
    """They do not belong into a target, and have stand-ins in a recording."""
    requests = [request(), request()]
    for one, target in zip(requests, (recorded, sent), strict=True):
        one.message.head.target = target
    assert difference("path", *requests) is None


def test_a_fragment_sign_in_a_query_is_compared() -> None:
    """A client that does not encode it means the sign itself."""
    first, second = request(), request()
    first.message.head.target, second.message.head.target = "/?a=#fff", "/?a=#000"
    assert difference("query", first, second) is not None


def form(mark: bytes, *parts: tuple[str, bytes]) -> Request:
    """A multipart form with this boundary; a name may have a file name behind a slash."""
    pieces = []
    for title, content in parts:
        name, slash, file = title.partition("/")
        filename = f'; filename="{file}"' if slash else ""
        head = f'Content-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
        pieces.append(b"--%b\r\n%b%b\r\n" % (mark, head.encode(), content))
    kind = f"multipart/form-data; boundary={mark.decode()}"
    return request(method="POST", body=b"".join([*pieces, b"--%b--\r\n" % mark]), kind=kind)


def test_a_multipart_form_means_the_same_in_any_order() -> None:
    """With another boundary; the values of one name keep their order (RFC 7578 section 5.2)."""
    one = form(b"abc", ("a", b"1"), ("file/x.txt", b"content"), ("a", b"2"))
    assert difference("body", one, form(b"xyz1", ("file/x.txt", b"content"), ("a", b"1"), ("a", b"2"))) is None
    assert difference("body", one, form(b"abc", ("a", b"2"), ("file/x.txt", b"content"), ("a", b"1"))) is not None


def test_what_differs_in_a_form_is_named_by_its_part() -> None:
    """And not shown as octets of boundaries."""
    old = form(b"abc", ("a", b"1"), ("file/x.txt", b"content"), ("b", b"2"))
    new = form(b"xyz", ("a", b"1"), ("file/y.txt", b"content"), ("c", b"3"), ("file", b"\xff"))
    assert difference("body", old, new) == (
        "body: part 'b': recorded, not sent; "
        "part 'file' (x.txt): recorded the file name 'x.txt', sent 'y.txt'; "
        "part 'c': sent, not recorded; part 'file': sent, not recorded"
    )
    new = form(b"xyz", ("a", b"\xff"), ("file/x.txt", b"context"), ("b", b"2"))
    assert difference("body", old, new) == (
        "body: part 'a': from octet 0: recorded '1', sent b'\\xff'; "
        "part 'file' (x.txt): from octet 5: recorded 'content', sent 'context'"
    )


@pytest.mark.parametrize(
    ("part", "options", "old", "new", "other"),
    [
        (
            "body",
            {"json": ["$.id", "$.items[*].at"]},
            request(method="POST", body=b'{"id": 1, "items": [{"n": 1, "at": 2}]}', kind=JSON),
            request(method="POST", body=b'{"items": [{"at": 3, "n": 1}], "id": 7}', kind=JSON),
            request(method="POST", body=b'{"id": 1, "items": [{"n": 2, "at": 2}]}', kind=JSON),
        ),
        (
            "query",
            {"query": "ts"},
            request("http://x/?a=1&ts=5"),
            request("http://x/?ts=6&a=1"),
            request("http://x/?a=2&ts=5"),
        ),
        ("query", {"query": "ts"}, request("http://x/?ts=5"), request("http://x/"), request("http://x/?a")),
        (
            "body",
            {"form": ["nonce"]},
            request(method="POST", body=b"a=1&nonce=x", kind=FORM),
            request(method="POST", body=b"nonce=y&a=1&nonce=z", kind=FORM),
            request(method="POST", body=b"a=2&nonce=x", kind=FORM),
        ),
        (
            "body",
            {"form": ["nonce"]},
            form(b"abc", ("a", b"1"), ("nonce", b"2")),
            form(b"xyz", ("nonce", b"3"), ("a", b"1")),
            form(b"abc", ("a", b"2"), ("nonce", b"2")),
        ),
        (
            "headers",
            {"headers": ["X-Trace"]},
            request("http://x/", "GET", b"", "", ("Accept", "a"), ("X-Trace", "1")),
            request("http://y/", "GET", b"", "", ("x-trace", "2"), ("accept", "a")),
            request("http://x/", "GET", b"", "", ("Accept", "b"), ("X-Trace", "1")),
        ),
    ],
)
def test_what_may_differ_is_not_compared(
    part: str, options: dict[str, Any], old: Request, new: Request, other: Request
) -> None:
    """And all else is; without leeway it is as well, and the difference says how to give some."""
    (matcher,) = matchers([part], leeway(**options))
    assert matcher(old, new) is None
    assert matcher(old, other) is not None
    assert len({matcher.key(one) for one in (old, new, other)} if isinstance(matcher, Matcher) else ()) == 2
    (strict,) = matchers([part])
    found = strict(old, new)
    assert found is not None
    if found.ignoring:
        (name,) = options
        again = {name: ast.literal_eval(found.ignoring.removeprefix(f"ignore_{name}="))}
        assert matchers([part], leeway(**again))[0](old, new) is None


def test_headers_that_are_named_are_compared() -> None:
    """Of all lines with the name, in any case of it, and no others."""
    *_, matcher = matchers(DEFAULT, headers=["X-Tenant"])
    old = request("http://x/", "GET", b"", "", ("x-tenant", "one"), ("X-Tenant", "two"), ("X-Other", "1"))
    assert matcher(old, request("http://x/", "GET", b"", "", ("X-TENANT", "one"), ("x-tenant", "two"))) is None
    found = matcher(old, request("http://x/", "GET", b"", "", ("X-Tenant", "one")))
    assert str(found) == "headers: x-tenant: recorded 'one, two', sent 'one'"


def test_all_headers_are_those_that_say_what_is_asked_for() -> None:
    """Host is compared elsewhere, framing follows from the body, and a boundary is another each time."""
    old, new = form(b"abc", ("a", b"1")), form(b"xyz123", ("a", b"1"))
    assert difference("headers", old, new) is None
    one = request("http://x/", "POST", b"{}", JSON)
    assert difference("headers", one, request("http://other/", "POST", b"{  }", JSON)) is None
    assert difference("headers", one, request("http://x/", "POST", b"{}", FORM)) is not None
