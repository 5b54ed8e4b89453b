"""CORS: only the registered origins are let in."""

from __future__ import annotations

from gateway.core.model import Pairs
from gateway.providers.oauth2.fake import seen
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.shapes.shape import PATHS

# Authorize and login are navigated to, never fetched.
ENDPOINTS = frozenset(
    {"token", "userinfo", "jwks", "revoke", "introspect", "openid_configuration", "oauth_metadata"}
)


async def headers(call: Call) -> Pairs:
    """For an answer. Empty where no page asks, or one of an origin that no client has."""
    origin = call.headers.get("origin")
    if origin is None or not _is_fetched(call):
        return ()
    if not call.broken("cors_registered"):
        clients = await call.settings.clients.listing(call.context.records, call.issuer.name)
        came_by = await seen.origins(call)
        if origin not in came_by and not any(origin in client.all_origins() for client in clients):
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


def _is_fetched(call: Call) -> bool:
    """So is whatever a shape has of its own."""
    endpoint = call.endpoint
    return endpoint in ENDPOINTS or (endpoint in call.issuer.shape.paths and endpoint not in PATHS)
