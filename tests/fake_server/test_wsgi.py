"""WSGI and werkzeug: requests to handlers and applications, and what they answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import flask
import pytest
import requests
from werkzeug import Request, Response
from werkzeug.exceptions import NotFound

from fake_server import BadExpectation, Canned, FakeServer
from fake_server.wsgi import environ_of, request_of
from httplib_sim import wire

from .raw import RawClient, ask, get
from .test_journal import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment


def test_an_environ_says_what_the_request_says() -> None:
    """As PEP 3333 has it; what it has no place for is in the message, exactly."""
    octets = get("/a%20b/%C3%A9?x=%20", "X-b: 1", "x-B: 2", "Content-Type: a/b", "Content-Length: 2", method="PUT")
    entry = entry_of(octets + b"hi")
    environ = environ_of(entry)
    assert environ["PATH_INFO"] == "/a b/é".encode().decode("latin-1")
    assert {name: environ[name] for name in ("REQUEST_METHOD", "QUERY_STRING", "HTTP_X_B", "CONTENT_TYPE")} == {
        "REQUEST_METHOD": "PUT",
        "QUERY_STRING": "x=%20",
        "HTTP_X_B": "1,2",
        "CONTENT_TYPE": "a/b",
    }
    assert (environ["CONTENT_LENGTH"], environ["HTTP_HOST"], environ["SERVER_PROTOCOL"]) == ("2", "test", "HTTP/1.1")
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"]) == ("127.0.0.1", "127.0.0.1")
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["wsgi.input"].read() == b"hi"
    message = environ["httplib_sim.message"]
    assert isinstance(message, wire.Request)
    assert message.octets == octets + b"hi"
    assert "HTTP_CONTENT_LENGTH" not in environ


def test_a_field_with_an_underscore_does_not_pass_for_the_contents_length() -> None:
    """It is another name on the wire, though WSGI spells it alike."""
    environ = environ_of(entry_of(get("/", "Content_Length: 99")))
    assert "CONTENT_LENGTH" not in environ
    assert environ["HTTP_CONTENT_LENGTH"] == "99"


def test_a_chunked_request_is_read_to_its_end(server: FakeServer) -> None:
    """The content is in werkzeug's Request, the trailers are in the message."""

    def handler(request: Request) -> Response:
        trailers = request.environ["httplib_sim.message"].body.trailers
        return Response(request.get_data() + b"|" + trailers.fields.get("x-sum").encode())

    server.expect("/").respond_with_handler(handler)
    octets = get("/", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n"
    assert ask(server, octets).endswith(b"abc|3")


def test_a_handler_is_given_what_the_rule_found(server: FakeServer) -> None:
    """Under the name that WSGI tools agree on."""

    def handler(request: Request) -> str:
        return repr(request.environ["wsgiorg.routing_args"])

    server.expect("/users/<int:id>").respond_with_handler(handler)
    assert ask(server, get("/users/7")).endswith(b"((), {'id': 7})")


@pytest.mark.parametrize(("result", "content"), [("text", b"text"), (None, b""), (Response(b"x"), b"x")], ids=repr)
def test_a_handler_may_return_a_response_text_or_nothing(server: FakeServer, result: Any, content: bytes) -> None:
    """As in pytest-httpserver."""
    server.expect("/").respond_with_handler(lambda _: result)
    assert ask(server, get()).partition(b"\r\n\r\n")[2] == content


def test_what_a_handler_must_not_return_is_named(server: FakeServer) -> None:
    """And what it may."""

    def handler(_: Request) -> Any:
        return 5

    server.expect("/").respond_with_handler(handler)
    assert ask(server, get()).startswith(b"HTTP/1.1 500 ")
    with pytest.raises(BadExpectation, match=r"handler\(\) to return a werkzeug Response, a str or None, got int"):
        server.check()


def test_an_http_exception_of_a_handler_is_an_error_of_the_test(server: FakeServer) -> None:
    """It answers 500 like every other, and is raised."""

    def handler(_: Request) -> Response:
        raise NotFound

    server.expect("/").respond_with_handler(handler)
    assert ask(server, get()).startswith(b"HTTP/1.1 500 ")
    with pytest.raises(NotFound):
        server.check()


def test_after_an_error_of_a_handler_the_connection_goes_on(server: FakeServer) -> None:
    """The answer is whole."""

    def handler(_: Request) -> Response:
        raise KeyError("oh")

    server.expect("/").respond_with_handler(handler)
    with RawClient(server) as client:
        for _ in range(2):
            content = client.send(get()).response().body.content
            assert content == b"The request was expected, but answering it failed with KeyError: 'oh'\n"


def streamed(request: Request) -> Response:
    """A response whose content is made while it is sent."""

    def pieces() -> Iterator[str]:
        yield "one,"
        yield request.method

    return Response(pieces())


def test_a_streamed_response_is_chunked_and_keeps_the_connection(server: FakeServer) -> None:
    """To HTTP/1.1."""
    server.expect("/").respond_with_handler(streamed)
    with RawClient(server) as client:
        for _ in range(2):
            response = client.send(get()).response()
            assert [chunk.size for chunk in response.body.chunks or ()] == [4, 3, 0]
            assert response.body.content == b"one,GET"


def test_a_streamed_response_to_http_1_0_ends_with_the_connection(server: FakeServer) -> None:
    """There are no chunks in it."""
    server.expect("/").respond_with_handler(streamed)
    with RawClient(server) as client:
        octets = client.send(get(version="HTTP/1.0")).rest()
    assert b"chunked" not in octets
    assert octets.endswith(b"\r\n\r\none,GET")


def test_a_response_is_closed_when_it_has_been_sent(server: FakeServer) -> None:
    """Streamed or not."""
    closed: list[str] = []

    def handler(request: Request) -> Response:
        response = streamed(request) if request.path == "/streamed" else Response("x")
        response.call_on_close(lambda: closed.append(request.path))
        return response

    server.expect("").respond_with_handler(handler)
    ask(server, get("/streamed") + get("/whole"))
    assert server.journal[1].outcome == "200"
    assert closed == ["/streamed", "/whole"]


def test_head_has_the_length_that_get_would_have(server: FakeServer) -> None:
    """But no content."""
    server.expect("/").respond_with_data("abc")
    octets = ask(server, get(method="HEAD"))
    assert octets.endswith(b"\r\nContent-Length: 3\r\n\r\n")


def test_a_response_that_the_test_changes_is_sent_as_it_is_now(server: FakeServer) -> None:
    """It is turned to octets anew, whatever changed."""
    response = Response("1")
    server.expect("/").respond_with_response(response)
    with RawClient(server) as client:
        assert client.send(get()).response().body.content == b"1"
        response.data = b"2"
        assert client.send(get()).response().body.content == b"2"
        response.headers["A"] = "b"
        assert client.send(get()).response().head.fields.get("a") == "b"
        response.status_code = 404
        assert client.send(get()).response().head.status == 404


def test_a_response_with_an_iterator_is_streamed_once(server: FakeServer) -> None:
    """As in pytest-httpserver: it is used up then."""
    server.expect("/").respond_with_response(Response(iter([b"abc"])))
    with RawClient(server) as client:
        assert client.send(get()).response().body.content == b"abc"
        assert client.send(get()).response().body.content == b""


def test_hooks_change_the_response_one_after_the_other(server: FakeServer) -> None:
    """Each gets what the one before has returned; the log has the last."""

    def first(request: Request, response: Response) -> Response:
        return Response(response.data + request.path.encode())

    def second(_: Request, response: Response) -> Response:
        response.headers["Hooked"] = "yes"
        return response

    server.expect("/a").with_post_hook(first).with_post_hook(second).respond_with_data("x")
    octets = ask(server, get("/a"))
    assert octets.endswith(b"x/a")
    assert b"\r\nHooked: yes\r\n" in octets
    assert server.log[0][1].data == b"x/a"


def test_hooks_need_a_response_of_werkzeugs(server: FakeServer) -> None:
    """Octets that were made before cannot be changed."""
    server.expect("/").with_post_hook(lambda _, response: response).respond(Canned(200))
    assert ask(server, get()).startswith(b"HTTP/1.1 500 ")
    with pytest.raises(BadExpectation, match="a post hook changes werkzeug responses"):
        server.check()


def test_an_application_answers_what_no_expectation_does(server: FakeServer) -> None:
    """Below its prefix, which is its SCRIPT_NAME."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start("202 Mounted", [("A", "b"), ("A", "c")])
        return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}|".encode(), environ["wsgi.input"].read()]

    server.mount(app, "/api")
    server.expect("/api/own").respond(data="expectation")
    octets = get("/api/x%20y?q", "Content-Length: 2", method="PUT") + b"hi"
    head, _, body = ask(server, octets).partition(b"\r\n\r\n")
    assert head == b"HTTP/1.1 202 Mounted\r\nA: b\r\nA: c\r\nTransfer-Encoding: chunked"
    assert wire.parse_responses(head + b"\r\n\r\n" + body)[0].body.content == b"/api|/x y|hi"
    assert ask(server, get("/api/own")).endswith(b"expectation")
    assert b"GET /apis was not expected" in ask(server, get("/apis"))


def test_a_prefix_is_octets_in_the_environ() -> None:
    """Of UTF-8, written as ISO-8859-1, as the rest of the path is (PEP 3333)."""
    environ = environ_of(entry_of(get("/caf%C3%A9/%E2%82%AC")), "/café")
    assert environ["SCRIPT_NAME"] == "/café".encode().decode("latin-1")
    assert environ["PATH_INFO"] == "/€".encode().decode("latin-1")
    assert Request(environ).root_path == "/café"


def test_an_application_without_a_prefix_answers_everything(server: FakeServer) -> None:
    """Also what comes by HEAD, and what it writes the old way."""

    def app(_: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        write = start("200 OK", [("Content-Length", "6")])
        write(b"old")
        return [b"new"]

    server.mount(app)
    assert ask(server, get("/any")).endswith(b"\r\n\r\noldnew")
    assert ask(server, get("/any", method="HEAD")).endswith(b"Content-Length: 6\r\n\r\n")


def test_an_error_of_an_application_is_the_tests(server: FakeServer) -> None:
    """And answers 500."""

    def app(environ: WSGIEnvironment, _: StartResponse) -> list[bytes]:
        raise KeyError(environ["PATH_INFO"])

    server.mount(app)
    assert ask(server, get("/x")).startswith(b"HTTP/1.1 500 ")
    with pytest.raises(KeyError):
        server.check()


def test_a_flask_application_is_served(server: FakeServer) -> None:
    """Sessions, uploads and redirects, through a client we did not write."""
    app = flask.Flask("app")
    app.secret_key = "none"

    @app.route("/upload", methods=["POST"])
    def upload() -> Any:
        flask.session["size"] = len(flask.request.files["file"].read())
        return flask.redirect("/size")

    @app.route("/size")
    def size() -> Any:
        return flask.jsonify(size=flask.session["size"])

    server.mount(app)
    with requests.Session() as session:
        answer = session.post(server.url_for("/upload"), files={"file": io.BytesIO(b"x" * 100_000)}, timeout=10)
    assert answer.json() == {"size": 100_000}
    assert server.journal.connections == 1


def test_a_request_is_made_once() -> None:
    """What a handler has read of it, the log has too."""
    entry = entry_of(get())
    assert request_of(entry) is request_of(entry)
