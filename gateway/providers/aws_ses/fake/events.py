"""What SES says of a mail on its way: events in AWS's JSON, as a configuration set publishes them.

Source: Amazon SES, "Contents of event data". Shapes only: who is told is another matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.model import Document, iso
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.sending.draft import Draft
from gateway.providers.aws_ses.wire.identifiers import feedback_id

_MTA = "smtp-out.amazonses.com"
_BOUNCED = "smtp; 550 5.1.1 user unknown"
_SUPPRESSED = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account."
)
_AWAY = "smtp; 250 2.0.0 automatic reply: out of office"


def mail(call: Call, draft: Draft, message_id: str, at: float) -> Document:
    """The part that all events of a mail share."""
    common: Document = {"from": [draft.sender], "to": list(draft.to), "messageId": message_id}
    headers = [("From", draft.sender)]
    for name, key, listed in (
        ("Reply-To", "replyTo", draft.reply_to),
        ("To", "", draft.to),
        ("Cc", "cc", draft.cc),
    ):
        if listed:
            headers.append((name, ", ".join(listed)))
            if key:
                common[key] = list(listed)
    if draft.subject is not None:
        headers.append(("Subject", draft.subject))
        common["subject"] = draft.subject
    headers += draft.headers
    source = draft.source.address
    tags: dict[str, list[str]] = {
        "ses:operation": [call.operation],
        "ses:source-ip": [call.request.peer],
        "ses:from-domain": [draft.source.domain],
        "ses:caller-identity": [call.key_id or "anonymous"],
    }
    if draft.configuration_set:
        tags["ses:configuration-set"] = [draft.configuration_set]
    for name, value in draft.tags:
        tags.setdefault(name, []).append(value)
    return {
        "timestamp": iso(at),
        "source": draft.sender,
        "sourceArn": call.arn(f"identity/{source}"),
        "sendingAccountId": call.account_id,
        "messageId": message_id,
        "destination": [one.to for one in draft.reached],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers],
        "commonHeaders": common,
        "tags": tags,
    }


def send(shared: Document) -> Document:
    return {"eventType": "Send", "mail": shared, "send": {}}


def reject(shared: Document, reason: str) -> Document:
    return {"eventType": "Reject", "mail": shared, "reject": {"reason": reason}}


def delivery(shared: Document, address: str, at: float) -> Document:
    told = {
        "timestamp": iso(at),
        "processingTimeMillis": 0,
        "recipients": [address],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": f"a8-70.{_MTA}",
    }
    return {"eventType": "Delivery", "mail": shared, "delivery": told}


def bounce(call: Call, shared: Document, addresses: Sequence[str], at: float) -> Document:
    """The mailbox does not exist."""
    bounced = [
        {"emailAddress": one, "action": "failed", "status": "5.1.1", "diagnosticCode": _BOUNCED}
        for one in addresses
    ]
    return _bounce(call, shared, ("Permanent", "General"), bounced, at, f"dsn; a8-96.{_MTA}")


def suppressed(call: Call, shared: Document, addresses: Sequence[str], at: float, sub_type: str) -> Document:
    """The address is on a suppression list: the account's own, or that of SES (the simulator)."""
    bounced = [
        {"emailAddress": one, "action": "failed", "status": "5.1.1", "diagnosticCode": _SUPPRESSED}
        for one in addresses
    ]
    return _bounce(call, shared, ("Permanent", sub_type), bounced, at, "dsn; amazonses.com")


def away(call: Call, shared: Document, address: str, at: float) -> Document:
    """An automatic reply, which SES takes for a soft bounce."""
    bounced = [{"emailAddress": address, "action": "failed", "status": "5.0.0", "diagnosticCode": _AWAY}]
    return _bounce(call, shared, ("Transient", "General"), bounced, at, f"dsn; a8-96.{_MTA}")


def complaint(call: Call, shared: Document, address: str, at: float) -> Document:
    told = {
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": iso(at),
        "feedbackId": feedback_id(call.region, at),
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": iso(at),
    }
    return {"eventType": "Complaint", "mail": shared, "complaint": told}


def rendering_failure(shared: Document, template: str, message: str) -> Document:
    return {
        "eventType": "Rendering Failure",
        "mail": shared,
        "failure": {"errorMessage": message, "templateName": template},
    }


def _bounce(
    call: Call, shared: Document, kind: tuple[str, str], bounced: list[dict[str, Any]], at: float, mta: str
) -> Document:
    told = {
        "bounceType": kind[0],
        "bounceSubType": kind[1],
        "bouncedRecipients": bounced,
        "timestamp": iso(at),
        "feedbackId": feedback_id(call.region, at),
        "reportingMTA": mta,
    }
    return {"eventType": "Bounce", "mail": shared, "bounce": told}
