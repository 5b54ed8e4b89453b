"""Tags: of native resources, which moto edits a copy of, and of its own (contact lists, IP pools)."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.providers.aws_ses.fake import configuration_sets, identities, stored_templates
from gateway.providers.aws_ses.fake.call import Call, Refusal

OPERATIONS = frozenset({"TagResource", "UntagResource", "ListTagsForResource"})
_NATIVE = ("identity", "configuration-set", "template")
_MOTO = ("contact-list", "dedicated-ip-pool")


class Tagged(NamedTuple):
    """A native resource and the tags that it has."""

    arn: str
    kind: str
    name: str
    tags: list[dict[str, Any]]


async def native(call: Call) -> Tagged | None:
    """What the request's ARN names in our own store; None for what moto has. Raises Refusal for what is not
    there."""
    arn = call.parameters["ResourceArn"]
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "ses":
        text = f"Invalid ARN: {arn}"
        hint = "ResourceArn is arn:aws:ses:<region>:<account>:<kind>/<name>"
        raise Refusal("BadRequestException", hint, message=text)
    kind, _, name = parts[5].partition("/")
    if (parts[3], parts[4]) != (call.region, call.account_id) or kind not in (*_NATIVE, *_MOTO):
        hint = f"the ARN is of region {call.region}, account {call.account_id}, and one of {', '.join(_NATIVE)}, "
        hint += ", ".join(_MOTO)
        raise Refusal("NotFoundException", hint, message=f"Resource {arn} does not exist.")
    if kind == "identity":
        return Tagged(arn, kind, name, (await identities.get(call, name))["tags"] or [])
    if kind == "configuration-set":
        return Tagged(arn, kind, name, (await configuration_sets.get(call, name))["tags"] or [])
    if kind == "template":
        return Tagged(arn, kind, name, (await stored_templates.get(call, name))["tags"] or [])
    return None


async def keep(call: Call, resource: Tagged, tags: list[dict[str, Any]]) -> None:
    """What moto made of them. Raises Refusal where the resource is gone meanwhile."""
    if resource.kind == "identity":
        await identities.change(call, resource.name, tags=tags)
    elif resource.kind == "configuration-set":
        await configuration_sets.put_tags(call, resource.name, tags)
    else:
        await stored_templates.put_tags(call, resource.name, tags)
