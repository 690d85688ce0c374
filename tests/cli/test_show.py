"""`httplib_sim.cli.show`: what is in a cassette."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cassettes import use_cassette
from httplib_sim import HTTPConnection, IncompleteRead
from httplib_sim.cli import main
from httplib_sim.cli.errors import Exit

from .scripted import scripted

if TYPE_CHECKING:
    import pathlib

    from fake_server import FakeServer


def show(path: pathlib.Path, *options: str) -> Result:
    """Run ``httplib-sim show`` in this process; its output is no terminal."""
    return CliRunner().invoke(main, ["show", str(path), *options])


def words(result: Result) -> list[list[str]]:
    """The words of each line that begins with a number."""
    lines = [line.split() for line in result.stdout.splitlines()]
    return [line for line in lines if line and line[0].isdigit()]


def test_lists_exchanges(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """One line for each exchange, in order, however long its URL; then how many there are."""
    long = "/" + "x" * 300
    fake_server.expect_request("/[a]").respond_with_data("hello", status=201)
    fake_server.expect_request(long, method="HEAD").respond_with_data("hello")
    with use_cassette(tmp_path / "c.yaml"), HTTPConnection(fake_server.host, fake_server.port) as connection:
        for method, target in (("POST", "/[a]"), ("HEAD", long)):
            connection.request(method, target)
            connection.getresponse().read()
    result = show(tmp_path / "c.yaml")
    assert result.exit_code == 0
    assert words(result) == [
        ["1", "POST", fake_server.url_for("/[a]"), "201", "CREATED", "5", "complete"],
        ["2", "HEAD", fake_server.url_for(long), "200", "OK", "0", "complete"],
        ["2", "exchanges", "over", "1", "connection"],
    ]


def test_tells_how_an_exchange_ended(tmp_path: pathlib.Path) -> None:
    """An exchange that the server broke off says so."""
    with scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf") as url, use_cassette(tmp_path / "c.yaml"):
        connection = HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/")
        with pytest.raises(IncompleteRead):
            connection.getresponse().read()
        connection.close()
    assert words(show(tmp_path / "c.yaml"))[0] == ["1", "GET", f"{url}/", "200", "OK", "4", "eof"]


def test_secrets_recorded_without_redaction_are_masked(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """In the view; who wants to see them says so."""
    fake_server.expect_request("/a").respond_with_data("hello")
    target = "/a?api_key=s3cr3t"
    with (
        use_cassette(tmp_path / "c.yaml", redact=None),
        HTTPConnection(fake_server.host, fake_server.port) as connection,
    ):
        connection.request("GET", target)
        connection.getresponse().read()
    assert words(show(tmp_path / "c.yaml"))[0][2] == fake_server.url_for("/a?api_key=xxxxxx")
    assert words(show(tmp_path / "c.yaml", "--show-secrets"))[0][2] == fake_server.url_for(target)


def test_control_characters_are_shown_escaped(tmp_path: pathlib.Path) -> None:
    """What a server sent must not steer the terminal of a person who looks at it."""
    with scripted(b"HTTP/1.1 200 \x1b]0;owned\x07O\x9bK\r\n\r\n") as url, use_cassette(tmp_path / "c.yaml"):
        connection = HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()
    result = show(tmp_path / "c.yaml")
    assert words(result)[0][3:5] == ["200", r"\x1b]0;owned\x07O\x9bK"]
    assert "\x1b" not in result.stdout
    assert "\x9b" not in result.stdout


def test_missing_file(tmp_path: pathlib.Path) -> None:
    """A file that is not there is named."""
    result = show(tmp_path / "missing.yaml")
    assert result.exit_code == Exit.USAGE
    assert str(tmp_path / "missing.yaml") in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", ["- just\n- a list\n", "cassette: 999\n...\n", "\x00", "{"])
def test_no_cassette(tmp_path: pathlib.Path, text: str) -> None:
    """A file that is no cassette is told in one line, with its name and the line in it."""
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    result = show(path)
    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith(f"httplib-sim: {path}:1: ")
    assert len(result.stderr.splitlines()) == 1


def test_attempts_to_connect_that_failed_are_listed(tmp_path: pathlib.Path) -> None:
    """Where they stand."""
    path = tmp_path / "x.yaml"
    path.write_text("cassette: 1\n...\n---\norigin: http://api.example.com\nconnecting: {failed: refused}\n...\n")
    result = CliRunner().invoke(main, ["show", str(path)])
    assert result.exit_code == 0
    assert result.output.splitlines()[3].split() == ["1", "http://api.example.com", "none", "refused"]
    assert "0 exchanges over 0 connections, 1 failed attempt to connect" in result.output
