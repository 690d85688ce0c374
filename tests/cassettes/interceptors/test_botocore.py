"""Tests of `cassettes.interceptors.botocore`: what we say is no failure that it may try again after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]

from cassettes import CassetteMissing, NetworkBlocked, network, use_cassette
from fake_server import FakeServer

if TYPE_CHECKING:
    from pathlib import Path


def client(retries: str, url: str | None = None) -> Any:
    """A client for a service, which tries again after failures in one of botocore's ways."""
    return botocore.session.get_session().create_client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        endpoint_url=url,
        config=Config(retries={"mode": retries, "max_attempts": 3}),
    )


@pytest.mark.parametrize("retries", ["legacy", "standard"])
def test_a_blocked_network_is_asked_once(retries: str, tmp_path: Path) -> None:
    """And the error is ours, also where a cassette would record."""
    service = client(retries)
    with use_cassette(tmp_path / "x.yaml", strict=False), network("block") as counts:
        with pytest.raises(NetworkBlocked, match="got the request GET https://s3"):
            service.list_buckets()
        assert len(counts.blocked) == 1


@pytest.mark.parametrize("retries", ["legacy", "standard"])
def test_a_miss_is_told_once(retries: str, tmp_path: Path) -> None:
    """As it is, and not within an error of botocore's."""
    with FakeServer() as server:
        service = client(retries, server.url)
        missing = pytest.raises(CassetteMissing)
        with missing, use_cassette(tmp_path / "x.yaml", mode="none") as cassette:
            service.list_buckets()
        assert len(cassette.errors) == 1


def test_its_own_errors_are_its_own(tmp_path: Path) -> None:
    """Nothing else is changed."""
    with FakeServer() as server, use_cassette(tmp_path / "x.yaml"):
        server.expect("/").respond(status=403)
        with pytest.raises(Exception, match="403") as caught:
            client("standard", server.url).list_buckets()
        assert type(caught.value).__module__ == "botocore.exceptions"
