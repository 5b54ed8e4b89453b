"""Who may use the fakes: names in Host, no pages, registered keys if there is an API token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.app import assemble
from gateway.config import load_config
from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway
from tests.support.signed_targets import NUMBER, details, send_sms, ses_form

TOKEN = {"Authorization": "Bearer a-token"}
PUBLISHED = ("sandbox-key-id", "sandbox-key-secret")
PAGE = {"Origin": "http://localhost:3000"}
IMAGE = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
# A browser sends no Sec-Fetch-Site to a name that is neither loopback nor HTTPS.
OLD_IMAGE = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "Accept-Language": "en-US,en;q=0.9"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@asynccontextmanager
async def sandbox(server: Mapping[str, Any] | None = None, **sections: Any) -> AsyncIterator[RunningGateway]:
    """A gateway with the providers and the connectors of a sandbox."""
    overrides = {"server": {"port": 0, **(server or {})}, "store": "memory", **sections}
    async with assemble(load_config(None, overrides)) as gateway:
        _, port = await gateway.start()
        yield RunningGateway(gateway, port)


@pytest.fixture
async def server() -> AsyncIterator[RunningGateway]:
    async with sandbox() as server:
        yield server


async def captures(server: RunningGateway) -> list[Any]:
    found: list[Any] = (await server.ask("GET", "/api/captures", headers=TOKEN)).json()["captures"]
    return found


async def latest(server: RunningGateway) -> Any:
    return (await server.ask("GET", "/api/exchanges?limit=1", headers=TOKEN)).json()["exchanges"][0]


async def refused(server: RunningGateway, answer: Answer, code: str, setting: str) -> None:
    """In the provider's dialect, unreadable for pages, with an exchange that names the setting."""
    assert answer.status == 403
    assert code in answer.body.decode() or answer.header("x-amzn-ErrorType") == code
    assert not [line for line in answer.lines if line.lower().startswith("access-control-")]
    exchange = await latest(server)
    assert (exchange["accepted"], exchange["code"]) == (False, code)
    assert setting in exchange["explanation"]["hint"]


# --- pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [PAGE, {"Origin": "null"}, IMAGE, OLD_IMAGE, LINK])
async def test_a_page_cannot_send_an_sms(server: RunningGateway, headers: dict[str, str]) -> None:
    await refused(
        server, await server.ask("GET", send_sms(), headers=headers), "Forbidden.RAM", "server.allow_origins"
    )
    assert await captures(server) == []


@pytest.mark.parametrize("headers", [PAGE, {"Origin": "http://127.0.0.1"}])
async def test_a_page_cannot_read_codes_from_aliyun(server: RunningGateway, headers: dict[str, str]) -> None:
    """Not even a page at our own address: the gateway's pages use the API."""
    assert (await server.ask("GET", send_sms())).json()["Code"] == "OK"
    answer = await server.ask("GET", details(), headers=headers)
    await refused(server, answer, "Forbidden.RAM", "server.allow_origins")
    assert b"246810" not in answer.body


async def test_a_page_gets_no_preflight_from_aliyun(server: RunningGateway) -> None:
    headers = {**PAGE, "Access-Control-Request-Method": "POST"}
    answer = await server.ask("OPTIONS", "/fakes/aliyun-sms/", headers=headers)
    assert answer.header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
async def test_a_page_cannot_send_a_mail(server: RunningGateway, kind: str) -> None:
    target, form = ses_form()
    answer = await server.ask("POST", target, form, {"Content-Type": kind, **PAGE})
    await refused(server, answer, "AccessDenied", "server.allow_origins")
    assert await captures(server) == []


async def test_a_page_cannot_send_a_mail_by_version_2(server: RunningGateway) -> None:
    target, _ = ses_form()
    path = f"/v2/email/outbound-emails{target[1:]}"
    answer = await server.ask("POST", path, b"{}", {"Content-Type": "text/plain", **PAGE})
    await refused(server, answer, "AccessDeniedException", "server.allow_origins")


async def test_an_allowed_origin_may_use_a_fake() -> None:
    async with sandbox({"allow_origins": ["http://localhost:3000"]}) as server:
        answer = await server.ask("GET", send_sms(), headers=PAGE)
        assert answer.json()["Code"] == "OK"
        assert answer.header("Access-Control-Allow-Origin") == "*"
        assert (await server.ask("GET", send_sms(), headers={"Origin": "http://localhost:3001"})).status == 403


async def test_the_link_of_a_mail_opens_in_a_browser(server: RunningGateway) -> None:
    """The token in the link proves who follows it."""
    answer = await server.ask("GET", "/fakes/aws-ses/verify-email-address?Context=x", headers=LINK)
    assert (answer.status, b"This link is not valid" in answer.body) == (400, True)


# --- Host -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:4650", "gateway.test", ""])
async def test_after_dns_rebinding_no_fake_answers(server: RunningGateway, host: str) -> None:
    await server.ask("GET", send_sms())
    answer = await server.ask("GET", details(), headers={"Host": host})
    if answer.status == 403:
        await refused(server, answer, "Forbidden.RAM", "server.allow_hosts")
    else:
        assert answer.status == 400
    assert b"246810" not in answer.body


