"""One send: what is tried again, what never, and what the message's timeline says of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from gateway.core.clock import MovableClock
from gateway.core.errors import (
    ConnectionLost,
    ConnectorError,
    InvalidRequest,
    NotOnAllowList,
    RateLimited,
    RecipientRefused,
    StoreFailed,
    Throttled,
    TimedOut,
    Unreachable,
)
from gateway.core.model import Channel, Content, Document, Message, Receipt, Recipient, UsageType
from gateway.core.recipients import recipient
from gateway.delivery import delivery as delivery_module
from gateway.delivery.delivery import Delivery
from gateway.delivery.messages import Messages
from gateway.providers.ports import Connector, ConnectorFactory, Driver
from gateway.storage.memory import MemoryLog
from gateway.storage.paging import Page
from tests.support.samples import PHONE
from tests.support.toy import METADATA

RECEIPT = Receipt("toy", "id-1", "request-1", "OK")


class Pauses(MovableClock):
    """Real pauses would make the suite slow: they are written down instead."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


class Scripted:
    """A driver that does what the test says, one entry an attempt."""

    def __init__(self, *script: BaseException | Receipt | Callable[[], Awaitable[Any]]) -> None:
        self.script = list(script)
        self.calls: list[tuple[Message, Content, float]] = []
        self.closed = False

    async def send(self, message: Message, render: Callable[[], Content], deadline: float) -> Receipt:
        self.calls.append((message, render(), deadline))
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, Receipt):
            return step
        found: Receipt = await step()
        return found

    async def close(self) -> None:
        self.closed = True


class Bench:
    """A delivery with one connector, whose driver is scripted."""

    def __init__(self, messages: Messages, clock: Pauses, driver: Scripted) -> None:
        self.messages = messages
        self.clock = clock
        self.made: list[str | None] = []

        def make(settings: Any, address: str | None) -> Driver:
            self.made.append(address)
            return driver

        factory = ConnectorFactory("toy-sms", Channel.SMS, lambda config, options: None, make, METADATA)
        self.connector = Connector("toy", "toy", factory, None)

        def render(usage_type: UsageType, channel: Channel, payload: Mapping[str, Any]) -> Content:
            return Content(f"{usage_type} {channel} {payload['code']}")

        self.delivery = Delivery(messages, clock, render, lambda _: "127.0.0.1:1")

    async def send(self) -> tuple[str, int, Receipt]:
        done = await self.delivery.send(self.connector, recipient(PHONE), UsageType.SIGN_IN, {"code": "135790"})
        return done.message_id, done.cursor, done.receipt

    async def only_message(self) -> Document:
        (found,) = await self.messages.search(Page())
        return found


@pytest.fixture
def bench(messages: Messages) -> Callable[..., Bench]:
    def make(*script: BaseException | Receipt | Callable[[], Awaitable[Any]]) -> Bench:
        return Bench(messages, Pauses(), Scripted(*script))

    return make


def events(message: Document) -> list[str]:
    return [step["event"] for step in message["timeline"]]


async def test_a_send_gives_the_receipt_and_the_message(bench: Callable[..., Bench]) -> None:
    server = bench(RECEIPT)
    message_id, cursor, receipt = await server.send()
    message = await server.only_message()
    assert receipt == RECEIPT
    assert message["messageId"] == message_id
    assert message["status"] == "sent"
    assert message["receipt"] == RECEIPT.document()
    assert events(message) == ["requested", "sent"]
    assert cursor > message["cursor"]
    assert server.made == ["127.0.0.1:1"]


@pytest.mark.parametrize("error", [Unreachable("no"), Throttled("no")])
async def test_what_certainly_was_not_sent_is_tried_three_times(
    bench: Callable[..., Bench], error: ConnectorError
) -> None:
    server = bench(error, error, RECEIPT)
    await server.send()
    message = await server.only_message()
    assert events(message) == ["requested", "attempt_failed", "attempt_failed", "sent"]
    assert [step["attempt"] for step in message["timeline"] if "attempt" in step] == [1, 2]
    assert server.clock.pauses == pytest.approx([0.15, 0.45])


async def test_after_three_attempts_the_last_error_is_the_answer(bench: Callable[..., Bench]) -> None:
    last = Unreachable("the last", provider="toy")
    server = bench(Throttled("no"), Throttled("no"), last)
    with pytest.raises(Unreachable) as caught:
        await server.send()
    assert caught.value is last
    message = await server.only_message()
    assert events(message) == ["requested", "attempt_failed", "attempt_failed", "failed"]
    assert message["status"] == "failed"
    assert message["timeline"][-1]["error"]["reason"] == "unreachable"


