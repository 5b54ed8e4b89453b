"""Personas and clients as data: in fixtures, in the config file (snake_case), and as the
API keeps and shows them (camelCase). docs/config.md shows the descriptions."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from gateway.core.model import Document
from gateway.providers.oauth2.fake.clients import GRANTS, AccessTokens, AuthMethod, Client
from gateway.providers.oauth2.fake.personas import Persona

# RFC 6749 A.4 and A.7: a scope token, an error code.
_SCOPE = re.compile(r"[!#-\[\]-~]+")
_ERROR = re.compile(r"[a-z_]{1,60}")
_ID = re.compile(r"[!-~](?:[ -~]{0,510}[!-~])?")
# OIDC Core 2: at most 255 ASCII characters; others are let pass, since providers do.
_LONGEST_SUB = 255


def _scope(text: str) -> str:
    if _SCOPE.fullmatch(text) is None:
        raise ValueError("a scope is printable ASCII without spaces, quotes and backslashes")
    return text


def _error(text: str) -> str:
    if _ERROR.fullmatch(text) is None:
        raise ValueError("an error is written as access_denied")
    return text


def _redirect(uri: str) -> str:
    """RFC 6749 3.1.2: absolute, without a fragment."""
    scheme, colon, rest = uri.partition(":")
    if not (colon and rest and re.fullmatch("[A-Za-z][A-Za-z0-9+.-]*", scheme)):
        raise ValueError("a redirect URI is absolute, as http://localhost:3000/callback")
    if "#" in uri:
        raise ValueError("a redirect URI has no fragment (RFC 6749 3.1.2)")
    if re.fullmatch("[!-~]+", uri) is None:
        raise ValueError("a redirect URI has visible ASCII characters only: percent-encode the others")
    try:
        urlsplit(uri)
    except ValueError:
        raise ValueError("a redirect URI has a host that can be read") from None
    if scheme.lower() in ("javascript", "data", "vbscript", "file", "blob", "about"):
        raise ValueError(f"{scheme.lower()}: is no scheme to redirect to")
    return uri


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text)
        plain = text == f"{parts.scheme}://{parts.netloc}" and "@" not in text and parts.port != 0
        plain = plain and parts.scheme in ("http", "https")
    except ValueError:
        plain = False
    if not plain:
        raise ValueError("an origin is scheme, host and port, as http://localhost:3000")
    return text


def _claims(claims: dict[str, Any]) -> dict[str, Any]:
    sub = claims.get("sub")
    if sub is not None and not (isinstance(sub, str) and 0 < len(sub) <= _LONGEST_SUB):
        raise ValueError(f"sub is a text of 1 to {_LONGEST_SUB} characters, in quotes where it has only digits")
    return claims


def _known_id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise ValueError("an id is 1 to 512 printable ASCII characters")
    return text


Id: TypeAlias = Annotated[str, AfterValidator(_known_id)]
Word: TypeAlias = Annotated[str, Field(min_length=1)]
Scope: TypeAlias = Annotated[str, AfterValidator(_scope)]
Error: TypeAlias = Annotated[str, AfterValidator(_error)]
Redirect: TypeAlias = Annotated[str, AfterValidator(_redirect)]
Origin: TypeAlias = Annotated[str, AfterValidator(_origin)]


class Row(BaseModel):
    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, alias_generator=to_camel, validate_by_name=True
    )


class OrganizationRow(Row):
    id: Word = Field(description="what does not change")
    name: Word = Field(description="short, as in a URL")
    display_name: str | None = Field(None, description="for people; null for its name")
    role: Word = Field("read", description="what the persona is there: `admin`, `write`, `read`, ...")
    enterprise: bool = Field(False, description="an enterprise plan")
    picture: str | None = Field(None, description="a URL")


class PersonaRow(Row):
    id: Id = Field(description="how tests call it: `login_hint=<id>`")
    note: str = Field("", description="for people: what is special")
    claims: Annotated[dict[Word, JsonValue], AfterValidator(_claims)] = Field(
        {}, description="as in an ID token; what a client sees of them, its scopes say; without `sub` it is the id"
    )
    scopes: list[Scope] | None = Field(None, description="the only scopes that it grants; null for all")
    organizations: list[OrganizationRow] = Field([], description="where it belongs to")
    denies: Error | None = Field(None, description="the error that every sign-in ends with, as `access_denied`")
    interaction: Error | None = Field(
        None, description="what `prompt=none` gets, though it is signed in, as `interaction_required`"
    )
    issuers: list[Word] | None = Field(None, description="where it has an account; null for everywhere")

    def persona(self) -> Persona:
        return Persona(
            self.id,
            {"sub": self.id, **self.claims},
            frozenset(self.scopes) if self.scopes is not None else None,
            tuple(_organization(one) for one in self.organizations),
            self.denies,
            self.interaction,
            frozenset(self.issuers) if self.issuers is not None else None,
            self.note,
        )

    def document(self) -> Document:
        return {
            **self.model_dump(mode="json", by_alias=True),
            "claims": {"sub": self.id, **self.claims},
            "organizations": [
                {**one.model_dump(mode="json", by_alias=True), "displayName": one.display_name or one.name}
                for one in self.organizations
            ],
        }


class ClientRow(Row):
    id: Id = Field(description="the `client_id`")
    name: str = Field("", description="for people; empty for the id")
    homepage: str | None = Field(None, description="a URL")
    logo: str | None = Field(None, description="shown where it is a `data:` URL: pages load nothing from elsewhere")
    secrets: list[Word] = Field(
        [],
        max_length=2,
        description="one, or two between rotations; none for a public client",
        json_schema_extra={"writeOnly": True},
    )
    redirect_uris: list[Redirect] = Field([], description="compared as strings; a loopback address with any port")
    post_logout_redirect_uris: list[Redirect] = Field([], description="where a sign-out may lead")
    allowed_scopes: list[Scope] | None = Field(None, description="null for any")
    auth_method: AuthMethod | None = Field(
        None, description="the only one that it may use; null for any that it has the means for"
    )
    jwks: dict[str, JsonValue] | None = Field(None, description="its public keys, a JWK set")
    origins: list[Origin] = Field(
        [], description="web origins that may call from a browser, besides those of its redirect URIs"
    )
    issuers: list[Word] | None = Field(None, description="where it is registered; null for everywhere")
    access_tokens: AccessTokens | None = Field(
        None, description="`jwt` (RFC 9068) or `opaque`; null for what the issuer says"
    )
    resource_server: bool = Field(False, description="it may introspect the tokens of other clients too")

    def client(self) -> Client:
        return Client(
            self.id,
            self.name or None,
            self.homepage,
            self.logo,
            tuple(self.secrets),
            tuple(self.redirect_uris),
            tuple(self.post_logout_redirect_uris),
            frozenset(self.allowed_scopes) if self.allowed_scopes is not None else None,
            self.auth_method,
            GRANTS,
            self.jwks,
            tuple(self.origins),
            frozenset(self.issuers) if self.issuers is not None else None,
            self.resource_server,
            self.access_tokens,
        )

    def document(self) -> Document:
        return {**self.model_dump(mode="json", by_alias=True), "name": self.name or self.id}


AnyRow = TypeVar("AnyRow", PersonaRow, ClientRow)


def _organization(row: OrganizationRow) -> Document:
    return {**row.model_dump(mode="json"), "display_name": row.display_name or row.name}
