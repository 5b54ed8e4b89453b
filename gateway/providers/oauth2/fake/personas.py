"""Made-up users, and the seam through which the fake finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.core.model import Channel, Document, Recipient
from gateway.storage.ports import Records


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up user. ``name`` is how tests call it (``login_hint=<name>``); ``claims`` holds ``sub`` and whatever
    else the provider knows of it, OIDC's names; ``scopes``: what it grants, None for whatever it is asked.
    ``organisations`` are shown by the shapes that have them. ``denies``: the OAuth error that signing in as it
    ends in, such as ``access_denied``. ``interaction``: what ``prompt=none`` gets although it is signed in, say
    ``interaction_required``. ``issuers``: where it has an account, None for everywhere. ``note``: for people."""

    name: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    organisations: tuple[Document, ...] = ()
    denies: str | None = None
    interaction: str | None = None
    issuers: frozenset[str] | None = None
    note: str = ""

    @property
    def sub(self) -> str:
        return str(self.claims.get("sub", self.name))

    def recipients(self) -> tuple[Recipient, ...]:
        """By which fault rules and waits know it: its name, and its address."""
        found = [Recipient(Channel.EMAIL, self.name, (self.name,))]
        email = self.claims.get("email")
        if isinstance(email, str) and email:
            found.append(Recipient(Channel.EMAIL, email, (email.lower(),)))
        return tuple(found)


class Personas(Protocol):
    """The personas, from wherever. ``find`` takes a name, an address or a ``sub``: what ``login_hint`` may be."""

    async def find(self, records: Records, issuer: str, hint: str) -> Persona | None: ...
    async def listing(self, records: Records, issuer: str) -> Sequence[Persona]: ...


@dataclass(frozen=True, slots=True)
class DeclaredPersonas:
    """Implements ``Personas`` for those of the config file."""

    by_name: Mapping[str, Persona] = field(default_factory=dict)

    async def find(self, records: Records, issuer: str, hint: str) -> Persona | None:
        found = self.by_name.get(hint)
        if found is not None and _is_of(found, issuer):
            return found
        everybody = await self.listing(records, issuer)
        return next((one for one in everybody if hint in (one.claims.get("email"), one.sub)), None)

    async def listing(self, records: Records, issuer: str) -> Sequence[Persona]:  # noqa: ARG002  # the seam
        return [one for one in self.by_name.values() if _is_of(one, issuer)]


def _is_of(persona: Persona, issuer: str) -> bool:
    return persona.issuers is None or issuer in persona.issuers