@pytest.mark.parametrize(
    "error", [TimedOut("maybe"), ConnectionLost("maybe"), RecipientRefused("no"), RateLimited("no")]
)
async def test_what_may_have_been_sent_or_was_refused_is_never_tried_again(
    bench: Callable[..., Bench], error: ConnectorError
) -> None:
    server = bench(error, RECEIPT)
    with pytest.raises(type(error)):
        await server.send()
    assert events(await server.only_message()) == ["requested", "failed"]


async def test_maybe_sent_weighs_more_than_retryable(bench: Callable[..., Bench]) -> None:
    """A driver of somebody else may raise such an error; a message must not go out twice."""

    class Both(ConnectorError):
        retryable = True
        maybe_sent = True

    server = bench(Both("both"), RECEIPT)
    with pytest.raises(Both):
        await server.send()


async def test_the_providers_retry_after_is_kept(bench: Callable[..., Bench]) -> None:
    server = bench(Throttled("no", retry_after=2.5), RECEIPT)
    await server.send()
    assert server.clock.pauses == [2.5]


async def test_a_retry_after_beyond_the_budget_ends_it_at_once(bench: Callable[..., Bench]) -> None:
    server = bench(Throttled("no", retry_after=60), RECEIPT)
    with pytest.raises(Throttled):
        await server.send()
    assert server.clock.pauses == []
    assert events(await server.only_message()) == ["requested", "failed"]


async def test_all_attempts_share_one_deadline(bench: Callable[..., Bench], messages: Messages) -> None:
    driver = Scripted(Unreachable("no"), RECEIPT)
    server = Bench(messages, Pauses(), driver)
    before = asyncio.get_running_loop().time()
    await server.send()
    first, second = (deadline for _, _, deadline in driver.calls)
    assert first == second
    assert 7 <= first - before <= 8


async def test_the_driver_gets_the_message_and_the_text_when_it_asks(messages: Messages) -> None:
    driver = Scripted(RECEIPT)
    await Bench(messages, Pauses(), driver).send()
    ((message, content, _),) = driver.calls
    assert message.code == "135790"
    assert content.text == "SignIn sms 135790"


@pytest.mark.parametrize("nonsense", [ValueError("phone 13800138000"), InvalidRequest("x"), KeyError("x")])
async def test_a_driver_that_raises_nonsense_leaves_no_message_sending(
    bench: Callable[..., Bench], nonsense: Exception
) -> None:
    server = bench(nonsense)
    with pytest.raises(type(nonsense)):
        await server.send()
    message = await server.only_message()
    assert message["status"] == "failed"
    assert message["timeline"][-1]["error"]["maybeSent"] is True
    assert "13800138000" not in str(message["timeline"])


async def test_a_driver_that_returns_nonsense_leaves_no_message_sending(bench: Callable[..., Bench]) -> None:
    async def nothing() -> None:
        return None

    server = bench(nothing)
    with pytest.raises(Exception):  # noqa: B017, PT011  # whatever it is, it is our 500
        await server.send()
    assert (await server.only_message())["status"] == "failed"


async def test_a_driver_that_ignores_its_deadline_is_cut_off(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "BUDGET_SECONDS", 0.0)
    server = bench(asyncio.Event().wait)
    async with asyncio.timeout(5):
        with pytest.raises(TimedOut) as caught:
            await server.send()
    assert caught.value.maybe_sent
    assert events(await server.only_message()) == ["requested", "failed"]


async def test_a_socket_timeout_of_a_careless_driver_counts_as_maybe_sent(bench: Callable[..., Bench]) -> None:
    server = bench(TimeoutError("read timed out"), RECEIPT)
    with pytest.raises(TimedOut):
        await server.send()


async def test_a_send_that_is_cancelled_leaves_no_message_sending(bench: Callable[..., Bench]) -> None:
    started = asyncio.Event()

    async def wait_forever() -> None:
        started.set()
        await asyncio.Event().wait()

    server = bench(wait_forever)
    task = asyncio.ensure_future(server.send())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await server.only_message())["status"] == "failed"


