"""What one fake knows and how strict it is. Made once by ``config.read``; nothing here changes but ``state``."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.providers.oauth2.fake.clients import Clients, DeclaredClients
from gateway.providers.oauth2.fake.issuers import Issuers
from gateway.providers.oauth2.fake.personas import DeclaredPersonas, Personas
from gateway.providers.oauth2.fake.state import State


@dataclass(frozen=True, slots=True)
class FakeSettings:
    """``strict``: registered clients and declared issuers only. ``redirect_hosts`` (lower case): hosts besides
    loopback to which clients may return without registering a redirect URI. ``state`` goes on when settings are
    made anew."""

    strict: bool = False
    issuers: Issuers = field(default_factory=Issuers)
    clients: Clients = field(default_factory=DeclaredClients)
    personas: Personas = field(default_factory=DeclaredPersonas)
    redirect_hosts: frozenset[str] = frozenset()
    state: State = field(default_factory=State)
