"""What a shape can say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from gateway.model import Document, Response

if TYPE_CHECKING:
    from gateway.providers.oauth2.fake.call import Call
    from gateway.providers.oauth2.fake.errors import Refusal
    from gateway.providers.oauth2.fake.personas import Persona

Act: TypeAlias = "Callable[[], Awaitable[Response]]"
"""Does what was planned. Nothing has changed before it is called."""
Plan: TypeAlias = "Callable[[Call], Awaitable[Act]]"
"""One endpoint: checks the request, raises ``Refusal``, changes nothing, returns the act."""
RefreshTokens: TypeAlias = Literal["always", "offline_access", "never"]

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
    """``paths``: of the endpoints, below the issuer; one that is not there does not exist. ``scopes``: those
    that the provider knows, None for any. ``default_scope``: of a request that asks for none. ``optional``:
    parameters that the standard wants and it does not (``response_type``). ``hosts``: its real names.
    ``refresh_tokens``: who gets one. ``oidc``: it issues ID tokens. ``bearer_schemes``: lower case.
    ``user_info_needs``: the scope without which there is no user info, None for any token of a person.

    What follows is None where the generic way will do. ``userinfo(call, persona, scope)`` makes the body of the
    user info answer; ``token_answer(call, fields)`` writes the fields of RFC 6749 5.1; ``refused(call, refusal)``
    writes an error, None for the generic one; ``extra``: endpoints of its own, by their names in ``paths``.
    """

    name: str
    paths: Mapping[str, str] = field(default_factory=lambda: PATHS)
    oidc: bool = True
    user_info_needs: str | None = "openid"
    scopes: frozenset[str] | None = None
    default_scope: str = ""
    optional: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()
    refresh_tokens: RefreshTokens = "always"
    token_prefix: str = ""
    token_seconds: float = 3600.0
    bearer_schemes: frozenset[str] = frozenset({"bearer"})
    userinfo: Callable[[Call, Persona, str], Document] | None = None
    token_answer: Callable[[Call, Document], Response] | None = None
    refused: Callable[[Call, Refusal], Response | None] | None = None
    extra: Mapping[str, Plan] = field(default_factory=dict)
