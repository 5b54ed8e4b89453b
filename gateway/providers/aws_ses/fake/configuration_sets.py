"""Configuration sets and their event destinations. Options are documents in v2's spelling."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.core.model import Document
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
_EMPTY: Document = {"options": {}, "tags": [], "destinations": {}, "createdAt": 0.0}
_NAME = re.compile("[A-Za-z0-9_-]{1,64}")


def absent(name: str) -> Refusal:
    return Refusal("ConfigurationSetDoesNotExist", f"create the configuration set {name} first", name=name)


async def create(call: Call, name: str, options: Document, tags: list[Document]) -> None:
    """``options``: by v2's names (``SendingOptions``, ``DeliveryOptions``, ...). Raises Refusal."""
    _named(name, "configuration set", "ConfigurationSetName")
    value = {**_EMPTY, "name": name, "options": options, "tags": tags, "createdAt": call.now}
    if name in call.settings.configuration_sets:
        there = await find(call, name) is not None
        if not there:
            await resources.put(call, "set", name, value)
    else:
        there = not await resources.create(call, "set", name, value)
    if there:
        raise Refusal("ConfigurationSetAlreadyExists", "it is there already: change its options", name=name)


async def find(call: Call, name: str) -> Document | None:
    found = await resources.get(call, "set", name)
    if found is not None:
        return None if found.get("deleted") else found
    return _seeded(call, name)


async def get(call: Call, name: str) -> Document:
    """``name``, ``options``, ``tags``, ``destinations`` (by name). Raises Refusal for one that is not there."""
    found = await find(call, name)
    if found is None:
        raise absent(name)
    return found


async def put_options(call: Call, name: str, kind: str, options: Document) -> None:
    """Replace one kind of options. Raises Refusal."""
    await _edit(call, name, lambda before: {**before, "options": {**before["options"], kind: options}})


async def put_tags(call: Call, name: str, tags: list[Document]) -> None:
    """Raises Refusal."""
    await _edit(call, name, lambda before: {**before, "tags": tags})


async def delete(call: Call, name: str) -> None:
    await get(call, name)
    if name in call.settings.configuration_sets:
        await resources.put(call, "set", name, {"name": name, "deleted": True})
    else:
        await resources.delete(call, "set", name)


async def listing(call: Call) -> list[Document]:
    """All, by name."""
    kept = {one["name"]: one for one in await resources.listing(call, "set")}
    seeded = {name: {**_EMPTY, "name": name} for name in call.settings.configuration_sets if name not in kept}
    there = [one for one in kept.values() if not one.get("deleted")]
    return sorted([*there, *seeded.values()], key=lambda one: str(one["name"]))


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


async def _edit(call: Call, name: str, edit: Callable[[Document], Document]) -> None:
    def there(before: Document) -> Document:
        if before.get("deleted"):
            raise absent(name)
        return edit(before)

    if await resources.change(call, "set", name, there, _seeded(call, name)) is None:
        raise absent(name)


def _seeded(call: Call, name: str) -> Document | None:
    return {**_EMPTY, "name": name} if name in call.settings.configuration_sets else None


def _there(found: Document, destination: str) -> None:
    if destination not in found["destinations"]:
        # AWS names the configuration set here.
        raise Refusal("EventDestinationDoesNotExist", f"create {destination} first", name=found["name"])


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
