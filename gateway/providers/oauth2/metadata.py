"""What Logto's console shows of the factories. Keys and labels are those of its connectors."""

from __future__ import annotations

from dataclasses import replace

from gateway.providers.ports import FormItem, Metadata

OAUTH2, OIDC, HUGGING_FACE = "oauth2", "oidc", "huggingface-universal"

_OPTIONS = (
    "timeout_seconds",
    "connect_timeout_seconds",
    "pkce",
    "nonce",
    "issuer",
    "require_iss",
    "trust_unverified_email",
    "allow_private_addresses",
    "return_to",
)
_WRONG_NAMES = {
    "authorizationUri": "authorizationEndpoint",
    "authorization_endpoint": "authorizationEndpoint",
    "tokenUri": "tokenEndpoint",
    "token_endpoint": "tokenEndpoint",
    "userinfoEndpoint": "userInfoEndpoint",
    "userinfo_endpoint": "userInfoEndpoint",
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "scopes": "scope",
}

_CLIENT = (
    FormItem("clientId", "Client ID", "Text", required=True, placeholder="<client-id>"),
    FormItem("clientSecret", "Client Secret", "Text", required=True, secret=True, placeholder="<client-secret>"),
)
_ENDPOINTS = (
    FormItem(
        "authorizationEndpoint",
        "Authorization Endpoint",
        "Text",
        required=True,
        placeholder="<authorization-endpoint>",
    ),
    FormItem("tokenEndpoint", "Token Endpoint", "Text", required=True, placeholder="<token-endpoint>"),
)
_AUTH = (
    FormItem(
        "tokenEndpointAuthMethod",
        "Token Endpoint Auth Method",
        "Select",
        default="client_secret_post",
        description="client_secret_post, client_secret_basic or client_secret_jwt.",
        choices=("client_secret_post", "client_secret_basic", "client_secret_jwt"),
    ),
    FormItem(
        "clientSecretJwtSigningAlgorithm",
        "Client Secret JWT Signing Algorithm",
        "Select",
        default="HS256",
        description="HS256, HS384 or HS512, for client_secret_jwt.",
        choices=("HS256", "HS384", "HS512"),
    ),
)
_SCOPE = FormItem("scope", "Scope", "Text", placeholder="<space-delimited-scope>")
_CUSTOM = FormItem(
    "customConfig",
    "Custom Config",
    "Json",
    secret=True,
    description="Further parameters of both requests, all strings.",
)

_README_OAUTH2 = """\
# OAuth2

Signs people in through any provider of OAuth 2.0 that has a user info endpoint.

`profileMap` says where in the user info each part of the profile is; a path may have dots and places in lists
(`emails.0.value`). An answer in JSON or as a form is told by its `Content-Type`; `tokenEndpointResponseType` counts
where that says nothing.

The redirect URI to register with the provider is your own, or `<gateway>/api/connectors/<id>/callback`.
"""
_README_OIDC = """\
# OpenID Connect

Signs people in through any OpenID provider. The identity is that of the ID token, whose signature, issuer,
audience, times and nonce are checked; `idTokenVerificationConfig` needs `jwksUri`, and should have `issuer`.

The redirect URI to register with the provider is your own, or `<gateway>/api/connectors/<id>/callback`.
"""
_README_HF = """\
# Hugging Face

Signs people in with their Hugging Face account. In the settings of your account or organisation make an OAuth app:
`clientId` and `clientSecret`. `scope` is `profile` unless given.

The redirect URI to register is your own, or `<gateway>/api/connectors/<id>/callback`.
"""

OF_OAUTH2 = Metadata(
    target="oauth2",
    name={"en": "OAuth2", "zh-CN": "OAuth2"},
    description={"en": "Sign in through any OAuth 2.0 provider.", "zh-CN": "通过任意 OAuth 2.0 提供方登录。"},
    readme=_README_OAUTH2,
    form=(
        *_ENDPOINTS,
        FormItem(
            "userInfoEndpoint", "User Info Endpoint", "Text", required=True, placeholder="<userinfo-endpoint>"
        ),
        *_CLIENT,
        *_AUTH,
        FormItem(
            "tokenEndpointResponseType",
            "Token Endpoint Response Type",
            "Select",
            default="query-string",
            description="query-string or json.",
            choices=("query-string", "json"),
        ),
        _SCOPE,
        FormItem(
            "profileMap",
            "Profile Map",
            "Json",
            default={"id": "id", "email": "email", "phone": "phone", "name": "name", "avatar": "avatar"},
        ),
        _CUSTOM,
    ),
    wrong_names=_WRONG_NAMES,
    options=_OPTIONS,
)
OF_OIDC = replace(
    OF_OAUTH2,
    target="oidc",
    name={"en": "OIDC", "zh-CN": "OIDC"},
    description={"en": "Sign in through any OpenID provider.", "zh-CN": "通过任意 OpenID Connect 提供方登录。"},
    readme=_README_OIDC,
    form=(
        *_ENDPOINTS,
        *_CLIENT,
        *_AUTH,
        replace(_SCOPE, required=True, description="`openid` is added where it is missing."),
        FormItem(
            "idTokenVerificationConfig",
            "ID Token Verification Config",
            "Json",
            required=True,
            default={"jwksUri": "<jwks-uri>", "issuer": "<issuer>"},
        ),
        FormItem("authRequestOptionalConfig", "Auth Request Optional Config", "Json"),
        FormItem("acceptStringTypedBooleanClaims", "Accept String-typed Boolean Claims", "Switch", default=False),
        FormItem("trustUnverifiedEmail", "Trust Unverified Email", "Switch", default=False),
        _CUSTOM,
    ),
)
OF_HUGGING_FACE = replace(
    OF_OAUTH2,
    target="huggingface",
    name={"en": "Hugging Face", "zh-CN": "Hugging Face"},
    description={"en": "Sign in with Hugging Face.", "zh-CN": "使用 Hugging Face 登录。"},
    readme=_README_HF,
    form=(*_CLIENT, replace(_SCOPE, placeholder="profile")),
    options=(*_OPTIONS, "endpoint"),
)
