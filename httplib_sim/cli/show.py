"""``httplib-sim show``: what is in a cassette, one line for each exchange and each failed attempt to connect.

Law: reads, lists, changes nothing. Most cassettes hold stand-ins in place of secrets; those recorded without redaction
do not, so what is shown is masked here too. Control characters are shown escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cassettes.attempts import FailedAttempt
from cassettes.errors import CassetteError
from cassettes.exchange import How

from .errors import Exit, Failure, visible

if TYPE_CHECKING:
    import pathlib

    from cassettes.exchange import Exchange

_ENDLESS = 100_000
"""Columns of what is no terminal: there, a line is never folded."""


def show_cassette(path: pathlib.Path, *, show_secrets: bool = False) -> None:
    """Print a table of what the cassette at *path* has; with *show_secrets* nothing is masked.

    Raises `Failure` if it cannot be read as a cassette.
    """
    from cassettes.redaction import redact
    from cassettes.store import Store

    if not path.is_file():
        raise Failure(f"expected a cassette, but there is no file {path}", Exit.USAGE)
    try:
        items = Store(path).items()
    except CassetteError as error:
        raise Failure(str(error), Exit.USAGE) from error
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_ENDLESS)
    masked = [item if show_secrets or isinstance(item, FailedAttempt) else redact(item) for item in items]
    console.print(_table(masked))
    exchanges = [item for item in items if not isinstance(item, FailedAttempt)]
    connections = len({exchange.connection for exchange in exchanges})
    summary = f"{_count(len(exchanges), 'exchange')} over {_count(connections, 'connection')}"
    if failed := len(items) - len(exchanges):
        summary += f", {_count(failed, 'failed attempt')} to connect"
    console.print(summary, style="dim")


def _table(items: list[Exchange | FailedAttempt]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("method", no_wrap=True)
    table.add_column("URL", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("octets", justify="right", no_wrap=True)
    table.add_column("ended", no_wrap=True)
    for number, item in enumerate(items, 1):
        table.add_row(*_cells(number, item))
    return table


def _cells(number: int, exchange: Exchange | FailedAttempt) -> tuple[str, ...]:
    """One line; the size is the content's, transfer coding taken off."""
    if isinstance(exchange, FailedAttempt):
        url = escape(visible(exchange.origin.url))
        return str(number), "", url, "none", "", f"[bold red]{exchange.failure.value}[/bold red]"
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
