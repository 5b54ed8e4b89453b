"""OAuth2, OpenID Connect and Hugging Face: ``provider`` is all that the house knows of them. Light: driver, fake,
pydantic and JOSE come at first use."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gateway.core.model import Request, Response
from gateway.providers.oauth2.fake import masking
from gateway.providers.oauth2.fake.errors import known
from gateway.providers.oauth2.metadata import (
    HUGGING_FACE,
    OAUTH2,
    OF_HUGGING_FACE,
    OF_OAUTH2,
    OF_OIDC,
    OIDC,
)
from gateway.providers.oauth2.wire.places import ISSUERS, MOUNT
from gateway.providers.ports import Connector, ConnectorFactory, Context, Metadata, Provider

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gateway.providers.directory import Directory
    from gateway.providers.social import SocialDriver

NAME = "oauth2"
OPERATIONS = frozenset(
    {
        "authorize",
        "login",
        "token",
        "userinfo",
        "user_emails",
        "jwks",
        "revoke",
        "introspect",
        "end_session",
        "openid_configuration",
        "oauth_metadata",
        "picture",
    }
)
"""The fake's endpoints, as exchanges and metrics name them."""
_MIB = 1 << 20


def _settings(factory: str, config: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    from gateway.providers.oauth2.parsing import parse

    return parse(factory, config, options)


def _social(settings: Any, address: str | None, public: str | None) -> SocialDriver:
    from gateway.providers.oauth2.driver import OAuth2Driver

    return OAuth2Driver(settings, address, public)


def _warnings(settings: Any) -> Sequence[str]:
    """What Logto ignores is ignored here too; what it lets a config override, and should not, is left out."""
    from gateway.providers.oauth2.parsing import warnings

    return warnings(settings)


def _options_schema(factory: str) -> type[BaseModel]:
    from gateway.providers.oauth2.parsing import KINDS

    return KINDS[factory][2]


async def _fake(request: Request, context: Context) -> Response:
    from gateway.providers.oauth2.fake.pipeline import fake

    return await fake(request, context)


async def _forbid(request: Request, context: Context, why: str) -> Response:  # noqa: ARG001  # of every provider
    from gateway.providers.oauth2.fake.answers import forbidden

    return forbidden(why)


def _fake_schema() -> type[BaseModel]:
    from gateway.providers.oauth2.fake.part import FakePart

    return FakePart


def _fake_settings(config: Mapping[str, Any], connectors: Sequence[Connector], previous: Any) -> Any:
    from gateway.providers.oauth2.fake.config import read

    return read(config, connectors, previous)


def _fake_hosts(settings: Any) -> Collection[str]:
    return {host for issuer in settings.issuers.by_name.values() for host in issuer.hosts}


def _mutations() -> type[BaseModel]:
    from gateway.providers.oauth2.fake.mutations import Mutations

    return Mutations


def _directories() -> Mapping[str, Directory]:
    from gateway.providers.oauth2.fake.directory import CLIENTS, PERSONAS

    return {"personas": PERSONAS, "clients": CLIENTS}


def _claims(request: Request) -> bool:
    """RFC 8414 looks for the metadata of an issuer with a path before that path."""
    return request.target.startswith("/.well-known/") and f"{MOUNT}/" in request.target.partition("?")[0]


def _recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    from gateway.providers.oauth2.recipes import recipes

    return recipes(host, port, connectors)


def _environment(host: str, port: int, connectors: Sequence[Connector]) -> Mapping[str, str]:
    from gateway.providers.oauth2.recipes import environment

    return environment(host, port, connectors)


def _factory(factory: str, metadata: Metadata, *, standard: bool = True) -> ConnectorFactory:
    return ConnectorFactory(
        factory,
        None,
        partial(_settings, factory),
        None,
        metadata,
        _warnings,
        partial(_options_schema, factory),
        social=_social,
        standard=standard,
    )


provider = Provider(
    name=NAME,
    title="OAuth2 and OpenID Connect",
    factories={
        OAUTH2: _factory(OAUTH2, OF_OAUTH2),
        OIDC: _factory(OIDC, OF_OIDC),
        HUGGING_FACE: _factory(HUGGING_FACE, OF_HUGGING_FACE, standard=False),
    },
    max_body=_MIB,
    answers_host=ISSUERS.__contains__,
    claims=_claims,
    fake=_fake,
    browsers=lambda _: True,
    forbid=_forbid,
    fake_settings=_fake_settings,
    recipes=_recipes,
    environment=_environment,
    fake_schema=_fake_schema,
    operations=OPERATIONS,
    masked=masking.masked,
    errors=known,
    mutations=_mutations,
    directories=_directories,
    fake_hosts=_fake_hosts,
)
