"""One send: connector, driver, receipt, within a time budget.

It is retried, and tried with a fallback, only if the message certainly was not sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from gateway.core.clock import Clock
from gateway.core.errors import ConnectorError, ProviderFailed, StoreFailed, TimedOut, UnexpectedType
from gateway.core.model import Channel, Content, Document, Message, Receipt, Recipient, UsageType, new_id
from gateway.delivery.driver_pool import Drivers
from gateway.delivery.messages import Messages
from gateway.providers.ports import Connector, Driver

# A send answers within 8 s in all (Logto's sign-in page gives up after 10). The rest is for the gateway's own work.
BUDGET_SECONDS = 7.5
_ATTEMPTS = 3
_FIRST_PAUSE = 0.15
# What a connector leaves of the budget to each fallback after it: enough for a healthy provider to answer.
_RESERVED_SECONDS = 2.0

Render: TypeAlias = Callable[[UsageType, Channel, Mapping[str, Any]], Content]
Fallbacks: TypeAlias = Callable[[Connector, Channel | None], Sequence[Connector]]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that was sent.

    ``cursor`` is the cursor of its last step. ``connector`` and ``recipient`` are of the attempt that sent it.
    ``failed`` are the connectors before it, as in ``data.fallbacks`` of an error.
    """

    message_id: str
    cursor: int
    receipt: Receipt
    connector: Connector
    recipient: Recipient
    failed: Sequence[Document] = ()


