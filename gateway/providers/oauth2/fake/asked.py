"""An authorization request that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.providers.oauth2.fake.clients import Client


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked authorization request. ``redirect_sent``: it named its redirect URI. ``max_age`` in seconds."""

    client: Client
    response_type: str
    scope: str
    redirect_sent: bool
    challenge: str | None
    method: str
    prompts: frozenset[str]
    max_age: int | None
    wants: dict[str, list[str]]
    wanted_sub: Any
    resource: str = ""
