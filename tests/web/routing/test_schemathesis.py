"""The API, called by somebody else's tool in every way that its description allows, and in others.

Schemathesis reads the OpenAPI document and makes calls of it: examples, limits and what lies just beyond them,
wrong types, missing and surplus parts, undescribed methods, no token. Left out is what keeps a connection open on
purpose (``x-streams``), and one check, ``positive_data_acceptance``: some rules are no JSON Schema (a fault must do
something, a recipient must be one of the connector's channel), so a call that fits may still get its 400.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.configs import ALIYUN, LOGTO, TOY_MAIL, providers
from tests.support.running_gateway import running

ROOT = Path(__file__).parents[3]
TOKEN = "token-of-the-api"
PATIENCE = 400


async def judged(folder: Path, url: str, *options: str) -> str:
    """What the judge says. Fails with it if there is anything to complain about."""
    command = [
        *(sys.executable, "-P", "-m", "schemathesis.cli", "run", f"{url}/api/openapi.json"),
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        *("--exclude-by", "/x-streams == true", "--continue-on-failure", "--no-shrink", "--no-color"),
        *("--warnings", "off", "--seed", "4650", "--header", f"Authorization: Bearer {TOKEN}", *options),
    ]
    # Hypothesis keeps its table of all characters there; to make it takes longer than the calls.
    environment = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        said = printed.decode()
        assert await process.wait() == 0, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said


def calls_made(said: str) -> int:
    found = re.search(r"([0-9]+) generated, \1 passed", said)
    assert found is not None, said
    return int(found[1])


@pytest.mark.slow
async def test_the_clock_keeps_to_its_description(tmp_path: Path) -> None:
    """A taste of the test below."""
    async with running(server={"api_token": TOKEN}) as server:
        url = f"http://127.0.0.1:{server.port}"
        options = ("--include-path", "/api/clock", "--phases", "coverage")
        assert calls_made(await judged(tmp_path, url, *options)) > 50


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE + 30)
async def test_the_whole_api_keeps_to_its_description(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With our own providers: the sends go to their fakes. Both channels have a connector, since Logto's status for
    one that has none, 501, is a server's error to the judge."""
    connectors = [
        {"id": "sms", "factory": ALIYUN, "config": LOGTO},
        {"id": "email", "factory": TOY_MAIL, "config": {}},
    ]
    async with running(providers(), connectors=connectors, server={"api_token": TOKEN}) as server:
        url = f"http://127.0.0.1:{server.port}"
        options = ("--phases", "examples,coverage,fuzzing", "--max-examples", "25")
        assert calls_made(await judged(tmp_path, url, *options)) > 1000
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
