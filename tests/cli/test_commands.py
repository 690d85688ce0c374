"""`httplib_sim.cli` and `httplib_sim.__main__`: which command runs, and how it ends."""

from __future__ import annotations

import importlib.metadata
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from httplib_sim.cli import main
from httplib_sim.cli.errors import Exit

from .scripted import refused_url, scripted


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m httplib_sim`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "httplib_sim", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_version() -> None:
    """--version names the distribution and its version."""
    result = CliRunner().invoke(main, ["--version"])
    assert result.output == f"httplib-sim {importlib.metadata.version('httplib-sim')}\n"


@pytest.mark.parametrize("command", [[], *([name] for name in main.commands)])
def test_help(command: list[str]) -> None:
    """Every command has a help text with its purpose and its options."""
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert "--help" in result.output


def test_help_of_request_has_every_exit_code() -> None:
    """The exit codes of `request` stand in its help."""
    text = CliRunner().invoke(main, ["request", "--help"]).output
    lines = [line.split() for line in text.splitlines()]
    told = {words[0] for words in lines if words and words[0].isdigit()}
    assert told == {str(code.value) for code in Exit if code is not Exit.INTERRUPTED}


def test_url_alone_is_a_request() -> None:
    """``python -m httplib_sim URL`` is ``httplib-sim request URL``."""
    with scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as url:
        done = run(url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok", "")
    done = run(refused_url())
    assert done.returncode == Exit.NO_CONNECTION


def test_module_knows_the_commands() -> None:
    """``python -m httplib_sim`` runs the commands by name, too."""
    done = run("show", "nosuch.yaml")
    assert (done.returncode, done.stderr) == (
        Exit.USAGE,
        "httplib-sim: expected a cassette, but there is no file nosuch.yaml\n",
    )
    assert run("--version").stdout.startswith("httplib-sim ")


def test_unknown_option() -> None:
    """An unknown option is a usage error, with click's own text."""
    result = CliRunner().invoke(main, ["request", "--nosuch", "http://localhost/"])
    assert result.exit_code == Exit.USAGE
    assert "--nosuch" in result.stderr


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ends_in_order(number: signal.Signals, code: int) -> None:
    """Ctrl-C and SIGTERM end a command that waits, without a traceback."""
    with scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", closes=False) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", "httplib_sim", url, "-v"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with process:
            assert process.stderr is not None
            shown = iter(process.stderr)
            assert any(line.startswith("< HTTP/1.1 200") for line in shown)  # it has the head, and waits for content
            process.send_signal(number)
            rest = "".join(shown)
    assert process.returncode == code
    assert "Traceback" not in rest


def test_import_is_cheap() -> None:
    """Neither the client nor the command's help loads what only some commands need."""
    heavy = ("yaml", "rich", "werkzeug", "trustme", "fake_server", "cassettes", "pytest")
    source = (
        "import sys, httplib_sim.cli\n"
        "try: httplib_sim.cli.main(['--help'])\n"
        f"except SystemExit: print('loaded:', [name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines()[-1] == "loaded: []"
