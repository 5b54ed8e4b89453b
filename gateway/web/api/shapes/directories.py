"""Personas and clients of a fake that signs people in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.web.routing.shared import Json, Shape

Source = Annotated[
    Literal["declared", "api", "seen"],
    Field(description="`declared`: fixtures or config; `api`: put over the API; `seen`: it asked, unregistered."),
]


class Organization(Shape):
    """One that a persona belongs to."""

    id: str
    name: str = Field(description="Its short name, as in a URL.")
    display_name: str
    role: str = Field(examples=["admin"])
    enterprise: bool
    picture: str | None


class Persona(Shape):
    """Somebody who can sign in at the fake."""

    id: str = Field(examples=["ada"])
    source: Source
    provider: str = Field(examples=["oauth2"])
    note: str = Field(description="For people: what is special.")
    claims: Json = Field(description="What is told of it, by the scopes that a client has. `sub` is always there.")
    scopes: list[str] | None = Field(description="The only scopes that it grants; null: all.")
    organizations: list[Organization]
    denies: str | None = Field(description="The error that every sign-in ends with; null: it signs in.")
    interaction: str | None = Field(description="What `prompt=none` gets, though it is signed in.")
    issuers: list[str] | None = Field(description="Where it has an account; null: everywhere.")


class Personas(Shape):
    """Everybody, by id."""

    personas: list[Persona]


class Client(Shape):
    """A client that may ask at the fake, or one that did without being registered."""

    id: str = Field(description="Its `client_id`.", examples=["my-app"])
    source: Source
    provider: str = Field(examples=["oauth2"])
    name: str
    homepage: str | None
    logo: str | None
    secrets: list[str] = Field(description="Masked; a second one is there between two rotations.")
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    allowed_scopes: list[str] | None = Field(description="Null: any.")
    auth_method: str | None = Field(description="How it must show its secret; null: any way that fits.")
    jwks: Json | None = Field(description="Its public keys, a JWK set.")
    origins: list[str] = Field(description="Web origins that may call from a browser.")
    issuers: list[str] | None = Field(description="Where it is registered; null: everywhere.")
    access_tokens: str | None = Field(description="`jwt` or `opaque`; null: what the issuer gives.")
    resource_server: bool = Field(description="It may introspect the tokens of other clients too.")


class Clients(Shape):
    """All of them, by id, registered ones first."""

    clients: list[Client]


class NewSecret(Shape):
    """A secret, shown this once."""

    secret: str
    client: Client
