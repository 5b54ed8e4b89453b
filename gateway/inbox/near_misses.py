"""Near misses: for people, why a wait found nothing. Messages that did arrive, were refused or went elsewhere."""

from __future__ import annotations

import math
from datetime import datetime
from enum import StrEnum

from gateway.core.clock import Clock
from gateway.core.model import Document, iso
from gateway.delivery.messages import Messages
from gateway.inbox.codes import with_code
from gateway.inbox.exchanges import Exchanges
from gateway.inbox.inbox import FRESH_SECONDS, Inbox, Query
from gateway.storage.ports import Entry

_EACH = 5


class Reason(StrEnum):
    """Why something is not the capture that a client waited for."""

    TAKEN = "taken"
    BEFORE_CURSOR = "before_cursor"
    TOO_OLD = "too_old"
    OTHER_TYPE = "other_type"
    OTHER_CHANNEL = "other_channel"
    NO_CODE = "no_code"
    OTHER_CONTENTS = "other_contents"
    READ_AS_ANOTHER_NUMBER = "read_as_another_number"
    LOST = "lost"
    LATE = "late"
    REFUSED = "refused"
    REFUSED_UNADDRESSED = "refused_unaddressed"
    NOT_SENT = "not_sent"
    OTHER_RECIPIENT = "other_recipient"


async def near_misses(
    query: Query, inbox: Inbox, exchanges: Exchanges, messages: Messages, clock: Clock
) -> list[Document]:
    """Return the near misses of a query, newest first within each kind.

    The kinds are captures of this recipient, captures that a fault has lost or delayed, refused requests, failed
    sends, and captures of other recipients.
    """
    recent = clock.real() - FRESH_SECONDS
    misses: list[Document] = []
    ids: set[str] = set()

    def is_new(entry: Entry, id_key: str = "id") -> bool:
        new = entry.value[id_key] not in ids
        ids.add(entry.value[id_key])
        return new

    for reading in query.recipient.readings:
        own = await inbox.newest_to(reading, _EACH)
        misses += [_own(entry, query, recent) for entry in own if is_new(entry)]
        for entry in await inbox.undelivered_to(reading, _EACH):
            miss = _undelivered(entry, clock)
            if miss is not None and entry.at >= recent and is_new(entry):
                misses.append(miss)
        refused = await exchanges.refused(reading, _EACH)
        misses += [_refused(entry) for entry in refused if entry.at >= recent and is_new(entry)]
        failures = await messages.failures(reading, _EACH)
        misses += [_not_sent(entry) for entry in failures if entry.at >= recent and is_new(entry, "messageId")]
    misses += [_refused(entry) for entry in await exchanges.refused(None, _EACH) if entry.at >= recent]
    others = await inbox.newest_to_others(query.recipient, _EACH)
    return misses + [_others(entry) for entry in others if entry.at >= recent]


def _miss(reason: Reason, message: str, entry: Entry, **more: object) -> Document:
    return {"reason": reason.value, "message": message, "at": iso(entry.at), **more}


def _own(entry: Entry, query: Query, recent: float) -> Document:
    capture = entry.value
    about = {"captureId": capture["id"], "to": capture["to"]}
    kind = capture["type"] or "unknown"
    if capture["readAs"] not in query.recipient.readings:
        wanted = query.recipient.read_as
        return _miss(
            Reason.READ_AS_ANOTHER_NUMBER,
            f"{capture['to']} went out as {capture['readAs']}, because {capture['provider']} reads it so; "
            f"nothing went to {wanted}. Send it with its country code.",
            entry,
            readAs=capture["readAs"],
            **about,
        )
    if query.after is not None and entry.seq <= query.after:
        text = f"a message of type {kind} arrived before your cursor"
        return _miss(Reason.BEFORE_CURSOR, text, entry, **about)
    if query.usage_type not in (None, capture["type"]):
        text = f"a message of type {kind} arrived, not {query.usage_type}"
        return _miss(Reason.OTHER_TYPE, text, entry, **about)
    if query.channel not in (None, capture["channel"]):
        return _miss(Reason.OTHER_CHANNEL, f"a message arrived by {capture['channel']}", entry, **about)
    if query.needs_code and with_code(capture)["code"] is None:
        text = f"a message of type {kind} arrived, but no code was found in it"
        return _miss(Reason.NO_CODE, text, entry, **about)
    if (missing := query.contents.missing(capture)) is not None:
        return _miss(Reason.OTHER_CONTENTS, f"a message of type {kind} arrived, but {missing}", entry, **about)
    if query.after is None and entry.at < recent:
        return _miss(Reason.TOO_OLD, "a message arrived more than ten minutes ago", entry, **about)
    text = "a message arrived, but it or a newer one of that recipient is taken"
    return _miss(Reason.TAKEN, text, entry, **about)


def _undelivered(entry: Entry, clock: Clock) -> Document | None:
    """None if it came late but has come: then the inbox has it, or had it."""
    capture = entry.value
    delivery = capture["delivery"]
    about = {"captureId": capture["id"], "to": capture["to"], "faultId": delivery["faultId"]}
    accepted = f"{capture['provider']} accepted a message of type {capture['type'] or 'unknown'}"
    if delivery["outcome"] == "lost":
        return _miss(Reason.LOST, f"{accepted}, then lost it: that was {delivery['faultId']}", entry, **about)
    left = datetime.fromisoformat(delivery["dueAt"]).timestamp() - clock.now()
    if left <= 0:
        return None
    # ``dueAt`` is rounded to milliseconds, so a whole number of seconds may look like a bit more.
    seconds = math.ceil(round(left, 2))
    message = (
        f"{accepted}; it comes in {seconds} s of the gateway's clock: that was {delivery['faultId']}. "
        "Advance the clock."
    )
    return _miss(Reason.LATE, message, entry, dueAt=delivery["dueAt"], **about)


def _refused(entry: Entry) -> Document:
    exchange = entry.value
    why = exchange["explanation"].get("diagnosis") or exchange["explanation"].get("hint")
    if exchange["faultIds"]:
        why = f"that was {', '.join(exchange['faultIds'])}, a fault in force"
    message = f"{exchange['provider']} refused {exchange['operation'] or 'a request'} with {exchange['code']}"
    return _miss(
        # A request without a recipient may be another test's, on a server that several tests use.
        Reason.REFUSED if exchange["to"] else Reason.REFUSED_UNADDRESSED,
        f"{message}: {why}" if why else message,
        entry,
        exchangeId=exchange["id"],
        to=", ".join(exchange["to"][:3]) or None,
    )


def _not_sent(entry: Entry) -> Document:
    step = entry.value
    reason = step["error"].get("providerCode") or step["error"].get("reason")
    return _miss(
        Reason.NOT_SENT,
        f"a send of ours failed with {step['code']} ({reason})",
        entry,
        to=step["to"],
        messageId=step["messageId"],
    )


def _others(entry: Entry) -> Document:
    capture = entry.value
    kind = capture["type"] or "unknown"
    return _miss(
        Reason.OTHER_RECIPIENT,
        f"a message of type {kind} went to {capture['to']}",
        entry,
        captureId=capture["id"],
        to=capture["to"],
    )
