"""What published clients of Hugging Face, GitHub and Google count on. Each row was found by running one of them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.providers.oauth2.login.flows import FORM, Flow, fits, part, told
from tests.support.running_gateway import RunningGateway

JSON = {"Accept": "application/json"}
GITHUB = ("github", "/login/oauth/authorize", "/login/oauth/access_token")
GOOGLE = ("google", "/o/oauth2/v2/auth", "/token")
HUGGING_FACE = ("huggingface", "/oauth/authorize", "/oauth/token")
LONG = "https://www.googleapis.com/auth/userinfo"


async def test_hugging_face_shows_the_profile_without_an_id_token(server: RunningGateway) -> None:
    """Logto's connector asks for the scope ``profile`` alone."""
    flow = Flow(server, *HUGGING_FACE)
    answer = (await flow.exchange(scope="profile")).json()
    assert "id_token" not in answer
    user = (await flow.user(answer["access_token"], "/oauth/userinfo")).json()
    assert (user["sub"], user["preferred_username"]) == ("1001", "adawren")


async def test_hugging_face_still_wants_a_scope_that_is_about_the_user(server: RunningGateway) -> None:
    flow = Flow(server, *HUGGING_FACE)
    token = (await flow.exchange(scope="read-repos")).json()["access_token"]
    assert (await flow.user(token, "/oauth/userinfo")).status == 403


async def test_hugging_face_has_organisations_and_plan_in_the_id_token(server: RunningGateway) -> None:
    """``huggingface_hub`` reads them there, and never asks for the user info."""
    token = (await Flow(server, *HUGGING_FACE).exchange(scope="openid profile")).json()["id_token"]
    claims = part(token, 1)
    assert (claims["isPro"], claims["orgs"][0]["preferred_username"]) == (False, "wren-works")
    assert (claims["sub"], claims["aud"]) == ("1001", "sandbox-web")


async def test_hugging_face_takes_a_redirect_uri_with_a_query_of_its_own(server: RunningGateway) -> None:
    """``huggingface_hub`` and Gradio say there where the app goes on."""
    flow = Flow(server, *HUGGING_FACE)
    answer = await flow.authorize(login_hint="ada", redirect_uri="http://localhost:3000/callback?_target_url=%2F")
    assert str(answer.header("location")).startswith("http://localhost:3000/callback?_target_url=%2F&code=")
    other = await flow.authorize(login_hint="ada", redirect_uri="http://localhost:3000/callbacks?_target_url=%2F")
    assert other.status == 400
    elsewhere = await Flow(server).authorize(login_hint="ada", redirect_uri="http://localhost:3000/callback?a=b")
    assert elsewhere.status == 400


