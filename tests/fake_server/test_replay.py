"""Answers from a cassette, over real sockets: byte for byte, each once, and the connection ends as it did."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
import requests

from cassettes import use_cassette
from cassettes.errors import BadCassette
from cassettes.exchange import End, Exchange, How, Request, Response
from cassettes.matchers import Difference
from cassettes.redaction import Redaction, redact
from cassettes.store import Store, load
from fake_server import BadExpectation, FakeServer
from fake_server.faults import EarlyResponse, Pause, Truncate
from fake_server.replay import CassetteAnswers
from httplib_sim import wire
from httplib_sim.waist import Origin

from .raw import RawClient, ask, get
from .test_journal import entry_of

if TYPE_CHECKING:
    from pathlib import Path

HTTP = Origin("http", "api.example.com", 80)
HTTPS = Origin("https", "api.example.com", 443)

HELLO = b"HTTP/1.1 200 Fine\r\nx-ODD:1\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"


def recorded(
    request: bytes, answer: bytes, how: How = How.COMPLETE, origin: Origin = HTTP, *, whole: bool = True
) -> Exchange:
    """An exchange with these octets; the answer is no response unless it is *whole*."""
    (message,) = wire.parse_requests(request)
    responses = wire.parse_responses(answer, [message.head.method]) if whole else []
    return Exchange(
        request=Request(origin, message),
        response=Response(responses[0]) if responses else None,
        received=b"" if responses else answer,
        end=End(how),
    )


def cassette(folder: Path, *exchanges: Exchange) -> Path:
    """A cassette file with these exchanges."""
    store = Store(folder / "recorded.yaml")
    for exchange in exchanges:
        store.append(exchange)
    return folder / "recorded.yaml"


@pytest.mark.parametrize(
    "answer",
    [HELLO, CHUNKED, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HELLO, b"HTTP/1.1 204 No Content\r\n\r\n"],
    ids=["odd field line", "chunks and trailers", "interim response", "no content"],
)
def test_recorded_octets_are_sent_as_they_are(server: FakeServer, tmp_path: Path, answer: bytes) -> None:
    """Whatever is odd about them; and the connection goes on."""
    file = cassette(tmp_path, recorded(get("/a"), answer), recorded(get("/b"), HELLO))
    served = server.serve_cassette(file)
    assert ask(server, get("/a") + get("/b")) == answer + HELLO
    assert [entry.outcome for entry in server.journal] == ["204" if b"204" in answer else "200", "200"]
    assert (len(served.served), served.unused) == (2, [])
    server.verify()


def test_equal_requests_are_answered_in_their_order_and_once_each(server: FakeServer, tmp_path: Path) -> None:
    """Then no more; the answer says that it was served already."""
    first, second = HELLO, HELLO.replace(b"hello", b"HELLO")
    served = server.serve_cassette(cassette(tmp_path, recorded(get("/a"), first), recorded(get("/a"), second)))
    assert ask(server, get("/a") * 2) == first + second
    text = ask(server, get("/a")).decode()
    assert text.startswith("HTTP/1.1 500 ")
    assert f"{served.name} has 2 exchanges, of which 2 have been served." in text
    assert "it would fit, but was served already" in text


def test_requests_are_told_apart_by_method_query_and_body(server: FakeServer, tmp_path: Path) -> None:
    """The order of parameters and of members means nothing."""

    def post(content: bytes) -> bytes:
        fields = ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return get("/a", *fields, method="POST") + content

    def answer(text: str) -> bytes:
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()

    server.serve_cassette(
        cassette(
            tmp_path,
            recorded(get("/a?x=1&y=2"), answer("query")),
            recorded(get("/a"), answer("plain")),
            recorded(post(b'{"a": 1, "b": 2}'), answer("one")),
            recorded(post(b'{"a": 2}'), answer("two")),
        )
    )
    octets = ask(server, post(b'{"a":2}') + post(b'{"b":2,"a":1}') + get("/a?y=2&x=1") + get("/a"))
    assert octets == answer("two") + answer("one") + answer("query") + answer("plain")


def test_a_secret_that_was_redacted_is_no_difference(server: FakeServer, tmp_path: Path) -> None:
    """The cassette has a stand-in for it, the client has another."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a?token=xxxxxx"), HELLO)))
    assert ask(server, get("/a?token=geheim")) == HELLO


