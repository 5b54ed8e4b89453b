"""The authorization endpoint (RFC 6749 4.1.1, OIDC Core 3.1.2): the request checked, then who signs in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.providers.oauth2.fake import access_tokens, claims, forgery, pkce, redirects, seen, signing_in
from gateway.providers.oauth2.fake.asked import Asked
from gateway.providers.oauth2.fake.call import Call, Reply, form_of, once, pairs
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.plan import Act

SCOPE = re.compile(r"[!#-\[\]-~]+(?: +[!#-\[\]-~]+)*")
# Of state, and of what is kept with a grant.
LONGEST = 8192
_MODES = frozenset({"query", "fragment", "form_post"})
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_IMPLICIT = frozenset({"token", "id_token", "id_token token"})


async def plan(call: Call) -> Act:
    """Raises Refusal."""
    request = call.request
    if request.method == "POST":
        if call.broken("authorize_post"):
            raise Refusal("invalid_request", "use GET", "page", status=405)
        form = None if request.oversized else form_of(request, call.headers.get("content-type", ""))
        if form is None:
            raise Refusal("invalid_request", "a POST to this endpoint is a form of reasonable size", "page")
    else:
        form = call.place.query
    asked = await check(call, _pairs(form))
    return await signing_in.plan(call, asked)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return pairs(text)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.description, "page") from None


async def check(call: Call, found: Iterable[tuple[str, str]]) -> Asked:
    """Raises Refusal: a page until client and redirect URI are known to be right, a redirect from then on."""
    given = list(found)
    call.parameters = once(given, tolerant=True)
    twice = _twice(given) if not call.broken("repeated_parameters") else frozenset()
    if twice & {"client_id", "redirect_uri"}:
        raise Refusal("invalid_request", "client_id or redirect_uri is there twice", "page")
    client = await _client(call)
    uri = _redirect_uri(call, client)
    state = call.parameters.get("state") if "state" not in twice else None
    if state is not None and len(state) > LONGEST:
        raise Refusal("invalid_request", f"state has more than {LONGEST} characters", "page")
    mode = call.get("response_mode")
    broken_mode = call.broken("response_mode")
    call.reply = Reply(uri, mode if mode in _MODES and not broken_mode else "query", state)
    if twice:
        raise _refused("invalid_request", "a parameter is there twice")
    if mode not in (None, *_MODES) and not broken_mode:
        raise _refused("invalid_request", "response_mode is query, fragment or form_post")
    for name in ("request", "request_uri", "registration"):
        if call.get(name) is not None:
            raise _refused(f"{name}_not_supported", f"the parameter {name} is not supported")
    for name in ("nonce", "scope", "claims"):
        if len(call.get(name) or "") > LONGEST:
            raise _refused("invalid_request", f"{name} has more than {LONGEST} characters")
    response_type = _response_type(call, mode, state, uri)
    if "authorization_code" not in client.grants and not call.broken("client_grants"):
        raise _refused("unauthorized_client", "the client is not registered for authorization_code")
    scope = _scope(call, client)
    challenge, method = pkce.challenge(call, public=client.is_public)
    wants, wanted_sub = claims.asked(call)
    return Asked(
        client,
        response_type,
        scope,
        call.get("redirect_uri") is not None,
        challenge,
        method,
        _prompts(call),
        _max_age(call),
        wants,
        wanted_sub,
        access_tokens.resource(call, client, "redirect"),
    )


def _twice(given: list[tuple[str, str]]) -> frozenset[str]:
    names = [name for name, _ in given]
    if len(set(names)) == len(names):
        return frozenset()
    return frozenset(name for name in names if names.count(name) > 1 and name != "resource")


async def _client(call: Call) -> Client:
    client_id = call.get("client_id")
    if client_id is None:
        raise Refusal("invalid_request", "client_id is missing", "page")
    call.client_id = client_id
    client = await call.settings.clients.find(call.context.records, call.issuer.name, client_id)
    if client is None and seen.may_be_seen(call, client_id):
        call.signature = "unverified"
        client = await seen.find(call, client_id) or Client(client_id, seen=True)
    if client is None:
        uri = call.get("redirect_uri")
        if call.broken("client_known") and uri is not None and redirects.VISIBLE.fullmatch(uri):
            call.reply = Reply(uri, "query", call.parameters.get("state"))
            raise _refused("unauthorized_client", "the client is not known")
        raise Refusal("invalid_request", "client_id is not known here", "page", hint="register the client")
    call.client = client
    return client


def _redirect_uri(call: Call, client: Client) -> str:
    uri = call.get("redirect_uri")
    if uri is None:
        if len(client.redirect_uris) == 1 and not _wants_openid(call):
            return client.redirect_uris[0]
        raise Refusal("invalid_request", "redirect_uri is missing", "page")
    if any(redirects.fits(call, known, uri, local=client.seen) for known in client.redirect_uris):
        return uri
    first = client.seen and not client.redirect_uris
    if (first or client.any_loopback) and seen.may_return(call, uri):
        if first:
            call.pending.append(lambda: _pin(call, client, uri))
        return uri
    if call.broken("redirect_registered") and redirects.VISIBLE.fullmatch(uri):
        return uri
    hint = ""
    if client.seen:
        hint = "an unregistered client may use one loopback address, or one of fakes.oauth2.redirect_hosts"
    elif client.any_loopback:
        hint = "a connector's client may use loopback addresses and those of fakes.oauth2.redirect_hosts"
    raise Refusal("invalid_request", "redirect_uri is not registered for this client", "page", hint=hint)


async def _pin(call: Call, client: Client, uri: str) -> None:
    call.client = await seen.pin(call, client.id, redirectUri=uri)


def _wants_openid(call: Call) -> bool:
    return call.issuer.shape.oidc and "openid" in (call.get("scope") or "").split()


def _response_type(call: Call, mode: str | None, state: str | None, uri: str) -> str:
    given = call.get("response_type")
    if given is None:
        if "response_type" in call.issuer.shape.optional:
            return "code"
        raise _refused("invalid_request", "response_type is missing")
    if given == "code":
        return given
    wanted = " ".join(sorted(given.split()))
    if wanted in _IMPLICIT and call.broken("implicit_refused"):
        if mode in (None, "query"):
            call.reply = Reply(uri, "fragment", state)
        return wanted
    if call.broken("response_type"):
        return "code"
    raise _refused("unsupported_response_type", "response_type is code")


def _scope(call: Call, client: Client) -> str:
    scope = call.get("scope")
    if scope is None:
        return call.issuer.shape.default_scope
    if SCOPE.fullmatch(scope) is None:
        raise _refused("invalid_scope", "scope has words of printable ASCII, with spaces between")
    words = dict.fromkeys(scope.split())
    refused = [one for one in words if not may_have(call, client, one)]
    if refused and not call.broken("scope_allowed"):
        raise _refused("invalid_scope", "the client may not have this scope")
    return " ".join(words)


def may_have(call: Call, client: Client, scope: str) -> bool:
    known = call.issuer.shape.scopes
    return (known is None or scope in known) and (client.scopes is None or scope in client.scopes)


def _prompts(call: Call) -> frozenset[str]:
    found = frozenset((call.get("prompt") or "").split())
    if found - _PROMPTS or ("none" in found and len(found) > 1):
        raise _refused("invalid_request", "prompt is none, or of login, consent and select_account")
    return found


def _max_age(call: Call) -> int | None:
    text = call.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise _refused("invalid_request", "max_age is a number of seconds")
    return int(text)


def _refused(code: str, words: str) -> Refusal:
    return Refusal(code, words, "redirect")


async def login(call: Call) -> Act:
    """The login form came back. Raises Refusal."""
    request = call.request
    form = None if request.oversized else form_of(request, call.headers.get("content-type", ""))
    if form is None:
        raise Refusal("invalid_request", "this is where the login form is posted", "page")
    found = _pairs(form)
    sent = once(found, tolerant=True)
    forgery.check(call, sent)
    asked = await check(call, _pairs(sent.get("request", "")))
    return await signing_in.chosen(call, asked, found)
