"""Logto's social connectors and openid-client against the fake, none of them changed. What has fixed hosts gets
here by the preload of docs/social-clients.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connector_gateway import Server
from tests.e2e.node_clients import Node

# The first of them installs the packages.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SECRET = "a-secret/with+signs%and-more-than-32-bytes"
CLIENT = {"clientId": "judged", "clientSecret": SECRET}
METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
OWN_URLS = {"google": "https://accounts.google.com", "huggingface": "https://huggingface.co"}
CONFIG = f"""
fakes:
  oauth2:
    strict: true
    issuers:
      oidc: {{refresh_tokens: always}}
      rsa: {{alg: RS256}}
      google: {{url: {OWN_URLS["google"]}}}
      github: {{url: https://github.com/login/oauth}}
      huggingface: {{url: {OWN_URLS["huggingface"]}}}
    clients:
      - id: judged
        secrets: ["{SECRET}"]
        redirect_uris: [http://localhost:3000/callback]
"""
ADA = {
    "id": "1001",
    "name": "Ada Wren",
    "email": "ada.wren@example.com",
}
OWN_HOSTS = ("github", "google", "huggingface")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("node-social") / "gateway.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with Server(config=path) as running:
        yield running


def oauth2(server: Server, method: str = METHODS[0]) -> dict[str, Any]:
    base = f"{server.url}/fakes/oauth2/oauth2"
    profile = {"id": "sub", "name": "name", "avatar": "picture", "email": "email", "phone": "phone_number"}
    return {
        **CLIENT,
        "authorizationEndpoint": f"{base}/authorize",
        "tokenEndpoint": f"{base}/token",
        "userInfoEndpoint": f"{base}/userinfo",
        "tokenEndpointAuthMethod": method,
        "tokenEndpointResponseType": "json",
        "clientSecretJwtSigningAlgorithm": "HS256",
        "scope": "profile email",
        "profileMap": profile,
    }


def oidc(server: Server, method: str, issuer: str) -> dict[str, Any]:
    base = f"{server.url}/fakes/oauth2/{issuer}"
    return {
        **CLIENT,
        "authorizationEndpoint": f"{base}/authorize",
        "tokenEndpoint": f"{base}/token",
        "tokenEndpointAuthMethod": method,
        "clientSecretJwtSigningAlgorithm": "HS256",
        "scope": "openid profile email",
        "idTokenVerificationConfig": {"jwksUri": f"{base}/jwks", "issuer": base},
    }


def logto(name: str, config: dict[str, Any], persona: str = "ada", **changed: str) -> dict[str, Any]:
    connector = f"@logto/connector-{name}"
    given = {"connector": connector, "config": config, "persona": persona, "changed": changed}
    return {"client": "logtoSocial", **given}


def openid(
    issuer: str, method: str, *, pkce: bool = True, secret: str = SECRET, **parameters: str
) -> dict[str, Any]:
    given = {"issuer": issuer, "id": "judged", "secret": secret, "method": method, "pkce": pkce, "persona": "ada"}
    return {"client": "openid", **given, "parameters": parameters}


def called(node: Node, server: Server, *calls: dict[str, Any]) -> list[dict[str, Any]]:
    preload = {"NODE_OPTIONS": f"--require {node.folder / 'social_hosts.cjs'}"}
    return node.call(server.url, *calls, environment=preload)


def profiles(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert not [one["thrown"] for one in results if "thrown" in one]
    found = [dict(one["returned"]["userInfo"]) for one in results]
    for one in found:
        del one["rawData"]
        # At the issuer, whose address is another one for each connector.
        assert one.pop("avatar").endswith("/pictures/ada.svg")
    return found


def test_logtos_connectors_of_the_standards_sign_somebody_in_each_way(node: Node, server: Server) -> None:
    calls = [logto("oauth", oauth2(server, method)) for method in METHODS]
    calls += [logto("oidc", oidc(server, method, issuer)) for method in METHODS for issuer in ("oidc", "rsa")]
    results = called(node, server, *calls)
    found = profiles(results)
    assert found[:3] == [{**ADA, "phone": "+447700900123"}] * 3
    assert found[3:] == [ADA] * 6
    refreshed = [one["returned"].get("refreshed") for one in results]
    # `offline_access` is not asked for at the issuer rsa.
    assert [one is not None for one in refreshed] == [True] * 3 + [True, False] * 3


def test_logtos_connectors_of_fixed_hosts_sign_somebody_in(node: Node, server: Server) -> None:
    google = {**CLIENT, "offlineAccess": True, "prompts": ["consent"]}
    calls = [logto(name, google if name == "google" else CLIENT) for name in OWN_HOSTS]
    results = called(node, server, *calls, logto("huggingface", {**CLIENT, "scope": "openid profile email"}))
    assert profiles(results) == [ADA, ADA, {name: ADA[name] for name in ("id", "name")}, ADA]
    assert results[0]["returned"]["userInfo"]["rawData"]["userEmails"][0]["verified"] is True
    assert results[1]["returned"]["refreshed"]["access_token"].startswith("ya29.")


def test_logtos_connectors_tell_what_was_refused(node: Node, server: Server) -> None:
    wrong = {**CLIENT, "clientSecret": "wrong"}
    calls = [
        logto(name, config, **changed)
        for name in OWN_HOSTS
        for config, changed in ((wrong, {}), (CLIENT, {"code": "none"}))
    ]
    denied = [logto(name, CLIENT, "lothar") for name in OWN_HOSTS]
    results = called(node, server, *calls, *denied, logto("oauth", oauth2(server), "lothar"))
    assert [one["thrown"]["code"] for one in results] == [
        # GitHub has its errors in HTTP 200.
        *("invalid_response", "invalid_response"),
        *("social_invalid_access_token", "general"),
        *("general", "general"),
        *("authorization_failed", "general", "authorization_failed"),
        "general",
    ]


def test_openid_client_signs_in_refreshes_introspects_revokes_and_signs_out(node: Node, server: Server) -> None:
    base = f"{server.url}/fakes/oauth2/oidc"
    methods = ("ClientSecretBasic", "ClientSecretPost", "ClientSecretJwt")
    results = called(node, server, *(openid(base, one, pkce=pkce) for one in methods for pkce in (True, False)))
    for one in results:
        found = one["returned"]
        assert (found["claims"]["iss"], found["user"]["email"]) == (base, ADA["email"])
        assert (found["refreshed"], found["active"], found["revoked"], found["signedOut"]) == (
            True,
            True,
            True,
            200,
        )


def test_openid_client_takes_google_and_hugging_face_for_the_real_ones(node: Node, server: Server) -> None:
    google, hugging_face = OWN_URLS.values()
    results = called(
        node,
        server,
        openid(google, "ClientSecretPost", access_type="offline"),
        openid(hugging_face, "ClientSecretBasic"),
    )
    first, second = (one["returned"] for one in results)
    assert (first["claims"]["iss"], first["refreshed"]) == (google, True)
    assert (second["claims"]["iss"], second["claims"]["orgs"][0]["preferred_username"]) == (
        hugging_face,
        "wren-works",
    )


def test_openid_client_tells_what_was_refused(node: Node, server: Server) -> None:
    base = f"{server.url}/fakes/oauth2/oidc"
    denied = {**openid(base, "ClientSecretPost"), "persona": "lothar"}
    results = called(
        node,
        server,
        openid(base, "ClientSecretPost", secret="wrong"),  # not the one
        openid(base, "ClientSecretPost", code_challenge="x"),
        denied,
    )
    assert [one["thrown"].get("said") for one in results] == ["invalid_client", "invalid_request", "access_denied"]
