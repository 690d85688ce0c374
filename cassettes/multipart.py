"""Multipart content: its parts, whatever its boundary is.

Law: octets in, parts out (RFC 2046 section 5.1); of a form (RFC 7578) also by name. What is no multipart is None.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

_NAME: Final = re.compile(rb'(?i);\s*(filename\*?|name)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))')
_BOUNDARY: Final = re.compile(r'(?i);\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))')


class Part(NamedTuple):
    """A part: ``name`` and ``filename`` of a form's, its ``fields``, names in lower case, sorted, and its content."""

    name: bytes
    filename: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    content: bytes

    @property
    def title(self) -> str:
        """What a person would call it."""
        file = f" ({self.filename.decode('utf-8', 'replace')})" if self.filename else ""
        return f"part {self.name.decode('utf-8', 'replace')!r}{file}"


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a Content-Type names, empty if none."""
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2]).encode("latin-1", "replace") if found else b""


def parts_of(content: bytes, boundary: bytes) -> tuple[Part, ...] | None:
    """Return the parts of *content*, in order; None if it is not whole."""
    if not boundary:
        return None
    borders = list(re.finditer(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)", content))
    if not borders or borders[-1][1] is None or any(border[1] for border in borders[:-1]):
        return None
    found = [_part(content[one.end() : two.start()]) for one, two in pairwise(borders)]
    return tuple(part for part in found if part is not None) if None not in found else None


def _part(octets: bytes) -> Part | None:
    """A part from the end of the line of its boundary on."""
    head, empty, content = octets.partition(b"\r\n\r\n")
    if not empty:
        head, empty, content = octets.partition(b"\n\n")
    if not empty:
        return None
    lines = [line for line in head.splitlines() if line.strip()]
    fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    disposition = dict(fields).get(b"content-disposition", b"")
    named = {name.lower().rstrip(b"*"): quoted or plain for name, quoted, plain in _NAME.findall(disposition)}
    return Part(named.get(b"name", b""), named.get(b"filename", b""), tuple(sorted(fields)), content)
