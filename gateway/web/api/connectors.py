"""Connectors and connector factories, as Logto's API has them.

Unlike in Logto, a channel may have several connectors. Secrets are masked. A version protects concurrent writers.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, RootModel, StringConstraints, WithJsonSchema

from gateway.core.errors import (
    Conflict,
    IdTaken,
    InvalidConfig,
    InvalidInput,
    NotFound,
    ReadOnly,
    UnexpectedType,
    UnknownFactory,
)
from gateway.core.model import MASK, Channel, Document, Response, UsageType, new_id
from gateway.core.recipients import recipient
from gateway.delivery import secrets
from gateway.delivery.fallbacks import MOST
from gateway.providers import ports, registry
from gateway.verification.errors import NoSuchConnector
from gateway.web.api.logto import Email, Phone
from gateway.web.api.sending import refuse_exposed
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input, LogtoInput
from gateway.web.routing.errors import SEND_ERRORS
from gateway.web.routing.models import OfId, Output
from gateway.web.server.answers import json_answer

_TYPES = {Channel.SMS: "Sms", Channel.EMAIL: "Email"}
_TEST_CODE = "000000"
# An id is a part of paths, so it has the same form here as in the config file.
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
FactoryId = Annotated[str, Field(description="The factory's id, as Logto names it.")]
Config = Annotated[dict[str, Any], Field(description="Logto's JSON.")]
Options = Annotated[dict[str, Any], Field(description="Our own settings.")]
ExpectedVersion = Annotated[
    int | None, Field(ge=1, description="Refuse (409) unless the connector still has this version.")
]


def _must_be_false(value: bool) -> bool:
    if value:
        raise ValueError("must be false: these are no social connectors")
    return value


# Literal[False] would accept 0.
MustBeFalse = Annotated[bool, AfterValidator(_must_be_false), Field(json_schema_extra={"const": False})]


class SelectItem(Output):
    """One choice of a form item of type Select."""

    value: str
    title: str


class FormItem(Output):
    """One key of a connector's config, as the console asks for it."""

    key: str
    label: str
    type: Literal["Text", "Number", "MultilineText", "Switch", "Select", "Json"]
    required: bool
    is_confidential: bool = Field(description="Masked whenever it is shown.")
    placeholder: str | None = None
    description: str | None = None
    default_value: Any = None
    select_items: list[SelectItem] | None = Field(None, description="The choices of a Select.")


class _FactoryFields(Output):
    type: Literal["Sms", "Email", "Social"]
    target: str = Field(description="The provider in Logto's words.", examples=["aliyun-sms"])
    platform: Literal["Universal"] | None = Field(description="Of social connectors; null for others.")
    name: dict[str, str] = Field(description="By locale, `en` at least.")
    description: dict[str, str] = Field(description="By locale, `en` at least.")
    logo: str = Field(description="A `data:` URL.")
    logo_dark: None
    readme: str = Field(description="Markdown.")
    form_items: list[FormItem]
    is_standard: bool = Field(description="A protocol that many providers speak.")


class Factory(_FactoryFields):
    """What connectors of one kind are made of."""

    id: str = Field(description="Logto's factory id.", examples=["aliyun-short-message-service"])
    options: list[str] = Field(description="The names of our own settings of such a connector.")


class Factories(RootModel[list[Factory]]):
    """Every factory, by id."""


class Connector(_FactoryFields):
    """One configured use of a provider, with its factory's fields spread into it. Secrets are ``********``."""

    id: str = Field(examples=["sms"])
    connector_id: FactoryId
    provider: str = Field(examples=["aliyun-sms"])
    config: Config
    options: Options
    authorization: str | None = Field(description="`********` where `send` asks for one.")
    metadata: dict[str, Any] = Field(description="Empty: Logto has it for social connectors.")
    sync_profile: Literal[False]
    is_demo: Literal[False]
    live: bool = Field(description="It sends for real.")
    fallback: list[str] = Field(
        description="Ids of those that stand in where it certainly could not send, in order."
    )
    is_default: bool = Field(description="It sends what names no connector, on its channel.")
    read_only: bool = Field(description="The config file has it.")
    version: int = Field(ge=0, description="Of what is kept; 0 where the config file has it.")
    warnings: list[str] = Field(description="What somebody should know of these settings, though they work.")


class Connectors(RootModel[list[Connector]]):
    """Every connector: the config file's first, then the others by id."""


class ConnectorInput(LogtoInput):
    """Logto's body, and ours beside it: ``options``, ``authorization``, ``live``."""

    connector_id: FactoryId
    id: Id | None = Field(None, description="A name of your own; else it gets one.")
    config: Config = Field(default_factory=dict)
    options: Options = Field(default_factory=dict)
    authorization: Secret | None = Field(None, description="What `send` then asks for, verbatim.")
    live: bool = Field(default=False, description="Send for real.")
    fallback: Fallback = Field(default_factory=list, description=_FALLBACK)
    sync_profile: MustBeFalse = False
    metadata: dict[str, Any] | None = Field(None, description="Logto's, of social connectors: not used here.")