async def test_a_driver_is_made_once_and_closed_at_the_end(messages: Messages) -> None:
    driver = Scripted(RECEIPT, RECEIPT)
    server = Bench(messages, Pauses(), driver)
    await server.send()
    await server.send()
    assert len(server.made) == 1
    await server.delivery.close()
    assert driver.closed


async def test_one_driver_that_cannot_close_does_not_keep_the_others_open(messages: Messages) -> None:
    class Stubborn(Scripted):
        async def close(self) -> None:
            raise RuntimeError("no")

    drivers: dict[str, Scripted] = {"a": Stubborn(RECEIPT), "b": Scripted(RECEIPT)}

    def make(name: Any, address: str | None) -> Driver:
        return drivers[name]

    factory = ConnectorFactory("f", Channel.SMS, lambda config, options: None, make, METADATA)
    connectors = {name: Connector(name, "toy", factory, name) for name in drivers}
    delivery = Delivery(messages, Pauses(), lambda *_: Content(""), lambda _: None)
    for connector in connectors.values():
        await delivery.send(connector, recipient(PHONE), UsageType.SIGN_IN, {"code": "1"})
    with pytest.raises(RuntimeError):
        await delivery.close()
    assert drivers["b"].closed


async def test_a_changed_connector_gets_a_driver_of_its_own_and_the_old_one_ends_after_its_last_send(
    messages: Messages,
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Receipt:
        reached.set()
        await go_on.wait()
        return RECEIPT

    drivers = {"old": Scripted(slow), "new": Scripted(RECEIPT)}

    def make(name: Any, address: str | None) -> Driver:
        return drivers[name]

    factory = ConnectorFactory("f", Channel.SMS, lambda config, options: None, make, METADATA)
    old, new = (Connector("same", "toy", factory, name) for name in drivers)
    delivery = Delivery(messages, Pauses(), lambda *_: Content(""), lambda _: None)
    sending = asyncio.ensure_future(delivery.send(old, recipient(PHONE), UsageType.SIGN_IN, {"code": "1"}))
    await reached.wait()
    await delivery.send(new, recipient(PHONE), UsageType.SIGN_IN, {"code": "2"})
    closed = [[one.closed for one in drivers.values()]]
    go_on.set()
    await sending
    closed.append([one.closed for one in drivers.values()])
    await delivery.discard_driver("same")
    closed.append([one.closed for one in drivers.values()])
    assert closed == [[False, False], [True, False], [True, True]]


async def test_a_live_connector_asks_whether_it_may_and_a_fake_one_does_not(messages: Messages) -> None:
    asked = []

    async def admit(to: Recipient) -> None:
        asked.append(to.to)
        raise NotOnAllowList("no")

    driver = Scripted(RECEIPT)
    factory = ConnectorFactory("f", Channel.SMS, lambda config, options: None, lambda *_: driver, METADATA)
    delivery = Delivery(messages, Pauses(), lambda *_: Content(""), lambda _: None, admit)
    await delivery.send(Connector("a", "toy", factory, None), recipient(PHONE), UsageType.SIGN_IN, {})
    assert asked == []
    with pytest.raises(NotOnAllowList):
        await delivery.send(
            Connector("b", "toy", factory, None, live=True), recipient(PHONE), UsageType.SIGN_IN, {}
        )
    assert asked == [PHONE]
    assert len(driver.calls) == 1
    statuses = [message["status"] for message in await messages.search(Page())]
    assert sorted(statuses) == ["failed", "sent"]


class Full(MemoryLog):
    """A store whose disk is full from some moment on."""

    full = False

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        if self.full:
            raise StoreFailed("the store does not work now: the disk is full")
        return await super().append(stream, value, keys, size)


async def send_with(outcome: BaseException | Receipt) -> None:
    """The disk is full when the provider answers."""
    log = Full({}, time.time)

    async def then_full() -> Receipt:
        log.full = True
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    bench = Bench(Messages(log, MovableClock()), Pauses(), Scripted(then_full))
    await bench.send()


async def test_a_message_that_was_sent_but_not_recorded_is_not_called_unsent() -> None:
    with pytest.raises(StoreFailed, match="was sent") as raised:
        await send_with(RECEIPT)
    assert raised.value.data == {"maybeSent": True}


async def test_why_a_message_was_not_sent_is_told_also_when_it_cannot_be_recorded() -> None:
    with pytest.raises(RecipientRefused):
        await send_with(RecipientRefused("no"))
