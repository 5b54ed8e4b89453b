"""Our drivers, live, at a provider that we did not write: ``oidc-provider`` for Node, as strict as it comes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests

from connector_gateway import Server
from tests.e2e.node_clients import Node

# The first test may have to install the packages.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

CALLBACK = "http://localhost:3000/callback"
SECRET = "a-secret/with+signs%and-more-than-32-bytes"
METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
ALGORITHMS = ("ES256", "ES384", "RS256")
OFFLINE = "openid profile email offline_access"
ZOE = {
    "id": "zoe",
    "name": "Name of zoe",
    "avatar": "https://people.example/zoe.png",
    "email": "zoe@example.com",
    "phone": "+447700900123",
}


def registered() -> list[dict[str, Any]]:
    """Clients in the provider's words. The last one is Hugging Face's, whose driver authenticates with Basic."""
    pairs = [*((method, "ES256") for method in METHODS), *((METHODS[0], alg) for alg in ALGORITHMS[1:])]
    named = [(f"{method}-{alg}", method, alg) for method, alg in pairs]
    return [
        {
            "client_id": name,
            "client_secret": SECRET,
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": method,
            "id_token_signed_response_alg": alg,
        }
        for name, method, alg in (*named, ("huggingface", METHODS[0], "RS256"))
    ]


def connectors(provider: str) -> Iterator[dict[str, Any]]:
    options = {"allow_private_addresses": True, "issuer": provider, "require_iss": True}
    ends = {
        "authorizationEndpoint": f"{provider}/oauth/authorize",
        "tokenEndpoint": f"{provider}/oauth/token",
    }
    for one in registered()[:-1]:
        client = {"clientId": one["client_id"], "clientSecret": SECRET}
        shared = {**ends, **client, "tokenEndpointAuthMethod": one["token_endpoint_auth_method"]}
        # Consent is what this provider wants for a refresh token (OpenID Connect Core, 11).
        shared |= {"scope": f"{OFFLINE} phone", "customConfig": {"prompt": "consent"}}
        verified = {"jwksUri": f"{provider}/jwks", "issuer": provider}
        yield {
            "id": f"oidc-{one['client_id']}",
            "factory": "oidc",
            "live": True,
            "config": {**shared, "idTokenVerificationConfig": verified},
            "options": options,
        }
        plain = {
            "userInfoEndpoint": f"{provider}/oauth/userinfo",
            "tokenEndpointResponseType": "json",
            "profileMap": {"id": "sub", "avatar": "picture", "phone": "phone_number"},
        }
        yield {
            "id": f"oauth2-{one['client_id']}",
            "factory": "oauth2",
            "live": True,
            "config": {**shared, **plain},
            "options": options,
        }
    config = {"clientId": "huggingface", "clientSecret": SECRET, "scope": "openid profile email"}
    yield {
        "id": "huggingface",
        "factory": "huggingface-universal",
        "live": True,
        "config": config,
        "options": {**options, "endpoint": provider},
    }
    for name, change in (
        ("wrong-secret", {"clientSecret": f"{SECRET}-not"}),
        (
            "wrong-issuer",
            {"idTokenVerificationConfig": {"jwksUri": f"{provider}/jwks", "issuer": "https://a.test"}},
        ),
    ):
        first = next(connectors(provider))
        without = {"allow_private_addresses": True}
        yield {**first, "id": name, "config": {**first["config"], **change}, "options": without}
    first = next(connectors(provider))
    yield {**first, "id": "without-pkce", "options": {**options, "pkce": False}}
    yield {**first, "id": "not-private", "options": {}}


@pytest.fixture(scope="module")
def server(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("oidc-provider") / "gateway.yaml"
    with ExitStack() as stack:
        _, host, port = stack.enter_context(node.serving("oidc_provider.mjs", CLIENTS=json.dumps(registered())))
        path.write_text(json.dumps({"connectors": list(connectors(f"http://{host}:{port}"))}), "utf-8")
        yield stack.enter_context(Server(config=path))


class Browser:
    """Somebody who signs in as ``zoe`` and consents to all. Redirects are followed up to the app's callback."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def come_back(self, url: str) -> dict[str, str]:
        answer = self._session.get(url, allow_redirects=False, timeout=10)
        for _ in range(12):
            if answer.is_redirect:
                url = urljoin(url, answer.headers["Location"])
                if url.startswith(CALLBACK):
                    return dict(parse_qsl(urlsplit(url).query))
                answer = self._session.get(url, allow_redirects=False, timeout=10)
                continue
            assert answer.ok, answer.text
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert action is not None, answer.text
            assert prompt is not None, answer.text
            form = {"prompt": prompt[1], "login": "zoe", "password": "any"}
            url = urljoin(url, action[1])
            answer = self._session.post(url, form, allow_redirects=False, timeout=10)
        raise AssertionError(f"the browser is still at {url}")


