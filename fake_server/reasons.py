"""Reason phrases: what usually stands behind a status code.

Law: one function, for all who write a status line.
"""

from __future__ import annotations

from http import HTTPStatus


def usual_reason(status: int) -> str:
    """Return the reason phrase that is usual for *status*, or nothing (RFC 9112 section 4: it may be empty)."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
