"""The fake's part of the config file (``fakes: {oauth2: ...}``), checked."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.core.errors import ConfigError
from gateway.providers.oauth2.fake import kept
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.issuers import Issuer, Issuers, declared, is_name
from gateway.providers.oauth2.fake.part import FakePart, IssuerPart
from gateway.providers.oauth2.fake.rows import ClientRow, OrganizationRow, PersonaRow
from gateway.providers.oauth2.fake.rules import RULES
from gateway.providers.oauth2.fake.settings import FakeSettings
from gateway.providers.oauth2.fake.shapes import SHAPES
from gateway.providers.oauth2.fake.state import State
from gateway.providers.ports import Connector

NAME = "oauth2"
_LISTS = ("issuers", "personas", "clients", "organizations")
_PARTS: Mapping[tuple[str, ...], type[BaseModel]] = {
    ("issuers",): IssuerPart,
    ("personas",): PersonaRow,
    ("personas", "organizations"): OrganizationRow,
    ("clients",): ClientRow,
}


def read(
    config: Mapping[str, Any], connectors: Sequence[Connector], previous: FakeSettings | None = None
) -> FakeSettings:
    """Join the fake's part of the config with the clients that its connectors use. The state of ``previous`` goes
    on. Raises ``errors.ConfigError`` that names the key."""
    try:
        part = FakePart.model_validate(dict(config))
    except ValidationError as error:
        raise ConfigError(_why(error)) from None
    issuers = declared() | {name: _issuer(name, row) for name, row in part.issuers.items()}
    return FakeSettings(
        strict=part.strict,
        issuers=Issuers(issuers, open=not part.strict, public_url=_public(part.public_url)),
        clients=kept.KeptClients(kept.clients(part.clients, fixtures=part.fixtures), _of_connectors(connectors)),
        personas=kept.KeptPersonas(kept.personas(part.personas, fixtures=part.fixtures)),
        redirect_hosts=frozenset(part.redirect_hosts),
        state=State() if previous is None else previous.state,
    )


def _issuer(name: str, part: IssuerPart) -> Issuer:
    place = f"fakes.{NAME}.issuers.{name}"
    if not is_name(name):
        raise ConfigError(f"{place}: a name is part of a path: letters, digits, _, . and -, at most 64")
    wanted = part.shape or (name if name in SHAPES else "oidc")
    shape = SHAPES[_known(f"{place}.shape", wanted, SHAPES)]
    for rule in part.breaks:
        _known(f"{place}.break", rule, RULES)
    if part.access_tokens == "jwt" and "jwks" not in shape.paths:
        raise ConfigError(f"{place}.access_tokens: the shape {shape.name} has no key set to check a JWT with")
    return Issuer(
        name,
        shape,
        alg=part.alg or shape.alg,
        auto_login=part.auto_login,
        breaks=frozenset(part.breaks),
        hosts=shape.hosts if part.hosts is None else tuple(part.hosts),
        url=_public(part.url),
        code_seconds=part.code_seconds,
        token_seconds=part.token_seconds or shape.token_seconds,
        refresh_seconds=part.refresh_seconds,
        id_token_seconds=part.id_token_seconds,
        session_seconds=part.session_seconds,
        refresh_tokens=part.refresh_tokens or shape.refresh_tokens,
        sso=part.sso,
        access_tokens=part.access_tokens,
        audience=part.audience,
    )


def _known(place: str, word: str, words: Collection[str]) -> str:
    if word in words:
        return word
    nearest = difflib.get_close_matches(word, words, 1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(words)}"
    raise ConfigError(f"{place}: there is no {word}; {advice}")


def _public(url: str | None) -> str | None:
    return url.rstrip("/") if url is not None else None


def _of_connectors(connectors: Sequence[Connector]) -> dict[str, Client]:
    """The credentials of sandbox connectors: one client has all secrets of its id, without any it is public. They
    have no redirect URI here: a loopback one is taken."""
    found: dict[str, Client] = {}
    for connector in connectors:
        if connector.provider != NAME or not connector.settings.client_id:
            continue
        name, secret = connector.settings.client_id, connector.settings.client_secret
        client = found.setdefault(name, Client(name, connector.id, any_loopback=True))
        if secret and secret not in client.secrets:
            found[name] = replace(client, secrets=(*client.secrets, secret))
    return found


def _why(error: ValidationError) -> str:
    """The first problem in one line: the key, what is wrong, and the nearest key for a typo."""
    first = error.errors(include_url=False, include_input=False)[0]
    steps = [str(step) for step in first["loc"]]
    place = ".".join([f"fakes.{NAME}", *steps])
    if first["type"] != "extra_forbidden":
        text = first["msg"].removeprefix("Value error, ")
        return f"{place}: {text[:1].lower()}{text[1:]}"
    fields = _PARTS.get(tuple(one for one in steps[:-1] if one in _LISTS), FakePart).model_fields
    known = [row.alias or name for name, row in fields.items()]
    if fields is not FakePart.model_fields and fields is not IssuerPart.model_fields:
        known = list(fields)
    nearest = difflib.get_close_matches(steps[-1], known, 1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
    return f"{place}: there is no such key; {advice}"