class ConnectorChange(LogtoInput):
    """Each part that is given replaces what was there, whole; null takes an authorization away."""

    config: Config | None = None
    options: Options | None = None
    authorization: Secret | None = None
    live: bool | None = None
    fallback: Fallback | None = Field(None, description=_FALLBACK)
    sync_profile: MustBeFalse | None = None
    metadata: dict[str, Any] | None = Field(None, description="Logto's, of social connectors: not used here.")
    version: ExpectedVersion = None


class Removal(Input):
    blanks = True
    version: ExpectedVersion = None


class ConnectorFilter(LogtoInput):
    target: str | None = Field(None, description="Only those of this provider, in Logto's words.")


class OfFactory(BaseModel):
    factory_id: str = Field(alias="factoryId", description="Logto's factory id.")


class ConnectorTest(LogtoInput):
    """Logto's body. ``id``: the connector whose secrets a mask in ``config`` stands for."""

    phone: Phone | None = None
    email: Email | None = None
    config: Config
    locale: str | None = Field(None, description="BCP 47.")
    id: str | None = Field(None, description="A connector whose secrets a mask in `config` stands for.")
    options: Options = Field(default_factory=dict)


async def list_factories(call: Call) -> Response:
    factories = [one for provider in call.services.providers.values() for one in provider.factories.values()]
    return json_answer([describe_factory(one) for one in sorted(factories, key=lambda one: one.id)])


async def show_factory(call: Call) -> Response:
    found = registry.factory(call.services.providers, call.params["id"])
    if found is None:
        raise NotFound("there is no connector factory with that id")
    return json_answer(describe_factory(found[1]))


def describe_factory(factory: ports.ConnectorFactory) -> Document:
    """Return a connector factory as Logto's API does, with ``options`` besides."""
    metadata = factory.metadata
    return {
        "id": factory.id,
        "type": _TYPES[factory.channel] if factory.channel is not None else "Social",
        "target": metadata.target,
        "platform": None if factory.channel is not None else "Universal",
        "name": dict(metadata.name),
        "description": dict(metadata.description),
        "logo": _logo(metadata.name["en"]),
        "logoDark": None,
        "readme": metadata.readme,
        "formItems": [_describe_form_item(item) for item in metadata.form],
        "isStandard": factory.standard,
        "options": list(metadata.options),
    }


def _describe_form_item(item: ports.FormItem) -> Document:
    found = {
        "key": item.key,
        "label": item.label,
        "type": item.type,
        "required": item.required,
        "isConfidential": item.secret,
        "placeholder": item.placeholder,
        "description": item.description,
        "defaultValue": item.default,
        "selectItems": [{"value": one, "title": one} for one in item.choices] or None,
    }
    # Logto's form reads a missing key as "none", but null as a value.
    return {key: value for key, value in found.items() if value is not None}


