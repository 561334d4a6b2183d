"""Certificates of the crawl tests: an authority that the crawl is told to trust, and hosts that do not go to it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


class Authority:
    """Issues certificates; `file` is its own, for SSL_CERT_FILE."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        made = _certificate(self._name, self._key, self._name, self._key, days=30, authority=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, *, days: int = 30, self_signed: bool = False) -> ssl.SSLContext:
        """What a server for `host` shows; it ends in so many days, which may be over."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        issuer = (name, key) if self_signed else (self._name, self._key)
        made = _certificate(name, key, *issuer, days=days, host=host)
        file = self._folder / f"{host}.{days}.{self_signed}.pem"
        file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def by_name(contexts: dict[str, ssl.SSLContext]) -> ssl.SSLContext:
    """One server that shows each host's own certificate."""

    def choose(connection: ssl.SSLObject, host: str | None, _: ssl.SSLContext) -> None:
        if host in contexts:
            connection.context = contexts[host]

    first = next(iter(contexts.values()))
    first.sni_callback = choose
    return first


def _certificate(subject, key, issuer, signer, *, days, host="", authority=False):
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 60 * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if host:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return made.sign(signer, hashes.SHA256())
