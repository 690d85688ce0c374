"""The contract: live, recording and replaying, a client is given the same status, headers, content and exceptions.

The replay has no server, no network (whoever connects, or asks for an address, fails) and nobody whom TLS would trust.
"""

from __future__ import annotations

import ssl
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from cassettes import store
from cassettes.use import use_cassette
from tests.cassettes.origin import TIMEOUT, OriginServer

from .blocking import BLOCKING
from .scenarios import PATIENCE, SCENARIOS, Scenario
from .sessions import CLIENTS, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CA = trustme.CA()
_forbidden: list[str] = []


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if _forbidden and event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        _forbidden.append(f"{event} {arguments[1:]}")
        raise AssertionError(_forbidden[-1])


sys.addaudithook(_guard)


@contextmanager
def no_network() -> Iterator[None]:
    """Forbid to connect, and to ask for addresses."""
    _forbidden.append("nothing so far")
    try:
        yield
        assert len(_forbidden) == 1, _forbidden
    finally:
        _forbidden.clear()


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's TLS, and the client's."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("127.0.0.1").configure_cert(server)
    server.set_alpn_protocols(["h2", "http/1.1"])
    client = ssl.create_default_context()
    CA.configure_trust(client)
    return server, client


def outcome(client: type[Session], scenario: Scenario, url: str, tls: ssl.SSLContext | None, patience: float) -> Any:
    """What the program was given: a value, or the class of an exception."""

    class Client(client):  # type: ignore[valid-type, misc]
        trusts = scenario.trusted
        connecting = TIMEOUT if scenario.connects else patience

    async def program() -> Any:
        async with Client(tls, patience) as session:
            session.on_head = scenario.read.set
            return await scenario.program(session, url)

    scenario.read.clear()
    try:
        return client.run(program)
    except Exception as error:  # noqa: BLE001  whatever the client raises is compared
        return type(error)


def check(client: type[Session], scenario_name: str, path: Path) -> None:
    """Hold the contract for one client and scenario; and nothing is recorded that the replay does not ask for."""
    scenario = SCENARIOS[scenario_name]()
    if scenario_name.startswith("ResetInBody") and not client.tells_heads:
        pytest.skip("the server waits until the head has been read, and this client does not tell")
    if scenario_name.startswith("ResetInBody") and not client.sees_resets:
        pytest.skip("live as well, this client goes on waiting until its time is over")
    server_tls, client_tls = contexts() if scenario.tls else (None, None)
    with scenario.elsewhere():
        if not scenario.trusted:
            client_tls = ssl.create_default_context()
        patience = 10.0 if scenario.patient else PATIENCE
        with OriginServer(scenario.script, tls=server_tls) as server:
            live = outcome(client, scenario, scenario.place or server.url, client_tls, patience)
            connections = len(server.peers)
            with use_cassette(path, mode="all"):
                recorded = outcome(client, scenario, scenario.place or server.url, client_tls, patience)
            assert len(server.peers) == 2 * connections or not scenario.counted
        trusts_nobody = ssl.create_default_context() if scenario.tls else None
        with no_network(), use_cassette(path, mode="none"):
            replayed = outcome(client, scenario, scenario.place or server.url, trusts_nobody, patience * 1000)
        assert recorded == live
        assert replayed == live
        if scenario.counted:
            expected = connections if scenario.trusted else 0
            assert len({exchange.connection for exchange in store.load(path)}) == expected
        if isinstance(live, type):
            assert issubclass(live, Exception)
            assert live.__module__.partition(".")[0] != "cassettes"


@pytest.mark.parametrize("scenario_name", SCENARIOS)
@pytest.mark.parametrize("client_name", [*CLIENTS, *BLOCKING])
def test_live_recorded_and_replayed_are_the_same(client_name: str, scenario_name: str, tmp_path: Path) -> None:
    """For each client and scenario."""
    check((CLIENTS | BLOCKING)[client_name], scenario_name, tmp_path / "x.yaml")
