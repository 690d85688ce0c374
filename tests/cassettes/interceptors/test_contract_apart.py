"""The contract, for the clients that need an environment of their own: run by ``make apart``."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from cassettes.errors import CassetteError
from cassettes.use import use_cassette
from fake_server import FakeServer

from .scenarios import SCENARIOS
from .test_contract import check

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("niquests", reason="make apart has the environment of these clients")
pytest.importorskip("geventhttpclient", reason="make apart has the environment of these clients")

import niquests  # type: ignore[import-not-found, unused-ignore]

from .apart import APART


@pytest.mark.parametrize("scenario_name", SCENARIOS)
@pytest.mark.parametrize("client_name", APART)
def test_live_recorded_and_replayed_are_the_same(client_name: str, scenario_name: str, tmp_path: Path) -> None:
    """For each client and scenario."""
    check(APART[client_name], scenario_name, tmp_path / "x.yaml")


def test_an_asynchronous_session_of_niquests_is_refused(tmp_path: Path) -> None:
    """It is not covered, and no request of it may go past a cassette: also where the program swallows the error."""

    async def program(url: str) -> None:
        async with niquests.AsyncSession() as session:
            with contextlib.suppress(Exception):
                await session.get(url)

    with (
        FakeServer() as server,
        pytest.raises(CassetteError, match="not covered"),
        use_cassette(tmp_path / "x.yaml", mode="all"),
    ):
        asyncio.run(program(server.url_for("/")))
    assert len(server.journal) == 0
