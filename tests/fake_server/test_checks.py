"""What cannot be meant is refused where it is written, in words that say what was expected, what came, what to do."""

from __future__ import annotations

import http
import re
import ssl
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest

from fake_server import Canned, Conduct, FakeServer, Gate, Raw, RequestMatcher, Streamed, faults, patterns, schedules
from fake_server.errors import BadExpectation

from .raw import ask, get

if TYPE_CHECKING:
    from collections.abc import Callable

RESPONSES: dict[str, tuple[Callable[[Any], object], str]] = {
    "answer a dict": (lambda to: to.respond({"a": 1}), r"answer, .* got a dict: json=, data=, .* describe a response"),
    "answer a status": (lambda to: to.respond(404), "got 404: status=404"),
    "answer text": (lambda to: to.respond("text"), "got a str: data= is the content"),
    "answer a fault": (lambda to: to.respond(faults.Reset()), r"got a Reset: a fault is for with_fault\(\)"),
    "answer a class of faults": (lambda to: to.respond(faults.Reset), "got the class Reset: a fault is for"),
    "answer a class": (lambda to: to.respond(Raw), "got the class Raw: an object of it"),
    "answer a function": (lambda to: to.respond(print), r"for respond_with_handler\(\)"),
    "answer and more": (
        lambda to: to.respond(Raw(b""), status=500),
        "an answer or what describes one, got both: a Raw and more",
    ),
    "then a number": (lambda to: to.then(503), "got 503: status=503"),
    "then a class of faults": (lambda to: to.then(faults.Reset), "got the class Reset"),
    "data a dict": (lambda to: to.respond(data={"a": 1}), "data= as text or bytes, got a dict: json="),
    "data pieces": (lambda to: to.respond(data=[b"a"]), "data= as text or bytes, got a list: .* Streamed"),
    "data a number": (lambda to: to.respond(data=5), "data= as text or bytes, got 5"),
    "json a set": (
        lambda to: to.respond(json={1, 2}),
        "json= as what JSON can say, got a set: .* not JSON serializable",
    ),
    "header a number": (lambda to: to.respond(headers={"X": 1}), "the value of the field 'X' as text, got an int"),
    "header bytes": (lambda to: to.respond(headers={"X": b"1"}), "the value of the field 'X' as text, got a bytes"),
    "header of two": (lambda to: to.respond(headers={"X": ["1", 2]}), "the value of the field 'X' as text, got an int"),
    "header pair bytes": (lambda to: to.respond(headers=[("X", b"1")]), "the value of the field 'X' as text, got a"),
    "header name": (lambda to: to.respond(headers={1: "X"}), "the name of a field as text, got 1"),
    "headers text": (lambda to: to.respond(headers="X: 1"), "headers= as a mapping of names .* got a str"),
    "headers a number": (lambda to: to.respond(headers=1), "headers= as a mapping of names .* got an int"),
    "headers names": (lambda to: to.respond(headers=["X", "Yes"]), "headers= as a mapping .* got a list of something"),
    "reason bytes": (lambda to: to.respond(reason=b"OK"), "reason and fields, .* as text"),
    "status text": (lambda to: to.respond(status="200"), "a status code from 200 to 999, or 101, got '200'"),
    "status none": (lambda to: to.respond(status=None), "a status code from 200 .* got None"),
    "times text": (lambda to: to.times("2"), "a number of requests from 1, got '2'"),
    "times half": (lambda to: to.times(1.5), "a number of requests from 1, got 1.5"),
    "times true": (lambda to: to.times(True), "a number of requests from 1, got True"),
    "fault a class": (lambda to: to.with_fault(faults.Reset), r"a fault, .* got the class Reset: make one, Reset\(\)"),
    "fault text": (lambda to: to.with_fault("reset"), "a fault, .* got 'reset'"),
    "fault an answer": (lambda to: to.with_fault(Raw(b"")), r"got a Raw: an answer is for respond\(\)"),
    "on text": (lambda to: to.with_fault(faults.Reset(), on="2"), r"on= as a number or a schedule, .* got '2'"),
    "on a class": (lambda to: to.with_fault(faults.Reset(), on=schedules.Every), "got the class Every"),
    "hold for none": (lambda to: to.hold(opens_at=0), "opens_at=, a number of answers from 1, got 0"),
    "hold for text": (lambda to: to.hold(opens_at="2"), "opens_at=, a number of answers from 1, got '2'"),
    "release nothing": (lambda to: to.release(), r"expected hold\(\) before release\(\), got none: any method /a"),
    "wait for nothing": (lambda to: to.wait_held(), r"expected hold\(\) before wait_held\(\), got none"),
    "release text": (lambda to: to.hold().release("1"), "a number of answers from 1, got '1'"),
    "wait for text": (lambda to: to.wait_for("1"), "a number of requests from 0, got '1'"),
    "handler text": (lambda to: to.respond_with_handler("x"), "a handler, which is called, got 'x'"),
    "hook none": (lambda to: to.with_post_hook(None), "a hook, which is called, got None"),
}
"""What is said of an expectation for ``/a``, and the words of the error."""

