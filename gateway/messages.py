"""Messages: what we were asked to send and what became of it. A message is the fold of its log entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gateway import recipients
from gateway.errors import ConnectorError
from gateway.listing import Page, select_any
from gateway.model import Document, Message, Receipt, iso
from gateway.ports import Clock, Log

STREAM = "messages"
_REQUESTED = "requested"

_Append: TypeAlias = tuple[str, Document, tuple[str, ...], int]


class Messages:
    """Each entry is one step of a message's timeline: requested, attempt_failed, captured, sent, failed."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def open(self, message: Message) -> None:
        """Record what is about to be sent: a fake may capture it before the send returns."""
        document = {"event": _REQUESTED, **message.document()}
        keys = (f"message:{message.id}", _REQUESTED, *recipients.keys(message.recipient))
        await self._log.append(STREAM, document, keys, 800)

    async def attempt_failed(self, message: Message, attempt: int, error: ConnectorError) -> None:
        await self._step(message, {"event": "attempt_failed", "attempt": attempt, "error": error.data})

    async def sent(self, message: Message, receipt: Receipt) -> int:
        """Returns the cursor of this step."""
        return await self._step(message, {"event": "sent", "receipt": receipt.document()})

    async def failed(self, message: Message, code: str, data: Document) -> None:
        keys = (f"message:{message.id}", "failed", *(f"failed:{r}" for r in message.recipient.readings))
        step: Document = {"event": "failed", "code": code, "error": data, "to": message.recipient.to}
        await self._step(message, step, keys)

    def captured(self, requested: Document, capture: Document) -> _Append:
        """The step that an inbox adds together with the capture itself."""
        message_id = requested["messageId"]
        step = {
            "event": "captured",
            "messageId": message_id,
            "captureId": capture["id"],
            "at": capture["receivedAt"],
        }
        return STREAM, step, (f"message:{message_id}",), 200

    async def requested(self, message_id: str) -> Document | None:
        """What was asked for under that id, if it was us."""
        found = await self._log.read(STREAM, key=f"message:{message_id}", limit=1)
        return found[0].value if found and found[0].value["event"] == _REQUESTED else None

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

    async def _step(self, message: Message, step: Document, keys: tuple[str, ...] = ()) -> int:
        document = {"messageId": message.id, "at": iso(self._clock.now()), **step}
        return await self._log.append(STREAM, document, keys or (f"message:{message.id}",), 300)


def _rest(step: Document) -> Document:
    return {
        key: step[key]
        for key in ("attempt", "captureId", "receipt", "code", "error")
        if key in step and step["event"] != _REQUESTED
    }
