"""What a token endpoint can answer, and what the driver makes of it."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from gateway.core.errors import (
    ConnectorError,
    CredentialsRefused,
    InvalidResponse,
    ProviderFailed,
    Refused,
    Throttled,
)
from gateway.providers.oauth2.metadata import HUGGING_FACE, OAUTH2
from gateway.providers.social import AccessTokenInvalid, AuthCodeInvalid, SignInRefused
from tests.providers.oauth2.driver_setup import (
    ADA,
    CALLBACK,
    CLIENT,
    TOKENS,
    driver,
    happy,
    oauth2,
    signed_in,
)
from tests.providers.oauth2.scripted_provider import FORM, Said, scripted


async def test_an_answer_in_json_is_read_although_the_config_says_query_string() -> None:
    async with scripted(**happy()) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        found = await signed_in(made)
    assert found.tokens.document() == TOKENS
    assert found.profile.document() == {**ADA, "rawData": ADA}


@pytest.mark.parametrize("kind", [FORM, "text/plain", ""])
async def test_an_answer_as_a_form_is_read_with_its_lifetime(kind: str) -> None:
    said = Said(urlencode(TOKENS), kind=kind)
    async with scripted(token=said, userinfo=Said(ADA)) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        found = await signed_in(made)
    assert (found.tokens.access_token, found.tokens.expires_in) == ("an-access-token", 3600)


async def test_a_form_is_read_although_the_config_says_json() -> None:
    config = {"tokenEndpointResponseType": "json"}
    said = Said(urlencode(TOKENS), kind=FORM)
    async with (
        scripted(token=said, userinfo=Said(ADA)) as provider,
        driver(OAUTH2, oauth2(provider.url, **config)) as made,
    ):
        assert (await signed_in(made)).profile.id == "u-1"


async def test_a_lifetime_may_be_text() -> None:
    async with scripted(**happy(expires_in="3600")) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        assert (await signed_in(made)).tokens.expires_in == 3600


@pytest.mark.parametrize("kind", ["bearer", "BEARER", "Bearer"])
async def test_the_token_is_shown_as_bearer_however_the_provider_spells_that(kind: str) -> None:
    async with scripted(**happy(token_type=kind)) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        await signed_in(made)
    assert provider.to("/userinfo")[0].headers["Authorization"] == "Bearer an-access-token"


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "t"},
        {"token_type": "Bearer"},
        {**TOKENS, "access_token": 1},
        {**TOKENS, "access_token": "two words"},
        {**TOKENS, "access_token": "line\r\nbreak"},
        {**TOKENS, "token_type": "DPoP"},
        {**TOKENS, "token_type": None},
        {**TOKENS, "expires_in": "soon"},
        {**TOKENS, "expires_in": -1},
        {**TOKENS, "expires_in": True},
        {**TOKENS, "expires_in": 10**400},
        {**TOKENS, "refresh_token": 7},
        {**TOKENS, "scope": ["a"]},
        '{"access_token": "t", "token_type": "Bearer", "expires_in": NaN}',
        [],
        "null",
        "",
        "<html>not found</html>",
        "[" * 100_000,
        '{"access_token": "t", "token_type": "Bea',
    ],
    ids=range(20),
)
async def test_a_malformed_token_answer_is_an_invalid_response(body: Any) -> None:
    async with scripted(token=Said(body)) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        with pytest.raises(InvalidResponse) as caught:
            await signed_in(made)
    assert caught.value.code == "connector.invalid_response"
    assert provider.to("/userinfo") == []


async def test_an_empty_access_token_is_an_invalid_code() -> None:
    async with scripted(**happy(access_token="")) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        with pytest.raises(AuthCodeInvalid):
            await signed_in(made)


SECRET_TEXT = "the provider's own words about ada@example.com"


@pytest.mark.parametrize(
    ("status", "error", "kind", "shown"),
    [
        (400, "invalid_grant", AuthCodeInvalid, "invalid_grant"),
        (200, "invalid_grant", AuthCodeInvalid, "invalid_grant"),
        (200, "bad_verification_code", AuthCodeInvalid, "bad_verification_code"),
        (401, "invalid_client", CredentialsRefused, "invalid_client"),
        (200, "incorrect_client_credentials", CredentialsRefused, "incorrect_client_credentials"),
        (400, "invalid_scope", Refused, "invalid_scope"),
        (400, "access_denied", SignInRefused, "access_denied"),
        (400, SECRET_TEXT, Refused, None),
        (400, {"nested": 1}, Refused, None),
        (401, None, CredentialsRefused, None),
        (403, None, Refused, None),
        (404, None, Refused, None),
        (429, None, Throttled, None),
        (500, None, ProviderFailed, None),
        (503, "temporarily_unavailable", ProviderFailed, "temporarily_unavailable"),
        (201, None, Refused, None),
    ],
)
async def test_a_refusal_is_told_by_its_code_and_never_in_its_words(
    status: int, error: object, kind: type[ConnectorError], shown: str | None
) -> None:
    body = {"error_description": SECRET_TEXT, **({"error": error} if error is not None else {})}
    async with scripted(token=Said(body, status)) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        with pytest.raises(ConnectorError) as caught:
            await signed_in(made)
    assert type(caught.value) is kind
    assert caught.value.provider_code == shown
    assert SECRET_TEXT not in f"{caught.value!r} {caught.value.data}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_the_token_call_is_not_followed(status: int) -> None:
    said = Said("", status, headers={"Location": "/elsewhere"})
    async with (
        scripted(token=said, elsewhere=Said(TOKENS)) as provider,
        driver(OAUTH2, oauth2(provider.url)) as made,
    ):
        with pytest.raises(InvalidResponse):
            await signed_in(made)
    assert provider.to("/elsewhere") == []


async def test_post_puts_the_credentials_into_the_body() -> None:
    config = {"customConfig": {"resourceServer": "api", "grantType": "password", "clientId": "evil", "code": "x"}}
    async with scripted(**happy()) as provider, driver(OAUTH2, oauth2(provider.url, **config), pkce=False) as made:
        await signed_in(made)
    (asked,) = provider.to("/token")
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": CALLBACK,
        "client_id": "the-client",
        "client_secret": "the-secret",
        "resource_server": "api",
    }
    assert asked.headers["Accept"] == "application/json"
    assert "Authorization" not in asked.headers


async def test_basic_encodes_id_and_secret_as_the_rfc_says() -> None:
    config = {"tokenEndpointAuthMethod": "client_secret_basic", "clientId": "a:b", "clientSecret": "c d%é"}
    async with scripted(**happy()) as provider, driver(OAUTH2, oauth2(provider.url, **config)) as made:
        await signed_in(made)
    (asked,) = provider.to("/token")
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"a%3Ab:c+d%25%C3%A9"
    assert not {"client_id", "client_secret"} & set(asked.form)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_an_assertion_is_signed_with_the_secret(algorithm: str) -> None:
    secret = "s" * 64
    config = {
        "tokenEndpointAuthMethod": "client_secret_jwt",
        "clientSecretJwtSigningAlgorithm": algorithm,
        "clientSecret": secret,
    }
    async with scripted(**happy()) as provider, driver(OAUTH2, oauth2(provider.url, **config)) as made:
        await signed_in(made)
    (asked,) = provider.to("/token")
    token = jwt.decode(asked.form["client_assertion"], OctKey.import_key(secret), algorithms=[algorithm])
    assert token.claims["iss"] == token.claims["sub"] == "the-client"
    assert token.claims["aud"] == f"{provider.url}/token"
    assert token.claims["exp"] - token.claims["iat"] == 600
    assert token.claims["jti"]
    assert "client_secret" not in asked.form


async def test_a_refresh_works_with_the_defaults_and_keeps_the_old_token() -> None:
    async with scripted(token=Said(TOKENS)) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        found = await made.refresh("an-old-one")
    (asked,) = provider.to("/token")
    assert asked.form == {
        "grant_type": "refresh_token",
        "refresh_token": "an-old-one",
        "client_id": "the-client",
        "client_secret": "the-secret",
    }
    assert found.refresh_token == "an-old-one"


async def test_a_refresh_gives_the_new_token_where_there_is_one() -> None:
    said = Said({**TOKENS, "refresh_token": "a-new-one"})
    async with scripted(token=said) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        assert (await made.refresh("an-old-one")).refresh_token == "a-new-one"


async def test_a_refused_refresh_token_is_an_invalid_token() -> None:
    said = Said({"error": "invalid_grant"}, 400)
    async with scripted(token=said) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        with pytest.raises(AccessTokenInvalid):
            await made.refresh("an-old-one")


async def test_hugging_face_takes_a_token_answer_without_scope() -> None:
    tokens = {key: value for key, value in TOKENS.items() if key != "scope"}
    info = {"sub": "hf-1", "name": None, "picture": "http://a.example/p.png", "email": "a@b.example"}
    async with scripted(token=Said(tokens), userinfo=Said(info)) as provider:
        provider.answers = {f"/oauth{path}": said for path, said in provider.answers.items()}
        async with driver(HUGGING_FACE, CLIENT, endpoint=provider.url) as made:
            found = await signed_in(made)
    (asked,) = provider.to("/oauth/token")
    assert asked.headers["Authorization"].startswith("Basic ")
    profile = found.profile
    assert (profile.id, profile.name, profile.avatar) == ("hf-1", None, "http://a.example/p.png")
    assert profile.email == "a@b.example"