REQUESTS: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "none": ((None,), {}, "a path as text, a regular expression or a pattern, got a NoneType"),
    "number": ((5,), {}, "a path as text, .* got an int"),
    "bytes": ((b"/a",), {}, "a path as text, .* got a bytes"),
    "class": ((RequestMatcher,), {}, "a path as text, .* got the class RequestMatcher"),
    "no slash": (("a",), {}, "a path that begins with a slash, got 'a'"),
    "url": (("http://localhost:80/a?b=1",), {}, "a path such as '/a', got a URL: leave scheme and host out, '/a'"),
    "authority": (("localhost:80",), {}, "a path that begins with a slash"),
    "methods": (("/a", ["GET", "PUT"]), {}, "one method as text, got a list: matchers of one each"),
    "no method": (("/a", None), {}, "a method as text, .* got a NoneType"),
    "data a dict": (("/a", "POST", {"a": 1}), {}, "data= as text or bytes, got a dict: json= and form="),
    "data a number": (("/a", "POST", 5), {}, "data=, where it is no text, as bytes, got 5"),
    "headers pairs": (("/a",), {"headers": [("a", "b")]}, "headers= as a mapping of names to values, got a list"),
    "headers text": (("/a",), {"headers": "a: b"}, "headers= as a mapping of names to values, got a str"),
    "header number": (("/a",), {"headers": {"A": 5}}, "the value of the field 'A' as text, .* got an int"),
    "header comparer": (("/a",), {"headers": {"A": ""}, "header_value_matcher": 5}, "header_value_matcher=, .* got 5"),
    "form pairs": (("/a",), {"form": [("a", "b")]}, "form= as a mapping of names to values, got a list"),
    "form number": (("/a",), {"form": {"a": ["1", 1]}}, "'a' in a form as text, .* got an int"),
    "query number": (("/a",), {"query_string": {"page": 1}}, "'page' in a query as text, .* got an int"),
    "query pairs": (("/a",), {"query_string": [("a", "b")]}, "query_string= as str, bytes, a mapping, .* got a list"),
    "trailers pairs": (("/a",), {"trailers": [("a", "b")]}, "trailers= as a mapping of names to values, got a list"),
    "where": (("/a",), {"where": 5}, "where=, a function, which is called, got 5"),
    "one name": (("/a",), {"header_names": "Host"}, r"header_names= as several names, got 'Host': \['Host'\]"),
    "state": (("/a",), {"scenario": "s", "state": 5}, "state= as text, got an int"),
    "becomes": (("/a",), {"scenario": "s", "becomes": 5}, "becomes= as text, got an int"),
    "scenario": (("/a",), {"scenario": 5}, "scenario= as text, got an int"),
    "priority": (("/a",), {"priority": "high"}, "priority= as a number, got 'high'"),
}
"""The arguments of `FakeServer.expect`, and the words of the error."""

