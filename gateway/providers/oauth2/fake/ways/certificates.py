"""Keys as X.509 certificates, which is how some providers publish them too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def self_signed(key: Any, name: str) -> str:
    """A certificate of a private key, PEM. It is made anew each time, valid from yesterday for a month."""
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(yesterday).not_valid_after(yesterday + timedelta(days=30))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
