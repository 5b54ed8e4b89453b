"""Deciding what a fake had applied for."""

from __future__ import annotations

from typing import Any

from tests.support.running_gateway import RunningGateway

KEY = "reviews/toy/badge/me/gold"
APPLICATION: dict[str, Any] = {
    "id": "review_1",
    "provider": "toy",
    "kind": "badge",
    "account": "me",
    "name": "gold",
    "submittedAt": "2026-11-21T10:20:30.123Z",
    "content": {"metal": "gold"},
    "flaw": "ours",
    "decision": None,
}


async def apply(server: RunningGateway) -> None:
    await server.gateway.services.store.records.put(KEY, APPLICATION)


async def test_an_application_is_listed_shown_and_decided(server: RunningGateway) -> None:
    await apply(server)
    shown = {name: value for name, value in APPLICATION.items() if name != "flaw"}
    assert (await server.ask("GET", "/api/reviews")).json() == {"reviews": [shown]}
    await server.ask("POST", "/api/clock", {"freeze": True})
    answer = await server.ask("POST", "/api/reviews/review_1", {"state": "rejected", "reason": "too shiny"})
    assert answer.status == 200
    now = (await server.ask("GET", "/api/clock")).json()["now"]
    assert answer.json()["decision"] == {"state": "rejected", "reason": "too shiny", "at": now}
    assert (await server.ask("GET", "/api/reviews/review_1")).json() == answer.json()
    record = await server.gateway.services.store.records.get(KEY)
    assert record is not None
    assert record.value["flaw"] == "ours"


async def test_a_decision_is_one_of_three(server: RunningGateway) -> None:
    await apply(server)
    answer = await server.ask("POST", "/api/reviews/review_1", {"state": "perhaps"})
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert (await server.ask("POST", "/api/reviews/none", {"state": "approved"})).status == 404


async def test_a_reset_forgets_what_fakes_keep(server: RunningGateway) -> None:
    await apply(server)
    await server.gateway.services.store.records.put("fakes/toy/counts", {"sends": 1})
    assert (await server.ask("POST", "/api/reset", {})).status == 200
    assert await server.gateway.services.store.records.scan("") == []
