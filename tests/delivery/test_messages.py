"""What a killed process leaves behind."""

from __future__ import annotations

from gateway.core.clock import MovableClock
from gateway.core.model import Message, Receipt, UsageType, new_id
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.inbox.exchanges import Exchanges
from gateway.inbox.inbox import Inbox, Query
from gateway.inbox.near_misses import near_misses
from gateway.storage.memory import MemoryStore
from gateway.storage.paging import Page
from tests.support.samples import PHONE
from tests.support.wall_clock import WallClock

RECEIPT = Receipt("toy", "id-1", "request-1", "OK")


def message() -> Message:
    return Message(new_id("msg"), "toy", recipient(PHONE), UsageType.SIGN_IN, {"code": "135790"}, 0.0)


async def test_a_message_that_was_on_its_way_has_failed_and_maybe_was_sent(messages: Messages) -> None:
    sent, failed, first, second = (message() for _ in range(4))
    for one in (sent, failed, first, second):
        await messages.open(one)
    await messages.sent(sent, RECEIPT)
    await messages.failed(failed, "connector.general", {"reason": "refused"})
    assert await messages.end_interrupted() == 2
    found = {one["messageId"]: one for one in await messages.search(Page())}
    assert [found[one.id]["status"] for one in (sent, failed, first, second)] == [
        "sent",
        "failed",
        "failed",
        "failed",
    ]
    last = found[first.id]["timeline"][-1]
    assert (last["event"], last["error"]["reason"], last["error"]["maybeSent"]) == ("failed", "interrupted", True)
    assert await messages.end_interrupted() == 0


async def test_only_the_end_of_the_log_is_looked_at(
    messages: Messages, store: MemoryStore, wall: WallClock
) -> None:
    """A message that is older than any send can be has no place here; ten thousand of them would delay a start."""
    old = message()
    await messages.open(old)
    wall.go(60)
    for _ in range(700):
        late = message()
        await messages.open(late)
        await messages.sent(late, RECEIPT)
    await messages.open(message())
    assert await messages.end_interrupted() == 1
    found = await messages.get(old.id)
    assert found is not None
    assert found["status"] == "sending"


async def test_it_is_a_near_miss_for_whoever_waits(
    messages: Messages, inbox: Inbox, exchanges: Exchanges, clock: MovableClock
) -> None:
    await messages.open(message())
    await messages.end_interrupted()
    (miss,) = await near_misses(Query(recipient(PHONE)), inbox, exchanges, messages, clock)
    assert miss["reason"] == "not_sent"


async def test_an_empty_log_has_none(messages: Messages) -> None:
    assert await messages.end_interrupted() == 0
