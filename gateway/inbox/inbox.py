"""The inbox: what the fakes accepted. Add, find, wait, take.

Captures are a stream of the log, found under every plausible reading of their recipient. Taking is a watermark
for each recipient: what is at or below it counts as taken. Attachments are a stream of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.core import recipients
from gateway.core.clock import Clock
from gateway.core.errors import Conflict, Gone, StoreFailed
from gateway.core.model import Capture, Channel, Content, Document, Mail, Recipient
from gateway.delivery.messages import Messages
from gateway.faults.rules import Effect
from gateway.inbox import undelivered
from gateway.inbox.code_reader import CodeReader, seen, with_code
from gateway.inbox.undelivered import Accepted, Undelivered
from gateway.storage.paging import Page, select
from gateway.storage.ports import Batch, Entry, Job, Schedule, Store

log = logging.getLogger("gateway")

STREAM = "captures"
CONTENTS = "contents"
"""What mails weigh: attachments, and the source of one that came raw. Once for all captures of a mail."""
FRESH_SECONDS = 600.0
_TOKENS_KEPT = 64
_PRUNE_EVERY = 1024


@dataclass(frozen=True, slots=True)
class Query:
    """Which capture somebody waits for. ``after`` is a cursor; without it the newest one that is untaken and
    younger than ten minutes of real time."""

    recipient: Recipient
    usage_type: str | None = None
    channel: Channel | None = None
    after: int | None = None
    needs_code: bool = False

    def fits(self, capture: Document) -> bool:
        return (
            capture["readAs"] in self.recipient.readings
            and self.usage_type in (None, capture["type"])
            and self.channel in (None, capture["channel"])
            and not (self.needs_code and seen(capture)["code"] is None)
        )


def _taken_by(provider: str, capture: Document) -> bool:
    """A provider that delivers twice took it once."""
    return capture["provider"] == provider and "copyOf" not in capture.get("delivery", ())


class Inbox:
    """Implements ``ports.Captures``."""

    def __init__(self, store: Store, clock: Clock, messages: Messages, schedule: Schedule) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages
        self._undelivered = Undelivered(STREAM, schedule, clock, messages)
        self._schedule = schedule
        self._codes = CodeReader()
        self._takes = 0
        self._returns = 0
        self._parked: set[asyncio.Timeout] = set()

    async def add(self, captures: Sequence[Capture], effect: Effect | None = None) -> tuple[str, ...]:
        """Add all or none; a capture that our own driver sent gets its exact code, usage type and locale. From
        other senders, what has no code gets the one that its text says, if it does. ``effect`` may have some lost,
        late or doubled; the ids of those that are there."""
        read = await self._codes.of(captures)
        arrived: list[str] = []
        jobs: list[Job] = []
        async with self._store.batch() as batch:
            _keep_contents(batch, captures)
            for capture in captures:
                content = capture.content
                size = 800 + len(content.text) + len(content.html or "")
                keys = (*recipients.keys(capture.recipient), f"id:{capture.id}")
                delivery = effect.delivery_to(capture.recipient.read_as) if effect is not None else None
                if capture.link is None and delivery is None:
                    document = capture.document()
                    if capture.code is None:
                        document |= read(content)
                    batch.append(STREAM, document, keys, size)
                    arrived.append(capture.id)
                    continue
                document = await self._known(capture, read)
                accepted = Accepted(document, keys, size)
                if delivery is None:
                    self._undelivered.deliver(batch, accepted)
                    arrived.append(capture.id)
                else:
                    here, later = self._undelivered.divert(batch, accepted, delivery)
                    arrived += here
                    jobs += later
        for job in jobs:
            self._schedule.arm(job)
        return tuple(arrived)

    async def _known(self, capture: Capture, read: Callable[[Content], Document]) -> Document:
        """With what is known of the message behind it, or what its text says."""
        document = capture.document()
        sent = await self._messages.requested(capture.link) if capture.link else None
        if sent is not None:
            document |= {name: sent[name] for name in ("messageId", "connectorId", "type", "locale")}
            if sent["code"] is not None:
                document |= {"code": sent["code"], "codeSource": "rendered"}
        elif document["code"] is None:
            document |= read(capture.content)
        return document

    async def of_recipient(self, provider: str, reading: str, limit: int) -> list[Entry]:
        def keep(capture: Document) -> bool:
            return bool(capture["readAs"] == reading and _taken_by(provider, capture))

        return await self._accepted(f"to:{reading}", keep, limit)

    async def of_provider(self, provider: str, limit: int) -> list[Entry]:
        return await self._accepted(None, partial(_taken_by, provider), limit)

    async def _accepted(self, key: str | None, keep: Callable[[Document], bool], limit: int) -> list[Entry]:
        """What arrived and what did not, newest first. What came late stands where it was accepted."""
        page = Page(limit=limit)
        arrived = await select(self._store.log, STREAM, page, key=key, keep=keep)
        diverted = await select(self._store.log, undelivered.STREAM, page, key=key, keep=keep)
        if not diverted:
            return arrived
        each = {entry.value["id"]: entry for entry in (*arrived, *diverted)}
        return sorted(each.values(), key=lambda entry: -entry.seq)[:limit]

    async def get(self, capture_id: str) -> Entry | None:
        found = await self._store.log.read(STREAM, key=f"id:{capture_id}", limit=1)
        return with_code(found[0]) if found else None

    async def newest(self, query: Query) -> Entry | None:
        """The newest that fits, taken or not."""
        return max(await self._candidates(query, Page(limit=1)), key=lambda entry: entry.seq, default=None)

    async def contents(self, capture_id: str) -> Document | None:
        """``raw`` and ``attachments``, base64, of a mail that has any; None where they are no longer kept, too."""
        found = await self._store.log.read(CONTENTS, key=f"id:{capture_id}", limit=1)
        if not found:
            copy = await self.get(capture_id)
            original = copy.value.get("delivery", {}).get("copyOf") if copy else None
            return await self.contents(original) if original else None
        return found[0].value

    async def delete(self, capture_id: str) -> int:
        """With its attachments, unless another recipient's capture has them too."""
        log = self._store.log
        count = await log.drop(STREAM, f"id:{capture_id}")
        contents = await self.contents(capture_id) if count else None
        if contents is not None:
            others = await asyncio.gather(*(self.get(one) for one in contents["captures"]))
            if not any(others):
                await log.drop(CONTENTS, f"id:{capture_id}")
        return count

    async def clear(self) -> int:
        """Everything; how many captures there were."""
        await self._store.log.drop(CONTENTS)
        return await self._store.log.drop(STREAM)

    async def delete_of(self, recipient: Recipient) -> int:
        """What went to that recipient, as the provider read it."""
        own = await self._candidates(Query(recipient), Page(limit=1_000_000))
        # At once: a store on a disk does in one commit what is asked of it together.
        return sum(await asyncio.gather(*(self.delete(entry.value["id"]) for entry in own)))

    async def wait(self, query: Query, seconds: float, token: str | None, *, private: bool = False) -> Entry | None:
        """The capture that fits, at once if it is there; None when the (real) time is over.

        ``token`` takes it: the same token gets the same capture again. ``private``: nobody can use the token
        again, so if this is cancelled the capture stays untaken. Raises Gone for a cursor that is older than what
        is kept.
        """
        entries = self._store.log
        keys = recipients.keys(query.recipient)
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            seen, returns = entries.last(), self._returns
            # Not under the timer: what is taken must be handed over.
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
        """Untake what was taken with that token and did not reach whoever took it. Nothing happens if a later one
        of its recipient is taken by now: that retired this one too."""
        key = f"taken/{entry.value['readAs']}"
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
        # No entry of the log tells who waits already.
        self._returns += 1
        for parked in self._parked:
            with contextlib.suppress(RuntimeError):  # its time is over anyway
                parked.reschedule(0)

    @contextlib.asynccontextmanager
    async def _park(self, deadline: float) -> AsyncIterator[None]:
        """Raises TimeoutError at the deadline, or when something is given back."""
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
            # Somebody else took one of that recipient meanwhile: look again.
            with contextlib.suppress(Conflict):
                await (self._mark_or_undo if private else self._mark)(found, token)
                return found

    async def _pick(self, query: Query, *, skip_taken: bool) -> Entry | None:
        page = Page(after=query.after, limit=1, newest_first=query.after is None)
        marks = (
            {reading: await self._mark_of(reading) for reading in query.recipient.readings} if skip_taken else {}
        )
        oldest = self._clock.real() - FRESH_SECONDS if query.after is None else 0.0
        found = [entry for entry in await self._candidates(query, page, marks) if entry.at >= oldest]
        # After the reading: what went away during it must be noticed too.
        if query.after is not None and query.after < self._store.log.evicted(STREAM):
            raise Gone("after: entries since that cursor are no longer kept; wait again without it")
        choose = max if query.after is None else min
        return choose(found, key=lambda entry: entry.seq, default=None)

    async def _candidates(self, query: Query, page: Page, marks: dict[str, int] | None = None) -> list[Entry]:
        """For each reading, the first of the page that the provider read so and that no mark covers."""
        found: list[Entry] = []
        for reading in query.recipient.readings:
            mark = (marks or {}).get(reading, 0)
            floor = max(mark, page.after or 0) or None

            def keep(capture: Document, reading: str = reading) -> bool:
                return capture["readAs"] == reading and query.fits(capture)

            here = Page(floor, page.before, page.limit, page.newest_first)
            found += await select(self._store.log, STREAM, here, key=f"to:{reading}", keep=keep)
        return [with_code(entry) for entry in found]

    # --- taking -----------------------------------------------------------------------------------------

    async def _mark_of(self, reading: str) -> int:
        record = await self._store.records.get(f"taken/{reading}")
        return int(record.value["through"]) if record else 0

    async def _taken_with(self, query: Query, token: str) -> Entry | None:
        for reading in query.recipient.readings:
            record = await self._store.records.get(f"taken/{reading}")
            capture_id = record.value["tokens"].get(token) if record else None
            if capture_id is not None:
                return await self.get(capture_id)
        return None

    async def _mark_or_undo(self, entry: Entry, token: str) -> None:
        """A write that has begun cannot be called back: who is cancelled during it waits for it, and undoes it."""
        marking = asyncio.ensure_future(self._mark(entry, token))
        try:
            await asyncio.shield(marking)
        except asyncio.CancelledError:
            await asyncio.wait({marking})
            if not marking.cancelled() and marking.exception() is None:
                await self.give_back(entry, token)
            raise

    async def _mark(self, entry: Entry, token: str) -> None:
        """Retire this one and all older ones of its recipient. Raises Conflict if another was first."""
        key = f"taken/{entry.value['readAs']}"
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
            # The mark stands, whatever becomes of this: the next one will do it.
            with contextlib.suppress(Conflict, StoreFailed):
                await self._prune()

    async def _prune(self) -> None:
        """Forget the marks below which nothing is kept any more: memory stays bounded. Raises Conflict if one of
        them moves meanwhile."""
        oldest = await self._store.log.read(STREAM, limit=1)
        gone = oldest[0].seq - 1 if oldest else self._store.log.last()
        async with self._store.batch() as batch:
            for key, record in await self._store.records.scan("taken/"):
                if record.value["through"] <= gone:
                    # The put is there for its version: a delete has none.
                    batch.put(key, {}, record.version)
                    batch.delete(key)


def _keep_contents(batch: Batch, captures: Sequence[Capture]) -> None:
    """Each mail's once: fifty recipients of one with a picture do not need it fifty times."""
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