OTHERS: dict[str, tuple[Callable[[Any], object], str]] = {
    "fault a class": (lambda to: to.with_fault(faults.Reset), r"got the class Reset: make one, Reset\(\)"),
    "fault text": (lambda to: to.with_fault("reset"), "a fault, .* got 'reset'"),
    "application text": (lambda to: to.mount("app"), "an application, which is called, got 'app'"),
    "prefix": (lambda to: to.mount(print, "a"), "a prefix that begins with a slash, got 'a'"),
    "made text": (lambda to: to.assert_request_made("/a"), r"a matcher of requests, .* got '/a'"),
    "made a class": (lambda to: to.get_matching_requests_count(RequestMatcher), "got the class RequestMatcher"),
    "host a URL": (
        lambda to: to.serve_for("https://u:p@api.github.com:443/x"),
        "a host .* got a URL: give 'api.github.com'",
    ),
    "host and port": (
        lambda to: to.serve_for("api.github.com:443"),
        "a host .* got more: give 'api.github.com', every port",
    ),
    "host and path": (
        lambda to: to.serve_for("api.github.com/v3"),
        "a host .* got more: give 'api.github.com', every port",
    ),
    "host empty": (lambda to: to.serve_for(""), "a host such as 'api.example.com', got none"),
    "no hosts": (lambda to: to.serve_for(), "at least one host such as 'api.example.com', got none"),
    "hosts a list": (lambda to: to.serve_for(["a.test"]), "a host .* got a list: several are several arguments"),
    "truncate text": (lambda _: faults.Truncate("1"), "Truncate's octets= from 0, got '1'"),  # type: ignore[arg-type]
    "truncate below": (lambda _: faults.Truncate(-1), "Truncate's octets= from 0, got -1"),
    "drip text": (lambda _: faults.Drip("x"), "Drip's octets= from 1, got 'x'"),  # type: ignore[arg-type]
    "drip nothing": (lambda _: faults.Drip(0), "Drip's octets= from 1, got 0"),
    "pause text": (lambda _: faults.Pause(seconds="1"), "Pause's seconds= from 0, got '1'"),  # type: ignore[arg-type]
    "insert text": (lambda _: faults.Insert("x"), "Insert's octets= as bytes, got a str: encode it"),  # type: ignore[arg-type]
    "position": (lambda _: faults.Reset(after=5), "Reset's after= as text, got 5"),  # type: ignore[arg-type]
    "one value": (lambda _: faults.SetField("Age", "5"), "SetField's values= as a tuple, got '5'"),  # type: ignore[arg-type]
    "all of classes": (lambda _: faults.All(faults.Reset), "got the class Reset: make one"),  # type: ignore[arg-type]
    "say text": (lambda _: faults.Say("x"), "Say's octets= as bytes, got a str"),  # type: ignore[arg-type]
    "between": (lambda _: schedules.Between(5, 2), "last= as a number from 5, got 2"),
    "between text": (lambda _: schedules.Between("1"), "first= as a number from 1, got '1'"),  # type: ignore[arg-type]
    "every half": (lambda _: schedules.Every(1.5), "a number from 1, got 1.5"),  # type: ignore[arg-type]
    "nth text": (lambda _: schedules.Nth("2"), "numbers from 1, got '2'"),  # type: ignore[arg-type]
    "chance text": (lambda _: schedules.Chance("1"), "a probability from 0 to 1, got '1'"),  # type: ignore[arg-type]
    "where": (lambda _: patterns.Where(5), "a function, which is called, got 5"),  # type: ignore[arg-type]
    "scenario": (lambda to: to.scenarios.update(s=5), "the state of a scenario as text, got an int"),
    "gate": (lambda _: Gate(patience=-1), "patience= in seconds from 0, got -1"),
    "raw text": (lambda _: Raw("abc"), "what is sent as bytes, got a str: encode it"),  # type: ignore[arg-type]
    "raw then": (lambda _: Raw(b"", "reset"), "then one of Then.KEEP, .* got 'reset'"),  # type: ignore[arg-type]
    "pieces text": (lambda _: Streamed(200, [], ["a"]), "each of the pieces as bytes, got a str"),  # type: ignore[list-item]
    "pieces bytes": (lambda _: Streamed(200, [], b"abc"), "pieces, an iterable of bytes, got a bytes"),  # type: ignore[arg-type]
    "canned status": (lambda _: Canned("200"), "a status code .* got '200'"),  # type: ignore[arg-type]
    "canned field": (lambda _: Canned(200, [("X", 1)]), "reason and fields, .* as text"),  # type: ignore[list-item]
    "dialogue text": (lambda _: faults.Dialogue("hi"), r"a step, .* got a str: octets are for Send"),  # type: ignore[arg-type]
    "dialogue class": (lambda _: faults.Dialogue(faults.Expect), r"class Expect: make one, Expect\(\)"),  # type: ignore[arg-type]
    "dialogue send": (lambda _: faults.Dialogue(faults.Send("x")), "Send's octets= as bytes, got a str"),  # type: ignore[arg-type]
    "dialogue expect": (lambda _: faults.Expect("x"), "Expect's octets= as bytes, got a str"),  # type: ignore[arg-type]
    "dialogue wait": (lambda _: faults.Wait("x"), "Wait's seconds= from 0, got 'x'"),  # type: ignore[arg-type]
    "dialogue answer": (lambda _: faults.Dialogue(faults.Twice()), "a step that needs no answer, .* got twice"),
}
"""Other things that are said to a server, and the words of the error."""

