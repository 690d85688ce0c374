"""What the command line says when something cannot be done, and the exit codes that scripts can rely on.

Law: a failure that could be foreseen is one line on stderr and an exit code of this table, never a traceback of ours;
and no line shows a secret, or has a control character in it that could steer a terminal.

====  ==========================================================================================
code  meaning
====  ==========================================================================================
0     done: the final response came whole and its status is below 400; the demo found all octets equal
1     done, with a bad result: a difference was found, or a secret; a file could not be read or written
2     asked wrongly: a bad URL, a bad header, an unknown option, a cassette that is none
4     the server answered with a status from 400 to 499
5     the server answered with a status from 500 to 599
6     no connection: the name is unknown, nobody listens, the network is unreachable
7     TLS failed: the certificate is not trusted, or is another host's
8     nothing came for as long as ``--timeout`` says
9     what came is not HTTP, or the connection ended before the response did
130   interrupted with Ctrl-C
====  ==========================================================================================
"""

from __future__ import annotations

import enum
import sys
from typing import IO, Any

import click


class Exit(enum.IntEnum):
    """The exit codes; the module's docstring says when each is used."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CLIENT_ERROR = 4
    SERVER_ERROR = 5
    NO_CONNECTION = 6
    BAD_TLS = 7
    TIMED_OUT = 8
    BAD_RESPONSE = 9
    INTERRUPTED = 130


class Failure(click.ClickException):
    """Something that could be foreseen went wrong: *message* is one sentence, *code* an `Exit`."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # one class for all codes: click asks the instance

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message as one line on stderr."""
        click.echo(f"httplib-sim: {visible(' '.join(self.message.splitlines()))}", file=file or sys.stderr)


def visible(text: str) -> str:
    """Return *text* with each character that cannot be printed, such as ESC, as its escape."""
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
