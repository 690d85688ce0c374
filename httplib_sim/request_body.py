"""Bodies of requests: how long they are, and what they are made of.

Law: what a program gives in, bytes out; nothing is sent here. A length is told only where it is certain: a wrong one makes
of the rest of a body the next request, or has the server wait for ever.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Any, cast

_EXPECT_A_BODY = frozenset({"PATCH", "POST", "PUT"})
_FILES_AS_THEY_ARE = (io.BufferedReader, io.BufferedRandom)


def content_length(body: Any, method: str, *, of_files: bool) -> int | None:  # noqa: ANN401  whatever may be a body
    """Return the length of *body* in octets; None where it is not known, or where none is expected.

    No body is 0 for the methods that expect one (PUT, POST, PATCH). A file has a length only with *of_files*.
    """
    if body is None:
        return 0 if method.upper() in _EXPECT_A_BODY else None
    if isinstance(body, str):
        return len(body)
    if hasattr(body, "read"):
        return size_on_disk(body) if of_files else None
    try:
        return memoryview(body).nbytes
    except TypeError:
        return None


def size_on_disk(file: Any) -> int | None:  # noqa: ANN401  any file
    """Return how many octets of *file* are still to be read, by the size that the disk reports; None if it reports none.

    What the disk has is not what is read of pipes, of text, and of compressed files.
    """
    inner = getattr(file, "file", file)  # tempfile wraps
    if isinstance(inner, io.TextIOBase | io.BufferedIOBase) and not isinstance(inner, _FILES_AS_THEY_ARE):
        return None
    try:
        status = os.fstat(file.fileno())
    except (AttributeError, OSError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return max(status.st_size - _position(file), 0)


def _position(file: Any) -> int:  # noqa: ANN401  any file
    try:
        return cast("int", file.tell())
    except (AttributeError, OSError):
        return 0


def pieces_of(body: Any, blocksize: int) -> Iterable[Any]:  # noqa: ANN401  whatever may be a body
    """Return what *body* consists of, each a bytes-like object. Raises `TypeError` for what can be no body."""
    if hasattr(body, "read"):
        return blocks_of(body, blocksize)
    try:
        return (memoryview(body),)
    except TypeError:
        if isinstance(body, Iterable):
            return body
    text = f"message_body should be a bytes-like object or an iterable, got {type(body)!r}"
    raise TypeError(text)


def blocks_of(file: Any, blocksize: int) -> Iterator[bytes]:  # noqa: ANN401  any file
    """Yield what is left in *file*, in blocks; text is encoded as ISO-8859-1."""
    while block := file.read(blocksize):
        yield block.encode("iso-8859-1") if isinstance(block, str) else block


def chunk(piece: Any) -> bytes:  # noqa: ANN401  any bytes-like object
    """Return *piece* as a chunk (RFC 9112 section 7.1)."""
    view = memoryview(piece)
    return b"%X\r\n%b\r\n" % (view.nbytes, view)


def encode(text: str, name: str) -> bytes:
    """Return *text* as ISO-8859-1, as both documents say; the error names what was to be sent, and shows one character.

    Raises `UnicodeEncodeError`.
    """
    try:
        return text.encode("iso-8859-1")
    except UnicodeEncodeError as problem:
        wrong = text[problem.start : problem.end]
        reason = (
            f"{name.title()} ({wrong!r:.20}) is not valid Latin-1. "
            f"Use {name}.encode('utf-8') if you want to send it encoded in UTF-8."
        )
        raise UnicodeEncodeError(problem.encoding, wrong, 0, len(wrong), reason) from None
