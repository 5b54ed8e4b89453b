"""What a person sees: the login page and its siblings, what went wrong, the form of ``response_mode=form_post``.
Nothing needs JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gateway.model import Pairs, Response
from gateway.providers.oauth2.fake.pages import rendering
from gateway.providers.oauth2.fake.pages.rendering import Asked, Person, Scope

if TYPE_CHECKING:
    from gateway.providers.oauth2.fake.call import Call
    from gateway.providers.oauth2.fake.personas import Persona

_LONGEST = 120
_MEANS = {
    "openid": "who you are",
    "profile": "your name, username, picture and the like",
    "email": "your email address",
    "phone": "your phone number",
    "address": "your postal address",
    "offline_access": "access while you are away",
    "read:user": "your profile",
    "user:email": "your email addresses",
    "read-repos": "reading your repositories",
    "write-repos": "changing your repositories",
    "manage-repos": "creating and deleting your repositories",
    "read-billing": "whether you can pay",
    "inference-api": "inference in your name",
    "write-discussions": "discussions in your name",
}


def asked(call: Call, parameters: Mapping[str, str], token: str = "") -> Asked:
    """What every page of this sign-in shows. ``parameters``: of authorize, checked again when they come back;
    ``token``: against forgery."""
    client = call.client
    client_id = call.client_id or parameters.get("client_id", "?")
    request = urlencode(list(parameters.items()), errors="surrogateescape")
    hidden: list[tuple[str, str]] = [("request", request)]
    if token:
        hidden.append(("csrf", token))
    scopes = dict.fromkeys(parameters.get("scope", "").split())
    return Asked(
        issuer=call.url,
        client_id=_short(client_id),
        client_name=_short((client.name if client is not None else None) or client_id),
        action=call.endpoint_url("login"),
        hidden=tuple(hidden),
        scopes=tuple(Scope(name, _MEANS.get(name, "")) for name in scopes),
        logo=client.logo if client is not None else None,
        registered=client is not None and not client.seen,
        suggested=parameters.get("login_hint"),
        returns_to=parameters.get("redirect_uri", ""),
    )


def login(call: Call, parameters: Mapping[str, str], personas: Sequence[Persona], problem: str = "") -> Response:
    """Who signs in? What the form sends is read by ``login_form``."""
    from gateway.providers.oauth2.fake.login_form import forgery_token

    token, cookie = forgery_token(call)
    page = rendering.pick(asked(call, parameters, token), [person(one) for one in personas], problem or None)
    return shown(call, page, parameters.get("redirect_uri", ""), cookie)


def shown(call: Call, page: bytes, returns_to: str = "", cookie: Pairs = (), status: int = 200) -> Response:
    """A page with its headers."""
    if call.broken("page_headers"):
        return Response(status, (("Content-Type", "text/html; charset=utf-8"), *cookie), page)
    return Response(status, (*rendering.headers(returns_to), *cookie), page)


def refused(call: Call, status: int, code: str, description: str) -> Response:
    """What was wrong with a request that must not be redirected (RFC 6749 4.1.2.1)."""
    lines = [description or code, "Nothing was sent to the application: the mistake is in its request."]
    return shown(call, rendering.notice(f"Error: {code or status}", lines), status=status)


def notice(call: Call, title: str, lines: Sequence[str]) -> Response:
    """Something to read."""
    return shown(call, rendering.notice(title, lines))


def form_post(call: Call, action: str, fields: Sequence[tuple[str, str]]) -> Response:
    """OAuth 2.0 Form Post Response Mode."""
    page = rendering.form_post(action, tuple(fields))
    response = shown(call, page)
    if not call.broken("page_headers"):
        response.headers = rendering.headers(action, posts=True)
    return response


def person(persona: Persona) -> Person:
    claims = persona.claims
    name = next((claims[key] for key in ("name", "preferred_username") if isinstance(claims.get(key), str)), "")
    return Person(
        persona.name, _short(name or persona.name), _line(persona), _text(claims, "picture"), persona.denies
    )


def _line(persona: Persona) -> str:
    if persona.note:
        return persona.note
    email = _text(persona.claims, "email")
    found = [email or "no email address"]
    if email and persona.claims.get("email_verified") is not True:
        found.append("not verified")
    return _short(", ".join(found))


def _text(claims: Mapping[str, object], name: str) -> str | None:
    found = claims.get(name)
    return found if isinstance(found, str) and found else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
