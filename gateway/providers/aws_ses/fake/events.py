"""What SES says of a mail on its way: events in AWS's JSON, as a configuration set publishes them.

Source: Amazon SES, "Contents of event data". Shapes only: who is told is another matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.core.model import Document, iso
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.draft import Draft
from gateway.providers.aws_ses.wire.identifiers import feedback_id

_OUTGOING_IP = "192.0.2.25"
_MTA = "smtp-out.amazonses.com"
_BOUNCED = "smtp; 550 5.1.1 user unknown"
_SUPPRESSED = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account."
)
_AWAY = "smtp; 250 2.0.0 automatic reply: out of office"


def mail(call: Call, draft: Draft, message_id: str, at: float) -> Document:
    """The part that all events of a mail share."""
    author = [draft.sender] if draft.raw is None else [draft.author] if draft.author else []
    common: Document = {"messageId": message_id}
    headers: list[tuple[str, str]] = []
    for name, key, listed in (
        ("From", "from", author),
        ("Reply-To", "replyTo", draft.reply_to),
        ("To", "to", draft.to),
        ("Cc", "cc", draft.cc),
    ):
        if listed:
            headers.append((name, ", ".join(listed)))
            common[key] = list(listed)
    if draft.subject is not None:
        headers.append(("Subject", draft.subject))
        common["subject"] = draft.subject
    if draft.raw is None:
        headers += _composed(draft, message_id)
    headers += draft.headers
    source = draft.source.address
    tags: dict[str, list[str]] = {
        "ses:operation": [call.operation],
        "ses:source-ip": [call.request.peer],
        **({"ses:from-domain": [draft.source.domain]} if author else {}),
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


def _composed(draft: Draft, message_id: str) -> list[tuple[str, str]]:
    """What SES writes about the parts of a mail that it composes."""
    mime = ("MIME-Version", "1.0")
    alternatives = draft.text is not None and draft.html is not None
    if alternatives or draft.attachments:
        kind = "mixed" if draft.attachments else "alternative"
        boundary = (
            f"----=_Part_{int(message_id[17:22], 16)}_{int(message_id[27:30], 16)}.{int(message_id[4:16], 16)}"
        )
        return [mime, ("Content-Type", f'multipart/{kind};  boundary="{boundary}"')]
    only = draft.html if draft.text is None else draft.text
    encoding = "7bit" if only is None or only.isascii() else "quoted-printable"
    kind = "html" if draft.text is None else "plain"
    return [mime, ("Content-Type", f"text/{kind}; charset=UTF-8"), ("Content-Transfer-Encoding", encoding)]


def send(shared: Document, *, rendered_later: bool = False) -> Document:
    """``rendered_later``: of a stored template, which SES tells of before it knows what comes out of it."""
    if rendered_later:
        unknown = ("subject", "content-type", "content-transfer-encoding")
        headers = [one for one in shared["headers"] if one["name"].lower() not in unknown]
        common = {key: value for key, value in shared["commonHeaders"].items() if key != "subject"}
        shared = {**shared, "headers": headers, "commonHeaders": common}
        del shared["sourceArn"]
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
    shared = {**shared, "tags": {**shared["tags"], "ses:outgoing-ip": [_OUTGOING_IP]}}
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


def suppressed_complaint(call: Call, shared: Document, addresses: Sequence[str], at: float) -> Document:
    """The addresses are on the account's suppression list since somebody complained."""
    told = {
        "complainedRecipients": [{"emailAddress": one} for one in addresses],
        "timestamp": iso(at),
        "feedbackId": feedback_id(call.region, at),
        "complaintSubType": "OnAccountSuppressionList",
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
