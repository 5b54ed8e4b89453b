"""Who may use the API: names in Host, pages of other origins, the API token, a connector's own authorization."""

from __future__ import annotations

import pytest

from gateway.core.hosts import host_name
from gateway.web.server.access import Guard, same
from tests.support import toy
from tests.support.running_gateway import TOKEN, RunningGateway, running
from tests.support.social_gateway import running_social

OURS = [
    "127.0.0.1",
    "127.0.0.1:4650",
    "127.1.2.3",
    "localhost",
    "LOCALHOST:80",
    "localhost.",
    "localhost.:4650",
    "app.localhost:4650",
    "[::1]",
    "[::1]:4650",
    "host.docker.internal:4650",
    "gateway:4650",
    "gateway_1",
    "http://127.0.0.1:4650/fakes/aliyun-sms",
    "10.0.0.1:4650",
    "0.0.0.0",
    "[fe80::1]:4650",
    "[::ffff:10.0.0.1]",
]
FOREIGN = [
    "evil.example",
    "evil.example:4650",
    "gateway.evil.example",
    "10.0.0.1.evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.1",
    "::1",
    ":4650",
    ".",
    ".localhost.evil.example",
    "localhost@evil.example",
    "evil.example/localhost",
    "http://evil.example/localhost",
    "[::1].evil.example",
    "[::1]evil.example",
    "[",
    "[]",
    "evil.example#.localhost",
]


@pytest.mark.parametrize("host", OURS)
async def test_a_name_of_this_machine_may_ask(server: RunningGateway, host: str) -> None:
    assert (await server.ask("GET", "/api/clock", headers={"Host": host})).status == 200


@pytest.mark.parametrize("host", FOREIGN)
async def test_another_name_may_not(server: RunningGateway, host: str) -> None:
    answer = await server.ask("GET", "/api/clock", headers={"Host": host})
    assert answer.status in {400, 403}
    if answer.status == 403:
        assert answer.code == "auth.forbidden"
        assert answer.json()["data"] == {"field": "Host"}
        assert host not in answer.json()["message"] or len(host) < 3


async def test_a_request_without_a_host_may_not(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(b"GET /api/clock HTTP/1.0\r\n\r\n")
    assert (await client.answer()).status == 403
    await client.close()
    assert (await server.ask("GET", "/api/clock", headers={"Host": ""})).status in {400, 403}


async def test_two_hosts_may_not(server: RunningGateway) -> None:
    client = await server.open()
    await client.send(b"GET /api/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n")
    assert (await client.answer()).status in {400, 403}
    await client.close()


async def test_a_rebinding_page_cannot_ask_through_an_absolute_target(server: RunningGateway) -> None:
    answer = await server.ask("GET", "http://127.0.0.1/api/clock", headers={"Host": "evil.example"})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:4650", "http://localhost:4650"),
        ("LOCALHOST:4650", "http://localhost:4650"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:80", "http://127.0.0.1"),
        ("[::1]:4650", "http://[::1]:4650"),
        ("gateway:4650", "http://gateway:4650"),
    ],
)
async def test_the_gateways_own_pages_may_ask(server: RunningGateway, host: str, origin: str) -> None:
    answer = await server.ask("POST", "/api/reset", {}, {"Host": host, "Origin": origin})
    assert answer.status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:4650",
        "http://127.0.0.1:4650",
        "http://app.localhost:4650",
        "http://[::1]:4650",
        "http://evil.example",
        "null",
        "file://",
        "localhost:4650",
        "http://localhost:4650@evil.example",
        "http://user@localhost:4650",
        "http://[::1",
        "http://",
        "",
        "http://localhost:4650, http://evil.example",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/reset"), ("POST", "/api/codes/138"), ("GET", "/api/clock")]
)
async def test_a_page_of_another_origin_may_not(
    server: RunningGateway, method: str, path: str, origin: str
) -> None:
    line = f"{method} {path} HTTP/1.1\r\nHost: localhost:4650\r\nOrigin: {origin}\r\nContent-Length: 0\r\n\r\n"
    client = await server.open()
    await client.send(line.encode())
    answer = await client.answer()
    assert (answer.status, answer.json()["data"]) == (403, {"field": "Origin"})
    assert "server.allow_origins" in answer.json()["message"]


async def test_a_request_with_two_origins_is_foreign(server: RunningGateway) -> None:
    client = await server.open()
    own = b"Origin: http://127.0.0.1\r\n"
    await client.send(b"GET /api/clock HTTP/1.1\r\nHost: 127.0.0.1\r\n" + own + own + b"\r\n")
    assert (await client.answer()).status == 403


LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize(
    ("site", "more", "status"),
    [
        ("same-origin", {}, 200),
        ("none", LINK, 200),
        ("cross-site", LINK, 200),
        ("same-site", LINK, 200),
        ("cross-site", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ("same-site", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ("cross-site", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ("same-site", {}, 403),
        ("anything", {}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/api/clock", "/api/docs"])
async def test_without_an_origin_the_browser_tells_whose_page_asks(
    server: RunningGateway, path: str, site: str, more: dict[str, str], status: int
) -> None:
    answer = await server.ask("GET", path, headers={"Sec-Fetch-Site": site, **more})
    assert answer.status == status
    if status == 403:
        assert answer.json()["data"] == {"field": "Sec-Fetch-Site"}


async def test_a_link_does_not_change_anything(server: RunningGateway) -> None:
    answer = await server.ask("POST", "/api/reset", {}, {"Sec-Fetch-Site": "cross-site", **LINK})
    assert answer.status == 403


async def test_the_origin_of_the_public_url_and_allowed_origins_may_ask() -> None:
    settings = {"public_url": "https://Codes.example.com/gateway", "allow_origins": ["http://localhost:3000"]}
    async with running(server=settings) as server:
        for origin, status in (
            ("https://codes.example.com", 200),
            ("http://localhost:3000", 200),
            ("http://codes.example.com", 403),
            ("http://localhost:3001", 403),
        ):
            answer = await server.ask("GET", "/api/clock", headers={"Origin": origin})
            assert answer.status == status
        assert (await server.ask("GET", "/api/clock", headers={"Host": "codes.example.com"})).status == 200


@pytest.mark.parametrize("path", ["/api/connectors/acme/start", "/api/connectors/acme/callback?state=x"])
async def test_pages_of_any_site_lead_to_a_sign_in(path: str) -> None:
    async with running_social() as social:
        for headers in ({"Origin": "https://app.example"}, {"Sec-Fetch-Site": "cross-site", **LINK}):
            answer = await social.server.ask("GET", path, headers=headers)
            assert answer.status in {303, 400}
        assert (await social.server.ask("GET", path, headers={"Host": "evil.example"})).status == 403


@pytest.mark.parametrize("target", ["/healthz", "/readyz"])
async def test_health_is_open_to_everybody(target: str) -> None:
    async with running(server={"api_token": "secret"}) as server:
        headers = {"Host": "evil.example", "Origin": "http://evil.example"}
        assert (await server.ask("GET", target, headers=headers)).status == 200


async def test_a_fake_without_a_refusal_of_its_own_gets_that_of_the_api(server: RunningGateway) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "http://localhost:3000"}):
        answer = await server.ask("GET", "/fakes/toy/", headers=headers)
        assert (answer.status, answer.code) == (403, "auth.forbidden")
    assert server.script.requests == []
    exchanges = (await server.ask("GET", "/api/exchanges")).json()["exchanges"]
    assert [one["code"] for one in exchanges] == ["auth.forbidden", "auth.forbidden"]


async def test_a_fake_checks_no_api_token() -> None:
    async with running(server={"api_token": "secret"}) as server:
        assert (await server.ask("GET", "/fakes/toy/")).status == 200


async def test_configured_names_may_ask_whatever_their_case() -> None:
    async with running(server={"allow_hosts": ["Gateway.Test", "10.0.0.7"]}) as server:
        for host in ("gateway.test:4650", "GATEWAY.test", "10.0.0.7", "gateway.test."):
            assert (await server.ask("GET", "/api/clock", headers={"Host": host})).status == 200
        assert (await server.ask("GET", "/api/clock", headers={"Host": "x.gateway.test"})).status == 403


async def test_every_part_of_the_api_is_behind_the_guard(server: RunningGateway) -> None:
    for method, path in (
        ("GET", "/api/captures"),
        ("POST", "/api/codes/13800138000"),
        ("GET", "/api/events"),
        ("POST", "/api/connectors/toy/send"),
        ("POST", "/api/reset"),
        ("GET", "/api/status"),
    ):
        answer = await server.ask(method, path, headers={"Host": "evil.example"})
        assert (answer.status, answer.code) == (403, "auth.forbidden")


# --- tokens -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("Bearer sécret token", 200),
        ("bearer sécret token", 200),
        ("", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Bearer other", 401),
        ("Bearer sécret toke", 401),
        ("Basic sécret token", 401),
        ("sécret token", 401),
        ("Bearer \udcff\udcfe", 401),
    ],
)
async def test_the_api_takes_only_its_token(given: str, status: int) -> None:
    async with running(server={"api_token": "sécret token"}) as server:
        answer = await server.ask("GET", "/api/clock", headers={"Authorization": given})
        assert answer.status == status
        if status == 401:
            assert answer.code == "auth.unauthorized"
            assert answer.header("www-authenticate") == "Bearer"
            assert "token" not in answer.body.decode().replace("API token", "")


async def test_a_connector_takes_its_own_authorization_or_else_the_api_token() -> None:
    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "135790"}}
    async with running(server={"api_token": "secret"}) as server:
        for given, status in ((TOKEN, 200), ("Bearer secret", 401), (f"Bearer {TOKEN}", 401), ("", 401)):
            answer = await server.ask("POST", "/api/connectors/guarded/send", body, {"Authorization": given})
            assert answer.status == status
        for given, status in (("Bearer secret", 200), (TOKEN, 401), ("", 401)):
            answer = await server.ask("POST", "/api/connectors/toy/send", body, {"Authorization": given})
            assert answer.status == status


LIVE = {"factory": toy.FACTORY, "config": {}, "live": True}
OPEN = {"host": "0.0.0.0", "insecure_open": True}


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/api/connectors/live/send", {"type": "SignIn"}),
        ("/api/connectors/sandbox/send", {"type": "SignIn"}),
        ("/api/messages", {"type": "SignIn"}),
        ("/api/messages", {"type": "SignIn", "connectorId": "guarded"}),
        ("/api/verifications", {"type": "SignIn"}),
    ],
)
async def test_on_an_open_server_without_a_token_nobody_sends_for_real(path: str, more: dict[str, str]) -> None:
    connectors = [
        {"id": "live", **LIVE},
        {"id": "guarded", **LIVE, "authorization": TOKEN},
        {"id": "sandbox", "factory": toy.FACTORY, "config": {}, "fallback": "live"},
    ]
    async with running(connectors=connectors, server=OPEN, live={"allow": ["*"]}) as server:
        answer = await server.ask("POST", path, {"to": "13800138000", **more})
        assert (answer.status, answer.code) == (403, "auth.forbidden")
        assert "server.api_token" in answer.json()["message"]
        body = {"to": "13800138000", "type": "SignIn"}
        own = await server.ask("POST", "/api/connectors/guarded/send", body, {"Authorization": TOKEN})
        assert own.code.startswith("connector.")


