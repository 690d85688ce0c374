"""``httplib-sim scan``: whether there are secrets in cassettes, for people and for CI.

Law: reads, tells, changes nothing, and shows no secret: each line says where to look, as compilers do, and for what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .errors import Exit, Failure, visible

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Iterator


def scan_cassettes(paths: Iterable[pathlib.Path]) -> Exit:
    """Print what looks like a secret in the cassettes at *paths*, and in those of folders among them.

    Raises `Failure` for what is no cassette, or cannot be read, once all others have been looked through.
    """
    from cassettes.errors import CassetteError
    from cassettes.scan import scan

    count = files = 0
    failures: list[Exception] = []
    for path in _cassettes(paths):
        try:
            found = scan(path)
        except (CassetteError, OSError) as problem:
            failures.append(problem)
            continue
        files += 1
        count += len(found)
        for suspicion in found:
            click.echo(visible(f"{path}:{suspicion.line}: {suspicion.what}"))
    click.echo(f"{count} found in {files} cassette{'' if files == 1 else 's'}", err=True)
    if failures:
        raise Failure("; ".join(map(str, failures)), Exit.USAGE)
    return Exit.FAILED if count else Exit.DONE


def _cassettes(paths: Iterable[pathlib.Path]) -> Iterator[pathlib.Path]:
    """The files to look through; in folders there may be other YAML than cassettes."""
    from cassettes.store import is_cassette

    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix in {".yaml", ".yml"} and file.is_file())
            yield from filter(is_cassette, found)
        elif path.is_file():
            yield path
        else:
            raise Failure(f"expected a cassette, but there is no file {path}", Exit.USAGE)
