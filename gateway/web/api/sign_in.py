"""Sign in through a social connector, for an app that has a callback of its own and for one that has none."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import ConfigDict, Field

from gateway.core.errors import InsufficientInfo, InvalidRequest, NotFound
from gateway.core.model import Response
from gateway.providers.social import SessionNotFound
from gateway.sign_in.sign_in import LIFE_SECONDS, cookie_name, document
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input, LogtoInput
from gateway.web.routing.errors import SIGN_IN_ERRORS
from gateway.web.routing.models import Json, OfId, Output
from gateway.web.server.access import SIGN_IN
from gateway.web.server.answers import json_answer


class RedirectTo(Output):
    """Where the browser goes next."""

    redirect_to: str = Field(description="The provider's page, with all parameters.")


class TokenResponse(Output):
    """What the provider's token endpoint gave, with the names of RFC 6749."""

    access_token: str = Field(alias="access_token")
    token_type: str = Field(alias="token_type", examples=["Bearer"])
    expires_in: float | None = Field(None, alias="expires_in", description="Seconds.")
    refresh_token: str | None = Field(None, alias="refresh_token")
    scope: str | None = Field(None, description="Separated by spaces.")
    id_token: str | None = Field(None, alias="id_token", description="Where it is OpenID Connect; checked by then.")


class _Person(Output):
    id: str = Field(description="The provider's id of this person.")
    name: str | None = None
    avatar: str | None = Field(None, description="A URL.")
    email: str | None = Field(None, description="Left out where the provider does not call it verified.")
    phone: str | None = None
    raw_data: Json = Field(description="All that the provider said.")


class Person(_Person):
    """Who signed in, as Logto has it."""


class SignedIn(_Person):
    """Who signed in, as Logto has it, and the provider's tokens."""

    token_response: TokenResponse


_MOST = 8192
State = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1024,
        description="Yours: it comes back with the browser, and is good for one call.",
        examples=["af0ifjsldkj"],
    ),
]
# Logto has an error of its own for an empty one.
StateOrNone = Annotated[
    str,
    Field(
        max_length=1024,
        description="Yours: it comes back with the browser, and is good for one call.",
        examples=["af0ifjsldkj"],
    ),
]
Scope = Annotated[str, Field(max_length=2048, description="Instead of the connector's; separated by spaces.")]
Uri = Annotated[str, Field(min_length=1, max_length=2048)]


class Begin(LogtoInput):
    """Where the browser comes back, and with what."""

    state: StateOrNone
    redirect_uri: Annotated[
        str, Field(max_length=2048, description="Your callback, as it is registered with the provider.")
    ]
    scope: Scope | None = None


class Finish(Input):
    """The callback's parameters as they came, or a ticket from ``/callback``."""

    model_config = ConfigDict(extra="allow")
    state: State | None = None
    ticket: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        None, description="Instead of all others: what `/callback` gave your app."
    )


