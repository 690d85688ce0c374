"""Cassettes looked through for secrets."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from cassettes import BadCassette, SecretWarning, use_cassette
from cassettes.redaction import Redaction
from cassettes.scan import scan
from cassettes.store import Store
from cassettes.suspects import Suspicion
from httplib_sim import HTTPConnection

from .exchanges_in_tests import answer, post, recorded
from .tokens_in_tests import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from fake_server import FakeServer

RANDOM = "Zq7Kp2Xw9Lm4Vt8Rb3Nc6Yd"


def ask(server: FakeServer, target: str = "/", **headers: str) -> None:
    """Send a request with *headers*, and read its answer."""
    with HTTPConnection(server.host, server.port) as connection:
        connection.request("GET", target, headers=headers)
        connection.getresponse().read()


def line_of(path: Path, text: str) -> int:
    """Return the number of the first line that has *text*."""
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_a_scan_tells_what_redaction_would_mask(tmp_path: Path) -> None:
    """Each place with the line on which its exchange begins."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    store.append(recorded(post(b'{"password": "hunter2", "b": "xxxx"}')))
    store.append(recorded(post(b'{"a": 1}'), answer(b'{"access_token": "xxxx"}')))
    store.append(recorded(post(b'{"note": "%s"}' % ALL[0].encode(), "application/json", "X-Api-Key: abc")))
    third = line_of(path, "# 0003") - 1
    assert scan(path) == [
        Suspicion(4, "not redacted: request body password"),
        Suspicion(third, "not redacted: request body (GitHub token)"),
        Suspicion(third, "not redacted: request header X-Api-Key"),
    ]
    rules = Redaction(names=("b",), keep=("password", "X-Api-Key"))
    assert scan(path, rules) == [Suspicion(third, "not redacted: request body (GitHub token)")]


def test_a_redacted_cassette_has_nothing_to_tell(tmp_path: Path, fake_server: FakeServer) -> None:
    """Stand-ins are no secrets."""
    path = tmp_path / "a.yaml"
    fake_server.expect_request("/").respond_with_json({"password": "hunter2", "all": ALL, "pin": 4321})
    with use_cassette(path):
        ask(fake_server, Authorization="Bearer abc123def456", Cookie="a=b; c=d")
    assert scan(path) == []


def test_only_a_cassette_can_be_scanned(tmp_path: Path) -> None:
    """Of another file nobody knows where its secrets would be."""
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    with pytest.raises(BadCassette):
        scan(path)


def test_a_recording_warns_of_what_looks_like_a_secret(tmp_path: Path, fake_server: FakeServer) -> None:
    """Of each thing once, with file and line, to the place where the cassette is used; the value is not shown."""
    path = tmp_path / "a.yaml"
    fake_server.expect_request("/").respond_with_data("")
    use = use_cassette(path)
    use.__enter__()
    ask(fake_server, **{"X-Foo-Key": RANDOM})
    ask(fake_server, "/?foo_key=" + RANDOM)
    with pytest.warns(SecretWarning) as caught:
        use.close()
    [warning] = caught
    text = str(warning.message)
    assert f"{path}:{line_of(path, 'X-Foo-Key')}: a random value of 'X-Foo-Key'" in text
    assert f"{path}:{line_of(path, 'foo_key')}: a random value of 'foo_key'" in text
    assert text.count(str(path)) == 2
    assert RANDOM not in text
    assert warning.filename == __file__


def test_only_what_is_new_is_warned_of(tmp_path: Path, fake_server: FakeServer) -> None:
    """A replay warns of nothing; nor does a recording that was told to keep, or to redact nothing."""
    path = tmp_path / "a.yaml"
    fake_server.expect_request("/").respond_with_data("")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecretWarning)
        with use_cassette(path):
            ask(fake_server, **{"X-Foo-Key": RANDOM})
    with use_cassette(path, mode="none"):
        ask(fake_server, **{"X-Foo-Key": RANDOM})
    with use_cassette(path, mode="new_episodes", strict=False):
        ask(fake_server, "/?b=1")
    with use_cassette(tmp_path / "b.yaml", redact=Redaction(keep=("X-Foo-Key",))):
        ask(fake_server, **{"X-Foo-Key": RANDOM})
    with use_cassette(tmp_path / "c.yaml", redact=None):
        ask(fake_server, **{"X-Foo-Key": RANDOM})
    with pytest.warns(SecretWarning) as caught, use_cassette(path, mode="new_episodes", strict=False):
        ask(fake_server, "/?c_key=" + RANDOM)
    assert f"{path}:{line_of(path, 'c_key')}: " in str(caught[0].message)


def test_many_suspicions_are_told_in_few_lines(tmp_path: Path, fake_server: FakeServer) -> None:
    """And the command that tells all."""
    path = tmp_path / "a.yaml"
    fake_server.expect_request("/").respond_with_data("")
    with pytest.warns(SecretWarning) as caught, use_cassette(path):
        ask(fake_server, **{f"X-Foo-Key-{number}": RANDOM for number in range(9)})
    assert len(str(caught[0].message).splitlines()) == 8
    assert f"and 4 more: httplib-sim scan {path}" in str(caught[0].message)


def test_a_warning_does_not_take_the_place_of_an_error(tmp_path: Path, fake_server: FakeServer) -> None:
    """What went wrong in the block comes first."""
    fake_server.expect_request("/").respond_with_data("")

    @use_cassette(tmp_path / "a.yaml")
    def fail() -> None:
        ask(fake_server, **{"X-Foo-Key": RANDOM})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
