"""The examples of docs/templates.md, run as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gateway.core.data_files import folder
from tests.docs.test_examples import blocks, containing, serving, shell

PAGE = "docs/templates.md"


@pytest.mark.slow
def test_templates_are_copied_looked_at_and_exported(tmp_path: Path) -> None:
    printed = shell(containing(PAGE, "bash", "templates init"), "", tmp_path)
    assert "您的登录验证码为246810" in printed
    assert "errors: 0" in printed
    texts = json.loads((tmp_path / "aliyun.json").read_text(encoding="utf-8"))
    assert len(texts) == 18
    assert "templateCode" in (tmp_path / "logto.json").read_text(encoding="utf-8")
    (step,) = YAML(typ="safe", pure=True).load(containing(PAGE, "yaml", "--check"))
    assert "errors: 0" in shell(step["run"], "", tmp_path)


def test_the_templates_of_the_page_are_the_built_in_ones() -> None:
    for shown, file in zip(blocks(PAGE, "jinja"), ("sms/en/SignIn.j2", "email/en/Generic.j2"), strict=True):
        assert shown == (folder("templates") / file).read_text(encoding="utf-8")


@pytest.mark.slow
def test_emails_are_looked_at_and_exported(tmp_path: Path) -> None:
    printed = shell(containing(PAGE, "bash", "--out sign-in.html"), "", tmp_path)
    assert "您的登录验证码为 246810" in printed
    assert 'lang="zh-CN"' in (tmp_path / "sign-in.html").read_text(encoding="utf-8")
    texts = json.loads((tmp_path / "logto-email.json").read_text(encoding="utf-8"))["templates"]
    assert texts[0]["subject"] == "您的登录验证码为 {{code}}"
    stored = json.loads((tmp_path / "ses.json").read_text(encoding="utf-8"))
    assert "{{application.name}}" in stored[0]["TemplateContent"]["Text"]


@pytest.mark.slow
def test_what_is_edited_arrives_in_the_inbox(tmp_path: Path) -> None:
    file = tmp_path / "templates/sms/en/SignIn.j2"
    file.parent.mkdir(parents=True)
    file.write_text('{% extends "sms/layout.j2" %}{% block text %}Mine {{ code }}{% endblock %}', encoding="utf-8")
    with serving(tmp_path, "--templates", "templates") as url:
        printed = shell(containing(PAGE, "bash", "gateway serve"), url, tmp_path)
    assert "Mine 246810" in printed


def test_the_api_answers_as_the_page_shows(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        printed = shell(containing(PAGE, "bash", '"text": "Code'), url, tmp_path)
        email = json.loads(shell(containing(PAGE, "bash", '"channel": "email"'), url, tmp_path))
    assert email["subject"] == "您的注册验证码为 246810"
    saved, unsaved = (json.loads(line) for line in printed.splitlines())
    assert saved == json.loads(containing(PAGE, "json", "servedLocale"))
    assert unsaved["text"] == "Code 246810"
