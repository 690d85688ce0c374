"""Bad certificates: what may be the matter with one, each by its name.

Law: a flaw is one thing that is wrong, and all else is right, so that a client that refuses the certificate does so for
that reason.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    import trustme

Flaw = Literal["expired", "not yet valid", "wrong host", "self-signed", "unknown CA", "missing intermediate"]

FLAWS: Final[tuple[Flaw, ...]] = get_args(Flaw)
"""All of them."""

ELSEWHERE: Final = "elsewhere.invalid"
"""The host that a certificate with a wrong host is for."""

_DAY: Final = dt.timedelta(days=1)


def flawed(ca: trustme.CA, names: Sequence[str], flaw: Flaw | None) -> trustme.LeafCert:
    """Return a certificate for *names*, issued by *ca* as far as the *flaw*, if any, lets it be.

    Raises ValueError for what is no host name.
    """
    import trustme  # noqa: PLC0415  only for those who use TLS

    kind = trustme.KeyType.ECDSA
    if flaw is None:
        return ca.issue_cert(*names, key_type=kind)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    issuer, hosts, begin, end = ca, names, -30, 30
    match flaw:
        case "self-signed":
            return _self_signed(names, now)
        case "expired":
            end = -1
        case "not yet valid":
            begin = 1
        case "wrong host":
            hosts = [ELSEWHERE]
        case "unknown CA":
            issuer = trustme.CA(key_type=kind)
        case "missing intermediate":
            issuer = ca.create_child_ca(key_type=kind)
    leaf = issuer.issue_cert(*hosts, not_before=now + begin * _DAY, not_after=now + end * _DAY, key_type=kind)
    if flaw == "missing intermediate":
        return trustme.LeafCert(leaf.private_key_pem.bytes(), leaf.cert_chain_pems[0].bytes(), [])
    return leaf


def _self_signed(names: Sequence[str], now: dt.datetime) -> trustme.LeafCert:
    """A certificate that vouches for itself, as those do that people make with openssl."""
    import trustme  # noqa: PLC0415  only for those who use TLS
    from cryptography import x509  # noqa: PLC0415  trustme has loaded it
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    model = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert(*names, key_type=trustme.KeyType.ECDSA)
    alternatives = x509.load_pem_x509_certificate(model.cert_chain_pems[0].bytes()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "self-signed by the fake server")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(alternatives.value, critical=False)
        .sign(key, hashes.SHA256())
    )
    return trustme.LeafCert(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
        [],
    )
