"""The rules of the protocol, each with the switch that breaks it (``break: [name, ...]`` of an issuer)."""

from __future__ import annotations

from collections.abc import Mapping

_BY_SOURCE: Mapping[str, Mapping[str, str]] = {
    "RFC 6749 4.1.2.1": {
        "client_known": "an unknown client gets a page, never a redirect",
        "redirect_registered": "a redirect URI that is not registered gets a page, never a redirect",
        "error_redirect": "other errors go back to the client by redirect",
        "response_type": "an unknown response type is refused",
        "scope_allowed": "a scope that the client may not have is refused",
    },
    "RFC 9700 4.1.3": {
        "redirect_exact": "redirect URIs are compared as strings",
    },
    "RFC 8252 7.3": {
        "loopback_port": "a loopback address may have any port",
    },
    "RFC 6749 3.1.2": {
        "redirect_query": "the query of a redirect URI is kept",
    },
    "RFC 6749 4.1.2": {
        "state_echo": "state comes back as it was sent",
        "code_expiry": "a code expires",
        "code_replay": "a code works once",
        "code_replay_revokes": "a code used twice revokes what came of it",
    },
    "RFC 6749 3.1": {
        "authorize_post": "authorize takes POST too",
        "repeated_parameters": "a parameter that is sent twice is refused",
    },
    "RFC 9700 2.1.2": {
        "implicit_refused": "tokens do not come from authorize",
    },
    "RFC 6749 5.2": {
        "client_grants": "a client uses its own grants only",
        "error_status": "an error has a status of its own",
        "invalid_client_401": "failed client authentication is 401 with WWW-Authenticate",
        "grant_type_known": "an unknown grant type says so",
    },
    "RFC 6749 4.1.3": {
        "code_client": "a code is good for its client only",
        "code_redirect": "the redirect URI is the same in both requests",
    },
    "RFC 6749 5.1": {
        "token_type": "a token answer says its token_type",
        "expires_in_number": "expires_in is a number",
        "no_store": "token answers are not to be stored",
    },
    "RFC 6749 3.2": {
        "form_only": "the body is a form",
    },
    "RFC 9112 7.1": {
        "chunked_body": "chunked bodies are read",
    },
    "RFC 9700 2.4": {
        "password_refused": "passwords are not exchanged for tokens",
    },
    "RFC 6749 2.3.1": {
        "client_secret": "the secret must be the client's",
        "basic_form_decoding": "id and secret are form-decoded in Basic",
        "basic_raw": "id and secret are also taken raw in Basic",
    },
    "OIDC Core 9": {
        "auth_method_registered": "a client authenticates as it is registered",
        "assertion_replay": "an assertion works once",
    },
    "RFC 6749 2.3": {
        "one_auth_method": "one way of authentication at a time",
    },
    "RFC 7523 3": {
        "assertion_signature": "the signature of an assertion is checked",
        "assertion_subject": "an assertion's iss and sub are the client",
        "assertion_audience": "an assertion is for this server",
        "assertion_expiry": "an assertion expires",
    },
    "RFC 8725 3.1": {
        "assertion_algorithm": "an assertion has an algorithm that fits its key",
    },
    "RFC 7636 4.6": {
        "pkce_check": "the verifier must fit the challenge",
        "pkce_verifier_required": "a challenge wants its verifier",
    },
    "RFC 7636 4.4.1": {
        "pkce_plain_refused": "the method plain is refused",
    },
    "RFC 7636 4.1": {
        "pkce_syntax": "verifier and challenge have 43 to 128 unreserved characters",
    },
    "RFC 9700 4.8.2": {
        "pkce_downgrade": "a verifier without a challenge is refused",
    },
    "RFC 9700 2.1.1": {
        "pkce_public": "a public client must send a challenge",
    },
    "RFC 9700 4.14.2": {
        "refresh_rotation": "a refresh token is replaced when used",
        "refresh_reuse": "a refresh token used twice revokes its family",
    },
    "RFC 6749 6": {
        "refresh_client": "a refresh token is good for its client only",
        "refresh_scope": "a refresh never widens the scope",
    },
    "RFC 9700 4.12": {
        "see_other": "after a login form comes 303",
    },
    "RFC 9700 4.2.4, 4.16": {
        "page_headers": "pages are not stored, framed or named as referrer",
    },
    "RFC 9207 2": {
        "iss_parameter": "authorize answers with iss",
    },
    "RFC 6750 3": {
        "bearer_challenge": "no credentials: 401 without an error code",
    },
    "RFC 6750 3.1": {
        "bearer_token": "an expired, revoked or unknown token is invalid_token",
        "bearer_scope": "a token without the scope is insufficient_scope",
    },
    "RFC 6750 2": {
        "bearer_one_method": "one token in one place",
    },
    "RFC 9110 11.1": {
        "bearer_scheme_case": "the scheme is read in any case",
    },
    "RFC 9700 4.3.2": {
        "bearer_query": "no token in the query",
    },
    "OIDC Core 3.1.2.1": {
        "id_token_openid": "an ID token comes with the scope openid only",
        "id_token_auth_time": "max_age brings auth_time",
        "prompt_none": "prompt=none never shows a page",
        "prompt_login": "prompt=login asks again",
        "max_age": "max_age asks again when it is over",
        "login_hint": "login_hint chooses who signs in",
        "ui_locales": "ui_locales chooses the language of the page",
    },
    "OIDC Core 2": {
        "id_token_issuer": "iss is the issuer",
        "id_token_audience": "aud is the client",
        "id_token_expiry": "exp is ahead",
        "id_token_issued_at": "iat is now",
        "id_token_signed": "alg is never none",
        "id_token_nonce": "nonce comes back iff it was sent",
        "id_token_azp": "azp is the client",
    },
    "OIDC Core 10.1": {
        "id_token_signature": "the signature fits the key",
        "jwks_kid": "keys and tokens have a kid",
    },
    "OIDC Core 3.1.3.6": {
        "id_token_at_hash": "at_hash is of the access token",
    },
    "OIDC Core 12.2": {
        "refresh_id_token": "an ID token on refresh has the same sub and no nonce",
    },
    "OIDC Core 5.5": {
        "claims_parameter": "the claims parameter brings single claims",
    },
    "OIDC Core 5.4": {
        "scope_claims": "a scope brings its claims, no others",
    },
    "OIDC Core 5.3.1": {
        "userinfo_post": "user info takes POST too",
    },
    "OIDC Core 5.3.2": {
        "userinfo_sub": "user info has the sub of the ID token",
    },
    "OAuth 2.0 Form Post, Multiple Response Types": {
        "response_mode": "query, fragment and form_post are followed",
    },
    "OIDC Discovery 4.3": {
        "discovery_issuer": "discovery names the issuer exactly",
    },
    "OIDC Discovery 3": {
        "discovery_required": "discovery has all that must be there",
        "discovery_honest": "discovery names only what works",
    },
    "RFC 8414 3": {
        "discovery_oauth": "RFC 8414 metadata is there too",
    },
    "RFC 9068 2.1": {
        "access_token_typ": "an access token that is a JWT has the typ at+jwt",
    },
    "RFC 9068 2.2": {
        "access_token_claims": "it says issuer, subject, client, its own id and its times",
    },
    "RFC 9068 3": {
        "access_token_audience": "it is for the resource that was asked for",
    },
    "RFC 7009 2.2": {
        "revoke_unknown": "revoking an unknown token is 200",
    },
    "RFC 7009 2.1": {
        "revoke_client": "a client revokes its own tokens only",
        "revoke_family": "a revoked refresh token takes its access tokens along",
    },
    "RFC 7662 2.1": {
        "introspect_auth": "introspection wants a client",
    },
    "RFC 7662 2.2": {
        "introspect_inactive": "an unknown token is active: false",
        "introspect_client": "another client's token is active: false, except to a resource server",
    },
    "OIDC RP-Initiated Logout 3": {
        "logout_redirect": "after sign-out only registered URIs are gone to",
        "logout_state": "sign-out echoes state",
    },
    "OIDC RP-Initiated Logout 2": {
        "logout_hint": "id_token_hint is checked",
    },
    "Fetch, CORS protocol": {
        "cors_registered": "only registered origins are let in",
    },
}

RULES: Mapping[str, str] = {name: words for rows in _BY_SOURCE.values() for name, words in rows.items()}
SOURCES: Mapping[str, str] = {name: source for source, rows in _BY_SOURCE.items() for name in rows}
