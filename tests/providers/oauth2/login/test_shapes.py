"""Hugging Face, GitHub and Google, at their own paths and in their own words."""

from __future__ import annotations

from urllib.parse import parse_qsl

from gateway.providers.oauth2 import provider
from gateway.providers.oauth2.fake.shapes import SHAPES
from gateway.providers.oauth2.fake.shapes.shape import PATHS
from gateway.providers.oauth2.fake.ways import GENERIC, WAYS
from tests.providers.oauth2.login.flows import Flow, fits
from tests.support.running_gateway import RunningGateway, running

JSON = {"Accept": "application/json"}


def hugging_face(server: RunningGateway) -> Flow:
    return Flow(server, "huggingface", "/oauth/authorize", "/oauth/token")


def github(server: RunningGateway) -> Flow:
    return Flow(server, "github", "/login/oauth/authorize", "/login/oauth/access_token")


def test_each_way_is_that_of_a_shape_and_serves_the_endpoints_that_only_it_has() -> None:
    assert WAYS.keys() <= SHAPES.keys()
    for name, shape in SHAPES.items():
        assert WAYS.get(name, GENERIC).extra.keys() == shape.paths.keys() - PATHS.keys()


async def test_hugging_face_has_scope_and_type_in_its_token_answer(server: RunningGateway) -> None:
    answer = (await hugging_face(server).exchange(scope="openid profile email")).json()
    assert (answer["scope"], answer["token_type"]) == ("openid profile email", "Bearer")
    assert answer["expires_in"] == 8 * 3600
    assert answer["access_token"].startswith("hf_oauth_")
    assert "refresh_token" not in answer


async def test_hugging_face_knows_organisations_with_roles(server: RunningGateway) -> None:
    flow = hugging_face(server)
    token = (await flow.exchange(scope="openid profile email")).json()["access_token"]
    user = (await flow.user(token, "/oauth/userinfo")).json()
    assert (user["sub"], user["preferred_username"], user["isPro"]) == ("1001", "adawren", False)
    assert (user["email"], user["email_verified"]) == ("ada.wren@example.com", True)
    first = user["orgs"][0]
    assert (first["preferred_username"], first["roleInOrg"], first["isEnterprise"]) == ("wren-works", "admin", True)
    assert "canPay" not in user


async def test_hugging_face_keeps_the_profile_to_its_scope_and_tells_billing(server: RunningGateway) -> None:
    flow = hugging_face(server)
    token = (await flow.exchange(scope="openid read-billing")).json()["access_token"]
    assert (await flow.user(token, "/oauth/userinfo")).json() == {"sub": "1001", "canPay": False}


async def test_hugging_face_refuses_a_scope_that_it_does_not_have(server: RunningGateway) -> None:
    assert (await hugging_face(server).back(scope="openid phone"))["error"] == "invalid_scope"


async def test_an_issuer_answers_at_the_names_that_the_config_gives_it() -> None:
    known = "/.well-known/openid-configuration"
    issuers = {"corp": {"hosts": ["Login.Example"]}, "google": {"hosts": []}}
    async with running({"oauth2": provider}, connectors=(), fakes={"oauth2": {"issuers": issuers}}) as server:
        answer = await server.ask("GET", known, None, {"Host": "login.example:4650"})
        assert (answer.status, answer.json()["issuer"]) == (200, "http://login.example:4650")
        assert (await server.ask("GET", "/api/personas")).status == 200
        for other in ("login.example.org", "accounts.google.com"):
            assert (await server.ask("GET", known, None, {"Host": other})).status == 404


async def test_github_answers_form_encoded_unless_json_is_asked_for(server: RunningGateway) -> None:
    flow = github(server)
    plain = await flow.exchange(scope="read:user user:email")
    assert str(plain.header("content-type")).startswith("application/x-www-form-urlencoded")
    found = dict(parse_qsl(plain.body.decode()))
    assert found.keys() == {"access_token", "scope", "token_type"}
    assert (found["scope"], found["token_type"]) == ("read:user,user:email", "bearer")
    assert found["access_token"].startswith("gho_")
    asked = await flow.exchange(headers=JSON, scope="read:user")
    assert asked.json()["scope"] == "read:user"


async def test_github_needs_no_response_type_and_no_redirect_uri_in_the_token_call(server: RunningGateway) -> None:
    flow = github(server)
    code = (await flow.back(scope="read:user", response_type=""))["code"]
    answer = await flow.token(JSON, code=code)
    assert "access_token" in answer.json()


async def test_github_has_its_errors_in_http_200_and_in_its_own_words(server: RunningGateway) -> None:
    flow = github(server)
    wrong_code = await flow.token(JSON, grant_type="authorization_code", code="nothing")
    assert (wrong_code.status, wrong_code.json()["error"]) == (200, "bad_verification_code")
    wrong_secret = await Flow(server, "github", flow.authorize_path, flow.token_path, secret="wrong").token(
        grant_type="authorization_code", code="nothing"
    )
    assert wrong_secret.status == 200
    assert dict(parse_qsl(wrong_secret.body.decode()))["error"] == "incorrect_client_credentials"


async def test_github_has_a_numeric_id_and_a_list_of_addresses(server: RunningGateway) -> None:
    flow = github(server)
    token = (await flow.exchange(headers=JSON, scope="read:user user:email")).json()["access_token"]
    user = (await flow.user(token, "/user")).json()
    assert (user["id"], user["login"], user["email"]) == (1001, "adawren", "ada.wren@example.com")
    emails = (await flow.user(token, "/user/emails")).json()
    assert emails[0] == {
        "email": "ada.wren@example.com",
        "primary": True,
        "verified": True,
        "visibility": "public",
    }
    as_token = await server.ask("GET", f"{flow.base}/user", None, {"Authorization": f"token {token}"})
    assert as_token.json() == user


async def test_github_makes_a_number_of_any_sub_and_hides_what_is_not_verified(server: RunningGateway) -> None:
    await server.ask("PUT", "/api/personas/hex", {"claims": {"sub": "a-b-c", "email": "hex@example.com"}})
    flow = github(server)
    token = (await flow.exchange("hex", JSON, scope="user:email")).json()["access_token"]
    user = (await flow.user(token, "/user")).json()
    assert user["id"] == (await flow.user(token, "/user")).json()["id"] > 0
    assert user["email"] is None
    assert (await flow.user(token, "/user/emails")).json()[0]["verified"] is False


async def test_github_keeps_addresses_to_their_scope(server: RunningGateway) -> None:
    flow = github(server)
    token = (await flow.exchange(headers=JSON, scope="read:user")).json()["access_token"]
    assert (await flow.user(token, "/user/emails")).status == 403
    assert (await flow.user("gho_nothing", "/user")).json()["message"] == "Bad credentials"


async def test_google_takes_a_post_for_user_info_and_signs_with_published_keys(server: RunningGateway) -> None:
    flow = Flow(server, "google", "/o/oauth2/v2/auth", "/token")
    answer = (await flow.exchange()).json()
    assert fits(answer["id_token"], await flow.jwks("/oauth2/v3/certs"))
    assert (await flow.user(answer["access_token"], "/v1/userinfo", "POST")).json()["sub"] == "1001"
