"""Where personas and clients are found: the rows of fixtures and config, and over them those that the API has put
into the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Generic

from gateway.core import data_files
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.rows import AnyRow, ClientRow, PersonaRow
from gateway.storage.ports import Record, Records

_PREFIX = "oauth2.kept:"
_MOST_PARSED = 1000


@dataclass(frozen=True, slots=True)
class Rows(Generic[AnyRow]):
    """``kind`` is ``personas`` or ``clients``; ``declared`` by id."""

    kind: str
    model: type[AnyRow]
    declared: Mapping[str, AnyRow] = field(default_factory=dict)
    parsed: dict[str, tuple[int, AnyRow]] = field(default_factory=dict, repr=False, compare=False)

    def key(self, name: str) -> str:
        return f"{_PREFIX}{self.kind}:{name}"

    async def put(self, records: Records, row: AnyRow, if_version: int | None = None) -> None:
        """Raises ``errors.Conflict``."""
        await records.put(self.key(row.id), row.model_dump(mode="json", by_alias=True), if_version)

    async def version(self, records: Records, name: str) -> int:
        """Of what the API has put; 0 for nothing."""
        found = await records.get(self.key(name))
        return found.version if found is not None else 0

    async def stored(self, records: Records, name: str) -> AnyRow | None:
        found = await records.get(self.key(name))
        if found is None:
            self.parsed.pop(name, None)
            return None
        known = self.parsed.get(name)
        if known is None or known[0] != found.version:
            if len(self.parsed) >= _MOST_PARSED:  # each test may have its own, and forget it
                self.parsed.clear()
            # Each sign-in asks some times: a row is read once for each version of it.
            known = self.parsed[name] = (found.version, self._row(found))
        return known[1]

    async def get(self, records: Records, name: str) -> AnyRow | None:
        return await self.stored(records, name) or self.declared.get(name)

    async def listing(self, records: Records) -> dict[str, tuple[str, AnyRow]]:
        """Source (``declared`` or ``api``) and row by id: the declared ones in their order, then the others."""
        found = {name: ("declared", row) for name, row in self.declared.items()}
        for _, record in await records.scan(self.key("")):
            row = self._row(record)
            found[row.id] = ("api", row)
        return found

    def _row(self, record: Record) -> AnyRow:
        return self.model.model_validate(record.value)


@dataclass(frozen=True, slots=True)
class KeptPersonas:
    """Implements ``personas.Personas``."""

    rows: Rows[PersonaRow]

    async def find(self, records: Records, issuer: str, hint: str) -> Persona | None:
        row = await self.rows.get(records, hint)
        if row is not None and (row.issuers is None or issuer in row.issuers):
            return row.persona()
        everybody = await self.listing(records, issuer)
        return next((one for one in everybody if hint in (one.claims.get("email"), one.sub)), None)

    async def listing(self, records: Records, issuer: str) -> Sequence[Persona]:
        return [row.persona() for row in await _of(self.rows, records, issuer)]


@dataclass(frozen=True, slots=True)
class KeptClients:
    """Implements ``clients.Clients``. ``of_connectors`` are known by themselves; a row of the same id replaces
    one."""

    rows: Rows[ClientRow]
    of_connectors: Mapping[str, Client] = field(default_factory=dict)

    async def find(self, records: Records, issuer: str, client_id: str) -> Client | None:
        row = await self.rows.get(records, client_id)
        if row is None:
            return self.of_connectors.get(client_id)
        return row.client() if row.issuers is None or issuer in row.issuers else None

    async def listing(self, records: Records, issuer: str) -> Sequence[Client]:
        found = dict(self.of_connectors)
        names = (await self.rows.listing(records)).keys()
        for name in names:
            found.pop(name, None)
        return [*found.values(), *(row.client() for row in await _of(self.rows, records, issuer))]


async def _of(rows: Rows[AnyRow], records: Records, issuer: str) -> list[AnyRow]:
    listed = await rows.listing(records)
    return [row for _, row in listed.values() if row.issuers is None or issuer in row.issuers]


def personas(declared: Iterable[PersonaRow], *, fixtures: bool = True) -> Rows[PersonaRow]:
    """``fixtures``: those of fixtures/personas.yaml are there too; a declared one of the same id replaces one."""
    found = dict(seeded_personas()) if fixtures else {}
    return Rows("personas", PersonaRow, found | {row.id: row for row in declared})


def clients(declared: Iterable[ClientRow], *, fixtures: bool = True) -> Rows[ClientRow]:
    """Likewise, with fixtures/clients.yaml."""
    found = dict(seeded_clients()) if fixtures else {}
    return Rows("clients", ClientRow, found | {row.id: row for row in declared})


@cache
def seeded_personas() -> Mapping[str, PersonaRow]:
    return MappingProxyType({row.id: row for row in map(PersonaRow.model_validate, _seeds("personas"))})


@cache
def seeded_clients() -> Mapping[str, ClientRow]:
    return MappingProxyType({row.id: row for row in map(ClientRow.model_validate, _seeds("clients"))})


def _seeds(kind: str) -> list[dict[str, object]]:
    from ruamel.yaml import YAML

    path = data_files.folder("fixtures") / f"{kind}.yaml"
    rows: list[dict[str, object]] = YAML(typ="safe", pure=True).load(path)[kind]
    return rows
