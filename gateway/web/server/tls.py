"""HTTPS under the names of providers, for apps that will not call another address: an authority of our own, and a
certificate for each name when a client first asks for it.

What trusts the authority trusts whoever reads its key: it is for the app under test alone (``NODE_EXTRA_CA_CERTS``,
``SSL_CERT_FILE``), never for a system or a browser. The key is in a file of the user's that nobody else may read.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from gateway.core.errors import ConfigError

# Apple's and Chrome's clients take no certificate that is good for longer than 398 days.
_LEAF = timedelta(days=365)
# The wall clock of a client may be behind.
_BEFORE = timedelta(days=1)
_MOST_NAMES = 200
_NAME = "connector gateway, for tests only"
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """``folder``: where ``ca.pem`` and its key are, made if there are none. ``known``: is that the name of
    something that we stand in for? Other clients get the certificate of ``localhost``. Raises ConfigError."""

    def __init__(self, folder: Path, known: Callable[[str], bool]) -> None:
        self.certificate = folder / "ca.pem"
        self._known = known
        self._contexts: dict[str, ssl.SSLContext] = {}
        try:
            self._ca = _loaded(folder) or _made(folder)
        except (ssl.SSLError, ValueError, TypeError):
            raise ConfigError(f"server.tls_folder: {folder}: ca.pem or ca-key.pem is broken; delete both") from None
        except OSError as error:
            raise ConfigError(f"server.tls_folder: {folder}: {str(error.strerror).lower()}") from None

    def context(self) -> ssl.SSLContext:
        """For the server. It goes by the name that the client asks for (SNI)."""
        made = self._of(*_OWN_NAMES)

        def chosen(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            wanted = (name or "").lower().rstrip(".")
            if wanted and self._known(wanted) and (wanted in self._contexts or len(self._contexts) < _MOST_NAMES):
                connection.context = self._of(wanted)

        made.sni_callback = chosen
        return made

    def _of(self, *names: str) -> ssl.SSLContext:
        found = self._contexts.get(names[0])
        if found is None:
            found = self._contexts[names[0]] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            found.set_alpn_protocols(["http/1.1"])
            now = datetime.now(UTC)
            leaf = self._ca.issue_cert(*names, not_before=now - _BEFORE, not_after=now + _LEAF)
            leaf.configure_cert(found)
        return found


def _loaded(folder: Path) -> trustme.CA | None:
    """None: there is none yet. Raises OSError, ValueError, TypeError; ssl.SSLError where the key is another's."""
    certificate, key = folder / "ca.pem", folder / "ca-key.pem"
    try:
        found = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    except FileNotFoundError:
        return None
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    return found


def _made(folder: Path) -> trustme.CA:
    """Raises OSError."""
    made = trustme.CA(path_length=0, organization_name=_NAME)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = folder / "ca-key.pem"
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(made.private_key_pem.bytes())
    (folder / "ca.pem").write_bytes(made.cert_pem.bytes())
    return made
