"""What ``gateway serve`` says when it listens: whether anything can leave this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.app import assemble
from gateway.cli.serve import announce, announce_json
from gateway.config import Config
from tests.support import toy

NOTHING_LEAVES = "Nothing leaves this machine"


async def announced(
    capsys: pytest.CaptureFixture[str], *, mode: str = "sandbox", live: bool = False, **server: Any
) -> str:
    connectors = [{"id": "a", "factory": toy.FACTORY, "config": {}, "live": live}]
    connectors += [{"id": "b", "factory": toy.FACTORY, "config": {}}]
    config = Config.model_validate({"mode": mode, "server": {"port": 0, **server}, "connectors": connectors})
    async with assemble(config, {toy.NAME: toy.provider}) as gateway:
        host, port = await gateway.start()
        announce(gateway, protected=True, shows_codes=True)
        announce_json(gateway, host, port)
    return capsys.readouterr().out


async def test_in_a_sandbox_nothing_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    said = await announced(capsys)
    assert NOTHING_LEAVES in said
    assert "FOR REAL" not in said
    assert json.loads(said.splitlines()[-1])["live"] == []
    assert "curl" not in said, "recipes are printed by gateway providers"


async def test_the_url_comes_first_then_what_is_simulated_and_how_to_connect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, simulated, *rest, told = (await announced(capsys)).splitlines()
    url = json.loads(told)["url"]
    assert first.startswith(f"{url}  connector gateway ")
    assert simulated == f"Simulated: Toy. {NOTHING_LEAVES}."
    (connect,) = [line for line in rest if "gateway env" in line]
    assert "gateway providers" in connect
    assert f"export GATEWAY_URL={url}" in rest


async def test_there_are_at_most_ten_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = await announced(capsys, live=True, tls_port=0, tls_folder=tmp_path)
    assert len(said.splitlines()[:-1]) == 10


async def test_a_connector_that_sends_for_real_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    said = await announced(capsys, live=True)
    assert "SENDS FOR REAL: a (toy)\n" in said
    assert NOTHING_LEAVES not in said
    assert json.loads(said.splitlines()[-1])["live"] == ["a"]


async def test_in_mode_live_there_is_no_fake_to_connect_to(capsys: pytest.CaptureFixture[str]) -> None:
    said = await announced(capsys, mode="live")
    assert NOTHING_LEAVES not in said
    assert json.loads(said.splitlines()[-1])["live"] == ["a", "b"]
    assert "Simulated" not in said
    assert "gateway env" not in said


async def test_over_tls_it_says_where_and_whom_to_trust(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = await announced(capsys, tls_port=0, tls_folder=tmp_path)
    told = json.loads(said.splitlines()[-1])
    assert told["ca"] == str(tmp_path / "ca.pem")
    assert f"over TLS: port {told['tlsPort']}" in said
    assert f"export NODE_EXTRA_CA_CERTS={told['ca']}" in said


async def test_on_a_terminal_it_is_red(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31mSENDS FOR REAL: a" in await announced(capsys, live=True)
