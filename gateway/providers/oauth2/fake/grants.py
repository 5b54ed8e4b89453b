"""Grants, codes, tokens and sessions, in the store. What is secret is kept as its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

from gateway.core.model import Document, new_id
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.personas import Persona
from gateway.storage.ports import Record

Kind: TypeAlias = Literal["code", "access", "refresh", "session"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody granted a client: one family of tokens. ``persona`` None: the client for itself. ``overrides``:
    claims for this once, instead of the persona's. ``auth_time`` is real time. ``wants``: claims that were asked
    for singly, by where they go. ``resource``: whom its access tokens are for (RFC 8707), with spaces between.
    ``issuer``: the issuer's URL in the authorization request, under which the browser knows it."""

    id: str
    client_id: str
    persona: str | None
    scope: str
    expires: float
    auth_time: int = 0
    shows_auth_time: bool = False
    nonce: str | None = None
    overrides: Mapping[str, Any] | None = None
    wants: Mapping[str, Any] | None = None
    revoked: bool = False
    resource: str = ""
    issuer: str = ""


class Held(NamedTuple):
    """What a code, token or cookie stands for. ``key`` is that of its record."""

    key: str
    value: Document
    version: int

    def expired(self, now: float) -> bool:
        return bool(self.value["expires"] <= now)


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


async def issue(call: Call, kind: Kind, seconds: float, **facts: Any) -> str:
    """A new random text that stands for ``facts``. ``seconds`` of the gateway's clock."""
    text = secrets.token_urlsafe(32)
    if kind == "access":
        text = call.issuer.shape.token_prefix + text
    await keep_token(call, kind, text, seconds, **facts)
    return text


async def keep_token(call: Call, kind: Kind, text: str, seconds: float, **facts: Any) -> None:
    """Likewise, for a text that says something itself."""
    facts["expires"] = call.now() + seconds
    await _put(call, f"{kind}:{call.issuer.name}:{hashed(text)}", facts)


async def find(call: Call, kind: Kind, text: str) -> Held | None:
    key = f"{kind}:{call.issuer.name}:{hashed(text)}"
    found = await call.settings.state.get(call.context.records, key)
    return Held(key, found.value, found.version) if found is not None else None


async def mark(call: Call, held: Held, **facts: Any) -> bool:
    """Change what is known of it. False: somebody was faster."""
    state, records = call.settings.state, call.context.records
    return await state.replace(records, held.key, {**held.value, **facts}, held.version)


async def forget(call: Call, held: Held) -> None:
    await mark(call, held, expires=0.0)


def make(call: Call, client_id: str, persona: str | None, scope: str, **facts: Any) -> Grant:
    """Not kept yet. It lives as long as any token of it."""
    issuer = call.issuer
    seconds = issuer.code_seconds + max(issuer.token_seconds, issuer.refresh_seconds)
    return Grant(new_id("grant"), client_id, persona, scope, call.now() + seconds, issuer=call.url, **facts)


def issuer_of(call: Call, grant: Grant) -> str:
    """Return the issuer's URL for what is issued from a grant: that of the authorization request.

    The browser and the app's server may reach the gateway under different names. An issuer with a URL of its own
    has that one under every name.
    """
    return grant.issuer if call.place.from_request and grant.issuer else call.url


async def keep(call: Call, grant: Grant) -> None:
    await _put(call, _key(call, grant.id), {name: getattr(grant, name) for name in Grant.__slots__})


async def extend(call: Call, grant: Grant) -> None:
    """A refresh token came anew: the family lives on with it."""
    found = await _record(call, grant.id)
    if found is not None:
        expires = call.now() + max(call.issuer.token_seconds, call.issuer.refresh_seconds)
        if expires > found.value["expires"]:
            state, records = call.settings.state, call.context.records
            # Whoever was faster has extended it, or revoked it.
            await state.replace(records, _key(call, grant.id), {**found.value, "expires": expires}, found.version)


async def load(call: Call, grant_id: str) -> Grant | None:
    found = await _record(call, grant_id)
    return Grant(**found.value) if found is not None else None


async def revoke(call: Call, grant_id: str) -> None:
    """The whole family."""
    while True:
        found = await _record(call, grant_id)
        if found is None or found.value["revoked"]:
            return
        state, records = call.settings.state, call.context.records
        if await state.replace(records, _key(call, grant_id), {**found.value, "revoked": True}, found.version):
            return


async def _record(call: Call, grant_id: str) -> Record | None:
    return await call.settings.state.get(call.context.records, _key(call, grant_id))


def _key(call: Call, grant_id: str) -> str:
    return f"grant:{call.issuer.name}:{grant_id}"


async def _put(call: Call, key: str, value: Document) -> None:
    await call.settings.state.put(call.context.records, call.context.clock, key, value)


async def persona(call: Call, grant: Grant) -> Persona | None:
    """Whose grant it is, with its claims for this once. None: nobody's, or somebody's who is gone."""
    if grant.persona is None:
        return None
    found = await call.settings.personas.find(call.context.records, call.issuer.name, grant.persona)
    if found is None or grant.overrides is None:
        return found
    return replace(found, claims=grant.overrides)
