"""Messages: what we were asked to send and what became of it. A message is the fold of its log entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gateway.core import recipients
from gateway.core.clock import Clock
from gateway.core.errors import ConnectorError, Interrupted
from gateway.core.model import Channel, Document, Message, Receipt, Recipient, iso
from gateway.storage.paging import Page, select_any
from gateway.storage.ports import Log

STREAM = "messages"
_REQUESTED = "requested"
# Seconds; a send has 8.
_LONGEST_SEND = 30.0

_NO_MORE: Document = {}

_Append: TypeAlias = tuple[str, Document, tuple[str, ...], int]


class Messages:
    """Each entry is one step of a message's timeline: requested, attempt_failed, fallback, captured, lost, late,
    sent, failed. A message that comes with a step is as the connector has it that is sending now."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def open(self, message: Message) -> None:
        """Record what is about to be sent: a fake may capture it before the send returns."""
        document = {"event": _REQUESTED, **message.document()}
        keys = (f"message:{message.id}", _REQUESTED, *(key for to in _all(message) for key in recipients.keys(to)))
        await self._log.append(STREAM, document, keys, 800)

    async def attempt_failed(self, message: Message, attempt: int, error: ConnectorError) -> None:
        step = {"event": "attempt_failed", "attempt": attempt, "error": error.data}
        await self._step(message, {**step, "connectorId": message.connector_id})

    async def fell_back(self, message: Message, error: ConnectorError) -> None:
        """The connector before this one could not send, because of the error."""
        other = {"fallbackTo": message.recipient.to} if message.recipient is message.fallback_to else {}
        step = {"event": "fallback", "connectorId": message.connector_id, **other}
        await self._step(message, {**step, "code": error.code, "error": error.data})

    async def sent(self, message: Message, receipt: Receipt) -> int:
        """Returns the cursor of this step."""
        step = {"event": "sent", "connectorId": message.connector_id, "receipt": receipt.document()}
        return await self._step(message, step)

    async def failed(self, message: Message, code: str, data: Document) -> None:
        await self._failed(message.id, _all(message), code, data)

    async def end_interrupted(self) -> int:
        """A process that was killed leaves messages "sending" behind: they have failed, and nobody knows whether
        they were sent. For the start, before anything is sent; returns how many there were."""
        ended: set[str] = set()
        interrupted: list[Document] = []
        for step in await self._last_steps():
            message_id = step["messageId"]
            if step["event"] in ("sent", "failed"):
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
        """Newest first, of as many seconds as a send can take."""
        steps: list[Document] = []
        before: int | None = None
        since: float | None = None
        while entries := await self._log.read(STREAM, before=before, limit=500, newest_first=True):
            since = entries[0].at - _LONGEST_SEND if since is None else since
            steps += [entry.value for entry in entries if entry.at >= since]
            before = entries[-1].seq
            if entries[-1].at < since:
                break
        return steps

    def captured(self, capture: Document) -> _Append:
        """The step that an inbox adds together with a capture of a message of ours."""
        return self._delivery("captured", capture)

    def diverted(self, capture: Document) -> _Append:
        """The same where a fault keeps it back: ``lost``, or ``late``."""
        delivery = capture["delivery"]
        more = {"faultId": delivery["faultId"]}
        if "dueAt" in delivery:
            more["dueAt"] = delivery["dueAt"]
        return self._delivery(delivery["outcome"], capture, more)

    def _delivery(self, event: str, capture: Document, more: Document = _NO_MORE) -> _Append:
        message_id = capture["messageId"]
        step = {
            "event": event,
            "messageId": message_id,
            "captureId": capture["id"],
            "at": capture["receivedAt"],
            **more,
        }
        return STREAM, step, (f"message:{message_id}",), 200

    async def requested(self, message_id: str) -> Document | None:
        """What was asked for under that id, if it was us; ``connectorId`` is the one that is sending now."""
        found = await self._log.read(STREAM, key=f"message:{message_id}", limit=1000)
        if not found or found[0].value["event"] != _REQUESTED:
            return None
        sending = next((entry for entry in reversed(found) if entry.value["event"] == "fallback"), found[0])
        return {**found[0].value, "connectorId": sending.value["connectorId"]}

    async def get(self, message_id: str) -> Document | None:
        """The whole message: as requested, its status and its timeline."""
        entries = await self._log.read(STREAM, key=f"message:{message_id}", limit=1000)
        if not entries or entries[0].value["event"] != _REQUESTED:
            return None
        steps = [entry.value for entry in entries]
        message = {key: value for key, value in steps[0].items() if key != "event"}
        ended = next((step for step in reversed(steps) if step["event"] in ("sent", "failed")), None)
        return {
            **message,
            "status": ended["event"] if ended else "sending",
            "receipt": ended.get("receipt") if ended else None,
            "cursor": entries[0].seq,
            "timeline": [{"event": step["event"], "at": step["at"], **_rest(step)} for step in steps],
        }

    async def listing(self, page: Page, keys: Sequence[str] = ()) -> list[Document]:
        """All of them, or those with any of the recipient keys."""
        entries = await select_any(
            self._log, STREAM, page, keys or (_REQUESTED,), keep=lambda step: step["event"] == _REQUESTED
        )
        found = [await self.get(entry.value["messageId"]) for entry in entries]
        return [message for message in found if message is not None]

    async def _failed(self, message_id: str, to: Sequence[Recipient], code: str, data: Document) -> None:
        keys = ("failed", *(f"failed:{reading}" for one in to for reading in one.readings))
        await self._append(message_id, {"event": "failed", "code": code, "error": data, "to": to[0].to}, keys)

    async def _step(self, message: Message, step: Document) -> int:
        return await self._append(message.id, step)

    async def _append(self, message_id: str, step: Document, keys: tuple[str, ...] = ()) -> int:
        document = {"messageId": message_id, "at": iso(self._clock.now()), **step}
        return await self._log.append(STREAM, document, (f"message:{message_id}", *keys), 300)


def _all(message: Message) -> list[Recipient]:
    return [message.recipient, *([message.fallback_to] if message.fallback_to is not None else ())]


def _rest(step: Document) -> Document:
    return {
        key: step[key]
        for key in (
            "connectorId",
            "fallbackTo",
            "attempt",
            "captureId",
            "faultId",
            "dueAt",
            "receipt",
            "code",
            "error",
        )
        if key in step and step["event"] != _REQUESTED
    }
