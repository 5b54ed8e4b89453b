"""Why a wait found nothing: each reason, in words that help."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.clock import MovableClock
from gateway.core.errors import RecipientRefused
from gateway.core.model import Channel, Document, Request, Response, Verdict
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.inbox.exchanges import Exchange, Exchanges
from gateway.inbox.inbox import Inbox, Query
from gateway.inbox.near_misses import near_misses
from gateway.storage.memory import MemoryStore
from tests.support.samples import OTHER, PHONE, capture, message, read_as
from tests.support.wall_clock import START, WallClock

QUERY = Query(recipient(PHONE), needs_code=True)


@pytest.fixture
def misses(inbox: Inbox, exchanges: Exchanges, messages: Messages, clock: MovableClock) -> Any:
    async def ask(query: Query = QUERY) -> list[Document]:
        return await near_misses(query, inbox, exchanges, messages, clock)

    return ask


async def _refused(
    exchanges: Exchanges, to: tuple[str, ...] = (), faults: tuple[str, ...] = (), **explanation: str
) -> None:
    """As the adapter keeps a request that a fake did not take."""
    request = Request("POST", "/", "", "http", "localhost", (), b"", "127.0.0.1", START, f"ex_{exchanges.cursor}")
    verdict = Verdict(
        False,
        "Send",
        code="NO_GOOD",
        recipients=tuple(recipient(one) for one in to),
        fault_ids=faults,
        explanation=explanation,
    )
    exchange = Exchange("toy", request, Response(400, (), b"", verdict=verdict), START)
    await exchanges.add(exchange)


def reasons(found: list[Document]) -> list[str]:
    return [miss["reason"] for miss in found]


async def test_where_nothing_happened_there_is_nothing_to_say(misses: Any) -> None:
    assert await misses() == []


async def test_a_taken_capture_is_said_to_be_taken(misses: Any, inbox: Inbox) -> None:
    made = capture()
    await inbox.add([made])
    await inbox.wait(QUERY, 0, "token")
    (miss,) = await misses()
    assert miss["reason"] == "taken"
    assert miss["captureId"] == made.id
    assert miss["to"] == PHONE
    assert miss["at"] == "2027-01-15T08:00:00.000Z"


async def test_what_came_before_the_cursor_is_said_so(misses: Any, inbox: Inbox, store: MemoryStore) -> None:
    await inbox.add([capture()])
    assert reasons(await misses(replace(QUERY, after=store.log.last()))) == ["before_cursor"]


async def test_what_is_too_old_is_said_so(misses: Any, inbox: Inbox, wall: WallClock) -> None:
    await inbox.add([capture()])
    wall.go(601)
    assert reasons(await misses()) == ["too_old"]


async def test_another_type_channel_or_no_code_are_said_so(misses: Any, inbox: Inbox) -> None:
    await inbox.add([capture(code=None, usage_type="Register")])
    assert reasons(await misses(replace(QUERY, usage_type="SignIn"))) == ["other_type"]
    assert reasons(await misses(replace(QUERY, channel=Channel.EMAIL))) == ["other_channel"]
    assert reasons(await misses()) == ["no_code"]


async def test_a_number_that_was_read_otherwise_is_explained(misses: Any, inbox: Inbox) -> None:
    await inbox.add([capture(to_as=read_as("13055550123", "+8613055550123", "+13055550123"))])
    (miss,) = await misses(Query(recipient("+13055550123")))
    assert miss["reason"] == "read_as_another_number"
    assert miss["message"] == (
        "13055550123 went out as +8613055550123, because toy reads it so; nothing went to +13055550123. "
        "Send it with its country code."
    )


async def test_a_refused_request_is_told_with_its_diagnosis(misses: Any, exchanges: Exchanges) -> None:
    await _refused(exchanges, to=(PHONE,), diagnosis="the & at the end of the key is missing")
    (miss,) = await misses()
    assert miss["reason"] == "refused"
    assert miss["message"] == "toy refused Send with NO_GOOD: the & at the end of the key is missing"
    assert miss["exchangeId"]
    assert miss["to"] == PHONE


async def test_a_request_that_a_fault_answered_is_told_as_such(misses: Any, exchanges: Exchanges) -> None:
    """Else somebody looks for the mistake in their own request."""
    await _refused(exchanges, to=(PHONE,), faults=("fault_1",))
    (miss,) = await misses()
    assert miss["reason"] == "refused"
    assert "fault" in miss["message"]


async def test_a_refused_request_that_names_nobody_is_told_too(misses: Any, exchanges: Exchanges) -> None:
    await _refused(exchanges)
    (miss,) = await misses()
    assert (miss["reason"], miss["to"]) == ("refused_unaddressed", None)


async def test_a_request_refused_for_another_recipient_is_not_told(misses: Any, exchanges: Exchanges) -> None:
    await _refused(exchanges, to=(OTHER,))
    assert await misses() == []


async def test_a_refusal_of_long_ago_is_not_told(misses: Any, exchanges: Exchanges, wall: WallClock) -> None:
    await _refused(exchanges, to=(PHONE,))
    await _refused(exchanges)
    wall.go(601)
    assert await misses() == []


async def test_a_send_of_ours_that_failed_is_told(misses: Any, messages: Messages) -> None:
    sent = message()
    await messages.open(sent)
    error = RecipientRefused("no", provider="toy", provider_code="BAD_NUMBER")
    await messages.failed(sent, error.code, error.data)
    (miss,) = await misses()
    assert miss["reason"] == "not_sent"
    assert miss["message"] == "a send of ours failed with connector.general (BAD_NUMBER)"
    assert miss["messageId"] == sent.id


async def test_what_went_to_others_is_told_without_its_code(misses: Any, inbox: Inbox) -> None:
    await inbox.add([capture(OTHER, "424242", text="code 424242")])
    (miss,) = await misses()
    assert (miss["reason"], miss["to"]) == ("other_recipient", OTHER)
    assert "424242" not in str(miss)


async def test_what_went_to_others_long_ago_is_not_told(misses: Any, inbox: Inbox, wall: WallClock) -> None:
    await inbox.add([capture(OTHER)])
    wall.go(601)
    assert await misses() == []


async def test_very_many_captures_of_this_recipient_are_not_said_to_be_anothers(misses: Any, inbox: Inbox) -> None:
    await inbox.add([capture() for _ in range(12)])
    await inbox.wait(QUERY, 0, "token")
    assert set(reasons(await misses())) == {"taken"}


async def test_the_list_is_short_however_much_arrived(misses: Any, inbox: Inbox, exchanges: Exchanges) -> None:
    await inbox.add([capture(to) for to in (PHONE, OTHER) for _ in range(50)])
    for _ in range(50):
        await _refused(exchanges, to=(PHONE,))
    assert len(await misses(replace(QUERY, usage_type="SignIn"))) <= 20
