"""Tests of `cassettes.interceptors.httplib_sim`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassettes import use_cassette
from cassettes.switch import SwitchSocket
from httplib_sim import waist
from tests.cassettes.origin import OriginServer, answering

if TYPE_CHECKING:
    from pathlib import Path


def test_our_client_gets_switches_once_cassettes_are_used(tmp_path: Path) -> None:
    """Also outside any cassette: what a pool keeps from before must ask, too, which cassette is current."""
    use_cassette(tmp_path / "x.yaml")
    with OriginServer(answering()) as server:
        sock: object = waist.connect(server.origin, server.connect)
        assert isinstance(sock, SwitchSocket)
        sock.close()