def test_what_was_recorded_with_the_servers_scheme_comes_first(server: FakeServer, tmp_path: Path) -> None:
    """One cassette may have both; where there is no other, another scheme will do."""
    secure = HELLO.replace(b"hello", b"https")
    exchanges = [recorded(get("/a"), secure, origin=HTTPS), recorded(get("/a"), HELLO)]
    server.serve_cassette(cassette(tmp_path, *exchanges))
    assert ask(server, get("/a") * 2) == HELLO + secure


def test_over_tls_too(tmp_path: Path) -> None:
    """There the https exchanges come first."""
    secure = HELLO.replace(b"hello", b"https")
    exchanges = [recorded(get("/a"), HELLO), recorded(get("/a"), secure, origin=HTTPS)]
    file = cassette(tmp_path, *exchanges)
    with FakeServer(tls=True) as server:
        server.serve_cassette(file)
        sock = socket.create_connection((server.host, server.port), 10)
        with RawClient(server, server.tls.client_context().wrap_socket(sock, server_hostname="localhost")) as client:
            assert client.send(get("/a")).response().body.content == b"https"
            assert client.send(get("/a")).response().body.content == b"hello"


@pytest.mark.parametrize(
    ("answer", "how", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil close", How.COMPLETE, True),
        (HELLO.replace(b"x-ODD:1", b"Connection: close"), How.COMPLETE, True),
        (HELLO.replace(b"HTTP/1.1", b"HTTP/1.0"), How.COMPLETE, True),
        (HELLO[:-2], How.EOF, False),
        (b"", How.EOF, False),
    ],
    ids=["until close", "connection: close", "HTTP/1.0", "cut short", "nothing"],
)
def test_a_connection_that_was_closed_is_closed(
    server: FakeServer, tmp_path: Path, answer: bytes, how: How, whole: bool
) -> None:
    """After the same octets."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a"), answer, how, whole=whole)))
    with RawClient(server) as client:
        assert client.send(get("/a")).rest() == answer


@pytest.mark.parametrize("how", [How.EOF, How.RESET])
def test_an_end_that_came_between_requests_does_not_come_at_once(server: FakeServer, tmp_path: Path, how: How) -> None:
    """The response let the connection persist, and nobody knows when it ended: the next request is answered."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a"), HELLO, how), recorded(get("/b"), CHUNKED, how)))
    assert ask(server, get("/a") + get("/b")) == HELLO + CHUNKED


@pytest.mark.parametrize("answer", [HELLO[:-2], b""], ids=["after some octets", "at once"])
def test_a_connection_that_was_reset_is_reset(server: FakeServer, tmp_path: Path, answer: bytes) -> None:
    """After the same octets."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a"), answer, How.RESET, whole=False)))
    with RawClient(server) as client:
        client.send(get("/a"))
        got = client.sock.recv(1000) if answer else b""
        assert got == answer
        with pytest.raises(ConnectionResetError):
            client.sock.recv(1)


def test_an_answer_that_never_came_does_not_come(server: FakeServer, tmp_path: Path) -> None:
    """The client's own time-out ends the waiting."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a"), b"", How.TIMEOUT, whole=False)))
    with RawClient(server) as client:
        client.send(get("/a")).sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.sock.recv(1)
    assert server.journal[0].outcome == "timeout"


@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["without", "with"])
def test_100_continue_is_sent_once(server: FakeServer, tmp_path: Path, interim: bytes) -> None:
    """Whether the recorded server had sent one or not: the client waits for it."""
    octets = get("/a", "Content-Length: 2", "Expect: 100-continue", method="PUT") + b"hi"
    server.serve_cassette(cassette(tmp_path, recorded(octets, interim + HELLO)))
    assert ask(server, octets) == b"HTTP/1.1 100 Continue\r\n\r\n" + HELLO


