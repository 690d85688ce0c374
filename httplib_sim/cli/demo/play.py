"""The play: the acts in their order, what is said about each, and the end.

Law: decides what happens and what is said; the acts do it, `Screen` prints it. Whatever is started here is ended
here, also where something goes wrong or somebody presses Ctrl-C.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import secrets
import tempfile
from typing import TYPE_CHECKING

from cassettes import store
from cassettes.errors import CassetteError
from httplib_sim import HTTPException
from httplib_sim.cli.errors import Exit, Failure
from httplib_sim.waist import Origin

from . import acts
from .certificates import make
from .comparison import compare
from .httpbin import HOST, check_installed
from .screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .comparison import Row, Seen

NAMES = ("live", "replay", "fake server")
UPLOAD = "Umbrellas: 12 €\nRaincoats, naïve yellow: 45 €\n"
"""What is in the file that the program uploads: text that is not all ASCII."""


def run(path: pathlib.Path | None = None, *, quiet: bool = False, screen: Screen | None = None) -> Exit:
    """Give the demo, recording to *path* (default: a new temporary folder), and return how it ended.

    With *quiet* only the result is printed. Raises `Failure` where it cannot be given: httpbin or gunicorn is
    missing, *path* exists or cannot be written.
    """
    check_installed()
    path = _free(path)
    screen = screen if screen is not None else Screen(quiet=quiet)
    screen.open()
    with _failures_told(), tempfile.TemporaryDirectory(prefix="httplib-sim-demo-") as folder:
        performances = _play(pathlib.Path(folder), path, screen)
    return finish(NAMES, compare(dict(zip(NAMES, performances, strict=True))), path, screen)


def _play(folder: pathlib.Path, path: pathlib.Path, screen: Screen) -> tuple[list[Seen], list[Seen], list[Seen]]:
    """All three acts, with *folder* for what they need and leave."""
    certificates = make(folder, HOST)
    upload = folder / "upload.txt"
    upload.write_text(UPLOAD, encoding="utf-8")
    token = "demo-" + secrets.token_hex(8)

    screen.act(1, "a real server, and a cassette that records")
    with acts.real_servers(folder, certificates) as (plain, secure):
        screen.fact(f"httpbin under gunicorn listens at {plain.url} and {secure.url}.")
        stage = acts.Stage(
            plain=plain, secure=secure, context=certificates.client_context(), upload=upload, token=token
        )
        live = acts.record(stage, path)
    _tell_of_cassette(path, token, screen)

    screen.act(2, "no server, and a cassette that replays")
    for origin in (plain, secure):
        screen.fact(f"httpbin is stopped: connecting to {origin.url} gives {_refusal(origin)!r}.")
    replayed = acts.replay(stage, path)
    screen.fact(f"{len(replayed)} exchanges replayed through the mock socket, in mode 'none': no connection was made.")

    screen.act(3, "fake servers that answer from the cassette")
    with acts.fake_servers(path, certificates) as servers:
        screen.fact(f"Fake servers listen at {servers[0].url} and {servers[1].url}.")
        plain, secure = (Origin(server.scheme, server.host, server.port) for server in servers)
        served = acts.perform(dataclasses.replace(stage, plain=plain, secure=secure))
        connections = {(server.port, entry.caller.connection) for server in servers for entry in server.journal}
    screen.fact(f"{len(served)} exchanges over {len(connections)} real connections.")
    return live, replayed, served


def _tell_of_cassette(path: pathlib.Path, token: str, screen: Screen) -> None:
    """Say what was recorded, show a piece of it, and look for the secret in it. Raises `Failure` if it is there."""
    exchanges = store.load(path)
    connections = len({exchange.connection for exchange in exchanges})
    text = path.read_text(encoding="utf-8")
    screen.fact(
        f"{len(exchanges)} exchanges over {connections} connections, recorded in {path} ({len(text):,} characters)."
    )
    if token in text:
        raise Failure(f"the token that the program sent stands in {path}")
    screen.fact("The token that the program sent as its Authorization is nowhere in the file.")
    documents = text.split("\n---\n")
    screen.excerpt("one exchange of the cassette", documents[2])
    request, _, _ = next(document for document in documents if "Authorization:" in document).partition("\nresponse:")
    screen.excerpt("a request with a secret", request)


def _refusal(origin: Origin) -> str:
    """The words with which *origin* refuses a connection. Raises `Failure` if it does not."""
    words = acts.refusal(origin)
    if words is None:
        raise Failure(f"{origin.url} was stopped, but accepts connections: another program took its port; try again")
    return words


def finish(names: Sequence[str], rows: list[Row], path: pathlib.Path, screen: Screen) -> Exit:
    """Show the comparison *rows* of the performances called *names*, say how it went, and return it."""
    screen.comparison(names, rows)
    octets = sum(row.size for row in rows)
    different = [row for row in rows if row.differences]
    if different:
        numbers = ", ".join(str(row.number) for row in different)
        screen.verdict(f"✗ {len(different)} of {len(rows)} exchanges differ ({numbers}). Cassette: {path}", good=False)
        return Exit.FAILED
    screen.next_steps(
        [
            (f"less {path}", "read the cassette"),
            (f"httplib-sim show {path}", "list its exchanges"),
            ("httplib-sim request -v https://example.com/", "talk to a server of your own choice"),
            ("pytest", "with the fixtures cassette and fake_server, in your own suite"),
        ]
    )
    screen.verdict(
        f"✓ {len(rows)} exchanges, {octets:,} octets: live, replay and fake server are equal. Cassette: {path}",
        good=True,
    )
    return Exit.DONE


def _free(path: pathlib.Path | None) -> pathlib.Path:
    """The path to record to: *path* if nothing is there, a new one if it is None."""
    if path is None:
        return pathlib.Path(tempfile.mkdtemp(prefix="httplib-sim-")) / "demo.yaml"
    if path.exists():
        raise Failure(
            f"{path} exists, and the demo records a new cassette: remove it, or name another path", Exit.USAGE
        )
    return path


@contextlib.contextmanager
def _failures_told() -> Iterator[None]:
    """Turn what can go wrong in an act into a `Failure`."""
    try:
        yield
    except (CassetteError, HTTPException, OSError) as error:
        raise Failure(f"{type(error).__name__}: {error}") from error
