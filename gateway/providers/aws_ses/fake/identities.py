"""Email identities: addresses and domains that may send. Case does not count; a domain covers its subdomains."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.verification import mail_again, mail_link
from gateway.providers.aws_ses.wire.addresses import IllegalAddress, mailbox

EMAIL_ADDRESS, DOMAIN = "EMAIL_ADDRESS", "DOMAIN"
MOST = 10_000
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_LONGEST_DOMAIN = 253


def kind_of(name: str) -> str:
    return EMAIL_ADDRESS if "@" in name else DOMAIN


def is_verified(identity: Document, now: float) -> bool:
    """At ``now`` of the gateway's clock."""
    verified_at = identity["verifiedAt"]
    return verified_at is not None and now >= verified_at


def absent(name: str) -> Refusal:
    return Refusal(
        "NotFoundException", f"create the identity {name} first", message=f"Email identity {name} does not exist."
    )


async def create(call: Call, name: str, **more: Any) -> Document:
    """``more``: ``tags``, ``configurationSet``, ``dkim`` (v2's ``DkimSigningAttributes``). Raises Refusal for one
    that is there, and for what is no address and no domain."""
    name = _named(name)
    identity = _new(call, name, more)
    if not await _put_new(call, identity):
        message = f"Email identity {name} already exists."
        raise Refusal("AlreadyExists", "delete it first, or use what is there", message=message)
    await mail_link(call, identity)
    return identity


async def verify(call: Call, name: str) -> Document:
    """As v1 does it: what is there stays, and who is not verified yet gets another mail. Raises Refusal."""
    name = _named(name)
    identity = await find(call, name)
    if identity is None:
        identity = _new(call, name, {})
        await resources.put(call, "identity", name.lower(), identity)
        await mail_link(call, identity)
    else:
        await mail_again(call, identity)
    return identity


async def find(call: Call, name: str) -> Document | None:
    """Keys: ``name``, ``kind``, ``createdAt``, ``mailedAt``, ``verifiedAt`` (None: nobody knows when), ``token`` of
    the mailed link, ``feedback``, ``signing`` (booleans), ``dkim``, ``mailFrom``, ``tags``, ``policies``,
    ``configurationSet``."""
    key = name.strip().lower()
    found = await resources.get(call, "identity", key)
    if found is not None:
        return None if found.get("deleted") else found
    return _seeded(key) if key in call.settings.identities else None


async def get(call: Call, name: str) -> Document:
    """Raises Refusal for one that is not there."""
    found = await find(call, name)
    if found is None:
        raise absent(name)
    return found


async def change(call: Call, name: str, **changes: Any) -> Document:
    """Raises Refusal for one that is not there."""
    key = name.strip().lower()
    new = _seeded(key) if key in call.settings.identities else None

    def edit(before: Document) -> Document:
        if before.get("deleted"):
            raise absent(name)
        return {**before, **changes}

    changed = await resources.change(call, "identity", key, edit, new)
    if changed is None:
        raise absent(name)
    return changed


async def delete(call: Call, name: str) -> bool:
    """Was it there?"""
    key = name.strip().lower()
    if await find(call, key) is None:
        return False
    if key in call.settings.identities:
        await resources.put(call, "identity", key, {"deleted": True, "name": key})
        return True
    return await resources.delete(call, "identity", key)


async def listing(call: Call) -> list[Document]:
    """All, by name."""
    kept = await resources.listing(call, "identity")
    names = {one["name"].lower() for one in kept} | call.settings.unlisted
    seeded = [_seeded(name) for name in call.settings.identities if name not in names]
    there = [*(one for one in kept if not one.get("deleted")), *seeded]
    return sorted(there, key=lambda one: str(one["name"]))


async def covers(call: Call, address: str) -> bool:
    """May mail come from this address: is it verified, or its domain, or one above that?"""
    now = call.now
    name = address.lower()
    domain = name.rpartition("@")[2]
    while name:
        found = await find(call, name)
        if found is not None and is_verified(found, now):
            return True
        name = domain if "@" in name else name.partition(".")[2]
    return False


def dkim_tokens(call: Call, name: str) -> list[str]:
    """The three of a domain. The same each time: they stand in the domain's DNS."""
    seed = f"{call.account_id}/{call.region}/{name.lower()}"
    return [hashlib.sha256(f"{seed}/{at}".encode()).hexdigest()[:32] for at in range(3)]


def _new(call: Call, name: str, more: dict[str, Any]) -> Document:
    settings, now = call.settings, call.now
    verified_at: float | None = now
    if settings.verification == "pending":
        verified_at = None if kind_of(name) == EMAIL_ADDRESS else now + settings.domain_seconds
    token = hashlib.sha256(f"{call.request_id}/{name}".encode()).hexdigest()
    return {
        "name": name,
        "kind": kind_of(name),
        "createdAt": now,
        "mailedAt": now,
        "verifiedAt": verified_at,
        "token": token,
        "feedback": True,
        "signing": True,
        "dkim": more.get("dkim"),
        "mailFrom": None,
        "tags": more.get("tags") or [],
        "policies": {},
        "configurationSet": more.get("configurationSet"),
    }


def _seeded(name: str) -> Document:
    return {
        "name": name,
        "kind": kind_of(name),
        "createdAt": 0.0,
        "mailedAt": 0.0,
        "verifiedAt": 0.0,
        "token": "",
        "feedback": True,
        "signing": True,
        "dkim": None,
        "mailFrom": None,
        "tags": [],
        "policies": {},
        "configurationSet": None,
    }


async def _put_new(call: Call, identity: Document) -> bool:
    key = identity["name"].lower()
    if key in call.settings.identities:
        if await find(call, key) is not None:
            return False
        await resources.put(call, "identity", key, identity)
        return True
    if call.settings.strict and len(await resources.listing(call, "identity")) >= MOST:
        raise Refusal("LimitExceeded", f"an account has at most {MOST} identities in a region")
    return await resources.create(call, "identity", key, identity)


def _named(name: str) -> str:
    name = name.strip()
    if kind_of(name) == DOMAIN:
        if len(name) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(name):
            hint = "an identity is an address or a domain, such as example.com"
            raise Refusal("InvalidParameterValue", hint, message=f"Invalid domain name {name}.")
        # AWS shows a domain in lower case, however it was written.
        return name.lower()
    try:
        found = mailbox(name)
    except IllegalAddress:
        found = None
    if found is None or found.address != name or not _DOMAIN.fullmatch(found.domain):
        hint = "an identity is an address or a domain, such as ada@example.com"
        raise Refusal("InvalidParameterValue", hint, message=f"Invalid email address<{name}>.")
    return name