def test_an_expectation_comes_before_the_cassette(server: FakeServer, tmp_path: Path) -> None:
    """So one answer can be changed."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a"), HELLO), recorded(get("/b"), HELLO)))
    server.expect("/a").respond(data="mine")
    assert ask(server, get("/a") + get("/b")).endswith(b"mine" + HELLO)


def test_what_was_served_can_be_recorded_and_served_again(server: FakeServer, tmp_path: Path) -> None:
    """From the journal to a cassette, and back."""
    server.expect("/a").respond(json={"a": 1})
    answer = ask(server, get("/a"))
    with FakeServer() as other:
        other.serve_cassette(cassette(tmp_path, server.journal[0].exchange))
        assert ask(other, get("/a")) == answer


def test_a_request_that_was_not_recorded_says_which_are_nearest() -> None:
    """And in what they differ; secrets are not shown."""
    answers = CassetteAnswers([recorded(get("/a?x=1"), HELLO), recorded(get("/b"), HELLO)], "some.yaml")
    text = answers.nearest(entry_of(get("/a?x=2&token=geheim")))
    assert text.startswith("some.yaml has 2 exchanges, of which 0 have been served.\n  exchange 1: GET http://api")
    assert "query: x: recorded '1', sent '2'" in text
    assert "geheim" not in text


def test_a_file_that_is_no_cassette_is_one_clear_error(server: FakeServer, tmp_path: Path) -> None:
    """Where it is served, not when the first request comes."""
    (tmp_path / "bad.yaml").write_text("hello", encoding="utf-8")
    with pytest.raises(BadCassette, match=r"bad\.yaml"):
        server.serve_cassette(tmp_path / "bad.yaml")


RULES = Redaction(names=("account",), headers=("X-Account",), patterns=(r"number (\w+)",))


def test_secrets_are_known_by_the_rules_that_the_cassette_was_recorded_with(server: FakeServer, tmp_path: Path) -> None:
    """They are no difference; without the rules they are one."""
    file = cassette(tmp_path, redact(recorded(get("/a?account=secret&x=1"), HELLO), RULES))
    octets = get("/a?account=geheim&x=1")
    assert CassetteAnswers.load(file).answer(entry_of(octets)) is None
    server.serve_cassette(file, redact=RULES)
    assert ask(server, octets) == HELLO


def test_what_these_rules_call_a_secret_is_shown_nowhere(server: FakeServer, tmp_path: Path) -> None:
    """Neither in what the cassette says, nor in what is said of the request and of expectations beside it."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a?account=geheim1&x=1"), HELLO)), redact=RULES)
    content = b'{"account": "geheim2", "text": "number geheim3"}'
    fields = ["X-Account: geheim4", "Content-Type: application/json", f"Content-Length: {len(content)}"]
    server.expect_request("/a", query_string={"account": "other"}, json={"account": "other"}, headers={"X-Account": ""})
    server.expect_request("/a", query_string="account=other", data=b"other")
    text = ask(server, get("/a?account=geheim5&x=2", *fields, method="POST") + content).decode()
    assert "query: x: recorded '1', sent '2'" in text
    assert "geheim" not in text
    assert "geheim" not in str(server.assertions)


def test_without_rules_secrets_are_compared_and_still_not_shown(server: FakeServer, tmp_path: Path) -> None:
    """As with use_cassette."""
    server.serve_cassette(cassette(tmp_path, recorded(get("/a?token=geheim1"), HELLO)), redact=None)
    text = ask(server, get("/a?token=geheim2")).decode()
    assert "query: it differs in a secret" in text
    assert "geheim" not in text
    assert ask(server, get("/a?token=geheim1")) == HELLO


