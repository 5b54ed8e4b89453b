"""Personas and clients of a fake that signs people in. Tests read and change them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.core.errors import InvalidRequest, NotFound, ReadOnly
from gateway.core.model import Document, Response
from gateway.providers.directory import Directory
from gateway.providers.ports import Context
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import Deleted, Json, Output, ProviderFilter
from gateway.web.server.answers import json_answer

Source = Annotated[
    Literal["declared", "api", "seen"],
    Field(description="`declared`: fixtures or config; `api`: put over the API; `seen`: it asked, unregistered."),
]


_Text = Annotated[str, StringConstraints(max_length=2000)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_Error = Annotated[str, StringConstraints(pattern="^[a-z_]{1,60}$")]
# In the same order as in the fake: typing caches Literals, and takes two with the same values for one.
_Method = Literal["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]
_Words = Annotated[list[_Word], Field(max_length=1000)]


class OfName(BaseModel):
    id: str = Field(description="Its id: a persona's name, or a client's `client_id`.", examples=["ada"])


class OfProvider(Input):
    provider: ProviderFilter | None = None


class OrganizationInput(Input):
    """An organisation that a persona belongs to."""

    id: _Word
    name: _Word = Field(description="Its short name, as in a URL.")
    display_name: _Text | None = Field(None, description="For people; else its short name.")
    role: _Word = Field("read", examples=["admin"])
    enterprise: bool = False
    picture: _Text | None = None


class PersonaInput(Input):
    """Replaces the persona of that id, whole. Nothing is mandatory."""

    claims: dict[_Word, Any] = Field(
        {}, max_length=200, description="As in an ID token; without `sub` it is the id."
    )
    scopes: _Words | None = Field(None, description="The only scopes that it grants; null: all.")
    organizations: Sequence[OrganizationInput] = Field(default_factory=list, max_length=1000)
    denies: _Error | None = Field(
        None,
        description="The error that every sign-in of it ends with; null: it signs in.",
        examples=["access_denied"],
    )
    interaction: _Error | None = Field(
        None, description="What `prompt=none` gets, though it is signed in.", examples=["interaction_required"]
    )
    issuers: _Words | None = Field(None, description="Where it has an account; null: everywhere.")
    note: _Text = Field("", description="For people: what is special.")


class ClientInput(Input):
    """Replaces the client of that id, whole but for secrets that are left out. Nothing is mandatory."""

    name: _Text = Field("", description="For people; else its id.")
    homepage: _Text | None = None
    logo: _Text | None = Field(
        None, description="Shown where it is a `data:` URL: pages load nothing from elsewhere."
    )
    secrets: Annotated[list[_Word], Field(max_length=2)] | None = Field(
        None,
        description="One, or two between rotations; `[]` is a public client. A mask keeps the secret at its place; "
        "left out: all that were there.",
    )
    redirect_uris: _Words = Field(default_factory=list)
    post_logout_redirect_uris: _Words = Field(default_factory=list)
    allowed_scopes: _Words | None = Field(None, description="Null: any.")
    auth_method: _Method | None = Field(None, description="How it must show its secret; null: any way that fits.")
    jwks: dict[str, Any] | None = Field(None, description="Its public keys, a JWK set, for `private_key_jwt`.")
    origins: _Words = Field(
        [], description="Web origins that may call from a browser; those of its redirect URIs may anyway."
    )
    issuers: _Words | None = Field(None, description="Where it is registered; null: everywhere.")
    access_tokens: Literal["opaque", "jwt"] | None = Field(
        None, description="`jwt` as in RFC 9068; null: what the issuer gives."
    )
    resource_server: bool = Field(default=False, description="It may introspect the tokens of other clients too.")


def _complete(schema: dict[str, Any]) -> None:
    """Make the schema of an input that of an answer.

    An answer has every key. The limits are dropped, since they hold for the API only: the config file has none.
    """
    for field in schema["properties"].values():
        field.pop("default", None)
        for kind in (field, *field.get("anyOf", ())):
            for part in (kind, kind.get("items", {})):
                for limit in ("minLength", "maxLength", "maxItems"):
                    part.pop(limit, None)
    schema["required"] = list(schema["properties"])


_OUTPUT = ConfigDict(defer_build=True, json_schema_extra=_complete)


class Organization(OrganizationInput):
    """One that a persona belongs to."""

    model_config = _OUTPUT

    display_name: str


class Persona(PersonaInput):
    """Somebody who can sign in at the fake."""

    model_config = _OUTPUT

    id: str = Field(examples=["ada"])
    source: Source
    provider: str = Field(examples=["oauth2"])
    claims: Json = Field(description="What is told of it, by the scopes that a client has. `sub` is always there.")
    organizations: Sequence[Organization]


class Personas(Output):
    """Everybody, by id."""

    personas: list[Persona]


class Client(ClientInput):
    """A client that may ask at the fake, or one that did without being registered."""

    model_config = _OUTPUT

    id: str = Field(description="Its `client_id`.", examples=["my-app"])
    source: Source
    provider: str = Field(examples=["oauth2"])
    secrets: list[str] = Field(description="Masked; a second one is there between two rotations.")


class Clients(Output):
    """All of them, by id, registered ones first."""

    clients: list[Client]


class NewSecret(Output):
    """A secret, shown this once."""

    secret: str
    client: Client


class Rotate(Input):
    """A new secret."""

    secret: _Word | None = Field(None, description="The new secret; else one is made.")
    keep: bool = Field(default=True, description="The secret before it works on, until the next rotation.")


async def list_personas(call: Call) -> Response:
    return json_answer({"personas": await _entries(call, "personas")})


async def list_clients(call: Call) -> Response:
    return json_answer({"clients": await _entries(call, "clients")})


async def show_persona(call: Call) -> Response:
    return json_answer(await _entry(call, "personas"))


async def show_client(call: Call) -> Response:
    return json_answer(await _entry(call, "clients"))


async def put_persona(call: Call) -> Response:
    given = (await call.body(PersonaInput)).model_dump(mode="json")
    return json_answer(await _put(call, "personas", given))


async def put_client(call: Call) -> Response:
    given = (await call.body(ClientInput)).model_dump(mode="json")
    return json_answer(await _put(call, "clients", given))


async def delete_persona(call: Call) -> Response:
    return await _delete(call, "personas")


async def delete_client(call: Call) -> Response:
    return await _delete(call, "clients")


async def rotate_secret(call: Call) -> Response:
    body = await call.body(Rotate)
    name, directory, context = _directory(call, "clients")
    secret, document = await directory.rotate(context, call.params["id"], body.secret, keep=body.keep)
    return json_answer({"secret": secret, "client": {**document, "provider": name}}, 201)


def _directories(call: Call, kind: str) -> Iterator[tuple[str, Directory, Context]]:
    """Yield the name, the directory and the context of each mounted fake that has this kind of entries.

    Raises InvalidRequest if the query names another provider.
    """
    services = call.services
    asked = call.query(OfProvider).provider
    found = False
    for name, context in services.mounts.items():
        own = services.providers[name].directories
        directory = own().get(kind) if own is not None else None
        if directory is not None and asked in (None, name):
            found = True
            yield name, directory, context
    if not found and asked is not None:
        raise InvalidRequest(f"provider: no fake of that name has {kind}", data={"field": "provider"})


def _directory(call: Call, kind: str) -> tuple[str, Directory, Context]:
    """Return the only directory of this kind, or the one that the query names. Raises NotFound, InvalidRequest."""
    found = list(_directories(call, kind))
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"no fake here has {kind}")
    names = ", ".join(name for name, _, _ in found)
    raise InvalidRequest(f"provider: say which one: {names}", data={"field": "provider"})


async def _entries(call: Call, kind: str) -> list[Document]:
    return [
        {**document, "provider": name}
        for name, directory, context in _directories(call, kind)
        for document in await directory.listing(context)
    ]


async def _entry(call: Call, kind: str) -> Document:
    """Raises NotFound."""
    for name, directory, context in _directories(call, kind):
        document = await directory.get(context, call.params["id"])
        if document is not None:
            return {**document, "provider": name}
    raise NotFound(f"there is no {kind.removesuffix('s')} with that id")


async def _put(call: Call, kind: str, given: Document) -> Document:
    name, directory, context = _directory(call, kind)
    return {**await directory.put(context, call.params["id"], given), "provider": name}


async def _delete(call: Call, kind: str) -> Response:
    _, directory, context = _directory(call, kind)
    if not await directory.delete(context, call.params["id"]):
        raise NotFound(f"no {kind.removesuffix('s')} of that id was put over the API")
    return json_answer({"deleted": 1})


_ADA: Document = {"claims": {"name": "Ada Wren", "email": "ada@example.com", "email_verified": True}}
_APP: Document = {"name": "My app", "secrets": ["a-secret"], "redirectUris": ["http://localhost:3000/callback"]}

ROUTES = (
    Route(
        "GET",
        "/api/personas",
        list_personas,
        operation_id="directoriesPersonas",
        tag="social",
        summary="Everybody who can sign in at a fake.",
        query=OfProvider,
        answers={200: Personas},
    ),
    Route(
        "GET",
        "/api/personas/{id}",
        show_persona,
        operation_id="directoriesGetPersona",
        tag="social",
        summary="One persona.",
        params=OfName,
        query=OfProvider,
        answers={200: Persona},
        errors=(NotFound,),
    ),
    Route(
        "PUT",
        "/api/personas/{id}",
        put_persona,
        operation_id="directoriesPutPersona",
        tag="social",
        summary="Make or replace a persona.",
        params=OfName,
        query=OfProvider,
        body=PersonaInput,
        example=_ADA,
        answers={200: Persona},
        errors=(NotFound,),
    ),
    Route(
        "DELETE",
        "/api/personas/{id}",
        delete_persona,
        operation_id="directoriesDeletePersona",
        tag="social",
        summary="Undo a put: what fixtures or config declare is there again.",
        params=OfName,
        query=OfProvider,
        answers={200: Deleted},
        errors=(NotFound, ReadOnly),
    ),
    Route(
        "GET",
        "/api/clients",
        list_clients,
        operation_id="directoriesClients",
        tag="social",
        summary="The clients of a fake, and those that asked without being registered.",
        query=OfProvider,
        answers={200: Clients},
    ),
    Route(
        "GET",
        "/api/clients/{id}",
        show_client,
        operation_id="directoriesGetClient",
        tag="social",
        summary="One client, secrets masked.",
        params=OfName,
        query=OfProvider,
        answers={200: Client},
        errors=(NotFound,),
    ),
    Route(
        "PUT",
        "/api/clients/{id}",
        put_client,
        operation_id="directoriesPutClient",
        tag="social",
        summary="Make or replace a client.",
        params=OfName,
        query=OfProvider,
        body=ClientInput,
        example=_APP,
        answers={200: Client},
        errors=(NotFound,),
    ),
    Route(
        "DELETE",
        "/api/clients/{id}",
        delete_client,
        operation_id="directoriesDeleteClient",
        tag="social",
        summary="Undo a put: what fixtures or config declare is there again.",
        params=OfName,
        query=OfProvider,
        answers={200: Deleted},
        errors=(NotFound, ReadOnly),
    ),
    Route(
        "POST",
        "/api/clients/{id}/secrets",
        rotate_secret,
        operation_id="directoriesRotate",
        tag="social",
        summary="Give a client a new secret; the one before works on.",
        params=OfName,
        query=OfProvider,
        body=Rotate,
        example={"keep": True},
        answers={201: NewSecret},
        errors=(NotFound,),
    ),
)
