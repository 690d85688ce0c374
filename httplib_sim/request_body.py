"""What may be a request's body, how long it is, and how it is cut into pieces.

Law: bodies in, lengths and octets out; nothing is sent here. A body is a str (sent as ISO-8859-1), anything that has
the buffer protocol, a file (anything with ``read``), or an iterable of bytes.
"""

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXPECT_A_BODY = frozenset({"PATCH", "POST", "PUT"})
_FILES_AS_THEY_ARE = (io.BufferedReader, io.BufferedRandom)


def content_length(body: Any, method: str, *, file_has_length: bool) -> int | None:  # noqa: ANN401  see the law
    """Return the length of *body* in octets, None where it is not known, or where none is expected.

    No body at all is 0 octets long for PATCH, POST and PUT. With *file_has_length* a file is as long as what is left of
    it on disk. (httplib's documentation; RFC 9110 section 8.6.)
    """
    if body is None:
        return 0 if method.upper() in EXPECT_A_BODY else None
    if hasattr(body, "read"):
        return _length_on_disk(body) if file_has_length else None
    if isinstance(body, str):
        return len(body)
    view = _view(body)
    return None if view is None else view.nbytes


def pieces(body: Any, blocksize: int) -> Iterable[Any]:  # noqa: ANN401  see the law
    """Return *body* in the pieces in which it is sent, a file in blocks of *blocksize* octets. Raises `TypeError`."""
    if hasattr(body, "read"):
        return blocks(body, blocksize)
    if _view(body) is not None:
        return (body,)
    try:
        iterator: Iterator[Any] = iter(body)
    except TypeError:
        text = f"message_body should be a bytes-like object or an iterable, got {type(body)!r}"
        raise TypeError(text) from None
    return iterator


def octets_of(piece: Any) -> memoryview:  # noqa: ANN401  see the law
    """Return the octets of a *piece* of a body. Raises `TypeError` for what has none."""
    try:
        return memoryview(piece)
    except TypeError:
        text = f"expected a body of bytes, or an iterable of bytes, got {type(piece).__name__} in it"
        raise TypeError(text) from None


def blocks(file: Any, blocksize: int) -> Iterator[Any]:  # noqa: ANN401  any file
    """Yield the blocks of *file*; text is encoded as ISO-8859-1. Raises `ValueError` for blocks without an octet."""
    if blocksize < 1:
        raise ValueError(f"expected a blocksize of one octet at least, got {blocksize}")
    while block := file.read(blocksize):
        yield encode(block, "file") if isinstance(block, str) else block


def is_text(file: object) -> bool:
    """Tell whether *file* gives text."""
    return isinstance(file, io.TextIOBase)


def encode(text: str, name: str) -> bytes:
    """Return *text* as ISO-8859-1, as both documents say; an error names what was to be sent, and shows what cannot be.

    Raises `UnicodeEncodeError`.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as problem:
        wrong = text[problem.start : problem.end]
        reason = (
            f"{name.title()} ({wrong!r:.20}) is not valid Latin-1. "
            f"Use {name}.encode('utf-8') if you want to send it encoded in UTF-8."
        )
        raise UnicodeEncodeError(problem.encoding, wrong, 0, len(wrong), reason) from None


def _view(body: object) -> memoryview | None:
    """A view of what has the buffer protocol; None for the rest."""
    try:
        return memoryview(body)  # type: ignore[arg-type]
    except TypeError:
        return None


def _length_on_disk(file: Any) -> int | None:  # noqa: ANN401  any file
    """Return how many octets of *file* are still to be read, by its reported size; None where that is not certain.

    What the disk has is not what is read of pipes, of text, and of compressed files.
    """
    inner = getattr(file, "file", file)  # tempfile wraps
    if isinstance(inner, io.TextIOBase | io.BufferedIOBase) and not isinstance(inner, _FILES_AS_THEY_ARE):
        return None
    try:
        status = os.fstat(file.fileno())
        position = file.tell()
    except (AttributeError, OSError):
        return None
    return max(status.st_size - position, 0) if stat.S_ISREG(status.st_mode) else None
