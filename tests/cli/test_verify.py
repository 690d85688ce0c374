"""`httplib_sim.cli.verify`: whether the servers still answer as cassettes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from cassettes import use_cassette
from fake_server import FakeServer
from httplib_sim import HTTPConnection, HTTPSConnection
from httplib_sim.cli import main
from httplib_sim.cli.errors import Exit

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

SECRET = "hunter2-Zq7Kp2Xw9Lm4"


def verify(*arguments: object) -> Result:
    """Run ``httplib-sim verify`` in this process."""
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def send(server: FakeServer, method: str, target: str, headers: dict[str, str] | None = None, body: str = "") -> None:
    """Send a request and read the answer."""
    with HTTPConnection(server.host, server.port, timeout=10) as connection:
        connection.request(method, target, body or None, headers or {})
        connection.getresponse().read()


@pytest.fixture
def path(tmp_path: pathlib.Path, fake_server: FakeServer) -> pathlib.Path:
    """A cassette with a GET, a POST in chunks, and a GET that has a secret."""
    fake_server.expect("/zen", method="GET").respond(json={"id": 1})
    fake_server.expect("/zen", method="POST").respond(json={"made": True})
    fake_server.expect("/mine", method="GET").respond(data="yours")
    path = tmp_path / "zen.yaml"
    with use_cassette(path):
        send(fake_server, "GET", "/zen")
        with HTTPConnection(fake_server.host, fake_server.port, timeout=10) as connection:
            connection.request(
                "POST", "/zen", iter([b"a", b"b"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True
            )
            connection.getresponse().read()
        send(fake_server, "GET", "/mine", {"Authorization": f"Bearer {SECRET}"})
    return path


def test_what_is_as_it_was_is_a_success(path: pathlib.Path, fake_server: FakeServer) -> None:
    """Only safe requests went out; what was left out and what had stand-ins is told; the file is as it was."""
    before, asked = path.read_bytes(), len(fake_server.log)
    result = verify(path)
    assert (result.exit_code, result.stdout) == (Exit.DONE, "")
    differ, left_out, stand_ins = result.stderr.splitlines()
    assert differ == "0 of 2 exchanges differ"
    assert left_out == "1 not sent, which might change something (POST): --unsafe sends them"
    assert stand_ins.startswith("1 sent with stand-ins in the place of secrets, which servers may refuse")
    assert [request.method for request, _ in fake_server.log[asked:]] == ["GET", "GET"]
    assert path.read_bytes() == before


def test_what_differs_is_told_with_file_and_line(path: pathlib.Path, fake_server: FakeServer) -> None:
    """The exit code is for CI."""
    fake_server.clear()
    fake_server.expect("/zen", method="GET").respond(json={"id": 2})
    fake_server.expect("/mine", method="GET").respond(data="yours")
    result = verify(path)
    assert result.exit_code == Exit.FAILED
    assert result.stdout.splitlines() == [f"{path}:4: GET {fake_server.url_for('/zen')}", "  $.id: recorded 1, live 2"]
    assert result.stderr.startswith("1 of 2 exchanges differ\n")
    assert verify(path, "--shape").exit_code == Exit.DONE


def test_unsafe_requests_are_sent_when_that_is_asked_for(path: pathlib.Path, fake_server: FakeServer) -> None:
    """With their content, framed as it was."""
    asked = len(fake_server.log)
    assert verify(path, "--unsafe").exit_code == Exit.DONE
    [post] = [request for request, _ in fake_server.log[asked:] if request.method == "POST"]
    assert post.get_data() == b"ab"


def test_a_header_takes_the_place_of_a_stand_in(path: pathlib.Path, fake_server: FakeServer) -> None:
    """In requests that have it, and in no others; it is not shown, though the server repeats it."""
    fake_server.clear()
    fake_server.expect("/zen", method="GET").respond(json={"id": 1})
    fake_server.expect("/mine", method="GET", headers={"Authorization": f"Bearer {SECRET}"}).respond(
        data=f"{SECRET} is wrong"
    )
    asked = len(fake_server.log)
    result = verify(path, "-H", f"authorization: Bearer {SECRET}")
    assert ["Authorization" in request.headers for request, _ in fake_server.log[asked:]] == [False, True]
    assert 'recorded "yours", live "xxxxxxxx is wrong"' in result.stdout
    assert SECRET not in result.output
    assert "stand-ins" not in result.stderr


def test_a_server_that_is_gone_is_a_difference(tmp_path: pathlib.Path) -> None:
    """And all other requests are sent."""
    path = tmp_path / "gone.yaml"
    with FakeServer() as server, use_cassette(path):
        server.expect_request("/").respond_with_data("")
        send(server, "GET", "/")
    result = verify(path)
    assert result.exit_code == Exit.FAILED
    assert f"{path}:4: GET {server.url_for('/')}\n" in result.stdout
    assert "refused" in result.stdout


def test_https_is_asked_with_the_certificates_that_are_named(
    tmp_path: pathlib.Path, fake_servers: Callable[..., FakeServer]
) -> None:
    """Without them, it is told that the server is not trusted."""
    server = fake_servers(tls=True)
    server.expect_request("/").respond_with_data("safe")
    path, certificates = tmp_path / "safe.yaml", tmp_path / "ca.pem"
    certificates.write_bytes(server.tls.ca_pem)
    with (
        use_cassette(path),
        HTTPSConnection(server.host, server.port, context=server.tls.client_context(), timeout=10) as connection,
    ):
        connection.request("GET", "/")
        connection.getresponse().read()
    assert verify(path, "--ca-file", certificates).exit_code == Exit.DONE
    assert "certificate cannot be trusted" in verify(path).stdout


def test_what_is_no_cassette_is_told(tmp_path: pathlib.Path) -> None:
    """In one line."""
    other = tmp_path / "other.yaml"
    other.write_text("a: 1\n")
    for path, text in ((other, "expected"), (tmp_path / "none.yaml", "there is no file")):
        result = verify(path)
        assert result.exit_code == Exit.USAGE
        assert text in result.stderr
        assert len(result.stderr.splitlines()) == 1
