"""Codes of captures that come without one: read out of the text, and never guessed where the code is known."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import extraction
from gateway.core.model import Capture, Channel, Content
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.inbox.inbox import Inbox, Query
from tests.support.samples import PHONE, capture, message

TEXT = "Your verification code is 482913."


async def added(inbox: Inbox, made: Capture) -> dict[str, Any]:
    await inbox.add([made])
    entry = await inbox.get(made.id)
    assert entry is not None
    return {name: entry.value[name] for name in ("code", "codeSource", "codeConfidence")}


async def test_a_code_in_the_text_is_read_and_said_to_be_a_guess(inbox: Inbox) -> None:
    shown = await added(inbox, capture(code=None, text=TEXT))
    assert shown == {"code": "482913", "codeSource": "heuristic", "codeConfidence": 0.97}


async def test_html_and_subject_are_read_too(inbox: Inbox) -> None:
    made = Capture(
        provider="toy",
        operation="Send",
        recipient=recipient("robin@example.test", Channel.EMAIL),
        content=Content("", "Sign in", "<p>Your code is</p><p>482913</p>"),
        exchange_id="ex_1",
        received_at=0.0,
    )
    assert (await added(inbox, made))["code"] == "482913"


async def test_a_text_without_a_code_gets_none(inbox: Inbox) -> None:
    shown = await added(inbox, capture(code=None, text="Your order 58201147 has shipped."))
    assert shown == {"code": None, "codeSource": None, "codeConfidence": None}


async def test_what_the_fake_knows_is_not_guessed_again(inbox: Inbox) -> None:
    shown = await added(inbox, capture(code="000000", text=TEXT))
    assert shown == {"code": "000000", "codeSource": "template_param", "codeConfidence": None}


async def test_a_code_of_ours_is_the_exact_one(inbox: Inbox, messages: Messages) -> None:
    sent = message(code="135790")
    await messages.open(sent)
    shown = await added(inbox, capture(code=None, link=sent.id, text=TEXT))
    assert shown == {"code": "135790", "codeSource": "rendered", "codeConfidence": None}


async def test_a_message_of_ours_that_was_sent_without_a_code_has_none(inbox: Inbox, messages: Messages) -> None:
    sent = message(payload={"link": "https://example.com"})
    await messages.open(sent)
    assert (await added(inbox, capture(code=None, link=sent.id, text=TEXT)))["code"] is None


async def test_somebody_elses_link_does_not_keep_the_text_from_being_read(inbox: Inbox) -> None:
    assert (await added(inbox, capture(code=None, link="their own id", text=TEXT)))["code"] == "482913"


async def test_who_waits_for_a_code_gets_one_that_was_read(inbox: Inbox) -> None:
    await inbox.add([capture(code=None, text="Hello!"), capture(code=None, text=TEXT)])
    found = await inbox.wait(Query(recipient(PHONE), needs_code=True), 0, None)
    assert found is not None
    assert found.value["code"] == "482913"


async def test_one_content_for_many_numbers_is_read_once_and_not_before_somebody_looks(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = extraction.extract

    def counted(text: str, html: str | None, subject: str | None) -> extraction.Extraction | None:
        read.append(text)
        return real(text, html, subject)

    monkeypatch.setattr(extraction, "extract", counted)
    made = [capture(f"+86138001380{n:02}", None, text=f"{TEXT} Once.") for n in range(20)]
    await inbox.add(made)
    assert read == []
    assert [(await inbox.get(one.id)).value["code"] for one in made] == ["482913"] * 20  # type: ignore[union-attr]  # they are there
    assert read == [f"{TEXT} Once."]
