"""One send: connector -> driver -> receipt, within a budget, tried again only where certainly nothing went out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from gateway.drivers import Drivers
from gateway.errors import ConnectorError, ProviderFailed, StoreFailed, TimedOut, UnexpectedType
from gateway.messages import Messages
from gateway.model import Channel, Content, Message, Receipt, Recipient, UsageType, new_id
from gateway.ports import Clock, Connector, Driver

# A send answers within 8 s in all (Logto's sign-in page gives up after 10): this leaves room for our own part.
BUDGET_SECONDS = 7.5
_ATTEMPTS = 3
_FIRST_PAUSE = 0.15

Render: TypeAlias = Callable[[UsageType, Channel, Mapping[str, Any]], Content]


class Delivery:
    """Sends messages through connectors. ``address_of`` gives the ``host:port`` of a provider's fake, or None
    where a connector sends for real; it is asked at the first send, when the port is known. ``admit`` is asked
    before a live connector sends, and raises what keeps it from that. ``ended`` hears of each send: ``sent``, or
    the error's reason."""

    def __init__(
        self,
        messages: Messages,
        clock: Clock,
        render: Render,
        address_of: Callable[[Connector], str | None],
        admit: Callable[[Recipient], Awaitable[None]] | None = None,
        ended: Callable[[Connector, str], None] = lambda _connector, _outcome: None,
    ) -> None:
        self._messages = messages
        self._clock = clock
        self._render = render
        self._address_of = address_of
        self._admit = admit
        self._ended = ended
        self._drivers: Drivers[Driver] = Drivers(self._made)

    async def send(
        self,
        connector: Connector,
        recipient: Recipient,
        usage_type: UsageType,
        payload: Mapping[str, Any],
        ip: str | None = None,
    ) -> tuple[str, int, Receipt]:
        """The message's id, the cursor of its last step, and the receipt. Raises errors.ConnectorError."""
        message = Message(new_id("msg"), connector.id, recipient, usage_type, payload, self._clock.now(), ip)
        await self._messages.open(message)
        receipt: Receipt | None = None
        try:
            receipt = await self._attempts(connector, message)
            self._ended(connector, "sent")
            return message.id, await self._messages.sent(message, receipt), receipt
        except StoreFailed as error:
            if receipt is None:
                self._ended(connector, "store_failed")
                raise
            text = f"the message was sent, but that could not be recorded: {error.message}"
            raise StoreFailed(text, data={"maybeSent": True}) from None
        except ConnectorError as error:
            self._ended(connector, error.reason)
            await self._failed(message, error)
            raise
        except BaseException:
            # A defect of a driver (the caller gets our 500), or we are cancelled at the end of a shutdown: in any
            # case the message must not stay "sending".
            if receipt is None:
                self._ended(connector, "defect")
            await self._failed(message, ProviderFailed("the driver failed in a way that it should not"))
            raise

    async def _failed(self, message: Message, error: ConnectorError) -> None:
        # Why it was not sent is worth more to the caller than that nobody could write it down.
        with contextlib.suppress(StoreFailed):
            await self._messages.failed(message, error.reason_code, error.data)

    async def _attempts(self, connector: Connector, message: Message) -> Receipt:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BUDGET_SECONDS
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
            # A driver keeps the deadline itself; this is for one that does not.
            async with asyncio.timeout_at(deadline + 0.25):
                return await driver.send(message, render, deadline)
        except TimeoutError:
            raise TimedOut("the provider did not answer in time", provider=connector.provider) from None

    async def forget(self, connector_id: str) -> None:
        """The connector is gone."""
        await self._drivers.forget(connector_id)

    async def close(self) -> None:
        await self._drivers.close()

    def _made(self, connector: Connector) -> Driver:
        make = connector.factory.driver
        if make is None:
            raise UnexpectedType(f"{connector.id} is a social connector: it signs people in, and sends nothing")
        return make(connector.settings, self._address_of(connector))
