"""Where the driver sends the browser, and with what it lets it come back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateway.core.errors import Refused
from gateway.providers.oauth2.driver.requests import challenge
from gateway.providers.oauth2.metadata import HUGGING_FACE, OAUTH2, OIDC
from gateway.providers.social import SignInRefused
from tests.providers.oauth2.driver_setup import (
    CALLBACK,
    CLIENT,
    TOKENS,
    driver,
    happy,
    oauth2,
    oidc,
    signed_in,
)
from tests.providers.oauth2.scripted_provider import Said, scripted

URL = "https://provider.example"


async def asked(
    factory: str, config: dict[str, Any], scope: str | None = None, **options: Any
) -> list[tuple[str, str]]:
    async with driver(factory, config, **options) as made:
        uri, _ = await made.authorization_uri("a state/ü", CALLBACK, scope)
    return parse_qsl(urlsplit(uri).query, keep_blank_values=True)


async def test_oauth2_has_the_parameters_of_logto_in_its_order() -> None:
    config = oauth2(URL, scope="a b", customConfig={"accessType": "offline"})
    assert await asked(OAUTH2, config, pkce=False) == [
        ("response_type", "code"),
        ("client_id", "the-client"),
        ("scope", "a b"),
        ("redirect_uri", CALLBACK),
        ("state", "a state/ü"),
        ("access_type", "offline"),
    ]


async def test_hugging_face_asks_for_the_profile_unless_told_otherwise() -> None:
    async with driver(HUGGING_FACE, CLIENT) as made:
        uri, _ = await made.authorization_uri("s", CALLBACK, None)
    assert uri.startswith(
        "https://huggingface.co/oauth/authorize?response_type=code&client_id=the-client&scope=profile&"
    )


async def test_oidc_adds_nonce_and_its_optional_parameters() -> None:
    config = oidc(URL, authRequestOptionalConfig={"prompt": "login", "maxAge": "60", "uiLocales": "zh"})
    found = dict(await asked(OIDC, config))
    assert found["scope"] == "profile email openid"
    assert (found["prompt"], found["max_age"], found["ui_locales"]) == ("login", "60", "zh")
    assert len(found["nonce"]) >= 21


async def test_a_scope_of_the_caller_keeps_openid() -> None:
    assert dict(await asked(OIDC, oidc(URL), "email"))["scope"] == "email openid"


async def test_nonce_and_pkce_can_be_switched_off() -> None:
    found = dict(await asked(OIDC, oidc(URL), nonce=False, pkce=False))
    assert not {"nonce", "code_challenge", "code_challenge_method"} & set(found)


async def test_the_challenge_is_that_of_the_verifier_which_the_token_call_gets() -> None:
    async with scripted(**happy()) as provider, driver(OAUTH2, oauth2(provider.url)) as made:
        uri, session = await made.authorization_uri("s", CALLBACK, None)
        await made.profile({"code": "c"}, session)
    found = dict(parse_qsl(urlsplit(uri).query))
    verifier = provider.to("/token")[0].form["code_verifier"]
    assert len(verifier) >= 43
    assert (found["code_challenge"], found["code_challenge_method"]) == (challenge(verifier), "S256")


def test_the_challenge_is_the_one_of_the_rfc() -> None:
    # RFC 7636, Appendix B.
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_every_sign_in_has_its_own_nonce_and_verifier() -> None:
    async with driver(OIDC, oidc(URL)) as made:
        sessions = [(await made.authorization_uri("s", CALLBACK, None)).session for _ in range(20)]
    assert len({one["nonce"] for one in sessions}) == len({one["verifier"] for one in sessions}) == 20


async def test_an_endpoint_keeps_its_own_query() -> None:
    config = oauth2(URL, authorizationEndpoint=f"{URL}/authorize?tenant=1&state=old")
    found = await asked(OAUTH2, config)
    assert found[0] == ("tenant", "1")
    assert [value for name, value in found if name == "state"] == ["a state/ü"]


@pytest.mark.parametrize(
    "key", ["state", "redirectUri", "clientId", "responseType", "nonce", "codeChallenge", "scope"]
)
async def test_a_custom_config_cannot_take_over_the_request(key: str) -> None:
    config = oidc(URL, customConfig={key: "evil", "other": "fine"})
    found = await asked(OIDC, config)
    assert ("other", "fine") in found
    assert "evil" not in dict(found).values()
    assert len(dict(found)) == len(found)


async def test_a_redirect_of_another_issuer_is_refused_before_any_call() -> None:
    async with scripted(**happy()) as provider, driver(OAUTH2, oauth2(provider.url), issuer=URL) as made:
        with pytest.raises(SignInRefused):
            await signed_in(made, code="c", iss="https://evil.example")
        assert provider.asked == []
        await signed_in(made, code="c", iss=URL)


async def test_a_redirect_without_issuer_is_refused_where_one_is_required() -> None:
    async with driver(OAUTH2, oauth2(URL), issuer=URL, require_iss=True) as made:
        with pytest.raises(SignInRefused, match="require_iss"):
            await signed_in(made, code="c")


@pytest.mark.parametrize("factory", [OAUTH2, OIDC, HUGGING_FACE])
@pytest.mark.parametrize(
    ("error", "shown"),
    [("access_denied", "access_denied"), ("server_error", "server_error"), ("<b>mine</b>", None)],
)
async def test_an_error_in_the_redirect_is_a_refused_sign_in(factory: str, error: str, shown: str | None) -> None:
    config = {OAUTH2: oauth2(URL), OIDC: oidc(URL), HUGGING_FACE: CLIENT}[factory]
    async with driver(factory, config) as made:
        with pytest.raises(SignInRefused) as caught:
            await signed_in(made, error=error, error_description="somebody's words", code="c")
    assert caught.value.code == "connector.authorization_failed"
    assert caught.value.provider_code == shown
    assert "words" not in str(caught.value.data)


@pytest.mark.parametrize("callback", [{"state": "s"}, {"code": ""}])
async def test_a_redirect_without_a_code_is_refused(callback: dict[str, str]) -> None:
    async with driver(OAUTH2, oauth2(URL)) as made:
        with pytest.raises(Refused) as caught:
            await signed_in(made, **callback)
    assert caught.value.code == "connector.general"


async def test_a_code_travels_as_it_came() -> None:
    async with (
        scripted(token=Said(TOKENS), userinfo=Said({"id": "u"})) as provider,
        driver(OAUTH2, oauth2(provider.url)) as made,
    ):
        await signed_in(made, code="4/0Ab+c%2F=&x")
    assert provider.to("/token")[0].form["code"] == "4/0Ab+c%2F=&x"