SERVERS: dict[str, tuple[dict[str, Any], str]] = {
    "host": ({"host": 5}, "host= as text, got an int"),
    "port text": ({"port": "80"}, "port= from 0 to 65535, got '80'"),
    "port too high": ({"port": 99_999}, "port= from 0 to 65535, got 99999"),
    "port below": ({"port": -1}, "port= from 0 to 65535, got -1"),
    "unix": ({"unix": 5}, "unix= as a path, got an int"),
    "tls text": ({"tls": "yes"}, r"tls= as True, an Authority, or an ssl.SSLContext for servers, got a str"),
    "tls files": ({"tls": ("cert", "key")}, "tls= as True, .* got a tuple"),
    "tls a client's": ({"tls": ssl.create_default_context()}, "tls= as True, .* got one for clients"),
    "certificate": ({"client_certificate": "require"}, "client_certificate= as one of .* got 'require'"),
    "conduct": ({"conduct": {"idle": 1}}, r"conduct= as Conduct\(...\), got a dict"),
    "conduct class": ({"conduct": Conduct}, r"conduct= as Conduct\(...\), got the class Conduct"),
    "grace": ({"grace": "x"}, "grace= in seconds from 0, got 'x'"),
}
"""What a server is made with, and the words of the error."""


@pytest.mark.parametrize("name", RESPONSES)
def test_what_an_expectation_cannot_be_told_is_refused(name: str) -> None:
    """By the call itself, and with what is to be done instead."""
    say, words = RESPONSES[name]
    expectation = FakeServer().expect("/a")
    with pytest.raises(BadExpectation, match=f"^expected .*{words.removeprefix('expected ')}"):
        say(expectation)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_cannot_come_is_refused(name: str) -> None:
    """It would never be met, and the test be told something else."""
    arguments, criteria, words = REQUESTS[name]
    with pytest.raises(BadExpectation, match=f"^expected {words}"):
        FakeServer().expect(*arguments, **criteria)


