"""A provider's public keys, kept for a while; asked for again, once, when a token names one that is not there."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gateway.core.errors import InvalidResponse, ProviderFailed
from gateway.providers.oauth2.driver.calls import PROVIDER, Calls

LIFE_SECONDS = 600.0
_MOST_KEYS = 50
PublicKey = RSAKey | ECKey | OKPKey

# What an algorithm's key is: type, and curve where there are several. Symmetric ones are no public keys.
_KINDS: Mapping[str, tuple[str, str | None]] = {
    **{f"{family}{bits}": ("RSA", None) for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", None),
    "Ed25519": ("OKP", "Ed25519"),
}
ASYMMETRIC = frozenset(_KINDS)


@dataclass(frozen=True, slots=True)
class _Held:
    members: Mapping[str, Any]
    key: PublicKey


class Jwks:
    """Of one URL. The age of what is kept is real time."""

    def __init__(self, calls: Calls, url: str) -> None:
        self._calls = calls
        self._url = url
        self._held: list[_Held] | None = None
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def keys(self, kid: str | None, algorithm: str) -> list[PublicKey]:
        """Those that may have signed it. Raises ConnectorError where the provider does not give its keys."""
        held = self._held
        if held is not None and monotonic() < self._until:
            fitting = _fitting(held, kid, algorithm)
            if fitting:
                return fitting
        return _fitting(await self._fetched(held), kid, algorithm)

    async def again(self, kid: str | None, algorithm: str, tried: list[PublicKey]) -> list[PublicKey]:
        """Keys that were not tried: after a signature that no kept one made. Nothing is asked for where what was
        tried came just now."""
        held = self._held
        if held is None or self._until - monotonic() > LIFE_SECONDS - 1:
            return []
        return [one for one in _fitting(await self._fetched(held), kid, algorithm) if one not in tried]

    async def _fetched(self, seen: list[_Held] | None) -> list[_Held]:
        async with self._asking:
            if self._held is not None and self._held is not seen and monotonic() < self._until:
                # Somebody else asked while we waited.
                return self._held
            answer = await self._calls.get(self._url)
            if answer.status != 200:
                raise ProviderFailed("the provider does not give its keys", provider=PROVIDER)
            self._held = _read(answer.body)
            self._until = monotonic() + LIFE_SECONDS
            return self._held


def _read(body: bytes) -> list[_Held]:
    try:
        found = json.loads(body)
        rows = found["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        rows = None
    if not isinstance(rows, list):
        raise InvalidResponse("the provider's keys are no JWK set", provider=PROVIDER)
    held = []
    for row in rows[:_MOST_KEYS]:
        # A set may hold keys of kinds that nobody here knows, beside the one that is needed.
        if isinstance(row, dict) and row.get("kty") in ("RSA", "EC", "OKP") and row.get("use", "sig") == "sig":
            public = {name: value for name, value in row.items() if name in _PUBLIC}
            try:
                with warnings.catch_warnings(action="ignore"):  # a short RSA key is the provider's own affair
                    key = import_key(public)
            except (JoseError, ValueError, TypeError, KeyError):
                continue
            if isinstance(key, RSAKey | ECKey | OKPKey):
                held.append(_Held(row, key))
    return held


_PUBLIC = {"kty", "crv", "n", "e", "x", "y", "kid"}


def _fitting(held: list[_Held], kid: str | None, algorithm: str) -> list[PublicKey]:
    kty, curve = _KINDS[algorithm]
    return [
        one.key
        for one in held
        if one.members.get("kty") == kty
        and (curve is None or one.members.get("crv") == curve)
        and one.members.get("alg", algorithm) == algorithm
        and (kid is None or one.members.get("kid") == kid)
    ]
