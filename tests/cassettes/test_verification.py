"""`cassettes.verification`: a use of a cassette that asks the live servers, and compares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cassettes import CassetteDrift, CassetteMissing, use_cassette
from httplib_sim import HTTPConnection

if TYPE_CHECKING:
    from pathlib import Path

    from fake_server import FakeServer


def get(server: FakeServer, target: str = "/zen") -> bytes:
    """The content of a response."""
    with HTTPConnection(server.host, server.port, timeout=10) as connection:
        connection.request("GET", target)
        content: bytes = connection.getresponse().read()
        return content


@pytest.fixture
def path(tmp_path: Path, fake_server: FakeServer) -> Path:
    """A cassette whose server answers as it did."""
    fake_server.expect_request("/zen").respond_with_json({"id": 1})
    path = tmp_path / "zen.yaml"
    with use_cassette(path):
        get(fake_server)
    return path


def test_where_nothing_has_changed_nothing_is_told(path: Path, fake_server: FakeServer) -> None:
    """The requests went out, in whatever mode, and the file is as it was."""
    before = path.read_bytes()
    asked = len(fake_server.journal)
    for mode in ("none", "once", "new_episodes", "all"):
        with use_cassette(path, mode=mode, verify=True):
            assert json.loads(get(fake_server)) == {"id": 1}
    assert len(fake_server.journal) == asked + 4
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_the_program_has_the_live_answer_and_the_end_tells_what_differs(path: Path, fake_server: FakeServer) -> None:
    """What it asks for next depends on it."""
    before = path.read_bytes()
    fake_server.clear()
    fake_server.expect_request("/zen").respond_with_json({"id": 2, "name": "new"})
    got = b""

    def use() -> None:
        nonlocal got
        with use_cassette(path, verify=True):
            got = get(fake_server)

    with pytest.raises(CassetteDrift) as caught:
        use()
    assert json.loads(got) == {"id": 2, "name": "new"}
    assert str(caught.value).splitlines() == [
        "the live servers answer otherwise than recorded (the file is as it was):",
        f"  {path}:4: GET {fake_server.url_for('/zen')}",
        "    $.id: recorded 1, live 2",
        '    $.name: recorded nothing, live "new"',
    ]
    assert path.read_bytes() == before


def test_a_shape_is_enough_where_values_change(path: Path, fake_server: FakeServer) -> None:
    """Identifiers and times are others each time."""
    fake_server.clear()
    fake_server.expect_request("/zen").respond_with_json({"id": 2})
    with use_cassette(path, verify="shape"):
        get(fake_server)


def test_without_a_cassette_there_is_nothing_to_verify(tmp_path: Path) -> None:
    """And nothing is asked."""
    with (
        pytest.raises(CassetteMissing, match="but there is none"),
        use_cassette(tmp_path / "x.yaml", verify=True),
    ):
        pytest.fail("the block must not begin")


def test_a_word_that_says_nothing_is_refused() -> None:
    """Where the cassette is named."""
    with pytest.raises(ValueError, match="one of values, shape"):
        use_cassette("x.yaml", verify="all")


def test_what_is_not_asked_for_is_told(path: Path) -> None:
    """Unless that does not matter, or the program failed by itself, which is told alone."""
    with pytest.raises(CassetteDrift, match="was recorded, and not sent now"), use_cassette(path, verify=True):
        pass
    with use_cassette(path, verify=True, strict=False):
        pass
    with pytest.raises(KeyError), use_cassette(path, verify=True):
        raise KeyError


def test_large_bodies_leave_nothing_behind(tmp_path: Path, fake_server: FakeServer) -> None:
    """They are compared by their sizes."""
    path = tmp_path / "zen.yaml"
    fake_server.expect_request("/zen").respond_with_data(b"a" * 5_000_000)
    with use_cassette(path):
        get(fake_server)
    before = sorted(tmp_path.rglob("*"))
    with use_cassette(path, verify=True):
        get(fake_server)
    fake_server.clear()
    fake_server.expect_request("/zen").respond_with_data(b"a" * 5_000_001)
    with (
        pytest.raises(CassetteDrift, match="content: recorded 5000000 octets, live 5000001"),
        use_cassette(path, verify=True),
    ):
        get(fake_server)
    assert sorted(tmp_path.rglob("*")) == before
