"""Secrets in tables: the columns of CSV that have secret names (RFC 4180).

Law: octets in, octets out, of the same rows and cells. A table says what its columns are in its first row; one that
does not has none that are looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .member_masking import shown
from .secret_names import Kind

if TYPE_CHECKING:
    from .masking import Masking

_CELL: Final = rb'(?:"((?:[^"]|"")*+)"?(?=[%(end)s]|\Z)|([^%(end)s]*+))([%(end)s]?)'
_CELLS: Final = {mark: re.compile(_CELL % {b"end": mark + rb"\r\n"}) for mark in (b",", b";", b"\t")}
_FIRST_ROW: Final = re.compile(rb"([^\r\n]*)[\r\n]*")


def mask_table(content: bytes, masking: Masking, place: str) -> bytes:
    """Return *content* with stand-ins in the columns that have secret names; its first row says what separates them."""
    first = _FIRST_ROW.match(content)
    if first is None:
        return content
    separator = max(_CELLS, key=first[1].count)
    names = dict(enumerate(cell.strip(b' "') for cell in first[1].split(separator)))
    if not any(masking.names.kind(name) in {Kind.SECRET, Kind.DIGITS} for name in names.values()):
        return content
    column = 0

    def cell(match: re.Match[bytes]) -> bytes:
        nonlocal column
        name = names.get(column, b"")
        column = column + 1 if match[3] == separator else 0
        index = 1 if match[1] is not None else 2
        value = match[index]
        if not value or not masking.is_secret(name, value):
            return match[0]
        start, end = (at - match.start() for at in match.span(index))
        return match[0][:start] + masking.text(value, f"{place} {shown(name)}") + match[0][end:]

    rows = first.end()
    return content[:rows] + _CELLS[separator].sub(cell, content[rows:])
