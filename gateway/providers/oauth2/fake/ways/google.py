"""Google's way. Source: its OpenID Connect documentation."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.model import Document
from gateway.providers.oauth2.fake import claims
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.keys import SigningKey
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.ways.way import Way

_OLDER_CLAIMS = {"sub": "id", "email_verified": "verified_email"}


def userinfo(call: Call, persona: Persona, scope: str) -> Document | None:
    """Before OpenID Connect it had names of its own."""
    if call.place.path not in ("/oauth2/v1/userinfo", "/oauth2/v2/userinfo"):
        return None
    return {_OLDER_CLAIMS.get(name, name): value for name, value in claims.of(call, persona, scope).items()}


def key_set(call: Call, keys: Sequence[SigningKey]) -> Document | None:
    """Its own libraries read the keys as certificates (PEM, by key id)."""
    if call.place.path != "/oauth2/v1/certs":
        return None
    from gateway.providers.oauth2.fake.ways.certificates import self_signed

    return {one.kid: self_signed(one.key.raw_value, "federated-signon.system.gserviceaccount.com") for one in keys}


WAY = Way(userinfo=userinfo, key_set=key_set)
