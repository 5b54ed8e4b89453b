"""Which claims of a persona a client gets to see (OIDC Core 5.4, 5.5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.core.model import Document
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import Grant
from gateway.providers.oauth2.fake.personas import Persona

SCOPES: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
}
ALL = tuple(name for names in SCOPES.values() for name in names)
# Those that the protocol itself fills in.
_RESERVED = frozenset({"iss", "aud", "exp", "iat", "nonce", "azp", "at_hash", "auth_time"})


def of(call: Call, persona: Persona, scope: str, wanted: Iterable[str] = ()) -> Document:
    """Those of the scopes, and the ``wanted`` ones; ``sub`` always. Beyond OIDC's, a scope brings the claim of
    its own name."""
    known = persona.claims
    if call.broken("scope_claims"):
        names: Iterable[str] = known
    else:
        short = call.issuer.shape.scope_names
        scopes = [short.get(one, one) for one in scope.split()]
        names = [name for one in scopes for name in SCOPES.get(one, (one,))]
    found = {name: known[name] for name in (*names, *wanted) if known.get(name) is not None}
    return {name: value for name, value in found.items() if name not in _RESERVED} | {"sub": persona.sub}


def for_id_token(call: Call, persona: Persona, scope: str, grant: Grant) -> Document:
    """Providers put the claims of the scopes into the ID token too; some clients read nothing else."""
    return of(call, persona, scope, (grant.wants or {}).get("id_token", ()))


def for_userinfo(call: Call, persona: Persona, scope: str, grant: Grant) -> Document:
    """Plain OAuth2 has no word on it: then all claims, and ``id``, which is what most call it."""
    if not call.issuer.shape.oidc:
        return {"id": persona.sub, **persona.claims, "sub": persona.sub}
    return of(call, persona, scope, (grant.wants or {}).get("userinfo", ()))


def asked(call: Call) -> tuple[dict[str, list[str]], Any]:
    """The parameter ``claims`` (OIDC Core 5.5): names by where they go, and the ``sub`` that must sign in."""
    text = call.get("claims")
    if text is None or not call.issuer.shape.oidc or call.broken("claims_parameter"):
        return {}, None
    refusal = Refusal("invalid_request", "claims is not the JSON object that OIDC Core 5.5 describes", "redirect")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise refusal from None
    if not isinstance(given, dict):
        raise refusal
    found: dict[str, list[str]] = {}
    sub = None
    for place in ("userinfo", "id_token"):
        names = given.get(place) or {}
        if not isinstance(names, dict) or any(not isinstance(one, dict | None) for one in names.values()):
            raise refusal
        found[place] = list(names)
        sub = sub or (names.get("sub") or {}).get("value")
    return found, sub
