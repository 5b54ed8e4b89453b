"""Which endpoint a request is for, and what plans it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.model import Response
from gateway.providers.oauth2.fake import (
    authorize,
    cors,
    discovery,
    logout,
    pictures,
    revocation,
    token_endpoint,
    userinfo,
    ways,
)
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.plan import Act, Plan

_METHODS: Mapping[str, tuple[str, ...]] = {
    "authorize": ("GET", "POST"),
    "userinfo": ("GET", "POST"),
    "end_session": ("GET", "POST"),
    "jwks": ("GET", "HEAD"),
    "openid_configuration": ("GET", "HEAD"),
    "oauth_metadata": ("GET", "HEAD"),
    "picture": ("GET", "HEAD"),
}
_OTHERS = ("POST",)
# What a shape has of its own.
_ANY = ("GET", "POST")
_GENERIC: Mapping[str, Plan] = {
    "authorize": authorize.plan,
    "login": authorize.login,
    "token": token_endpoint.plan,
    "userinfo": userinfo.plan,
    "jwks": discovery.jwks,
    "revoke": revocation.revoke,
    "introspect": revocation.introspect,
    "end_session": logout.plan,
    "openid_configuration": discovery.openid,
    "oauth_metadata": discovery.oauth,
    "picture": pictures.plan,
}


async def plan_of(call: Call) -> Act:
    """Raises Refusal."""
    shape, path = call.issuer.shape, call.place.path
    known = (name for name, own in shape.paths.items() if own == path)
    call.endpoint = next(known, None) or shape.aliases.get(path, "")
    if not call.endpoint and path.startswith(pictures.PREFIX):
        call.endpoint = "picture"
    plan = ways.of(call).extra.get(call.endpoint) or _GENERIC.get(call.endpoint)
    if plan is None:
        raise Refusal("not_found", "there is nothing at this path", status=404)
    if call.request.method == "OPTIONS":
        return await _preflight(call)
    methods = _METHODS.get(call.endpoint, _OTHERS if call.endpoint in _GENERIC else _ANY)
    if call.request.method not in methods:
        allow = (("Allow", ", ".join(methods)),)
        raise Refusal("invalid_request", f"use {' or '.join(methods)}", status=405, headers=allow)
    return await plan(call)


async def _preflight(call: Call) -> Act:
    found = await cors.preflight(call)

    async def act() -> Response:
        return Response(204, found, b"")

    return act
