"""Why a wait found nothing: what did arrive, what was refused, what went elsewhere. For people."""

from __future__ import annotations

import math
from datetime import datetime

from gateway.core.clock import Clock
from gateway.core.model import Document, iso
from gateway.delivery import messages
from gateway.inbox import undelivered
from gateway.inbox.code_reader import seen
from gateway.inbox.inbox import FRESH_SECONDS, STREAM, Query
from gateway.storage.paging import Page, select
from gateway.storage.ports import Entry, Store

_EACH = 5


async def near_misses(store: Store, clock: Clock, query: Query) -> list[Document]:
    """Newest first within each kind: this recipient's captures, what faults keep from it, refused requests, failed
    sends, then others' captures."""
    recent = clock.real() - FRESH_SECONDS
    found: list[Document] = []
    known: set[str] = set()
    for reading in query.recipient.readings:
        for entry in await store.log.read(STREAM, key=f"to:{reading}", limit=_EACH, newest_first=True):
            if entry.value["id"] not in known:
                known.add(entry.value["id"])
                found.append(_own(entry, query, recent))
        held = await store.log.read(undelivered.STREAM, key=f"to:{reading}", limit=_EACH, newest_first=True)
        for entry in held:
            miss = _undelivered(entry, clock)
            if miss is not None and entry.at >= recent and entry.value["id"] not in known:
                known.add(entry.value["id"])
                found.append(miss)
        for entry in await store.log.read("exchanges", key=f"refused:{reading}", limit=_EACH, newest_first=True):
            if entry.at >= recent and entry.value["id"] not in known:
                known.add(entry.value["id"])
                found.append(_refused(entry))
        for entry in await store.log.read(messages.STREAM, key=f"failed:{reading}", limit=_EACH, newest_first=True):
            if entry.at >= recent and entry.value["messageId"] not in known:
                known.add(entry.value["messageId"])
                found.append(_not_sent(entry))
    nameless = await store.log.read("exchanges", key="refused:nobody", limit=_EACH, newest_first=True)
    found.extend(_refused(entry) for entry in nameless if entry.at >= recent)
    own = set(query.recipient.readings)
    others = await select(store.log, STREAM, Page(limit=_EACH), keep=lambda one: own.isdisjoint(one["readings"]))
    found.extend(_others(entry) for entry in others if entry.at >= recent)
    return found


def _miss(reason: str, message: str, entry: Entry, **more: object) -> Document:
    return {"reason": reason, "message": message, "at": iso(entry.at), **more}


def _own(entry: Entry, query: Query, recent: float) -> Document:
    capture = entry.value
    about = {"captureId": capture["id"], "to": capture["to"]}
    kind = capture["type"] or "unknown"
    if capture["readAs"] not in query.recipient.readings:
        wanted = query.recipient.read_as
        return _miss(
            "read_as_another_number",
            f"{capture['to']} went out as {capture['readAs']}, because {capture['provider']} reads it so; "
            f"nothing went to {wanted}. Send it with its country code.",
            entry,
            readAs=capture["readAs"],
            **about,
        )
    if query.after is not None and entry.seq <= query.after:
        return _miss("before_cursor", f"a message of type {kind} arrived before your cursor", entry, **about)
    if query.usage_type not in (None, capture["type"]):
        return _miss("other_type", f"a message of type {kind} arrived, not {query.usage_type}", entry, **about)
    if query.channel not in (None, capture["channel"]):
        return _miss("other_channel", f"a message arrived by {capture['channel']}", entry, **about)
    if query.needs_code and seen(capture)["code"] is None:
        return _miss("no_code", f"a message of type {kind} arrived, but no code was found in it", entry, **about)
    if query.after is None and entry.at < recent:
        return _miss("too_old", "a message arrived more than ten minutes ago", entry, **about)
    return _miss("taken", "a message arrived, but it or a newer one of that recipient is taken", entry, **about)


def _undelivered(entry: Entry, clock: Clock) -> Document | None:
    """None for what has come by now, though late: it is in the inbox, or was."""
    capture = entry.value
    delivery = capture["delivery"]
    about = {"captureId": capture["id"], "to": capture["to"], "faultId": delivery["faultId"]}
    accepted = f"{capture['provider']} accepted a message of type {capture['type'] or 'unknown'}"
    if delivery["outcome"] == "lost":
        return _miss("lost", f"{accepted}, then lost it: that was {delivery['faultId']}", entry, **about)
    left = datetime.fromisoformat(delivery["dueAt"]).timestamp() - clock.now()
    if left <= 0:
        return None
    message = (
        f"{accepted}; it comes in {math.ceil(left)} s of the gateway's clock: that was {delivery['faultId']}. "
        "Advance the clock."
    )
    return _miss("late", message, entry, dueAt=delivery["dueAt"], **about)


def _refused(entry: Entry) -> Document:
    exchange = entry.value
    why = exchange["explanation"].get("diagnosis") or exchange["explanation"].get("hint")
    if exchange["faultIds"]:
        why = f"that was {', '.join(exchange['faultIds'])}, a fault in force"
    said = f"{exchange['provider']} refused {exchange['operation'] or 'a request'} with {exchange['code']}"
    return _miss(
        # Without a recipient it may be anybody's: another test's on a server that many use.
        "refused" if exchange["to"] else "refused_unaddressed",
        f"{said}: {why}" if why else said,
        entry,
        exchangeId=exchange["id"],
        to=", ".join(exchange["to"][:3]) or None,
    )


def _not_sent(entry: Entry) -> Document:
    step = entry.value
    reason = step["error"].get("providerCode") or step["error"].get("reason")
    return _miss(
        "not_sent",
        f"a send of ours failed with {step['code']} ({reason})",
        entry,
        to=step["to"],
        messageId=step["messageId"],
    )


def _others(entry: Entry) -> Document:
    capture = entry.value
    kind = capture["type"] or "unknown"
    return _miss(
        "other_recipient",
        f"a message of type {kind} went to {capture['to']}",
        entry,
        captureId=capture["id"],
        to=capture["to"],
    )