class Delivery:
    """Sends messages through connectors.

    ``address_of`` returns the ``host:port`` of the fake for a connector, or None if it sends for real. It is
    called at the first send, when the port is known. ``admit`` is called before a live connector sends, and
    raises an error if it may not. ``on_end`` is called for each connector that was used, with ``sent`` or the
    reason of the error. ``fallbacks`` returns the fallbacks of a connector in order; with a channel, those of
    that other channel follow.
    """

    def __init__(
        self,
        messages: Messages,
        clock: Clock,
        render: Render,
        address_of: Callable[[Connector], str | None],
        admit: Callable[[Recipient], Awaitable[None]] | None = None,
        on_end: Callable[[Connector, str], None] = lambda _connector, _outcome: None,
        fallbacks: Fallbacks = lambda _connector, _channel: (),
    ) -> None:
        self._messages = messages
        self._clock = clock
        self._render = render
        self._address_of = address_of
        self._admit = admit
        self._on_end = on_end
        self._fallbacks = fallbacks
        self._drivers: Drivers[Driver] = Drivers(self._made)

    def may_be_real(self, connector: Connector) -> bool:
        """Whether the connector or one of its fallbacks sends for real."""
        return connector.live or any(one.live for one in self._fallbacks(connector, None))

    async def send(
        self,
        connector: Connector,
        recipient: Recipient,
        usage_type: UsageType,
        payload: Mapping[str, Any],
        ip: str | None = None,
        fallback_to: Recipient | None = None,
    ) -> Delivered:
        """Send a message by the connector, or else by its fallbacks, one after the other.

        A fallback is tried only if the connector before it certainly did not send, and for a cause that the
        fallback need not share. ``fallback_to`` is the same person's address on another channel, for connectors
        of that channel. Raises the ConnectorError of the first connector; its ``data.fallbacks`` has the errors
        of the others.
        """
        message = Message(
            new_id("msg"), connector.id, recipient, usage_type, payload, self._clock.now(), ip, fallback_to
        )
        await self._messages.open(message)
        progress = _Progress(connector)
        try:
            return await self._try_all(progress, [(connector, message), *self._others(connector, message)])
        except StoreFailed as error:
            if progress.receipt is None:
                self._on_end(progress.at, "store_failed")
                raise
            text = f"the message was sent, but that could not be recorded: {error.message}"
            raise StoreFailed(text, data={"maybeSent": True}) from None
        except ConnectorError as error:
            await self._failed(message, error)
            raise
        except BaseException:
            # A defect of a driver (the client gets a 500), or a cancellation at the end of a shutdown. In any
            # case the message must not stay "sending".
            if progress.receipt is None:
                self._on_end(progress.at, "defect")
            await self._failed(message, ProviderFailed("the driver failed in a way that it should not"))
            raise

    def _others(self, connector: Connector, message: Message) -> Iterator[tuple[Connector, Message]]:
        """Yield the fallbacks, each with the message as it would send it."""
        to = {one.channel: one for one in (message.fallback_to, message.recipient) if one is not None}
        other = message.fallback_to.channel if message.fallback_to is not None else None
        for one in self._fallbacks(connector, other):
            channel = one.factory.channel
            if channel is not None and (recipient := to.get(channel)) is not None:
                yield one, replace(message, connector_id=one.id, recipient=recipient)

    async def _try_all(self, progress: _Progress, connectors: Sequence[tuple[Connector, Message]]) -> Delivered:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BUDGET_SECONDS
        for following, (progress.at, message) in zip(range(len(connectors) - 1, -1, -1), connectors, strict=True):
            if progress.failed:
                await self._messages.fell_back(message, progress.failed[-1][1])
            try:
                progress.receipt = await self._attempts(
                    progress.at, message, share(loop.time(), deadline, following)
                )
            except ConnectorError as error:
                self._on_end(progress.at, error.reason)
                progress.failed.append((progress.at, error))
                if not error.fallback or error.maybe_sent or loop.time() >= deadline:
                    break
                continue
            self._on_end(progress.at, "sent")
            cursor = await self._messages.sent(message, progress.receipt)
            failed = [_failure(*one) for one in progress.failed]
            return Delivered(message.id, cursor, progress.receipt, progress.at, message.recipient, failed)
        raise together(progress.failed)

    async def _failed(self, message: Message, error: ConnectorError) -> None:
        # The client needs the reason of the failed send more than an error of this write.
        with contextlib.suppress(StoreFailed):
            await self._messages.failed(message, error.code, error.data)

    async def _attempts(self, connector: Connector, message: Message, deadline: float) -> Receipt:
        if connector.live and self._admit is not None:
            await self._admit(message.recipient)
        async with self._drivers.use(connector) as driver:
            return await self._tries(connector, driver, message, deadline)

    async def _tries(self, connector: Connector, driver: Driver, message: Message, deadline: float) -> Receipt:
        loop = asyncio.get_running_loop()
        attempt = 1
        while True:
            try:
                return await self._attempt(connector, driver, message, deadline)
            except ConnectorError as error:
                pause = error.retry_after or _FIRST_PAUSE * 3 ** (attempt - 1)
                out_of_time = loop.time() + pause >= deadline
                if not error.retryable or error.maybe_sent or attempt == _ATTEMPTS or out_of_time:
                    raise
                await self._messages.attempt_failed(message, attempt, error)
            await self._clock.pause(pause)
            attempt += 1

    async def _attempt(self, connector: Connector, driver: Driver, message: Message, deadline: float) -> Receipt:
        def render() -> Content:
            return self._render(message.usage_type, message.recipient.channel, message.payload)

        try:
            # A driver keeps the deadline itself. This stops a driver that does not.
            async with asyncio.timeout_at(deadline + 0.25):
                return await driver.send(message, render, deadline)
        except TimeoutError:
            raise TimedOut("the provider did not answer in time", provider=connector.provider) from None

    async def discard_driver(self, connector_id: str) -> None:
        """Close the driver of a removed connector."""
        await self._drivers.discard(connector_id)

    async def close(self) -> None:
        await self._drivers.close()

    def _made(self, connector: Connector) -> Driver:
        make = connector.factory.driver
        if make is None:
            raise UnexpectedType(f"{connector.id} is a social connector: it signs people in, and sends nothing")
        return make(connector.settings, self._address_of(connector))


def share(now: float, deadline: float, following: int) -> float:
    """Return the deadline of a connector that ``following`` fallbacks may follow, in the event loop's time.

    Each fallback keeps a reserve, or an equal share if too little time is left.
    """
    left = deadline - now
    return now + max(left / (following + 1), left - following * _RESERVED_SECONDS)


def together(failed: Sequence[tuple[Connector, ConnectorError]]) -> ConnectorError:
    """Return the first error, with the others in ``data.fallbacks``. It is "maybe sent" if any of them is."""
    (_, first), *others = failed
    if others:
        first.data["fallbacks"] = [_failure(*one) for one in others]
    if any(error.maybe_sent for _, error in others):
        first.message = f"{first.message}; a fallback may have sent it"
        first.maybe_sent, first.retryable = True, False
        first.data |= {"maybeSent": True, "retryable": False}
    return first


def _failure(connector: Connector, error: ConnectorError) -> Document:
    return {"connectorId": connector.id, **error.data}


@dataclass(slots=True)
class _Progress:
    """How far a send has come: the connector in use, the receipt, and the connectors that failed."""

    at: Connector
    receipt: Receipt | None = None
    failed: list[tuple[Connector, ConnectorError]] = field(default_factory=list)
