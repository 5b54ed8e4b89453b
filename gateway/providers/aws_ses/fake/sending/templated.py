"""Mails from templates: which one, its data, what comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from gateway.core.model import Document
from gateway.core.offload import run_by_size
from gateway.providers.aws_ses.fake import handlebars, stored_templates
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.draft import Draft

MOST_DATA = 262_144
_ARN = re.compile(r"arn:[a-z-]+:ses:[a-z0-9-]*:[0-9]*:template/(.+)")


def data(sent: str | None) -> dict[str, Any]:
    """TemplateData: a JSON object. Raises Refusal for anything else."""
    if not sent:
        return {}
    if len(sent) > MOST_DATA:
        text = f"Template data exceeds {MOST_DATA} characters."
        raise Refusal("InvalidRenderingParameter", "the data of a template has at most 256 KB", message=text)
    try:
        found = json.loads(sent)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        hint = 'TemplateData is a JSON object, as text: {"name":"Ada"}'
        raise Refusal("InvalidRenderingParameter", hint, message="Template rendering data is invalid.")
    return found


async def fill_entry(draft: Draft, found: Document, defaults: Mapping[str, Any], sent: str | None) -> None:
    """Render one of many mails: its own data over that of all. Data that cannot be read fail this one alone."""
    try:
        own = data(sent)
    except Refusal as refusal:
        draft.refusal = refusal
    else:
        await fill(draft, found, _merged(defaults, own))


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are merged at any depth, as SES is seen to do; anything else, lists too, is replaced."""
    found = dict(defaults)
    for key, value in own.items():
        before = found.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            found[key] = _merged(before, value)
        else:
            found[key] = value
    return found


async def content(call: Call, template: Mapping[str, Any]) -> Document:
    """Of v2's ``Template``: a stored one by name or ARN, or the content itself. ``name`` is in it too, empty for
    the latter. Raises Refusal."""
    own, name = template.get("TemplateContent"), template.get("TemplateName")
    if not name and template.get("TemplateArn"):
        name = _named(template["TemplateArn"])
    if name:
        found = await stored_templates.get(call, name)
        return {"name": name, **found["content"]}
    if own is None:
        hint = "Template has TemplateName, TemplateArn or TemplateContent"
        raise Refusal("BadRequestException", hint, message="A template name or template content must be specified.")
    await stored_templates.check(own)
    parts = [own.get(part) or "" for part in ("Subject", "Text", "Html")]
    if not await run_by_size(sum(map(len, parts)), lambda: all(map(handlebars.only_values, parts))):
        hint = "a template inside of a request has values alone: create it to use blocks and partials"
        text = "Inline templates do not support conditional statements or partials."
        raise Refusal("BadRequestException", hint, message=text)
    return {"name": "", **own}


def _named(arn: str) -> str:
    found = _ARN.fullmatch(arn)
    if found is None:
        hint = "TemplateArn is arn:aws:ses:<region>:<account>:template/<name>"
        raise Refusal("BadRequestException", hint, message=f"Invalid template ARN <{arn}>.")
    return found[1]


async def fill(draft: Draft, found: Document, values: Mapping[str, Any]) -> None:
    """Render it into the draft. What lacks an attribute is taken all the same, and fails later."""
    size = sum(len(found.get(part) or "") for part in ("Subject", "Text", "Html"))
    await run_by_size(size, partial(_fill, draft, found, values))


def _fill(draft: Draft, found: Document, values: Mapping[str, Any]) -> None:
    draft.template = found["name"]
    try:
        draft.subject = rendered(found.get("Subject") or "", values)
        draft.text = rendered(found["Text"], values) if found.get("Text") is not None else None
        draft.html = rendered(found["Html"], values) if found.get("Html") is not None else None
    except handlebars.MissingAttribute as problem:
        draft.subject = draft.text = draft.html = None
        draft.failure = problem.message


def rendered(source: str, values: Mapping[str, Any]) -> str:
    """Raises ``handlebars.MissingAttribute``, and Refusal for what is no template."""
    try:
        return handlebars.render(source, values)
    except handlebars.Malformed as problem:
        raise stored_templates.invalid(problem) from None


async def test_render(call: Call, found: Document, sent: str) -> str:
    """The whole mail that such data would make of it. Raises Refusal where an attribute is not there."""
    size = len(sent) + sum(len(part or "") for part in found.values())
    return await run_by_size(size, partial(_test_render, call, found, sent))


def _test_render(call: Call, found: Document, sent: str) -> str:
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import formatdate

    values = data(sent)
    parts = {}
    for part in ("Subject", "Text", "Html"):
        if found.get(part) is not None:
            try:
                parts[part] = rendered(found[part], values)
            except handlebars.MissingAttribute as problem:
                hint = f"TemplateData lacks {problem.name}"
                raise Refusal("MissingRenderingAttribute", hint, message=problem.message) from None
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = formatdate(call.now)
    # A header is one line, whatever the data holds.
    mail["Subject"] = " ".join(parts.get("Subject", "").split())
    mail.set_content(parts.get("Text", ""))
    if "Html" in parts:
        mail.add_alternative(parts["Html"], subtype="html")
    return mail.as_string()
