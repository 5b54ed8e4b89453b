"""What the issuer says of itself (OIDC Discovery 3, RFC 8414 2), and its keys. Only what works is named."""

from __future__ import annotations

from gateway.core.model import Document, Response
from gateway.providers.oauth2.fake import access_tokens, assertions, claims, documents, keys, ways
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.clients import AUTH_METHODS
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.pages.words import LANGUAGES
from gateway.providers.oauth2.fake.plan import Act

_ENDPOINTS = {
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "jwks": "jwks_uri",
    "userinfo": "userinfo_endpoint",
    "revoke": "revocation_endpoint",
    "introspect": "introspection_endpoint",
    "end_session": "end_session_endpoint",
}


async def openid(call: Call) -> Act:
    return _act(document(call))


async def oauth(call: Call) -> Act:
    """Raises Refusal."""
    if call.broken("discovery_oauth"):
        raise Refusal("not_found", "there is nothing at this path", status=404)
    return _act(document(call))


async def jwks(call: Call) -> Act:
    async def act() -> Response:
        context, issuer = call.context, call.issuer
        if not issuer.alg.startswith("HS") or issuer.access_tokens == "jwt":
            alg = access_tokens.algorithm(issuer)
            await keys.signer(context.records, call.settings.state, issuer.name, alg)
        ring = await keys.ring(context.records, call.settings.state, call.issuer.name)
        own = ways.of(call).key_set
        found = own(call, ring.keys) if own is not None else None
        if found is not None:
            return documents.as_json(found)
        rows = [one.public() for one in ring.keys]
        if call.broken("jwks_kid"):
            rows = [{name: value for name, value in row.items() if name != "kid"} for row in rows]
        return documents.as_json({"keys": rows})

    return act


def document(call: Call) -> Document:
    """A fresh one."""
    shape, broken = call.issuer.shape, call.broken
    methods = list(AUTH_METHODS)
    confidential = [one for one in AUTH_METHODS if one != "none"]
    algorithms = [*assertions.SHARED, *assertions.PRIVATE]
    refreshes = [] if call.issuer.refresh_tokens == "never" else ["refresh_token"]
    found: Document = {"issuer": f"{call.url}/" if broken("discovery_issuer") else call.url}
    found |= {name: call.endpoint_url(key) for key, name in _ENDPOINTS.items() if key in shape.paths}
    found |= {
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", *refreshes, "client_credentials"],
        "code_challenge_methods_supported": ["S256", "plain"] if broken("pkce_plain_refused") else ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "authorization_response_iss_parameter_supported": not broken("iss_parameter"),
    }
    if shape.scopes is not None:
        found["scopes_supported"] = sorted(shape.scopes)
    if "revoke" in shape.paths:
        found["revocation_endpoint_auth_methods_supported"] = methods
        found["revocation_endpoint_auth_signing_alg_values_supported"] = algorithms
    if "introspect" in shape.paths:
        found["introspection_endpoint_auth_methods_supported"] = confidential
        found["introspection_endpoint_auth_signing_alg_values_supported"] = algorithms
    if shape.oidc:
        found |= _oidc(call)
    if broken("discovery_honest"):
        found["id_token_signing_alg_values_supported"] = ["PS512"]
        found["token_endpoint_auth_methods_supported"] = ["tls_client_auth"]
    if broken("discovery_required"):
        for name in ("jwks_uri", "token_endpoint", "response_types_supported"):
            found.pop(name, None)
    return found


def _oidc(call: Call) -> Document:
    shape = call.issuer.shape
    offline = ["offline_access"] if call.issuer.refresh_tokens in ("always", "offline_access") else []
    return {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [call.issuer.alg],
        "scopes_supported": sorted(shape.scopes or ()) or ["openid", *claims.SCOPES, *offline],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "azp",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            *claims.ALL,
        ],
        "claims_parameter_supported": not call.broken("claims_parameter"),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": list(LANGUAGES),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }


def _act(found: Document) -> Act:
    async def act() -> Response:
        return documents.as_json(found)

    return act
