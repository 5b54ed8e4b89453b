"""Calls the fake as a function: one context in memory, and signed forms of v1 straight into it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from gateway.core.model import Capture, Request, Response
from gateway.faults.rules import Effect
from gateway.providers.aws_ses.fake.pipeline import fake
from gateway.providers.aws_ses.fake.settings import Account, FakeSettings
from gateway.providers.ports import Context
from gateway.storage.memory import MemoryRecords
from gateway.storage.ports import Entry
from tests.providers.aws_ses.signed_requests import KEY_ID, NOW, SECRET, URL, signed

FORM = "application/x-www-form-urlencoded; charset=utf-8"
NAMESPACE = "{http://ses.amazonaws.com/doc/2010-12-01/}"


@dataclass
class _Captures:
    kept: list[Capture] = field(default_factory=list)

    async def add(self, captures: Sequence[Capture], effect: Effect | None = None) -> tuple[str, ...]:
        self.kept += captures
        return tuple(one.id for one in captures)

    async def of_recipient(self, provider: str, reading: str, limit: int) -> list[Entry]:
        return []

    async def of_provider(self, provider: str, limit: int) -> list[Entry]:
        return []


class _Clock:
    def now(self) -> float:
        return NOW

    def real(self) -> float:
        return NOW

    async def sleep_until(self, when: float) -> None:
        """Never asked for here."""

    async def pause(self, seconds: float) -> None:
        """Takes no time."""


class _NoFaults:
    def at(self, *_: Any) -> Effect | None:
        return None


class DirectFake:
    def __init__(self, **settings: Any) -> None:
        self.captures = _Captures()
        known = FakeSettings(accounts={KEY_ID: Account(KEY_ID, SECRET)}, **settings)
        self.context = Context(self.captures, MemoryRecords(), _Clock(), _NoFaults(), known)

    def answer(self, request: Request) -> Response:
        """Nothing of a bare fake ever waits, so one step is all of it."""
        running = fake(request, self.context)
        try:
            running.send(None)
        except StopIteration as end:
            found: Response = end.value
            return found
        running.close()
        raise AssertionError("the fake waited for something")

    def form(self, form: Mapping[str, str] | str, **more: Any) -> Response:
        """A form of v1, signed. ``form``: as it goes over the wire, or by name."""
        sent = form if isinstance(form, str) else urlencode(form)
        headers = {"Content-Type": more.pop("content_type", FORM)}
        return self.answer(signed(url=f"{URL}/", body=sent.encode("latin-1"), headers=headers, **more))


def error_of(response: Response) -> tuple[str, str, str]:
    """Type, code and message of an answer of v1, which must be whole."""
    root = ET.fromstring(response.body)  # noqa: S314  # our own answer
    assert root.tag == f"{NAMESPACE}ErrorResponse"
    assert [child.tag.removeprefix(NAMESPACE) for child in root] == ["Error", "RequestId"]
    kind, code, message = [child.text or "" for child in root[0]]
    headers = dict(response.headers)
    assert headers["Content-Type"] == "text/xml"
    assert root[1].text == headers["x-amzn-RequestId"]
    return kind, code, message
