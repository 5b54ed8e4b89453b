"""CORS: only the registered origins are let in."""

from __future__ import annotations

from gateway.model import Pairs
from gateway.providers.oauth2.fake.call import Call

# Authorize and login are navigated to, never fetched.
ENDPOINTS = frozenset(
    {"token", "userinfo", "jwks", "revoke", "introspect", "openid_configuration", "oauth_metadata"}
)


async def headers(call: Call) -> Pairs:
    """For an answer. Empty where no page asks, or one of an origin that no client has."""
    origin = call.headers.get("origin")
    if origin is None or (call.endpoint not in ENDPOINTS and call.endpoint not in call.issuer.shape.extra):
        return ()
    if not call.broken("cors_registered"):
        clients = await call.settings.clients.listing(call.context.records, call.issuer.name)
        seen = await seen_origins(call)
        if origin not in seen and not any(origin in client.all_origins() for client in clients):
            return (("Vary", "Origin"),)
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", "WWW-Authenticate"),
        ("Vary", "Origin"),
    )


async def preflight(call: Call) -> Pairs:
    """For an OPTIONS, besides those of its answer. Empty likewise."""
    if not any(name == "Access-Control-Allow-Origin" for name, _ in await headers(call)):
        return ()
    return (
        ("Access-Control-Allow-Methods", "GET, POST"),
        ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
        ("Access-Control-Max-Age", "600"),
    )


async def seen_origins(call: Call) -> frozenset[str]:
    from gateway.providers.oauth2.fake import seen

    return await seen.origins(call)
