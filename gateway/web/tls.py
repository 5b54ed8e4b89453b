"""HTTPS under the names of providers, for apps that will not call another address: an authority of our own, and a
certificate for each name when a client first asks for it.

What trusts the authority trusts whoever reads its key: it is for the app under test alone (``NODE_EXTRA_CA_CERTS``,
``SSL_CERT_FILE``), never for a system or a browser. The key is in a file of the user's that nobody else may read.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.errors import ConfigError

# Apple's and Chrome's clients take no certificate that is good for longer than 398 days.
_LEAF = timedelta(days=365)
_AUTHORITY = timedelta(days=3650)
# The wall clock of a client may be behind.
_BEFORE = timedelta(days=1)
_MOST_NAMES = 200
_NAME = "connector gateway, for tests only"


class Authority:
    """``folder``: where ``ca.pem`` and its key are, made if there are none. ``known``: is that the name of
    something that we stand in for? Other clients get the certificate of ``localhost``. Raises ConfigError."""

    def __init__(self, folder: Path, known: Callable[[str], bool]) -> None:
        self.certificate = folder / "ca.pem"
        self._known = known
        self._contexts: dict[str, ssl.SSLContext] = {}
        try:
            self._key, self._ca = _loaded(folder) or _made(folder)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "ca.pem or ca-key.pem is broken; delete both"
            raise ConfigError(f"server.tls_folder: {folder}: {str(reason).lower()}") from None
        # One key for all names: making a certificate in the middle of a handshake is a signature then.
        self._own = ec.generate_private_key(ec.SECP256R1())

    def context(self) -> ssl.SSLContext:
        """For the server. It goes by the name that the client asks for (SNI)."""
        made = self._of("localhost")

        def chosen(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            wanted = (name or "").lower().rstrip(".")
            if wanted and self._known(wanted) and (wanted in self._contexts or len(self._contexts) < _MOST_NAMES):
                connection.context = self._of(wanted)

        made.sni_callback = chosen
        return made

    def _of(self, name: str) -> ssl.SSLContext:
        found = self._contexts.get(name)
        if found is None:
            found = self._contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            found.set_alpn_protocols(["http/1.1"])
            # The library reads files only.
            with tempfile.TemporaryDirectory(prefix="gateway-tls-") as folder:
                chain = Path(folder) / "chain.pem"
                chain.touch(mode=0o600)
                chain.write_bytes(_private(self._own) + self._leaf(name) + _public(self._ca))
                found.load_cert_chain(chain)
        return found

    def _leaf(self, name: str) -> bytes:
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if name == "localhost":
            names += [x509.IPAddress(ip_address(one)) for one in ("127.0.0.1", "::1")]
        builder = _builder(name[:64], self._ca.subject, self._own.public_key(), self._key.public_key(), _LEAF)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return _public(builder.sign(self._key, hashes.SHA256()))


def _loaded(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    """None: there is none yet, or it will soon be over. Raises OSError, ValueError."""
    try:
        key = serialization.load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    except FileNotFoundError:
        return None
    except TypeError:
        raise ValueError("the key has a password") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        raise ValueError("not its key")
    return (key, certificate) if certificate.not_valid_after_utc > datetime.now(UTC) + _LEAF else None


def _made(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Raises OSError."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    builder = _builder(_NAME, name, key.public_key(), key.public_key(), _AUTHORITY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (folder / "ca-key.pem").unlink()
    with os.fdopen(os.open(folder / "ca-key.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_private(key))
    (folder / "ca.pem").write_bytes(_public(certificate))
    return key, certificate


def _builder(
    common_name: str,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    life: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """``signs``: other certificates."""
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*kinds)


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
