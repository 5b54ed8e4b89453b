"""Numbers that are right at once, words that no stranger chooses, and a page that lists them all."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.event_loop import settle
from tests.support.raw_http import request
from tests.support.running_gateway import RunningGateway, running

NUMBER = "13800138000"
SEND = {"to": NUMBER, "type": "SignIn", "payload": {"code": "246810"}}
DOCS = Path(__file__).parents[3] / "docs" / "watching.md"


async def value(server: RunningGateway, name: str, **labels: str) -> float:
    """One sample, 0 if it is not there."""
    text = (await server.ask("GET", "/metrics")).body.decode()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


async def test_a_send_its_exchange_and_its_capture_are_counted_when_it_is_answered(server: RunningGateway) -> None:
    await server.ask("POST", "/api/connectors/toy/send", SEND)
    assert await value(server, "gateway_sends_total", connector="toy", outcome="sent") == 1
    exchange = {"provider": "toy", "operation": "Send", "verdict": "accepted", "code": "OK"}
    assert await value(server, "gateway_exchanges_total", **exchange) == 1
    assert await value(server, "gateway_captures_total", provider="toy", channel="sms") == 1


async def test_a_send_that_the_provider_refuses_is_counted_by_its_reason(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"error": "Nope"})
    await server.ask("POST", "/api/connectors/toy/send", SEND)
    assert await value(server, "gateway_sends_total", connector="toy", outcome="recipient_refused") == 1
    assert await value(server, "gateway_sends_total", outcome="sent") == 0
    assert await value(server, "gateway_exchanges_total", verdict="refused", code="Nope") == 1
    assert await value(server, "gateway_captures_total") == 0


async def test_faults_are_counted_by_stage(server: RunningGateway) -> None:
    await server.ask("POST", "/api/faults", {"latency": 0.001, "count": 2})
    await server.ask("POST", "/api/faults", {"stage": "after", "answer": {"status": 500}, "count": 1})
    for _ in range(3):
        await server.capture(NUMBER)
    assert await value(server, "gateway_faults_total", provider="toy", stage="before") == 2
    assert await value(server, "gateway_faults_total", provider="toy", stage="after") == 1


async def test_waits_are_counted_by_how_they_end_and_timed() -> None:
    async with running(retention={"count": 1}) as server:
        await server.capture(NUMBER)
        await server.ask("POST", f"/api/codes/{NUMBER}?timeout=0")
        await server.ask("POST", f"/api/codes/{NUMBER}?timeout=0")
        await server.capture(NUMBER)
        await server.capture(NUMBER)
        assert (await server.ask("POST", "/api/captures/wait", {"to": NUMBER, "after": 1})).status == 410
        client = await server.open()
        await client.send(request("POST", "/api/codes/13900139000?timeout=30"))
        async with asyncio.timeout(5):
            while await value(server, "gateway_waits_open") != 1:
                await settle()
            await client.close()
            while await value(server, "gateway_waits_open") != 0:
                await settle()
        counted = {
            outcome: await value(server, "gateway_waits_total", outcome=outcome)
            for outcome in ("found", "timed_out", "gone", "refused")
        }
        assert counted == {"found": 1, "timed_out": 1, "gone": 1, "refused": 1}
        assert await value(server, "gateway_wait_seconds_count") == 4


async def test_open_connections_and_streams_are_shown_as_they_are(server: RunningGateway) -> None:
    assert await value(server, "gateway_connections") == 1  # the one that asks
    stream = await server.open()
    await stream.send(request("GET", "/api/events"))
    await stream.until(b": open\n\n")
    assert await value(server, "gateway_connections") == 2
    assert await value(server, "gateway_streams_open") == 1
    await stream.close()
    async with asyncio.timeout(5):
        while await value(server, "gateway_streams_open"):
            await settle()


async def test_strangers_make_no_label_values(server: RunningGateway) -> None:
    client = await server.open()
    for n in range(300):
        await client.ask("POST", "/fakes/toy/", {"op": f"Made{n}", "to": f"1380013{n:04}"})
    for code in (NUMBER, *(f"Code{n}" for n in range(300))):
        await client.ask("POST", "/api/faults", {"error": code, "count": 1})
        await client.ask("POST", "/fakes/toy/", {"to": NUMBER, "code": "246810"})
    text = (await server.ask("GET", "/metrics")).body.decode()
    assert "Made" not in text
    assert NUMBER not in text
    assert await value(server, "gateway_exchanges_total", operation="other") == 300
    assert await value(server, "gateway_exchanges_total", code="other") > 100
    assert len(re.findall(r"gateway_exchanges_total\{", text)) < 220


async def test_two_gateways_count_apart(server: RunningGateway) -> None:
    async with running() as other:
        await server.capture(NUMBER)
        assert await value(other, "gateway_exchanges_total") == 0
        assert await value(server, "gateway_exchanges_total") == 1


async def test_who_may_read_the_api_may_read_the_metrics() -> None:
    async with running(server={"api_token": "t0ken"}) as server:
        assert (await server.ask("GET", "/metrics")).status == 401
        answer = await server.ask("GET", "/metrics", headers={"Authorization": "Bearer t0ken"})
        assert answer.status == 200
        assert (answer.header("content-type") or "").startswith("text/plain; version=0.0.4")
        strange = {"Authorization": "Bearer t0ken", "Host": "evil.example"}
        assert (await server.ask("GET", "/metrics", headers=strange)).status == 403


async def test_the_page_lists_every_metric_and_no_other(server: RunningGateway) -> None:
    text = (await server.ask("GET", "/metrics")).body.decode()
    given = {
        name for name in re.findall(r"^# HELP (gateway_\w+)", text, re.MULTILINE) if not name.endswith("_created")
    }
    listed = set(re.findall(r"^\| `(gateway_\w+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert given == listed
    assert sys.platform != "linux" or "process_start_time_seconds" in text