@pytest.mark.parametrize("name", OTHERS)
def test_what_a_server_cannot_be_told_is_refused(name: str) -> None:
    """Faults, schedules, answers and hosts: where they are made, not where they are due."""
    say, words = OTHERS[name]
    with pytest.raises(BadExpectation, match=f"^expected .*{words}"):
        say(FakeServer())


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_cannot_be_is_refused(name: str) -> None:
    """Before it is started."""
    arguments, words = SERVERS[name]
    with pytest.raises(BadExpectation, match=f"^expected {words}"):
        FakeServer(**arguments)


def test_what_is_in_a_value_is_not_told() -> None:
    """It may be secret; a URL's credentials, too."""
    secret = "s3cret"
    for call in (
        lambda: FakeServer().expect("/a").respond({"token": secret}),  # type: ignore[arg-type]
        lambda: FakeServer().expect("/a").respond(secret),  # type: ignore[arg-type]
        lambda: Raw(secret),  # type: ignore[arg-type]
        lambda: FakeServer().expect("/a").respond(headers=f"Authorization: Bearer {secret}"),  # type: ignore[arg-type]
        lambda: FakeServer().expect("/a").respond(headers={"Authorization": secret.encode()}),  # type: ignore[arg-type]
        lambda: FakeServer().expect(f"http://user:{secret}@localhost/a"),
        lambda: FakeServer().serve_for(f"https://user:{secret}@api.test"),
        lambda: FakeServer().serve_for(f"user:{secret}@api.test"),
        lambda: FakeServer().serve_for(f"api.test/?token={secret}"),
        lambda: FakeServer(tls=secret),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadExpectation) as caught:
            call()
        assert secret not in str(caught.value)


@pytest.mark.parametrize("headers", [None, (), {"X": "1"}, {"X": ("1", "2")}, [("X", "1")]])
def test_headers_may_be_none_or_pairs_or_a_mapping(server: FakeServer, headers: Any) -> None:
    """As in pytest-httpserver's words."""
    server.expect("/").respond(data="x", headers=headers)
    lines = ask(server, get("/")).split(b"\r\n")
    wanted = 0 if not headers else 2 if headers == {"X": ("1", "2")} else 1
    assert sum(line.startswith(b"X: ") for line in lines) == wanted


def test_what_equals_a_text_may_stand_for_it(server: FakeServer) -> None:
    """Patterns, objects of other libraries; and None for a field that is not there."""
    server.expect(patterns.Matches("/[a]"), http.HTTPMethod.GET, headers={"X": ANY, "Y": None}).respond(data="1")
    server.expect("/b", re.compile("GET|PUT")).respond(data=bytearray(b"2"))  # type: ignore[arg-type]
    server.expect("*", "OPTIONS").respond(status=http.HTTPStatus.NO_CONTENT)
    server.expect("a.test:443", "CONNECT").respond(status=502)
    assert ask(server, get("/a")).endswith(b"\r\n\r\n1")
    assert ask(server, get("/b", method="PUT")).endswith(b"\r\n\r\n2")
    server.expect("/c", query_string={"a": re.compile("[0-9]"), "b": lambda value: value == "2"}).respond(data="3")
    assert ask(server, get("/c?a=1&b=2")).endswith(b"\r\n\r\n3")


def test_hosts_are_names_and_addresses() -> None:
    """Also with ``*`` in them, and of IPv6."""
    FakeServer().serve_for(
        "api.github.com", "*.test", "192.0.2.1", "2001:db8::1", "localhost.", "xn--bcher-kva.example"
    )


def test_the_catalogue_says_which_names_there_are() -> None:
    """Those that are like the one that is not."""
    with pytest.raises(KeyError, match=r"the name of a fault, such as truncate, .*; got 'trunkate'"):
        faults.CATALOGUE["trunkate"]
    assert "trunkate" not in faults.CATALOGUE
    assert faults.CATALOGUE.get("trunkate") is None
    for choose in (faults.CATALOGUE.only, faults.CATALOGUE.without):
        with pytest.raises(KeyError, match=r"one of the groups before, stall, .*; got 'bodies'"):
            choose("bodies")
