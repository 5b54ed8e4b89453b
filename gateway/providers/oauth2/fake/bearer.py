"""Bearer tokens (RFC 6750)."""

from __future__ import annotations

import re
from collections.abc import Collection

from gateway.providers.oauth2.fake import grants, pictures
from gateway.providers.oauth2.fake.call import Call, form_of, once, pairs
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import Grant
from gateway.providers.oauth2.fake.personas import Persona

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


async def whose(call: Call, needs: Collection[str] | None = None) -> tuple[Persona, str, Grant]:
    """Whose access token it is, its scope and grant. ``needs``: scopes of which one must be there. Fills in the
    call. Raises Refusal."""
    text = _token(call)
    held = await grants.find(call, "access", text)
    grant = await grants.load(call, held.value["grant"]) if held is not None else None
    if held is None or grant is None:
        raise _refused("invalid_token", "the access token is not known")
    call.client_id = grant.client_id
    dead = held.expired(call.now()) or grant.revoked or held.value.get("revoked")
    if dead and not call.broken("bearer_token"):
        raise _refused("invalid_token", "the access token is expired or revoked")
    scope: str = held.value["scope"]
    lacks = needs is not None and not any(one in needs for one in scope.split())
    if (grant.persona is None or lacks) and not (call.broken("bearer_scope") and grant.persona is not None):
        words = "the access token has not the scope for this"
        raise Refusal("insufficient_scope", words, "bearer", scope="openid" if needs else "")
    persona = await grants.persona(call, grant)
    if persona is None:
        raise _refused("invalid_token", "the user is gone")
    call.persona, call.signature = persona, "valid"
    return pictures.with_absolute_url(call, grant, persona), scope, grant


def _token(call: Call) -> str:
    """RFC 6750 2: in the header or in a form; never in the query, which ends up in logs."""
    found = []
    authorization = call.headers.get("authorization")
    if authorization is not None:
        scheme, _, text = authorization.partition(" ")
        if scheme == "Bearer" or (scheme.lower() in _schemes(call) and not call.broken("bearer_scheme_case")):
            found.append(text.strip())
    request = call.request
    form = form_of(request, call.headers.get("content-type", "")) if request.method == "POST" else None
    try:
        in_form = once(pairs(form or "")).get("access_token")
        in_query = once(pairs(call.place.query)).get("access_token")
    except Refusal as refusal:
        raise _refused("invalid_request", refusal.description) from None
    if in_form is not None:
        found.append(in_form)
    if in_query is not None:
        if not (call.issuer.shape.bearer_in_query or call.broken("bearer_query")):
            raise _refused("invalid_request", "the access token must not be in the query")
        found.append(in_query)
    if not found:
        raise Refusal("", "no access token", "bearer", status=401)
    if len(found) > 1 and not call.broken("bearer_one_method"):
        raise _refused("invalid_request", "more than one access token")
    if _TOKEN.fullmatch(found[0]) is None:
        raise _refused("invalid_request", "the access token is malformed")
    return found[0]


def _schemes(call: Call) -> frozenset[str]:
    return call.issuer.shape.bearer_schemes


def _refused(code: str, words: str) -> Refusal:
    return Refusal(code, words, "bearer")