def _logo(name: str) -> str:
    """Draw the first letter of the name: the logos of providers are trademarks."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" '
        'fill="#3b4a63"/><text x="24" y="33" font-family="sans-serif" font-size="26" fill="#fff" '
        f'text-anchor="middle">{name[:1]}</text></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


async def list_connectors(call: Call) -> Response:
    target = call.query(ConnectorFilter).target
    connectors = call.services.connectors
    wanted = [one for one in connectors.values() if target in (None, one.factory.metadata.target)]
    # There may be thousands of connectors, but only a handful of factories.
    factories = {one.factory.id: one.factory for one in wanted}
    parts = {factory_id: describe_factory(factory) for factory_id, factory in factories.items()}
    defaults = connectors.defaults()
    return json_answer([describe_connector(one, defaults, parts[one.factory.id]) for one in wanted])


async def show_connector(call: Call) -> Response:
    return json_answer(
        describe_connector(call.services.connectors.find(call.params["id"]), call.services.connectors.defaults())
    )


def _check_live(call: Call, ids: Sequence[str], *, live: bool) -> None:
    """Check that not every caller on the network can change what sends for real. Raises Forbidden."""
    if live:
        call.services.guard.check_live()
    connectors = call.services.connectors
    refuse_exposed(call, *(connectors[name] for name in ids if name in connectors))


async def create_connector(call: Call) -> Response:
    body = await call.body(ConnectorInput)
    _check_live(call, body.fallback, live=body.live)
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
    return json_answer(describe_connector(made, call.services.connectors.defaults()))


async def update_connector(call: Call) -> Response:
    body = await call.body(ConnectorChange)
    _check_live(call, [call.params["id"], *(body.fallback or ())], live=bool(body.live))
    changes = body.model_dump(
        include=body.model_fields_set & {"config", "options", "live", "authorization", "fallback"}
    )
    changes = {key: value for key, value in changes.items() if value is not None or key == "authorization"}
    made = await call.services.connectors.change(call.params["id"], changes, body.version)
    return json_answer(describe_connector(made, call.services.connectors.defaults()))


async def delete_connector(call: Call) -> Response:
    connector_id = call.params["id"]
    await call.services.connectors.remove(connector_id, call.query(Removal).version)
    await call.services.delivery.discard_driver(connector_id)
    await call.services.sign_in.discard_driver(connector_id)
    return Response(204, (), b"")


async def test_config(call: Call) -> Response:
    """Send the code 000000, type ``Generic``, through a connector that exists for this one send."""
    services, factory_id = call.services, call.params["factoryId"]
    body = await call.body(ConnectorTest)
    given = body.phone or body.email
    if given is None:
        raise InvalidInput("phone: is required, or email", data={"field": "phone"})
    found = registry.factory(services.providers, factory_id)
    channel = found[1].channel if found is not None else None
    if channel is None:
        raise NoSuchConnector("there is no factory with that id whose connectors send messages")
    if channel is not (Channel.SMS if body.phone else Channel.EMAIL):
        wanted = "phone" if channel is Channel.SMS else "email"
        raise UnexpectedType(f"{wanted}: is what this factory sends to")
    to = recipient(given, channel)
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
        refuse_exposed(call, guest)
        try:
            await services.delivery.send(guest, to, UsageType.GENERIC, payload)
        finally:
            await services.delivery.discard_driver(guest.id)
    return Response(204, (), b"")


def describe_connector(
    connector: ports.Connector, defaults: Mapping[Channel, ports.Connector], of_factory: Document | None = None
) -> Document:
    """Return a connector as Logto's API does: the fields of its factory, its own, and ours."""
    factory = connector.factory
    return {
        **(of_factory or describe_factory(factory)),
        "id": connector.id,
        "connectorId": factory.id,
        "provider": connector.provider,
        "config": secrets.masked_config(factory.metadata, connector.config),
        "options": secrets.masked_options(factory.metadata, connector.options),
        "authorization": MASK if connector.authorization is not None else None,
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
        "/api/connector-factories",
        list_factories,
        operation_id="factoriesListing",
        tag="connectors",
        summary="What connectors can be made of.",
        answers={200: Factories},
    ),
    Route(
        "GET",
        "/api/connector-factories/{id}",
        show_factory,
        operation_id="factoriesGet",
        tag="connectors",
        summary="One factory: its form and its page.",
        params=OfId,
        answers={200: Factory},
        errors=(NotFound,),
    ),
    Route(
        "GET",
        "/api/connectors",
        list_connectors,
        operation_id="connectorsListing",
        tag="connectors",
        summary="Every connector, secrets masked.",
        query=ConnectorFilter,
        answers={200: Connectors},
    ),
    Route(
        "POST",
        "/api/connectors",
        create_connector,
        operation_id="connectorsCreate",
        tag="connectors",
        summary="Make a connector.",
        body=ConnectorInput,
        example={"connectorId": "aliyun-short-message-service", "id": "second", "config": _CONFIG},
        answers={200: Connector},
        errors=(InvalidConfig, UnknownFactory, IdTaken, Conflict),
    ),
    Route(
        "GET",
        "/api/connectors/{id}",
        show_connector,
        operation_id="connectorsGet",
        tag="connectors",
        summary="One connector, secrets masked.",
        params=OfId,
        answers={200: Connector},
        errors=(NotFound,),
    ),
    Route(
        "PATCH",
        "/api/connectors/{id}",
        update_connector,
        operation_id="connectorsChange",
        tag="connectors",
        summary="Replace parts of a connector; a mask written back keeps the secret.",
        params=OfId,
        body=ConnectorChange,
        example={"authorization": "Bearer of-my-app", "version": 1},
        answers={200: Connector},
        errors=(NotFound, InvalidConfig, ReadOnly, Conflict),
    ),
    Route(
        "DELETE",
        "/api/connectors/{id}",
        delete_connector,
        operation_id="connectorsRemove",
        tag="connectors",
        summary="Remove a connector.",
        params=OfId,
        query=Removal,
        answers={204: None},
        errors=(NotFound, ReadOnly, Conflict),
    ),
    Route(
        "POST",
        "/api/connectors/{factoryId}/test",
        test_config,
        operation_id="connectorsTest",
        tag="connectors",
        summary="Try a config: send the code 000000 through it, and keep nothing.",
        params=OfFactory,
        body=ConnectorTest,
        example={"phone": "13800138000", "config": _CONFIG},
        answers={204: None},
        errors=(NotFound, NoSuchConnector, UnknownFactory, Conflict, *SEND_ERRORS),
    ),
)
