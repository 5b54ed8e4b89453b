"""Mails in the inbox: what they weigh is kept once, apart from the captures, and goes with the last of them."""

from __future__ import annotations

import json

import pytest

from gateway.core.clock import MovableClock
from gateway.core.model import Mail
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.faults.rules import Delivery, Effect
from gateway.inbox.inbox import CONTENTS, STREAM, Inbox, Query
from gateway.storage.jobs import Schedule
from gateway.storage.memory import Bounds, MemoryStore
from tests.support.samples import PDF, capture, mailed
from tests.support.wall_clock import WallClock

ADA, BOB = "ada@example.com", "bob@example.com"


async def test_a_capture_shows_the_mail_without_what_it_weighs(inbox: Inbox) -> None:
    await inbox.add(mailed(ADA))
    found = await inbox.newest(Query(recipient("Ada@Example.com")))
    assert found is not None
    mail = found.value["mail"]
    assert (mail["from"], mail["to"], mail["replyTo"]) == ("Zoë <zoe@app.example>", [ADA], ["help@app.example"])
    assert mail["headers"][0] == ["X-Campaign", "a"]
    assert mail["attachments"][1] == {
        "name": "Rechnung März.pdf",
        "contentType": "application/pdf",
        "disposition": "attachment",
        "contentId": None,
        "size": len(PDF),
    }
    assert len(json.dumps(found.value)) < 2000


async def test_an_sms_has_no_mail(inbox: Inbox) -> None:
    await inbox.add([capture()])
    found = await inbox.newest(Query(recipient("+8613800138000")))
    assert found is not None
    assert found.value["mail"] is None


async def test_the_recipients_of_a_mail_share_its_contents_until_the_last_is_deleted(
    inbox: Inbox, store: MemoryStore
) -> None:
    captures = mailed(ADA, BOB)
    await inbox.add(captures)
    assert len(await store.log.read(CONTENTS)) == 1
    first, second = captures
    assert await inbox.contents(first.id) == await inbox.contents(second.id)
    assert await inbox.delete(first.id) == 1
    assert await inbox.contents(second.id) is not None
    assert await inbox.delete(second.id) == 1
    assert await store.log.read(CONTENTS) == []


async def test_two_mails_in_one_call_keep_their_own(inbox: Inbox, store: MemoryStore) -> None:
    one, other = mailed(ADA)[0], mailed(BOB)[0]
    await inbox.add([one, other])
    assert len(await store.log.read(CONTENTS)) == 2
    await inbox.delete_of(recipient(ADA))
    assert await inbox.contents(one.id) is None
    assert await inbox.contents(other.id) is not None


async def test_a_mail_without_attachments_keeps_nothing_apart(inbox: Inbox, store: MemoryStore) -> None:
    await inbox.add(mailed(ADA, mail=Mail("zoe@app.example", (ADA,))))
    assert await store.log.read(CONTENTS) == []


async def test_clearing_leaves_nothing(inbox: Inbox, store: MemoryStore) -> None:
    await inbox.add([*mailed(ADA, BOB), capture()])
    assert await inbox.clear() == 3
    assert await store.log.read(CONTENTS) == await store.log.read(STREAM) == []


async def test_contents_are_bounded_by_what_they_weigh(wall: WallClock, clock: MovableClock) -> None:
    store = MemoryStore({CONTENTS: Bounds(1000, 10_000, 3600)}, wall=wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    captures = [
        mailed(f"user-{number}@example.com", mail=Mail("a@b.example", raw="x" * 4000))[0] for number in range(5)
    ]
    for one in captures:
        await inbox.add([one])
    kept = [one for one in captures if await inbox.contents(one.id)]
    assert kept == captures[-2:]
    assert len(await store.log.read(STREAM)) == 5


async def test_a_mail_that_a_fault_doubles_or_holds_back_keeps_its_contents(
    inbox: Inbox, clock: MovableClock
) -> None:
    (made,) = mailed(ADA)
    twice = await inbox.add([made], Effect(deliveries=(Delivery("twice"),)))
    assert len(twice) == 2
    assert await inbox.contents(twice[1]) == await inbox.contents(twice[0]) is not None
    (late,) = mailed(BOB)
    assert await inbox.add([late], Effect(deliveries=(Delivery("late", 30),))) == ()
    await clock.advance(31)
    found = await inbox.newest(Query(recipient(BOB)))
    assert found is not None
    assert await inbox.contents(found.value["id"]) is not None


@pytest.mark.parametrize("spelling", ["ADA@example.com", '"ada"@example.com'])
async def test_a_mail_is_found_by_another_spelling_of_its_recipient(inbox: Inbox, spelling: str) -> None:
    await inbox.add(mailed(ADA))
    assert await inbox.newest(Query(recipient(spelling))) is not None
