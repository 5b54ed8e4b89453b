"""No phone number and no code in any log, whatever happens; and what happens is still told."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gateway.core.model import Request, Response
from gateway.providers.ports import Context
from tests.support.event_loop import settle
from tests.support.raw_http import request
from tests.support.running_gateway import RunningGateway

NUMBER, CODE = "13800138000", "246810"


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def silent(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """All that was logged or printed, once it is sure to hold neither number nor code."""
    lines = [f"{record.name} {record.getMessage()} {record.exc_text}" for record in caplog.records]
    said = "\n".join([*lines, *capfd.readouterr()])
    for text in (NUMBER, CODE):
        assert text not in said
    return said


async def test_a_regular_day_is_silent(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    await server.capture(NUMBER, CODE)
    await server.ask(
        "POST", "/api/connectors/toy/send", {"to": NUMBER, "type": "SignIn", "payload": {"code": CODE}}
    )
    await server.ask("POST", f"/api/codes/{NUMBER}?timeout=0")
    await server.ask("GET", f"/{NUMBER}?code={CODE}")
    silent(caplog, capfd)


async def test_a_fake_that_crashes_is_told_without_its_words(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def crash(request: Request, context: Context) -> Response:
        raise ValueError(f"cannot send {CODE} to {NUMBER}")

    server.script.do = crash
    answer = await server.capture(NUMBER, CODE)
    assert (answer.status, answer.code) == (500, "gateway.internal")
    assert NUMBER not in answer.body.decode()
    said = silent(caplog, capfd)
    assert "the fake of toy failed with ValueError" in said
    assert "crash:" in said
    (exchange,) = (await server.ask("GET", "/api/exchanges")).json()["exchanges"]
    assert exchange["accepted"] is False
    assert exchange["response"]["status"] == 500


async def test_a_fake_that_answers_nonsense_is_told_too(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def nonsense(request: Request, context: Context) -> Response:
        return {"to": NUMBER}  # type: ignore[return-value]  # that is the nonsense

    server.script.do = nonsense
    answer = await server.capture(NUMBER, CODE)
    assert (answer.status, answer.code) == (500, "gateway.internal")
    assert "failed with" in silent(caplog, capfd)
    assert (await server.ask("GET", "/healthz")).status == 200


async def test_broken_requests_are_not_logged_with_their_line(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for data in (
        f"GET /{NUMBER} HTTP/1.1\r\nHost localhost\r\n\r\n".encode(),
        f"{NUMBER} {CODE}\r\n\r\n".encode(),
        f"GET /?to={NUMBER} HTTP/7.7\r\n\r\n".encode(),
        b"GET /" + NUMBER.encode() * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        client = await server.open()
        await client.send(data)
        assert (await client.answer()).status == 400
    silent(caplog, capfd)


@pytest.mark.parametrize("target", ["/fakes/toy/", f"/api/codes/{NUMBER}", "/api/captures/wait", "/"])
async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_defect(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], target: str
) -> None:
    client = await server.open()
    kind = "application/x-www-form-urlencoded" if target == "/" else "application/json"
    await client.send(
        request("POST", target, None, {"Content-Type": kind, "Content-Length": "100"}) + NUMBER.encode()
    )
    await server.ask("GET", "/healthz")
    await client.close()
    await server.ask("GET", "/healthz")
    assert "failed" not in silent(caplog, capfd)


async def test_a_client_that_leaves_a_send_is_no_defect(
    server: RunningGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request, context: Context) -> Response:
        reached.set()
        await go_on.wait()
        return Response(200, (), b'{"ok": true}')

    server.script.do = slow
    client = await server.open()
    body = {"to": NUMBER, "type": "SignIn", "payload": {"code": CODE}}
    await client.send(request("POST", "/api/connectors/toy/send", body))
    await reached.wait()
    await client.close()
    go_on.set()
    async with asyncio.timeout(5):
        while (await server.ask("GET", "/api/messages")).json()["messages"][0]["status"] == "sending":
            await settle()
    assert "failed" not in silent(caplog, capfd)
