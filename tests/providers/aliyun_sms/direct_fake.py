"""Calls the fake as a function: the least context that it needs, in memory, and no server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.core.model import Capture, Recipient, Request, Response
from gateway.faults.rules import Effect, FaultBook, Stage
from gateway.providers.aliyun_sms.fake.pipeline import fake
from gateway.providers.aliyun_sms.fake.settings import Account, FakeSettings, Guesses, Owner
from gateway.providers.aliyun_sms.fake.templates import Template
from gateway.providers.ports import Context
from gateway.storage.memory import MemoryRecords
from gateway.storage.ports import Entry
from tests.providers.aliyun_sms.independent_clients import (
    KEY_ID,
    NOW,
    OTHER_KEY_ID,
    OTHER_SECRET,
    SECRET,
    SIGN_NAME,
)

T = TypeVar("T")

TEMPLATES = {
    row.code: row
    for row in (
        Template("SMS_154950909", "您的验证码为${code}，请勿告知他人。", "verification"),
        Template("SMS_INTL", "Your code is ${code}.", "international"),
        Template("SMS_PLAIN", "您的账号已开通。", "notification"),
    )
}


@dataclass
class Captures:
    entries: list[Entry] = field(default_factory=list)

    async def add(self, captures: Sequence[Capture], effect: Effect | None = None) -> tuple[str, ...]:
        for capture in captures:
            self.entries.append(Entry(len(self.entries) + 1, "captures", capture.document(), NOW))
        return tuple([capture.id for capture in captures])

    async def of_recipient(self, provider: str, reading: str, limit: int) -> list[Entry]:
        own = [entry for entry in self.entries if entry.value["readAs"] == reading]
        return list(reversed(own))[:limit]

    async def of_provider(self, provider: str, limit: int) -> list[Entry]:
        return list(reversed(self.entries))[:limit]

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [entry.value for entry in self.entries]

    @property
    def texts(self) -> list[str]:
        return [document["text"] for document in self.documents]


@dataclass
class StillClock:
    """Implements ``ports.Clock``; pauses are only written down."""

    time: float = NOW
    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def real(self) -> float:
        return NOW

    async def sleep_until(self, when: float) -> None:
        self.time = max(self.time, when)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@dataclass
class OwnFaults:
    book: FaultBook = field(default_factory=FaultBook)

    def at(
        self, stage: Stage, operation: str | None, recipients: Sequence[Recipient] = (), key_id: str | None = None
    ) -> Effect | None:
        return self.book.at(stage, "aliyun-sms", operation, recipients, key_id)


class DirectFake:
    """One fake with one account (and somebody else's), one sign name and three templates."""

    def __init__(self, **settings: Any) -> None:
        self.captures = Captures()
        self.clock = StillClock()
        self.faults = OwnFaults()
        known: dict[str, Any] = {
            "accounts": {
                KEY_ID: Account(KEY_ID, SECRET),
                OTHER_KEY_ID: Account(OTHER_KEY_ID, OTHER_SECRET),
            },
            "signatures": frozenset({SIGN_NAME}),
            "templates": TEMPLATES,
            "owners": {"SMS_154950909": Owner("sms", "SignIn")},
        }
        self.settings = FakeSettings(**{**known, **settings})
        self.records = MemoryRecords()
        self.context = Context(self.captures, self.records, self.clock, self.faults, self.settings)

    def answer(self, request: Request) -> Answer:
        answering = fake(request, self.context)
        # A long request is read in a thread, which needs an event loop.
        size = len(request.body) + len(request.target)
        return Answer(asyncio.run(answering) if size > 50_000 else run(answering))


class Answer:
    """A response, read as JSON."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.verdict = response.verdict
        self.status = response.status
        self.headers = dict(response.headers)

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.response.body)
        return found

    @property
    def code(self) -> str:
        return str(self.json["Code"])

    @property
    def diagnosis(self) -> str | None:
        return self.verdict.explanation.get("diagnosis")


def guessing(**guesses: Any) -> Guesses:
    return Guesses(**guesses)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Nothing of a bare fake ever waits, so one step is all of it."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise AssertionError("the fake waited for something")
