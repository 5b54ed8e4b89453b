"""What a sender needs to know of signatures and templates that are not in the config."""

from __future__ import annotations

from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.draft import Draft
from gateway.providers.aliyun_sms.fake.registering import applications
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.fake.templates import KINDS, Template
from gateway.providers.ports import Context

CODES_ONLY = 0
"""SignType of a signature for verification codes; 1 is for everything."""


async def template(call: Call, code: str, context: Context) -> Template | None:
    """Find a template that the account applied for, else the template of a connector's own code (strict fakes)."""
    found = await applications.find("template", account_id(call), code, context)
    if found is None:
        settings: FakeSettings = context.settings
        return settings.connector_templates.get(code)
    content = found.content
    reviewed = found.review.state == "approved"
    return Template(
        code, content["TemplateContent"], KINDS[content["TemplateType"]], content["TemplateRule"], reviewed
    )


async def complete(draft: Draft, context: Context) -> None:
    """Look up the draft's signature."""
    settings = context.settings
    name = draft.sign_name
    if name in settings.signatures:
        draft.sign_state = "approved"
        draft.sign_for_codes = name in settings.registry.verification_signatures
        return
    found = await applications.find("signature", account_id(draft.call), name, context)
    if found is not None:
        draft.sign_state = found.review.state
        draft.sign_for_codes = found.content["SignType"] == CODES_ONLY
