"""gateway templates: the way out for editing, and the way to Aliyun and Logto."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.core.data_files import folder as shipped
from gateway.core.model import UsageType
from gateway.providers.aliyun_sms.fake.templates import seeded
from tests.cli.conftest import Run


def test_init_copies_the_built_in_templates(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    result = run("templates", "init", str(target))
    assert result.exit_code == 0
    source = shipped("templates")
    for file in source.rglob("*.j2"):
        assert (target / file.relative_to(source)).read_bytes() == file.read_bytes()
    again = run("preview", "--all", "--check", "--templates", str(target))
    assert (again.exit_code, "errors: 0" in again.stdout) == (0, True)


def test_init_never_replaces_a_file_and_then_copies_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sms" / "zh-CN").mkdir(parents=True)
    mine = tmp_path / "sms" / "zh-CN" / "SignIn.j2"
    mine.write_text("mine", encoding="utf-8")
    result = run("templates", "init", str(tmp_path))
    assert result.exit_code == 2
    assert "SignIn.j2 is there already" in result.stderr
    assert list(tmp_path.rglob("*.j2")) == [mine]
    assert mine.read_text(encoding="utf-8") == "mine"


def test_export_for_aliyun_has_the_registered_texts(run: Run) -> None:
    found = json.loads(run("templates", "export", "--for", "aliyun").stdout)
    assert {one["templateCode"]: one["parameters"]["TemplateContent"] for one in found} == {
        code: template.text for code, template in seeded().items()
    }
    assert found[0]["parameters"]["RelatedSignName"] == "网关沙盒"


def test_an_edited_template_is_in_the_export(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sms" / "en" / "Generic.j2"
    file.parent.mkdir(parents=True)
    source = '{% extends "sms/layout.j2" %}{% block text %}Edited {{ code }}{% endblock %}'
    file.write_text(source, encoding="utf-8")
    found = json.loads(run("templates", "export", "--for", "aliyun", "--templates", str(tmp_path)).stdout)
    texts = {one["templateCode"]: one["parameters"]["TemplateContent"] for one in found}
    assert texts["SMS_200000005"] == "Edited ${code}"
    file.write_text(source.replace("code", "user.name"), encoding="utf-8")
    refused = run("templates", "export", "--for", "aliyun", "--templates", str(tmp_path))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "[aliyun-variable]" in refused.stderr
    assert "[no-code]" in refused.stderr


def test_export_for_logto_has_the_connectors_codes(run: Run) -> None:
    found = json.loads(run("templates", "export", "--for", "logto:aliyun").stdout)["templates"]
    assert [one["usageType"] for one in found] == [usage_type.value for usage_type in UsageType]
    assert found[3] == {
        "usageType": "OrganizationInvitation",
        "templateCode": {"china": "SMS_100000004", "overseas": "SMS_200000004"},
        "type": 0,
    }
    assert {one["type"] for one in found} == {0, 2}


@pytest.mark.slow
def test_export_for_ses_has_every_email_in_every_language(run: Run) -> None:
    result = run("templates", "export", "--for", "aws-ses")
    found = json.loads(result.stdout)
    assert [one["TemplateName"] for one in found] == [
        f"{usage_type}-{locale}" for locale in ("en", "zh-CN") for usage_type in UsageType
    ]
    assert found[0]["TemplateContent"]["Subject"] == "Your sign-in code is {{code}}"
    assert "\n{{code}}\n" in found[0]["TemplateContent"]["Text"]
    assert "taken as absent: application.displayName, application.name, inviter.name" in result.stderr


@pytest.mark.slow
def test_export_for_logto_and_ses_is_in_one_language_with_the_names_that_are_given(run: Run) -> None:
    options = ("--for", "logto:aws-ses", "--locale", "zh", "--with", "application.name")
    found = json.loads(run("templates", "export", *options).stdout)["templates"]
    assert [one["usageType"] for one in found] == [usage_type.value for usage_type in UsageType]
    assert [sorted(one) for one in found] == [["content", "subject", "usageType"]] * len(UsageType)
    assert found[0]["subject"] == "您的登录验证码为 {{code}}"
    assert "「{{application.name}}」" in found[0]["content"]
    plain = json.loads(run("templates", "export", "--for", "logto:aws-ses").stdout)["templates"]
    assert plain[0]["subject"] == "Your sign-in code is {{code}}"
    assert "application" not in plain[0]["content"]


def test_an_email_with_an_error_or_with_more_than_the_dialect_can_say_is_not_exported(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "email" / "en" / "SignIn.j2"
    file.parent.mkdir(parents=True)
    parts = ("subject", "preheader", "text")
    start = '{% extends "email/layout.j2" %}' + "".join(
        f"{{% block {one} %}}{{{{ code }}}}{{% endblock %}}" for one in parts
    )
    options = ("--for", "logto:aws-ses", "--templates", str(tmp_path))
    file.write_text(start + "{% block html %}<form>{{ code }}</form>{% endblock %}", encoding="utf-8")
    refused = run("templates", "export", *options)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "[active]" in refused.stderr
    file.write_text(start + "{% block html %}{{ code }}{{ code | reverse }}{% endblock %}", encoding="utf-8")
    refused = run("templates", "export", *options)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "can only show code" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--for", "aliyun", "--locale", "en"), "go with aws-ses"),
        (("--for", "aws-ses", "--connector", "sms"), "goes with aliyun"),
        (("--for", "aws-ses", "--locale", "fr"), "there are: en, zh-CN"),
        (("--for", "aws-ses", "--with", "{{ a }}"), "no name such as application.name"),
    ],
)
def test_a_wrong_export_is_named(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("templates", "export", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
