"""Which client is it, and can it prove that? (RFC 6749 2.3, OIDC Core 9)"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import unquote_plus

from gateway.providers.oauth2.fake import assertions, grants, seen
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.client_outcomes import accepted, failed, unknown
from gateway.providers.oauth2.fake.clients import AuthMethod, Client
from gateway.providers.oauth2.fake.errors import Refusal

# What is left of a text once somebody has encoded it, whichever characters that spares.
_ENCODED = re.compile(r"(?:[A-Za-z0-9*._~!'()+-]|%[0-9A-Fa-f]{2})*")


async def authenticate(call: Call) -> Client:
    """The client of a form request. Fills in the call. Raises Refusal."""
    authorization = call.headers.get("authorization")
    secret = call.get("client_secret")
    assertion = call.get("client_assertion")
    if authorization is not None:
        call.used_basic = True
        if authorization[:6].lower() != "basic ":
            raise failed("the authentication scheme is Basic")
    methods = sum(one is not None for one in (authorization, secret, assertion))
    if methods > 1 and not call.broken("one_auth_method"):
        raise Refusal("invalid_request", "more than one way of client authentication at once")
    if authorization is not None:
        return await _basic(call, authorization[6:].strip())
    if assertion is not None:
        return await assertions.authenticate(call, assertion)
    client_id = call.get("client_id") or await _of_code(call)
    if client_id is None:
        raise failed("no client authentication, and no client_id")
    if secret is not None:
        return await _by_secret(call, "client_secret_post", [(client_id, secret)])
    return await _without(call, client_id)


async def _of_code(call: Call) -> str | None:
    """Whose code it is, where a public client need not name itself."""
    code = call.get("code")
    if code is None or "client_id" not in call.issuer.shape.optional:
        return None
    held = await grants.find(call, "code", code)
    return str(held.value["client"]) if held is not None else None


async def _basic(call: Call, text: str) -> Client:
    try:
        raw = base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape")
    except ValueError:
        raise failed("the Basic credentials are not base64") from None
    client_id, colon, secret = raw.partition(":")
    if not colon:
        raise failed("the Basic credentials have no colon")
    found = []
    if not call.broken("basic_form_decoding"):
        found.append((unquote_plus(client_id), unquote_plus(secret)))
    if not call.broken("basic_raw") and (client_id, secret) not in found:
        found.append((client_id, secret))
    if not found:
        raise failed("this issuer reads the Basic credentials in no way: both of its switches are broken")
    given = call.get("client_id")
    if given is not None and all(given != one for one, _ in found):
        raise Refusal("invalid_request", "client_id is not that of the Authorization header")
    if any(secret for _, secret in found):
        return await _by_secret(call, "client_secret_basic", found)
    return await _without(call, found[0][0])


async def _by_secret(call: Call, method: AuthMethod, found: list[tuple[str, str]]) -> Client:
    """``found``: id and secret in the ways in which they can be read."""
    for client_id, secret in found:
        client = await _registered(call, client_id)
        if client is None:
            continue
        call.client_id = client.id
        if call.broken("client_secret") or any(same(secret, one) for one in client.secrets):
            allowed(call, client, method)
            return accepted(call, client, secret)
    if call.client_id is not None:
        call.signature = "refused"
        raise failed("the client secret is wrong")
    client_id, secret = await _meant(call, found)
    client = await unknown(call, client_id)
    if client.public and not call.broken("client_secret"):
        raise failed("this client has no secret: it came without one before")
    digest = _digest(secret)
    if client.secret_hash is None:
        call.pending.append(lambda: _pin(call, client_id, digest))
    elif not hmac.compare_digest(client.secret_hash, digest) and not call.broken("client_secret"):
        call.signature = "refused"
        raise failed("the client secret is another than this client showed first")
    call.client, call.secret = client, secret
    return client


async def _meant(call: Call, found: list[tuple[str, str]]) -> tuple[str, str]:
    """Which of ``found``, decoded first and raw last, a client that nobody registered means: those that it showed
    before, else those of an id that came by, else what the spelling suggests."""
    known = [(one, await seen.find(call, one[0])) for one in found]
    shown = [one for one, client in known if client is not None and client.secret_hash == _digest(one[1])]
    if shown:
        return shown[0]
    likely = [one for one, client in known if client is not None] or found
    raw = "".join(found[-1])
    # A plus alone is rather one of the secret's own than a space.
    encoded = _ENCODED.fullmatch(raw) is not None and ("%" in raw or "+" not in raw)
    return likely[0] if encoded else likely[-1]


async def _pin(call: Call, client_id: str, digest: str) -> None:
    client = await seen.pin(call, client_id, secretHash=digest)
    if client.secret_hash != digest:
        raise failed("the client secret is another than this client showed first")


async def _without(call: Call, client_id: str) -> Client:
    client = await _registered(call, client_id)
    if client is not None:
        call.client_id = client.id
        if not client.is_public:
            raise failed("this client must authenticate")
        allowed(call, client, "none")
        return accepted(call, client, None)
    client = await unknown(call, client_id)
    if client.secret_hash is not None:
        raise failed("this client must authenticate: it has shown a secret before")
    if not client.public:
        call.pending.append(lambda: _pin_public(call, client_id))
    call.client = client
    return client


async def _pin_public(call: Call, client_id: str) -> None:
    call.client = await seen.pin(call, client_id, public=True)


async def _registered(call: Call, client_id: str) -> Client | None:
    return await call.settings.clients.find(call.context.records, call.issuer.name, client_id)


def allowed(call: Call, client: Client, method: AuthMethod) -> None:
    """Raises Refusal."""
    if client.auth_method not in (None, method) and not call.broken("auth_method_registered"):
        raise failed(f"the client is registered for {client.auth_method}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def same(first: str, second: str) -> bool:
    return hmac.compare_digest(first.encode("utf-8", "surrogateescape"), second.encode("utf-8", "surrogateescape"))
