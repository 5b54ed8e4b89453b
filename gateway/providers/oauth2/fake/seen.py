"""Clients that nobody registered, in a lenient fake: taken on first use, then pinned."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.state import PREFIX
from gateway.storage.ports import Records

# No user info, no backslash, no fragment, no control characters: what browsers and urlsplit read differently.
_LOOPBACK = re.compile(
    r"https?://(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:[/?][!-\[\]-~]*)?"
)
_HTTP = re.compile(r"https?://([a-z0-9_.-]+)(?::[0-9]{1,5})?(?:[/?][!-\[\]-~]*)?")
_LONGEST_ID = 512
_REMEMBERED_SECONDS = 30 * 86400.0


def is_loopback(uri: str) -> bool:
    return "#" not in uri and _LOOPBACK.fullmatch(uri) is not None


def may_return(call: Call, uri: str) -> bool:
    """Return whether a redirect URI needs no registration: one of this machine, or of ``redirect_hosts``."""
    found = _HTTP.fullmatch(uri) if "#" not in uri else None
    return is_loopback(uri) or (found is not None and found[1] in call.settings.redirect_hosts)


def may_be_seen(call: Call, client_id: str) -> bool:
    return not call.settings.strict and len(client_id) <= _LONGEST_ID and client_id.isprintable()


async def find(call: Call, client_id: str) -> Client | None:
    found = await call.context.records.get(_key(call, client_id))
    return _client(found.value) if found is not None else None


async def pin(call: Call, client_id: str, **facts: Any) -> Client:
    """Add to what is known of it. What was pinned stays: a fact that is there already wins."""
    records, key = call.context.records, _key(call, client_id)
    while True:
        found = await records.get(key)
        value: Document = dict(found.value) if found is not None else {"clientId": client_id}
        fresh = {name: fact for name, fact in facts.items() if value.get(name) is None}
        if found is not None and not fresh:
            return _client(value)
        value |= fresh
        try:
            if found is not None:
                await records.put(key, value, found.version)
            else:
                value["expires"] = call.now() + _REMEMBERED_SECONDS
                state, clock = call.settings.state, call.context.clock
                await state.put(records, clock, key.removeprefix(PREFIX), value, 0)
        except Conflict:
            continue
        return _client(value)


async def listing(records: Records, issuer: str) -> list[Client]:
    """All that came by at this issuer."""
    return [_client(record.value) for _, record in await records.scan(f"{PREFIX}seen:{issuer}:")]


async def everywhere(records: Records) -> list[Client]:
    """All that came by at any issuer."""
    return [_client(record.value) for _, record in await records.scan(f"{PREFIX}seen:")]


async def origins(call: Call) -> frozenset[str]:
    clients = await listing(call.context.records, call.issuer.name)
    return frozenset(origin for client in clients for origin in client.all_origins())


def _key(call: Call, client_id: str) -> str:
    return f"{PREFIX}seen:{call.issuer.name}:{client_id}"


def _client(value: Document) -> Client:
    uri = value.get("redirectUri")
    client = Client(value["clientId"], seen=True, redirect_uris=(uri,) if uri else ())
    return replace(client, secret_hash=value.get("secretHash"), public=bool(value.get("public")))
