"""A running server for each test here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that runs; what it was not expected to get is not verified."""
    with FakeServer() as running:
        yield running
