"""Personas and clients for the API: implements ``gateway.directories.Directory``."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from gateway.core.errors import Conflict, InvalidRequest, NotFound, ReadOnly
from gateway.core.model import MASK, Document
from gateway.providers.directory import Directory
from gateway.providers.oauth2.fake import seen
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.kept import KeptClients, KeptPersonas, Rows
from gateway.providers.oauth2.fake.rows import AnyRow, ClientRow, PersonaRow
from gateway.providers.ports import Context
from gateway.storage.ports import Records


@dataclass(frozen=True, slots=True)
class PersonaDirectory:
    async def listing(self, context: Context) -> list[Document]:
        listed = await _personas(context).listing(context.records)
        return [{**row.document(), "source": source} for source, row in listed.values()]

    async def get(self, context: Context, name: str) -> Document | None:
        return _named(await self.listing(context), name)

    async def put(self, context: Context, name: str, given: Document) -> Document:
        row = _checked(PersonaRow, {**given, "id": name})
        await _personas(context).put(context.records, row)
        return {**row.document(), "source": "api"}

    async def delete(self, context: Context, name: str) -> bool:
        return await _deleted(_personas(context), context.records, name)

    async def rotate(self, *_: object, **__: object) -> tuple[str, Document]:
        raise InvalidRequest("personas have no secrets")


@dataclass(frozen=True, slots=True)
class ClientDirectory:
    async def listing(self, context: Context) -> list[Document]:
        kept = _clients(context)
        listed = await kept.rows.listing(context.records)
        found = {name: _shown(row, source) for name, (source, row) in listed.items()}
        for name, client in kept.of_connectors.items():
            found.setdefault(name, _shown(_row(client), "declared"))
        for client in await seen.everywhere(context.records):
            found.setdefault(client.id, _shown(_row(client), "seen"))
        return list(found.values())

    async def get(self, context: Context, name: str) -> Document | None:
        return _named(await self.listing(context), name)

    async def put(self, context: Context, name: str, given: Document) -> Document:
        before = await self._before(context, name)
        known = before.secrets if before is not None else []
        secrets = given.get("secrets")
        kept = known if secrets is None else [_unmasked(one, known, place) for place, one in enumerate(secrets)]
        row = _checked(ClientRow, {**given, "id": name, "secrets": kept})
        await _clients(context).rows.put(context.records, row)
        return _shown(row, "api")

    async def delete(self, context: Context, name: str) -> bool:
        kept = _clients(context)
        return await _deleted(kept.rows, context.records, name, also=kept.of_connectors)

    async def rotate(self, context: Context, name: str, secret: str | None, *, keep: bool) -> tuple[str, Document]:
        rows, fresh = _clients(context).rows, secret or random_secrets.token_urlsafe(24)
        while True:
            version = await rows.version(context.records, name)
            before = await self._before(context, name)
            if before is None:
                raise NotFound("there is no client with that id")
            old = [one for one in before.secrets if one != fresh][:1] if keep else []
            row = _checked(ClientRow, {**before.model_dump(mode="json"), "secrets": [fresh, *old]})
            try:
                await rows.put(context.records, row, version)
            except Conflict:
                continue
            return fresh, _shown(row, "api")

    async def _before(self, context: Context, name: str) -> ClientRow | None:
        kept = _clients(context)
        row = await kept.rows.get(context.records, name)
        if row is None and name in kept.of_connectors:
            row = _row(kept.of_connectors[name])
        return row


PERSONAS: Directory = PersonaDirectory()
CLIENTS: Directory = ClientDirectory()


def _personas(context: Context) -> Rows[PersonaRow]:
    kept: KeptPersonas = context.settings.personas
    return kept.rows


def _clients(context: Context) -> KeptClients:
    kept: KeptClients = context.settings.clients
    return kept


def _named(documents: list[Document], name: str) -> Document | None:
    return next((one for one in documents if one["id"] == name), None)


def _shown(row: ClientRow, source: str) -> Document:
    return {**row.document(), "secrets": [MASK] * len(row.secrets), "source": source}


def _row(client: Client) -> ClientRow:
    """Of a client that is in no row: a connector's, or one that came by. Not checked: their ids and secrets are as
    somebody else wrote them."""
    return ClientRow.model_construct(
        id=client.id,
        name=client.name or "",
        secrets=list(client.secrets),
        redirect_uris=list(client.redirect_uris),
        auth_method=client.auth_method,
    )


def _unmasked(secret: str, known: list[str], place: int) -> str:
    if secret != MASK:
        return secret
    if place >= len(known):
        field = f"secrets.{place}"
        raise InvalidRequest(
            f"{field}: {MASK} is what a kept secret is shown as, and none is kept: give the secret",
            data={"field": field},
        )
    return known[place]


async def _deleted(
    rows: Rows[AnyRow], records: Records, name: str, also: Mapping[str, Client] | None = None
) -> bool:
    if await records.delete(rows.key(name)):
        return True
    if name in rows.declared or name in (also or {}):
        raise ReadOnly("fixtures or config declare it: put another one over it, or change it there")
    return False


def _checked(model: type[AnyRow], given: Mapping[str, Any]) -> AnyRow:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(to_camel(step) if isinstance(step, str) else str(step) for step in first["loc"])
    text = first["msg"].removeprefix("Value error, ")
    raise InvalidRequest(f"{field}: {text}", data={"field": field})
