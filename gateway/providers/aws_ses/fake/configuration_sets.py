"""Configuration sets and their event destinations. Options are documents in v2's spelling."""

from __future__ import annotations

import re
from typing import Any

from gateway.model import Document
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call, Refusal

EVENT_TYPES = (
    "SEND",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "DELIVERY",
    "OPEN",
    "CLICK",
    "RENDERING_FAILURE",
    "DELIVERY_DELAY",
    "SUBSCRIPTION",
)
MOST_DESTINATIONS = 10
_NAME = re.compile("[A-Za-z0-9_-]{1,64}")


def absent(name: str) -> Refusal:
    return Refusal("ConfigurationSetDoesNotExist", f"create the configuration set {name} first", name=name)


async def create(call: Call, name: str, options: Document, tags: list[Document]) -> None:
    """``options``: by v2's names (``SendingOptions``, ``DeliveryOptions``, ...). Raises Refusal."""
    _named(name, "configuration set", "ConfigurationSetName")
    value = {"name": name, "options": options, "tags": tags, "destinations": {}, "createdAt": call.now}
    if not await resources.create(call, "set", name, value):
        raise Refusal("ConfigurationSetAlreadyExists", "it is there already: change its options", name=name)


async def find(call: Call, name: str) -> Document | None:
    return await resources.get(call, "set", name)


async def get(call: Call, name: str) -> Document:
    """``name``, ``options``, ``tags``, ``destinations`` (by name). Raises Refusal for one that is not there."""
    found = await find(call, name)
    if found is None:
        raise absent(name)
    return found


async def put_options(call: Call, name: str, kind: str, options: Document) -> None:
    """Replace one kind of options. Raises Refusal."""
    changed = await resources.change(
        call, "set", name, lambda before: {**before, "options": {**before["options"], kind: options}}
    )
    if changed is None:
        raise absent(name)


async def delete(call: Call, name: str) -> None:
    if not await resources.delete(call, "set", name):
        raise absent(name)


async def listing(call: Call) -> list[Document]:
    return await resources.listing(call, "set")


def sending(found: Document) -> bool:
    return bool(found["options"].get("SendingOptions", {}).get("SendingEnabled", True))


async def add_destination(call: Call, name: str, destination: str, value: Document) -> None:
    """``value``: v2's ``EventDestination``. Raises Refusal."""
    _named(destination, "event destination", "EventDestinationName")
    _check(value)

    def edit(before: Document) -> Document:
        if destination in before["destinations"]:
            raise Refusal("EventDestinationAlreadyExists", "update it instead", name=destination)
        if len(before["destinations"]) >= MOST_DESTINATIONS:
            hint = f"a configuration set has at most {MOST_DESTINATIONS} event destinations"
            raise Refusal("LimitExceeded", hint)
        return {**before, "destinations": {**before["destinations"], destination: value}}

    await _edit(call, name, edit)


async def change_destination(call: Call, name: str, destination: str, value: Document) -> None:
    _check(value)

    def edit(before: Document) -> Document:
        _there(before, destination)
        return {**before, "destinations": {**before["destinations"], destination: value}}

    await _edit(call, name, edit)


async def delete_destination(call: Call, name: str, destination: str) -> None:
    def edit(before: Document) -> Document:
        _there(before, destination)
        kept = {one: value for one, value in before["destinations"].items() if one != destination}
        return {**before, "destinations": kept}

    await _edit(call, name, edit)


async def _edit(call: Call, name: str, edit: Any) -> None:
    if await resources.change(call, "set", name, edit) is None:
        raise absent(name)


def _there(found: Document, destination: str) -> None:
    if destination not in found["destinations"]:
        raise Refusal("EventDestinationDoesNotExist", "create it first", name=destination)


def _check(value: Document) -> None:
    kinds = [name for name in value if name.endswith("Destination") and value[name] is not None]
    if len(kinds) != 1:
        raise Refusal(
            "BadRequestException",
            "an event destination has exactly one of SnsDestination, KinesisFirehoseDestination, ...",
            message="An event destination must have exactly one destination.",
        )
    if not value.get("MatchingEventTypes"):
        hint = "MatchingEventTypes names at least one event"
        raise Refusal("BadRequestException", hint, message="At least one matching event type must be specified.")


def _named(name: str, what: str, member: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refusal(
            "InvalidParameterValue",
            f"{member}: letters, digits, - and _, at most 64",
            message=f"Invalid {what} name <{name}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
            if name
            else f"The {what} name must be specified.",
        )