class Refresh(Input):
    """A refresh token of that connector."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=_MOST)]


class Start(Input):
    return_to: Annotated[Uri, Field(description="Where the browser goes in the end, with a `ticket`.")] | None = (
        None
    )
    scope: Scope | None = None


class Callback(Input):
    """Whatever the provider sends."""

    model_config = ConfigDict(extra="allow")
    blanks = True
    state: State


async def begin(call: Call) -> Response:
    connector = call.services.connectors.find(call.params["id"])
    body = await call.body(Begin)
    if not (body.state and body.redirect_uri):
        field = "redirectUri" if body.state else "state"
        raise InsufficientInfo(f"{field}: must not be empty", data={"field": field})
    uri = await call.services.sign_in.begin(connector, body.state, body.redirect_uri, body.scope)
    return json_answer({"redirectTo": uri})


async def finish(call: Call) -> Response:
    connector = call.services.connectors.find(call.params["id"])
    body = await call.body(Finish)
    sign_in = call.services.sign_in
    if body.ticket is not None:
        return json_answer(await sign_in.redeem(connector, body.ticket))
    if body.state is None:
        raise InvalidRequest("state: is required, as it came back with the browser", data={"field": "state"})
    found = await sign_in.finish(connector, _parameters(body.state, body.model_extra))
    return json_answer(document(found))


async def refresh(call: Call) -> Response:
    connector = call.services.connectors.find(call.params["id"])
    body = await call.body(Refresh)
    return json_answer((await call.services.sign_in.refresh(connector, body.refresh_token)).document())


async def start(call: Call) -> Response:
    connector = call.services.connectors.find(call.params["id"])
    asked = call.query(Start)
    path = f"/api/connectors/{connector.id}/callback"
    started = await call.services.sign_in.start(connector, _base(call) + path, asked.return_to, asked.scope)
    name, value = started.cookie
    secure = "; Secure" if _base(call).startswith("https:") else ""
    cookie = f"{name}={value}; Path={path}; Max-Age={LIFE_SECONDS:.0f}; HttpOnly; SameSite=Lax{secure}"
    return _redirect(started.uri, ("Set-Cookie", cookie))


async def receive_callback(call: Call) -> Response:
    connector = call.services.connectors.find(call.params["id"])
    asked = call.query(Callback)
    name = cookie_name(asked.state)
    given = _parameters(asked.state, asked.model_extra)
    landed = await call.services.sign_in.land(connector, given, call.request.cookies.get(name))
    if landed.return_to is not None:
        return _redirect(landed.return_to)
    assert landed.signed_in is not None  # noqa: S101  # one of the two is there
    # The browser gets the profile but no tokens, since its scripts and extensions can read the answer.
    return json_answer(landed.signed_in.profile.document())


async def receive_posted_callback(call: Call) -> Response:
    """Redirect a posted callback to the same path by GET.

    The post of a provider's page on another site has no cookie of ours (SameSite=Lax); the GET has it.
    """
    connector = call.services.connectors.find(call.params["id"])
    asked = await call.form(Callback)
    query = urlencode(_parameters(asked.state, asked.model_extra))
    return _redirect(f"{_base(call)}/api/connectors/{connector.id}/callback?{query}")


def _parameters(state: str, more: dict[str, Any] | None) -> dict[str, str]:
    """Return the parameters of a callback. Raises InvalidRequest for a value that no browser would send."""
    for name, value in (more or {}).items():
        if not isinstance(value, str) or len(value) > _MOST or _HALF.search(value):
            field = name if name in _KNOWN else "body"
            raise InvalidRequest(f"{field}: must be text of at most {_MOST} characters", data={"field": field})
    return {**(more or {}), "state": state}


# A lone surrogate, which JSON can write but UTF-8 cannot encode.
_HALF = re.compile("[\ud800-\udfff]")
_KNOWN = frozenset({"code", "iss", "error", "error_description", "error_uri"})


def _base(call: Call) -> str:
    """Return the address at which the browser reaches the gateway. The guard has checked ``Host``."""
    about = call.services.about
    host = call.request.headers.get("Host")
    return (
        about.public_url.rstrip("/")
        if about.public_url
        else f"{call.request.scheme}://{host}"
        if host
        else about.url
    )


def _redirect(to: str, *headers: tuple[str, str]) -> Response:
    """Redirect with 303, so that the browser uses GET, and without a referrer."""
    more = (("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"))
    return Response(303, (("Location", to), *more, *headers), b"")


ROUTES = (
    Route(
        "POST",
        "/api/connectors/{id}/authorization-uri",
        begin,
        operation_id="sign_inBegin",
        tag="sign-in",
        summary="Where to send the browser, as Logto's `getAuthorizationUri`.",
        params=OfId,
        body=Begin,
        example={"state": "af0ifjsldkj", "redirectUri": "http://localhost:3000/callback"},
        answers={200: RedirectTo},
        errors=(NotFound, InsufficientInfo, *SIGN_IN_ERRORS),
    ),
    Route(
        "POST",
        "/api/connectors/{id}/user-info",
        finish,
        operation_id="sign_inFinish",
        tag="sign-in",
        summary="Who has signed in: give the callback's parameters as they came.",
        params=OfId,
        body=Finish,
        example={"state": "af0ifjsldkj", "code": "SplxlOBeZQQYbYS6WxSbIA"},
        answers={200: SignedIn},
        errors=(NotFound, SessionNotFound, *SIGN_IN_ERRORS),
    ),
    Route(
        "POST",
        "/api/connectors/{id}/refresh",
        refresh,
        operation_id="sign_inRefresh",
        tag="sign-in",
        summary="New tokens for a refresh token.",
        params=OfId,
        body=Refresh,
        example={"refreshToken": "8xLOxBtZp8"},
        answers={200: TokenResponse},
        errors=(NotFound, *SIGN_IN_ERRORS),
    ),
    Route(
        "GET",
        "/api/connectors/{id}/start",
        start,
        operation_id="sign_inStart",
        access=SIGN_IN,
        tag="sign-in",
        summary="For a browser: begin a sign-in whose callback is the gateway's own.",
        params=OfId,
        query=Start,
        answers={303: None},
        gives={"Location": "The provider's page.", "Set-Cookie": "Ties the sign-in to this browser."},
        errors=(NotFound, *SIGN_IN_ERRORS),
    ),
    Route(
        "GET",
        "/api/connectors/{id}/callback",
        receive_callback,
        operation_id="sign_inCallback",
        access=SIGN_IN,
        tag="sign-in",
        summary="For a browser that comes back: on to `returnTo` with a `ticket`, else who has signed in.",
        params=OfId,
        query=Callback,
        answers={200: Person, 303: None},
        errors=(NotFound, SessionNotFound, *SIGN_IN_ERRORS),
    ),
    Route(
        "POST",
        "/api/connectors/{id}/callback",
        receive_posted_callback,
        operation_id="sign_inPosted",
        access=SIGN_IN,
        tag="sign-in",
        summary="For a browser that comes back with a form (`form_post`): on to the same path, by GET.",
        params=OfId,
        body=Callback,
        form=True,
        example={"state": "af0ifjsldkj", "code": "SplxlOBeZQQYbYS6WxSbIA"},
        answers={303: None},
        gives={"Location": "The callback, with what the form had as its query."},
        errors=(NotFound,),
    ),
)
