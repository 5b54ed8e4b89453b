"""Deciding what a fake had applied for."""

from __future__ import annotations

from typing import Any

from tests.support.house import House

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


async def apply(house: House) -> None:
    await house.gateway.services.store.records.put(KEY, APPLICATION)


async def test_an_application_is_listed_shown_and_decided(house: House) -> None:
    await apply(house)
    shown = {name: value for name, value in APPLICATION.items() if name != "flaw"}
    assert (await house.ask("GET", "/api/reviews")).json() == {"reviews": [shown]}
    await house.ask("POST", "/api/clock", {"freeze": True})
    answer = await house.ask("POST", "/api/reviews/review_1", {"state": "rejected", "reason": "too shiny"})
    assert answer.status == 200
    now = (await house.ask("GET", "/api/clock")).json()["now"]
    assert answer.json()["decision"] == {"state": "rejected", "reason": "too shiny", "at": now}
    assert (await house.ask("GET", "/api/reviews/review_1")).json() == answer.json()
    record = await house.gateway.services.store.records.get(KEY)
    assert record is not None
    assert record.value["flaw"] == "ours"


async def test_a_decision_is_one_of_three(house: House) -> None:
    await apply(house)
    answer = await house.ask("POST", "/api/reviews/review_1", {"state": "perhaps"})
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert (await house.ask("POST", "/api/reviews/none", {"state": "approved"})).status == 404


async def test_a_reset_forgets_what_fakes_keep(house: House) -> None:
    await apply(house)
    await house.gateway.services.store.records.put("fakes/toy/counts", {"sends": 1})
    assert (await house.ask("POST", "/api/reset", {})).status == 200
    assert await house.gateway.services.store.records.scan("") == []
