"""The keys of ``fakes: {oauth2: ...}`` with their meaning: docs/config.md shows the descriptions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from gateway.providers.oauth2.fake.clients import AccessTokens
from gateway.providers.oauth2.fake.issuers import Issuer
from gateway.providers.oauth2.fake.rows import AnyRow, ClientRow, PersonaRow
from gateway.providers.oauth2.fake.shapes.shape import Alg, RefreshTokens

Word = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_DEFAULT = Issuer("default")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")


def _issuer_url(text: str) -> str:
    """OpenID Connect Discovery 2: scheme, host, and perhaps port and path. http will do at home."""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or not text.isprintable() or re.fullmatch(r"[^?#@\s]+", text) is None:
        raise ValueError("it is an http or https URL without query and fragment, as https://gateway.test")
    return text


def _host(text: str) -> str:
    """Without a port. Not one by which the API is called: the issuer would have all of it."""
    name = text.lower()
    if _HOST.fullmatch(name) is None or name == "localhost" or name.rpartition(".")[2].isdigit():
        raise ValueError("it is a host name without a port, such as login.example; not localhost, and no address")
    return name


Host = Annotated[str, AfterValidator(_host)]
IssuerUrl = Annotated[str, AfterValidator(_issuer_url)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class IssuerPart(Part):
    shape: Word | None = Field(None, description="`oauth2`, `oidc`, ...; null for that of its name, else `oidc`")
    alg: Alg | None = Field(None, description="how ID tokens are signed; null for what its shape says")
    auto_login: Word | None = Field(None, description="the persona that is always signed in: no page is shown")
    breaks: list[Word] = Field(
        [], alias="break", description="rules that it breaks; see [social-conformance.md](social-conformance.md)"
    )
    hosts: list[Host] | None = Field(None, description="host names that it answers; null for those of its shape")
    url: IssuerUrl | None = Field(None, description="what it calls itself (`iss`); null for how it was reached")
    code_seconds: Seconds = Field(_DEFAULT.code_seconds, description="lifetime of a code, gateway's clock")
    token_seconds: Seconds | None = Field(
        None, description="lifetime of an access token, gateway's clock; null for what its shape says"
    )
    refresh_seconds: Seconds = Field(
        _DEFAULT.refresh_seconds, description="lifetime of a refresh token, gateway's clock"
    )
    id_token_seconds: Seconds = Field(_DEFAULT.id_token_seconds, description="lifetime of an ID token, real time")
    session_seconds: Seconds = Field(
        _DEFAULT.session_seconds, description="how long a browser stays signed in, gateway's clock"
    )
    refresh_tokens: RefreshTokens | None = Field(
        None, description="who gets a refresh token; null for what its shape says"
    )
    access_tokens: AccessTokens = Field(
        _DEFAULT.access_tokens,
        description="`opaque`, or `jwt`: signed, as RFC 9068 has it; of a shape with a key set",
    )
    audience: Word | None = Field(
        None, description="`aud` of such a JWT where the client asks for no `resource`; null for the issuer"
    )
    sso: bool = Field(_DEFAULT.sso, description="a browser that has signed in is not asked again")


class FakePart(Part):
    strict: bool = Field(False, description="registered clients and declared issuers only")
    public_url: IssuerUrl | None = Field(
        None,
        description="how clients reach the gateway, such as `https://gateway.test`; `server.public_url` unless it "
        "is here, null for their `Host`",
    )
    redirect_hosts: list[Host] = Field(
        [],
        description="host names, besides loopback, at which the clients of connectors and unregistered "
        "clients may have their redirect URI, such as `logto.test`",
    )
    personas: list[PersonaRow] = Field([], description="further personas, or other ones of the same `id`")
    clients: list[ClientRow] = Field([], description="further clients, or other ones of the same `id`")
    fixtures: bool = Field(True, description="the personas and clients that come with the gateway are there too")
    issuers: dict[Word, IssuerPart] = Field({}, description="further issuers, and changes to those that are there")

    @field_validator("personas", "clients")
    @classmethod
    def _each_once(cls, rows: list[AnyRow]) -> list[AnyRow]:
        """One of two would never be seen."""
        twice = next((name for name, count in Counter(row.id for row in rows).items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"there are two of the id {twice}; give one of them another")
        return rows
