"""Templates over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.core.model import UsageType
from tests.support.configs import TOY_MAIL, providers
from tests.support.running_gateway import RunningGateway, running
from tests.support.tiers import nth_fast

SIGN = {
    "accessKeyId": "a",
    "accessKeySecret": "b",
    "signName": "Sandbox",
    "templates": [
        {"usageType": name, "templateCode": "SMS_1"} for name in ("SignIn", "Register", "ForgotPassword", "Generic")
    ],
}
SMS = {"id": "sms", "factory": "aliyun-short-message-service", "config": SIGN}


@pytest_asyncio.fixture
async def edited(tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """Our own providers, and a folder with one template in it."""
    from gateway.providers.registry import load_providers

    file = tmp_path / "sms" / "en" / "SignIn.j2"
    file.parent.mkdir(parents=True)
    file.write_text('{% extends "sms/layout.j2" %}{% block text %}Mine: {{ code }}{% endblock %}', "utf-8")
    async with running(load_providers(), connectors=[SMS], templates=tmp_path) as server:
        yield server


async def show(server: RunningGateway, **body: Any) -> Any:
    answer = await server.ask("POST", "/api/templates/preview", {"type": "SignIn", **body})
    assert answer.status == 200, answer.body
    return answer.json()


async def test_the_list_has_every_template_with_its_source_and_whose_it_is(edited: RunningGateway) -> None:
    found = (await edited.ask("GET", "/api/templates")).json()["templates"]
    assert len(found) == 2 * 2 * len(UsageType)
    mine = [one for one in found if one["origin"] == "overlay"]
    assert [(one["channel"], one["locale"], one["type"], one["file"]) for one in mine] == [
        ("sms", "en", "SignIn", "sms/en/SignIn.j2")
    ]
    assert "Mine: {{ code }}" in mine[0]["source"]


async def test_the_list_can_be_narrowed(edited: RunningGateway) -> None:
    answer = await edited.ask("GET", "/api/templates?locale=zh-CN&type=SignIn&channel=sms")
    assert [one["file"] for one in answer.json()["templates"]] == ["sms/zh-CN/SignIn.j2"]
    emails = (await edited.ask("GET", "/api/templates?channel=email&type=Register")).json()["templates"]
    assert [one["file"] for one in emails] == ["email/en/Register.j2", "email/zh-CN/Register.j2"]
    assert (await edited.ask("GET", "/api/templates?locale=fr")).json() == {"templates": []}


async def test_a_saved_template_is_shown_as_on_the_phone(edited: RunningGateway) -> None:
    made = await show(edited, locale="en", payload={"code": "135790"})
    assert made == {
        "type": "SignIn",
        "channel": "sms",
        "locale": "en",
        "file": "sms/en/SignIn.j2",
        "servedLocale": "en",
        "origin": "overlay",
        "signName": "Sandbox",
        "text": "Mine: 135790",
        "onPhone": "[Sandbox]Mine: 135790",
        "segments": {
            "market": "international",
            "encoding": "GSM-7",
            "units": 23,
            "segments": 1,
            "perSegment": 160,
            "free": 137,
            "forcedBy": [],
        },
        "findings": [],
    }


async def test_a_chinese_one_is_counted_as_aliyun_counts_at_home(edited: RunningGateway) -> None:
    made = await show(edited, locale="zh-CN", connectorId="sms")
    assert made["onPhone"].startswith("【Sandbox】您的登录验证码为246810")
    assert (made["segments"]["market"], made["segments"]["segments"]) == ("domestic", 1)


async def test_an_unsaved_text_is_shown_with_its_findings(edited: RunningGateway) -> None:
    made = await show(edited, text="It’s {{ code }}\nhttps://example.com/x")
    assert (made["text"], made["origin"]) == ("It’s 246810\nhttps://example.com/x", None)
    assert [(one["rule"], one["line"]) for one in made["findings"]] == [("link", 2), ("accidental-ucs2", 1)]
    assert made["segments"]["forcedBy"][0] == {"character": "【", "position": 0, "suggestion": "["}


BROKEN = [
    ("a\n{% if %}", "template.invalid", 2),
    ("a\n\n{{ cdoe }}", "template.unknown_variable", 3),
    ("{{ 1 / 0 }}", "template.invalid", 1),
    ("\n{% include 'sms/nowhere.j2' %}", "template.invalid", 2),
]


@pytest.mark.parametrize(("text", "code", "line"), nth_fast(BROKEN, 6, several=True))
async def test_a_broken_text_is_a_400_with_its_line(
    edited: RunningGateway, text: str, code: str, line: int
) -> None:
    answer = await edited.ask("POST", "/api/templates/preview", {"type": "SignIn", "text": text})
    assert (answer.status, answer.code) == (400, code)
    assert answer.json()["data"]["line"] == line


async def test_a_broken_file_is_a_400_with_its_line(edited: RunningGateway, tmp_path: Path) -> None:
    (tmp_path / "sms/en/SignIn.j2").write_text("{% block text %}\n{% endif %}", "utf-8")
    answer = await edited.ask("POST", "/api/templates/preview", {"type": "SignIn"})
    assert (answer.status, answer.json()["data"]["line"]) == (400, 2)


WRONG = [
    ({"type": "Nothing"}, 400, "type"),
    ({"type": "SignIn", "text": "x" * 20_001}, 400, "text"),
    ({"type": "SignIn", "payload": []}, 400, "payload"),
    ({"type": "SignIn", "channel": "email", "connectorId": "sms"}, 400, "connectorId"),
    ({"type": "SignIn", "connectorId": "nobody"}, 404, "known: sms"),
    ({"type": "SignIn", "channel": "letter"}, 400, "channel"),
    ({"type": "SignIn", "template": "x"}, 400, "template"),
]


@pytest.mark.parametrize(("body", "status", "words"), WRONG)
async def test_a_wrong_question_is_named(edited: RunningGateway, body: object, status: int, words: str) -> None:
    answer = await edited.ask("POST", "/api/templates/preview", body)
    assert answer.status == status
    assert words in answer.json()["message"]


async def test_the_payload_is_in_no_error(edited: RunningGateway) -> None:
    body = {"type": "SignIn", "text": "{{ code + 1 }}", "payload": {"code": "864209"}}
    answer = await edited.ask("POST", "/api/templates/preview", body)
    assert answer.status == 400
    assert b"864209" not in answer.body


async def test_without_a_connector_for_the_channel_there_is_no_signature() -> None:
    async with running(connectors=[]) as server:
        made = await show(server)
        assert (made["signName"], made["onPhone"]) == (None, made["text"])


async def test_what_the_sandbox_delivers_is_the_edited_template(edited: RunningGateway) -> None:
    from gateway.providers.aliyun_sms.fake.settings import FakeSettings

    settings: FakeSettings = edited.gateway.services.mounts["aliyun-sms"].settings
    assert settings.templates["SMS_200000001"].text == "Mine: ${code}"
    assert "验证码" in settings.templates["SMS_100000001"].text


# --- email --------------------------------------------------------------------------------------------------

EMAIL = {
    "emailAddress": "Shop <shop@x.example>",
    "templates": [{"usageType": "Generic", "subject": "Own {{code}}", "content": "<p>{{code}}</p>"}],
}


async def test_an_email_is_shown_with_its_parts(edited: RunningGateway) -> None:
    made = await show(edited, channel="email", locale="zh-CN", payload={"code": "135790"})
    assert (made["file"], made["servedLocale"], made["origin"]) == ("email/zh-CN/SignIn.j2", "zh-CN", "built-in")
    assert (made["subject"], made["preheader"][:9]) == ("您的登录验证码为 135790", "10 分钟内有效。")
    assert "135790" in made["text"].splitlines()
    assert made["bytes"] == len(made["html"].encode())
    assert made["findings"] == []


async def test_an_unsaved_email_is_shown_with_its_findings(edited: RunningGateway) -> None:
    source = "{% block subject %}{{ code }}{% endblock %}{% block html %}<p>{{ user.name }}{% endblock %}"
    made = await show(edited, channel="email", text=source, payload={"code": "1", "user": {"name": "<b>"}})
    assert "<p>&lt;b&gt;" in made["html"]
    assert {one["rule"] for one in made["findings"]} == {
        "no-code",
        "no-text",
        "no-lang",
        "no-title",
        "no-preheader",
    }


BROKEN_EMAIL = [("x", None), ("{% block subject %}{% endblock %}\n{% block html %}{{ 1 / 0 }}{% endblock %}", 2)]


@pytest.mark.parametrize(("source", "line"), nth_fast(BROKEN_EMAIL, 2, several=True))
async def test_a_broken_email_is_a_400(edited: RunningGateway, source: str, line: int | None) -> None:
    body = {"type": "SignIn", "channel": "email", "text": source}
    answer = await edited.ask("POST", "/api/templates/preview", body)
    assert (answer.status, answer.code, answer.json()["data"].get("line")) == (400, "template.invalid", line)


async def test_the_templates_of_a_connector_are_shown_as_logto_fills_them_in() -> None:
    connector = {"id": "mail", "factory": TOY_MAIL, "config": EMAIL}
    async with running(providers(), connectors=[connector]) as server:
        made = await show(server, channel="email", connectorId="mail", locale="zh-CN")
        assert (made["file"], made["origin"], made["servedLocale"]) == ("templates[0]", "connector", None)
        assert (made["from"], made["subject"], made["html"]) == (
            EMAIL["emailAddress"],
            "Own 246810",
            "<p>246810</p>",
        )
        saved = await show(
            server, channel="email", text="{% block subject %}s{% endblock %}{% block text %}t{% endblock %}"
        )
        assert (saved["from"], saved["subject"], saved["html"]) == (EMAIL["emailAddress"], "s", None)
