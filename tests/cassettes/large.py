"""A program whose memory is measured: it sends and gets large bodies, with or without a cassette.

It is run as a process of its own; its last line says by how many KiB its memory grew, and what it got.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cassettes import use_cassette
from httplib_sim import HTTPConnection

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 65_536


def piece(number: int) -> bytes:
    """A piece of content that no other is like, in lines of text."""
    return (b"%015d\n" % number) * (PIECE // 16)


def pieces(mebibytes: int) -> Iterator[bytes]:
    """Content of so many MiB."""
    for number in range(mebibytes * 16):
        yield piece(number)


def download(connection: HTTPConnection, mebibytes: int, framing: str) -> str:
    """Get content, and return its digest."""
    connection.request("GET", f"/{framing}/{mebibytes}")
    response = connection.getresponse()
    digest = hashlib.sha256()
    while data := response.read(PIECE):
        digest.update(data)
    return digest.hexdigest()


def upload(connection: HTTPConnection, mebibytes: int, framing: str) -> str:
    """Send content, and return its digest as the server has it."""
    headers = {"Content-Length": str(mebibytes << 20)} if framing == "length" else {}
    connection.request("POST", f"/{framing}", body=pieces(mebibytes), headers=headers)
    return connection.getresponse().read().decode()


def peak() -> int:
    """The most memory that this process has had, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Do what the arguments say: way, framing, size in MiB, port, cassette, mode."""
    way, framing, mebibytes, port, path, mode = sys.argv[1:]
    run = {"download": download, "upload": upload}[way]
    with use_cassette(f"{path}.small", mode="all", body_limit=PIECE):  # what has to be loaded is loaded
        run(HTTPConnection("127.0.0.1", int(port)), 1, framing)
    before = peak()
    with use_cassette(path, mode=mode):
        digest = run(HTTPConnection("127.0.0.1", int(port)), int(mebibytes), framing)
    print(peak() - before, digest)  # noqa: T201  for who started this


if __name__ == "__main__":
    main()
