"""``httplib-sim show``: what is in a cassette, one line for each exchange.

Law: reads, lists, changes nothing. Most cassettes hold stand-ins in place of secrets; those recorded without redaction
do not, so what is shown is masked here too. Control characters are shown escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cassettes.errors import CassetteError
from cassettes.exchange import How

from .errors import Exit, Failure, visible

if TYPE_CHECKING:
    import pathlib

    from cassettes.exchange import Exchange

_ENDLESS = 100_000
"""Columns of what is no terminal: there, a line is never folded."""


def show_cassette(path: pathlib.Path, *, show_secrets: bool = False) -> None:
    """Print a table of the exchanges of the cassette at *path*; with *show_secrets* nothing is masked.

    Raises `Failure` if it cannot be read as a cassette.
    """
    from cassettes import store
    from cassettes.redaction import redact

    if not path.is_file():
        raise Failure(f"expected a cassette, but there is no file {path}", Exit.USAGE)
    try:
        exchanges = store.load(path)
    except CassetteError as error:
        raise Failure(str(error), Exit.USAGE) from error
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_ENDLESS)
    console.print(_table(exchanges if show_secrets else [redact(exchange) for exchange in exchanges]))
    connections = len({exchange.connection for exchange in exchanges})
    console.print(f"{_count(len(exchanges), 'exchange')} over {_count(connections, 'connection')}", style="dim")


def _table(exchanges: list[Exchange]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("method", no_wrap=True)
    table.add_column("URL", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("octets", justify="right", no_wrap=True)
    table.add_column("ended", no_wrap=True)
    for number, exchange in enumerate(exchanges, 1):
        table.add_row(*_cells(number, exchange))
    return table


def _cells(number: int, exchange: Exchange) -> tuple[str, ...]:
    """One exchange's line; the size is the content's, transfer coding taken off."""
    request, response, how = exchange.request, exchange.response, exchange.end.how
    return (
        str(number),
        escape(visible(request.method)),
        escape(visible(request.url)),
        "none" if response is None else escape(visible(f"{response.status} {response.reason}".rstrip())),
        "" if response is None else f"{len(response.content):,}",
        how.value if how is How.COMPLETE else f"[bold red]{how.value}[/bold red]",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
