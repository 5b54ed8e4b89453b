"""Who may use the API: names in Host and Origin, the API token, a connector's own authorization."""

from __future__ import annotations

import pytest

from gateway.web.server.access import Guard, host_name, same
from tests.support.running_gateway import TOKEN, RunningGateway, running

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
]
FOREIGN = [
    "evil.example",
    "evil.example:4650",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "notlocalhost",
    "0.0.0.0",
    "10.0.0.1:4650",
    "169.254.169.254",
    "[::]",
    "[fe80::1]:4650",
    "[::ffff:10.0.0.1]",
    "2130706433",
    "0x7f000001",
    "127.1",
    "::1",
    ":4650",
    ".",
    ".localhost.evil.example",
    "localhost@evil.example",
    "evil.example/localhost",
    "[::1].evil.example",
    "[::1]evil.example",
    "[",
    "[]",
    "evil.example#.localhost",
]


@pytest.mark.parametrize("host", OURS)
async def test_a_loopback_name_may_ask(server: RunningGateway, host: str) -> None:
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
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("https://[::1]:3000", 200),
        ("http://app.localhost", 200),
        ("http://LOCALHOST", 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("file://", 403),
        ("localhost", 403),
        ("http://localhost.evil.example", 403),
        ("http://evil.example/localhost", 403),
        ("http://localhost@evil.example", 403),
        ("http://[::1", 403),
        ("http://", 403),
    ],
)
async def test_an_origin_must_be_a_loopback_name_too(server: RunningGateway, origin: str, status: int) -> None:
    answer = await server.ask("GET", "/api/clock", headers={"Origin": origin})
    assert answer.status == status
    if status == 403:
        assert answer.json()["data"] == {"field": "Origin"}


@pytest.mark.parametrize("target", ["/healthz", "/readyz"])
async def test_health_is_open_to_everybody(target: str) -> None:
    async with running(server={"api_token": "secret"}) as server:
        headers = {"Host": "evil.example", "Origin": "http://evil.example"}
        assert (await server.ask("GET", target, headers=headers)).status == 200


async def test_fakes_check_neither_host_nor_origin_nor_token() -> None:
    async with running(server={"api_token": "secret"}) as server:
        headers = {"Host": "evil.example", "Origin": "http://evil.example"}
        assert (await server.ask("GET", "/fakes/toy/", headers=headers)).status == 200


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


async def test_a_connector_takes_only_its_own_authorization() -> None:
    body = {"to": "13800138000", "type": "SignIn", "payload": {"code": "135790"}}
    async with running(server={"api_token": "secret"}) as server:
        for given, status in ((TOKEN, 200), ("Bearer secret", 401), (f"Bearer {TOKEN}", 401), ("", 401)):
            answer = await server.ask("POST", "/api/connectors/guarded/send", body, {"Authorization": given})
            assert answer.status == status
        open_one = await server.ask("POST", "/api/connectors/toy/send", body)
        assert open_one.status == 200


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
