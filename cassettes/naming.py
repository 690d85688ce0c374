"""What a test's cassette is called.

Law: names in, a relative file name out; the same name on every platform, never two tests with one file.
"""

from __future__ import annotations

import hashlib
import re

_UNSAFE = re.compile(r"[^A-Za-z0-9._\[\]-]+")
_LONGEST = 120


def file_name(test_name: str) -> str:
    """Return the file name for a test such as ``test_get``, ``TestUser.test_get`` or ``test_get[a/b]``.

    A name that has characters which some file system forbids, or that is too long, gets a few digits of its hash, so
    that two such names never meet in one file.
    """
    safe = _UNSAFE.sub("-", test_name).strip("-.")[:_LONGEST]
    if safe != test_name:
        safe += "-" + hashlib.sha256(test_name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return safe + ".yaml"
