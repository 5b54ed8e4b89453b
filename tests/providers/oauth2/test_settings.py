"""Logto's JSON and our options: defaults, what is wrong with them, and where a sandbox goes."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.errors import InvalidConfig
from gateway.providers.oauth2.driver.endpoints import endpoints
from gateway.providers.oauth2.metadata import HUGGING_FACE, OAUTH2, OIDC
from gateway.providers.oauth2.parsing import parse, warnings
from gateway.providers.oauth2.settings import OAuth2Config, OidcConfig
from tests.providers.oauth2.driver_setup import CLIENT, oauth2, oidc

URL = "https://provider.example"
AT = "127.0.0.1:4650"


def test_oauth2_has_logtos_defaults() -> None:
    config = parse(OAUTH2, oauth2(URL), {}).config
    assert isinstance(config, OAuth2Config)
    assert (config.response_type, config.grant_type) == ("code", "authorization_code")
    assert config.token_endpoint_auth_method == "client_secret_post"
    assert config.client_secret_jwt_signing_algorithm == "HS256"
    assert config.token_endpoint_response_type == "query-string"
    assert config.profile_map.model_dump() == {name: name for name in ("id", "email", "phone", "name", "avatar")}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("profile email", "profile email openid"),
        ("openid+email", "openid email"),
        ("", "openid"),
        ("openid", "openid"),
    ],
)
def test_openid_is_added_to_the_scope(given: str, read: str) -> None:
    assert parse(OIDC, oidc(URL, scope=given), {}).config.scope == read


def test_hugging_face_needs_only_a_client() -> None:
    settings = parse(HUGGING_FACE, CLIENT, {})
    assert (settings.config.scope, settings.auth_method) == ("profile", "client_secret_basic")


def test_unknown_keys_are_ignored_with_a_warning() -> None:
    settings = parse(OAUTH2, oauth2(URL, pkce=True, customConfig={"redirectUri": "x", "hd": "a.example"}), {})
    assert warnings(settings) == [
        "config.pkce is ignored: nobody knows that key",
        "config.customConfig.redirectUri is ignored: the driver sets that parameter itself",
    ]


def test_a_connector_that_takes_any_issuer_is_warned_of() -> None:
    assert "issuer" in warnings(parse(OIDC, oidc(URL, verification={"issuer": None}), {}))[0]
    assert warnings(parse(OIDC, oidc(URL), {})) == []


@pytest.mark.parametrize(
    ("factory", "more", "options", "said"),
    [
        (OAUTH2, {"clientId": None}, {}, "clientId must be a string"),
        (OAUTH2, {"tokenEndpointAuthMethod": "none"}, {}, "tokenEndpointAuthMethod must be 'client_secret_basic'"),
        (OAUTH2, {"tokenEndpointResponseType": "xml"}, {}, "tokenEndpointResponseType must be"),
        (OAUTH2, {"customConfig": {"a": 1}}, {}, "customConfig.a must be a string"),
        (OAUTH2, {"profileMap": {"id": 1}}, {}, "profileMap.id must be a string"),
        (OAUTH2, {"tokenEndpoint": "ftp://a.example"}, {}, "tokenEndpoint must be an http or https URL"),
        (OAUTH2, {"tokenEndpoint": "file:///etc/passwd"}, {}, "tokenEndpoint must be an http or https URL"),
        (OAUTH2, {"tokenEndpoint": "/etc/passwd"}, {}, "tokenEndpoint must be an http or https URL"),
        (OAUTH2, {"tokenEndpoint": "http://a:b@c.example"}, {}, "tokenEndpoint must have no user name"),
        (OAUTH2, {"tokenEndpoint": "http://c.example/\r\nx"}, {}, "tokenEndpoint must have no user name"),
        (OAUTH2, {"tokenEndpoint": "http://[::1"}, {}, "tokenEndpoint is no URL"),
        (OIDC, {"scope": None}, {}, "scope must be a string"),
        (OIDC, {"idTokenVerificationConfig": {}}, {}, "idTokenVerificationConfig.jwksUri is missing"),
        (
            OIDC,
            {"idTokenVerificationConfig": {"jwksUri": URL, "clockTolerance": "a while"}},
            {},
            "idTokenVerificationConfig.clockTolerance must be seconds",
        ),
        (OIDC, {}, {"timeout_second": 1}, "options.timeout_second is unknown: did you mean timeout_seconds?"),
        (OIDC, {}, {"timeout_seconds": 60}, "options.timeout_seconds must be at most 8 seconds"),
        (OIDC, {}, {"return_to": ["javascript:alert(1)"]}, "options.return_to[0] must be an http or https URL"),
        (OAUTH2, {}, {"endpoint": URL}, "options.endpoint is unknown"),
    ],
)
def test_what_is_wrong_is_named(factory: str, more: dict[str, Any], options: dict[str, Any], said: str) -> None:
    config = oauth2(URL) if factory == OAUTH2 else oidc(URL)
    with pytest.raises(InvalidConfig) as caught:
        parse(factory, {**config, **more}, options)
    assert said in caught.value.message
    assert "the-secret" not in caught.value.message
    assert caught.value.__context__ is None


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(InvalidConfig) as caught:
        parse(OAUTH2, {}, {})
    for key in ("clientId", "clientSecret", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint"):
        assert f"{key} is missing" in caught.value.message


def test_live_the_endpoints_are_those_of_the_config() -> None:
    found = endpoints(parse(OAUTH2, oauth2(URL), {}), None, None)
    assert (found.authorization, found.token, found.user_info) == (
        f"{URL}/authorize",
        f"{URL}/token",
        f"{URL}/userinfo",
    )


def test_in_a_sandbox_no_endpoint_leads_elsewhere() -> None:
    found = endpoints(parse(OIDC, oidc(URL), {}), AT, "http://gateway.example")
    assert found.authorization == "http://gateway.example/fakes/oauth2/oidc/authorize"
    assert found.token == f"http://{AT}/fakes/oauth2/oidc/token"
    assert found.jwks == f"http://{AT}/fakes/oauth2/oidc/jwks"
    assert f"http://{AT}/fakes/oauth2/oidc" in found.issuers


def test_in_a_sandbox_known_providers_keep_their_paths() -> None:
    config = oauth2(
        URL,
        authorizationEndpoint="https://github.com/login/oauth/authorize",
        tokenEndpoint="https://github.com/login/oauth/access_token",
        userInfoEndpoint="https://api.github.com/user",
    )
    found = endpoints(parse(OAUTH2, config, {}), AT, None)
    assert found.authorization == f"http://{AT}/fakes/oauth2/github/login/oauth/authorize"
    assert found.token == f"http://{AT}/fakes/oauth2/github/login/oauth/access_token"
    assert found.user_info == f"http://{AT}/fakes/oauth2/github/user"
    found = endpoints(parse(HUGGING_FACE, CLIENT, {}), AT, None)
    assert found.token == f"http://{AT}/fakes/oauth2/huggingface/oauth/token"


def test_a_path_of_the_fake_is_found_at_the_gateways_own_address() -> None:
    config = oidc("/fakes/oauth2/acme", verification={"issuer": None})
    found = endpoints(parse(OIDC, config, {}), AT, None)
    assert found.token == f"http://{AT}/fakes/oauth2/acme/token"
    assert found.issuers == {f"http://{AT}/fakes/oauth2/acme"}
    with pytest.raises(InvalidConfig, match="live"):
        endpoints(parse(OIDC, config, {}), None, None)


def test_nothing_secret_is_in_the_settings_words() -> None:
    settings = parse(OIDC, oidc(URL, customConfig={"k": "a-custom-secret"}), {})
    assert isinstance(settings.config, OidcConfig)
    assert "the-secret" not in repr(settings)
    assert "a-custom-secret" not in repr(settings)
