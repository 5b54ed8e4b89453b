"""JWTs: ID tokens made, and our own checked when they come back as hints."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from gateway.core.model import Document
from gateway.providers.oauth2.fake import keys, mutators, ways
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.claims import for_id_token
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import Grant
from gateway.providers.oauth2.fake.mutators import Unsigned
from gateway.providers.oauth2.fake.personas import Persona

# Nobody's token is longer; checking one costs time in proportion.
LONGEST = 16 * 1024
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


async def id_token(
    call: Call, grant: Grant, persona: Persona, scope: str, access_token: str | None, *, refreshed: bool = False
) -> str:
    """OIDC Core 2. ``refreshed``: without nonce (12.2)."""
    now, alg, broken = call.real(), call.issuer.alg, call.broken
    claims: dict[str, Any] = _of_persona(call, persona, scope, grant)
    claims |= {
        "iss": f"{call.url}/another" if broken("id_token_issuer") else call.url,
        "sub": persona.sub,
        "aud": "another-client" if broken("id_token_audience") else grant.client_id,
        "azp": "another-client" if broken("id_token_azp") else grant.client_id,
        "iat": now + 86400 if broken("id_token_issued_at") else now,
        "exp": now - 3600 if broken("id_token_expiry") else now + int(call.issuer.id_token_seconds),
    }
    if grant.shows_auth_time and not broken("id_token_auth_time"):
        claims["auth_time"] = grant.auth_time
    if broken("id_token_nonce"):
        claims["nonce"] = "not-the-one-that-was-sent"
    elif grant.nonce is not None and not refreshed:
        claims["nonce"] = grant.nonce
    if refreshed and broken("refresh_id_token"):
        claims |= {"sub": f"{persona.sub}-another", "nonce": grant.nonce or "unasked"}
    if access_token is not None:
        claims["at_hash"] = half_hash(alg, "another" if broken("id_token_at_hash") else access_token)
    return await sign(call, Unsigned("id_token", alg, {"alg": alg, "typ": "JWT"}, claims))


def _of_persona(call: Call, persona: Persona, scope: str, grant: Grant) -> Document:
    """Where the shape has it so, with the claims of its own user info."""
    found, own = for_id_token(call, persona, scope, grant), ways.of(call).userinfo
    if own is not None and call.issuer.shape.own_id_token:
        found |= own(call, persona, scope) or {}
    return found


async def sign(call: Call, unsigned: Unsigned) -> str:
    """With the issuer's key of that algorithm; HS256 with the client's secret (OIDC Core 10.1)."""
    header = dict(unsigned.header)
    key: Any = None

    def broken(rule: str) -> bool:
        return unsigned.kind == "id_token" and call.broken(rule)

    alg = "none" if broken("id_token_signed") else unsigned.alg
    header["alg"] = alg
    if alg in ("ES256", "RS256", "ES384"):
        signer = await keys.signer(call.context.records, call.settings.state, call.issuer.name, alg)
        key = signer.key
        if not call.broken("jwks_kid"):
            header["kid"] = signer.kid
    unsigned = mutators.token(call, unsigned._replace(alg=alg, header=header))
    payload = json.dumps(unsigned.claims, separators=(",", ":")).encode()
    if unsigned.header.get("alg") == "none":
        bare = f"{encoded(json.dumps(unsigned.header, separators=(',', ':')).encode())}.{encoded(payload)}."
        return await mutators.signed(call, unsigned, bare)
    if unsigned.alg.startswith("HS"):
        text = f"{encoded(json.dumps(unsigned.header, separators=(',', ':')).encode())}.{encoded(payload)}"
        signed = f"{text}.{mac(_secret(call), unsigned.alg, text)}"
    else:
        signed = jws.serialize_compact(unsigned.header, payload, key, algorithms=[unsigned.alg])
    if broken("id_token_signature"):
        head, _, signature = signed.rpartition(".")
        return f"{head}.{encoded(decoded(signature)[::-1])}"
    return await mutators.signed(call, unsigned, signed)


def half_hash(alg: str, text: str) -> str:
    """OIDC Core 3.1.3.6: the left half of the hash that the algorithm uses."""
    digest = _HASHES.get(alg[2:], hashlib.sha256)(text.encode()).digest()
    return encoded(digest[: len(digest) // 2])


async def own_claims(call: Call, token: str) -> Document | None:
    """The claims of an ID token of this issuer, expired ones too; None: it is none."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        return None
    try:
        header = json.loads(decoded(parts[0]))
        alg, kid = header.get("alg"), header.get("kid", "")
        if header.get("typ", "JWT") != "JWT":
            return None  # an access token, say (RFC 9068 2.1)
        # The algorithm is the issuer's, whatever the token says: a public key is no HMAC secret.
        ring = await keys.ring(call.context.records, call.settings.state, call.issuer.name)
        if "crit" in header:  # RFC 7515 4.1.11: ours have none
            return None
        if alg == "HS256" == call.issuer.alg:
            claims = json.loads(decoded(parts[1]))
            found = [claims for secret in await _secrets_of(call, claims) if has_mac(secret, alg, token)]
        else:
            keyed = [one.key for one in ring.keys if one.alg == alg and kid in ("", one.kid)]
            found = [_verified(token, key, alg) for key in keyed]
        for claims in found:
            if isinstance(claims, dict) and claims.get("iss") == call.url:
                return claims
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return None


async def _secrets_of(call: Call, claims: Any) -> tuple[str, ...]:
    """Those of the client that asks; where none is named, of the one that the token is for."""
    client, audience = call.client, claims.get("aud")
    if client is None and isinstance(audience, str):
        client = await call.settings.clients.find(call.context.records, call.issuer.name, audience)
    return client.secrets if client is not None else ()


def _verified(token: str, key: Any, alg: str) -> Any:
    try:
        return json.loads(jws.deserialize_compact(token, key, algorithms=[alg]).payload)
    except (JoseError, ValueError):
        return None


def _secret(call: Call) -> str:
    if call.secret is not None:
        return call.secret
    if call.client is not None and call.client.secrets:
        return call.client.secrets[0]
    raise Refusal("unauthorized_client", "HS256 signs with the client's secret, and this client has none")


def mac(secret: str, alg: str, text: str) -> str:
    """The signature of HS256, HS384 or HS512. By hand: any secret that a client has will do, also one of few
    characters or one that looks like a public key, at which a library balks."""
    return encoded(hmac.digest(secret.encode("utf-8", "surrogateescape"), text.encode(), f"sha{alg[2:]}"))


def has_mac(secret: str, alg: str, token: str) -> bool:
    text, _, signature = token.rpartition(".")
    return hmac.compare_digest(mac(secret, alg, text).encode(), signature.encode())


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
