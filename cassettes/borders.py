"""The octets of a cassette's file: where documents begin and end, and what is torn off.

Law: it looks at line beginnings alone. No document is read, no file is touched.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from .errors import BadCassette
from .yaml_format import HEADER

_BORDER: Final = re.compile(rb"^---(?=[ \t\n]|$)", re.MULTILINE)
_COMMIT_MARK: Final = re.compile(rb"^\.\.\.[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_NUMBERED: Final = re.compile(rb"^---[ \t]*\r?\n# [0-9]", re.MULTILINE)
_CONNECTION: Final = re.compile(rb"^connection:[ \t]*([0-9]+)", re.MULTILINE)
_AT: Final = re.compile(rb"^at:[ \t]*(\S+)", re.MULTILINE)
MARK: Final = b"\n...\n"
_BETWEEN: Final = b"\n---\n"
_COMMENTS: Final = re.compile(rb"^[ \t]*#.*$", re.MULTILINE)
_OURS: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#.*|---[ \t]*)?\r?\n)*[\"']?cassette[\"']?[ \t]*:")
_VCRPY: Final = re.compile(rb"^interactions:", re.MULTILINE)


def is_ours(octets: bytes) -> bool:
    """Tell whether *octets* begin as a cassette does."""
    return _OURS.match(octets) is not None


def begun(octets: bytes) -> datetime | None:
    """Return when the first exchange in *octets*, a beginning, began. Raises `ValueError` for what is no time."""
    found = _AT.search(octets) if _OURS.match(octets) else None
    return datetime.fromisoformat(found[1].decode("ascii")) if found else None


def counted(octets: bytes) -> tuple[int, int]:
    """Return how many numbered documents there are in *octets*, and the largest number of a connection, or 0."""
    return len(_NUMBERED.findall(octets)), max([int(number) for number in _CONNECTION.findall(octets)], default=0)


def check_that_it_is_ours(octets: bytes, path: str) -> None:
    """Raise `BadCassette` for a file that is something else, so that nobody takes all of it for a torn tail."""
    if _OURS.match(octets) or HEADER.encode().startswith(octets.strip()):
        return
    what = "a cassette of VCR.py" if _VCRPY.search(octets) else "something else"
    text = f"expected a cassette of httplib-sim, which begins with 'cassette: 1', got {what}"
    raise BadCassette(f"{text}: move it, or take another path", path)


def torn_from(octets: bytes) -> int | None:
    """Where the torn tail begins, which no ``...`` follows; None where nothing is torn.

    Comments are no tail. Where no document has its ``...``, a program has written the file anew, and nothing is torn.
    """
    if octets.endswith(MARK):
        return None
    end = 0
    for mark in _COMMIT_MARK.finditer(octets):
        end = mark.end()
    rest = octets[end:]
    rewritten = not end and _OURS.match(octets) and _BORDER.search(octets)
    return None if rewritten or not _COMMENTS.sub(b"", rest).strip() else end


def borders(octets: bytes) -> tuple[bytes, list[int]]:
    """Return *octets* with line ends LF, and where each document begins: at a ``---`` in column 0.

    No line inside a document begins so.
    """
    if b"\r" in octets:  # a checkout may have changed the line ends; content never has a bare CR
        octets = octets.replace(b"\r\n", b"\n")
    if not octets.startswith(b"---"):
        starts, at = [0], octets.find(_BETWEEN)  # as written: in a third of the time
        while at >= 0:
            starts.append(at + 1)
            at = octets.find(_BETWEEN, at + 1)
        if octets.count(b"\n---") == len(starts) - 1:
            return octets, starts
    starts = [match.start() for match in _BORDER.finditer(octets)]
    return octets, starts if starts and not octets[: starts[0]].strip() else [0, *starts]
