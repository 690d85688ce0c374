"""`httplib_sim.cli.scan`: whether there are secrets in cassettes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from cassettes import use_cassette
from cassettes.redaction import DEFAULT
from httplib_sim import HTTPConnection
from httplib_sim.cli import main
from httplib_sim.cli.errors import Exit

if TYPE_CHECKING:
    import pathlib

    from fake_server import FakeServer

SECRET = "hunter2-Zq7Kp2Xw9Lm4"


def scan(*paths: pathlib.Path) -> Result:
    """Run ``httplib-sim scan`` in this process."""
    return CliRunner().invoke(main, ["scan", *map(str, paths)])


def record(path: pathlib.Path, server: FakeServer, *, redacted: bool) -> None:
    """Record a request with a password to *path*."""
    server.expect_request("/").respond_with_data("")
    rules = DEFAULT if redacted else None
    with use_cassette(path, redact=rules), HTTPConnection(server.host, server.port) as connection:
        connection.request("GET", "/", headers={"X-Password": SECRET})
        connection.getresponse().read()


def test_what_is_found_is_told_with_file_and_line(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """In the files that are named, and those of folders; the exit code is for CI, and the secret is not shown."""
    good, bad = tmp_path / "good.yaml", tmp_path / "folder" / "deeper" / "bad.yaml"
    record(good, fake_server, redacted=True)
    record(bad, fake_server, redacted=False)
    result = scan(good, tmp_path / "folder")
    assert result.exit_code == Exit.FAILED
    assert result.stdout.splitlines()[0] == f"{bad}:4: not redacted: request header X-Password"
    assert SECRET not in result.output
    assert result.stderr == f"{len(result.stdout.splitlines())} found in 2 cassettes\n"


def test_a_cassette_without_secrets_is_a_success(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """Nothing is printed that CI would show."""
    record(tmp_path / "a.yaml", fake_server, redacted=True)
    result = scan(tmp_path / "a.yaml")
    assert (result.exit_code, result.stdout) == (Exit.DONE, "")
    assert result.stderr == "0 found in 1 cassette\n"


def test_what_is_no_cassette_is_told_after_all_others(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """It may hide anything."""
    other = tmp_path / "a.yaml"
    other.write_text("a: 1\n")
    record(tmp_path / "b.yaml", fake_server, redacted=False)
    result = scan(other, tmp_path / "b.yaml")
    assert result.exit_code == Exit.USAGE
    assert f"{tmp_path / 'b.yaml'}:4: " in result.stdout
    assert f"{other}:1: expected a cassette" in result.stderr
    assert scan(tmp_path).exit_code == Exit.FAILED  # in a folder there may be anything
    assert scan(tmp_path / "none.yaml").exit_code == Exit.USAGE
    assert scan().exit_code == Exit.USAGE
