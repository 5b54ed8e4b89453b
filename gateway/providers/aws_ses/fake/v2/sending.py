"""SendEmail and SendBulkEmail of v2."""

from __future__ import annotations

import base64
import re
from functools import partial
from typing import Any

from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.draft import Draft
from gateway.providers.aws_ses.fake.mime import Attachment
from gateway.providers.aws_ses.fake.plan import Act
from gateway.providers.aws_ses.fake.sending import bulk, raw, rules, templated
from gateway.providers.aws_ses.fake.sending.deliver import deliver
from gateway.providers.aws_ses.fake.v2.reading import invalid, missing

_HEADER_NAME = re.compile("[!-9;-@A-~]{1,126}")
_HEADER_VALUE = re.compile("[ -~]{1,995}")
_MOST_HEADERS = 15
_KINDS = ("Simple", "Raw", "Template")


async def send(call: Call) -> Act:
    """Plan SendEmail."""
    sent = call.parameters
    draft = await _draft(call, sent)
    await rules.check(call, draft, call.settings.most_v2)
    return partial(deliver, call, draft)


async def send_bulk(call: Call) -> Act:
    """Plan SendBulkEmail: one template, each entry with its own recipients and data."""
    sent = call.parameters
    template = sent["DefaultContent"].get("Template")
    if template is None:
        raise missing("DefaultContent.Template")
    if not sent["BulkEmailEntries"]:
        raise invalid(
            "Value '[]' at 'bulkEmailEntries'",
            "Member must have length greater than or equal to 1",
            "BulkEmailEntries has at least one entry",
        )
    common = _common(sent, sent.get("DefaultEmailTags"))
    content = await templated.content(call, template)
    data = templated.data(template.get("TemplateData"))
    common_headers = _headers(template.get("Headers"))
    entries = []
    for entry in sent["BulkEmailEntries"]:
        own = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
        draft = _addressed(dict(common), entry["Destination"])
        draft.tags = bulk.replaced(draft.tags, _tags(entry.get("ReplacementTags")))
        draft.headers = bulk.replaced(common_headers, _headers(entry.get("ReplacementHeaders")))
        draft.attachments = _attachments(template.get("Attachments"))
        await templated.fill_entry(draft, content, data, own.get("ReplacementTemplateData"))
        draft.size = _size(draft)
        entries.append(draft)
    await bulk.check(call, entries, call.settings.most_v2)
    return partial(_bulk, call, entries)


async def _bulk(call: Call, entries: list[Draft]) -> Any:
    return await bulk.deliver(call, entries, "BulkEmailEntryResults")


async def _draft(call: Call, sent: dict[str, Any]) -> Draft:
    content = sent["Content"]
    kinds = [kind for kind in _KINDS if content.get(kind) is not None]
    if len(kinds) != 1:
        hint = "Content has exactly one of Simple, Raw, Template"
        raise Refusal("BadRequestException", hint, message="Exactly one of Simple, Raw or Template must be set.")
    if kinds[0] == "Raw":
        return await _raw(sent, content["Raw"]["Data"])
    draft = _addressed(_common(sent, sent.get("EmailTags")), sent.get("Destination") or {})
    if kinds[0] == "Simple":
        _simple(draft, content["Simple"])
    else:
        template = content["Template"]
        draft.headers = _headers(template.get("Headers"))
        draft.attachments = _attachments(template.get("Attachments"))
        await templated.fill(
            draft, await templated.content(call, template), templated.data(template.get("TemplateData"))
        )
    draft.size = _size(draft)
    return draft


def _common(sent: dict[str, Any], tags: list[dict[str, str]] | None) -> dict[str, Any]:
    sender = sent.get("FromEmailAddress")
    if sender is None:
        raise missing("FromEmailAddress")
    return {
        "sender": sender,
        "reply_to": sent.get("ReplyToAddresses") or (),
        "return_path": sent.get("FeedbackForwardingEmailAddress") or "",
        "tags": _tags(tags),
        "configuration_set": sent.get("ConfigurationSetName") or "",
    }


