"""The token endpoint (RFC 6749 3.2): a code, a refresh token or the client itself for an access token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from gateway.core.model import Document, Response
from gateway.providers.oauth2.fake import (
    access_tokens,
    authorize,
    client_auth,
    documents,
    forms,
    grants,
    mutators,
    pictures,
    pkce,
    tokens,
    ways,
)
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.clients import Client
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import Grant, Held
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.plan import Act


async def plan(call: Call) -> Act:
    """Raises Refusal."""
    forms.read(call)
    client = await client_auth.authenticate(call)
    kind = call.get("grant_type")
    if kind is None and "grant_type" in call.issuer.shape.optional:
        kind = "authorization_code"
    if kind is None:
        raise Refusal("invalid_request", "grant_type is missing")
    grant = _GRANTS.get(kind)
    if kind == "password" and call.broken("password_refused"):
        return await _password(call, client)
    if grant is None:
        code = "invalid_request" if call.broken("grant_type_known") else "unsupported_grant_type"
        raise Refusal(code, f"grant_type is one of {', '.join(_GRANTS)}")
    if kind not in client.grants and not call.broken("client_grants"):
        raise Refusal("unauthorized_client", f"the client is not registered for {kind}")
    return await grant(call, client)


async def _code(call: Call, client: Client) -> Act:
    held, grant = await _found(call, client, "code")
    value = held.value
    if value["used"] and not call.broken("code_replay"):
        if not call.broken("code_replay_revokes"):
            await grants.revoke(call, grant.id)
        raise _invalid("the code was used before")
    if held.expired(call.now()) and not call.broken("code_expiry"):
        raise _invalid("the code has expired")
    uri = call.get("redirect_uri")
    must = value["sent"] and "redirect_uri" not in call.issuer.shape.optional
    wrong = uri != value["redirect_uri"] if uri is not None or must else False
    if wrong and not call.broken("code_redirect"):
        raise _invalid("redirect_uri is not that of the authorization request")
    pkce.check(call, value)
    if client.is_public and value["challenge"] is None and not call.broken("pkce_public"):
        raise _invalid("a public client must use PKCE")
    if client.seen and call.secret is None and call.get("client_assertion") is None and value["challenge"] is None:
        raise _invalid("a client without authentication must use PKCE")
    persona = await _persona(call, grant)
    grant = replace(grant, resource=access_tokens.narrowed(call, client, grant))

    async def act() -> Response:
        if not await grants.mark(call, held, used=True) and not call.broken("code_replay"):
            # Twice at the same time is twice.
            if not call.broken("code_replay_revokes"):
                await grants.revoke(call, grant.id)
            raise _invalid("the code was used before")
        return await _answer(
            call, client, grant, persona, grant.scope, refreshable=_refreshable(call, client, grant, held)
        )

    return act


async def _refresh(call: Call, client: Client) -> Act:
    held, grant = await _found(call, client, "refresh")
    if held.value["used"]:
        await _reused(call, grant)
    if held.expired(call.now()):
        raise _invalid("the refresh token has expired")
    scope = call.get("scope")
    if scope is not None:
        if authorize.SCOPE.fullmatch(scope) is None:
            raise Refusal("invalid_scope", "scope has words of printable ASCII, with spaces between")
        if not set(scope.split()) <= set(grant.scope.split()) and not call.broken("refresh_scope"):
            raise Refusal("invalid_scope", "the scope is wider than what was granted")
    persona = await _persona(call, grant)
    grant = replace(grant, resource=access_tokens.narrowed(call, client, grant))
    rotates = call.issuer.shape.rotates and not call.broken("refresh_rotation")

    async def act() -> Response:
        if rotates and not await grants.mark(call, held, used=True):
            await _reused(call, grant)
        narrowed = " ".join(dict.fromkeys(scope.split())) if scope is not None else grant.scope
        return await _answer(call, client, grant, persona, narrowed, refreshable=rotates, refreshed=True)

    return act


async def _reused(call: Call, grant: Grant) -> None:
    """RFC 9700 4.14.2: nobody knows which of the two is the thief."""
    if call.broken("refresh_reuse"):
        return
    await grants.revoke(call, grant.id)
    raise _invalid("the refresh token was used before: its family is revoked")


async def _client_credentials(call: Call, client: Client) -> Act:
    if client.is_public or (client.seen and call.secret is None and call.get("client_assertion") is None):
        raise Refusal("unauthorized_client", "client_credentials is for clients that authenticate")
    scope = call.get("scope") or ""
    if len(scope) > authorize.LONGEST or (scope and authorize.SCOPE.fullmatch(scope) is None):
        raise Refusal("invalid_scope", "scope has words of printable ASCII, with spaces between, not too many")
    words = dict.fromkeys(scope.split())
    if not all(authorize.may_have(call, client, one) for one in words) and not call.broken("scope_allowed"):
        raise Refusal("invalid_scope", "the client may not have this scope")
    grant = grants.make(call, client.id, None, " ".join(words), resource=access_tokens.resource(call, client))

    async def act() -> Response:
        await grants.keep(call, grant)
        return await _answer(call, client, grant, None, grant.scope)

    return act


async def _password(call: Call, client: Client) -> Act:
    """Only where the switch ``password_refused`` asks for it: any password will do."""
    settings = call.settings
    name = call.get("username") or ""
    persona = await settings.personas.find(call.context.records, call.issuer.name, name)
    if persona is None:
        raise _invalid("there is no such user")
    grant = grants.make(call, client.id, persona.name, call.get("scope") or "", auth_time=call.real())

    async def act() -> Response:
        await grants.keep(call, grant)
        return await _answer(call, client, grant, persona, grant.scope)

    return act


_GRANTS: Mapping[str, Callable[[Call, Client], Awaitable[Act]]] = {
    "authorization_code": _code,
    "refresh_token": _refresh,
    "client_credentials": _client_credentials,
}


async def _found(call: Call, client: Client, kind: grants.Kind) -> tuple[Held, Grant]:
    name = {"code": "code", "refresh": "refresh_token"}[kind]
    text = call.get(name)
    if text is None:
        raise Refusal("invalid_request", f"{name} is missing")
    held = await grants.find(call, kind, text)
    grant = await grants.load(call, held.value["grant"]) if held is not None else None
    if held is None or grant is None:
        raise _invalid(f"the {name} is not known")
    if held.value["client"] != client.id and not call.broken(f"{kind}_client"):
        raise _invalid(f"the {name} is for another client")
    if grant.revoked and not (kind == "code" and held.value["used"]):
        raise _invalid(f"the {name} is revoked")
    _name_issuer(call, grant)
    return held, grant


def _name_issuer(call: Call, grant: Grant) -> None:
    """Issue under the name of the authorization request, and warn if this request came under another one."""
    issuer = grants.issuer_of(call, grant)
    if issuer != call.url:
        warning = (
            f"the authorization request came to {issuer}, this token request to {call.url}: iss of what is issued "
            f"is {issuer}. If the client expects {call.url}, set server.public_url, or url of the issuer"
        )
        call.explanation["warnings"] = [warning]
        call.place = call.place._replace(url=issuer)


async def _persona(call: Call, grant: Grant) -> Persona:
    found = await grants.persona(call, grant)
    if found is None:
        raise _invalid("the user is gone")
    call.persona = found
    return pictures.with_absolute_url(call, grant, found)


def _refreshable(call: Call, client: Client, grant: Grant, code: Held) -> bool:
    who = call.issuer.refresh_tokens
    wanted = who == "always" or (who == "offline_access" and "offline_access" in grant.scope.split())
    wanted = wanted or (who == "access_type" and code.value.get("access_type") == "offline")
    return wanted and "refresh_token" in client.grants


async def _answer(
    call: Call,
    client: Client,
    grant: Grant,
    persona: Persona | None,
    scope: str,
    *,
    refreshable: bool = False,
    refreshed: bool = False,
) -> Response:
    """RFC 6749 5.1."""
    issuer = call.issuer
    access = await access_tokens.issue(call, client, grant, persona, scope)
    fields: Document = {"access_token": access}
    if not call.broken("token_type"):
        fields["token_type"] = "Bearer"  # noqa: S105  # a word of RFC 6750
    seconds = int(issuer.token_seconds)
    fields["expires_in"] = str(seconds) if call.broken("expires_in_number") else seconds
    if refreshable:
        again = {"grant": grant.id, "client": client.id, "used": False}
        fields["refresh_token"] = await grants.issue(call, "refresh", issuer.refresh_seconds, **again)
        if refreshed:
            await grants.extend(call, grant)
    elif refreshed and issuer.shape.rotates:
        fields["refresh_token"] = call.parameters["refresh_token"]
    if scope:
        fields["scope"] = scope
    openid = "openid" in scope.split() or call.broken("id_token_openid")
    if issuer.shape.oidc and persona is not None and openid:
        fields["id_token"] = await tokens.id_token(call, grant, persona, scope, access, refreshed=refreshed)
    fields = mutators.fields(call, fields)
    written = ways.of(call).token_answer
    return written(call, fields) if written else documents.as_json(fields, headers=documents.no_store(call))


def _invalid(words: str) -> Refusal:
    return Refusal("invalid_grant", words)
