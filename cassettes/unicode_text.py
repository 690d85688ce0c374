"""Text in UTF-16 and UTF-32: told from other content, read, and written back.

Law: octets in, text out, and back to the very octets. What is not sound is not text, and is left to be what it is.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_CHARSET: Final = re.compile(r'(?i);\s*charset\s*=\s*"?(utf-?(?:16|32)(?:-?[lb]e)?)')
_MARKS: Final = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_JSON: Final = (
    (re.compile(rb"[\[{\"\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\[{\"\s]"), "utf-32-be"),
    (re.compile(rb"[\[{\"\s]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[\[{\"\s]\0"), "utf-16-be"),
)
"""How JSON begins in each (RFC 4627 section 3)."""
_UNIT: Final = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}


class UnicodeText(NamedTuple):
    """Text without what is needed to write it back: a byte order mark, a unit that was cut off."""

    utf8: bytes
    encoding: str
    mark: bytes = b""
    rest: bytes = b""

    def written(self, utf8: bytes) -> bytes:
        """Return *utf8* as this text was written."""
        return self.mark + utf8.decode("utf-8", "surrogatepass").encode(self.encoding, "surrogatepass") + self.rest


def read(content: bytes, content_type: str) -> UnicodeText | None:
    """Return *content* as text, if it begins with a mark or as JSON, or if *content_type* says so; else None."""
    encoding, mark = _encoding(content, content_type)
    if not encoding:
        return None
    end = len(content) - (len(content) - len(mark)) % _UNIT[encoding]
    try:
        utf8 = content[len(mark) : end].decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    text = UnicodeText(utf8, encoding, mark, content[end:])
    return text if text.written(utf8) == content else None


def _encoding(content: bytes, content_type: str) -> tuple[str, bytes]:
    """(The codec, the byte order mark) of *content*; without both, what says UTF-16 alone is big-endian (RFC 2781)."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, mark
    for beginning, encoding in _JSON:
        if beginning.match(content):
            return encoding, b""
    charset = _CHARSET.search(content_type)
    if charset is None:
        return "", b""
    name = charset[1].lower().replace("-", "").removeprefix("utf")
    order = name[2:] or ("le" if content[:1] != b"\0" else "be")
    return f"utf-{name[:2]}-{order}", b""
