"""The two faces of the client, and what differs between them: `Face`.

Law: data. `httplib_sim` is Python 2.7's httplib, `httplib_sim.client` Python 3's http.client; where their documents
agree there is one class, where they disagree there is a row here. docs/client.md has the same rows, with examples.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Face:
    """What differs, beside the signatures: each row a question to which the two documents have two answers."""

    strict: bool
    """Whether what is no status line is an error, and not an HTTP/0.9 response."""
    file_has_length: bool
    """Whether a file as body is sent with the Content-Length that the disk reports, and not in chunks."""
    tls_end_counts: bool
    """Whether content that ends with the connection is incomplete if TLS ended without close_notify (RFC 9112
    section 9.8); if not, it is taken for complete, as both httplib and http.client do."""
    cuts_are_ends: bool
    """Whether a connection that ends behind a whole header line, before the empty line, has ended the head, as
    http.client takes it, and urllib3's and requests' own tests demand it: if no Content-Length came. And whether a file
    (which test doubles give for a socket) may end anywhere in a head, as CPython's tests demand. If not, a head that
    was cut is an error, and nothing else."""
    final_is_required: bool
    """Whether a connection that ends after an interim response other than 100 has brought no response; if not, that one
    is the response, as it is in http.client whatever follows."""
    framing_is_certain: bool
    """Whether a head that leaves in doubt where the content ends is an error at once; if not, it is one as soon as the
    content is read, so that programs see the headers, and may judge them themselves, as with http.client."""
    urls_are_ascii: bool
    """Whether a URL that is not ASCII is an `InvalidURL`; if not, it is a UnicodeEncodeError when it is encoded, which
    programs override."""
    response_takes_strict: bool
    """Whether a ``response_class`` of a program's own is called with *strict*."""


HTTPLIB = Face(
    strict=False,
    file_has_length=True,
    tls_end_counts=True,
    cuts_are_ends=False,
    final_is_required=True,
    framing_is_certain=True,
    urls_are_ascii=True,
    response_takes_strict=True,
)
HTTP_CLIENT = Face(
    strict=True,
    file_has_length=False,
    tls_end_counts=False,
    cuts_are_ends=True,
    final_is_required=False,
    framing_is_certain=False,
    urls_are_ascii=False,
    response_takes_strict=False,
)
