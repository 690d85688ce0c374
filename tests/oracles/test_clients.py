"""Clients that stand on http.client send the same, and see the same, with `httplib_sim.client` in its place."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fake_server import FakeServer, Raw, Streamed, Then

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request, Response

PROGRAM = Path(__file__).with_name("client_scenarios.py")
CLIENTS = ["botocore", "httplib2", "requests", "urllib3", "urllib_request"]
PATIENCE = 60.0
BAD = {"cut chunks", "closed", "no http", "stall"}
"""The questions to which there is no good answer; botocore takes a body that was cut for one."""

HEAD = b"HTTP/1.1 200 OK\r\n"
RAW = {
    "/until-close": b"HTTP/1.0 200 Fine\r\n\r\nto the end",
    "/cut": HEAD + b"Content-Length: 50\r\n\r\nhello",
    "/cut-chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo",
    "/closed": b"",
    "/no-http": b"220 mail.example.com ESMTP\r\n",
}
FIELDS = HEAD + b"Content-Length: 2\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Latin: \xe9\r\n\r\nhi"


def echo(request: Request) -> Response:
    """The content of the request, and how it was framed."""
    from werkzeug import Response

    framing = {name: request.headers.get(name, "-") for name in ("Content-Length", "Transfer-Encoding", "Content-Type")}
    return Response(request.get_data(), headers={f"X-{name}": value for name, value in framing.items()})


def prepare(server: FakeServer) -> None:
    """Have the server answer all that `client_scenarios` asks."""
    server.expect_request("/text").respond(data="some text", headers={"X-Text": "1"})
    server.expect_request("/echo").respond_with_handler(echo)
    server.expect_request("/nothing").respond(status=204)
    server.expect_request("/chunks").respond(
        Streamed(200, [], [b"one", b"two", b"three" * 3000], trailers=[("X-Sum", "9")])
    )
    packed = gzip.compress(b"unpacked " * 100, mtime=0)
    server.expect_request("/gzip").respond(data=packed, headers={"Content-Encoding": "gzip"})
    server.expect_request("/redirect").respond(status=302, headers={"Location": "/text"}, data="over there")
    server.expect_request("/stall").respond(Raw(b"", Then.STALL))
    server.expect_request("/fields").respond(Raw(FIELDS, Then.KEEP))
    server.expect_request("/missing").respond(status=404, data="not here")
    for path, octets in RAW.items():
        server.expect_request(path).respond(Raw(octets, Then.CLOSE))


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[FakeServer, FakeServer]]:
    """A server without and one with TLS."""
    with FakeServer() as plain, FakeServer(tls=True) as secure:
        prepare(plain)
        prepare(secure)
        yield plain, secure


Requests = list[tuple[int, bytes]]


def conversation(
    kind: str, client: str, servers: tuple[FakeServer, FakeServer]
) -> tuple[str, dict[str, Any], Requests]:
    """Whose connections were used, what the client saw, and the requests with the numbers of their connections."""
    plain, secure = servers
    for server in servers:
        server.journal.clear()
    command = [sys.executable, str(PROGRAM), kind, client, plain.url, secure.url, str(secure.tls.ca_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    module, seen = json.loads(done.stdout)
    requests: Requests = []
    for server in servers:
        entries = list(server.journal)
        numbers = sorted({entry.caller.connection for entry in entries})
        requests += [(numbers.index(entry.caller.connection), entry.octets) for entry in entries]
    return module, seen, requests


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_cannot_tell_the_difference(client: str, servers: tuple[FakeServer, FakeServer]) -> None:
    """Bodies, chunks, gzip, redirects, TLS, kept connections, time-outs, bad answers: the same octets and outcomes."""
    if client != "urllib_request" and find_spec(client) is None:
        pytest.skip(f"{client} is not installed")
    module, seen, requests = conversation("plain", client, servers)
    assert module == "http.client"
    bad = {question for question, result in seen.items() if isinstance(result[0], str)}
    assert BAD <= bad <= BAD | {"cut"}
    our_module, seen_with_ours, requests_with_ours = conversation("swapped", client, servers)
    assert our_module == "httplib_sim.client"
    assert seen_with_ours == seen
    assert requests_with_ours == requests
