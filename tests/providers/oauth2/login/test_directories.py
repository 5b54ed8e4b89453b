"""Personas and clients: from fixtures, the config, and over the API."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config import Config
from gateway.core.errors import ConfigError
from gateway.providers.oauth2 import provider
from gateway.providers.oauth2.fake.config import read
from tests.providers.oauth2.login.flows import Flow, part, told
from tests.support.running_gateway import RunningGateway, running

MASK = "********"


async def personas(server: RunningGateway) -> dict[str, Any]:
    return {row["id"]: row for row in (await server.ask("GET", "/api/personas")).json()["personas"]}


async def clients(server: RunningGateway) -> dict[str, Any]:
    return {row["id"]: row for row in (await server.ask("GET", "/api/clients")).json()["clients"]}


async def test_the_sandbox_has_people_of_every_kind(server: RunningGateway) -> None:
    found = await personas(server)
    assert list(found) == ["ada", "liwei", "noor", "ulises", "pat", "zoe", "denise", "lothar"]
    assert found["liwei"]["claims"]["name"] == "李薇"
    assert "email" not in found["noor"]["claims"]
    assert found["ulises"]["claims"]["email_verified"] is False
    assert found["lothar"]["denies"] == "access_denied"
    assert {row["source"] for row in found.values()} == {"declared"}
    subs = [row["claims"]["sub"] for row in found.values()]
    assert len(set(subs)) == len(subs)


async def test_a_persona_is_put_signs_in_and_is_deleted(flow: Flow) -> None:
    server = flow.server
    made = await server.ask("PUT", "/api/personas/grace", {"claims": {"email": "grace@example.com"}})
    assert (made.status, made.json()["claims"]["sub"], made.json()["source"]) == (200, "grace", "api")
    token = (await flow.exchange("grace")).json()["id_token"]
    assert part(token, 1)["email"] == "grace@example.com"
    assert (await server.ask("DELETE", "/api/personas/grace")).json() == {"deleted": 1}
    assert "grace" not in await personas(server)
    assert (await server.ask("DELETE", "/api/personas/grace")).status == 404


async def test_what_is_put_over_a_declared_one_stands_in_its_place_until_it_is_deleted(flow: Flow) -> None:
    server = flow.server
    await server.ask("PUT", "/api/personas/ada", {"denies": "access_denied"})
    assert (await flow.back("ada"))["error"] == "access_denied"
    assert next(iter(await personas(server))) == "ada"
    await server.ask("DELETE", "/api/personas/ada")
    assert "code" in await flow.back("ada")
    kept = await server.ask("DELETE", "/api/personas/ada")
    assert (kept.status, kept.code) == (409, "entity.read_only")


async def test_a_persona_grants_what_it_grants_and_has_accounts_where_it_has_them(flow: Flow) -> None:
    assert (await flow.exchange("zoe")).json()["scope"] == "openid profile"
    await flow.server.ask("PUT", "/api/personas/only", {"issuers": ["google"]})
    assert (await flow.authorize(login_hint="only")).status == 200  # the page: it is nobody's hint here
    assert "code" in told(await Flow(flow.server, "google", "/o/oauth2/v2/auth").authorize(login_hint="only"))


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("personas/x", {"claims": {"sub": 7}}, "claims"),
        ("personas/x", {"claims": {"sub": ""}}, "claims"),
        ("personas/x", {"scopes": ["two words"]}, "scopes.0"),
        ("personas/x", {"denies": "No!"}, "denies"),
        ("personas/x", {"surprise": 1}, "surprise"),
        ("personas/x", {"organizations": [{"id": "1"}]}, "organizations.0.name"),
        ("personas/%E6%9D%8E", {}, "id"),
        ("clients/x", {"redirectUris": ["/relative"]}, "redirectUris.0"),
        ("clients/x", {"redirectUris": ["http://a.example/#part"]}, "redirectUris.0"),
        ("clients/x", {"redirectUris": ["javascript:alert(1)"]}, "redirectUris.0"),
        ("clients/x", {"redirectUris": ["http://a.example/a b"]}, "redirectUris.0"),
        ("clients/x", {"redirectUris": ["http://[a.example/"]}, "redirectUris.0"),
        ("clients/x", {"redirectUris": ["http://a.example/é"]}, "redirectUris.0"),
        ("clients/x", {"origins": ["http://a.example/path"]}, "origins.0"),
        ("clients/x", {"origins": ["http://user@a.example"]}, "origins.0"),
        ("clients/x", {"secrets": ["a", "b", "c"]}, "secrets"),
        ("clients/x", {"secrets": [MASK]}, "secrets.0"),
        ("clients/x", {"authMethod": "magic"}, "authMethod"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    server: RunningGateway, path: str, body: object, field: str
) -> None:
    answer = await server.ask("PUT", f"/api/{path}", body)
    assert (answer.status, answer.json()["data"].get("field")) == (400, field)


async def test_a_client_is_put_and_its_secrets_are_never_shown(server: RunningGateway) -> None:
    body = {"secrets": ["first-secret"], "redirectUris": ["http://localhost:3000/callback"]}
    made = await server.ask("PUT", "/api/clients/mine", body)
    assert made.json()["secrets"] == [MASK]
    flow = Flow(server, client="mine", secret="first-secret")
    assert (await flow.exchange()).status == 200
    again = await server.ask("PUT", "/api/clients/mine", {**made_body(made.json()), "name": "Mine"})
    assert (again.status, again.json()["name"]) == (200, "Mine")
    assert (await flow.exchange()).status == 200
    everything = [await server.ask("GET", path) for path in ("/api/clients", "/api/exchanges")]
    assert not any(b"first-secret" in answer.body for answer in everything)


def made_body(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name not in ("id", "source", "provider")}


async def test_a_secret_is_rotated_and_the_one_before_works_until_the_next_rotation(server: RunningGateway) -> None:
    body = {"secrets": ["first"], "redirectUris": ["http://localhost:3000/callback"]}
    await server.ask("PUT", "/api/clients/mine", body)
    second = (await server.ask("POST", "/api/clients/mine/secrets", {})).json()
    assert second["client"]["secrets"] == [MASK, MASK]
    for secret in ("first", second["secret"]):
        assert (await Flow(server, client="mine", secret=secret).exchange()).status == 200
    third = (await server.ask("POST", "/api/clients/mine/secrets", {"secret": "third", "keep": False})).json()
    assert (third["secret"], third["client"]["secrets"]) == ("third", [MASK])
    for secret, status in (("first", 401), (second["secret"], 401), ("third", 200)):
        assert (await Flow(server, client="mine", secret=secret).exchange()).status == status
    assert (await server.ask("POST", "/api/clients/nobody/secrets", {})).status == 404


async def test_a_client_that_only_came_by_is_listed_as_seen(server: RunningGateway) -> None:
    await Flow(server, client="stranger", secret="whatever").exchange()
    row = (await clients(server))["stranger"]
    assert (row["source"], row["secrets"]) == ("seen", [])
    assert row["redirectUris"] == ["http://localhost:3000/callback"]


async def test_a_client_with_an_id_that_could_not_be_registered_is_listed_too(server: RunningGateway) -> None:
    for name in ("café", " spaced "):
        await Flow(server, client=name, secret="whatever").exchange()
        assert (await clients(server))[name]["source"] == "seen"


async def test_another_provider_has_no_personas(server: RunningGateway) -> None:
    assert (await server.ask("GET", "/api/personas?provider=oauth2")).status == 200
    assert (await server.ask("GET", "/api/personas?provider=toy")).status == 400
    async with running(connectors=()) as other:
        assert (await other.ask("GET", "/api/personas")).json() == {"personas": []}
        assert (await other.ask("PUT", "/api/personas/x", {})).status == 404


async def test_the_config_adds_people_and_clients_or_leaves_ours_out() -> None:
    part_of_config = {
        "fixtures": False,
        "personas": [{"id": "kim", "claims": {"email": "kim@example.com"}}],
        "clients": [{"id": "app", "secrets": ["s"], "redirect_uris": ["http://localhost:3000/callback"]}],
    }
    async with running({"oauth2": provider}, connectors=(), fakes={"oauth2": part_of_config}) as server:
        assert list(await personas(server)) == ["kim"]
        assert list(await clients(server)) == ["app"]
        assert (await Flow(server, client="app", secret="s").exchange("kim")).status == 200


@pytest.mark.parametrize(
    ("part_of_config", "message"),
    [
        ({"personas": [{"id": "x"}, {"id": "x"}]}, "fakes.oauth2.personas: there are two of the id x"),
        ({"clients": [{"id": "a"}, {"id": "b"}, {"id": "b"}]}, "fakes.oauth2.clients: there are two of the id b"),
        ({"personas": [{"id": "x", "claims": {"sub": 7}}]}, "fakes.oauth2.personas.0.claims: sub is a text"),
        ({"personas": [{"id": "x", "denise": "y"}]}, "did you mean denies?"),
        ({"clients": [{"id": "x", "redirect_uri": []}]}, "did you mean redirect_uris?"),
        ({"clients": [{"id": "x", "origins": ["*"]}]}, "an origin is scheme, host and port"),
        ({"public_url": "gateway.test"}, "fakes.oauth2.public_url: it is an http or https URL"),
        ({"public_url": "https://gateway.test/?a=1"}, "fakes.oauth2.public_url: it is an http or https URL"),
        ({"issuers": {"oidc": {"url": "https://[x"}}}, "fakes.oauth2.issuers.oidc.url: it is an http or https URL"),
        ({"issuers": {"oidc": {"hosts": ["LocalHost"]}}}, "fakes.oauth2.issuers.oidc.hosts.0: it is a host name"),
        ({"issuers": {"oidc": {"hosts": ["10.0.0.1"]}}}, "fakes.oauth2.issuers.oidc.hosts.0: it is a host name"),
        ({"issuers": {"oidc": {"hosts": ["a.example:1"]}}}, "fakes.oauth2.issuers.oidc.hosts.0: it is a host name"),
        ({"issuers": {"oidc": {"token_seconds": float("inf")}}}, "fakes.oauth2.issuers.oidc.token_seconds: input"),
        (
            {"personas": [{"id": "x", "organizations": [{"id": "1", "name": "a", "rol": "b"}]}]},
            "did you mean role?",
        ),
    ],
)
def test_a_mistake_in_the_config_is_named(part_of_config: dict[str, Any], message: str) -> None:
    assert Config.model_validate({"fakes": {"oauth2": part_of_config}}).fakes
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        read(part_of_config, [])


async def test_one_persona_or_client_is_shown_by_its_id(flow: Flow) -> None:
    server = flow.server
    for kind, name in (("personas", "ada"), ("clients", "sandbox-web")):
        listed = {row["id"]: row for row in (await server.ask("GET", f"/api/{kind}")).json()[kind]}
        assert (await server.ask("GET", f"/api/{kind}/{name}")).json() == listed[name]
        missing = await server.ask("GET", f"/api/{kind}/nobody")
        assert (missing.status, missing.code) == (404, "entity.not_found")
        assert (await server.ask("GET", f"/api/{kind}/{name}?provider=toy")).status == 400


async def test_a_put_without_secrets_keeps_them_and_an_empty_list_makes_a_public_client(flow: Flow) -> None:
    server, path = flow.server, "/api/clients/sandbox-web"
    body = {"name": "Renamed", "redirectUris": ["http://localhost:3000/callback"]}
    for given in (body, {**body, "secrets": None}):
        answer = await server.ask("PUT", path, given)
        assert (answer.status, answer.json()["secrets"]) == (200, [MASK])
        assert (await flow.exchange()).status == 200
    assert (await server.ask("PUT", path, {**body, "secrets": []})).json()["secrets"] == []
    assert (await flow.back())["error"] == "invalid_request"  # a public client must use PKCE
    assert (await server.ask("PUT", "/api/clients/fresh", body)).json()["secrets"] == []


async def test_the_picture_of_a_persona_is_an_absolute_url_that_works(flow: Flow) -> None:
    tokens = (await flow.exchange("ada")).json()
    url = (await flow.user(tokens["access_token"])).json()["picture"]
    origin = "http://127.0.0.1"  # the Host of the test client
    assert url == f"{origin}{flow.base}/pictures/ada.svg"
    assert part(tokens["id_token"], 1)["picture"] == url
    answer = await flow.server.ask("GET", url.removeprefix(origin))
    assert (answer.status, answer.header("Content-Type")) == (200, "image/svg+xml")
    assert "default-src 'none'" in (answer.header("Content-Security-Policy") or "")
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert ">AW</text>" in answer.body.decode()
    assert (await flow.server.ask("GET", f"{flow.base}/pictures/nobody.svg")).status == 404


async def test_the_picture_of_a_persona_holds_nothing_but_its_initials(flow: Flow) -> None:
    await flow.server.ask("PUT", "/api/personas/evil", {"claims": {"name": "<script>alert(1)</script> &"}})
    body = (await flow.server.ask("GET", f"{flow.base}/pictures/evil.svg")).body.decode()
    assert "script" not in body
    assert (await flow.exchange("evil")).json()["id_token"]