async def test_hugging_face_knows_a_public_client_by_its_code(server: RunningGateway) -> None:
    """``@huggingface/hub`` names no client in its token call."""
    verifier = "v" * 43
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    own = {"redirect_uri": "http://localhost:5173/callback"}
    for client, status in (("sandbox-spa", 200), ("sandbox-web", 401)):
        flow = Flow(server, *HUGGING_FACE, client)
        asked = flow.asked(code_challenge=challenge, code_challenge_method="S256", login_hint="ada")
        asked |= own if client == "sandbox-spa" else {}
        page = await server.ask("GET", f"{flow.base}{flow.authorize_path}?{urlencode(asked)}")
        code = parse_qs(urlsplit(str(page.header("location"))).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        body = urlencode({**form, "redirect_uri": asked["redirect_uri"]}).encode()
        answer = await server.ask("POST", f"{flow.base}{flow.token_path}", body, FORM)
        assert answer.status == status, answer.body


@pytest.mark.parametrize(
    ("shape", "jwks"), [(GOOGLE, "/oauth2/v3/certs"), (HUGGING_FACE, "/jwks")], ids=["google", "huggingface"]
)
async def test_google_and_hugging_face_sign_with_rs256(
    server: RunningGateway, shape: tuple[str, str, str], jwks: str
) -> None:
    """openid-client 5, social-auth-core and others take nothing else unless they are told."""
    flow = Flow(server, *shape)
    token = (await flow.exchange(scope="openid email")).json()["id_token"]
    assert part(token, 0)["alg"] == "RS256"
    assert fits(token, await flow.jwks(jwks))
    metadata = await server.ask("GET", f"{flow.base}/.well-known/openid-configuration")
    assert metadata.json()["id_token_signing_alg_values_supported"] == ["RS256"]


async def test_github_names_itself_as_its_authorization_server_does(server: RunningGateway) -> None:
    """Auth.js compares ``iss``: github.com sends ``https://github.com/login/oauth``."""
    flow = Flow(server, *GITHUB)
    assert (await flow.back(scope="user:email"))["iss"].endswith("/fakes/oauth2/github/login/oauth")


async def test_github_says_where_a_refusal_is_explained(server: RunningGateway) -> None:
    """Logto's connector tells a denied sign-in from other errors only where ``error_uri`` is there."""
    found = await Flow(server, *GITHUB).back("lothar", scope="user:email")
    assert found["error"] == "access_denied"
    assert found["error_uri"].startswith("https://docs.github.com/")
    assert found["error_uri"].endswith("#access-denied")


async def test_github_answers_where_an_enterprise_server_does(server: RunningGateway) -> None:
    """Auth.js and others can be told the base URL of one, so that they need nothing else to come here."""
    flow = Flow(server, *GITHUB)
    token = (await flow.exchange(headers=JSON, scope="user:email")).json()["access_token"]
    assert (await flow.user(token, "/api/v3/user")).json() == (await flow.user(token, "/user")).json()
    assert (await flow.user(token, "/api/v3/user/emails")).json()[0]["email"] == "ada.wren@example.com"


@pytest.mark.parametrize(
    ("authorize", "token", "user"),
    [
        ("/o/oauth2/auth", "/o/oauth2/token", "/oauth2/v3/userinfo"),
        ("/o/oauth2/v2/auth", "/oauth2/v4/token", "/oauth2/v3/userinfo"),
    ],
    ids=["social-auth-core", "passport-google-oauth20"],
)
async def test_google_answers_at_its_older_paths(
    server: RunningGateway, authorize: str, token: str, user: str
) -> None:
    flow = Flow(server, "google", authorize, token)
    answer = (await flow.exchange(scope="profile email")).json()
    found = (await flow.user(answer["access_token"], user)).json()
    assert (found["sub"], found["email"]) == ("1001", "ada.wren@example.com")


async def test_google_takes_a_token_in_the_query(server: RunningGateway) -> None:
    """passport-google-oauth20 puts it there."""
    flow = Flow(server, *GOOGLE)
    token = (await flow.exchange()).json()["access_token"]
    answer = await server.ask("GET", f"{flow.base}/oauth2/v3/userinfo?access_token={token}")
    assert answer.json()["sub"] == "1001"
    assert token not in (await server.ask("GET", "/api/exchanges?limit=5")).body.decode()


async def test_google_has_its_keys_as_certificates_too(server: RunningGateway) -> None:
    """google-auth and google-auth-library check ID tokens by them."""
    flow = Flow(server, *GOOGLE)
    token = (await flow.exchange()).json()["id_token"]
    found = (await server.ask("GET", f"{flow.base}/oauth2/v1/certs")).json()
    assert list(found) == [part(token, 0)["kid"]]
    certificate = load_pem_x509_certificate(found[part(token, 0)["kid"]].encode())
    public = certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    key = RSAKey.import_key(public)
    assert jws.deserialize_compact(token, key, algorithms=["RS256"]).payload
    (row,) = await flow.jwks("/oauth2/v3/certs")
    assert key.as_dict(private=False)["n"] == row["n"]


async def test_google_spells_the_older_user_info_otherwise(server: RunningGateway) -> None:
    flow = Flow(server, *GOOGLE)
    token = (await flow.exchange(scope=f"openid {LONG}.email {LONG}.profile")).json()["access_token"]
    for path in ("/oauth2/v1/userinfo", "/oauth2/v2/userinfo"):
        found = (await flow.user(token, path)).json()
        assert (found["id"], found["verified_email"], found["name"]) == ("1001", True, "Ada Wren")
        assert not found.keys() & {"sub", "email_verified"}


async def test_google_knows_its_long_names_of_scopes(server: RunningGateway) -> None:
    flow = Flow(server, *GOOGLE)
    token = (await flow.exchange(scope=f"{LONG}.email")).json()["access_token"]
    assert (await flow.user(token, "/v1/userinfo")).json() == {
        "sub": "1001",
        "email": "ada.wren@example.com",
        "email_verified": True,
    }


async def test_google_gives_a_refresh_token_for_offline_access_and_keeps_it(server: RunningGateway) -> None:
    flow = Flow(server, *GOOGLE)
    assert "refresh_token" not in (await flow.exchange()).json()
    first = (await flow.exchange(access_type="offline")).json()["refresh_token"]
    for _ in range(2):
        again = (await flow.token(grant_type="refresh_token", refresh_token=first)).json()
        assert "access_token" in again
        assert "refresh_token" not in again
    metadata = await server.ask("GET", f"{flow.base}/.well-known/openid-configuration")
    assert "offline_access" not in metadata.json()["scopes_supported"]


async def test_google_lets_whoever_has_a_token_revoke_it(server: RunningGateway) -> None:
    """google-auth-library sends no client and no form, and the token in the query."""
    flow = Flow(server, *GOOGLE)
    token = (await flow.exchange()).json()["access_token"]
    answer = await server.ask("POST", f"{flow.base}/revoke?token={token}")
    assert (answer.status, answer.json()) == (200, {})
    assert (await flow.user(token, "/v1/userinfo")).status == 401
    wrong = await Flow(server, *GOOGLE[:2], "/revoke", secret="wrong").token(token=token)
    assert wrong.status == 401


@pytest.mark.parametrize(
    ("host", "issuer"),
    [("accounts.google.com", "https://accounts.google.com"), ("huggingface.co", "https://huggingface.co")],
)
async def test_a_provider_at_its_own_name_is_who_its_clients_think_it_is(
    server: RunningGateway, host: str, issuer: str
) -> None:
    """They came by https, whoever ended that before us."""
    found = (await server.ask("GET", "/.well-known/openid-configuration", None, {"Host": host})).json()
    assert found["issuer"] == issuer
    assert all(url.startswith(f"{issuer}/") for name, url in found.items() if name.endswith("_endpoint"))


async def test_all_hosts_of_google_are_one_issuer(server: RunningGateway) -> None:
    flow = Flow(server, *GOOGLE)
    asked = "&".join(f"{name}={value}" for name, value in flow.asked(scope="openid", login_hint="ada").items())
    page = await server.ask("GET", f"/o/oauth2/v2/auth?{asked}", None, {"Host": "accounts.google.com"})
    back = told(page)
    form = f"grant_type=authorization_code&code={back['code']}&redirect_uri=http://localhost:3000/callback"
    headers = {"Host": "oauth2.googleapis.com", "Content-Type": "application/x-www-form-urlencoded"}
    body = f"{form}&client_id={flow.client}&client_secret={flow.secret}".encode()
    token = (await server.ask("POST", "/token", body, headers)).json()["id_token"]
    assert back["iss"] == part(token, 1)["iss"] == "https://accounts.google.com"


async def test_revocation_answers_with_an_empty_document(server: RunningGateway) -> None:
    """simple-oauth2 wants JSON, also where nothing is to be said."""
    answer = await Flow(server, token_path="/revoke").token(token="nothing")
    assert (answer.status, answer.json()) == (200, {})
    assert answer.header("content-type") == "application/json"
