"""Connector factories, as Logto's console reads them."""

from __future__ import annotations

from base64 import b64encode

from gateway.core.errors import NotFound
from gateway.core.model import Channel, Document, Response
from gateway.providers import registry
from gateway.providers.ports import ConnectorFactory, FormItem
from gateway.web.api.inputs import OfId
from gateway.web.api.shapes import connectors as shapes
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.server.answers import json_answer

_TYPES = {Channel.SMS: "Sms", Channel.EMAIL: "Email"}


async def listing(call: Call) -> Response:
    factories = [one for provider in call.services.providers.values() for one in provider.factories.values()]
    return json_answer([shown(one) for one in sorted(factories, key=lambda one: one.id)])


async def get(call: Call) -> Response:
    found = registry.factory(call.services.providers, call.params["id"])
    if found is None:
        raise NotFound("there is no connector factory with that id")
    return json_answer(shown(found[1]))


def shown(factory: ConnectorFactory) -> Document:
    """Logto's connector factory, whole."""
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
        "formItems": [_form_item(item) for item in metadata.form],
        "isStandard": factory.standard,
        "options": list(metadata.options),
    }


def _form_item(item: FormItem) -> Document:
    found = {
        "key": item.key,
        "label": item.label,
        "type": item.type,
        "required": item.required,
        "isConfidential": item.secret,
        "placeholder": item.placeholder,
        "description": item.description,
        "defaultValue": item.default,
    }
    # Logto's form takes what is not there for "none", and null for a value.
    return {key: value for key, value in found.items() if value is not None}


def _logo(name: str) -> str:
    """Its first letter: the providers' own marks are theirs."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" '
        'fill="#3b4a63"/><text x="24" y="33" font-family="sans-serif" font-size="26" fill="#fff" '
        f'text-anchor="middle">{name[:1]}</text></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


ROUTES = (
    Route(
        "GET",
        "/api/connector-factories",
        listing,
        operation_id="factoriesListing",
        tag="connectors",
        summary="What connectors can be made of.",
        answers={200: shapes.Factories},
    ),
    Route(
        "GET",
        "/api/connector-factories/{id}",
        get,
        operation_id="factoriesGet",
        tag="connectors",
        summary="One factory: its form and its page.",
        params=OfId,
        answers={200: shapes.Factory},
        errors=(NotFound,),
    ),
)
