"""What a TLS handshake agreed on: recorded of a real connection, told again where there is none.

Law: facts as values, and the face of `ssl.SSLObject` over them for clients that ask. No handshake, no verification: on
a real connection both are the client's own and untouched, in a replay there is nothing to verify. ssl is imported only
where somebody wants a certificate read.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What was agreed on: *version* and *cipher* by OpenSSL's names, its strength in *bits*, the *alpn* protocol.

    *certificate* is the peer's in DER, empty if there was none; *verified* says whether the client had it checked.
    """

    version: str
    cipher: str = ""
    bits: int = 0
    alpn: str = ""
    certificate: bytes = b""
    verified: bool = True


def facts_of(secure: Any) -> TlsFacts | None:  # noqa: ANN401  a socket, an SSLObject, or what a library has instead
    """Return what *secure* says of itself; None if it knows nothing of TLS, or has not agreed on anything yet."""
    version = _ask(secure, "version")
    if not isinstance(version, str):
        return None
    cipher = _ask(secure, "cipher") or ("", version, 0)
    return TlsFacts(
        version,
        cipher[0],
        cipher[2] or 0,
        _ask(secure, "selected_alpn_protocol") or "",
        _ask(secure, "getpeercert", True) or b"",  # noqa: FBT003  ssl's signature
        bool(_ask(secure, "getpeercert")),
    )


def _ask(secure: Any, name: str, *arguments: object) -> Any:  # noqa: ANN401  each has an answer of its own
    method = getattr(secure, name, None)
    try:
        return method(*arguments) if callable(method) else None
    except (ValueError, NotImplementedError):  # not yet, or not in this library
        return None


class RecordedTls:
    """The face of `ssl.SSLObject` over *facts*."""

    def __init__(self, facts: TlsFacts) -> None:
        self._facts = facts

    def version(self) -> str:
        """Return the TLS version, such as ``TLSv1.3``."""
        return self._facts.version

    def cipher(self) -> tuple[str, str, int] | None:
        """Return the cipher's name, the TLS version, and the strength in bits."""
        facts = self._facts
        return (facts.cipher, facts.version, facts.bits) if facts.cipher else None

    def shared_ciphers(self) -> None:
        """Return None: only servers know these."""

    def compression(self) -> None:
        """Return None: nobody compresses in TLS any more."""

    def selected_alpn_protocol(self) -> str | None:
        """Return the protocol agreed on, such as ``http/1.1``; None if there was none."""
        return self._facts.alpn or None

    def selected_npn_protocol(self) -> None:
        """Return None: what came before ALPN is gone."""

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002  ssl's signature
        """Return the peer's certificate: in DER, or as ssl's dictionary, empty if it was not verified."""
        facts = self._facts
        if not facts.certificate:
            return None
        if binary_form:
            return facts.certificate
        return decoded(facts.certificate) if facts.verified else {}


def decoded(certificate: bytes) -> dict[str, Any]:
    """Return a *certificate*, in DER, as the dictionary that `ssl.SSLSocket.getpeercert` gives."""
    import _ssl  # noqa: PLC0415  for those who ask
    import ssl  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="httplib-sim-") as folder:
        # OpenSSL's own reading of it, which Python gives to nobody but a connection and its own tests.
        path = Path(folder) / "certificate.pem"
        path.write_text(ssl.DER_cert_to_PEM_cert(certificate), "ascii")
        return cast("dict[str, Any]", cast("Any", _ssl)._test_decode_cert(str(path)))  # noqa: SLF001
