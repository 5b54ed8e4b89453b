"""Access tokens: opaque ones, or JWTs (RFC 9068), as the issuer or the client has it."""

from __future__ import annotations

import re
from typing import Any

from gateway.core.model import Document, new_id
from gateway.providers.oauth2.fake import grants, mutators, tokens
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import How, Refusal
from gateway.providers.oauth2.fake.grants import Grant
from gateway.providers.oauth2.fake.issuers import Issuer
from gateway.providers.oauth2.fake.mutators import Unsigned
from gateway.providers.oauth2.fake.personas import Persona

# RFC 8707 2: an absolute URI without a fragment.
_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-\"$-~]+")
# A grant keeps it for weeks, and each token says it again.
_LONGEST = 8192
_OPAQUE = "mutate.accessToken does nothing: this access token is opaque; set access_tokens: jwt of issuer or client"


async def issue(call: Call, client: Client, grant: Grant, persona: Persona | None, scope: str) -> str:
    """A new one. It is known again by its text, whatever a fault or a switch made of what it says."""
    seconds = call.issuer.token_seconds
    facts: Document = {"grant": grant.id, "client": client.id, "scope": scope, "issued": call.real()}
    if not are_jwts(call, client):
        if mutators.touches(call, "access_token"):
            call.explanation["hint"] = _OPAQUE
        return await grants.issue(call, "access", seconds, **facts)
    claims = _claims(call, grant, persona, scope)
    alg = algorithm(call.issuer)
    header = {"alg": alg, "typ": "JWT" if call.broken("access_token_typ") else "at+jwt"}
    text = await tokens.sign(call, Unsigned("access_token", alg, header, claims))
    await grants.keep_token(call, "access", text, seconds, **facts, aud=claims["aud"])
    return text


def are_jwts(call: Call, client: Client) -> bool:
    """Never where the issuer has no key set that anybody could read."""
    return (client.access_tokens or call.issuer.access_tokens) == "jwt" and "jwks" in call.issuer.shape.paths


def algorithm(issuer: Issuer) -> str:
    """Of the JWTs. What HMAC signs, a resource server cannot check."""
    return issuer.alg if not issuer.alg.startswith("HS") else "ES256"


def resource(call: Call, client: Client, how: How = "json") -> str:
    """Whom the request wants the token for (RFC 8707), with spaces between; only a JWT says it. Raises Refusal."""
    asked = call.get("resource") if are_jwts(call, client) else None
    if asked is None:
        return ""
    if len(asked) > _LONGEST or not all(_RESOURCE.fullmatch(one) for one in asked.split(" ")):
        raise Refusal("invalid_target", "resource is an absolute URI without a fragment", how)
    return asked


def narrowed(call: Call, client: Client, grant: Grant) -> str:
    """What a token request makes of the grant's (RFC 8707 2.2). Raises Refusal."""
    asked = resource(call, client)
    if asked and grant.resource and not set(asked.split()) <= set(grant.resource.split()):
        raise Refusal("invalid_target", "resource was not in the authorization request")
    return asked or grant.resource


def _claims(call: Call, grant: Grant, persona: Persona | None, scope: str) -> dict[str, Any]:
    """RFC 9068 2.2. Times are real."""
    now, audience = call.real(), grant.resource.split()
    aud: str | list[str] = audience if len(audience) > 1 else "".join(audience)
    if not audience or call.broken("access_token_audience"):
        aud = call.issuer.audience or call.url
    claims: dict[str, Any] = {
        "iss": call.url,
        "sub": persona.sub if persona is not None else grant.client_id,
        "aud": aud,
        "client_id": grant.client_id,
        "iat": now,
        "exp": now + int(call.issuer.token_seconds),
        "jti": new_id("token"),
    }
    if scope:
        claims["scope"] = scope
    if call.broken("access_token_claims"):
        del claims["jti"], claims["client_id"]
    return claims
