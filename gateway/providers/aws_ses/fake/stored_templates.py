"""Email templates that an account keeps, and their rendering. Content is ``Subject``, ``Text``, ``Html``."""

from __future__ import annotations

import re
from functools import partial

from gateway.core.model import Document
from gateway.core.offload import run_by_size
from gateway.providers.aws_ses.fake import handlebars, resources
from gateway.providers.aws_ses.fake.call import Call, Refusal

MOST_BYTES = 500 << 10
_NAME = re.compile("[A-Za-z0-9_-]{1,64}")
_PARTS = ("Subject", "Text", "Html")


def absent(name: str) -> Refusal:
    return Refusal("TemplateDoesNotExist", f"create the template {name} first", name=name)


async def create(call: Call, name: str, content: Document, tags: list[Document] | None = None) -> None:
    """Raises Refusal for a name that is taken, and for what is no template."""
    if not _NAME.fullmatch(name):
        text = "Template name must be between 1 and 64 characters, and have only letters, numbers, '_' and '-'."
        raise Refusal("InvalidParameterValue", "TemplateName: letters, digits, - and _, at most 64", message=text)
    await check(content)
    value = {"name": name, "content": _kept(content), "tags": tags or [], "createdAt": call.now}
    if not await resources.create(call, "template", name, value):
        raise Refusal("AlreadyExists", "update it instead", message=f"Template {name} already exists.")


async def get(call: Call, name: str) -> Document:
    """``name``, ``content``, ``tags``, ``createdAt``. Raises Refusal for one that is not there."""
    found = await resources.get(call, "template", name)
    if found is None:
        raise absent(name)
    return found


async def update(call: Call, name: str, content: Document) -> None:
    await check(content)
    edited = await resources.change(call, "template", name, lambda before: {**before, "content": _kept(content)})
    if edited is None:
        raise absent(name)


async def put_tags(call: Call, name: str, tags: list[Document]) -> None:
    """Raises Refusal for one that is not there."""
    if await resources.change(call, "template", name, lambda before: {**before, "tags": tags}) is None:
        raise absent(name)


async def delete(call: Call, name: str) -> bool:
    return await resources.delete(call, "template", name)


async def listing(call: Call) -> list[Document]:
    """The newest first, as AWS has them."""
    return sorted(await resources.listing(call, "template"), key=lambda one: -one["createdAt"])


def _kept(content: Document) -> Document:
    return {part: content[part] for part in _PARTS if content.get(part) is not None}


async def check(content: Document) -> None:
    """Raises Refusal for a template that is too large or that cannot be read."""
    sizes = sum(len((content.get(part) or "").encode()) for part in _PARTS)
    if sizes > MOST_BYTES:
        text = "Template size exceeds the maximum of 500 KB."
        raise Refusal("LimitExceeded", "a template has at most 500 KB in all its parts", message=text)
    for part in _PARTS:
        source = content.get(part) or ""
        try:
            await run_by_size(len(source), partial(handlebars.check, source))
        except handlebars.Malformed as problem:
            raise invalid(problem) from None


def invalid(problem: handlebars.Malformed) -> Refusal:
    return Refusal("InvalidTemplate", "the template is no correct Handlebars", message=problem.message)
