"""Each rule for emails: what it finds and where, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.core.data_files import folder
from gateway.core.model import Channel, UsageType
from gateway.rendering import Renderer
from gateway.rendering.lint import lint_catalog
from gateway.rendering.mail_lint import GMAIL_BYTES, MAIL_RULES
from gateway.rendering.preview import MailPreview, mail_preview
from gateway.rendering.senders import Mailbox

START = '{% extends "email/layout.j2" %}\n'
PARTS = {
    "subject": "Code {{ code }}",
    "preheader": "Ten minutes",
    "text": "Code {{ code }}",
    "html": "<p>{{ code }}</p>",
}
BARE = "{% block subject %}Code{% endblock %}{% block text %}{{ code }}{% endblock %}{% block html %}"


@pytest.fixture
def folders(tmp_path: Path) -> Renderer:
    return Renderer([tmp_path, folder("templates")])


def show(renderer: Renderer, source: str, usage_type: UsageType = UsageType.SIGN_IN, **more: Any) -> MailPreview:
    file = renderer.folders[0] / "email" / "en" / f"{usage_type}.j2"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    return mail_preview(renderer, usage_type, Mailbox(""), locale="en", **more)


def written(**changed: str) -> str:
    """A good template, a block a line, with some of its blocks changed."""
    parts = PARTS | changed
    return START + "\n".join(f"{{% block {name} %}}{body}{{% endblock %}}" for name, body in parts.items())


# What is changed in a good template, the rule, its line, words of the message.
FOUND: list[tuple[dict[str, str], str, int, str]] = [
    ({"html": "<p>hello</p>"}, "no-code", 1, "the HTML of type SignIn"),
    ({"text": "hello"}, "no-code", 1, "the text of type SignIn"),
    ({"html": "{{ cdoe }}"}, "unknown-variable", 5, "SignIn.j2 uses cdoe"),
    ({"html": "{{ code }}{% if false %}{{ cdoe }}{% endif %}"}, "unknown-variable", 5, "cdoe"),
    ({"text": "{{ code }} {{ user.nmae }}"}, "missing-variable", 4, "did you mean name?"),
    ({"html": "{{ code }}{% raw %}{{code}}{% endraw %}"}, "placeholder", 5, "{{code}} is left"),
    ({"subject": "Code\n{{ code }}"}, "subject-lines", 2, "on one line"),
    ({"subject": "x" * 61}, "long-subject", 2, "61 columns"),
    ({"subject": "码" * 31}, "long-subject", 2, "62 columns"),
    ({"text": ""}, "no-text", 1, "plain text"),
    ({"html": '{{ code }}<a href="http://x.example/">x</a>'}, "http-link", 5, "https"),
    ({"text": "{{ code }}\nhttp://x.example/"}, "http-link", 5, "https"),
    ({"preheader": ""}, "no-preheader", 1, "block preheader"),
    ({"html": "{{ code }}" + "<p>" + "x" * GMAIL_BYTES}, "clipped", 1, "Gmail cuts"),
    ({"html": '{{ code }}<img alt="" src="https://x.example/i.png">'}, "remote", 5, "from outside"),
    ({"html": '{{ code }}<img src="cid:1">'}, "no-alt", 5, "alt="),
    ({"html": "{{ code }}<form></form>"}, "active", 5, "<form>"),
    ({"html": "{% if %}"}, "syntax", 5, "line 5"),
]


@pytest.mark.parametrize(
    ("changed", "rule", "line", "words"), FOUND, ids=[f"{at} {row[1]}" for at, row in enumerate(FOUND)]
)
def test_a_rule_finds_what_it_is_for_and_where(
    folders: Renderer, changed: dict[str, str], rule: str, line: int, words: str
) -> None:
    (found,) = show(folders, written(**changed)).findings
    assert (found.rule, found.file, found.line) == (rule, "email/en/SignIn.j2", line)
    assert found.severity == MAIL_RULES[rule].severity
    assert words in found.message


@pytest.mark.parametrize(
    ("html", "rules"),
    [
        ("<html><body>{{ code }}", ["no-lang", "no-title", "no-preheader"]),
        ('<html lang="en"><title> </title><body>{{ code }}', ["no-title", "no-preheader"]),
    ],
)
def test_html_of_ones_own_is_looked_at_whole(folders: Renderer, html: str, rules: list[str]) -> None:
    made = show(folders, BARE + html + "{% endblock %}")
    assert sorted(one.rule for one in made.findings) == sorted(rules)


def test_an_empty_subject_is_an_empty_title_too(folders: Renderer) -> None:
    assert [one.rule for one in show(folders, written(subject=" ")).findings] == ["no-subject", "no-title"]


def test_an_invitation_must_have_its_link_in_both_parts(folders: Renderer) -> None:
    made = show(folders, written(), UsageType.ORGANIZATION_INVITATION)
    assert [one.rule for one in made.findings if one.severity == "error"] == ["no-link", "no-link"]
    good = written(text="{{ link }}", html='<a href="{{ link }}">x</a>', subject="Join")
    assert show(folders, good, UsageType.ORGANIZATION_INVITATION).findings == ()


CLEAN = [
    {},
    {"html": '{{ code }}<a href="https://x.example/">x</a><a href="http://localhost:3001/">y</a>'},
    {"html": '{{ code }}<img alt="" src="cid:logo"><p lang="{{ lang }}" dir="{{ dir }}">'},
    {"html": "{{ code }}{% if user.name %}{{ user.name }}{% endif %}"},
]


@pytest.mark.parametrize("changed", CLEAN, ids=range(len(CLEAN)))
def test_a_good_email_has_no_findings(folders: Renderer, changed: dict[str, str]) -> None:
    assert show(folders, written(**changed)).findings == ()


def test_a_locale_and_a_type_that_are_missing_are_said(folders: Renderer) -> None:
    made = mail_preview(folders, UsageType.SIGN_IN, Mailbox(""), locale="fr")
    assert [one.rule for one in made.findings] == ["missing-locale"]
    show(folders, written(), UsageType.GENERIC)
    french = folders.folders[0] / "email" / "fr"
    (folders.folders[0] / "email" / "en").rename(french)
    made = mail_preview(folders, UsageType.REGISTER, Mailbox(""), locale="fr")
    assert [(one.rule, one.file) for one in made.findings] == [("missing-type", "email/fr/Generic.j2")]
    (french / "Generic.j2").rename(french / "Signin.j2")
    assert [(one.rule, one.file) for one in lint_catalog(folders, Channel.EMAIL)] == [
        ("missing-generic", "email/fr/Generic.j2"),
        ("unknown-file", "email/fr/Signin.j2"),
    ]


def test_the_templates_of_a_connector_come_first_and_are_looked_at_too(folders: Renderer) -> None:
    own = {"usageType": "Generic", "subject": "Hi", "content": "<p>{{code}}\n{{organization.name}}</p>"}
    made = mail_preview(folders, UsageType.SIGN_IN, Mailbox("aws-ses", "a@x.example", (own,)), locale="zh-CN")
    assert (made.file, made.origin, made.served_locale) == ("templates[0]", "connector", None)
    found = {one.rule: one.line for one in made.findings}
    assert found == {"placeholder": 2, "no-lang": 1, "no-title": 1, "no-preheader": 1}
    assert made.document()["from"] == "a@x.example"


def test_every_rule_is_tested_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert {name for name in MAIL_RULES if f'"{name}"' not in here} == set()