def _addressed(common: dict[str, Any], destination: dict[str, Any]) -> Draft:
    return Draft(
        to=destination.get("ToAddresses") or (),
        cc=destination.get("CcAddresses") or (),
        bcc=destination.get("BccAddresses") or (),
        **common,
    )


def _simple(draft: Draft, simple: dict[str, Any]) -> None:
    body = simple["Body"]
    text, html = body.get("Text"), body.get("Html")
    if text is None and html is None:
        hint = "Body has Text, Html, or both"
        raise Refusal("BadRequestException", hint, message="The message body must have a text or an HTML part.")
    draft.subject = simple["Subject"]["Data"]
    draft.text = None if text is None else text["Data"]
    draft.html = None if html is None else html["Data"]
    if simple.get("Headers"):
        draft.headers = _headers(simple["Headers"])
    if simple.get("Attachments"):
        draft.attachments = _attachments(simple["Attachments"])


async def _raw(sent: dict[str, Any], data: str) -> Draft:
    destination = sent.get("Destination")
    listed = None
    if destination:
        parts = (destination.get(name) or () for name in ("ToAddresses", "CcAddresses", "BccAddresses"))
        listed = [one for part in parts for one in part] or None
    if not data:
        raise missing("Content.Raw.Data")
    return await raw.draft(
        decoded(data, "Content.Raw.Data"),
        sent.get("FromEmailAddress") or "",
        listed,
        return_path=sent.get("FeedbackForwardingEmailAddress") or "",
        tags=_tags(sent.get("EmailTags")),
        configuration_set=sent.get("ConfigurationSetName") or "",
    )


def decoded(data: str, member: str) -> bytes:
    """Base64. Raises Refusal for anything else."""
    try:
        return base64.b64decode(data.encode("ascii"), validate=True)
    except ValueError:
        text = "Unable to decode the value as base64."
        raise Refusal("SerializationException", f"{member} is base64", message=text) from None


def _tags(sent: list[dict[str, str]] | None) -> list[tuple[str, str]]:
    return [(one["Name"], one["Value"]) for one in sent] if sent else []


def _headers(sent: list[dict[str, str]] | None) -> list[tuple[str, str]]:
    if not sent:
        return []
    if len(sent) > _MOST_HEADERS:
        hint = f"a mail has at most {_MOST_HEADERS} headers of its own"
        raise Refusal("BadRequestException", hint, message=f"The number of headers exceeds {_MOST_HEADERS}.")
    for at, one in enumerate(sent, 1):
        for member, pattern in (("Name", _HEADER_NAME), ("Value", _HEADER_VALUE)):
            if not pattern.fullmatch(one[member]):
                raise invalid(
                    f"Value at 'content.headers.{at}.member.{member.lower()}'",
                    f"Member must satisfy regular expression pattern: {pattern.pattern}",
                    "headers are printable ASCII: a line break there would begin another one",
                )
    return [(one["Name"], one["Value"]) for one in sent]


def _attachments(sent: list[dict[str, Any]] | None) -> list[Attachment]:
    found = []
    for one in sent or ():
        name = one["FileName"]
        if re.search(r"[\x00-\x1f\x7f]", name):
            hint = "a file name has no control characters"
            raise Refusal("BadRequestException", hint, message="The file name contains control characters.")
        found.append(
            Attachment(
                name,
                one.get("ContentType") or _type_of(name),
                one.get("ContentId"),
                one.get("ContentDisposition") == "INLINE",
                decoded(one["RawContent"], "RawContent"),
            )
        )
    return found


def _type_of(name: str) -> str:
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _size(draft: Draft) -> int:
    """Of the mail as it would go out, attachments in base64; near enough for a limit in megabytes."""
    parts = sum(len(part.encode()) for part in (draft.subject, draft.text, draft.html) if part)
    return parts + sum(len(one.content) * 4 // 3 for one in draft.attachments)
