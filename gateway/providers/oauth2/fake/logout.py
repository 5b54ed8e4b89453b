"""Signing out at the provider (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from urllib.parse import urlencode

from gateway.core.model import Response
from gateway.providers.oauth2.fake import pages, redirects, seen, sessions, tokens
from gateway.providers.oauth2.fake.call import Call, form_of, once, pairs
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.plan import Act


async def plan(call: Call) -> Act:
    """Raises Refusal, always as a page."""
    text = call.place.query
    if call.request.method == "POST":
        form = None if call.request.oversized else form_of(call.request, call.headers.get("content-type", ""))
        if form is None and (call.request.body or call.request.oversized):
            raise _refused("a POST to this endpoint is a form of reasonable size")
        text = form or ""
    try:
        call.parameters = once(pairs(text), tolerant=call.broken("repeated_parameters"))
    except Refusal as refusal:
        raise _refused(refusal.description) from None
    client = await _client(call)
    uri = call.get("post_logout_redirect_uri")
    if uri is not None and not _registered(call, client, uri):
        raise _refused("post_logout_redirect_uri is not registered for this client")

    async def act() -> Response:
        headers = await sessions.end(call)
        response = pages.signed_out(call) if uri is None else redirects.redirect(call, _with_state(call, uri))
        response.headers += headers
        return response

    return act


async def _client(call: Call) -> Client | None:
    client_id = call.get("client_id")
    call.client = await _found(call, client_id) if client_id is not None else None
    hint = call.get("id_token_hint")
    if hint is not None and not call.broken("logout_hint"):
        claims = await tokens.own_claims(call, hint)
        if claims is None:
            raise _refused("id_token_hint is no ID token of this issuer")
        audience = claims.get("aud")
        if client_id not in (None, audience):
            raise _refused("id_token_hint is another client's")
        call.client = await _found(call, str(audience))
    call.client_id = call.client.id if call.client is not None else client_id
    return call.client


async def _found(call: Call, client_id: str) -> Client | None:
    client = await call.settings.clients.find(call.context.records, call.issuer.name, client_id)
    return client or (await seen.find(call, client_id) if not call.settings.strict else None)


def _registered(call: Call, client: Client | None, uri: str) -> bool:
    if call.broken("logout_redirect"):
        return uri.isascii() and uri.isprintable() and " " not in uri
    if client is None:
        return False
    if uri in client.post_logout_redirect_uris:
        return True
    return (client.seen or client.any_loopback) and seen.is_loopback(uri)


def _with_state(call: Call, uri: str) -> str:
    state = call.parameters.get("state")
    if state is None or call.broken("logout_state"):
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state}, errors='surrogateescape')}"


def _refused(words: str) -> Refusal:
    return Refusal("invalid_request", words, "page")
