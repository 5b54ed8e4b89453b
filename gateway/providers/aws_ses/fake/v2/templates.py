"""Email templates of v2."""

from __future__ import annotations

from gateway.providers.aws_ses.fake import stored_templates
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.sending import templated
from gateway.providers.aws_ses.fake.v2.reading import page_size


async def create(call: Call) -> Outcome:
    sent = call.parameters
    await stored_templates.create(call, sent["TemplateName"], sent["TemplateContent"], sent.get("Tags"))
    return Outcome()


async def get(call: Call) -> Outcome:
    found = await stored_templates.get(call, call.parameters["TemplateName"])
    answer = {"TemplateName": found["name"], "TemplateContent": found["content"], "Tags": found["tags"] or None}
    return Outcome(answer)


async def update(call: Call) -> Outcome:
    await stored_templates.update(call, call.parameters["TemplateName"], call.parameters["TemplateContent"])
    return Outcome()


async def delete(call: Call) -> Outcome:
    name = call.parameters["TemplateName"]
    if not await stored_templates.delete(call, name):
        raise stored_templates.absent(name)
    return Outcome()


async def listing(call: Call) -> Outcome:
    rows = sorted(await stored_templates.listing(call), key=lambda row: str(row["name"]))
    shown, token = page(rows, lambda row: str(row["name"]), call.parameters.get("NextToken"), page_size(call))
    listed = [{"TemplateName": row["name"], "CreatedTimestamp": row["createdAt"]} for row in shown]
    return Outcome({"TemplatesMetadata": listed, "NextToken": token})


async def render(call: Call) -> Outcome:
    sent = call.parameters
    found = await stored_templates.get(call, sent["TemplateName"])
    rendered = await templated.test_render(call, found["content"], sent["TemplateData"])
    return Outcome({"RenderedTemplate": rendered})