async def test_on_an_open_server_without_a_token_live_connectors_are_not_changed() -> None:
    connectors = [{"id": "guarded", **LIVE, "authorization": TOKEN}]
    async with running(connectors=connectors, server=OPEN) as server:
        made = {"connectorId": toy.FACTORY, "id": "more", "config": {}}
        assert (await server.ask("POST", "/api/connectors", {**made, "live": True})).status == 403
        assert (await server.ask("POST", "/api/connectors", made)).status == 200
        assert (await server.ask("PATCH", "/api/connectors/more", {"live": True})).status == 403
        assert (await server.ask("PATCH", "/api/connectors/guarded", {"authorization": "x"})).status == 403
        by_fallback = {"fallback": ["guarded"], "authorization": "x"}
        assert (await server.ask("PATCH", "/api/connectors/more", by_fallback)).status == 403
        assert (await server.ask("POST", "/api/connectors", {**made, "id": "b", **by_fallback})).status == 403
        tested = {"phone": "13800138000", "config": {}, "id": "guarded"}
        assert (await server.ask("POST", f"/api/connectors/{toy.FACTORY}/test", tested)).status == 403


async def test_who_is_refused_costs_no_send(server: RunningGateway) -> None:
    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "135790"}}
    await server.ask("POST", "/api/connectors/guarded/send", body, {"Authorization": "wrong"})
    assert server.script.requests == []
    assert (await server.ask("GET", "/api/messages")).json()["messages"] == []


def test_a_secret_with_bytes_that_are_no_text_is_compared_not_crashed_on() -> None:
    """The environment may hold any bytes; Python gives them as surrogates."""
    assert same("\udcff", "\udcff")
    assert not same("x", "\udcff")


def test_a_host_loses_its_port_and_its_dot() -> None:
    assert [host_name(text) for text in ("[::1]:4650", "A.b.:80", " x ", "")] == ["::1", "a.b", "x", ""]


def test_without_a_token_everybody_on_the_machine_may_ask() -> None:
    assert Guard().api_token is None
