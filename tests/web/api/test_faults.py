"""Faults over the API: what may be asked for, what is known, magic recipients, and deliveries by the clock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.core.errors import RecipientRefused
from gateway.faults.rules import Effect, ProviderError
from gateway.providers.ports import KnownError
from tests.support import toy
from tests.support.running_gateway import RunningGateway, running

PHONE = "13800138000"
SEND = {"to": PHONE, "type": "SignIn", "payload": {"code": "246810"}}
LOST, LATE, TWICE, INVALID = "15400081111", "15400091111", "15400101111", "15400011111"
KNOWN = (
    KnownError("isv.NO_SUCH_NUMBER", 200, "no such number", ("Send",), RecipientRefused),
    KnownError("TooBig", 413, "too big"),
)


def knowing() -> Any:
    """The toy, as a provider that knows its errors."""
    magic = {"invalid": Effect(error=ProviderError("isv.NO_SUCH_NUMBER"))}
    return running(
        {toy.NAME: toy.provider_with(toy.Script(), errors=lambda: KNOWN, magic=magic, sends=frozenset({"Send"}))}
    )


async def fault(server: RunningGateway, **given: Any) -> dict[str, Any]:
    answer = await server.ask("POST", "/api/faults", given)
    assert answer.status == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


async def captures(server: RunningGateway, to: str = PHONE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await server.ask("GET", f"/api/captures?to={to}&order=asc")).json()["captures"]
    return found


async def advance(server: RunningGateway, seconds: float) -> None:
    assert (await server.ask("POST", "/api/clock", {"advance": seconds})).status == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"delivery": "never"}, "delivery: must be 'lost', 'late' or 'twice'"),
        ({"delivery": "lost", "stage": "after"}, "delivery goes with the stage before"),
        ({"delivery": "lost", "lateSeconds": 5}, 'lateSeconds goes with delivery "late"'),
        ({"latency": 1, "lateSeconds": 5}, 'lateSeconds goes with delivery "late"'),
        ({"delivery": "late", "lateSeconds": 0}, "lateSeconds: "),
        ({"delivery": "late", "lateSeconds": 1e12}, "lateSeconds: "),
        ({"delivery": "late", "late_seconds": 5}, "late_seconds: unknown; did you mean lateSeconds?"),
        ({"delivery": "lost", "error": "TooBig"}, "error and delivery exclude each other; two faults can follow"),
        ({"delivery": "lost", "hang": True}, "hang and delivery exclude each other"),
        ({"delivery": "lost", "operation": "Query"}, "operation: a fault of delivery is about what sends: Send"),
        ({}, "truncateAt, drip, delivery or mutate"),
        ({"error": "NO_SUCH_NUMBER"}, "error: no provider here knows that code; did you mean isv.NO_SUCH_NUMBER?"),
        ({"error": "toobig", "provider": "toy"}, "did you mean TooBig?"),
        ({"error": "Zzz"}, "GET /api/faults/known lists the codes; for another one give a status too"),
        ({"error": {"code": "TooBg", "message": "x"}}, "error.code: no provider here knows that code; did you"),
        ({"hang": True, "operation": "send"}, "operation: no call at toy has that name; did you mean Send?"),
        ({"hang": True, "operation": "Zzz"}, "operation: no call at toy has that name; calls are for example Send"),
        ({"hang": True, "to": "ada@example.com"}, "to: must be one of the phone numbers: no request at toy"),
        ({"hang": True, "persona": "ada"}, "persona: no request at toy is about a persona"),
        ({"latency": 1, "latencySeconds": 1}, "latency and latencySeconds are the same; give one of them"),
    ],
)
async def test_a_fault_that_cannot_be_is_refused_with_the_fix(given: dict[str, Any], said: str) -> None:
    async with knowing() as server:
        answer = await server.ask("POST", "/api/faults", given)
        assert (answer.status, answer.code) == (400, "request.invalid")
        assert said in answer.json()["message"]
        assert (await server.ask("GET", "/api/faults")).json() == {"faults": []}


async def test_latency_seconds_is_another_name_of_latency(server: RunningGateway) -> None:
    made = await fault(server, latencySeconds=0.2)
    assert made["latency"] == 0.2
    assert "latencySeconds" not in made
    assert "latency" not in await fault(server, hang=True, latencySeconds=None, count=1, nth=100)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    await server.capture(PHONE)
    assert loop.time() - begin >= 0.2


async def test_in_mode_live_a_fault_is_refused_because_no_fake_runs() -> None:
    async with running(mode="live") as live:
        refused = await live.ask("POST", "/api/faults", {"hang": True})
    assert (refused.status, refused.json()["data"]) == (400, {"field": "provider"})
    assert "no fake runs here" in refused.json()["message"]


async def test_a_fault_that_hits_nothing_more_says_why(server: RunningGateway) -> None:
    made = await fault(server, to=PHONE, error="X", count=1)
    assert "warnings" not in made
    await server.capture(PHONE)
    why = ["count: it has applied once, which is all; it applies no more"]
    assert (await server.ask("GET", f"/api/faults/{made['id']}")).json()["warnings"] == why
    assert (await server.ask("GET", "/api/faults")).json()["faults"][0]["warnings"] == why


async def test_a_fault_that_an_earlier_one_hides_says_so(server: RunningGateway) -> None:
    first = await fault(server, error="X")
    second = await fault(server, to=PHONE, error="Y", probability=0)
    assert second["warnings"] == [
        "probability: is 0, so it hits nothing",
        f"hits nothing as long as {first['id']} exists, which applies to the same requests first",
    ]


async def test_a_code_that_nobody_knows_is_taken_with_a_status_and_everywhere_where_nobody_knows_codes(
    server: RunningGateway,
) -> None:
    async with knowing() as other:
        await fault(other, error={"code": "OfTomorrow", "status": 418})
        await fault(other, error="TooBig")
    await fault(server, error="OfTomorrow")


async def test_what_providers_know_is_listed_by_their_own_codes(server: RunningGateway) -> None:
    assert (await server.ask("GET", "/api/faults/known")).json() == {"errors": []}
    async with knowing() as other:
        errors = (await other.ask("GET", "/api/faults/known?provider=toy")).json()["errors"]
        refused = await other.ask("GET", "/api/faults/known?provider=toi")
    assert errors == [
        {
            "provider": "toy",
            "code": "isv.NO_SUCH_NUMBER",
            "status": 200,
            "message": "no such number",
            "operations": ["Send"],
            "reason": "recipient_refused",
            "retryable": False,
            "maybeSent": False,
        },
        {
            "provider": "toy",
            "code": "TooBig",
            "status": 413,
            "message": "too big",
            "operations": [],
            "reason": None,
            "retryable": None,
            "maybeSent": None,
        },
    ]
    assert (refused.status, refused.json()["message"]) == (400, "provider: must be one of toy")


async def test_a_hit_says_when_and_which_exchange(server: RunningGateway) -> None:
    made = await fault(server, to=PHONE, error="X")
    assert made["lastHit"] is None
    await server.capture("13900139000")
    await server.capture(PHONE)
    await server.capture(PHONE)
    shown = (await server.ask("GET", f"/api/faults/{made['id']}")).json()
    newest = (await server.ask("GET", "/api/exchanges?limit=1")).json()["exchanges"][0]
    assert (shown["hits"], shown["lastHit"]["exchangeId"]) == (2, newest["id"])
    assert newest["faultIds"] == [made["id"]]


async def test_a_lost_message_is_sent_and_never_there(server: RunningGateway) -> None:
    made = await fault(server, to=PHONE, delivery="lost", count=1)
    sent = (await server.ask("POST", "/api/connectors/toy/send", SEND)).json()
    assert sent["receipt"]["providerCode"] == "OK"
    waited = (await server.ask("POST", "/api/captures/wait", {"to": PHONE, "timeout": 0})).json()
    miss = waited["nearMisses"][0]
    assert (miss["reason"], miss["faultId"]) == ("lost", made["id"])
    message = (await server.ask("GET", f"/api/messages/{sent['messageId']}")).json()
    assert [step["event"] for step in message["timeline"]] == ["requested", "lost", "sent"]
    assert message["status"] == "sent"
    (exchange,) = (await server.ask("GET", "/api/exchanges")).json()["exchanges"]
    assert (exchange["accepted"], exchange["faultIds"], exchange["captureIds"]) == (True, [made["id"]], [])
    await server.ask("POST", "/api/connectors/toy/send", SEND)
    assert len(await captures(server)) == 1


async def test_a_wait_that_is_open_gets_a_late_message_when_the_clock_is_advanced(server: RunningGateway) -> None:
    await fault(server, to=PHONE, delivery="late", lateSeconds=600)
    await server.capture(PHONE, "135790")
    shown = (await server.ask("GET", "/api/clock")).json()
    assert shown["jobs"]["waiting"] == 1
    assert await captures(server) == []
    waiting = asyncio.ensure_future(server.ask("POST", f"/api/codes/{PHONE}?timeout=30"))
    await advance(server, 600)
    assert (await waiting).body == b"135790"
    (capture,) = await captures(server)
    assert capture["receivedAt"] == shown["jobs"]["nextAt"] == capture["delivery"]["dueAt"]
    assert (await server.ask("GET", "/api/clock")).json()["jobs"] == {"waiting": 0, "nextAt": None}


async def test_late_is_thirty_seconds_unless_said(server: RunningGateway) -> None:
    await fault(server, delivery="late")
    await server.capture(PHONE)
    await server.ask("POST", "/api/clock", {"freeze": True})
    await advance(server, 25)
    assert await captures(server) == []
    await advance(server, 5)
    assert (await captures(server))[0]["delivery"]["seconds"] == 30


async def test_a_doubled_message_comes_twice(server: RunningGateway) -> None:
    made = await fault(server, to=PHONE, delivery="twice")
    await server.capture(PHONE, "111222")
    first, second = await captures(server)
    assert (first["delivery"], second["delivery"]["copyOf"]) == (
        {"outcome": "twice", "faultId": made["id"]},
        first["id"],
    )
    (exchange,) = (await server.ask("GET", "/api/exchanges")).json()["exchanges"]
    assert exchange["captureIds"] == [first["id"], second["id"]]


async def test_a_reset_forgets_what_was_to_come(server: RunningGateway) -> None:
    await fault(server, delivery="late", lateSeconds=600)
    await fault(server, delivery="lost", to="13900139000")
    await server.capture(PHONE)
    await server.capture("13900139000")
    await server.ask("POST", "/api/reset", {})
    await advance(server, 3600)
    assert await captures(server) == []
    waited = (await server.ask("POST", "/api/captures/wait", {"to": PHONE, "timeout": 0})).json()
    assert waited["nearMisses"] == []


async def test_a_late_message_comes_after_a_restart(tmp_path: Any) -> None:
    store = f"sqlite:{tmp_path / 'gateway.db'}"
    async with running(store=store) as server:
        await fault(server, delivery="late", lateSeconds=600)
        await server.capture(PHONE, "135790")
    async with running(store=store) as server:
        assert await captures(server) == []
        await advance(server, 601)
        (capture,) = await captures(server)
        assert capture["code"] == "135790"
    async with running(store=store) as server:
        await advance(server, 6000)
        assert len(await captures(server)) == 1


async def test_magic_recipients_behave_without_a_rule_and_are_counted() -> None:
    async with knowing() as server:
        assert (await server.capture(INVALID)).json() == {"error": "isv.NO_SUCH_NUMBER"}
        for to in (LOST, LATE, TWICE, "ada@lost.magic.test"):
            assert (await server.capture(to)).json() == {"ok": True}
        assert [len(await captures(server, to)) for to in (LOST, LATE, TWICE)] == [0, 0, 2]
        await advance(server, 30)
        assert len(await captures(server, LATE)) == 1
        answer = (await server.ask("GET", "/api/faults/magic")).json()
        assert answer["on"] is True
        magic = {one["name"]: one for one in answer["magic"]}
        assert {name: one["hits"] for name, one in magic.items() if one["hits"]} == {
            "invalid": 1,
            "lost": 2,
            "late": 1,
            "twice": 1,
        }
        newest = (await server.ask("GET", "/api/exchanges?limit=1")).json()["exchanges"][0]
        assert newest["faultIds"] == ["magic_lost"]
        assert magic["lost"]["lastHit"]["exchangeId"] == newest["id"]
        assert magic["invalid"]["providers"] == [
            {"provider": "toy", "code": "isv.NO_SUCH_NUMBER", "ordinary": False}
        ]
        assert magic["blocked"]["providers"] == [{"provider": "toy", "code": None, "ordinary": True}]
        waited = (await server.ask("POST", "/api/captures/wait", {"to": LOST, "timeout": 0})).json()
        assert waited["nearMisses"][0]["faultId"] == "magic_lost"


async def test_a_rule_for_a_magic_recipient_comes_first() -> None:
    async with knowing() as server:
        await fault(server, to=INVALID, delivery="twice", count=1)
        assert (await server.capture(INVALID)).json() == {"ok": True}
        assert (await server.capture(INVALID)).json() == {"error": "isv.NO_SUCH_NUMBER"}
        assert len(await captures(server, INVALID)) == 2


async def test_the_config_turns_magic_off() -> None:
    async with running(magic_recipients=False) as server:
        await server.capture(LOST)
        assert len(await captures(server, LOST)) == 1
        assert (await server.ask("GET", "/api/faults/magic")).json()["on"] is False