async def test_after_dns_rebinding_the_social_fake_does_not_answer(server: RunningGateway) -> None:
    target = "/fakes/oauth2/oidc/.well-known/openid-configuration"
    answer = await server.ask("GET", target, headers={"Host": "evil.example"})
    await refused(server, answer, "access_denied", "server.allow_hosts")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:4650",
        "localhost",
        "gateway:4650",
        "host.docker.internal:4650",
        "192.168.1.20:4650",
        "dysmsapi.aliyuncs.com",
        "dysmsapi.ap-southeast-1.aliyuncs.com:443",
    ],
)
async def test_clients_that_are_no_browsers_use_a_fake_by_any_of_its_names(
    server: RunningGateway, host: str
) -> None:
    answer = await server.ask("GET", send_sms(), headers={"Host": host})
    assert answer.json()["Code"] == "OK"


async def test_a_fake_answers_at_the_configured_names() -> None:
    names = {"allow_hosts": ["gateway.test"], "public_url": "https://codes.example.com/gateway"}
    async with sandbox(names) as server:
        for host in ("gateway.test:4650", "codes.example.com"):
            answer = await server.ask("GET", send_sms(), headers={"Host": host})
            assert answer.json()["Code"] == "OK"


async def test_pages_use_the_social_fake(server: RunningGateway) -> None:
    """It has checks of its own: CORS for the origins of its clients, a token in each form."""
    for headers in (PAGE, IMAGE, {"Origin": "null"}):
        answer = await server.ask("GET", "/fakes/oauth2/oidc/jwks", headers=headers)
        assert answer.status == 200


# --- the API token --------------------------------------------------------------------------------------------


async def test_with_a_token_an_unknown_key_is_refused_by_aliyun() -> None:
    async with sandbox({"api_token": "a-token"}) as server:
        answer = await server.ask("GET", details())
        assert answer.json()["Code"] == "InvalidAccessKeyId.NotFound"
        hint = (await latest(server))["explanation"]["hint"]
        assert "fakes.aliyun-sms.accounts" in hint
        assert "API token" in hint
        assert (await server.ask("GET", send_sms())).status == 404
        assert await captures(server) == []


async def test_with_a_token_an_unknown_key_is_refused_by_ses() -> None:
    async with sandbox({"api_token": "a-token"}) as server:
        target, form = ses_form()
        answer = await server.ask("POST", target, form, {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 403
        assert b"InvalidClientTokenId" in answer.body
        assert "fakes.aws-ses.accounts" in (await latest(server))["explanation"]["hint"]
        assert await captures(server) == []


async def test_with_a_token_the_published_keys_are_unknown_and_the_api_tells_the_random_ones() -> None:
    async with sandbox({"api_token": "a-token"}) as server:
        assert (await server.ask("GET", send_sms(PUBLISHED))).json()["Code"] == "InvalidAccessKeyId.NotFound"
        key = await told_key(server)
        assert (await server.ask("GET", send_sms(key))).json()["Code"] == "OK"
        assert (await server.ask("GET", details(key))).json()["Code"] == "OK"
        wrong = await server.ask("GET", send_sms((key[0], "sandbox-key-secret")))
        assert wrong.json()["Code"] == "SignatureDoesNotMatch"
        assert (await server.ask("GET", "/api/providers")).status == 401
        body = {"to": NUMBER, "type": "SignIn", "payload": {"code": "135790"}}
        sent = await server.ask("POST", "/api/messages", body, TOKEN)
        assert sent.status == 200


async def test_the_random_keys_live_as_long_as_the_store(tmp_path: Any) -> None:
    store = f"sqlite:{tmp_path / 'gateway.db'}"
    keys = []
    for _ in range(2):
        async with sandbox({"api_token": "a-token"}, store=store) as server:
            keys.append(await told_key(server))
            await server.ask("POST", "/api/reset", {}, TOKEN)
            assert await told_key(server) == keys[-1]
    async with sandbox({"api_token": "a-token"}) as server:
        keys.append(await told_key(server))
    assert keys[0] == keys[1] != keys[2]
    async with sandbox(store=store) as server:
        assert await told_key(server) == PUBLISHED


async def test_the_published_keys_of_a_config_file_are_replaced_too() -> None:
    """``gateway init`` writes them into a file."""
    config = {"accessKeyId": PUBLISHED[0], "accessKeySecret": PUBLISHED[1], "emailAddress": "a@example.com"}
    mine = {"accessKeyId": "my-key", "accessKeySecret": "my-secret", "emailAddress": "b@example.com"}
    connectors = [
        {"id": "copied", "factory": "aws-ses-mail", "config": {**config, "region": "us-east-1"}},
        {"id": "mine", "factory": "aws-ses-mail", "config": {**mine, "region": "us-east-1"}},
    ]
    async with sandbox({"api_token": "a-token"}, connectors=connectors) as server:
        answer = await server.ask("POST", "/api/connectors", made_with(config), TOKEN)
        assert answer.status == 200
        accounts = server.gateway.services.mounts["aws-ses"].settings.accounts
        assert PUBLISHED[0] not in accounts
        assert accounts["my-key"].secret == "my-secret"
        assert len(accounts) == 2


def made_with(config: dict[str, str]) -> dict[str, Any]:
    return {"connectorId": "aws-ses-mail", "id": "over-the-api", "config": {**config, "region": "us-east-1"}}


async def told_key(server: RunningGateway) -> tuple[str, str]:
    """The key in the environment that the API tells for Aliyun."""
    answer = await server.ask("GET", "/api/providers", headers=TOKEN)
    (environment,) = [one["environment"] for one in answer.json()["providers"] if one["name"] == "aliyun-sms"]
    return environment["ALIBABA_CLOUD_ACCESS_KEY_ID"], environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
