"""Connectors, as Logto's API has them: with several for a channel, secrets masked, and a version for writers that
race."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, WithJsonSchema

from gateway.core.errors import (
    Conflict,
    IdTaken,
    InvalidConfig,
    InvalidRequest,
    NotFound,
    ReadOnly,
    UnexpectedType,
    UnknownFactory,
)
from gateway.core.model import Channel, Document, Response, UsageType, new_id
from gateway.core.recipients import recipient
from gateway.delivery import secrets
from gateway.delivery.fallbacks import MOST
from gateway.providers import registry
from gateway.providers.ports import Connector
from gateway.web.api.factories import shown as shown_factory
from gateway.web.api.inputs import OfId, To
from gateway.web.api.shapes import connectors as shapes
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.error_groups import OF_A_SEND
from gateway.web.server.answers import json_answer

# As in the config file: an id is a part of paths.
_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_ID = {"type": "string", "pattern": _PATTERN}
_IDS = {"anyOf": [_ID, {"type": "array", "items": _ID, "maxItems": MOST}]}
_FALLBACK = (
    "Who stands in, in order, where this one certainly could not send: an id of the same channel, or several."
)
Id = Annotated[str, StringConstraints(pattern=_PATTERN)]
Fallback = Annotated[
    list[Id],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(max_length=MOST),
    WithJsonSchema(_IDS),
]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
_TEST_CODE = "000000"


def _no(value: bool) -> bool:
    if value:
        raise ValueError("must be false: these are no social connectors")
    return value


# Literal[False] would take 0, too.
No = Annotated[bool, AfterValidator(_no), Field(json_schema_extra={"const": False})]


class Create(Input):
    """Logto's body, and ours beside it: ``options``, ``authorization``, ``live``."""

    connector_id: str = Field(description="The factory's id, as Logto names it.")
    id: Id | None = Field(None, description="A name of your own; else it gets one.")
    config: dict[str, Any] = Field(default_factory=dict, description="Logto's JSON.")
    options: dict[str, Any] = Field(default_factory=dict, description="Our own settings.")
    authorization: Secret | None = Field(None, description="What `send` then asks for, verbatim.")
    live: bool = Field(default=False, description="Send for real.")
    fallback: Fallback = Field(default_factory=list, description=_FALLBACK)
    sync_profile: No = False
    metadata: None = None


class Change(Input):
    """Each part that is given replaces what was there, whole; null takes an authorization away."""

    config: dict[str, Any] | None = None
    options: dict[str, Any] | None = None
    authorization: Secret | None = None
    live: bool | None = None
    fallback: Fallback | None = Field(None, description=_FALLBACK)
    sync_profile: No | None = None
    metadata: None = None
    version: int | None = Field(None, ge=1, description="Refuse (409) unless the connector still has this version.")


class Remove(Input):
    blanks = True
    version: int | None = Field(None, ge=1, description="Refuse (409) unless the connector still has this version.")


class Listed(Input):
    target: str | None = Field(None, description="Only those of this provider, in Logto's words.")


class OfFactory(BaseModel):
    factory_id: str = Field(alias="factoryId", description="Logto's factory id.")


class Test(Input):
    """Logto's body. ``id``: the connector whose secrets a mask in ``config`` stands for."""

    phone: To | None = None
    email: To | None = None
    config: dict[str, Any] = Field(description="Logto's JSON.")
    locale: str | None = Field(None, description="BCP 47.")
    id: str | None = Field(None, description="A connector whose secrets a mask in `config` stands for.")
    options: dict[str, Any] = Field(default_factory=dict)


async def listing(call: Call) -> Response:
    target = call.query(Listed).target
    connectors = call.services.connectors
    wanted = [one for one in connectors.values() if target in (None, one.factory.metadata.target)]
    # There may be thousands, of a handful of factories.
    factories = {one.factory.id: one.factory for one in wanted}
    parts = {factory_id: shown_factory(factory) for factory_id, factory in factories.items()}
    defaults = connectors.defaults()
    return json_answer([shown(one, defaults, parts[one.factory.id]) for one in wanted])


async def get(call: Call) -> Response:
    return json_answer(shown(call.services.connectors.find(call.params["id"]), call.services.connectors.defaults()))


async def create(call: Call) -> Response:
    body = await call.body(Create)
    made = await call.services.connectors.create(
        body.id or new_id("con"),
        {
            "factoryId": body.connector_id,
            "config": body.config,
            "options": body.options,
            "authorization": body.authorization,
            "live": body.live,
            "fallback": body.fallback,
        },
    )
    return json_answer(shown(made, call.services.connectors.defaults()))


async def change(call: Call) -> Response:
    body = await call.body(Change)
    changes = body.model_dump(
        include=body.model_fields_set & {"config", "options", "live", "authorization", "fallback"}
    )
    changes = {key: value for key, value in changes.items() if value is not None or key == "authorization"}
    made = await call.services.connectors.change(call.params["id"], changes, body.version)
    return json_answer(shown(made, call.services.connectors.defaults()))


