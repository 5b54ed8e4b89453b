"""Discovery, revocation, introspection, CORS: RFC 8414, 7009, 7662."""

from __future__ import annotations

import pytest

from gateway.core.model import Request
from gateway.providers.oauth2.fake.clients import Client
from tests.providers.oauth2.conformance import rule
from tests.providers.oauth2.direct_fake import SECRET, DirectFake

WELL_KNOWN = "/.well-known/openid-configuration"
ISSUER = "http://localhost:4650/fakes/oauth2/oidc"
WEB = {"client_id": "web", "client_secret": SECRET}
OTHER = {"client_id": "other", "client_secret": "other-secret"}


@rule("discovery_issuer")
def test_discovery_names_the_issuer_exactly() -> None:
    assert DirectFake().get(WELL_KNOWN).json["issuer"] == ISSUER == DirectFake().id_token()["iss"]
    assert DirectFake("discovery_issuer").get(WELL_KNOWN).json["issuer"] != ISSUER
    assert DirectFake(url="https://id.test").get(WELL_KNOWN).json["token_endpoint"] == "https://id.test/token"


@rule("discovery_required")
def test_discovery_has_all_that_must_be_there() -> None:
    required = {
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    }
    document = DirectFake().get(WELL_KNOWN).json
    assert required <= document.keys()
    assert None not in document.values()
    assert not required <= DirectFake("discovery_required").get(WELL_KNOWN).json.keys()


@rule("discovery_honest")
def test_discovery_names_only_what_works() -> None:
    fake = DirectFake()
    document = fake.get(WELL_KNOWN).json
    for name, url in document.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            path = url.removeprefix(ISSUER)
            assert 404 not in (fake.get(path).status, fake.post(path, {}).status), name
    assert "refresh_token" in document["grant_types_supported"]
    assert "refresh_token" not in DirectFake(refresh_tokens="never").get(WELL_KNOWN).json["grant_types_supported"]
    assert document["id_token_signing_alg_values_supported"] == ["ES256"]
    assert DirectFake(alg="ES384").get(WELL_KNOWN).json["id_token_signing_alg_values_supported"] == ["ES384"]
    assert (
        "ES256" not in DirectFake("discovery_honest").get(WELL_KNOWN).json["id_token_signing_alg_values_supported"]
    )


@rule("discovery_oauth")
def test_rfc_8414_metadata_is_below_the_issuer_and_at_the_root() -> None:
    fake = DirectFake()
    below = fake.get("/.well-known/oauth-authorization-server")
    target = "/.well-known/oauth-authorization-server/fakes/oauth2/oidc"
    root = fake.send(Request("GET", target, "", "http", "localhost:4650", (), b"", "", 0.0, "ex_1"))
    assert below.json == root.json == fake.get(WELL_KNOWN).json
    assert DirectFake("discovery_oauth").get("/.well-known/oauth-authorization-server").status == 404
    plain = fake.ask("GET", "/.well-known/oauth-authorization-server", issuer="plain").json
    assert "jwks_uri" not in plain
    assert fake.ask("GET", WELL_KNOWN, issuer="plain").status == 404


