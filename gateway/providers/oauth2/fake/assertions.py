"""Client authentication by JWT: client_secret_jwt and private_key_jwt (RFC 7523 3, OIDC Core 9)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.client_outcomes import accepted, failed, unknown
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import hashed
from gateway.providers.oauth2.fake.tokens import LONGEST, decoded, has_mac

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SHARED = ("HS256", "HS384", "HS512")
PRIVATE = ("ES256", "ES384", "ES512", "PS256", "RS256", "RS384", "RS512")
_LEEWAY = 10
_LONGEST_LIFE = 86400.0
# Beyond the year 9999 in seconds there are mistakes only, and integers that no float can hold.
_LAST_TIME = 253402300800


async def authenticate(call: Call, assertion: str) -> Client:
    """Raises Refusal."""
    if call.get("client_assertion_type") != TYPE:
        raise Refusal("invalid_request", f"client_assertion_type is {TYPE}")
    header, claims = _unverified(assertion)
    client_id = _subject(call, claims)
    client = await call.settings.clients.find(call.context.records, call.issuer.name, client_id)
    if client is None:
        client = await unknown(call, client_id)
        if client.public or client.secret_hash is not None:
            raise failed("this client came in another way before")
        _algorithm(call, header, (*SHARED, *PRIVATE))
    else:
        call.client_id = client.id
        _signature(call, client, header, assertion)
    _claims(call, claims)
    call.pending.append(lambda: _once(call, client_id, claims))
    if client.seen:
        call.client = client
        return client
    return accepted(call, client, client.secrets[0] if client.secrets else "")


def _unverified(assertion: str) -> tuple[Document, Document]:
    parts = assertion.split(".") if len(assertion) <= LONGEST and assertion.isascii() else []
    if len(parts) != 3:
        raise failed("client_assertion is no JWT of reasonable size")
    try:
        header, claims = (json.loads(decoded(part)) for part in parts[:2])
    except (ValueError, RecursionError):
        raise failed("client_assertion is no JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise failed("client_assertion is no JWT")
    if "crit" in header:
        # RFC 7515 4.1.11: whoever does not understand it refuses.
        raise failed("client_assertion has a critical header parameter that is not understood here")
    return header, claims


def _subject(call: Call, claims: Document) -> str:
    given, subject = call.get("client_id"), claims.get("sub")
    if call.broken("assertion_subject"):
        subject = given or subject
    elif claims.get("iss") != subject or given not in (None, subject):
        raise failed("iss and sub of client_assertion are the client_id")
    if not isinstance(subject, str) or not subject:
        raise failed("client_assertion has no sub")
    return subject


def _algorithm(call: Call, header: Document, known: tuple[str, ...]) -> str:
    alg = header.get("alg")
    if alg not in known and not call.broken("assertion_algorithm"):
        call.signature = "refused"
        raise failed(f"alg of client_assertion is one of {', '.join(known) or 'none at all'}")
    return str(alg)


def _signature(call: Call, client: Client, header: Document, assertion: str) -> None:
    """The client's means decide which algorithms there are, never the token: no none, no public key as a secret."""
    method = client.auth_method
    shared = SHARED if client.secrets and method in (None, "client_secret_jwt") else ()
    private = PRIVATE if client.jwks and method in (None, "private_key_jwt") else ()
    if not shared and not private:
        if not call.broken("auth_method_registered"):
            raise failed(f"the client is registered for {method or 'another way'}")
        shared, private = SHARED if client.secrets else (), PRIVATE if client.jwks else ()
    alg = _algorithm(call, header, shared + private)
    if call.broken("assertion_signature") or alg not in shared + private:
        return
    if alg in shared:
        good = any(has_mac(secret, alg, assertion) for secret in client.secrets)
    else:
        good = _signed(client.jwks or {}, alg, assertion)
    if not good:
        call.signature = "refused"
        raise failed("the signature of client_assertion is wrong")


def _signed(jwks: Mapping[str, Any], alg: str, assertion: str) -> bool:
    try:
        keys = KeySet.import_key_set(dict(jwks))  # type: ignore[arg-type]  # any JWK set
        jws.deserialize_compact(assertion, keys, algorithms=[alg])
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return True


def _claims(call: Call, claims: Document) -> None:
    audience = claims.get("aud")
    # Also as it was reached, which is another name than its own where a proxy stands in between.
    place, request = call.place, call.request
    reached = f"{request.scheme}://{request.host}{place.root.rstrip('/')}{place.path}"
    wanted = {call.url, call.endpoint_url("token"), call.url + place.path, reached}
    audiences = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in wanted for one in audiences) and not call.broken(
        "assertion_audience"
    ):
        raise failed("aud of client_assertion is the token endpoint or the issuer")
    if call.broken("assertion_expiry"):
        return
    now = call.real()
    expires, begins = _number(claims.get("exp")), _number(claims.get("nbf", 0))
    if not expires > now - _LEEWAY:
        raise failed("client_assertion has no exp that is ahead")
    if not begins <= now + _LEEWAY:
        raise failed("client_assertion is not valid yet")


async def _once(call: Call, client_id: str, claims: Document) -> None:
    if call.broken("assertion_replay"):
        return
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise failed("client_assertion has no jti")
    left = _number(claims.get("exp")) - call.real()
    # Without a time, which a switch may allow, it is remembered for long.
    life = _LONGEST_LIFE if math.isnan(left) else min(max(left, 0.0), _LONGEST_LIFE) + _LEEWAY
    key = f"jti:{call.issuer.name}:{hashed(client_id + ' ' + jti)}"
    try:
        value = {"expires": call.now() + life}
        await call.settings.state.put(call.context.records, call.context.clock, key, value, 0)
    except Conflict:
        raise failed("client_assertion was used before (jti)") from None


def _number(value: object) -> float:
    """NaN for what is no time: nothing is before or after it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LAST_TIME:
        return math.nan
    return float(value)
