"""What clients that stand on http.client see of a server: a program for a process of its own.

Law: one function for each client, which asks as its users would, and one list of questions for all. http.client, or
ours in its place, is chosen before a client is imported. What was seen goes to the standard output, as JSON.

Usage: ``python client_scenarios.py plain|swapped CLIENT HTTP_URL HTTPS_URL CA_PATH``
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Seen = list[Any]

PATIENCE: Final = 30.0
SHORT: Final = 0.2


def seen(status: int, reason: str | None, fields: Any, content: bytes) -> Seen:
    """What is compared of a response."""
    return [status, reason, sorted((name.lower(), value) for name, value in fields), content.decode("latin-1")]


def urllib_request(ca_path: str) -> Callable[..., Seen]:
    """Python's own client."""
    request: Any = importlib.import_module("urllib.request")
    error: Any = importlib.import_module("urllib.error")
    ssl: Any = importlib.import_module("ssl")
    context = ssl.create_default_context(cafile=ca_path)
    opener = request.build_opener(request.ProxyHandler({}), request.HTTPSHandler(context=context))

    def ask(method: str, url: str, body: Any = None, headers: Any = (), timeout: float = PATIENCE) -> Seen:
        try:
            answer = opener.open(request.Request(url, body, dict(headers), method=method), timeout=timeout)
        except error.HTTPError as problem:
            answer = problem
        with answer:
            return seen(answer.status, answer.reason, answer.headers.items(), answer.read())

    return ask


def urllib3(ca_path: str) -> Callable[..., Seen]:
    """The client below the others; content is read as it comes."""
    library: Any = importlib.import_module("urllib3")
    pool = library.PoolManager(ca_certs=ca_path)

    def ask(method: str, url: str, body: Any = None, headers: Any = (), timeout: float = PATIENCE) -> Seen:
        answer = pool.request(
            method, url, body=body, headers=dict(headers), timeout=timeout, retries=library.Retry(3, connect=0, read=0),
            preload_content=False,
        )  # fmt: skip
        content = b"".join(answer.stream(7))
        answer.release_conn()
        return seen(answer.status, answer.reason, answer.headers.items(), content)

    return ask


def requests(ca_path: str) -> Callable[..., Seen]:
    """The best known one."""
    library: Any = importlib.import_module("requests")
    session = library.Session()
    session.trust_env = False
    session.verify = ca_path

    def ask(method: str, url: str, body: Any = None, headers: Any = (), timeout: float = PATIENCE) -> Seen:
        answer = session.request(method, url, data=body, headers=dict(headers), timeout=timeout)
        return seen(answer.status_code, answer.reason, answer.headers.items(), answer.content)

    return ask


def httplib2(ca_path: str) -> Callable[..., Seen]:
    """One that subclasses http.client's connections by itself."""
    library: Any = importlib.import_module("httplib2")
    clients: dict[float, Any] = {}

    def ask(method: str, url: str, body: Any = None, headers: Any = (), timeout: float = PATIENCE) -> Seen:
        if timeout not in clients:
            clients[timeout] = library.Http(timeout=timeout, ca_certs=ca_path, proxy_info=None)
        answer, content = clients[timeout].request(url, method, body=body, headers=dict(headers))
        return seen(answer.status, answer.reason, answer.items(), content)

    return ask


def botocore(ca_path: str) -> Callable[..., Seen]:
    """AWS' one, which has its own way to wait for 100 (Continue)."""
    session: Any = importlib.import_module("botocore.httpsession")
    awsrequest: Any = importlib.import_module("botocore.awsrequest")
    sessions: dict[float, Any] = {}

    def ask(method: str, url: str, body: Any = None, headers: Any = (), timeout: float = PATIENCE) -> Seen:
        if timeout not in sessions:
            sessions[timeout] = session.URLLib3Session(verify=ca_path, timeout=timeout)
        prepared = awsrequest.AWSRequest(method, url, data=body, headers=dict(headers)).prepare()
        answer = sessions[timeout].send(prepared)
        return seen(answer.status_code, None, answer.headers.items(), answer.content)

    return ask


CLIENTS: Final = {ask.__name__: ask for ask in (botocore, httplib2, requests, urllib3, urllib_request)}


def pieces() -> Iterator[bytes]:
    """A body whose length nobody knows."""
    yield b"one"
    yield b"two" * 1000


def questions(client: str, base: str, secure: str) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Yield the name of each question, and how it is asked."""
    yield "get", ("GET", base + "/text?a=1&b=%20"), {"headers": {"X-Odd": "caf\xe9"}}
    yield "again", ("GET", base + "/text"), {}
    yield "head", ("HEAD", base + "/text"), {}
    yield (
        "post",
        ("POST", base + "/echo", b"a=1&b=2"),
        {"headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    )
    yield "long", ("PUT", base + "/echo", b"0123456789abcdef" * 20_000), {}
    yield "nothing", ("POST", base + "/echo"), {}
    yield "expect", ("PUT", base + "/echo", b"wait for it"), {"headers": {"Expect": "100-continue"}}
    yield "delete", ("DELETE", base + "/nothing"), {}
    yield "chunks", ("GET", base + "/chunks"), {}
    yield "gzip", ("GET", base + "/gzip"), {"headers": {"Accept-Encoding": "gzip"}}
    yield "until close", ("GET", base + "/until-close"), {}
    yield "missing", ("GET", base + "/missing"), {}
    yield "fields", ("GET", base + "/fields"), {}
    if client != "botocore":  # which sends what it can sign
        yield "redirect", ("GET", base + "/redirect"), {}
        yield "unknown length", ("POST", base + "/echo", pieces()), {}
    yield "tls", ("GET", secure + "/text"), {}
    yield "tls again", ("POST", secure + "/echo", b"secret"), {}
    yield "cut", ("GET", base + "/cut"), {}
    yield "cut chunks", ("GET", base + "/cut-chunks"), {}
    yield "closed", ("POST", base + "/closed", b"x"), {}
    yield "no http", ("POST", base + "/no-http", b"x"), {}
    yield "stall", ("GET", base + "/stall"), {"timeout": SHORT}
    yield "after all that", ("GET", base + "/text"), {}


def answer(ask: Callable[..., Seen], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Seen:
    """What is seen: a response, or the names of an exception and of those that it came from, down to http.client's."""
    lowest: Any = importlib.import_module("http.client").HTTPException
    try:
        return ask(*arguments, **keywords)
    except Exception as problem:  # noqa: BLE001  what is raised is what is to be compared
        names = []
        cause: BaseException | None = problem
        while cause is not None:
            names.append(type(cause).__name__)
            cause = None if isinstance(cause, lowest) else cause.__cause__ or cause.__context__
        return names


def main() -> int:
    """Ask all the questions with the client that the command line names."""
    kind, client, base, secure, ca_path = sys.argv[1:]
    if kind == "swapped":
        importlib.import_module("run_suite").swap()  # in the program's own folder
    ask = CLIENTS[client](ca_path)
    found = {name: answer(ask, arguments, keywords) for name, arguments, keywords in questions(client, base, secure)}
    module: Any = importlib.import_module("http.client")
    print(json.dumps([module.HTTPConnection.__module__, found]))  # noqa: T201  what it is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
