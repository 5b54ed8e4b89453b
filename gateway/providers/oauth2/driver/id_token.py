"""Is an ID token to be believed? OpenID Connect Core 3.1.3.7; whatever is wrong is ``IdTokenInvalid``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from gateway.providers.oauth2.driver.answers import as_json
from gateway.providers.oauth2.driver.calls import PROVIDER
from gateway.providers.oauth2.driver.jwks import ASYMMETRIC, Jwks
from gateway.providers.oauth2.driver.secret_key import secret_key
from gateway.providers.oauth2.settings import IdTokenVerification
from gateway.providers.social import IdTokenInvalid

MOST_CHARACTERS = 64 * 1024
_SYMMETRIC = frozenset({"HS256", "HS384", "HS512"})
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class _Registry(JWSRegistry):
    max_header_length = 8 * 1024
    max_payload_length = MOST_CHARACTERS
    max_signature_length = 4 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """``issuers`` empty: nobody knows. ``client_secret`` signs HS256 and its kind, where the config lists them."""

    rules: IdTokenVerification
    issuers: frozenset[str]
    client_id: str
    client_secret: str
    nonce: str | None
    access_token: str


async def verified(token: str, expected: Expected, jwks: Jwks) -> dict[str, Any]:
    """Its claims. Raises IdTokenInvalid, and ConnectorError where the provider does not give its keys."""
    if len(token) > MOST_CHARACTERS:
        raise _no("it is longer than 64 KiB")
    header = _header(token)
    algorithm = _algorithm(header, expected.rules)
    _check_header(header, expected.rules)
    claims = _claims(await _payload(token, header, algorithm, expected, jwks))
    _check_claims(claims, expected)
    _check_hash(claims, algorithm, expected.access_token)
    return claims


def _header(token: str) -> dict[str, Any]:
    try:
        first, _, _ = token.split(".")
        found = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):
        raise _no("it is no signed JWT") from None
    if not isinstance(found, dict):
        raise _no("it is no signed JWT")
    return found


def _algorithm(header: Mapping[str, Any], rules: IdTokenVerification) -> str:
    """``none`` never; a secret's only by name, or the public key would serve as one."""
    algorithm = header.get("alg")
    allowed = ASYMMETRIC if rules.algorithms is None else (ASYMMETRIC | _SYMMETRIC) & frozenset(rules.algorithms)
    if not isinstance(algorithm, str) or algorithm not in allowed:
        raise _no("its algorithm is not allowed")
    return algorithm


def _check_header(header: Mapping[str, Any], rules: IdTokenVerification) -> None:
    crit = header.get("crit", [])
    understood = list(rules.crit or ())
    if not isinstance(crit, list) or any(one not in understood or one not in header for one in crit):
        raise _no("its header has a critical parameter that nobody here understands")
    if header.get("b64", True) is not True:
        raise _no("its payload is not encoded")
    if rules.typ is not None and _media(header.get("typ")) != _media(rules.typ):
        raise _no("its typ is another one")


def _media(typ: object) -> object:
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else typ


async def _payload(token: str, header: Mapping[str, Any], algorithm: str, expected: Expected, jwks: Jwks) -> bytes:
    registry = _Registry(
        {name: HeaderParameter("understood by config", lambda _: None) for name in expected.rules.crit or {}},
        algorithms=[algorithm],
        strict_check_header=False,
    )
    if algorithm in _SYMMETRIC:
        found = _signed(token, [secret_key(expected.client_secret)], algorithm, registry)
    else:
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise _no("its kid is no text")
        tried = await jwks.keys(kid, algorithm)
        found = _signed(token, tried, algorithm, registry)
        if found is None:
            found = _signed(token, await jwks.again(kid, algorithm, tried), algorithm, registry)
    if found is None:
        raise _no("no key of the provider has signed it")
    return found


def _signed(token: str, keys: Sequence[Any], algorithm: str, registry: JWSRegistry) -> bytes | None:
    for key in keys:
        try:
            return jws.deserialize_compact(token, key, algorithms=[algorithm], registry=registry).payload
        except (JoseError, ValueError, TypeError):
            continue
    return None


def _claims(payload: bytes) -> dict[str, Any]:
    found = as_json(payload)
    if not isinstance(found, dict):
        raise _no("its payload is no JSON object")
    return found


def _check_claims(claims: Mapping[str, Any], expected: Expected) -> None:
    rules = expected.rules
    now = (
        datetime.fromisoformat(rules.current_date).astimezone(UTC).timestamp()
        if rules.current_date
        else time.time()
    )
    slack = float(rules.clock_tolerance or 0)
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    issuer, subject = claims.get("iss"), claims.get("sub")
    expiry = _number(claims, "exp")
    begin = _number(claims, "nbf")
    made = _number(claims, "iat")
    checks = (
        (
            isinstance(issuer, str) and (not expected.issuers or issuer in expected.issuers),
            "its iss is another one",
        ),
        (isinstance(subject, str) and bool(subject), "it has no sub"),
        (rules.subject is None or subject == rules.subject, "its sub is another one"),
        (expected.client_id in several, "its aud is another client"),
        (claims.get("azp", expected.client_id) == expected.client_id, "its azp is another client"),
        # 3.1.3.7, 3: no other audience that is not trusted. An azp says that it was issued to us.
        ("azp" in claims or all(one in _trusted(expected) for one in several), "its aud has others, and it no azp"),
        (expiry is not None and made is not None, "it has no exp or no iat"),
        (expiry is None or expiry > now - slack, "it has expired"),
        (begin is None or begin <= now + slack, "it is not valid yet"),
        (_is_nonce(claims.get("nonce"), expected.nonce), "its nonce is another one, or missing"),
    )
    for fine, why in checks:
        if not fine:
            raise _no(why)
    if rules.max_token_age is not None and made is not None:
        age = now - made
        if age - slack > float(rules.max_token_age) or age < -slack:
            raise _no("it is too old, or from the future")


def _trusted(expected: Expected) -> list[str]:
    named = expected.rules.audience or []
    return [expected.client_id, *([named] if isinstance(named, str) else named)]


def _is_nonce(given: object, wanted: str | None) -> bool:
    if wanted is None:
        return True
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 10**12:
        raise _no(f"its {name} is no time")
    return float(value)


def _check_hash(claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    """``at_hash``, where it is there: the access token came with this ID token."""
    given, make = claims.get("at_hash"), _HASHES.get(algorithm[-3:])
    if given is None or make is None:
        return
    digest = make(access_token.encode()).digest()
    if given != base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode():
        raise _no("its at_hash is that of another access token")


def _no(why: str) -> IdTokenInvalid:
    return IdTokenInvalid(f"the ID token is refused: {why}", provider=PROVIDER)
