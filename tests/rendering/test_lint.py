"""Each rule: what it finds and where, and what it leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.data_files import folder
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer
from gateway.rendering.lint import Finding, lint_catalog
from gateway.rendering.mail_lint import MAIL_RULES
from gateway.rendering.preview import preview, preview_all
from gateway.rendering.senders import Sender
from gateway.rendering.sms_lint import SMS_RULES, foreign_placeholder, is_for_retriever, link, origin_bound_fault
from gateway.rendering.templates import entries
from tests.rendering.conftest import ALIYUN, NOBODY, Show

ROOT = Path(__file__).parents[2]
LONG = "This is about 40 characters of padding. " * 5
HASH = "FA+9qCX9VSu"

# Template text, rule, line, words of the message. The text begins in line 3 of its file.
FOUND = [
    ("Hello.", "no-code", 1, "{{ code }}"),
    ("{{ cdoe }}", "unknown-variable", 3, "did you mean code?"),
    ("{{ code }}\n{% if false %}{{ nobody }}{% endif %}", "unknown-variable", 4, "one of application"),
    ("{{ code }}\n{% macro m() %}{{ nobody }}{% endmacro %}", "unknown-variable", 4, "known are application"),
    ("{{ code }}\nhttps://example.com/x", "link", 4, "no link"),
    ("{{ code }} www.example.com", "link", 3, "no link"),
    (LONG + "{{ code }}", "segments", 2, "2 segments"),
    ("It’s {{ code }}", "accidental-ucs2", 3, "'’' -> \"'\""),
    ("{{ code }} \U0001f600", "accidental-ucs2", 3, "leave it out"),
    ("{{ code }}\n\n@https://example.com #{{ code }}", "origin-bound", 5, "leave the scheme out"),
    ("{{ code }}\n@example.com #{{ code }}\nbye", "origin-bound", 4, "not the last one"),
    ("{{ code }}\n@example.com #1{{ code }}", "origin-bound", 4, "another code"),
    ("{{ code }}\n@example.com  #{{ code }}", "origin-bound", 4, "malformed"),
    ("{{ code }}\nuse @example.com #{{ code }}", "origin-bound", 4, "line of its own"),
    ("<#> {{ code }} " + LONG[:120] + "\n" + HASH, "retriever-length", 3, "takes 140 bytes"),
    ("{{ code }} {% raw %}{{code}}{% endraw %}", "aliyun-placeholder", 3, "${code}"),
    ("{{ code }} {code}", "aliyun-placeholder", 3, "${code}"),
    ("{{ code }}" + "x" * 500, "aliyun-length", 2, "Aliyun takes 500"),
    ("{{ code }}\nfor {{ user.name }}", "aliyun-variable", 4, "user.name stays empty"),
    ("{% if %}", "syntax", 3, "line 3"),
    ("{{ code + 1 }}", "syntax", 3, "TypeError"),
]


@pytest.mark.parametrize(
    ("body", "rule", "line", "words"), FOUND, ids=[f"{at} {row[1]}" for at, row in enumerate(FOUND)]
)
def test_a_rule_finds_what_it_is_for_and_where(show: Show, body: str, rule: str, line: int, words: str) -> None:
    (found,) = [one for one in show(body).findings if one.rule == rule]
    assert (found.file, found.line, found.severity) == ("sms/en/SignIn.j2", line, SMS_RULES[rule].severity)
    assert words in found.message


CLEAN = [
    "Code {{ code }}",
    "{% set x = code %}{% for i in range(2) %}{% endfor %}{{ x }}",
    "{{ code }}\n\n@example.com #{{ code }}",
    "{{ code }}\n@example.com #{{ code }} @shop.example",
    "{{ code }} for you at Example.com",
    "{{ code }} {% if user.name %}{{ user.name }}{% endif %}",
    "{{ code }} {{ user.name | default('x') }} {{ organization.name or 'y' }}",
    "<#> {{ code }}\n" + HASH,
]


@pytest.mark.parametrize("body", CLEAN, ids=range(len(CLEAN)))
def test_a_good_template_has_no_findings(show: Show, body: str) -> None:
    assert show(body).findings == ()


def test_a_name_that_the_payload_has_not_is_missing_and_a_typo_below_it_is_named(show: Show) -> None:
    (found,) = show("{{ code }} {{ user.nmae }}", sender=NOBODY).findings
    assert (found.rule, found.severity, found.line) == ("missing-variable", "warning", 3)
    assert "did you mean name?" in found.message
    (other,) = show("{{ code }} {{ inviter }}", sender=NOBODY).findings
    assert "{% if inviter %}" in other.message
    assert (
        show("{{ code }} {{ shop.name }}", sender=NOBODY, payload={"code": "1", "shop": {"name": "x"}}).findings
        == ()
    )


def test_a_locale_without_templates_is_said_and_one_of_the_same_language_is_not(overlay: Renderer) -> None:
    def rules(locale: str) -> list[str]:
        made = preview(overlay, UsageType.SIGN_IN, Channel.SMS, ALIYUN, locale=locale)
        return [finding.rule for finding in made.findings]

    assert rules("fr-CA") == ["missing-locale"]
    assert rules("zh-TW") == rules("en-GB") == rules("zh-CN") == []


def test_a_locale_that_only_the_payload_names_is_said_too(overlay: Renderer) -> None:
    payload = {"code": "1", "locale": "fr"}
    made = preview(overlay, UsageType.SIGN_IN, Channel.SMS, ALIYUN, payload=payload)
    assert [finding.rule for finding in made.findings] == ["missing-locale"]


def test_a_file_that_cannot_be_read_is_a_finding(overlay: Renderer, tmp_path: Path) -> None:
    folder_of_that_name = tmp_path / "sms/en/SignIn.j2"
    folder_of_that_name.mkdir(parents=True)
    made = preview(overlay, UsageType.SIGN_IN, Channel.SMS, ALIYUN)
    assert made.origin == "built-in"
    folder_of_that_name.rmdir()
    folder_of_that_name.write_bytes(b'{% extends "sms/layout.j2" %}{% block text %}\xff{{ code }}{% endblock %}')
    made = preview(overlay, UsageType.SIGN_IN, Channel.SMS, ALIYUN)
    assert [(finding.rule, finding.message) for finding in made.findings] == [
        ("syntax", "sms/en/SignIn.j2: UnicodeDecodeError")
    ]


def test_a_usage_type_that_falls_to_generic_is_said(show: Show, overlay: Renderer) -> None:
    show("code: {{ code }}", UsageType.GENERIC, locale="fr")
    made = preview(overlay, UsageType.REGISTER, Channel.SMS, ALIYUN, locale="fr")
    assert [(finding.rule, finding.file) for finding in made.findings] == [("missing-type", "sms/fr/Generic.j2")]


def test_a_locale_without_generic_and_files_that_nobody_uses_are_found_in_the_set(
    overlay: Renderer, tmp_path: Path
) -> None:
    french = tmp_path / "sms" / "fr"
    french.mkdir(parents=True)
    for name in ("SignIn.j2", "Signup.j2", "_part.j2", "notes.txt"):
        (french / name).write_text("{{ code }}", encoding="utf-8")
    found = {(one.rule, one.file, one.severity) for one in lint_catalog(overlay, Channel.SMS)}
    assert found == {
        ("missing-generic", "sms/fr/Generic.j2", "error"),
        ("unknown-file", "sms/fr/Signup.j2", "warning"),
        ("unknown-file", "sms/fr/notes.txt", "warning"),
    }
    assert lint_catalog(Renderer([folder("templates")]), Channel.SMS) == []


def test_the_entries_say_whose_file_is_used(show: Show, overlay: Renderer) -> None:
    show("mine {{ code }}")
    found = {(one.locale, one.usage_type): one for one in entries(overlay) if one.channel is Channel.SMS}
    assert len(found) == 2 * len(UsageType)
    assert found["en", UsageType.SIGN_IN].origin == "overlay"
    assert "mine" in found["en", UsageType.SIGN_IN].document()["source"]
    assert found["zh-CN", UsageType.SIGN_IN].origin == "built-in"


@pytest.mark.parametrize("sender", [ALIYUN, NOBODY], ids=["aliyun", "nobody"])
def test_the_built_in_templates_have_no_findings(sender: Sender) -> None:
    made, of_the_set = preview_all(Renderer([folder("templates")]), Channel.SMS, sender)
    assert [finding for one in made for finding in one.findings] == of_the_set == []
    assert all(one.segments is not None and one.segments.count == 1 for one in made)


def test_a_chinese_sign_name_makes_english_ucs2_and_that_is_said_instead_of_the_segments() -> None:
    renderer = Renderer([folder("templates")])
    made = preview(renderer, UsageType.SIGN_IN, Channel.SMS, Sender("aliyun-sms", "网关沙盒"), locale="en")
    assert made.on_phone is not None
    assert made.on_phone.startswith("【网关沙盒】Your")
    assert [finding.rule for finding in made.findings] == ["sign-name-ucs2"]


def test_the_signature_has_square_brackets_where_all_is_gsm7() -> None:
    assert ALIYUN.on_phone("Code 1", "international") == "[Sandbox]Code 1"
    assert ALIYUN.on_phone("Code 1", "domestic") == "【Sandbox】Code 1"
    assert ALIYUN.on_phone("código", "international") == "【Sandbox】código"
    assert NOBODY.on_phone("Code 1", "international") == "Code 1"


def test_an_invitation_through_aliyun_has_no_link_and_elsewhere_it_has() -> None:
    renderer = Renderer([folder("templates")])
    through, elsewhere = (
        preview(renderer, UsageType.ORGANIZATION_INVITATION, Channel.SMS, sender).text
        for sender in (ALIYUN, NOBODY)
    )
    assert through is not None
    assert elsewhere is not None
    assert "http" not in through
    assert "https://example.com/" in elsewhere


def test_what_is_no_link_is_left_alone() -> None:
    assert link("10.5 or example.com, me@example.com") is None
    assert link("go to Example.com/now") == "Example.com/now"
    assert link("请打开https://a.cn/1，谢谢") == "https://a.cn/1"


@pytest.mark.parametrize(
    ("text", "meant"), [(f"x {HASH}", True), ("<#> x", True), ("for Information", False), ("x 12345678901", False)]
)
def test_a_message_for_androids_retriever_is_known_by_its_marks(text: str, meant: bool) -> None:
    assert is_for_retriever(text) is meant


@pytest.mark.parametrize("text", ["hello @ada", "mail ada@example.com", "no. #5", "@example.com #123456"])
def test_texts_without_a_wrong_origin_bound_line_have_no_fault(text: str) -> None:
    assert origin_bound_fault(text, "123456") is None


def test_every_foreign_placeholder_has_aliyuns_form() -> None:
    assert foreign_placeholder("a {{ user.name }}") == ("{{ user.name }}", "${user.name}")
    assert foreign_placeholder("a #code#") == ("#code#", "${code}")
    assert foreign_placeholder("a ${code} {x}") is None


@given(st.text(max_size=300), st.text(max_size=8) | st.none())
def test_any_text_can_be_looked_at(text: str, code: str | None) -> None:
    origin_bound_fault(text, code)
    is_for_retriever(text)
    assert (link(text) or "") in text
    placeholder = foreign_placeholder(text)
    assert placeholder is None or placeholder[0] in text


def test_every_rule_is_tested_here_and_listed_in_the_docs() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert {name for name in SMS_RULES if f'"{name}"' not in here} == set()
    page = (ROOT / "docs/templates.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z0-9-]+)` \| (error|warning) \| (.+) \|$", page, re.MULTILINE)
    both = SMS_RULES | {name: rule for name, rule in MAIL_RULES.items() if name not in SMS_RULES}
    assert listed == [(name, rule.severity, rule.summary) for name, rule in both.items()]


def test_a_finding_as_a_document_has_all_of_it() -> None:
    finding = Finding("link", "error", "sms/en/SignIn.j2", 3, "no")
    assert finding.document() == {
        "rule": "link",
        "severity": "error",
        "file": "sms/en/SignIn.j2",
        "line": 3,
        "message": "no",
    }
