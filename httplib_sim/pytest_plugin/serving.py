"""The fixtures `fake_server`, `fake_servers`, `fake_sessions` and `fake_ca`, and the marker `fake_server`.

Law: starts and stops servers, and tells what they find; what they are is the business of the package `fake_server`,
which is imported when a test asks.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from .findings import watch_for
from .ours import ours

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from fake_server import Authority, FakeServer, Session, SharedServer, Vocabulary
    from fake_server.remote import RemoteSession

    from .findings import Watch


@pytest.fixture
def fake_servers(request: pytest.FixtureRequest) -> Generator[Callable[..., FakeServer], None, None]:
    """A function that starts one more fake server, with the options of `fake_server.FakeServer`.

    With ``verify=False`` what it finds does not fail the test; ``unmatched=`` is the status for what is not expected.

    All of them stop with the test.
    """
    package = ours("fake_server", request)
    started: list[FakeServer] = []

    def start(*, verify: bool = True, unmatched: int | None = None, **options: Any) -> FakeServer:  # noqa: ANN401
        server: FakeServer = package.FakeServer(**options)
        server.start()
        started.append(server)
        if unmatched is not None:
            server.no_handler_status_code = unmatched
        if verify:
            watch_for(request, _watch_of(server, f"fake server {server.url}"))
        return server

    yield start
    problems = [problem for server in reversed(started) if (problem := _stop(server))]
    if problems:
        pytest.fail("\n\n".join(problems), pytrace=False)


@pytest.fixture
def fake_server(fake_servers: Callable[..., FakeServer], request: pytest.FixtureRequest) -> FakeServer:
    """A fresh fake HTTP server for this test, verified at its end; the marker of its name has options for it."""
    markers = reversed(list(request.node.iter_markers("fake_server")))
    return fake_servers(**{name: value for marker in markers for name, value in marker.kwargs.items()})


@pytest.fixture
def fake_sessions(request: pytest.FixtureRequest) -> Generator[Callable[..., Session | RemoteSession], None, None]:
    """A function that opens a session on a fake server which tests share: ``fake_sessions(server)``.

    That is a `FakeServer` of this process, or a `SharedServer` of another.

    It takes the options of `FakeServer.session`, and ``verify=`` and ``unmatched=`` as `fake_servers` does. All of them
    are closed with the test.
    """
    with contextlib.ExitStack() as stack:

        def start(
            server: FakeServer | SharedServer,
            key: str | None = None,
            *,
            verify: bool = True,
            unmatched: int | None = None,
            **options: Any,  # noqa: ANN401
        ) -> Session | RemoteSession:
            session = server.session(key, **options)
            stack.enter_context(session)
            if unmatched is not None:
                session.no_handler_status_code = unmatched
            if verify:
                watch_for(request, _watch_of(session, f"session on the fake server {server.url}"))
            return session

        yield start


@pytest.fixture
def fake_ca(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority that issues the fake servers' certificates.

    As long as the test lasts, the environment tells clients and other programs to trust it.
    """
    authority: Authority = ours("fake_server", request).authority()
    for name, value in authority.client_env().items():
        monkeypatch.setenv(name, value)
    return authority


def _stop(server: FakeServer) -> str:
    """Stop *server*, and return what went wrong: whatever it is, the other servers are to be stopped, too."""
    try:
        server.stop()
    except Exception as problem:  # noqa: BLE001  it is told
        return f"fake server {server.url}: {type(problem).__name__}: {problem}"
    return ""


def _watch_of(party: Vocabulary, name: str) -> Watch:
    """Tell what *party*, a server or a session, has found, each finding once; and where the test fails, its remarks."""
    told: list[str] = []

    def watch(failure: BaseException | None, *, unused: bool) -> str:
        from fake_server.report import listed  # noqa: PLC0415  not before a test asks

        findings = [finding for finding in party.findings(unused=unused) if finding not in told]
        beside = party.remarks_beside() if findings or failure is not None else []
        remarks = [remark for remark in beside if remark not in told]
        told.extend([*findings, *remarks])
        text = listed(findings, remarks) if findings else "\n\n".join(remarks)
        return f"{name}: {text}" if text else ""

    return watch
