"""Registered applications, and the seam through which the fake finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

from gateway.storage.ports import Records

AuthMethod: TypeAlias = Literal[
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
]
AccessTokens: TypeAlias = Literal["opaque", "jwt"]
AUTH_METHODS: tuple[AuthMethod, ...] = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
)
GRANTS = ("authorization_code", "refresh_token", "client_credentials")


@dataclass(frozen=True, slots=True)
class Client:
    """A registered application.

    ``secrets``: those that are live, one or two. ``scopes``: what it may ask for, None for anything.
    ``auth_method``: the only one that it may use (OIDC registration's ``token_endpoint_auth_method``), None for
    any that it has the means for; without a secret and without ``jwks`` it is a public client. ``jwks``: public
    keys, a JWK set. ``origins``: of its pages, for CORS; those of its redirect URIs are known. ``issuers``: where
    it is registered, None for all. ``resource_server``: it takes others' access tokens, and may introspect them.
    ``access_tokens``: what it gets, None for what the issuer gives. ``seen``: nobody registered it, it came by:
    ``secret_hash`` (hexadecimal SHA-256) is what it showed first, ``public`` that it showed none.
    ``any_loopback``: it may be sent back to any loopback address, registered or not.
    """

    id: str
    name: str | None = None
    homepage: str | None = None
    logo: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    scopes: frozenset[str] | None = None
    auth_method: AuthMethod | None = None
    grants: tuple[str, ...] = GRANTS
    jwks: Mapping[str, Any] | None = None
    origins: tuple[str, ...] = ()
    issuers: frozenset[str] | None = None
    resource_server: bool = False
    access_tokens: AccessTokens | None = None
    seen: bool = False
    secret_hash: str | None = field(default=None, repr=False)
    public: bool = False
    any_loopback: bool = False

    @property
    def is_public(self) -> bool:
        """It has nothing to authenticate with."""
        if self.seen:
            return self.public
        return self.auth_method == "none" or not (self.secrets or self.jwks)

    def all_origins(self) -> frozenset[str]:
        return frozenset(self.origins) | {origin for uri in self.redirect_uris if (origin := _origin(uri))}


def _origin(uri: str) -> str | None:
    """As a browser writes it (RFC 6454 6.2): lower case, without the default port. None where it has none."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    default = {"http": 80, "https": 443}.get(parts.scheme)
    if default is None or not host:
        return None
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, default) else "")


class Clients(Protocol):
    """The registered clients, from wherever."""

    async def find(self, records: Records, issuer: str, client_id: str) -> Client | None: ...
    async def listing(self, records: Records, issuer: str) -> Sequence[Client]: ...


@dataclass(frozen=True, slots=True)
class DeclaredClients:
    """Implements ``Clients`` for those of the config file."""

    by_id: Mapping[str, Client] = field(default_factory=dict)

    async def find(self, records: Records, issuer: str, client_id: str) -> Client | None:  # noqa: ARG002  # the seam
        found = self.by_id.get(client_id)
        return found if found is not None and (found.issuers is None or issuer in found.issuers) else None

    async def listing(self, records: Records, issuer: str) -> Sequence[Client]:  # noqa: ARG002  # the seam
        return [one for one in self.by_id.values() if one.issuers is None or issuer in one.issuers]
