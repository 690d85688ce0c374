"""The contract, for the clients that need an environment of their own: run by ``make apart``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .scenarios import SCENARIOS
from .test_contract import check

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("niquests", reason="make apart has the environment of these clients")
pytest.importorskip("geventhttpclient", reason="make apart has the environment of these clients")

from .apart import APART


@pytest.mark.parametrize("scenario_name", SCENARIOS)
@pytest.mark.parametrize("client_name", APART)
def test_live_recorded_and_replayed_are_the_same(client_name: str, scenario_name: str, tmp_path: Path) -> None:
    """For each client and scenario."""
    check(APART[client_name], scenario_name, tmp_path / "x.yaml")
