"""TLS, as the client speaks it.

Law: the only place of the client that loads ssl, and only when something here is called. Certificates and names are
verified unless a context that was given says otherwise. No context is kept: each is its connection's own to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    import ssl


def default_context(http_version: int = 11) -> ssl.SSLContext:
    """Return a new context as the standard library makes it for HTTPS, which offers HTTP/1.1 by ALPN (RFC 7301).

    The standard library's own switch, ``ssl._create_default_https_context``, is asked, since programs do turn it.
    """
    import ssl  # noqa: PLC0415  only for those who speak HTTPS

    context: ssl.SSLContext = ssl._create_default_https_context()  # noqa: SLF001  see above
    if http_version == 11:
        context.set_alpn_protocols(["http/1.1"])
    _allow_late_authentication(context)
    return context


def load_own_certificate(context: ssl.SSLContext, cert_file: str | None, key_file: str | None) -> None:
    """Have the client show a certificate of its own. Raises OSError for files that cannot be used."""
    context.load_cert_chain(cert_file, key_file)  # type: ignore[arg-type]  # None is refused by ssl, with its reason
    _allow_late_authentication(context)


def wrap(sock: socket.socket, context: Any, host: str, *, end_counts: bool) -> socket.socket:  # noqa: ANN401  contexts of other makers, too
    """Return a TLS connection to *host* over *sock*. Raises OSError (ssl.SSLError).

    With *end_counts* a connection that is cut, and one that is closed, do not look alike: see `Source.torn`.
    """
    secured: socket.socket = context.wrap_socket(sock, server_hostname=host)
    if end_counts and hasattr(secured, "suppress_ragged_eofs"):
        secured.suppress_ragged_eofs = False
    return secured


def set_check_hostname(context: ssl.SSLContext, *, check: bool) -> None:
    """Say whether the server's name is verified. Raises `ValueError` if its certificate is not."""
    if check and not context.verify_mode:
        raise ValueError("check_hostname needs a SSL context with either CERT_OPTIONAL or CERT_REQUIRED")
    context.check_hostname = check


def _allow_late_authentication(context: ssl.SSLContext) -> None:
    """A server may ask for the client's certificate after the handshake (RFC 8446 section 4.6.2)."""
    if context.post_handshake_auth is not None:
        context.post_handshake_auth = True
