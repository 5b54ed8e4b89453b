"""The sandbox as it comes: our drivers and our fake, with a browser between them, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest

from gateway.config import load_config
from gateway.providers.oauth2 import provider as oauth2_provider
from tests.support.running_gateway import RunningGateway, running

CALLBACK = "http://localhost:3000/callback"
GITHUB = {
    "authorizationEndpoint": "https://github.com/login/oauth/authorize",
    "tokenEndpoint": "https://github.com/login/oauth/access_token",
    "userInfoEndpoint": "https://api.github.com/user",
    "clientId": "a-github-client",
    "clientSecret": "a-github-secret",
    "scope": "read:user user:email",
    "profileMap": {"name": "name", "avatar": "avatar_url"},
}


@dataclass
class Sandbox:
    server: RunningGateway
    browser: aiohttp.ClientSession

    async def code(self, connector: str, persona: str = "ada", state: str = "a state") -> dict[str, str]:
        """The parameters with which the browser comes back to the app."""
        body = {"state": state, "redirectUri": CALLBACK}
        begun = await self.server.ask("POST", f"/api/connectors/{connector}/authorization-uri", body)
        uri = f"{begun.json()['redirectTo']}&{urlencode({'login_hint': persona})}"
        async with self.browser.get(uri, allow_redirects=False) as answer:
            location = answer.headers["Location"]
        assert location.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(location).query))

    async def finish(self, connector: str, callback: dict[str, str]) -> Any:
        return await self.server.ask("POST", f"/api/connectors/{connector}/user-info", callback)

    async def sign_in(self, connector: str, persona: str = "ada") -> Any:
        return await self.finish(connector, await self.code(connector, persona))

    async def fault(self, operation: str, **what: Any) -> None:
        rule = {"provider": "oauth2", "operation": operation, **what}
        made = await self.server.ask("POST", "/api/faults", rule)
        assert made.status in {200, 201}, made.body


@asynccontextmanager
async def sandbox(**more: Any) -> AsyncIterator[Sandbox]:
    known = [one for one in load_config(None).connectors or () if one.factory in oauth2_provider.factories]
    declared = [one.model_dump() for one in known]
    connectors = [one for one in declared if one["id"] != "sms"]
    for one in connectors:
        del one["config_file"]
    connectors.append({"id": "github", "factory": "oauth2", "config": GITHUB})
    async with (
        running({"oauth2": oauth2_provider}, connectors=connectors, **more) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
    ):
        yield Sandbox(server, browser)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as box:
        yield box


@pytest.mark.parametrize("connector", ["oauth2", "oidc", "huggingface", "github"])
async def test_a_persona_signs_in_through_each_connector(box: Sandbox, connector: str) -> None:
    found = (await box.sign_in(connector)).json()
    assert (found["id"], found["name"], found["email"]) == ("1001", "Ada Wren", "ada.wren@example.com")
    assert found["avatar"].startswith("http://127.0.0.1:")
    assert found["avatar"].endswith("/pictures/ada.svg")
    assert found["tokenResponse"]["access_token"]


@pytest.mark.parametrize("connector", ["oauth2", "oidc", "huggingface"])
async def test_a_browser_goes_all_the_way(box: Sandbox, connector: str) -> None:
    start = f"http://127.0.0.1:{box.server.port}/api/connectors/{connector}/start"
    async with box.browser.get(start, allow_redirects=False) as answer:
        uri = f"{answer.headers['Location']}&login_hint=liwei"
    async with box.browser.get(uri) as answer:
        found = await answer.json()
    assert (answer.status, found["id"], found["name"]) == (200, "1002", "李薇")
    assert "tokenResponse" not in found


async def test_hugging_face_signs_in_with_the_scope_that_logto_asks_for_by_default(box: Sandbox) -> None:
    config = {"clientId": "hf", "clientSecret": "s"}
    body = {"id": "plain", "connectorId": "huggingface-universal", "config": config}
    assert (await box.server.ask("POST", "/api/connectors", body)).status == 200
    found = (await box.sign_in("plain")).json()
    assert (found["id"], found["name"], found["tokenResponse"]["scope"]) == ("1001", "Ada Wren", "profile")
    assert "id_token" not in found["tokenResponse"]


async def test_connectors_of_one_client_id_sign_in_each_with_its_own_secret(box: Sandbox) -> None:
    secrets = {"one": "first", "two": "second", "public": ""}
    for name, secret in secrets.items():
        config = {"clientId": "public" if not secret else "shared", "clientSecret": secret}
        body = {"id": name, "connectorId": "huggingface-universal", "config": config}
        assert (await box.server.ask("POST", "/api/connectors", body)).status == 200
    for name in secrets:
        assert (await box.sign_in(name)).status == 200
    listed = (await box.server.ask("GET", "/api/clients")).json()["clients"]
    assert {row["id"]: len(row["secrets"]) for row in listed if row["id"] in ("shared", "public")} == {
        "shared": 2,
        "public": 0,
    }
    rotated = await box.server.ask("POST", "/api/clients/shared/secrets", {"keep": True})
    assert (rotated.status, rotated.json()["client"]["secrets"]) == (201, ["********"] * 2)


async def test_a_connector_with_an_id_that_could_not_be_registered_does_no_harm(box: Sandbox) -> None:
    for name in ("", "客户"):
        body = {"connectorId": "huggingface-universal", "config": {"clientId": name, "clientSecret": "s"}}
        assert (await box.server.ask("POST", "/api/connectors", body)).status == 200
    assert (await box.server.ask("GET", "/api/clients")).status == 200
    refused = await box.server.ask("POST", "/api/clients/%E5%AE%A2%E6%88%B7/secrets", {})
    assert (refused.status, refused.code) == (400, "request.invalid")
    assert (await box.server.ask("GET", "/api/clients")).status == 200


@pytest.mark.parametrize(("connector", "email"), [("oauth2", None), ("oidc", None)])
async def test_an_unverified_address_is_left_out(box: Sandbox, connector: str, email: str | None) -> None:
    assert (await box.sign_in(connector, "ulises")).json().get("email") == email


async def test_a_persona_without_an_address_has_none(box: Sandbox) -> None:
    assert "email" not in (await box.sign_in("oauth2", "noor")).json()


@pytest.mark.parametrize("connector", ["oauth2", "oidc", "huggingface", "github"])
async def test_a_denied_sign_in_is_told_as_such(box: Sandbox, connector: str) -> None:
    answer = await box.sign_in(connector, "lothar")
    assert (answer.status, answer.code) == (401, "connector.authorization_failed")
    assert answer.json()["data"]["providerCode"] == "access_denied"


async def test_tokens_of_the_fake_are_refreshed(box: Sandbox) -> None:
    tokens = (await box.sign_in("oauth2")).json()["tokenResponse"]
    body = {"refreshToken": tokens["refresh_token"]}
    fresh = (await box.server.ask("POST", "/api/connectors/oauth2/refresh", body)).json()
    assert fresh["access_token"] != tokens["access_token"]
    assert fresh["refresh_token"] != tokens["refresh_token"]


@pytest.mark.parametrize("connector", ["oauth2", "github"])
async def test_a_code_that_the_provider_no_longer_takes_is_invalid(box: Sandbox, connector: str) -> None:
    callback = await box.code(connector)
    await box.server.gateway.services.clock.advance(300)
    answer = await box.finish(connector, callback)
    assert (answer.status, answer.code) == (401, "connector.social_auth_code_invalid")


JWT_CLIENT = {
    "authorizationEndpoint": "https://id.example/authorize",
    "tokenEndpoint": "https://id.example/token",
    "userInfoEndpoint": "https://id.example/userinfo",
    "clientId": "jwt-client",
    "clientSecret": "a secret that is long enough for HMAC",
    "tokenEndpointAuthMethod": "client_secret_jwt",
    "profileMap": {"id": "sub"},
}


@pytest.mark.parametrize("connector", ["oauth2", "oidc", "huggingface", "jwt"])
async def test_behind_a_proxy_that_ends_tls_the_issuer_is_the_public_url(connector: str) -> None:
    async with sandbox(server={"public_url": "https://gateway.test"}) as box:
        body = {"id": "jwt", "connectorId": "oauth2", "config": JWT_CLIENT}
        assert (await box.server.ask("POST", "/api/connectors", body)).status == 200
        begin = {"state": "s", "redirectUri": CALLBACK}
        begun = await box.server.ask("POST", f"/api/connectors/{connector}/authorization-uri", begin)
        uri = urlsplit(begun.json()["redirectTo"])
        assert uri[:2] == ("https", "gateway.test")
        target = f"{uri.path}?{uri.query}&login_hint=ada"
        page = await box.server.ask("GET", target, None, {"Host": "gateway.test"})
        callback = dict(parse_qsl(urlsplit(str(page.header("location"))).query))
        assert callback["iss"].startswith("https://gateway.test/fakes/oauth2/")
        assert (await box.finish(connector, callback)).json()["id"] == "1001"


ID_TOKEN = "connector.social_invalid_id_token"


@pytest.mark.parametrize(
    ("operation", "mutate", "code"),
    [
        ("token", {"idToken": {"alg": "none"}}, ID_TOKEN),
        ("token", {"idToken": {"unsigned": True}}, ID_TOKEN),
        ("token", {"idToken": {"tampered": True}}, ID_TOKEN),
        ("token", {"idToken": {"signedWith": "public"}}, ID_TOKEN),
        ("token", {"idToken": {"signedWith": "secret"}}, ID_TOKEN),
        ("token", {"idToken": {"signedWith": "foreign"}}, ID_TOKEN),
        ("token", {"idToken": {"kid": "nobody"}}, ID_TOKEN),
        ("token", {"idToken": {"claims": {"nonce": "old"}}}, ID_TOKEN),
        ("token", {"idToken": {"drop": ["nonce"]}}, ID_TOKEN),
        ("token", {"idToken": {"claims": {"iss": "https://evil.example"}}}, ID_TOKEN),
        ("token", {"idToken": {"claims": {"aud": "another-app"}}}, ID_TOKEN),
        ("token", {"idToken": {"expiresIn": -60}}, ID_TOKEN),
        ("token", {"idToken": {"pad": 100_000}}, ID_TOKEN),
        ("token", {"idToken": {"pad": 1_000_000}}, "connector.invalid_response"),
        ("token", {"answer": {"drop": ["id_token"]}}, "connector.invalid_response"),
        ("token", {"answer": {"drop": ["token_type"]}}, "connector.invalid_response"),
        ("token", {"answer": {"set": {"access_token": ""}}}, "connector.social_auth_code_invalid"),
        ("jwks", {"keys": "hide"}, ID_TOKEN),
        ("authorize", {"redirect": {"set": {"iss": "https://evil.example"}}}, "connector.authorization_failed"),
        ("authorize", {"redirect": {"drop": ["code"]}}, "connector.general"),
        (
            "authorize",
            {"redirect": {"set": {"state": "another"}}},
            "session.connector_validation_session_not_found",
        ),
    ],
    ids=range(21),
)
async def test_a_provider_that_lies_is_not_believed(
    box: Sandbox, operation: str, mutate: dict[str, Any], code: str
) -> None:
    await box.fault(operation, mutate=mutate)
    assert (await box.sign_in("oidc")).code == code


@pytest.mark.parametrize(
    "answer",
    [
        {"strings": ["expires_in"]},
        {"lower": ["token_type"]},
        {"drop": ["scope"]},
        {"drop": ["expires_in"]},
        {"form": True},
    ],
    ids=range(5),
)
@pytest.mark.parametrize("connector", ["oauth2", "huggingface"])
async def test_a_careless_provider_is_understood(box: Sandbox, connector: str, answer: dict[str, Any]) -> None:
    await box.fault("token", mutate={"answer": answer})
    assert (await box.sign_in(connector)).status == 200


async def test_a_rotated_key_is_found_without_a_failure(box: Sandbox) -> None:
    assert (await box.sign_in("oidc")).status == 200
    await box.fault("token", mutate={"keys": "rotate"}, count=1)
    assert (await box.sign_in("oidc")).status == 200
    assert (await box.sign_in("oidc")).status == 200
    # One for the first sign-in, one for the key that nobody knew.
    entries = await box.server.store.log.read("exchanges", limit=1000)
    assert [one.value["operation"] for one in entries].count("jwks") == 2


@pytest.mark.parametrize(
    ("operation", "fault", "code"),
    [
        ("token", {"error": {"code": "invalid_client"}}, "connector.general"),
        ("token", {"reset": True}, "connector.general"),
        ("token", {"truncateAt": 20}, "connector.general"),
        ("userinfo", {"error": {"code": "invalid_token"}}, "connector.social_invalid_access_token"),
        ("userinfo", {"fin": True}, "connector.general"),
    ],
    ids=range(5),
)
async def test_faults_of_the_fake_are_errors_of_the_tree(
    box: Sandbox, operation: str, fault: dict[str, Any], code: str
) -> None:
    await box.fault(operation, **fault)
    answer = await box.sign_in("oauth2")
    assert (400 <= answer.status < 500, answer.code) == (True, code)
