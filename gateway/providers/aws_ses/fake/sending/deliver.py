"""The end of every send: whose turn it is, whom the mail reaches, the captures, and the events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gateway.core.model import Capture, Content, Document, Recipient
from gateway.providers.aws_ses.fake import account, events, suppression
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.draft import Draft
from gateway.providers.aws_ses.fake.own_templates import match
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.sending import simulator, usage
from gateway.providers.aws_ses.fake.settings import Counts
from gateway.providers.aws_ses.wire.identifiers import message_id
from gateway.providers.aws_ses.wire.tags import MESSAGE_TAG

PROVIDER = "aws-ses"
_EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_EICAR_BYTES = _EICAR.encode()


@dataclass(slots=True)
class Accepted:
    """A mail that was taken. ``events``: those that stand on no capture, since nothing arrived."""

    message_id: str
    captures: list[Capture] = field(default_factory=list)
    events: list[Document] = field(default_factory=list)


async def deliver(call: Call, draft: Draft) -> Outcome:
    """Accept one draft, whose rules have been checked. Raises Refusal where a count says no."""
    accepted = await accept(call, draft)
    arrived = await call.context.inbox.add(accepted.captures, call.effect)
    return outcome({"MessageId": accepted.message_id}, [accepted], arrived, draft.notes)


def outcome(fields: Document, mails: Sequence[Accepted], arrived: tuple[str, ...], notes: Sequence[str]) -> Outcome:
    """``arrived``: the ids of the captures that are there."""
    explanation: Document = {}
    told = [event for one in mails for event in one.events]
    if told:
        explanation["events"] = told
    if notes:
        explanation["warnings"] = list(dict.fromkeys(notes))
    return Outcome(fields, arrived, explanation or None)


async def accept(call: Call, draft: Draft) -> Accepted:
    """Count it, and make its captures; the inbox has none of them yet. Raises Refusal."""
    now = call.now
    rejected = _is_virus(draft)
    fates = [(one, await _fate(call, draft, one.to)) for one in draft.reached]
    simulated = sum([simulator.is_simulated(one.to) for one, _ in fates])
    hows = [how for _, how in fates]
    counts = Counts(len(fates), hows.count("bounced"), hows.count("complained"), int(rejected))
    await usage.admit(call, account.quota(draft.account, call.settings), len(fates), simulated, counts)
    accepted = Accepted(message_id(call.region, now))
    mail = partial(events.mail, call, draft, accepted.message_id, now)
    if draft.failure is not None:
        # Taken all the same: who listens to the events learns of it.
        accepted.events.append(events.rendering_failure(mail(), draft.template, draft.failure))
        return accepted
    if rejected:
        shared = mail()
        accepted.events += [
            events.send(shared, rendered_later=bool(draft.template)),
            events.reject(shared, "Bad content"),
        ]
        return accepted
    arriving = [one for one in fates if one[1] in simulator.ARRIVES]
    if arriving:
        accepted.captures = _captures(call, draft, arriving, accepted.message_id, now)
    if len(arriving) < len(fates):
        shared = mail()
        accepted.events += [
            events.send(shared, rendered_later=bool(draft.template)),
            *_lost(call, shared, fates, now),
        ]
    return accepted


async def _fate(call: Call, draft: Draft, address: str) -> simulator.Fate:
    decided = simulator.fate(address)
    if decided == "delivered":
        reasons = draft.account.get("suppressedReasons", ())
        if draft.set is not None and "SuppressionOptions" in draft.set["options"]:
            reasons = draft.set["options"]["SuppressionOptions"].get("SuppressedReasons", reasons)
        reason = await suppression.stops(call, address, reasons)
        if reason is not None:
            return "suppressed_complaint" if reason == "COMPLAINT" else "suppressed"
    return decided


def _lost(
    call: Call, shared: Document, fates: Sequence[tuple[Recipient, simulator.Fate]], now: float
) -> list[Document]:
    """Several bounces of one mail are told in one event. An address on the account's list is told as what brought
    it there."""
    found = []
    for how in ("bounced", "suppressed", "suppressed_complaint", "simulated_suppression"):
        addresses = [one.to for one, fate in fates if fate == how]
        if not addresses:
            continue
        if how == "bounced":
            found.append(events.bounce(call, shared, addresses, now))
        elif how == "suppressed_complaint":
            found.append(events.suppressed_complaint(call, shared, addresses, now))
        else:
            sub_type = "OnAccountSuppressionList" if how == "suppressed" else "Suppressed"
            found.append(events.suppressed(call, shared, addresses, now, sub_type))
    return found


def _captures(
    call: Call, draft: Draft, arriving: Sequence[tuple[Recipient, simulator.Fate]], mail_id: str, now: float
) -> list[Capture]:
    owner = call.settings.owners.get(draft.source.address.lower())
    templates = call.settings.own_templates.get(call.key_id, ())
    made_by = match(templates, draft.subject or "", (draft.html, draft.text), is_mime=draft.raw is not None)
    content = Content(draft.text or "", draft.subject, draft.html)
    link = next((value for name, value in draft.tags if name == MESSAGE_TAG), None)
    mail = draft.mail()
    return [
        Capture(
            provider=PROVIDER,
            operation=call.operation,
            recipient=recipient,
            content=content,
            exchange_id=call.request.exchange_id,
            received_at=now,
            code=made_by.code,
            code_source=None if made_by.code is None else "template",
            usage_type=made_by.usage_type,
            connector_id=owner.connector_id if owner else made_by.connector_id,
            link=link,
            details=_details(call, draft, mail_id, recipient.to, how, now),
            mail=mail,
        )
        for recipient, how in arriving
    ]


def _details(call: Call, draft: Draft, mail_id: str, to: str, how: simulator.Fate, now: float) -> Document:
    """In AWS's words where it has some. ``invocationId`` and ``attempt``: an SDK that tries again sends the same id
    with the next number."""
    shared = events.mail(call, draft, mail_id, now)
    told = [events.send(shared, rendered_later=bool(draft.template)), events.delivery(shared, to, now)]
    if how == "complained":
        told.append(events.complaint(call, shared, to, now))
    elif how == "away":
        told.append(events.away(call, shared, to, now))
    headers = call.caller.headers
    found: dict[str, Any] = {
        "RequestId": call.request_id,
        "MessageId": mail_id,
        "accountId": call.account_id,
        "region": call.region,
        "ConfigurationSetName": draft.configuration_set or None,
        "TemplateName": draft.template or None,
        "EmailTags": dict(draft.tags),
        "signature": call.caller.verdict,
        "keyId": call.key_id,
        "invocationId": headers.get("amz-sdk-invocation-id"),
        "attempt": _attempt(headers.get("amz-sdk-request", "")),
        "acceptedAt": now,
        "events": told,
    }
    return found


def _attempt(header: str) -> int | None:
    """``attempt=2; max=3``."""
    number = header.partition("attempt=")[2].partition(";")[0].strip()
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


def _is_virus(draft: Draft) -> bool:
    """The EICAR test string, which stands for a virus."""
    if draft.raw is not None and _EICAR_BYTES in draft.raw:
        return True
    if any(_EICAR_BYTES in one.content for one in draft.attachments):
        return True
    return any(_EICAR in part for part in (draft.text, draft.html) if part)
