"""The command ``httplib-sim``: its sub-commands, their options, and their help.

Law: a door. Options are declared here, and each command imports what does its work when it is run; no module of the
packages imports this one.
"""

from __future__ import annotations

import contextlib
import io
import pathlib
import signal
import sys
from typing import IO, TYPE_CHECKING, NoReturn

import click

from .errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXITS = """\b
Exit codes of `request`:
  0  the final response came whole, and its status is below 400
  1  a file could not be read or written
  2  asked wrongly: a bad URL or header, an unknown option
  4  the status is from 400 to 499
  5  the status is from 500 to 599
  6  no connection: unknown name, nobody listens, unreachable
  7  TLS failed, or the certificate cannot be trusted
  8  nothing came within --timeout seconds
  9  what came is not HTTP, or ended too early
"""


_timeout = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a connection, and for each piece of the answer.",
)
_ca_file = click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path),
    metavar="FILE",
    help="Trust these certificates (PEM) rather than the system's.",
)


class _Commands(click.Group):
    """A group whose commands end in order: what they hold is let go of, whether by Ctrl-C or by SIGTERM."""

    def invoke(self, ctx: click.Context) -> object:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a sign that a terminal cannot show is no reason to fail
        try:
            with _terminated_in_order():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("httplib-sim: interrupted", err=True)
            ctx.exit(Exit.INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="httplib-sim", message="%(package)s %(version)s")
def main() -> None:
    """HTTP for tests: a client, cassettes that record and replay at the socket, and fake servers."""


@main.command()
@click.option(
    "--cassette",
    "path",
    type=click.Path(path_type=pathlib.Path, dir_okay=False),
    help="Where to record to; the file must not exist. Default: a new folder for temporary files.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the result alone.")
def demo(path: pathlib.Path | None, *, quiet: bool) -> NoReturn:
    """Record a real server, replay it offline, serve it again, and compare every octet.

    The server is httpbin under gunicorn, over HTTP and HTTPS: pip install httpbin gunicorn. Exit code 0: all octets
    are equal; 1: some differ; 2: the demo cannot be given.
    """
    from .demo.play import run

    sys.exit(run(path, quiet=quiet))


@main.command(epilog=_EXITS)
@click.argument("url")
@click.option("-X", "--method", help="The method. Default: GET, or POST if there is a body.")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header; give as many as you like."
)
@click.option("-d", "--data", metavar="TEXT", help="The body, sent as it is, in UTF-8.")
@click.option("--data-file", type=click.File("rb"), metavar="FILE", help="The file that is the body; - is stdin.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=pathlib.Path, dir_okay=False),
    metavar="FILE",
    help="Write the content there.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show heads as they are on the wire, on stderr, secrets masked.")
@click.option("--show-secrets", is_flag=True, help="With -v: do not mask them.")
@_timeout
@_ca_file
def request(  # noqa: PLR0913  one for each option
    url: str,
    method: str | None,
    headers: tuple[str, ...],
    data: str | None,
    data_file: IO[bytes] | None,
    output: pathlib.Path | None,
    timeout: float,
    ca_file: pathlib.Path | None,
    *,
    verbose: bool,
    show_secrets: bool,
) -> NoReturn:
    """Send one request to URL and write the content of the answer to stdout.

    No redirect is followed, no content is decoded, nothing is tried again: what comes is what you get.
    """
    from .request import Order, all_headers, body_of, fetch, origin_and_target

    origin, target = origin_and_target(url)
    body = body_of(data, data_file)
    order = Order(
        origin=origin,
        target=target,
        method=method or ("GET" if body is None else "POST"),
        headers=all_headers(headers),
        body=body,
    )
    sys.exit(fetch(order, timeout=timeout, ca_file=ca_file, output=output, verbose=verbose, show_secrets=show_secrets))


@main.command()
@click.argument("cassette", type=click.Path(path_type=pathlib.Path))
@click.option("--show-secrets", is_flag=True, help="Do not mask the secrets of a cassette recorded without redaction.")
def show(cassette: pathlib.Path, *, show_secrets: bool) -> None:
    """List the exchanges of CASSETTE: number, method, URL, status, size, how each ended."""
    from .show import show_cassette

    show_cassette(cassette, show_secrets=show_secrets)


@main.command()
@click.argument("cassettes", nargs=-1, required=True, type=click.Path(path_type=pathlib.Path), metavar="CASSETTE...")
def scan(cassettes: tuple[pathlib.Path, ...]) -> NoReturn:
    """Look for secrets in CASSETTES: what redaction would mask, and what looks like one; no value is shown.

    A folder stands for all cassettes in it. Exit code 0: there are none; 1: there are some; 2: what is named is no
    cassette.
    """
    from .scan import scan_cassettes

    sys.exit(scan_cassettes(cassettes))


@main.command()
@click.argument("cassettes", nargs=-1, required=True, type=click.Path(path_type=pathlib.Path), metavar="CASSETTE...")
@click.option("--shape", is_flag=True, help="Compare the names and the kinds of values alone, not the values.")
@click.option("--unsafe", is_flag=True, help="Send what may change something on the server, too: POST, DELETE, ...")
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="A header for the requests that were recorded with one of that name: cassettes have stand-ins for secrets.",
)
@_timeout
@_ca_file
def verify(
    cassettes: tuple[pathlib.Path, ...],
    headers: tuple[str, ...],
    timeout: float,
    ca_file: pathlib.Path | None,
    *,
    shape: bool,
    unsafe: bool,
) -> NoReturn:
    """Send the requests of CASSETTES to the live servers, and tell in what the answers differ from those recorded.

    No file is changed. Exit code 0: nothing differs; 1: something does; 2: what is named is no cassette.
    """
    from .request import all_headers, trust
    from .verify import Asking, verify_cassettes

    asking = Asking(headers=all_headers(headers), unsafe=unsafe, timeout=timeout, context=trust(ca_file))
    sys.exit(verify_cassettes(cassettes, asking, shape=shape))


@contextlib.contextmanager
def _terminated_in_order() -> Iterator[None]:
    """Let SIGTERM end the process as an exit does, through every ``finally``."""

    def end(*_: object) -> NoReturn:
        sys.exit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