def ask(server: Server, connector: str, what: str, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{server.url}/api/connectors/{connector}/{what}", json=body, timeout=10)


def come_back(server: Server, connector: str) -> dict[str, str]:
    begun = ask(server, connector, "authorization-uri", {"state": "a state", "redirectUri": CALLBACK})
    assert begun.ok, begun.text
    return Browser().come_back(begun.json()["redirectTo"])


def signed_in(server: Server, connector: str) -> dict[str, Any]:
    back = come_back(server, connector)
    assert "error" not in back
    found = ask(server, connector, "user-info", back)
    assert found.ok, found.text
    document: dict[str, Any] = found.json()
    return document


@pytest.mark.parametrize("factory", ["oidc", "oauth2"])
@pytest.mark.parametrize("method", METHODS)
def test_each_way_to_authenticate_signs_somebody_in(server: Server, factory: str, method: str) -> None:
    found = signed_in(server, f"{factory}-{method}-ES256")
    assert {key: found[key] for key in ZOE} == ZOE
    assert found["tokenResponse"]["token_type"] == "Bearer"


@pytest.mark.parametrize("algorithm", ALGORITHMS[1:])
def test_id_tokens_of_other_algorithms_are_verified(server: Server, algorithm: str) -> None:
    found = signed_in(server, f"oidc-client_secret_basic-{algorithm}")
    assert {key: found[key] for key in ZOE} == ZOE


def test_the_driver_of_hugging_face_signs_somebody_in(server: Server) -> None:
    found = signed_in(server, "huggingface")
    assert (found["id"], found["name"], found["email"]) == ("zoe", ZOE["name"], ZOE["email"])


@pytest.mark.parametrize("factory", ["oidc", "oauth2"])
@pytest.mark.parametrize("method", METHODS)
def test_a_refresh_token_gives_new_tokens(server: Server, factory: str, method: str) -> None:
    connector = f"{factory}-{method}-ES256"
    tokens = signed_in(server, connector)["tokenResponse"]
    fresh = ask(server, connector, "refresh", {"refreshToken": tokens["refresh_token"]})
    assert fresh.ok, fresh.text
    assert fresh.json()["access_token"] != tokens["access_token"]


def test_a_code_without_its_verifier_is_refused(server: Server) -> None:
    connector = "oauth2-client_secret_post-ES256"
    back = come_back(server, connector)
    ask(server, connector, "authorization-uri", {"state": "a state", "redirectUri": CALLBACK})  # another verifier
    refused = ask(server, connector, "user-info", back)
    assert (refused.status_code, refused.json()["code"]) == (401, "connector.social_auth_code_invalid")


@pytest.mark.parametrize(
    ("connector", "code"),
    # The redirect already names another issuer.
    [("wrong-secret", "connector.general"), ("wrong-issuer", "connector.authorization_failed")],
)
def test_what_is_configured_wrong_is_told_apart(server: Server, connector: str, code: str) -> None:
    refused = ask(server, connector, "user-info", come_back(server, connector))
    assert refused.json()["code"] == code
    assert SECRET not in refused.text


def test_a_provider_that_requires_pkce_says_so_to_a_driver_without(server: Server) -> None:
    back = come_back(server, "without-pkce")
    assert back["error"] == "invalid_request"
    refused = ask(server, "without-pkce", "user-info", back)
    assert refused.json()["code"] == "connector.authorization_failed"
    assert refused.json()["data"]["providerCode"] == "invalid_request"


def test_a_live_connector_calls_no_private_address_unless_it_may(server: Server) -> None:
    refused = ask(server, "not-private", "user-info", come_back(server, "not-private"))
    assert refused.json()["code"] == "connector.invalid_config"


def test_a_redirect_without_the_issuer_is_refused(server: Server) -> None:
    connector = "oidc-client_secret_basic-ES256"
    back = come_back(server, connector)
    assert urlsplit(back.pop("iss")).hostname == "127.0.0.1"
    assert ask(server, connector, "user-info", back).json()["code"] == "connector.authorization_failed"
