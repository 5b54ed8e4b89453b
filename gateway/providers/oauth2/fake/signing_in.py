"""Who signs in: a persona that is named, one that is signed in already, or whoever the page is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.core.model import Pairs, Response
from gateway.providers.oauth2.fake import (
    access_tokens,
    forgery,
    grants,
    login_form,
    pages,
    pictures,
    redirects,
    sessions,
    tokens,
)
from gateway.providers.oauth2.fake.asked import Asked
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.login_form import Denied, Form, Shown
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.plan import Act
from gateway.providers.oauth2.fake.sessions import Session


async def plan(call: Call, asked: Asked) -> Act:
    """Raises Refusal."""
    hinted = await _hinted(call)
    automatic = await _automatic(call)
    must_match = await _wanted_sub(call, asked)
    silent = "none" in asked.prompts and not call.broken("prompt_none")
    session = await _usable(call, asked, hinted) if automatic is None else None
    persona = hinted if automatic is not None or not silent else None
    if automatic is not None:
        persona = persona or automatic
    elif session is not None and (persona is None or silent):
        consented = session.consented(asked.client.id, asked.scope)
        if silent and not consented:
            raise _refused("consent_required", "nobody has consented to this client and scope")
        if consented and (silent or call.issuer.sso):
            persona = await _persona(call, session.persona)
    if persona is None or (must_match is not None and persona.sub != must_match):
        if silent:
            raise _refused("login_required", "nobody is signed in")
        if persona is not None:
            return _page(call, "somebody_else")
        return _page(call, "nobody_hinted" if hinted is None and call.get("login_hint") else "")
    call.persona = persona
    if silent and persona.interaction is not None:
        raise _refused(persona.interaction, "the user has to do something")
    return _answer(call, asked, persona, session, remembers=automatic is None)


async def chosen(call: Call, asked: Asked, form: Form) -> Act:
    """The login form came back. Raises Refusal."""
    personas = await call.settings.personas.listing(call.context.records, call.issuer.name)
    token, cookie = forgery.token(call)
    shown = pages.asked(call, call.parameters, token)
    step = login_form.step(form, shown, personas, consent="consent" in asked.prompts)
    if isinstance(step, Denied):
        raise _refused("access_denied", "the user denied the request")
    if isinstance(step, Shown):
        page = step.page

        async def show() -> Response:
            return pages.shown(call, page, call.parameters.get("redirect_uri", ""), cookie)

        return show
    call.persona = next(one for one in personas if one.name == step.persona)
    must_match = await _wanted_sub(call, asked)
    edited = call.persona if step.claims is None else replace(call.persona, claims=step.claims)
    if must_match is not None and edited.sub != must_match:
        return _page(call, "somebody_else")
    if step.scopes is not None:
        asked = replace(asked, scope=" ".join(one for one in asked.scope.split() if one in step.scopes))
    return _answer(call, asked, call.persona, None, overrides=step.claims)


async def _hinted(call: Call) -> Persona | None:
    hint = call.get("login_hint")
    if hint is None or call.broken("login_hint"):
        return None
    return await _persona(call, hint)


async def _automatic(call: Call) -> Persona | None:
    name = call.issuer.auto_login
    if name is None:
        return None
    found = await _persona(call, name)
    if found is None:
        raise Refusal("server_error", "auto_login names no persona", "redirect")
    return found


async def _persona(call: Call, name: str) -> Persona | None:
    return await call.settings.personas.find(call.context.records, call.issuer.name, name)


async def _wanted_sub(call: Call, asked: Asked) -> Any:
    """Who must sign in, by ``id_token_hint`` (OIDC Core 3.1.2.1) or the claims parameter; None: anybody."""
    hint = call.get("id_token_hint")
    if hint is None or not call.issuer.shape.oidc:
        return asked.wanted_sub
    claims = await tokens.own_claims(call, hint)
    if claims is None:
        raise _refused("invalid_request", "id_token_hint is no ID token of this issuer")
    return claims.get("sub")


async def _usable(call: Call, asked: Asked, hinted: Persona | None) -> Session | None:
    """The session, unless somebody else is meant or whoever is signed in must do it again."""
    if asked.prompts & {"login", "select_account", "consent"} and not call.broken("prompt_login"):
        return None
    session = await sessions.current(call)
    if session is None or (hinted is not None and hinted.name != session.persona):
        return None
    over = asked.max_age is not None and call.now() - session.at >= asked.max_age
    return None if over and not call.broken("max_age") else session


def _page(call: Call, problem: str = "") -> Act:
    async def act() -> Response:
        personas = await call.settings.personas.listing(call.context.records, call.issuer.name)
        return pages.login(call, call.parameters, personas, problem)

    return act


def _answer(
    call: Call,
    asked: Asked,
    persona: Persona,
    session: Session | None,
    *,
    overrides: Mapping[str, Any] | None = None,
    remembers: bool = True,
) -> Act:
    """The persona allows it, unless it is one that does not. ``session``: the sign-in that goes on."""
    if persona.denies is not None:
        raise _refused(persona.denies, "the user denied the request")
    words = [one for one in asked.scope.split() if persona.scopes is None or one in persona.scopes]
    scope = " ".join(words)
    reply = call.reply
    if reply is None:  # the check of the request has set it
        raise Refusal("server_error", "there is nowhere to answer", "page")

    async def act() -> Response:
        headers: Pairs = ()
        auth_time = session.auth_time if session is not None else call.real()
        known = session is not None and session.consented(asked.client.id, asked.scope)
        if remembers and not known and overrides is None:
            before = session or await sessions.current(call)
            headers = await sessions.begin(call, persona.name, asked.client.id, asked.scope, before, auth_time)
        wants_time = asked.max_age is not None or "auth_time" in asked.wants.get("id_token", ())
        grant = grants.make(
            call,
            asked.client.id,
            persona.name,
            scope,
            auth_time=auth_time,
            shows_auth_time=wants_time,
            nonce=call.get("nonce"),
            overrides=dict(overrides) if overrides is not None else None,
            wants=asked.wants or None,
            resource=asked.resource,
        )
        await grants.keep(call, grant)
        if asked.response_type != "code":
            fields = await _implicit(call, asked, grant, persona)
        else:
            fields = {"code": await _code(call, asked, grant, reply.redirect_uri)}
        response = redirects.respond(call, call.reply or reply, fields)
        response.headers += headers
        return response

    return act


async def _code(call: Call, asked: Asked, grant: grants.Grant, uri: str) -> str:
    return await grants.issue(
        call,
        "code",
        call.issuer.code_seconds,
        grant=grant.id,
        client=asked.client.id,
        redirect_uri=uri,
        sent=asked.redirect_sent,
        challenge=asked.challenge,
        method=asked.method,
        access_type=call.get("access_type"),
        used=False,
    )


async def _implicit(call: Call, asked: Asked, grant: grants.Grant, persona: Persona) -> dict[str, str]:
    """Only where the switch ``implicit_refused`` asks for it."""
    persona = pictures.with_absolute_url(call, grant, persona)
    fields: dict[str, str] = {}
    access = None
    if "token" in asked.response_type.split():
        access = await access_tokens.issue(call, asked.client, grant, persona, grant.scope)
        fields |= {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": str(int(call.issuer.token_seconds)),
        }
    if "id_token" in asked.response_type.split():
        fields["id_token"] = await tokens.id_token(call, grant, persona, grant.scope, access)
    return fields


def _refused(code: str, words: str) -> Refusal:
    return Refusal(code, words, "redirect")
