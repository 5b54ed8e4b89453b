"""Templates: a list with their source, and a preview as it looks on the phone or in a mail client."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from gateway.core.errors import InvalidRequest, NotFound, TemplateNotFound
from gateway.core.model import Channel, Response, UsageType
from gateway.rendering import Renderer, TemplateError, UnknownVariable
from gateway.rendering.bounded import SOURCE_CHARACTERS
from gateway.rendering.mail_lint import MAIL_RULES
from gateway.rendering.preview import MailPreview, Preview, mail_preview, preview
from gateway.rendering.senders import Mailbox, Sender
from gateway.rendering.sms_lint import SMS_RULES
from gateway.rendering.templates import entries
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import ChannelField, ChannelFilter, Output, UsageTypeField, UsageTypeFilter
from gateway.web.server.answers import json_answer


class TemplateFilter(Input):
    channel: ChannelFilter | None = None
    locale: str | None = Field(None, description="Only this folder, such as `zh-CN`.")
    type: UsageTypeFilter | None = None


class PreviewInput(Input):
    """``payload``: a sample unless given. ``text``: a template that is not saved: whole, for SMS also its text
    alone. ``connector_id``: whose sign name, or address and own templates; the default of the channel unless
    given."""

    type: UsageTypeFilter
    channel: ChannelFilter = "sms"
    locale: Annotated[str, Field(max_length=100)] | None = None
    connector_id: str | None = None
    payload: dict[str, Any] | None = None
    text: Annotated[str, Field(max_length=SOURCE_CHARACTERS)] | None = None


class Template(Output):
    """One that is in use: a file of the overlay hides the built-in one."""

    channel: ChannelField
    locale: str = Field(description="The folder that it is in.", examples=["zh-CN"])
    type: UsageTypeField
    file: str = Field(description="Relative to the folder of templates.", examples=["sms/zh-CN/SignIn.j2"])
    origin: Literal["built-in", "overlay"]
    source: str = Field(description="The file.")


class Templates(Output):
    """By channel, locale and usage type."""

    templates: list[Template]


class Forced(Output):
    """A character that GSM-7 has not."""

    character: str
    position: int = Field(ge=0, description="Its index in what is on the phone, from 0.")
    suggestion: str | None = Field(description="The same in GSM-7; empty: leave it out; null: nothing is near.")


class Segments(Output):
    """What is paid for."""

    market: Literal["domestic", "international"] = Field(description="Aliyun counts otherwise within China.")
    encoding: Literal["GSM-7", "UCS-2"]
    units: int = Field(ge=0, description="Septets, or UTF-16 code units.")
    segments: int = Field(ge=1)
    per_segment: int = Field(ge=1, description="What one segment of such a message holds.")
    free: int = Field(ge=0, description="What the last one has left.")
    forced_by: list[Forced] = Field(max_length=20, description="The first of those that made it UCS-2.")


class Finding(Output):
    """Something that is wrong with a template, or probably is."""

    rule: str = Field(
        description="docs/templates.md lists them.", json_schema_extra={"enum": list(SMS_RULES | MAIL_RULES)}
    )
    severity: Literal["error", "warning"]
    file: str
    line: int = Field(ge=1)
    message: str = Field(description="For people: what is wrong, and the fix.")


class SmsPreview(Output):
    """A template as it will be on the phone."""

    type: UsageTypeField
    channel: Literal["sms"]
    locale: str | None = Field(description="As it was asked for.")
    file: str = Field(description="The file that was used; `unsaved.j2` for a source that is none.")
    served_locale: str = Field(description="The locale of that file.")
    origin: Literal["built-in", "overlay"] | None = Field(description="Null for a source that is no file.")
    sign_name: str | None
    text: str = Field(description="What the template makes.")
    on_phone: str = Field(description="The same with the signature.")
    segments: Segments
    findings: list[Finding]


class EmailPreview(Output):
    """A template as the email that it makes."""

    type: UsageTypeField
    channel: Literal["email"]
    locale: str | None = Field(description="As it was asked for.")
    file: str = Field(
        description="The file that was used; `unsaved.j2` for a source that is none, `templates[0]` for the "
        "connector's own."
    )
    served_locale: str | None = Field(description="The locale of that file; null for the connector's own.")
    origin: Literal["built-in", "overlay", "connector"] | None = Field(
        description="Null for a source that is no file."
    )
    from_: str | None = Field(alias="from", description="The connector's address.")
    subject: str
    preheader: str | None = Field(description="What an inbox shows beside the subject.")
    text: str = Field(description="The plain-text part.")
    html: str | None = Field(description="The HTML part, its CSS inlined.")
    bytes: int = Field(ge=0, description="The size of the HTML as UTF-8. Gmail cuts at 102 KB.")
    findings: list[Finding]


class Shown(RootModel[SmsPreview | EmailPreview]):
    """A template as its recipient will see it; `channel` says which of the two it is."""


async def list_templates(call: Call) -> Response:
    wanted = call.query(TemplateFilter)
    renderer = call.services.previews.renderer
    found = await asyncio.to_thread(lambda: [entry.document() for entry in entries(renderer)])
    return json_answer(
        {
            "templates": [
                one
                for one in found
                if wanted.channel in (None, one["channel"])
                and wanted.locale in (None, one["locale"])
                and wanted.type in (None, one["type"])
            ]
        }
    )


async def preview_template(call: Call) -> Response:
    body = await call.body(PreviewInput)
    usage_type, channel = UsageType(body.type), Channel(body.channel)
    sender = _sender(call, body.connector_id, channel)
    previews = call.services.previews
    if body.text is not None:
        work = previews.unsaved(usage_type, sender, body.text, body.locale, body.payload)
        return json_answer(await call.while_connected(work))
    result = await asyncio.to_thread(_preview, previews.renderer, usage_type, sender, body)
    if result.problem is not None:
        raise result.problem
    return json_answer(result.document())


def _preview(
    renderer: Renderer, usage_type: UsageType, sender: Sender | Mailbox, body: PreviewInput
) -> Preview | MailPreview:
    if isinstance(sender, Mailbox):
        return mail_preview(renderer, usage_type, sender, locale=body.locale, payload=body.payload)
    return preview(renderer, usage_type, Channel.SMS, sender, locale=body.locale, payload=body.payload)


def _sender(call: Call, connector_id: str | None, channel: Channel) -> Sender | Mailbox:
    """Return the sender of a connector, the default one unless named. Raises NotFound, InvalidRequest."""
    kind = Mailbox if channel is Channel.EMAIL else Sender
    connectors = call.services.connectors
    if connector_id is None:
        connector = connectors.default(channel)
        if connector is None:
            return kind("")
    else:
        connector = connectors.find(connector_id)
        if connector.factory.channel is not channel:
            raise InvalidRequest(f"connectorId: sends no {channel}", data={"field": "connectorId"})
    return kind.of(connector.provider, connector.config)


ROUTES = (
    Route(
        "GET",
        "/api/templates",
        list_templates,
        operation_id="templatesListing",
        tag="templates",
        summary="The templates that there are, with their source.",
        query=TemplateFilter,
        answers={200: Templates},
    ),
    Route(
        "POST",
        "/api/templates/preview",
        preview_template,
        operation_id="templatesShow",
        tag="templates",
        summary="A template as it will be on the phone or in a mail client, and what is wrong with it.",
        body=PreviewInput,
        example={"type": "SignIn", "text": "Code {{ code }}"},
        answers={200: Shown},
        errors=(NotFound, TemplateNotFound, TemplateError, UnknownVariable),
    ),
)
