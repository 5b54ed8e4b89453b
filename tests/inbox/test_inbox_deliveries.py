"""What faults of delivery do to captures: lost, late and twice, for the inbox, the timeline and whoever waits."""

from __future__ import annotations

from typing import Any

from gateway.core.clock import MovableClock
from gateway.core.model import iso
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.faults.rules import Delivery, Effect
from gateway.inbox.exchanges import Exchanges
from gateway.inbox.inbox import Inbox, Query
from gateway.inbox.near_misses import near_misses
from gateway.storage.jobs import Schedule
from gateway.storage.memory import MemoryStore
from tests.support.samples import OTHER, PHONE, capture, message
from tests.support.wall_clock import START, WallClock

LOST = Effect(rule_id="f1", deliveries=(Delivery("lost", rule_id="f1"),))
LATE = Effect(rule_id="f1", deliveries=(Delivery("late", 30.0, rule_id="f1"),))
TWICE = Effect(rule_id="f1", deliveries=(Delivery("twice", rule_id="f1"),))
QUERY = Query(recipient(PHONE))


async def captures(store: MemoryStore) -> list[dict[str, Any]]:
    return [entry.value for entry in await store.log.read("captures")]


async def events(messages: Messages, message_id: str) -> list[str]:
    found = await messages.get(message_id)
    assert found is not None
    return [step["event"] for step in found["timeline"]]


async def test_what_is_lost_never_arrives_and_a_wait_says_so(
    inbox: Inbox, store: MemoryStore, clock: MovableClock, exchanges: Exchanges, messages: Messages
) -> None:
    made = capture()
    assert await inbox.add([made], LOST) == ()
    assert await captures(store) == []
    await clock.advance(10_000)
    assert await inbox.wait(QUERY, 0, None) is None
    (miss,) = await near_misses(QUERY, inbox, exchanges, messages, clock)
    assert (miss["reason"], miss["captureId"], miss["faultId"]) == ("lost", made.id, "f1")
    assert miss["message"] == "toy accepted a message of type unknown, then lost it: that was f1"


async def test_near_miss_counts_whole_seconds_until_a_late_message(
    inbox: Inbox, clock: MovableClock, wall: WallClock, exchanges: Exchanges, messages: Messages
) -> None:
    wall.time = 1_790_484_862.0349908  # this time plus 30 s is later by 9 µs once it is rounded to milliseconds
    await inbox.add([capture()], LATE)
    (miss,) = await near_misses(QUERY, inbox, exchanges, messages, clock)
    assert "it comes in 30 s of the gateway's clock" in miss["message"]


async def test_what_is_late_arrives_when_the_clock_gets_there(
    inbox: Inbox, store: MemoryStore, clock: MovableClock, exchanges: Exchanges, messages: Messages
) -> None:
    made = capture()
    assert await inbox.add([made], LATE) == ()
    await clock.advance(29.5)
    assert await captures(store) == []
    (miss,) = await near_misses(QUERY, inbox, exchanges, messages, clock)
    assert (miss["reason"], miss["dueAt"]) == ("late", iso(START + 30))
    assert "it comes in 1 s of the gateway's clock: that was f1. Advance the clock." in miss["message"]
    await clock.advance(86_400)
    (arrived,) = await captures(store)
    assert (arrived["id"], arrived["receivedAt"]) == (made.id, iso(START + 30))
    assert arrived["delivery"] == {"outcome": "late", "faultId": "f1", "seconds": 30.0, "dueAt": iso(START + 30)}
    found = await inbox.wait(QUERY, 0, "me")
    assert found is not None
    (miss,) = await near_misses(QUERY, inbox, exchanges, messages, clock)
    assert miss["reason"] == "taken"


async def test_what_is_doubled_arrives_twice_and_is_one_message_to_its_provider(
    inbox: Inbox, store: MemoryStore
) -> None:
    made = capture()
    ids = await inbox.add([made], TWICE)
    first, second = await captures(store)
    assert ids == (first["id"], second["id"])
    assert (first["id"], second["delivery"]["copyOf"]) == (made.id, made.id)
    assert (first["text"], first["code"]) == (second["text"], second["code"])
    assert await inbox.get(second["id"]) is not None
    assert [entry.value["id"] for entry in await inbox.of_recipient("toy", PHONE, 10)] == [made.id]
    assert [entry.value["id"] for entry in await inbox.of_provider("toy", 10)] == [made.id]


async def test_only_the_recipients_of_the_fault_are_hit(inbox: Inbox, store: MemoryStore) -> None:
    only = Effect(deliveries=(Delivery("lost", recipients=frozenset({PHONE})),))
    spared = capture(OTHER)
    assert await inbox.add([capture(), spared], only) == (spared.id,)
    assert [one["id"] for one in await captures(store)] == [spared.id]


async def test_the_timeline_of_a_message_of_ours_tells_it(
    inbox: Inbox, messages: Messages, clock: MovableClock
) -> None:
    sent = message()
    await messages.open(sent)
    await inbox.add([capture(link=sent.id)], LATE)
    assert await events(messages, sent.id) == ["requested", "late"]
    found = await messages.get(sent.id)
    assert found is not None
    assert (found["timeline"][1]["faultId"], found["timeline"][1]["dueAt"]) == ("f1", iso(START + 30))
    await clock.advance(60)
    assert await events(messages, sent.id) == ["requested", "late", "captured"]
    await inbox.add([capture(link=sent.id)], LOST)
    await inbox.add([capture(link=sent.id)], TWICE)
    assert (await events(messages, sent.id))[3:] == ["lost", "captured", "captured"]


async def test_a_provider_knows_of_what_did_not_arrive_in_the_order_of_acceptance(
    inbox: Inbox, clock: MovableClock
) -> None:
    plain, late, lost, last = capture(), capture(), capture(), capture()
    for one, effect in ((plain, None), (late, LATE), (lost, LOST), (last, None)):
        await inbox.add([one], effect)
    await inbox.add([capture(provider="other"), capture(OTHER)], LOST)
    order = [last.id, lost.id, late.id, plain.id]
    assert [entry.value["id"] for entry in await inbox.of_recipient("toy", PHONE, 10)] == order
    await clock.advance(60)
    assert [entry.value["id"] for entry in await inbox.of_recipient("toy", PHONE, 10)] == order
    assert [entry.value["id"] for entry in await inbox.of_recipient("toy", PHONE, 2)] == order[:2]
    assert len(await inbox.of_provider("toy", 10)) == 5


async def test_a_late_message_survives_a_restart_and_comes_once(
    store: MemoryStore, clock: MovableClock, inbox: Inbox, wall: WallClock
) -> None:
    made = capture()
    await inbox.add([made], LATE)
    again = MovableClock(wall)
    schedule = Schedule(store, again)
    Inbox(store, again, Messages(store.log, again), schedule)
    await schedule.load()
    again.after_move(schedule.run_due)
    await again.advance(31)
    await clock.advance(31)  # the process that was there before, if it still were
    assert [one["id"] for one in await captures(store)] == [made.id]
