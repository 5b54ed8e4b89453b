"""TLS under the providers' host names, for apps whose endpoint cannot be changed.

A certificate authority is made once, and a certificate for a host name when a client first asks for that name.

Anyone with the authority's key can impersonate any site to clients that trust the authority. So only the app under
test may trust it (``NODE_EXTRA_CA_CERTS``, ``SSL_CERT_FILE``), never a system or a browser, and only the owner of
the file with the key can read it.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from gateway.core.errors import ConfigError

# Clients of Apple and Chrome refuse certificates that are valid for more than 398 days.
_LEAF = timedelta(days=365)
# The clock of a client may be behind.
_BEFORE = timedelta(days=1)
_MOST_NAMES = 200
_NAME = "connector gateway, for tests only"
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """A certificate authority and the certificates that it has issued.

    Args:
        folder: where ``ca.pem`` and ``ca-key.pem`` are. They are made if they do not exist.
        known: tells whether a host name is that of a fake. Clients that ask for any other name get the certificate
            of ``localhost``.

    Raises ConfigError if the files cannot be read or made.
    """

    def __init__(self, folder: Path, known: Callable[[str], bool]) -> None:
        self.certificate = folder / "ca.pem"
        self._known = known
        self._contexts: dict[str, ssl.SSLContext] = {}
        try:
            self._ca = _load(folder) or _make(folder)
        except (ssl.SSLError, ValueError, TypeError):
            raise ConfigError(f"server.tls_folder: {folder}: ca.pem or ca-key.pem is broken; delete both") from None
        except OSError as error:
            raise ConfigError(f"server.tls_folder: {folder}: {str(error.strerror).lower()}") from None

    def context(self) -> ssl.SSLContext:
        """Return the server's context, which chooses a certificate by the name that the client sends (SNI)."""
        context = self._context_of(*_OWN_NAMES)

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            wanted = (name or "").lower().rstrip(".")
            if wanted and self._known(wanted) and (wanted in self._contexts or len(self._contexts) < _MOST_NAMES):
                connection.context = self._context_of(wanted)

        context.sni_callback = choose
        return context

    def _context_of(self, *names: str) -> ssl.SSLContext:
        context = self._contexts.get(names[0])
        if context is None:
            context = self._contexts[names[0]] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            now = datetime.now(UTC)
            leaf = self._ca.issue_cert(*names, not_before=now - _BEFORE, not_after=now + _LEAF)
            leaf.configure_cert(context)
        return context


def _load(folder: Path) -> trustme.CA | None:
    """Read the authority. None if there is none yet.

    Raises OSError, ValueError and TypeError, and ssl.SSLError if the key does not belong to the certificate.
    """
    certificate, key = folder / "ca.pem", folder / "ca-key.pem"
    try:
        authority = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    except FileNotFoundError:
        return None
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    return authority


def _make(folder: Path) -> trustme.CA:
    """Make the authority and its files. Raises OSError."""
    authority = trustme.CA(path_length=0, organization_name=_NAME)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = folder / "ca-key.pem"
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(authority.private_key_pem.bytes())
    (folder / "ca.pem").write_bytes(authority.cert_pem.bytes())
    return authority
