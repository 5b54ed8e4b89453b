"""What a shape can say: data only. What it does its own way is in ``ways``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

RefreshTokens: TypeAlias = Literal["always", "offline_access", "access_type", "never"]
"""Who gets one: everybody, who asks for that scope, who asks with ``access_type=offline``, nobody."""
Alg: TypeAlias = Literal["ES256", "RS256", "ES384", "HS256"]

PATHS: Mapping[str, str] = {
    "authorize": "/authorize",
    "login": "/login",
    "token": "/token",  # a path
    "userinfo": "/userinfo",
    "jwks": "/jwks",
    "revoke": "/revoke",
    "introspect": "/introspect",
    "end_session": "/logout",
    "openid_configuration": "/.well-known/openid-configuration",
    "oauth_metadata": "/.well-known/oauth-authorization-server",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """``paths``: of the endpoints, below the issuer; one that is not there does not exist, and one that is not in
    ``PATHS`` is its own. ``aliases``: endpoints by further paths. ``scopes``: those that the provider knows, None
    for any; ``scope_names``: other names of theirs. ``default_scope``: of a request that asks for none.
    ``user_info_needs``: scopes of which any opens the user info, None for any token of a person. ``optional``:
    parameters that the standard wants and it does not (``response_type``; ``client_id`` is that of a token call).
    ``hosts``: its real names; ``home``: the issuer that it is at them; ``iss_path``: what ``iss`` has below the
    issuer. ``redirect_queries``: a redirect URI may have a query that is not registered. ``error_uri``: the page
    that explains errors of authorize. ``refresh_tokens``: who gets one; ``rotates``: a new one each time. ``oidc``:
    it issues ID tokens; ``alg``: signed so. ``own_id_token``: they have the claims of the user info.
    ``bearer_schemes``: lower case; ``bearer_in_query``: an access token may be there too. ``open_revocation``:
    whoever has a token may revoke it."""

    name: str
    paths: Mapping[str, str] = field(default_factory=lambda: PATHS)
    aliases: Mapping[str, str] = field(default_factory=dict)
    oidc: bool = True
    user_info_needs: frozenset[str] | None = frozenset({"openid"})
    alg: Alg = "ES256"
    scopes: frozenset[str] | None = None
    scope_names: Mapping[str, str] = field(default_factory=dict)
    default_scope: str = ""
    optional: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()
    home: str | None = None
    iss_path: str = ""
    redirect_queries: bool = False
    error_uri: str = ""
    refresh_tokens: RefreshTokens = "always"
    rotates: bool = True
    token_prefix: str = ""
    token_seconds: float = 3600.0
    bearer_schemes: frozenset[str] = frozenset({"bearer"})
    bearer_in_query: bool = False
    open_revocation: bool = False
    own_id_token: bool = False
