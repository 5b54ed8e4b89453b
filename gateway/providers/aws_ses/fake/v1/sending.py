"""The four operations of v1 that send."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from functools import partial
from typing import Any

from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.draft import Draft
from gateway.providers.aws_ses.fake.plan import Act, Outcome
from gateway.providers.aws_ses.fake.sending import bulk, raw, rules, templated
from gateway.providers.aws_ses.fake.sending.deliver import deliver

# v2 spells INVALID_PARAMETER what is InvalidParameterValue here.
_OTHER_STATUSES = {"INVALID_PARAMETER": "InvalidParameterValue"}


async def send(call: Call) -> Act:
    """Plan SendEmail."""
    sent = call.parameters
    draft = _addressed(sent, sent["Destination"], sent.get("Tags"))
    message = sent["Message"]
    text, html = message["Body"].get("Text"), message["Body"].get("Html")
    if text is None and html is None:
        hint = "Message.Body has Text, Html, or both"
        raise Refusal("InvalidParameterValue", hint, message="Message body empty")
    draft.subject = message["Subject"]["Data"]
    draft.text = None if text is None else text["Data"]
    draft.html = None if html is None else html["Data"]
    return await _checked(call, draft)


async def send_raw(call: Call) -> Act:
    """Plan SendRawEmail."""
    sent = call.parameters
    draft = await raw.draft(
        _decoded(sent["RawMessage"]["Data"]),
        sent.get("Source", ""),
        sent.get("Destinations") or None,
        tags=_tags(sent.get("Tags")),
        configuration_set=sent.get("ConfigurationSetName", ""),
    )
    await rules.check(call, draft, call.settings.most_v1)
    return partial(deliver, call, draft)


async def send_templated(call: Call) -> Act:
    """Plan SendTemplatedEmail."""
    sent = call.parameters
    draft = _addressed(sent, sent["Destination"], sent.get("Tags"))
    content = await templated.content(call, {"TemplateName": _template(sent)})
    await templated.fill(draft, content, templated.data(sent["TemplateData"]))
    return await _checked(call, draft)


async def send_bulk(call: Call) -> Act:
    """Plan SendBulkTemplatedEmail: one template, each destination with its own data."""
    sent = call.parameters
    if not sent["Destinations"]:
        message = (
            "1 validation error detected: Value '[]' at 'destinations' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )
        raise Refusal("BadRequestException", "Destinations has at least one member", message=message)
    content = await templated.content(call, {"TemplateName": _template(sent)})
    data = templated.data(sent["DefaultTemplateData"])
    drafts = []
    for one in sent["Destinations"]:
        draft = _addressed(sent, one["Destination"], sent.get("DefaultTags"))
        draft.tags = bulk.replaced(draft.tags, _tags(one.get("ReplacementTags")))
        await templated.fill_entry(draft, content, data, one.get("ReplacementTemplateData"))
        drafts.append(_measured(draft))
    await bulk.check(call, drafts, call.settings.most_v1)
    return partial(_deliver_bulk, call, drafts)


async def _deliver_bulk(call: Call, drafts: list[Draft]) -> Outcome:
    outcome = await bulk.deliver(call, drafts, "Status")
    results = [{**result, "Status": _status(result["Status"])} for result in outcome.fields["Status"]]
    return replace(outcome, fields={"Status": results})


def _status(spelled: str) -> str:
    return _OTHER_STATUSES.get(spelled) or spelled.title().replace("_", "")


async def _checked(call: Call, draft: Draft) -> Act:
    await rules.check(call, _measured(draft), call.settings.most_v1)
    return partial(deliver, call, draft)


def _addressed(sent: dict[str, Any], destination: dict[str, Any], tags: list[dict[str, str]] | None) -> Draft:
    if sent.get("ReturnPath") == "":
        # Left out, it is fine; AWS does not take an empty one for that.
        rules.address("", "ReturnPath")
    return Draft(
        sent["Source"],
        destination.get("ToAddresses", ()),
        destination.get("CcAddresses", ()),
        destination.get("BccAddresses", ()),
        reply_to=sent.get("ReplyToAddresses", ()),
        return_path=sent.get("ReturnPath", ""),
        tags=_tags(tags),
        configuration_set=sent.get("ConfigurationSetName", ""),
    )


def _template(sent: dict[str, Any]) -> str:
    """By ARN where there is one."""
    arn: str = sent.get("TemplateArn", "")
    return arn.rpartition("template/")[2] or str(sent["Template"])


def _measured(draft: Draft) -> Draft:
    draft.size = sum([len(part.encode()) for part in (draft.subject, draft.text, draft.html) if part])
    return draft


def _tags(sent: list[dict[str, str]] | None) -> list[tuple[str, str]]:
    return [(one["Name"], one["Value"]) for one in sent] if sent else []


def _decoded(data: str) -> bytes:
    """Base64; line ends in it are fine, as many encoders make them."""
    try:
        return base64.b64decode("".join(data.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        message = "Unable to decode the value as base64."
        raise Refusal("MalformedInput", "RawMessage.Data is base64", message=message) from None
