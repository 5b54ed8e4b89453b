"""Keys that sign tokens: a ring for each issuer, kept in the store. RSA ones are made when first asked for, in a
thread, since that takes up to 150 ms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from gateway.core.errors import Conflict
from gateway.core.model import Document, new_id
from gateway.providers.oauth2.fake.state import State
from gateway.storage.ports import Record, Records

Key = ECKey | RSAKey
# They outlive a reset: clients keep what they have read of them.
_PREFIX = "oauth2:keys:"
# A rule may rotate at each request: clients read no longer sets, and nobody has tokens of so many keys.
_MOST_KEYS = 20
_MOST_PARSED = 1000
_CURVES = {"ES256": "P-256", "ES384": "P-384"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """``retired``: it is still published, and signs no more."""

    kid: str
    alg: str
    key: Key
    retired: bool = False

    def public(self) -> Document:
        """Strings only: some clients read a JWK as a map of strings."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.alg, "use": "sig"}


@dataclass(frozen=True, slots=True)
class Ring:
    version: int
    keys: tuple[SigningKey, ...] = ()

    def signer(self, alg: str) -> SigningKey | None:
        return next((one for one in reversed(self.keys) if one.alg == alg and not one.retired), None)

    def by_kid(self, kid: str) -> SigningKey | None:
        return next((one for one in self.keys if one.kid == kid), None)


async def ring(records: Records, state: State, issuer: str) -> Ring:
    """All keys of the issuer. Parsed once for each version of the record."""
    record = await records.get(_name(issuer))
    if record is None:
        return Ring(0)
    known: Ring | None = state.keys.get(issuer)
    if known is None or known.version != record.version:
        if len(state.keys) >= _MOST_PARSED:  # a lenient fake has an issuer for each name that anybody asks for
            state.keys.clear()
        known = state.keys[issuer] = _parsed(record)
    return known


async def signer(records: Records, state: State, issuer: str, alg: str) -> SigningKey:
    """The key that signs now; made if there is none."""
    found = (await ring(records, state, issuer)).signer(alg)
    while found is None:
        await add(records, state, issuer, alg)
        found = (await ring(records, state, issuer)).signer(alg)
    return found


async def add(records: Records, state: State, issuer: str, alg: str, *, rotate: bool = False) -> None:
    """One more key. ``rotate``: it takes over, and those before it stay published only. Without it nothing happens
    where somebody was faster."""
    made = await _made(alg)
    while True:
        now = await ring(records, state, issuer)
        if not rotate and now.signer(alg) is not None:
            return
        kept = [_row(one, retired=one.retired or (rotate and one.alg == alg)) for one in now.keys]
        old = [row for row in kept if row["retired"]][: max(0, len(kept) + 1 - _MOST_KEYS)]
        if await _put(records, issuer, [*(row for row in kept if row not in old), made], now.version):
            return


async def remove(records: Records, state: State, issuer: str, kid: str) -> bool:
    """From the published set too: what it has signed can be checked no more."""
    while True:
        now = await ring(records, state, issuer)
        if now.by_kid(kid) is None:
            return False
        if await _put(records, issuer, [_row(one) for one in now.keys if one.kid != kid], now.version):
            return True


async def stranger(alg: str) -> Key:
    """A key that no issuer has: for tokens that somebody else signed."""
    row = await _made(alg)
    return (ECKey if alg in _CURVES else RSAKey).import_key(row["jwk"])


async def _made(alg: str) -> Document:
    if alg in _CURVES:
        key: Key = ECKey.generate_key(_CURVES[alg], private=True)
    else:
        key = await asyncio.to_thread(RSAKey.generate_key, 2048, private=True)
    return {"kid": new_id("key"), "alg": alg, "jwk": dict(key.as_dict(private=True)), "retired": False}


def _row(one: SigningKey, *, retired: bool | None = None) -> Document:
    jwk: dict[str, Any] = dict(one.key.as_dict(private=True))
    return {"kid": one.kid, "alg": one.alg, "jwk": jwk, "retired": one.retired if retired is None else retired}


async def _put(records: Records, issuer: str, rows: list[Document], version: int) -> bool:
    try:
        await records.put(_name(issuer), {"keys": rows}, version)
    except Conflict:
        return False
    return True


def _parsed(record: Record) -> Ring:
    keys = []
    for row in record.value["keys"]:
        kind = ECKey if row["alg"] in _CURVES else RSAKey
        keys.append(SigningKey(row["kid"], row["alg"], kind.import_key(row["jwk"]), row["retired"]))
    return Ring(record.version, tuple(keys))


def _name(issuer: str) -> str:
    return f"{_PREFIX}{issuer}"
