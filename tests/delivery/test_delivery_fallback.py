"""A second connector: when it is used, when never, and what is told of both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.core import errors
from gateway.core.errors import (
    AccountRefused,
    ConnectorError,
    CredentialsRefused,
    NotOnAllowList,
    RecipientRefused,
    StoreFailed,
    Throttled,
    TimedOut,
    Unreachable,
)
from gateway.core.model import Channel, Content, Document, Recipient, UsageType
from gateway.core.recipients import recipient
from gateway.delivery.delivery import BUDGET_SECONDS, Delivered, Delivery
from gateway.delivery.messages import Messages
from gateway.providers.ports import Connector, ConnectorFactory
from gateway.storage.memory import MemoryStore
from gateway.storage.paging import Page
from tests.delivery.test_delivery import RECEIPT, Pauses, Scripted, events
from tests.support.samples import OTHER, PHONE
from tests.support.toy import METADATA

MAIL = "ada@example.com"


class Bench:
    """Connectors by name, each with a script, and each the fallback of the one before; ``mail`` is one of email."""

    def __init__(self, messages: Messages, admit: Any = None, **scripts: Sequence[Any]) -> None:
        self.messages = messages
        self.drivers = {name: Scripted(*script) for name, script in scripts.items()}
        self.ended: list[tuple[str, str]] = []
        self.connectors = {name: self._connector(name, live=admit is not None) for name in scripts}
        self.delivery = Delivery(
            messages,
            Pauses(),
            lambda *_: Content("text"),
            lambda _: None,
            admit,
            lambda connector, outcome: self.ended.append((connector.id, outcome)),
            self.others,
        )

    def _connector(self, name: str, *, live: bool) -> Connector:
        channel = Channel.EMAIL if name.startswith("mail") else Channel.SMS
        factory = ConnectorFactory(
            name, channel, lambda config, options: None, lambda *_: self.drivers[name], METADATA
        )
        return Connector(name, "toy", factory, None, live=live)

    def others(self, first: Connector, other: Channel | None) -> list[Connector]:
        return [
            one
            for one in self.connectors.values()
            if one is not first and one.factory.channel in (first.factory.channel, other)
        ]

    async def deliver(self, fallback_to: str | None = None) -> Delivered:
        other = recipient(fallback_to) if fallback_to is not None else None
        first = next(iter(self.connectors.values()))
        payload = {"code": "135790"}
        return await self.delivery.send(first, recipient(PHONE), UsageType.SIGN_IN, payload, fallback_to=other)

    async def failure(self, fallback_to: str | None = None) -> ConnectorError:
        with pytest.raises(ConnectorError) as caught:
            await self.deliver(fallback_to)
        return caught.value

    async def only_message(self) -> Document:
        (found,) = await self.messages.search(Page())
        return found

    def calls(self) -> dict[str, int]:
        return {name: len(driver.calls) for name, driver in self.drivers.items()}


def tree(one: type[ConnectorError]) -> list[type[ConnectorError]]:
    """It and all below it."""
    ours = [inner for inner in one.__subclasses__() if inner.__module__.startswith("gateway.")]
    return [one, *(found for inner in ours for found in tree(inner))]


@pytest.mark.outcome(of=lambda kind: kind.fallback)
@pytest.mark.parametrize("kind", tree(ConnectorError), ids=lambda kind: kind.__name__)
async def test_the_error_decides_whether_another_connector_is_tried(
    messages: Messages, kind: type[ConnectorError]
) -> None:
    bench = Bench(messages, a=[kind("no")] * 3, b=[RECEIPT])
    if kind.fallback:
        done = await bench.deliver()
        assert (done.connector.id, done.receipt) == ("b", RECEIPT)
        assert bench.ended == [("a", kind.reason), ("b", "sent")]
    else:
        assert type(await bench.failure()) is kind
        assert bench.calls()["b"] == 0
        assert bench.ended == [("a", kind.reason)]


def test_no_error_after_which_a_message_may_be_out_lets_another_connector_try() -> None:
    """Also none of a provider's own that says nothing of it."""

    class Own(errors.Refused):
        reason = "own"

    assert not any(one.fallback for one in tree(errors.Uncertain))
    assert not Own.fallback
    assert not ConnectorError.fallback


async def test_an_instance_that_may_have_been_sent_is_the_end_whatever_its_class_says(messages: Messages) -> None:
    error = Unreachable("no")
    error.maybe_sent = True
    bench = Bench(messages, a=[error], b=[RECEIPT])
    assert await bench.failure() is error
    assert bench.calls() == {"a": 1, "b": 0}


