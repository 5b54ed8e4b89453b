"""A gateway on SQLite that is stopped and started again: what was given before is good after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.providers.oauth2.test_sign_in_at_the_fake import Sandbox, sandbox

FAKE = "/fakes/oauth2"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path / 'gateway.db'}"


async def get(box: Sandbox, path: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://127.0.0.1:{box.server.port}{FAKE}{path}"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_tokens_go_on_after_a_restart(store: str) -> None:
    async with sandbox(store=store) as box:
        tokens = (await box.sign_in("oauth2", "liwei")).json()["tokenResponse"]
        before = await get(box, "/oauth2/userinfo", tokens["access_token"])
    async with sandbox(store=store) as box:
        assert await get(box, "/oauth2/userinfo", tokens["access_token"]) == before
        body = {"refreshToken": tokens["refresh_token"]}
        fresh = (await box.server.ask("POST", "/api/connectors/oauth2/refresh", body)).json()
        assert await get(box, "/oauth2/userinfo", fresh["access_token"]) == before
        # Used up by that: what a restart brings back is not the state before.
        again = await box.server.ask("POST", "/api/connectors/oauth2/refresh", body)
        assert (again.status, again.code) == (401, "connector.social_invalid_access_token")


async def test_the_keys_are_the_same_after_a_restart(store: str) -> None:
    async with sandbox(store=store) as box:
        await box.sign_in("oidc")
        before = await get(box, "/oidc/jwks")
        assert before["keys"]
    async with sandbox(store=store) as box:
        assert await get(box, "/oidc/jwks") == before


async def test_a_sign_in_that_was_begun_before_is_finished_after(store: str) -> None:
    async with sandbox(store=store) as box:
        back = await box.code("oauth2", "ada")
        spent = await box.code("oauth2", "ada", state="another")
        assert (await box.finish("oauth2", spent)).status == 200
    async with sandbox(store=store) as box:
        # The fake calls itself by the address at which it was reached, and that was another port.
        back.pop("iss")
        found = await box.finish("oauth2", back)
        assert (found.status, found.json()["name"]) == (200, "Ada Wren")
        assert (await box.finish("oauth2", spent)).code == "session.connector_validation_session_not_found"


async def test_what_the_api_has_put_is_there_after_a_restart(store: str) -> None:
    async with sandbox(store=store) as box:
        put = await box.server.ask("PUT", "/api/personas/grace", {"claims": {"name": "Grace", "sub": "77"}})
        assert put.status in {200, 201}
    async with sandbox(store=store) as box:
        found = (await box.sign_in("oidc", "grace")).json()
        assert (found["id"], found["name"]) == ("77", "Grace")
