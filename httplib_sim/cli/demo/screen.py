"""What the demo looks like on a terminal.

Law: all that is printed is printed here, by rich; what is said is decided by the acts.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .program import program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .comparison import Row

_DIGITS = 8
"""Of a digest's 64 hexadecimal digits, so many are shown; all are compared."""


class Screen:
    """Prints the demo; with *quiet*, its last line only. *console* is rich's, by default one on stdout."""

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        self._console = console if console is not None else Console(highlight=False)
        self._quiet = quiet

    def open(self) -> None:
        """Say what is going to happen, and show the program."""
        self._print(
            Panel(
                "One program talks HTTP and HTTPS over real sockets, three times: to a [b]real server[/b] while a "
                "cassette records it, to the [b]cassette[/b] with the server stopped, and to a [b]fake server[/b] "
                "that answers from the cassette. Every octet that came through its sockets is compared.",
                title="[b]httplib-sim demo[/b]",
                box=box.ROUNDED,
                border_style="cyan",
                padding=(0, 1),
            )
        )
        source = inspect.getsource(program).rstrip()
        self._print("\nThe program, which runs once over HTTP and once over HTTPS:\n", style="dim")
        self._print(Syntax(source, "python", theme="ansi_dark", background_color="default", padding=(0, 2)))

    def act(self, number: int, title: str) -> None:
        """Begin an act."""
        self._print("")
        if not self._quiet:
            self._console.rule(f"[b]Act {number}: {title}[/b]", align="left", style="cyan")

    def fact(self, text: str) -> None:
        """Say something that has been done, or been found to be so."""
        self._print(Text.assemble(("✓ ", "green"), text))

    def excerpt(self, title: str, text: str) -> None:
        """Show a piece of a cassette."""
        syntax = Syntax(text, "yaml", theme="ansi_dark", background_color="default", word_wrap=True)
        self._print(Panel(syntax, title=title, title_align="left", box=box.ROUNDED, border_style="dim"))

    def comparison(self, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Show the table of all exchanges, and under it where something differs."""
        self._print("")
        caption = "SHA-256 of all octets of each answer; its first digits are shown"
        table = Table(
            box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, caption=caption, caption_justify="left"
        )
        table.add_column("#", justify="right", style="dim", no_wrap=True)
        table.add_column("request", no_wrap=True)
        table.add_column("status", justify="right", no_wrap=True)
        table.add_column("octets", justify="right", no_wrap=True)
        for name in names:
            table.add_column(name, no_wrap=True)
        table.add_column("", no_wrap=True)
        for row in rows:
            table.add_row(*_cells(row), end_section=_ends_scheme(row, rows))
        self._print(table)
        for row in rows:
            for difference in row.differences:
                self._print(Text.assemble((f"✗ {row.number} ", "bold red"), difference))

    def verdict(self, text: str, *, good: bool) -> None:
        """Say how it went: the one line that is printed even when quiet."""
        self._console.print(Text(text, style="bold green" if good else "bold red"), soft_wrap=True)

    def next_steps(self, steps: Sequence[tuple[str, str]]) -> None:
        """Say what to try next: pairs of a command and what it does."""
        self._print("\n[b]What to try next[/b]")
        for command, purpose in steps:
            self._print(Text.assemble(("  $ ", "dim"), (command, "cyan"), (f"\n      {purpose}", "dim")))

    def _print(self, what: object, style: str | None = None) -> None:
        if not self._quiet:
            self._console.print(what, style=style, soft_wrap=isinstance(what, Text))


def _cells(row: Row) -> list[str | Text]:
    equal = not row.differences
    return [
        str(row.number),
        Text.assemble((f"{row.scheme:6}", "dim"), row.title),
        row.status,
        f"{row.size:,}",
        *(_digest(digest, row.digests[0]) for digest in row.digests),
        Text("✓" if equal else "✗", style="green" if equal else "bold red"),
    ]


def _digest(digest: str | None, measure: str | None) -> Text:
    if digest is None:
        return Text("none", style="bold red")
    return Text(digest[:_DIGITS], style="" if digest == measure else "bold red")


def _ends_scheme(row: Row, rows: Sequence[Row]) -> bool:
    """Whether the next row is of another scheme: a line is drawn there."""
    following = rows[row.number : row.number + 1]
    return bool(following) and following[0].scheme != row.scheme