async def test_the_answer_and_the_timeline_show_both_connectors(messages: Messages) -> None:
    error = CredentialsRefused("no", provider="toy", provider_code="Bad", request_id="r1")
    bench = Bench(messages, a=[error], b=[RECEIPT])
    done = await bench.deliver()
    assert done.failed == [{"connectorId": "a", **error.data}]
    assert (done.connector.id, done.recipient.to) == ("b", PHONE)
    message = await bench.only_message()
    assert (message["status"], message["connectorId"]) == ("sent", "a")
    assert events(message) == ["requested", "fallback", "sent"]
    _, fallback, sent = message["timeline"]
    assert (fallback["connectorId"], fallback["code"], fallback["error"]) == (
        "b",
        "connector.general",
        error.data,
    )
    assert "fallbackTo" not in fallback
    assert sent["connectorId"] == "b"


async def test_the_driver_that_stands_in_gets_the_same_message_as_its_own(messages: Messages) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], b=[RECEIPT])
    done = await bench.deliver()
    (given,) = [call[0] for call in bench.drivers["b"].calls]
    assert (given.id, given.connector_id, given.code) == (done.message_id, "b", "135790")


async def test_attempts_are_used_up_before_another_connector_is_asked(messages: Messages) -> None:
    bench = Bench(messages, a=[Throttled("no")] * 3, b=[Unreachable("no"), RECEIPT])
    await bench.deliver()
    message = await bench.only_message()
    assert events(message) == [
        "requested",
        "attempt_failed",
        "attempt_failed",
        "fallback",
        "attempt_failed",
        "sent",
    ]
    steps = [(step.get("attempt"), step["connectorId"]) for step in message["timeline"][1:]]
    assert steps == [(1, "a"), (2, "a"), (None, "b"), (1, "b"), (None, "b")]


async def test_where_all_fail_the_first_error_is_told_with_the_others_reasons(messages: Messages) -> None:
    first, second, third = (
        CredentialsRefused("first", provider="toy"),
        AccountRefused("second", provider="toy", provider_code="X"),
        RecipientRefused("third"),
    )
    bench = Bench(messages, a=[first], b=[second], c=[third])
    error = await bench.failure()
    assert error is first
    assert error.data["fallbacks"] == [{"connectorId": "b", **second.data}, {"connectorId": "c", **third.data}]
    assert (error.maybe_sent, error.data["maybeSent"]) == (False, False)
    message = await bench.only_message()
    assert events(message) == ["requested", "fallback", "fallback", "failed"]
    assert message["timeline"][-1]["error"] == error.data
    assert bench.ended == [("a", "credentials_refused"), ("b", "account_refused"), ("c", "recipient_refused")]


async def test_where_there_is_no_other_the_error_says_nothing_of_others(messages: Messages) -> None:
    assert "fallbacks" not in (await Bench(messages, a=[AccountRefused("no")]).failure()).data


async def test_after_a_recipient_that_was_refused_the_third_is_not_asked(messages: Messages) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], b=[RecipientRefused("no")], c=[RECEIPT])
    await bench.failure()
    assert bench.calls() == {"a": 1, "b": 1, "c": 0}


async def test_a_fallback_that_may_have_sent_makes_the_whole_maybe_sent(messages: Messages) -> None:
    """The first error alone would invite to send again."""
    bench = Bench(messages, a=[Unreachable("nothing went out")] * 3, b=[TimedOut("silence")], c=[RECEIPT])
    error = await bench.failure()
    assert type(error) is Unreachable
    assert (error.maybe_sent, error.retryable) == (True, False)
    assert (error.data["maybeSent"], error.data["retryable"]) == (True, False)
    assert error.data["fallbacks"][0]["maybeSent"] is True
    assert "may have sent it" in error.message
    assert bench.calls()["c"] == 0
    assert (await bench.only_message())["timeline"][-1]["error"]["maybeSent"] is True
    assert not Unreachable.maybe_sent


async def test_the_budget_is_shared_and_the_last_has_all_that_is_left(messages: Messages) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], b=[AccountRefused("no")], c=[RECEIPT])
    begin = asyncio.get_running_loop().time()
    await bench.deliver()
    a, b, c = (bench.drivers[name].calls[0][2] - begin for name in "abc")
    assert a == pytest.approx(BUDGET_SECONDS - 4, abs=0.2)
    assert b == pytest.approx(BUDGET_SECONDS - 2, abs=0.2)
    assert c == pytest.approx(BUDGET_SECONDS, abs=0.2)


async def test_a_connector_that_cannot_be_reached_gives_up_in_time_for_the_next(messages: Messages) -> None:
    """Its third attempt would fall into the time of the next one."""
    bench = Bench(messages, a=[Unreachable("no"), Throttled("no", retry_after=6.0), RECEIPT], b=[RECEIPT])
    assert (await bench.deliver()).connector.id == "b"
    assert bench.calls() == {"a": 2, "b": 1}


