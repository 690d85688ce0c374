"""A real server that is none of ours: httpbin under gunicorn, as processes of their own.

Law: this starts, watches and ends child processes, and knows nothing of clients and cassettes. The listening socket
is made here and handed down, so a port is never guessed, and nobody waits by the clock: a connection made too early is
answered as soon as gunicorn is there, and reset when gunicorn fails.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from httplib_sim.cli.errors import Exit, Failure

if TYPE_CHECKING:
    import pathlib

    from .certificates import Certificates

HOST = "127.0.0.1"
PACKAGES = ("httpbin", "gunicorn")
_START, _STOP = 30.0, 5.0
"""Seconds that gunicorn may take to answer for the first time, and to end when asked to."""

_SETTINGS = """\
bind = "fd://{descriptor}"
workers = 1
worker_class = "gthread"  # keeps connections alive, as the default worker does not
threads = 4
keepalive = 60
graceful_timeout = 1
control_socket_disable = True
worker_tmp_dir = {folder!r}
"""
_TLS_SETTINGS = """\
certfile = {certificate!r}
keyfile = {key!r}
"""


def check_installed(packages: tuple[str, ...] = PACKAGES) -> None:
    """Raise `Failure` with what to install where one of *packages* is missing."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            f"the demo needs a real server, but {' and '.join(missing)} cannot be imported by {sys.executable}; "
            f"install what is missing: pip install {' '.join(packages)}",
            Exit.USAGE,
        )


class Httpbin:
    """httpbin on a free port of 127.0.0.1; its processes start with the object, and whoever made it calls `stop`.

    *folder* takes its settings and its log. With *certificates* it speaks HTTPS.
    """

    def __init__(self, folder: pathlib.Path, certificates: Certificates | None = None) -> None:
        check_installed()
        self._context = None if certificates is None else certificates.client_context()
        self._log = folder / "gunicorn.log"
        settings = folder / "gunicorn.conf.py"
        with socket.create_server((HOST, 0)) as listener:
            self.port: int = listener.getsockname()[1]
            text = _SETTINGS.format(descriptor=listener.fileno(), folder=str(folder))
            if certificates is not None:
                text += _TLS_SETTINGS.format(certificate=str(certificates.certificate), key=str(certificates.key))
            settings.write_text(text, encoding="utf-8")
            self._process = self._start(settings, listener)

    def _start(self, settings: pathlib.Path, listener: socket.socket) -> subprocess.Popen[bytes]:
        """Start gunicorn in a session of its own: Ctrl-C is for us, and what it leaves behind can be found."""
        environment = {name: value for name, value in os.environ.items() if name != "GUNICORN_CMD_ARGS"}
        with self._log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603  our own interpreter, our own arguments
                [sys.executable, "-m", "gunicorn", "--config", str(settings), "httpbin:app"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[listener.fileno()],
                start_new_session=True,
                env=environment,
                cwd=settings.parent,
            )

    @property
    def pid(self) -> int:
        """The process id of gunicorn's arbiter, which leads a process group of its own."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Ask for something, and take any answer. Raises `Failure` with the end of gunicorn's log if none comes."""
        try:
            answer = self._ask()
        except OSError as error:
            raise Failure(f"httpbin did not start ({error}); gunicorn's last words: {self._last_words()}") from error
        if not answer.startswith(b"HTTP/1."):
            raise Failure(f"httpbin did not answer; gunicorn's last words: {self._last_words()}")

    def stop(self) -> None:
        """End gunicorn and its worker: politely, then by force. Nothing is left, and the port refuses connections."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _ask(self) -> bytes:
        with socket.create_connection((HOST, self.port), timeout=_START) as plain:
            if self._context is None:
                return _first_octets(plain)
            with self._context.wrap_socket(plain, server_hostname=HOST) as secure:
                return _first_octets(secure)

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "(none)")


def _first_octets(connection: socket.socket) -> bytes:
    connection.sendall(b"HEAD /status/200 HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nConnection: close\r\n\r\n")
    return connection.recv(65536)
