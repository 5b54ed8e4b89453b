"""Codes are read in a thread where that takes long, and once for each text."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.core.model import Content
from gateway.inbox.codes import LONG, CodeReader, entries_with_codes, with_code
from gateway.storage.ports import Entry
from tests.support.samples import capture
from tests.support.threads import Counted, threads

__all__ = ["threads"]

SHORT_TEXT = "Your verification code is 482913."
LONG_TEXT = SHORT_TEXT + " Bye." * LONG


async def test_the_first_message_makes_ready_in_a_thread_and_no_other_does(threads: Counted) -> None:
    reader = CodeReader()
    made = capture(code=None, text=SHORT_TEXT)
    both = await asyncio.gather(reader.read([made]), reader.read([made]))
    assert threads.jobs == 1
    read = await reader.read([made])
    assert threads.jobs == 1
    kept = [{**made.document(), **one(made.content)} for one in (*both, read)]
    assert [with_code(one)["code"] for one in kept] == ["482913"] * 3


async def test_a_long_message_is_read_in_a_thread_once(threads: Counted) -> None:
    reader = CodeReader()
    await reader.read([capture(code=None, text=SHORT_TEXT)])
    before = threads.jobs
    read = await reader.read([capture(code=None, text=LONG_TEXT) for _ in range(3)])
    assert threads.jobs == before + 1
    assert read(Content(LONG_TEXT)) is read(Content(LONG_TEXT))
    assert read(Content(LONG_TEXT))["code"] == "482913"


async def test_nothing_is_made_for_codes_that_are_known(threads: Counted) -> None:
    await CodeReader().read([capture(code="482913", text=LONG_TEXT)])
    assert threads.jobs == 0


async def test_what_may_be_ours_is_read_only_when_it_is_asked_for(threads: Counted) -> None:
    reader = CodeReader()
    await reader.read([capture(code=None, text=SHORT_TEXT)])
    before = threads.jobs
    read = await reader.read([capture(code=None, text=LONG_TEXT, link="msg_1")])
    assert threads.jobs == before
    assert read(Content(LONG_TEXT))["code"] == "482913"


async def test_many_short_messages_are_read_in_a_thread_when_they_are_shown(threads: Counted) -> None:
    reader = CodeReader()
    made = [capture(code=None, text=f"Your verification code is {code}") for code in range(482913, 482916)]
    fields = await reader.read(made)
    entries = [Entry(at, "captures", {**one.document(), **fields(one.content)}, 0.0) for at, one in enumerate(made)]
    before = threads.jobs
    assert [entry.value["code"] for entry in await entries_with_codes(entries[:1])] == ["482913"]
    assert threads.jobs == before
    shown = await entries_with_codes(entries)
    assert [entry.value["code"] for entry in shown] == ["482913", "482914", "482915"]
    assert threads.jobs == before + 1


async def test_a_long_subject_makes_a_message_long(threads: Counted) -> None:
    reader = CodeReader()
    await reader.read([capture(code=None, text=SHORT_TEXT)])
    before = threads.jobs
    await reader.read([replace(capture(code=None), content=Content("", LONG_TEXT))])
    assert threads.jobs == before + 1
