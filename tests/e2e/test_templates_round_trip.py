"""A template that was edited here, pasted there: exported, applied for with the official SDK, reviewed, sent with.
What arrives is what the preview showed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connector_gateway import Gateway
from tests.cli.command_line import run
from tests.e2e import accounts
from tests.e2e.test_every_operation import Api

pytestmark = pytest.mark.slow  # a gateway, an export and the SDK for each of many templates

EDITED = """{% extends "sms/layout.j2" %}
{% block text %}
Sign in to [R&D] with {{ code }}{% if code %}, {{ code }}!{% endif %}
{% endblock %}
"""


def said(folder: Path, *arguments: str) -> Any:
    done = run(*arguments, "--templates", "templates", cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def exported(tmp_path: Path) -> list[dict[str, Any]]:
    assert run("templates", "init", "templates", cwd=tmp_path).returncode == 0
    (tmp_path / "templates/sms/en/SignIn.j2").write_text(EDITED, encoding="utf-8")
    found: list[dict[str, Any]] = said(tmp_path, "templates", "export", "--for", "aliyun")
    return found


@pytest.mark.parametrize(
    ("usage_type", "locale", "number"),
    [
        ("SignIn", "zh-CN", None),
        ("SignIn", "en", "447700900123"),
        ("OrganizationInvitation", "zh-CN", None),
        ("OrganizationInvitation", "en", "447700900123"),
    ],
)
def test_what_is_applied_for_with_the_export_arrives_as_previewed(
    strict: Gateway,
    tmp_path: Path,
    exported: list[dict[str, Any]],
    usage_type: str,
    locale: str,
    number: str | None,
) -> None:
    api = Api(strict, accounts.OTHER_KEY_ID, accounts.OTHER_SECRET)
    of_type = [one["parameters"] for one in exported if one["usageType"] == usage_type]
    assert len(of_type) == 2
    parameters = next(one for one in of_type if (one["TemplateType"] == 3) == (locale == "en"))
    created = api.ok("CreateSmsTemplate", **{snake(name): value for name, value in parameters.items()})
    api.decide(created.template_code, "approved")
    to = number or strict.phone().digits
    param = {"template_param": '{"code":"246810"}'} if "TemplateRule" in parameters else {}
    api.ok(
        "SendSms",
        phone_numbers=to,
        sign_name=accounts.SIGN_NAME,
        template_code=created.template_code,
        **param,
    )
    previewed = said(tmp_path, "preview", usage_type, "--locale", locale, "--json")
    arrived = strict.message(f"+{to}" if number else to)
    assert arrived.text == previewed["onPhone"]
    assert ("246810" in previewed["onPhone"]) == bool(param)


def snake(name: str) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "_", name).lower()
