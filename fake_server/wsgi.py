"""WSGI and werkzeug: requests as werkzeug has them, and its responses as answers.

Law: the only module that knows werkzeug's Request and Response; imported when the first of them is needed. Nothing is
lost on the way: what WSGI has no place for (order and case of the fields, chunks, trailers) is in
``environ["httplib_sim.message"]``.
"""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug import Request, Response
from werkzeug.test import run_wsgi_app

from httplib_sim.wire.head import version_text

from .answers import Canned, Streamed
from .errors import BadExpectation
from .target import path_octets, split_target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from .connection import Answer
    from .journal import Entry
    from .schedules import Schedule

Handler = Callable[[Request], Response | str | None]
"""What answers requests by code: it may return a Response, the content as text, or None for no content."""

Hook = Callable[[Request, Response], Response]
"""Changes a response before it is sent, or puts another in its place."""


def environ_of(entry: Entry, prefix: str = "") -> WSGIEnvironment:
    """Return the WSGI environment of a request (PEP 3333); *prefix* of its path is the application's own.

    ``httplib_sim.message`` is the `wire.Request` exactly as received, ``wsgiorg.routing_args`` what a rule found in
    the path.
    """
    request = entry.request
    if request is None:
        raise ValueError(f"{entry!r} is no request")
    head, origin = request.head, entry.caller.origin
    path, query = split_target(head.target)
    octets = path_octets(path)
    script = prefix.encode()
    peer = entry.caller.peer
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": script.decode("latin-1"),
        "PATH_INFO": octets[len(script) :].decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": head.target,
        "SERVER_NAME": origin.host,
        "SERVER_PORT": str(origin.port),
        "SERVER_PROTOCOL": version_text(head.version),
        "REMOTE_ADDR": peer[0] if isinstance(peer, tuple) else "",
        "REMOTE_PORT": peer[1] if isinstance(peer, tuple) else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(request.body.content) if entry.load is None else io.BufferedReader(_Late(entry)),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgiorg.routing_args": ((), dict(entry.arguments)),
        "httplib_sim.message": request,
        "httplib_sim.entry": entry,
        "httplib_sim.client_certificate": entry.caller.certificate,
    }
    for name, value in head.fields.pairs():
        key = _variable(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


@functools.lru_cache(1024)
def _variable(name: str) -> str:
    """What the environment calls the field *name*."""
    key = name.upper().replace("-", "_")
    return key if name.lower() in _WITHOUT_HTTP else f"HTTP_{key}"


class _Late(io.RawIOBase):
    """The content of a request, which is read when it is asked for."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._content: io.BytesIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._content is None:
            self._content = io.BytesIO(self._entry.content)
        return self._content.readinto(buffer)


_WITHOUT_HTTP = frozenset({"content-type", "content-length"})


def request_of(entry: Entry) -> Request:
    """Return the request of *entry* as werkzeug has it; each time the same one."""
    request, response = entry.werkzeug
    if request is None:
        request = Request(environ_of(entry))
        entry.werkzeug = request, response
    return request


def response_of(entry: Entry) -> Response:
    """Return the answer of *entry* as werkzeug has it: the one a handler gave, or one made from the octets sent."""
    request, response = entry.werkzeug
    if response is None:
        message = entry.response
        if message is None:
            response = Response(entry.sent, status=500)
        else:
            head = message.head
            response = Response(message.body.content, f"{head.status} {head.reason}", head.fields.pairs())
        entry.werkzeug = request, response
    return response


class HandlerAnswers:
    """Answers by calling *handler* for each request."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def response(self, entry: Entry) -> Response:
        """Return what the handler answers. Raises what it raises."""
        return _response(self._handler(request_of(entry)), self._handler)

    def __call__(self, entry: Entry) -> Answer:
        """Return the answer to *entry*."""
        response = self.response(entry)
        entry.werkzeug = entry.werkzeug[0], response
        return answer_of(response, entry)


class ResponseAnswers:
    """Answers with one *response*, made octets once, and again if it has been changed; *constant* ones never are."""

    def __init__(self, response: Response, *, constant: bool = False) -> None:
        self.constant = constant and response.is_sequence and not response.autocorrect_location_header
        self._response = response
        self._snapshot: object = None
        self._canned: Answer | None = None

    def response(self, entry: Entry) -> Response:  # noqa: ARG002  others look at the request
        """Return the response."""
        return self._response

    def __call__(self, entry: Entry) -> Answer:
        """Return the answer to *entry*."""
        response = self._response
        entry.werkzeug = entry.werkzeug[0], response
        if not response.is_sequence:
            return answer_of(response, entry)
        snapshot = (response.status, response.headers.to_wsgi_list(), response.response)
        if self._canned is None or snapshot != self._snapshot:
            self._snapshot = (*snapshot[:2], list(response.iter_encoded()))
            self._canned = answer_of(response, entry)
        return self._canned


def hooked(answers: object, hooks: Iterable[Hook], entry: Entry) -> Answer:
    """Return the answer to *entry* after *hooks* have had their way with it.

    Raises `BadExpectation` if it is no werkzeug Response, and what a hook raises.
    """
    if not isinstance(answers, HandlerAnswers | ResponseAnswers):
        raise BadExpectation("a post hook changes werkzeug responses: answer with one of the respond_with_... methods")
    request = request_of(entry)
    response = answers.response(entry)
    for hook in hooks:
        response = _response(hook(request, response), hook)
    entry.werkzeug = request, response
    return answer_of(response, entry)


class MountedApp:
    """A WSGI application that answers every path below *prefix*."""

    def __init__(self, app: WSGIApplication, prefix: str = "") -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    def answer(self, entry: Entry) -> Answer | None:
        """Return the application's answer; None if the path is not its own. Raises what the application raises."""
        if not f"{entry.path}/".startswith(f"{self._prefix}/"):
            return None
        environ = environ_of(entry, self._prefix)
        pieces, status, fields = run_wsgi_app(self._app, environ)
        code, reason = _status(status)
        return Streamed(code, list(fields), pieces, reason=reason, close=getattr(pieces, "close", None))

    @property
    def schedules(self) -> list[Schedule | None]:
        """None: nothing goes wrong by itself."""
        return []

    def nearest(self, entry: Entry) -> str:
        """Return why there is no answer to *entry*."""
        return f"The application mounted at {self._prefix}/ was not asked: {entry.path} is not below it."

    def __repr__(self) -> str:
        return f"<MountedApp {self._app!r} at {self._prefix or '/'}>"


def answer_of(response: Response, entry: Entry) -> Answer:
    """Return *response* as an answer: in one piece where its content is known, else piece by piece."""
    # The answer leaves the content out for HEAD; werkzeug would leave its length out as well.
    environ: WSGIEnvironment = {"REQUEST_METHOD": "GET"}
    if response.autocorrect_location_header:
        environ = environ_of(entry) | environ
    code, reason = _status(response.status)
    if not response.is_sequence or "Transfer-Encoding" in response.headers:
        pieces, _, fields = response.get_wsgi_response(environ)
        return Streamed(code, fields, pieces, reason=reason, close=getattr(pieces, "close", None))
    fields = response.get_wsgi_headers(environ).to_wsgi_list()
    answer = Canned(code, fields, response.get_data(), reason=reason)
    response.close()
    return answer


def _response(result: object, source: Callable[..., object]) -> Response:
    """What a handler or hook returned, as a response. Raises `BadExpectation` if it can be none."""
    if isinstance(result, Response):
        return result
    if result is None or isinstance(result, str):
        return Response(result or "")
    name = getattr(source, "__qualname__", repr(source))
    raise BadExpectation(f"expected {name}() to return a werkzeug Response, a str or None, got {type(result).__name__}")


def _status(status: str) -> tuple[int, str]:
    """The parts of a status such as "404 NOT FOUND"."""
    code, _, reason = status.partition(" ")
    return int(code), reason
