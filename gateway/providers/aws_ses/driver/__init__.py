"""Sends by Amazon SES with the official SDK, one attempt a message.

The SDK (``boto3``, API v2 of SES) blocks, so it is called in the threads of ``Offload``, and it is slow to import
(0.5 s) and to make a client of (0.2 s), so that happens there too, at the first send.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.errors import ConnectorError, TimedOut, Unreachable
from gateway.core.model import Content, Message, Receipt
from gateway.core.offload import NotStarted, Offload, run_by_size
from gateway.providers.aws_ses.driver import sdk
from gateway.providers.aws_ses.driver.mails import parameters
from gateway.providers.aws_ses.driver.outcomes import PROVIDER, of_answer, of_exception
from gateway.providers.aws_ses.settings import AwsSesSettings


class AwsSesDriver:
    """Implements ``ports.Driver``. ``address``: the fake's ``host:port``, None for AWS itself."""

    def __init__(self, settings: AwsSesSettings, address: str | None, offload: Offload | None = None) -> None:
        self._settings = settings
        self._address = address
        # One for each connector, so that what is stuck at one provider leaves the others their threads.
        self._offload = offload or Offload(limit=sdk.CONNECTIONS)
        self._client: Any = None
        self._making = threading.Lock()

    async def send(self, message: Message, render: Callable[[], Content], deadline: float) -> Receipt:
        """One attempt, over by ``deadline`` (the event loop's time, seconds). Raises ``errors.ConnectorError``
        only; which for what, and whether the message may have gone out: ``outcomes``."""
        size = len(str(message.payload))
        fields = await run_by_size(size, lambda: parameters(self._settings, message, render))
        now = asyncio.get_running_loop().time
        outcome: Receipt | ConnectorError
        try:
            outcome = await self._offload.run(lambda: self._attempt(fields, lambda: deadline - now()), deadline)
        except NotStarted:
            outcome = Unreachable("too many sends wait for AWS SES; this one was not sent", provider=PROVIDER)
        except TimeoutError:
            outcome = TimedOut("no answer by the deadline; the message may have gone out", provider=PROVIDER)
        if isinstance(outcome, ConnectorError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """End the idle threads and connections."""
        self._offload.close()
        if self._client is not None:
            self._client.close()

    def _attempt(self, fields: Mapping[str, Any], seconds_left: Callable[[], float]) -> Receipt | ConnectorError:
        """In the thread: the receipt, or what ``send`` is to raise. An exception of ours that is made here and
        raised there has none of the SDK's as its context."""
        with self._making:
            if self._client is None:
                try:
                    self._client = sdk.client(self._settings, self._address)
                except Exception as error:  # noqa: BLE001 (it may refuse a setting, and its text would show it)
                    return of_exception(error)
        # Asked after the SDK's import, and so that nothing is sent after a failure was reported for the deadline.
        if seconds_left() <= 0:
            return Unreachable("the deadline passed before anything was sent", provider=PROVIDER)
        try:
            answer = self._client.send_email(**fields)
        except Exception as error:  # noqa: BLE001 (the SDK raises whatever it meets)
            return of_exception(error)
        return of_answer(answer)
