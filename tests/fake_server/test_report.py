"""What is said about a request that nobody expected: read it as one who did not write the test."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

from fake_server import FakeServer

from .raw import RawClient, ask, get

if TYPE_CHECKING:
    from werkzeug import Request

    from fake_server import Entry


def told(server: FakeServer, octets: bytes) -> str:
    """The content of the answer to a request that nobody expected."""
    head, _, content = ask(server, octets).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 500 Internal Server Error\r\n")
    assert "\r\nX-Fake-Server: unmatched\r\n" in head
    return content


def test_the_nearest_expectation_is_shown_with_all_that_differs(server: FakeServer) -> None:
    """Where it was written, and below it the request; secrets are in neither."""
    headers = {"If-Match": "1", "Authorization": "Bearer other"}
    near = server.expect("/users/<int:id>", "PUT", headers=headers, json={"name": "ann", "password": "x"})
    far = server.expect("/elsewhere")
    content = b'{"name": "anne", "password": "geheim"}'
    fields = ["Authorization: Bearer geheim", "Cookie: sid=geheim", f"Content-Length: {len(content)}"]
    text = told(server, get("/users/7?token=geheim", *fields, method="PUT") + content)
    assert (
        text
        == f"""\
PUT /users/7 was not expected (request 1, connection 1)

Nearest: #1 PUT /users/<int:id> [permanent] ({near.where})
    header If-Match expected '1', got missing
    header Authorization it differs in what is not shown
    json     $.name: expected "ann", got "anne"
    json     $.password: it differs in what is not shown
    agreed   path, method

Then: #2 any method /elsewhere [permanent] ({far.where})
    path     expected /elsewhere, got /users/7

The request:
    PUT /users/7?token=xxxxxxxx
    Host: test
    Authorization: Bearer xxxxxxxx
    Cookie: sid=xxxxxxxx
    Content-Length: {len(content)}
    content, {len(content)} octets: {{"name": "anne", "password": "xxxxxxxx"}}
"""
    )


def test_an_expectation_that_was_used_up_says_by_whom(server: FakeServer) -> None:
    """It comes first, since it would have matched."""
    server.expect_oneshot_request("/a").respond()
    server.expect("/b").respond()
    ask(server, get("/a"))
    text = told(server, get("/a"))
    assert "Nearest: #1 any method /a [one-shot]" in text
    assert "it would have been met, but was used up by request 1:\n" in text
    assert re.search(r"^ {8}GET /a \(request 1, connection 1\) -> 200, -\d+\.\d ms$", text, re.MULTILINE)


def test_an_ordered_expectation_that_is_not_due_says_so(server: FakeServer) -> None:
    """Rather than that nothing differs."""
    server.expect_ordered_request("/a").respond()
    server.expect_ordered_request("/b").respond()
    text = told(server, get("/b"))
    assert "Nearest: #2 any method /b [ordered]" in text
    assert "it would be met, but an ordered expectation comes before it" in text


def test_only_the_nearest_three_are_compared(server: FakeServer) -> None:
    """The others are counted."""
    for number in range(7):
        server.expect(f"/{number}").respond()
    text = told(server, get("/x"))
    assert text.count(" expected /") == 3
    assert "and 4 more expectations, none of them more like it" in text


def test_a_query_in_a_path_is_told_to_belong_elsewhere(server: FakeServer) -> None:
    """Beside what differs, which looks the same else."""
    server.expect("/a?x=1").respond()
    text = told(server, get("/a?x=1"))
    assert "    path     expected /a?x=1, got /a\n    path     a path has no query: give it as query_string=\n" in text


def test_of_paths_the_most_alike_comes_first(server: FakeServer) -> None:
    """Before those that were made earlier."""
    for number in range(8):
        server.expect(f"/v1/thing/{number}").respond()
    assert "Nearest: #6 any method /v1/thing/5 [permanent]" in told(server, get("/v1/things/5"))


def test_what_a_handler_raised_is_told_with_its_request_and_place(server: FakeServer) -> None:
    """From the test's own frame on; and so is what a function that was asked about a request raised."""

    def handler(request: Request) -> str:
        return request.form["missing"]

    def asked(entry: Entry) -> bool:
        return 1 / len(entry.content) > 0

    met = server.expect("/a").respond_with_handler(handler)
    server.expect("/b", where=asked, required=False).respond()
    ask(server, get("/a"))
    ask(server, get("/b"))
    first, second = server.findings()
    assert first.startswith("BadRequestKeyError was raised: ")
    assert f"  in answering GET /a (request 1, connection 1), by #1 any method /a [permanent] ({met.where})\n" in first
    assert "in handler\n" in first
    assert 'request.form["missing"]' in first
    assert "fake_server/wsgi.py" not in first
    assert second.startswith("ZeroDivisionError was raised: ")
    assert "  in answering GET /b (request 2, connection 2), in looking for an expectation that it meets\n" in second
    assert "in asked\n" in second


def test_a_server_without_expectations_says_so(server: FakeServer) -> None:
    """And shows what came, trailers included."""
    octets = get("/", "Transfer-Encoding: chunked", method="PUT") + b"1\r\nx\r\n0\r\nX-Token: geheim\r\n\r\n"
    text = told(server, octets)
    assert "The server has no expectation at all" in text
    assert "    trailer X-Token: xxxxxxxx" in text


def test_secrets_in_odd_places_are_not_shown(server: FakeServer) -> None:
    """In a multipart body, in compressed content, in the credentials of a URL."""
    server.expect("/", data="other", headers={"Referer": "/"}).respond()
    form = b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\ngeheim\r\n--b--\r\n'
    packed = gzip.compress(b'{"token": "geheim"}')
    for content, kind in ((form, "multipart/form-data; boundary=b"), (packed, "application/json")):
        fields = [f"Content-Type: {kind}", f"Content-Length: {len(content)}", "Referer: http://ann:geheim@host/"]
        if content is packed:
            fields.append("Content-Encoding: gzip")
        text = told(server, get("/", *fields, method="POST") + content)
        assert "geheim" not in text
        assert repr(packed)[2:-1] not in text


def test_another_server_that_expects_the_request_is_named(server: FakeServer) -> None:
    """The client may have been given the wrong URL; one whose expectation asks a function of the test is not asked."""
    with FakeServer() as another:
        wanted = another.expect("/a", "GET").respond()
        another.expect("/a", where=lambda entry: entry.json()["x"])
        text = told(server, get("/a"))
    assert f"It would be met on the server {another.url}: #1 GET /a [permanent] ({wanted.where})" in text
    assert text.count("It would be met on") == 1
    assert "It would be met on" not in told(server, get("/a"))


def test_what_the_connection_has_carried_before_is_shown(server: FakeServer) -> None:
    """In brief: when, what, its outcome, and how many octets each way."""
    server.expect("/a").respond(data="hello")
    with RawClient(server) as client:
        client.send(get("/a")).response()
        client.send(get("/b")).response()
    text = str(server.assertions[0])
    pattern = r"Before it on connection 1:\n    -[\d.]+ ms  request 1: GET /a -> 200, 31 octets received, 84 sent\Z"
    assert re.search(pattern, text), text


def test_parts_that_agree_are_named(server: FakeServer) -> None:
    """So that one sees how near it was."""
    server.expect("/a", "PUT", headers={"X-A": "1", "X-B": "2"}).respond()
    assert "    agreed   path, method, header X-B\n" in told(server, get("/a", "X-B: 2", method="PUT"))
