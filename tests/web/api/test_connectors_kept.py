"""What was made over the API is there again after a restart."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import toy
from tests.support.running_gateway import running

BODY = {
    "connectorId": toy.FACTORY,
    "id": "mine",
    "config": {"key": "a-secret"},
    "authorization": "Bearer x",
}
SEND = {"to": "13800138000", "type": "SignIn", "payload": {"code": "246810"}}


async def test_a_connector_its_secrets_and_its_version_outlive_the_process(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path}/gateway.db"
    async with running(store=store) as server:
        made = (await server.ask("POST", "/api/connectors", BODY)).json()
        await server.ask("POST", "/api/connectors", {**BODY, "id": "other"})
        assert (await server.ask("DELETE", "/api/connectors/other")).status == 204
    async with running(store=store) as server:
        assert (await server.ask("GET", "/api/connectors/mine")).json() == made
        assert (await server.ask("GET", "/api/connectors/other")).status == 404
        kept = server.gateway.connectors["mine"]
        assert (kept.config, kept.authorization) == ({"key": "a-secret"}, "Bearer x")
        answer = await server.ask("POST", "/api/connectors/mine/send", SEND, {"Authorization": "Bearer x"})
        assert answer.status == 200
        stale = {"version": made["version"] + 1, "config": {}}
        assert (await server.ask("PATCH", "/api/connectors/mine", stale)).status == 409


async def test_the_file_s_connector_hides_a_stored_one_of_that_id(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"sqlite:{tmp_path}/gateway.db"
    async with running(store=store) as server:
        await server.ask("POST", "/api/connectors", BODY)
    declared = ({"id": "mine", "factory": toy.FACTORY, "config": {"endpoint": "e"}},)
    with caplog.at_level(logging.WARNING, "gateway"):
        async with running(store=store, connectors=declared) as server:
            shown = (await server.ask("GET", "/api/connectors/mine")).json()
            assert (shown["config"], shown["readOnly"]) == ({"endpoint": "e"}, True)
    assert "mine" in caplog.text
    async with running(store=store) as server:
        assert server.gateway.connectors["mine"].config == {"key": "a-secret"}


async def test_one_that_cannot_be_made_any_more_is_left_out_with_a_warning_and_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = f"sqlite:{tmp_path}/gateway.db"
    async with running(store=store) as server:
        await server.ask("POST", "/api/connectors", BODY)
    provider = toy.provider_with(toy.Script())
    (factory,) = provider.factories.values()
    renamed = replace(provider, factories={"new-name": replace(factory, id="new-name")})
    with caplog.at_level(logging.WARNING, "gateway"):
        async with running({toy.NAME: renamed}, store=store, connectors=()) as server:
            assert (await server.ask("GET", "/api/connectors")).json() == []
    assert "connector mine of the store is left out" in caplog.text
    assert "a-secret" not in caplog.text
    async with running(store=store) as server:
        assert "mine" in server.gateway.connectors
    async with running({toy.NAME: renamed}, store=store, connectors=()) as server:
        assert (await server.ask("DELETE", "/api/connectors/mine")).status == 204
        assert (await server.ask("DELETE", "/api/connectors/mine")).status == 404


async def test_an_authorization_given_to_the_file_s_connector_outlives_the_process_unless_the_file_has_one(
    tmp_path: Path,
) -> None:
    store = f"sqlite:{tmp_path}/gateway.db"
    own = {"id": "own", "factory": toy.FACTORY, "config": {}}
    async with running(store=store, connectors=(own,)) as server:
        given = await server.ask("PATCH", "/api/connectors/own", {"authorization": "Bearer x"})
        assert given.status == 200
    async with running(store=store, connectors=(own,)) as server:
        assert server.gateway.connectors["own"].authorization == "Bearer x"
    async with running(store=store, connectors=({**own, "authorization": "of the file"},)) as server:
        assert server.gateway.connectors["own"].authorization == "of the file"
    async with running(store=store) as server:
        assert "own" not in server.gateway.connectors