async def remove(call: Call) -> Response:
    connector_id = call.params["id"]
    await call.services.connectors.remove(connector_id, call.query(Remove).version)
    await call.services.delivery.forget(connector_id)
    await call.services.sign_in.forget(connector_id)
    return Response(204, (), b"")


async def test(call: Call) -> Response:
    """Type ``Generic``, code 000000, through a connector that exists for this one send."""
    services, factory_id = call.services, call.params["factoryId"]
    body = await call.body(Test)
    found = registry.factory(services.providers, factory_id)
    if found is None:
        raise NotFound("there is no connector factory with that id")
    channel = found[1].channel
    if channel is None:
        raise UnexpectedType("factoryId: is that of a social connector, which sends nothing; sign somebody in")
    wanted, other = ("phone", "email") if channel is Channel.SMS else ("email", "phone")
    if getattr(body, other) is not None or getattr(body, wanted) is None:
        raise InvalidRequest(f"{wanted}: is what this factory sends to", data={"field": wanted})
    to = recipient(getattr(body, wanted), channel)
    like = services.connectors.find(body.id) if body.id is not None else None
    if like is not None and like.factory.id != factory_id:
        raise Conflict("id: that connector is of another factory", data={"field": "id"})
    document: Document = {
        "factoryId": factory_id,
        "config": body.config,
        "options": body.options or dict(like.options if like else {}),
        "authorization": None,
        "live": like.live if like else False,
    }
    payload = {"code": _TEST_CODE, **({"locale": body.locale} if body.locale else {})}
    async with services.connectors.guest(new_id("test"), document, like) as guest:
        try:
            await services.delivery.send(guest, to, UsageType.GENERIC, payload)
        finally:
            await services.delivery.forget(guest.id)
    return Response(204, (), b"")


def shown(
    connector: Connector, defaults: Mapping[Channel, Connector], of_factory: Document | None = None
) -> Document:
    """Logto's connector with the factory's own fields spread into it, and ours."""
    factory = connector.factory
    return {
        **(of_factory or shown_factory(factory)),
        "id": connector.id,
        "connectorId": factory.id,
        "provider": connector.provider,
        "config": secrets.masked_config(factory.metadata, connector.config),
        "options": secrets.masked_options(factory.metadata, connector.options),
        "authorization": secrets.MASK if connector.authorization is not None else None,
        "metadata": {},
        "syncProfile": False,
        "isDemo": False,
        "live": connector.live,
        "fallback": list(connector.fallback),
        "isDefault": factory.channel is not None and defaults[factory.channel].id == connector.id,
        "readOnly": connector.declared,
        "version": connector.version,
        "warnings": list(factory.warnings(connector.settings)),
    }


_CONFIG = {
    "accessKeyId": "my-key-id",
    "accessKeySecret": "my-key-secret",
    "signName": "Sandbox",
    "templates": [
        {"usageType": usage_type, "templateCode": f"SMS_{number}"}
        for number, usage_type in enumerate(("SignIn", "Register", "ForgotPassword", "Generic"), 1)
    ],
}

ROUTES = (
    Route(
        "GET",
        "/api/connectors",
        listing,
        operation_id="connectorsListing",
        tag="connectors",
        summary="Every connector, secrets masked.",
        query=Listed,
        answers={200: shapes.Connectors},
    ),
    Route(
        "POST",
        "/api/connectors",
        create,
        operation_id="connectorsCreate",
        tag="connectors",
        summary="Make a connector.",
        body=Create,
        example={"connectorId": "aliyun-short-message-service", "id": "second", "config": _CONFIG},
        answers={200: shapes.Connector},
        errors=(InvalidConfig, UnknownFactory, IdTaken, Conflict),
    ),
    Route(
        "GET",
        "/api/connectors/{id}",
        get,
        operation_id="connectorsGet",
        tag="connectors",
        summary="One connector, secrets masked.",
        params=OfId,
        answers={200: shapes.Connector},
        errors=(NotFound,),
    ),
    Route(
        "PATCH",
        "/api/connectors/{id}",
        change,
        operation_id="connectorsChange",
        tag="connectors",
        summary="Replace parts of a connector; a mask written back keeps the secret.",
        params=OfId,
        body=Change,
        example={"authorization": "Bearer of-my-app", "version": 1},
        answers={200: shapes.Connector},
        errors=(NotFound, InvalidConfig, ReadOnly, Conflict),
    ),
    Route(
        "DELETE",
        "/api/connectors/{id}",
        remove,
        operation_id="connectorsRemove",
        tag="connectors",
        summary="Remove a connector.",
        params=OfId,
        query=Remove,
        answers={204: None},
        errors=(NotFound, ReadOnly, Conflict),
    ),
    Route(
        "POST",
        "/api/connectors/{factoryId}/test",
        test,
        operation_id="connectorsTest",
        tag="connectors",
        summary="Try a config: send the code 000000 through it, and keep nothing.",
        params=OfFactory,
        body=Test,
        example={"phone": "13800138000", "config": _CONFIG},
        answers={204: None},
        errors=(NotFound, UnknownFactory, Conflict, *OF_A_SEND),
    ),
)
