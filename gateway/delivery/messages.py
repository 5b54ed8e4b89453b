"""Messages that the gateway was asked to send, and what became of each.

The log holds the steps of a message; the message is put together from them when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from gateway.core import recipients
from gateway.core.clock import Clock
from gateway.core.errors import ConnectorError, Interrupted
from gateway.core.model import Channel, Document, Message, Receipt, Recipient, iso
from gateway.storage.paging import Page, read_page
from gateway.storage.ports import Batch, Entry, Log

_STREAM = "messages"
_REQUESTED = "requested"
_ENDED = ("sent", "failed")
_SHOWN = ("connectorId", "fallbackTo", "attempt", "captureId", "faultId", "dueAt", "receipt", "code", "error")
_MOST_STEPS = 1000
# Seconds. A send may take 8.
_LONGEST_SEND = 30.0


class Messages:
    """The messages and their timelines.

    The steps of a timeline are requested, attempt_failed, fallback, captured, lost, late, sent and failed. A
    ``message`` argument names the connector and the recipient of the current attempt, which may be a fallback.
    """

    streams: ClassVar[tuple[str, ...]] = (_STREAM,)

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    # --- steps --------------------------------------------------------------------------------------------

    async def open(self, message: Message) -> None:
        """Record a message before it is sent: a fake may capture it before the send returns."""
        document = {"event": _REQUESTED, **message.document()}
        to = [key for recipient in _recipients(message) for key in recipients.keys(recipient)]
        await self._log.append(_STREAM, document, (_key(message.id), _REQUESTED, *to), 800)

    async def attempt_failed(self, message: Message, attempt: int, error: ConnectorError) -> None:
        step = {"event": "attempt_failed", "attempt": attempt, "error": error.data}
        await self._append(message.id, {**step, "connectorId": message.connector_id})

    async def fell_back(self, message: Message, error: ConnectorError) -> None:
        """Record that ``message.connector_id`` takes over from a connector that failed with ``error``."""
        other = {"fallbackTo": message.recipient.to} if message.recipient is message.fallback_to else {}
        step = {"event": "fallback", "connectorId": message.connector_id, **other}
        await self._append(message.id, {**step, "code": error.code, "error": error.data})

    async def sent(self, message: Message, receipt: Receipt) -> int:
        """Record that it was sent and return the cursor of this step."""
        step = {"event": "sent", "connectorId": message.connector_id, "receipt": receipt.document()}
        return await self._append(message.id, step)

    async def failed(self, message: Message, code: str, data: Document) -> None:
        await self._failed(message.id, _recipients(message), code, data)

    def captured(self, batch: Batch, capture: Document) -> None:
        """Record the capture of a message, in the batch that adds it to the inbox."""
        self._capture_step(batch, "captured", capture, {})

    def diverted(self, batch: Batch, capture: Document) -> None:
        """Record that a fault has lost or delayed the capture of a message, in the batch that keeps it."""
        delivery = capture["delivery"]
        details = {name: delivery[name] for name in ("faultId", "dueAt") if name in delivery}
        self._capture_step(batch, delivery["outcome"], capture, details)

    async def end_interrupted(self) -> int:
        """Mark messages that a killed process left "sending" as failed, and return how many there were.

        Whether they were sent is unknown. Call this at the start, before anything is sent.
        """
        ended: set[str] = set()
        interrupted: list[Document] = []
        for step in await self._last_steps():
            message_id = step["messageId"]
            if step["event"] in _ENDED:
                ended.add(message_id)
            elif step["event"] == _REQUESTED and message_id not in ended:
                interrupted.append(step)
        error = Interrupted("the gateway was stopped while this was being sent")
        for step in interrupted:
            to = [recipients.recipient(step["to"], Channel(step["channel"]))]
            to += [recipients.recipient(step["fallbackTo"])] if "fallbackTo" in step else []
            await self._failed(step["messageId"], to, error.code, error.data)
        return len(interrupted)

    async def _last_steps(self) -> list[Document]:
        """Return the steps of the last ``_LONGEST_SEND`` seconds of the log, newest first."""
        steps: list[Document] = []
        before: int | None = None
        since: float | None = None
        while entries := await self._log.read(_STREAM, before=before, limit=500, newest_first=True):
            since = entries[0].at - _LONGEST_SEND if since is None else since
            steps += [entry.value for entry in entries if entry.at >= since]
            before = entries[-1].seq
            if entries[-1].at < since:
                break
        return steps

    # --- reading ------------------------------------------------------------------------------------------

    async def requested(self, message_id: str) -> Document | None:
        """Return the message as requested, with the connector that is sending now; None if the id is not ours."""
        steps = [entry.value for entry in await self._read(message_id)]
        if not steps:
            return None
        sending = next((step for step in reversed(steps) if step["event"] == "fallback"), steps[0])
        return {**steps[0], "connectorId": sending["connectorId"]}

    async def get(self, message_id: str) -> Document | None:
        """Return the message as requested, with its status, receipt, cursor and timeline."""
        entries = await self._read(message_id)
        if not entries:
            return None
        steps = [entry.value for entry in entries]
        end = next((step for step in reversed(steps) if step["event"] in _ENDED), None)
        return {
            **{key: value for key, value in steps[0].items() if key != "event"},
            "status": end["event"] if end else "sending",
            "receipt": end.get("receipt") if end else None,
            "cursor": entries[0].seq,
            "timeline": [{"event": step["event"], "at": step["at"], **_details(step)} for step in steps],
        }

    async def search(self, page: Page, recipient: Recipient | None = None) -> list[Document]:
        """Return a page of the messages to a recipient (by every reading), or of all. Raises Gone."""
        keys = recipients.keys(recipient) if recipient is not None else (_REQUESTED,)
        entries = await read_page(self._log, _STREAM, page, keys, lambda step: bool(step["event"] == _REQUESTED))
        messages = [await self.get(entry.value["messageId"]) for entry in entries]
        return [message for message in messages if message is not None]

    async def failures(self, reading: str, limit: int) -> list[Entry]:
        """Return the newest "failed" steps of messages to a reading of a recipient."""
        return await self._log.read(_STREAM, key=f"failed:{reading}", limit=limit, newest_first=True)

    async def forget(self) -> int:
        """Delete all messages and return how many there were."""
        # A message has several entries and counts once.
        count = await self._log.drop(_STREAM, _REQUESTED)
        await self._log.drop(_STREAM)
        return count

    # --- following ----------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """The newest place in the log."""
        return self._log.last()

    @property
    def evicted(self) -> int:
        """The cursor of the newest step that a bound has removed."""
        return self._log.evicted(_STREAM)

    async def read_after(self, cursor: int, limit: int) -> list[Entry]:
        """Return steps, as they are stored."""
        return await self._log.read(_STREAM, after=cursor, limit=limit)

    async def wait_after(self, cursor: int) -> None:
        """Wait until there is a step after the cursor."""
        await self._log.wait(_STREAM, (), cursor)

    # --- inside -------------------------------------------------------------------------------------------

    async def _read(self, message_id: str) -> list[Entry]:
        """Return the steps of a message, oldest first. Empty if its first step is not (or no longer) there."""
        entries = await self._log.read(_STREAM, key=_key(message_id), limit=_MOST_STEPS)
        return entries if entries and entries[0].value["event"] == _REQUESTED else []

    async def _failed(self, message_id: str, to: Sequence[Recipient], code: str, data: Document) -> None:
        keys = ("failed", *(f"failed:{reading}" for recipient in to for reading in recipient.readings))
        await self._append(message_id, {"event": "failed", "code": code, "error": data, "to": to[0].to}, keys)

    async def _append(self, message_id: str, step: Document, keys: tuple[str, ...] = ()) -> int:
        document = {"messageId": message_id, "at": iso(self._clock.now()), **step}
        return await self._log.append(_STREAM, document, (_key(message_id), *keys), 300)

    def _capture_step(self, batch: Batch, event: str, capture: Document, details: Document) -> None:
        message_id = capture["messageId"]
        step = {"event": event, "messageId": message_id, "captureId": capture["id"], "at": capture["receivedAt"]}
        batch.append(_STREAM, {**step, **details}, (_key(message_id),), 200)


def _key(message_id: str) -> str:
    return f"message:{message_id}"


def _recipients(message: Message) -> list[Recipient]:
    return [message.recipient, *([message.fallback_to] if message.fallback_to is not None else ())]


def _details(step: Document) -> Document:
    return {} if step["event"] == _REQUESTED else {key: step[key] for key in _SHOWN if key in step}
