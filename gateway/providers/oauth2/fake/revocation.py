"""Revocation (RFC 7009) and introspection (RFC 7662) of tokens."""

from __future__ import annotations

from typing import Literal

from gateway.core.model import Document, Response
from gateway.providers.oauth2.fake import client_auth, documents, forms, grants
from gateway.providers.oauth2.fake.call import Call, once, pairs
from gateway.providers.oauth2.fake.client_outcomes import failed
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import Held
from gateway.providers.oauth2.fake.plan import Act

_KINDS: tuple[Literal["access", "refresh"], ...] = ("access", "refresh")


async def revoke(call: Call) -> Act:
    """Raises Refusal."""
    client = await _revoker(call)
    kind, held = await _find(call)
    if held is None and call.broken("revoke_unknown"):
        raise Refusal("invalid_request", "the token is not known")
    # 2.1: another client's token is refused, and its owner not told about.
    own = held is not None and (client is None or held.value["client"] == client.id or call.broken("revoke_client"))
    if held is not None and not own:
        raise Refusal("invalid_grant", "the token is another client's")

    async def act() -> Response:
        if held is not None:
            await grants.mark(call, held, revoked=True, expires=0.0)
            if kind == "refresh" and not call.broken("revoke_family"):
                await grants.revoke(call, held.value["grant"])
        # The RFC leaves the body open, and some clients read JSON whatever it is.
        return documents.as_json({}, headers=documents.no_store(call))

    return act


async def _revoker(call: Call) -> Client | None:
    """None: anybody, where whoever has the token may revoke it."""
    if call.request.body or not call.issuer.shape.open_revocation:
        forms.read(call)
    if not call.issuer.shape.open_revocation:
        return await client_auth.authenticate(call)
    call.parameters = {**once(pairs(call.place.query)), **call.parameters}
    named = call.get("client_id") is not None or call.headers.get("authorization") is not None
    return await client_auth.authenticate(call) if named else None


async def introspect(call: Call) -> Act:
    """Raises Refusal."""
    forms.read(call)
    client = None
    if not call.broken("introspect_auth"):
        client = await client_auth.authenticate(call)
        if client.is_public or call.signature == "absent":
            raise failed("introspection is for clients that authenticate")
    kind, held = await _find(call)
    document = None
    if held is not None and _may_ask(call, client, held):
        document = await _described(call, kind, held)
    elif held is not None:
        call.explanation["hint"] = "the token is another client's, and this one is no resource server"
    if document is None and call.broken("introspect_inactive"):
        raise Refusal("invalid_token", "the token is not known", status=404)

    async def act() -> Response:
        return documents.as_json(document or {"active": False}, headers=documents.no_store(call))

    return act


def _may_ask(call: Call, client: Client | None, held: Held) -> bool:
    """RFC 7662 4: nobody learns of tokens by guessing at them. No client: the switch ``introspect_auth``."""
    if client is None or client.resource_server or call.broken("introspect_client"):
        return True
    return bool(held.value["client"] == client.id)


async def _find(call: Call) -> tuple[str, Held | None]:
    """``token_type_hint`` is a hint only: both kinds are looked for."""
    text = call.get("token")
    if text is None:
        raise Refusal("invalid_request", "token is missing")
    for kind in _KINDS:
        held = await grants.find(call, kind, text)
        if held is not None:
            return kind, held
    return "", None


async def _described(call: Call, kind: str, held: Held) -> Document | None:
    grant = await grants.load(call, held.value["grant"])
    if grant is None or grant.revoked or held.expired(call.now()) or held.value.get("used"):
        return None
    persona = await grants.persona(call, grant)
    if grant.persona is not None and persona is None:
        return None
    left = held.value["expires"] - call.now()
    document: Document = {
        "active": True,
        "client_id": grant.client_id,
        "scope": held.value.get("scope", grant.scope),
        # As every time in a token this is real time.
        "exp": call.real() + int(left),
        "iss": grants.issuer_of(call, grant),
        "sub": persona.sub if persona is not None else grant.client_id,
    }
    if kind == "access":
        document |= {"token_type": "Bearer", "iat": held.value["issued"]}
        if "aud" in held.value:
            document["aud"] = held.value["aud"]
    if persona is not None:
        document["username"] = persona.name
    return document