@pytest.mark.parametrize("path", ["/jwks", WELL_KNOWN, "/.well-known/oauth-authorization-server"])
def test_what_is_only_read_answers_head_too(path: str) -> None:
    """RFC 9110 9.3.2: what waits for a server often asks so. The server leaves the body out."""
    answer = DirectFake().ask("HEAD", path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert DirectFake().ask("PUT", path).headers["Allow"] == "GET, HEAD"


def test_an_issuer_is_found_by_its_host() -> None:
    request = Request("GET", WELL_KNOWN, "", "https", "login.example", (), b"", "", 0.0, "ex_1")
    assert DirectFake().send(request).json["authorization_endpoint"] == "https://login.example/authorize"


def test_an_unknown_issuer_is_there_unless_the_fake_is_strict() -> None:
    assert DirectFake().ask("GET", WELL_KNOWN, issuer="another").status == 404
    document = DirectFake(strict=False).ask("GET", WELL_KNOWN, issuer="another").json
    assert document["issuer"] == "http://localhost:4650/fakes/oauth2/another"


@rule("revoke_unknown")
def test_revoking_an_unknown_token_is_200() -> None:
    assert DirectFake().post("/revoke", {**WEB, "token": "unknown"}).status == 200
    assert DirectFake("revoke_unknown").post("/revoke", {**WEB, "token": "unknown"}).status == 400
    assert DirectFake().post("/revoke", {"token": "unknown"}).status == 401
    assert DirectFake().post("/revoke", WEB).error == "invalid_request"


@rule("revoke_client")
def test_a_client_revokes_its_own_tokens_only() -> None:
    for fake, status in ((DirectFake(), 200), (DirectFake("revoke_client"), 401)):
        token = fake.tokens()["access_token"]
        fake.post("/revoke", {**OTHER, "token": token})
        assert fake.userinfo(token).status == status


@rule("revoke_family")
def test_a_revoked_refresh_token_takes_its_access_tokens_along() -> None:
    for fake, status in ((DirectFake(), 401), (DirectFake("revoke_family"), 200)):
        tokens = fake.tokens()
        hint = {"token_type_hint": "access_token"}
        assert fake.post("/revoke", {**WEB, "token": tokens["refresh_token"], **hint}).status == 200
        assert fake.userinfo(tokens["access_token"]).status == status
        assert fake.refresh(tokens["refresh_token"]).error == "invalid_grant"


@rule("introspect_auth")
def test_introspection_wants_a_client() -> None:
    assert DirectFake().post("/introspect", {"token": "x"}).status == 401
    assert DirectFake().post("/introspect", {"token": "x", "client_id": "spa"}).status == 401
    assert DirectFake("introspect_auth").post("/introspect", {"token": "x"}).status == 200


@rule("introspect_inactive")
def test_an_unknown_token_is_not_active() -> None:
    assert DirectFake().post("/introspect", {**WEB, "token": "x"}).json == {"active": False}
    assert DirectFake("introspect_inactive").post("/introspect", {**WEB, "token": "x"}).status == 404
    fake = DirectFake()
    tokens = fake.tokens()
    for kind in ("access_token", "refresh_token"):
        found = fake.post("/introspect", {**WEB, "token": tokens[kind]}).json
        assert (found["active"], found["sub"], found["client_id"], found["scope"]) == (
            True,
            "1001",
            "web",
            "openid",
        )
    fake.clock.time += 3600
    assert fake.post("/introspect", {**WEB, "token": tokens["access_token"]}).json == {"active": False}


@rule("introspect_client")
def test_another_clients_token_is_not_active_except_to_a_resource_server() -> None:
    api = {"client_id": "api", "client_secret": "api-secret"}
    for fake, others in ((DirectFake(), False), (DirectFake("introspect_client"), True)):
        tokens = fake.tokens()
        for kind in ("access_token", "refresh_token"):
            found = fake.post("/introspect", {**OTHER, "token": tokens[kind]})
            assert (found.status, found.json["active"]) == (200, others)
            assert others or found.json == {"active": False}
            assert fake.post("/introspect", {**api, "token": tokens[kind]}).json["client_id"] == "web"


@rule("cors_registered")
@pytest.mark.parametrize("path", ["/userinfo", "/jwks", "/token", WELL_KNOWN])
def test_only_registered_origins_are_let_in(path: str) -> None:
    asked = {"access_control_request_method": "POST"}
    known = DirectFake().ask("OPTIONS", path, origin="https://app.test", **asked)
    assert known.status == 204
    assert known.headers["Access-Control-Allow-Origin"] == "https://app.test"
    assert "Authorization" in known.headers["Access-Control-Allow-Headers"]
    stranger = DirectFake().ask("OPTIONS", path, origin="https://evil.test", **asked)
    assert "Access-Control-Allow-Origin" not in stranger.headers
    broken = DirectFake("cors_registered").ask("OPTIONS", path, origin="https://evil.test", **asked)
    assert broken.headers["Access-Control-Allow-Origin"] == "https://evil.test"
    refused = DirectFake().get("/userinfo", origin="https://app.test")
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (401, "https://app.test")


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("HTTPS://App.Test:443/callback", "https://app.test"),
        ("http://localhost:3000/callback", "http://localhost:3000"),
        ("http://user@app.test:80/callback", "http://app.test"),
        ("http://[::1]:8080/callback", "http://[::1]:8080"),
        ("com.example.app:/callback", None),
        ("http://[app.test/callback", None),
        ("http://app.test:70000/callback", None),
    ],
)
def test_the_origin_of_a_redirect_uri_is_as_browsers_write_it(uri: str, origin: str | None) -> None:
    assert Client("app", redirect_uris=(uri,)).all_origins() == ({origin} if origin else set())