async def test_a_connector_that_hangs_has_maybe_sent_and_is_the_last(
    messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.delivery.delivery.BUDGET_SECONDS", 0.0)
    bench = Bench(messages, a=[asyncio.Event().wait], b=[RECEIPT])
    assert type(await bench.failure()) is TimedOut
    assert bench.calls()["b"] == 0


async def test_each_live_connector_is_asked_whether_it_may(messages: Messages) -> None:
    asked: list[str] = []

    async def admit(to: Recipient) -> None:
        asked.append(to.to)

    bench = Bench(messages, admit, a=[AccountRefused("no")], b=[RECEIPT])
    await bench.deliver()
    assert asked == [PHONE, PHONE]


async def test_a_guard_that_says_no_is_not_gone_around(messages: Messages) -> None:
    async def admit(to: Recipient) -> None:
        raise NotOnAllowList("no")

    bench = Bench(messages, admit, a=[RECEIPT], b=[RECEIPT])
    assert type(await bench.failure()) is NotOnAllowList
    assert bench.calls() == {"a": 0, "b": 0}


async def test_the_guard_holds_for_the_other_address_too(messages: Messages) -> None:
    async def admit(to: Recipient) -> None:
        if to.to == MAIL:
            raise NotOnAllowList("no")

    bench = Bench(messages, admit, a=[AccountRefused("no")], mail=[RECEIPT])
    error = await bench.failure(MAIL)
    assert type(error) is AccountRefused
    assert [one["reason"] for one in error.data["fallbacks"]] == ["recipient_not_allowed"]
    assert bench.calls()["mail"] == 0


async def test_a_message_may_go_to_the_same_persons_other_address(messages: Messages) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], b=[AccountRefused("no")], mail=[RECEIPT])
    done = await bench.deliver(MAIL)
    assert (done.connector.id, done.recipient.to) == ("mail", MAIL)
    (given,) = [call[0] for call in bench.drivers["mail"].calls]
    assert (given.recipient.channel, given.recipient.to) == (Channel.EMAIL, MAIL)
    message = await bench.only_message()
    assert (message["to"], message["fallbackTo"]) == (PHONE, MAIL)
    fallbacks = [step for step in message["timeline"] if step["event"] == "fallback"]
    assert [(step["connectorId"], step.get("fallbackTo")) for step in fallbacks] == [("b", None), ("mail", MAIL)]


async def test_without_another_address_no_other_channel_is_tried(messages: Messages) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], mail=[RECEIPT])
    await bench.failure()
    assert bench.calls()["mail"] == 0


async def test_a_wrong_number_is_not_sent_to_another_address_either(messages: Messages) -> None:
    bench = Bench(messages, a=[RecipientRefused("no")], mail=[RECEIPT])
    assert "fallbacks" not in (await bench.failure(MAIL)).data
    assert bench.calls()["mail"] == 0


@pytest.mark.parametrize("to", [PHONE, MAIL])
async def test_a_message_is_found_under_both_addresses(messages: Messages, to: str) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], mail=[AccountRefused("no")])
    await bench.failure(MAIL)
    assert len(await messages.search(Page(), recipient(to))) == 1
    assert await messages.search(Page(), recipient(OTHER)) == []


async def test_a_capture_knows_the_connector_that_stood_in(store: MemoryStore, messages: Messages) -> None:
    async def asked() -> Any:
        message = bench.drivers["b"].calls[0][0]
        found = await messages.requested(message.id)
        assert found is not None
        seen.append(found["connectorId"])
        return RECEIPT

    seen: list[str] = []
    bench = Bench(messages, a=[AccountRefused("no")], b=[asked])
    await bench.deliver()
    assert seen == ["b"]


@pytest.mark.parametrize("nonsense", [ValueError("13800138000"), KeyError("x")])
async def test_a_defect_of_the_one_that_stands_in_leaves_no_message_sending(
    messages: Messages, nonsense: Exception
) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], b=[nonsense])
    with pytest.raises(type(nonsense)):
        await bench.deliver()
    assert (await bench.only_message())["status"] == "failed"
    assert bench.ended == [("a", "account_refused"), ("b", "defect")]


async def test_where_the_store_fails_between_two_connectors_nothing_more_is_sent(
    messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreFailed("full")

    monkeypatch.setattr(messages, "fell_back", full)
    bench = Bench(messages, a=[AccountRefused("no")], b=[RECEIPT])
    with pytest.raises(StoreFailed) as caught:
        await bench.deliver()
    assert "maybeSent" not in caught.value.data
    assert bench.calls()["b"] == 0


async def test_a_send_returns_the_id_the_last_cursor_and_the_receipt(messages: Messages) -> None:
    bench = Bench(messages, a=[AccountRefused("no")], b=[RECEIPT])
    done = await bench.deliver()
    message = await bench.only_message()
    assert (message["messageId"], done.receipt) == (done.message_id, RECEIPT)
    assert done.cursor > message["cursor"]


async def test_a_process_that_was_killed_leaves_both_addresses_interrupted(
    messages: Messages, store: MemoryStore
) -> None:
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    bench = Bench(messages, a=[hang])
    sending = asyncio.ensure_future(bench.deliver(MAIL))
    await reached.wait()
    assert await messages.end_interrupted() == 1
    found = await store.log.read("messages", key=f"failed:{MAIL}")
    assert [entry.value["error"]["reason"] for entry in found] == ["interrupted"]
    sending.cancel()
    await asyncio.wait({sending})
