"""The inbox: the messages that the fakes accepted. Add, find, wait, take.

Captures are a stream of the log, found under every plausible reading of their recipient. Taking sets a mark for the
recipient, and every capture at or below the mark counts as taken. Attachments are a stream of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from gateway.core import recipients
from gateway.core.clock import Clock
from gateway.core.errors import Conflict, Gone, StoreFailed
from gateway.core.model import Capture, Channel, Content, Document, Mail, Recipient
from gateway.delivery.messages import Messages
from gateway.faults.rules import Effect
from gateway.inbox.codes import CodeReader, entries_with_codes, entry_with_code, with_code
from gateway.inbox.contents import ANY_CONTENTS, Contents
from gateway.inbox.undelivered import Accepted, Undelivered
from gateway.storage.paging import Page, read_page, select
from gateway.storage.ports import Batch, Entry, Job, Schedule, Store

log = logging.getLogger("gateway")

STREAM = "captures"
CONTENTS = "contents"
"""The large parts of mails: attachments, and the source of a raw mail. Kept once for all captures of a mail."""
FRESH_SECONDS = 600.0
_TAKEN = "taken/"
_TESTS = "tests"
_TOKENS_KEPT = 64
_PRUNE_EVERY = 1024


@dataclass(frozen=True, slots=True)
class Query:
    """Which capture a client waits for.

    ``after`` is a cursor: the oldest capture after it counts, or with ``newest`` the newest one. If it is None, the
    newest capture counts that is untaken and younger than ten minutes of real time.
    """

    recipient: Recipient
    usage_type: str | None = None
    channel: Channel | None = None
    after: int | None = None
    needs_code: bool = False
    contents: Contents = ANY_CONTENTS
    newest: bool = False

    def fits(self, capture: Document) -> bool:
        return (
            capture["readAs"] in self.recipient.readings
            and self.usage_type in (None, capture["type"])
            and self.channel in (None, capture["channel"])
            and not (self.needs_code and with_code(capture)["code"] is None)
            and self.contents.fits(capture)
        )


def _accepted_by(provider: str, capture: Document) -> bool:
    """Did the provider accept it? A message that a fault delivers twice was accepted once."""
    return capture["provider"] == provider and "copyOf" not in capture.get("delivery", ())


class Inbox:
    """The captures of all fakes. Implements ``ports.Captures``."""

    streams: ClassVar[tuple[str, ...]] = (STREAM, CONTENTS, _TESTS, *Undelivered.streams)

    def __init__(self, store: Store, clock: Clock, messages: Messages, schedule: Schedule) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages
        self._undelivered = Undelivered(store.log, schedule, clock, messages, self._arrive)
        self._schedule = schedule
        self._codes = CodeReader()
        self._takes = 0
        self._returns = 0
        self._parked: set[asyncio.Timeout] = set()

    # --- adding -------------------------------------------------------------------------------------------

    async def add(self, captures: Sequence[Capture], effect: Effect | None = None) -> tuple[str, ...]:
        """Add all captures or none, and return the ids of those that have arrived.

        A capture that our own driver sent gets the exact code, usage type and locale of its message. Any other
        capture without a code gets the code that is found in its text. ``effect`` may lose, delay or double some.
        """
        read = await self._codes.read(captures)
        arrived: list[str] = []
        jobs: list[Job] = []
        async with self._store.batch() as batch:
            _keep_contents(batch, captures)
            for capture in captures:
                content = capture.content
                size = 800 + len(content.text) + len(content.html or "")
                keys = (*recipients.keys(capture.recipient), f"id:{capture.id}")
                delivery = effect.delivery_to(capture.recipient.read_as) if effect is not None else None
                test = await self._test_of(capture.recipient)
                if capture.link is None and delivery is None:
                    document = capture.document() | test
                    if capture.code is None:
                        document |= read(content)
                    batch.append(STREAM, document, keys, size)
                    arrived.append(capture.id)
                    continue
                accepted = Accepted(await self._document(capture, read) | test, keys, size)
                if delivery is None:
                    self._arrive(batch, accepted)
                    arrived.append(capture.id)
                else:
                    ids, due = self._undelivered.divert(batch, accepted, delivery)
                    arrived += ids
                    jobs += due
        for job in jobs:
            self._schedule.arm(job)
        return tuple(arrived)

    def _arrive(self, batch: Batch, accepted: Accepted) -> None:
        if accepted.document["messageId"] is not None:
            self._messages.captured(batch, accepted.document)
        batch.append(STREAM, accepted.document, accepted.keys, accepted.size)

    async def _document(self, capture: Capture, read: Callable[[Content], Document]) -> Document:
        """Return the capture's document, completed from the message behind it or else from its text."""
        document = capture.document()
        sent = await self._messages.requested(capture.link) if capture.link else None
        if sent is not None:
            document |= {name: sent[name] for name in ("messageId", "connectorId", "type", "locale")}
            if sent["code"] is not None:
                document |= {"code": sent["code"], "codeSource": "rendered"}
        elif document["code"] is None:
            document |= read(capture.content)
        return document

    async def expect(self, recipient: Recipient, test: str) -> None:
        """Note which test a recipient was made for. Its captures from now on say so."""
        await self._store.log.append(_TESTS, {"test": test}, (f"to:{recipient.read_as}",), 100 + len(test))

    async def _test_of(self, recipient: Recipient) -> Document:
        found = await self._store.log.read(_TESTS, key=f"to:{recipient.read_as}", limit=1, newest_first=True)
        return {"test": found[0].value["test"]} if found else {}

    # --- finding ------------------------------------------------------------------------------------------

    async def of_recipient(self, provider: str, reading: str, limit: int) -> list[Entry]:
        def keep(capture: Document) -> bool:
            return bool(capture["readAs"] == reading and _accepted_by(provider, capture))

        return await self._accepted(f"to:{reading}", keep, limit)

    async def of_provider(self, provider: str, limit: int) -> list[Entry]:
        return await self._accepted(None, partial(_accepted_by, provider), limit)

    async def _accepted(self, key: str | None, keep: Callable[[Document], bool], limit: int) -> list[Entry]:
        """Return captures, arrived or not, newest first. One that came late stands where it was accepted."""
        page = Page(limit=limit)
        arrived = await select(self._store.log, STREAM, page, key=key, keep=keep)
        diverted = await self._undelivered.select(page, key, keep)
        if not diverted:
            return arrived
        each = {entry.value["id"]: entry for entry in (*arrived, *diverted)}
        return sorted(each.values(), key=lambda entry: -entry.seq)[:limit]

    async def get(self, capture_id: str) -> Entry | None:
        entries = await self._store.log.read(STREAM, key=f"id:{capture_id}", limit=1)
        return entry_with_code(entries[0]) if entries else None

    async def search(
        self, page: Page, recipient: Recipient | None = None, keep: Callable[[Document], bool] | None = None
    ) -> list[Entry]:
        """Return a page of captures, of a recipient (by every reading) or of all. Raises Gone."""
        keys = recipients.keys(recipient) if recipient is not None else ()
        return await entries_with_codes(await read_page(self._store.log, STREAM, page, keys, keep))

    async def newest_to(self, reading: str, limit: int) -> list[Entry]:
        """Return the newest captures that may be for a reading of a recipient, whatever the provider read."""
        return await self._store.log.read(STREAM, key=f"to:{reading}", limit=limit, newest_first=True)

    async def newest_to_others(self, recipient: Recipient, limit: int) -> list[Entry]:
        """Return the newest captures that cannot be for the recipient by any reading."""
        own = set(recipient.readings)
        page = Page(limit=limit)
        return await select(self._store.log, STREAM, page, keep=lambda capture: own.isdisjoint(capture["readings"]))

    async def undelivered_to(self, reading: str, limit: int) -> list[Entry]:
        """Return the newest captures for a reading that a fault has lost or delayed."""
        return await self._undelivered.select(Page(limit=limit), f"to:{reading}")

    async def newest(self, query: Query) -> Entry | None:
        """Return the newest capture that fits, taken or not."""
        return max(await self._candidates(query, Page(limit=1)), key=lambda entry: entry.seq, default=None)

    async def contents(self, capture_id: str) -> Document | None:
        """Return ``raw`` and ``attachments`` of a mail, in base64; None if there are none (any more)."""
        entries = await self._store.log.read(CONTENTS, key=f"id:{capture_id}", limit=1)
        if entries:
            return entries[0].value
        copy = await self.get(capture_id)
        original = copy.value.get("delivery", {}).get("copyOf") if copy else None
        return await self.contents(original) if original else None

    # --- deleting -----------------------------------------------------------------------------------------

    async def delete(self, capture_id: str) -> int:
        """Delete a capture, and its attachments unless another recipient's capture has them too."""
        log = self._store.log
        count = await log.drop(STREAM, f"id:{capture_id}")
        contents = await self.contents(capture_id) if count else None
        if contents is not None:
            others = await asyncio.gather(*(self.get(one) for one in contents["captures"]))
            if not any(others):
                await log.drop(CONTENTS, f"id:{capture_id}")
        return count

    async def clear(self) -> int:
        """Delete all captures and return how many there were."""
        await self._store.log.drop(CONTENTS)
        return await self._store.log.drop(STREAM)

    async def delete_of(self, recipient: Recipient) -> int:
        """Delete the captures of a recipient, as the provider read it, and return how many there were."""
        own = await self._candidates(Query(recipient), Page(limit=1_000_000))
        # At once: a store on a disk commits together what it is asked together.
        return sum(await asyncio.gather(*(self.delete(entry.value["id"]) for entry in own)))

    async def forget(self) -> int:
        """Delete everything, also undelivered captures and marks, and return how many captures there were."""
        count = await self.clear()
        await self._store.log.drop(_TESTS)
        await self._undelivered.forget()
        async with self._store.batch() as batch:
            for key, _ in await self._store.records.scan(_TAKEN):
                batch.delete(key)
        return count

    # --- following ----------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """The newest place in the log."""
        return self._store.log.last()

    @property
    def evicted(self) -> int:
        """The cursor of the newest capture that a bound has removed."""
        return self._store.log.evicted(STREAM)

    async def read_after(self, cursor: int, limit: int) -> list[Entry]:
        return await entries_with_codes(await self._store.log.read(STREAM, after=cursor, limit=limit))

    async def wait_after(self, cursor: int) -> None:
        """Wait until there is a capture after the cursor."""
        await self._store.log.wait(STREAM, (), cursor)

    # --- waiting ------------------------------------------------------------------------------------------

    async def wait(self, query: Query, seconds: float, token: str | None, *, private: bool = False) -> Entry | None:
        """Wait for a capture that fits, and return None if there is none within ``seconds`` of real time.

        ``token`` takes the capture: the same token gets the same capture again. ``private``: the client does not
        know the token, so the capture stays untaken if this is cancelled. Raises Gone if entries after the cursor
        of the query were evicted.
        """
        entries = self._store.log
        keys = recipients.keys(query.recipient)
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            seen, returns = entries.last(), self._returns
            # Not under the timer: a capture that is taken must be handed over.
            found = await self._take(query, token, private=private)
            if found is not None:
                return found
            try:
                async with self._park(deadline):
                    await entries.wait(STREAM, keys, seen)
            except TimeoutError:
                if self._returns == returns:
                    return None

    async def give_back(self, entry: Entry, token: str) -> None:
        """Undo a take whose capture did not reach the client.

        Nothing happens if a later capture of the recipient is taken by now: that retired this one too.
        """
        key = _TAKEN + entry.value["readAs"]
        record = await self._store.records.get(key)
        if record is None or record.value["through"] != entry.seq or token not in record.value["tokens"]:
            return
        tokens = {one: capture for one, capture in record.value["tokens"].items() if one != token}
        mark = {"through": record.value["before"], "before": record.value["before"], "tokens": tokens}
        try:
            await self._store.records.put(key, mark, record.version)
        except Conflict:
            return
        except StoreFailed as error:
            log.warning("a code was taken, did not reach its taker, and stays taken: %s", error.message)
            return
        # No new entry of the log wakes the other waits.
        self._returns += 1
        for parked in self._parked:
            with contextlib.suppress(RuntimeError):  # that wait is over anyway
                parked.reschedule(0)

    @contextlib.asynccontextmanager
    async def _park(self, deadline: float) -> AsyncIterator[None]:
        """Raise TimeoutError at the deadline, or when a capture is given back."""
        async with asyncio.timeout_at(deadline) as parked:
            self._parked.add(parked)
            try:
                yield
            finally:
                self._parked.discard(parked)

    async def _take(self, query: Query, token: str | None, *, private: bool) -> Entry | None:
        while True:
            if token is not None:
                again = await self._taken_with(query, token)
                if again is not None:
                    return again
            found = await self._pick(query, skip_taken=query.after is None or token is not None)
            if found is None or token is None:
                return found
            # Conflict: another client took one of that recipient meanwhile. Look again.
            with contextlib.suppress(Conflict):
                await (self._mark_or_undo if private else self._mark)(found, token)
                return found

    async def _pick(self, query: Query, *, skip_taken: bool) -> Entry | None:
        newest = query.after is None or query.newest
        page = Page(after=query.after, limit=1, newest_first=newest)
        marks = (
            {reading: await self._mark_of(reading) for reading in query.recipient.readings} if skip_taken else {}
        )
        oldest = self._clock.real() - FRESH_SECONDS if query.after is None else 0.0
        found = [entry for entry in await self._candidates(query, page, marks) if entry.at >= oldest]
        # After the reading, so that an eviction during it is noticed too.
        if query.after is not None and query.after < self.evicted:
            raise Gone("after: entries since that cursor are no longer kept; wait again without it")
        choose = max if newest else min
        return choose(found, key=lambda entry: entry.seq, default=None)

    async def _candidates(self, query: Query, page: Page, marks: dict[str, int] | None = None) -> list[Entry]:
        """Return, for each reading, the captures of the page that the provider read so and that no mark covers."""
        found: list[Entry] = []
        for reading in query.recipient.readings:
            mark = (marks or {}).get(reading, 0)
            floor = max(mark, page.after or 0) or None

            def keep(capture: Document, reading: str = reading) -> bool:
                return capture["readAs"] == reading and query.fits(capture)

            here = Page(floor, page.before, page.limit, page.newest_first)
            found += await select(self._store.log, STREAM, here, key=f"to:{reading}", keep=keep)
        return await entries_with_codes(found)

    # --- taking -------------------------------------------------------------------------------------------

    async def _mark_of(self, reading: str) -> int:
        record = await self._store.records.get(_TAKEN + reading)
        return int(record.value["through"]) if record else 0

    async def _taken_with(self, query: Query, token: str) -> Entry | None:
        for reading in query.recipient.readings:
            record = await self._store.records.get(_TAKEN + reading)
            capture_id = record.value["tokens"].get(token) if record else None
            if capture_id is not None:
                return await self.get(capture_id)
        return None

    async def _mark_or_undo(self, entry: Entry, token: str) -> None:
        """Mark it as taken. If this is cancelled, wait for the write, which cannot be stopped, and undo it."""
        marking = asyncio.ensure_future(self._mark(entry, token))
        try:
            await asyncio.shield(marking)
        except asyncio.CancelledError:
            await asyncio.wait({marking})
            if not marking.cancelled() and marking.exception() is None:
                await self.give_back(entry, token)
            raise

    async def _mark(self, entry: Entry, token: str) -> None:
        """Retire this capture and all older ones of its recipient. Raises Conflict if another take was first."""
        key = _TAKEN + entry.value["readAs"]
        record = await self._store.records.get(key)
        through = record.value["through"] if record else 0
        if entry.seq <= through:
            raise Conflict("taken meanwhile")
        tokens = {**(record.value["tokens"] if record else {}), token: entry.value["id"]}
        while len(tokens) > _TOKENS_KEPT:
            del tokens[next(iter(tokens))]
        mark = {"through": entry.seq, "before": through, "tokens": tokens}
        await self._store.records.put(key, mark, record.version if record else 0)
        self._takes += 1
        if self._takes % _PRUNE_EVERY == 0:
            # The mark stands even if this fails: a later take prunes again.
            with contextlib.suppress(Conflict, StoreFailed):
                await self._prune()

    async def _prune(self) -> None:
        """Delete the marks below which no capture is kept, so that memory stays bounded. Raises Conflict if one of
        them moves meanwhile."""
        oldest = await self._store.log.read(STREAM, limit=1)
        gone = oldest[0].seq - 1 if oldest else self._store.log.last()
        async with self._store.batch() as batch:
            for key, record in await self._store.records.scan(_TAKEN):
                if record.value["through"] <= gone:
                    # A delete has no version, so the put checks it.
                    batch.put(key, {}, record.version)
                    batch.delete(key)


def _keep_contents(batch: Batch, captures: Sequence[Capture]) -> None:
    """Keep the large parts of each mail once, however many recipients it has."""
    ids: dict[int, list[str]] = {}
    mails: dict[int, Mail] = {}
    for capture in captures:
        mail = capture.mail
        if mail is not None and (mail.raw is not None or mail.attachments):
            mails[id(mail)] = mail
            ids.setdefault(id(mail), []).append(capture.id)
    for one, mail in mails.items():
        document = {"captures": ids[one], **(mail.contents() or {})}
        batch.append(CONTENTS, document, [f"id:{capture_id}" for capture_id in ids[one]], mail.size)
