"""Authlib's client as a relying party that we did not write, over a socket; its checks of ID tokens too."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from connector_gateway import ExternalServer
from tests.support.gateway_processes import forked

CALLBACK = "http://localhost:3000/callback"
KEY = ECKey.generate_key("P-256", {"kid": "k-1", "use": "sig"}, private=True)
SECRET = "a-secret-of-authlib/with+signs%and-more-bytes"
CONFIG = """
fakes:
  oauth2:
    strict: true
    issuers:
      oidc: {refresh_tokens: always}
      rsa: {alg: RS256}
      p384: {alg: ES384}
      shared: {alg: HS256}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalServer]:
    path = tmp_path_factory.mktemp("authlib") / "gateway.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with forked(path.parent, "--config", str(path)) as running:
        for name, method, own in (
            ("basic", "client_secret_basic", {"secrets": [SECRET]}),
            ("post", "client_secret_post", {"secrets": [SECRET]}),
            ("jwt", "client_secret_jwt", {"secrets": [SECRET]}),
            ("keys", "private_key_jwt", {"jwks": {"keys": [KEY.as_dict(private=False)]}}),
            ("public", "none", {}),
        ):
            row: dict[str, Any] = {"redirectUris": [CALLBACK], "authMethod": method, **own}
            answer = requests.put(f"{running.url}/api/clients/{name}", json=row, timeout=10)
            assert answer.ok, answer.text
        yield running


def metadata(server: ExternalServer, issuer: str = "oidc") -> dict[str, Any]:
    url = f"{server.url}/fakes/oauth2/{issuer}/.well-known/openid-configuration"
    found: dict[str, Any] = requests.get(url, timeout=10).json()
    assert found["issuer"] == f"{server.url}/fakes/oauth2/{issuer}"
    return found


def session(server: ExternalServer, client: str, issuer: str = "oidc") -> OAuth2Session:
    endpoint = metadata(server, issuer)["token_endpoint"]
    method: Any = {"basic": "client_secret_basic", "post": "client_secret_post", "public": "none"}.get(client)
    secret: Any = None if client == "public" else SECRET
    if client == "jwt":
        method = ClientSecretJWT(endpoint)
    if client == "keys":
        method, secret = PrivateKeyJWT(endpoint, headers={"kid": "k-1"}, alg="ES256"), KEY
    return OAuth2Session(
        client,
        secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope="openid profile email",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )


def signed_in(
    server: ExternalServer, client: str, issuer: str = "oidc"
) -> tuple[OAuth2Session, dict[str, Any], str, str]:
    """The session, its tokens, the nonce and where authorize sent the browser."""
    found, rp = metadata(server, issuer), session(server, client, issuer)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    url, state = rp.create_authorization_url(
        found["authorization_endpoint"], code_verifier=verifier, nonce=nonce, login_hint="ada", max_age=60
    )
    location = requests.get(url, allow_redirects=False, timeout=10).headers["Location"]
    parameters = parse_qs(urlsplit(location).query)
    assert (parameters["state"], parameters["iss"]) == ([state], [found["issuer"]])
    tokens = rp.fetch_token(
        found["token_endpoint"], authorization_response=location, state=state, code_verifier=verifier
    )
    return rp, tokens, nonce, location


def checked(
    server: ExternalServer, tokens: dict[str, Any], nonce: str, client: str, issuer: str = "oidc"
) -> CodeIDToken:
    found = metadata(server, issuer)
    keys = KeySet.import_key_set(requests.get(found["jwks_uri"], timeout=10).json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=found["id_token_signing_alg_values_supported"])
    options = {"iss": {"essential": True, "value": found["issuer"]}, "aud": {"essential": True, "value": client}}
    parameters = {"nonce": nonce, "client_id": client, "max_age": 60, "access_token": tokens["access_token"]}
    claims = CodeIDToken(token.claims, token.header, options, parameters)
    claims.validate(leeway=5)
    return claims


@pytest.mark.parametrize("client", ["basic", "post", "jwt", "keys", "public"])
def test_authlib_signs_somebody_in_and_takes_the_id_token(server: ExternalServer, client: str) -> None:
    rp, tokens, nonce, _ = signed_in(server, client)
    claims = checked(server, tokens, nonce, client)
    assert (claims["email"], claims["name"]) == ("ada.wren@example.com", "Ada Wren")
    found = rp.get(metadata(server)["userinfo_endpoint"], timeout=10).json()
    assert found["sub"] == claims["sub"]


@pytest.mark.parametrize("issuer", ["rsa", "p384"])
def test_authlib_takes_other_algorithms(server: ExternalServer, issuer: str) -> None:
    _, tokens, nonce, _ = signed_in(server, "basic", issuer)
    assert checked(server, tokens, nonce, "basic", issuer)["email_verified"] is True


def test_authlib_refreshes_introspects_and_revokes(server: ExternalServer) -> None:
    rp, tokens, _, _ = signed_in(server, "post")
    found = metadata(server)
    again = rp.refresh_token(found["token_endpoint"], refresh_token=tokens["refresh_token"])
    assert again["refresh_token"] != tokens["refresh_token"]
    described = rp.introspect_token(found["introspection_endpoint"], token=again["access_token"]).json()
    assert (described["active"], described["client_id"]) == (True, "post")
    revoked = rp.revoke_token(found["revocation_endpoint"], token=again["refresh_token"])
    assert revoked.status_code == 200
    described = rp.introspect_token(found["introspection_endpoint"], token=again["access_token"]).json()
    assert described == {"active": False}


def test_authlib_hears_that_a_code_was_used_before(server: ExternalServer) -> None:
    rp, _, _, location = signed_in(server, "basic")
    state = parse_qs(urlsplit(location).query)["state"][0]
    with pytest.raises(OAuthError) as caught:
        rp.fetch_token(metadata(server)["token_endpoint"], authorization_response=location, state=state)
    assert caught.value.error in ("invalid_grant", "invalid_request")


def test_authlib_gets_a_token_for_itself(server: ExternalServer) -> None:
    rp = session(server, "jwt")
    token = rp.fetch_token(metadata(server)["token_endpoint"], grant_type="client_credentials")
    assert token["token_type"] == "Bearer"


def test_exchanges_of_the_gateway_hold_no_secret(server: ExternalServer, tmp_path: Path) -> None:
    _, tokens, _, location = signed_in(server, "basic")
    code = parse_qs(urlsplit(location).query)["code"][0]
    text = requests.get(f"{server.url}/api/exchanges?limit=50", timeout=10).text
    assert '"operation":"token"' in text.replace(" ", "")
    for secret in (code, tokens["access_token"], tokens["id_token"], SECRET):
        assert secret not in text
