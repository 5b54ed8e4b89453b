"""Email templates of v1. The state is v2's, with other names: ``SubjectPart``, ``TextPart``, ``HtmlPart``."""

from __future__ import annotations

from gateway.core.model import Document, iso
from gateway.providers.aws_ses.fake import stored_templates
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.sending import templated

_PARTS = ("Subject", "Text", "Html")
_MOST_ITEMS = 100


async def create(call: Call) -> Outcome:
    sent = call.parameters["Template"]
    await stored_templates.create(call, sent["TemplateName"], _content(sent))
    return Outcome()


async def get(call: Call) -> Outcome:
    found = await stored_templates.get(call, call.parameters["TemplateName"])
    parts = {f"{part}Part": found["content"].get(part) for part in _PARTS}
    return Outcome({"Template": {"TemplateName": found["name"], **parts}})


async def update(call: Call) -> Outcome:
    sent = call.parameters["Template"]
    await stored_templates.update(call, sent["TemplateName"], _content(sent))
    return Outcome()


async def delete(call: Call) -> Outcome:
    """Also one that is not there."""
    await stored_templates.delete(call, call.parameters["TemplateName"])
    return Outcome()


async def listing(call: Call) -> Outcome:
    sent = call.parameters
    rows = sorted(await stored_templates.listing(call), key=lambda row: str(row["name"]))
    size = min(max(1, sent.get("MaxItems") or 10), _MOST_ITEMS)
    shown, token = page(rows, lambda row: str(row["name"]), sent.get("NextToken"), size)
    listed = [{"Name": row["name"], "CreatedTimestamp": iso(row["createdAt"])} for row in shown]
    return Outcome({"TemplatesMetadata": listed, "NextToken": token})


async def render(call: Call) -> Outcome:
    sent = call.parameters
    found = await stored_templates.get(call, sent["TemplateName"])
    rendered = await templated.test_render(call, found["content"], sent["TemplateData"])
    return Outcome({"RenderedTemplate": rendered})


def _content(sent: Document) -> Document:
    if not sent.get("SubjectPart"):
        hint = "a template has SubjectPart besides TextPart and HtmlPart"
        raise Refusal("InvalidParameterValue", hint, message="The subject must be specified.")
    return {part: sent.get(f"{part}Part") for part in _PARTS}
