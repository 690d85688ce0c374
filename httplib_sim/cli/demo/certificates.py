"""The certificates of the demo: one CA and one server's certificate, as files, for a server in another process.

Law: trustme makes them, by its own command; from then on they are files and `ssl.SSLContext`. The real server and the
fake one show the same certificate, so that nothing but who answers changes between the acts.
"""

from __future__ import annotations

import ssl
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from httplib_sim.cli.errors import Failure

if TYPE_CHECKING:
    import pathlib


@dataclass(frozen=True, slots=True)
class Certificates:
    """The paths of PEM files: the server's certificate, its key, and the CA that a client is to trust."""

    certificate: pathlib.Path
    key: pathlib.Path
    ca: pathlib.Path

    def client_context(self) -> ssl.SSLContext:
        """Return a context that verifies, and trusts this CA and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        return context

    def server_context(self) -> ssl.SSLContext:
        """Return a context for a server that shows the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make(folder: pathlib.Path, host: str) -> Certificates:
    """Make certificates with elliptic-curve keys for a server at *host*, in *folder*. Raises `Failure` if it cannot."""
    options = ("--quiet", "--key-type=ECDSA", f"--dir={folder}", f"--identities={host}")
    command = [sys.executable, "-m", "trustme", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Failure(f"trustme could not make certificates: {done.stderr.strip()}")
    return Certificates(folder / "server.pem", folder / "server.key", folder / "client.pem")
