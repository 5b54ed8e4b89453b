"""Templates: which there are, and how one will look on the phone or in a mail client."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from gateway.core.errors import InvalidRequest, NotFound, TemplateNotFound
from gateway.core.model import Channel, Response, UsageType
from gateway.rendering import Renderer, TemplateError
from gateway.rendering.bounded import SOURCE_CHARACTERS
from gateway.rendering.catalog import entries
from gateway.rendering.mail_preview import MailPreview, mail_preview
from gateway.rendering.mailbox import Mailbox
from gateway.rendering.phone import Sender
from gateway.rendering.preview import Preview, preview
from gateway.web.api.inputs import ChannelName, UsageTypeName
from gateway.web.api.shapes.templates import Shown, Templates
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.server.answers import json_answer


class Listed(Input):
    channel: ChannelName | None = None
    locale: str | None = Field(None, description="Only this folder, such as `zh-CN`.")
    type: UsageTypeName | None = None


class Ask(Input):
    """``payload``: a sample unless given. ``text``: a template that is not saved: whole, for SMS also its text
    alone. ``connector_id``: whose sign name, or address and own templates; the default of the channel unless
    given."""

    type: UsageTypeName
    channel: ChannelName = "sms"
    locale: Annotated[str, Field(max_length=100)] | None = None
    connector_id: str | None = None
    payload: dict[str, Any] | None = None
    text: Annotated[str, Field(max_length=SOURCE_CHARACTERS)] | None = None


async def listing(call: Call) -> Response:
    wanted = call.query(Listed)
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


async def show(call: Call) -> Response:
    body = await call.body(Ask)
    usage_type, channel = UsageType(body.type), Channel(body.channel)
    sender = _sender(call, body.connector_id, channel)
    previews = call.services.previews
    if body.text is not None:
        work = previews.unsaved(usage_type, sender, body.text, body.locale, body.payload)
        return json_answer(await call.while_connected(work))
    made = await asyncio.to_thread(_made, previews.renderer, usage_type, sender, body)
    if made.problem is not None:
        raise made.problem
    return json_answer(made.document())


def _made(renderer: Renderer, usage_type: UsageType, sender: Sender | Mailbox, body: Ask) -> Preview | MailPreview:
    if isinstance(sender, Mailbox):
        return mail_preview(renderer, usage_type, sender, locale=body.locale, payload=body.payload)
    return preview(renderer, usage_type, Channel.SMS, sender, locale=body.locale, payload=body.payload)


def _sender(call: Call, connector_id: str | None, channel: Channel) -> Sender | Mailbox:
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
        listing,
        operation_id="templatesListing",
        tag="templates",
        summary="The templates that there are, with their source.",
        query=Listed,
        answers={200: Templates},
    ),
    Route(
        "POST",
        "/api/templates/preview",
        show,
        operation_id="templatesShow",
        tag="templates",
        summary="A template as it will be on the phone or in a mail client, and what is wrong with it.",
        body=Ask,
        example={"type": "SignIn", "text": "Code {{ code }}"},
        answers={200: Shown},
        errors=(NotFound, TemplateNotFound, TemplateError, "template.unknown_variable"),
    ),
)