def test_what_is_compared_can_be_chosen(server: FakeServer, tmp_path: Path) -> None:
    """By the names and functions that use_cassette takes."""

    def same_version(old: Request, new: Request) -> Difference | None:
        return None if old.headers.get("X-V") == new.headers.get("X-V") else Difference("version")

    file = cassette(tmp_path, recorded(get("/a?x=1", "X-V: 2"), HELLO))
    server.serve_cassette(file, match_on=("method", "path", same_version))
    assert b"version: differs" in ask(server, get("/a?x=2", "X-V: 1"))
    assert ask(server, get("/a?x=2", "X-V: 2")) == HELLO


@pytest.mark.parametrize("name", ["host", "port", "url"])
def test_the_servers_own_address_is_nothing_to_compare(server: FakeServer, tmp_path: Path, name: str) -> None:
    """It is another one in any case."""
    file = cassette(tmp_path, recorded(get("/a"), HELLO))
    with pytest.raises(ValueError, match="host and port of a fake server are its own"):
        server.serve_cassette(file, match_on=("method", name))


def test_what_was_served_is_saved_and_served_again(server: FakeServer, tmp_path: Path) -> None:
    """As a cassette: byte for byte, with the end of each, and secrets only as stand-ins."""
    path = tmp_path / "served.yaml"
    server.expect("/whole").respond(json={"token": "s3cr3t-of-mine"})
    server.expect("/cut").respond(data="hello").with_fault(Truncate(2, then="reset"))
    whole = requests.get(server.url_for("/whole"), headers={"Authorization": "Bearer abc"}, timeout=10)
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(server.url_for("/cut"), timeout=10)
    assert server.save_cassette(path) == 2
    text = path.read_text("utf-8")
    assert "s3cr3t-of-mine" not in text
    assert "Bearer abc" not in text
    with FakeServer() as another:
        another.serve_cassette(path)
        again = requests.get(another.url_for("/whole"), headers={"Authorization": "Bearer abc"}, timeout=10)
        assert (again.status_code, again.headers) == (whole.status_code, whole.headers)
        with pytest.raises(requests.exceptions.RequestException):
            requests.get(another.url_for("/cut"), timeout=10)
        assert b"\r\n\r\nhe" in another.journal.one(path="/cut").sent
    with use_cassette(path, mode="none", match_on=("method", "path")):
        assert requests.get(server.url_for("/whole"), timeout=10).status_code == 200
        with pytest.raises(requests.exceptions.RequestException):
            requests.get(server.url_for("/cut"), timeout=10)


def test_a_cassette_that_is_saved_takes_the_place_of_the_old_one(server: FakeServer, tmp_path: Path) -> None:
    """Nothing of it is left, and nothing beside it; without requests it stays."""
    path = tmp_path / "served.yaml"
    assert server.save_cassette(path) == 0
    server.expect("/a").respond(data="x")
    for _ in range(2):
        requests.get(server.url_for("/a"), timeout=10)
        assert server.save_cassette(path, redact=None) == len(server.journal)
    assert len(load(path)) == 2
    assert list(tmp_path.iterdir()) == [path]


def test_faults_befall_recorded_answers(server: FakeServer, tmp_path: Path) -> None:
    """All of them, or those that are meant."""
    path = tmp_path / "served.yaml"
    server.expect("/a").respond(data="hello")
    for _ in range(2):
        requests.get(server.url_for("/a"), timeout=10)
    server.save_cassette(path)
    with FakeServer() as another:
        another.serve_cassette(path, faults=[Pause(seconds=0.001)]).with_fault(Truncate(2), on=2)
        assert requests.get(another.url_for("/a"), timeout=10).text == "hello"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(another.url_for("/a"), timeout=10)
        outcomes = [entry.outcome for entry in another.journal]
        assert outcomes == ["pause(seconds=0.001)", "pause(seconds=0.001) + truncate(octets=2)"]
        with pytest.raises(BadExpectation, match="before there is an answer"):
            another.serve_cassette(path, faults=[EarlyResponse()])
