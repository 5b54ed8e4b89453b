"""Personas, clients and requests of the fake of OAuth2, with the plugin's own fixtures and the real gateway."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPErrorProcessor, build_opener

import pytest

from connector_gateway import Gateway, GatewayError, NoRequest, Organization

BACK = "http://localhost:3000/callback"


class Stay(HTTPErrorProcessor):
    def http_response(self, request: object, response: object) -> object:
        return response


def authorize(gateway: Gateway, client: str, *, browser: CookieJar | None = None, **more: str) -> str:
    asked = {"response_type": "code", "client_id": client, "redirect_uri": BACK, "scope": "openid", **more}
    url = f"{gateway.url}/fakes/oauth2/oidc/authorize?{urlencode(asked)}"
    with build_opener(Stay, HTTPCookieProcessor(browser)).open(url) as answer:
        return str(answer.headers["Location"])


def test_a_persona_and_a_client_are_there_until_the_test_is_over(gateway: Gateway) -> None:
    with Gateway(gateway.url) as mine:
        ada = mine.persona(name="Ada", email="ada@example.com", denies=None)
        app = mine.client(redirect_uris=[BACK])
        assert ada.claims == {"name": "Ada", "email": "ada@example.com", "sub": ada}
        assert "code=" in authorize(gateway, app, login_hint=ada)
    assert gateway.oauth_requests("authorize", persona=ada)[0].client == app
    with Gateway(gateway.url) as other:
        other.client(app, secret="", redirect_uris=[BACK])
        assert "invalid_request" in authorize(gateway, app, login_hint="ada")  # public: it must use PKCE


def test_a_persona_over_a_declared_one_gives_it_back(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    with Gateway(gateway.url) as mine:
        mine.persona("pat", denies="access_denied")
        assert "access_denied" in authorize(gateway, app, login_hint="pat")
    assert "code=" in authorize(gateway, app, login_hint="pat")


def test_a_persona_may_have_to_do_something_first_and_be_known_in_some_places_only(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    busy = gateway.persona(interaction="interaction_required")
    browser = CookieJar()
    assert "code=" in authorize(gateway, app, browser=browser, login_hint=busy)
    assert "interaction_required" in authorize(gateway, app, browser=browser, prompt="none")
    away = gateway.persona(issuers=["github"])
    assert away.raw["issuers"] == ["github"]
    # The login page, not a redirect: nobody of that name has an account here.
    assert BACK not in authorize(gateway, app, login_hint=away)


def test_a_client_rotates_its_secret(gateway: Gateway) -> None:
    app = gateway.client(secret="first", redirect_uris=[BACK])
    second = app.rotate()
    assert app.secret == second != "first"
    assert len(app.raw["secrets"]) == 2
    assert app.rotate("third", keep=False) == "third"
    assert len(app.raw["secrets"]) == 1
    assert "third" not in repr(app.raw)


def test_a_target_that_is_no_url_hides_no_other_request(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    connection = HTTPConnection(gateway.url.removeprefix("http://"))
    connection.request("GET", f"//[x?client={app}", headers={"Host": "huggingface.co"})
    assert connection.getresponse().status == 404
    connection.close()
    authorize(gateway, app, login_hint="ada")
    assert [one.accepted for one in gateway.oauth_requests(client=app)] == [True]


def test_a_client_and_a_persona_have_all_that_the_api_gives_them(gateway: Gateway) -> None:
    key = {"kty": "EC", "crv": "P-256", "kid": "k", "x": "a", "y": "b"}
    app = gateway.client(
        secret="",
        name="Tulip Market",
        homepage="https://tulip.example",
        logo="data:image/png;base64,",
        redirect_uris=[BACK],
        post_logout_redirect_uris=["http://localhost:3000/"],
        allowed_scopes=["openid"],
        auth_method="private_key_jwt",
        jwks={"keys": [key]},
        origins=["http://localhost:3000"],
        issuers=["oidc"],
        access_tokens="jwt",
        resource_server=True,
    )
    assert {name: app.raw[name] for name in ("homepage", "logo", "jwks", "issuers")} == {
        "homepage": "https://tulip.example",
        "logo": "data:image/png;base64,",
        "jwks": {"keys": [key]},
        "issuers": ["oidc"],
    }
    assert (app.raw["accessTokens"], app.raw["resourceServer"], app.raw["secrets"]) == ("jwt", True, [])
    acme: Organization = {"id": "o1", "name": "acme", "displayName": "Acme", "role": "admin", "enterprise": True}
    ada = gateway.persona(organizations=[acme], scopes=["openid"], note="an admin")
    assert ada.raw["organizations"] == [{**acme, "picture": None}]
    assert (ada.raw["note"], ada.raw["scopes"]) == ("an admin", ["openid"])
    assert {"ada", ada} <= {one["id"] for one in gateway.personas()}
    assert {"sandbox-web", app} <= {one["id"] for one in gateway.clients()}


def test_requests_are_found_by_what_they_are(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    authorize(gateway, app, login_hint="ada", prompt="login", state="s1")
    authorize(gateway, app, login_hint="lothar")
    assert [one.accepted for one in gateway.oauth_requests(client=app)] == [True, False]
    (login,) = gateway.oauth_requests("authorize", client=app, prompt="login")
    assert (login.persona, login.issuer, login.status, login.error) == ("ada", "oidc", 302, None)
    assert login.parameters["state"] == "s1"
    (refused,) = gateway.oauth_requests(client=app, accepted=False)
    assert refused.error == "access_denied"
    assert gateway.oauth_requests(client=app, after=refused.cursor) == []
    assert gateway.oauth_requests("token", client=app) == []


def test_a_request_is_waited_for(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    later = threading.Timer(0.2, authorize, (gateway, app), {"login_hint": "ada"})
    later.start()
    (found,) = gateway.oauth_requests("authorize", client=app, timeout=10)
    later.join()
    assert found.persona == "ada"


def test_a_request_that_does_not_come_fails_the_test_and_says_what_came(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    authorize(gateway, app, login_hint="lothar")
    with pytest.raises(NoRequest, match=rf"no request .* within 0.1 s \(operation token, client {app}\)") as failed:
        gateway.oauth_requests("token", client=app, timeout=0.1)
    assert f"authorize of client {app} at oidc, refused: access_denied" in str(failed.value)
    with pytest.raises(ValueError, match="timeout"):
        gateway.oauth_requests(timeout=-1)


def test_a_fault_of_one_client_and_persona(gateway: Gateway) -> None:
    app = gateway.client(redirect_uris=[BACK])
    fault = gateway.fault(operation="authorize", key_id=app, persona="ada", mutate={"redirect": {"drop": ["iss"]}})
    assert "iss=" in authorize(gateway, app, login_hint="liwei")
    assert "iss=" not in authorize(gateway, app, login_hint="ada")
    assert fault.hits == 1


def test_what_the_gateway_refuses_is_an_error(gateway: Gateway) -> None:
    with pytest.raises(GatewayError, match="redirectUris"):
        gateway.client(redirect_uris=["/relative"])
    with pytest.raises(GatewayError, match="sub"):
        gateway.persona(sub=7)
