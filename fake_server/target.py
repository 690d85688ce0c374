"""Request targets: which path and query one means (RFC 9112 section 3.2).

Law: text in, text out; as in the codec, text is ISO-8859-1 until it has been percent-decoded.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


def split_target(target: str) -> tuple[str, str]:
    """Return path and query, both as sent, of a request target in any of its four forms.

    ``/a%20b?x=1`` gives ``("/a%20b", "x=1")``, and so does ``http://host/a%20b?x=1`` (absolute form, as sent to
    proxies). ``*`` (RFC 9112 section 3.2.4) and ``host:443`` (CONNECT's, section 3.2.3) are their own path.
    """
    if not target.startswith("/"):
        if "://" not in target:
            return target, ""
        target = origin_form(target)
    path, _, query = target.partition("?")
    return path or "/", query


def origin_form(target: str) -> str:
    """Return what stands behind scheme and authority of a request target in absolute form; of others all.

    That may be empty, or begin with the "?" (RFC 9112 section 3.2.2).
    """
    scheme, separator, rest = target.partition("://")
    if target.startswith("/") or not (separator and scheme.isalnum()):
        return target
    ends = [position for position in (rest.find("/"), rest.find("?")) if position >= 0]
    return rest[min(ends, default=len(rest)) :]


def path_octets(path: str) -> bytes:
    """Return the octets that a path, given as sent, means: percent-encoding taken off (RFC 3986 section 2.1)."""
    return unquote_to_bytes(path.encode("latin-1"))


def decoded_path(path: str) -> str:
    """Return a path, given as sent, as the text it means: percent-encoding taken off, UTF-8."""
    if "%" in path or not path.isascii():
        return path_octets(path).decode("utf-8", "replace")
    return path
