"""The user info endpoint (OIDC Core 5.3)."""

from __future__ import annotations

from gateway.core.model import Response
from gateway.providers.oauth2.fake import bearer, claims, documents, ways
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.plan import Act


async def plan(call: Call) -> Act:
    """Raises Refusal."""
    if call.request.method == "POST" and call.broken("userinfo_post"):
        raise Refusal("invalid_request", "use GET", "bearer", status=405)
    persona, scope, grant = await bearer.whose(call, call.issuer.shape.user_info_needs)
    own = ways.of(call).userinfo
    document = own(call, persona, scope) if own is not None else None
    if document is None:
        document = claims.for_userinfo(call, persona, scope, grant)
    if call.broken("userinfo_sub") and "sub" in document:
        document["sub"] = f"{persona.sub}-another"

    async def act() -> Response:
        return documents.as_json(document, headers=documents.no_store(call))

    return act
