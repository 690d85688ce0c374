"""``python -m httplib_sim``: the command ``httplib-sim``, where a URL alone is short for ``request URL``.

Law: a door. It decides which command is meant, and imports nothing before it is run.
"""

from __future__ import annotations

import sys


def run(arguments: list[str]) -> None:
    """Run the command that *arguments* name, or ``request`` where they name none. Ends the process, as commands do."""
    from httplib_sim.cli import main

    known = {*main.commands, "--help", "--version", "-h"}
    main(arguments if not arguments or arguments[0] in known else ["request", *arguments], "python -m httplib_sim")


if __name__ == "__main__":
    run(sys.argv[1:])
