"""Our own emails: the built-in ones, and what a folder over them may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.data_files import folder
from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, Content, UsageType
from gateway.rendering import Renderer, TemplateError
from gateway.rendering.markup import read
from gateway.rendering.preview import mail_preview_all
from gateway.rendering.senders import Mailbox
from gateway.rendering.templates import sample

BUILT_IN = Renderer([folder("templates")])
LOCALES = ("en", "zh-CN")
CODE = "907318"
INVITATION = UsageType.ORGANIZATION_INVITATION
Write = Callable[..., Renderer]


def mail(usage_type: UsageType, locale: str = "en", renderer: Renderer = BUILT_IN, **payload: Any) -> Content:
    return renderer.render(usage_type, Channel.EMAIL, payload, locale)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a template whole; the renderer of that folder over the built-in ones."""

    def into(source: str, name: str = "en/SignIn.j2") -> Renderer:
        file = tmp_path / "email" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
        return Renderer([tmp_path, folder("templates")])

    return into


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("usage_type", UsageType)
def test_every_email_has_the_code_in_its_subject_and_alone_on_a_line_of_both_parts(
    usage_type: UsageType, locale: str
) -> None:
    made = mail(usage_type, locale, code=CODE)
    assert made.html is not None
    page = read(made.html)
    if usage_type is not INVITATION:
        assert CODE in (made.subject or "")
        assert page.title == made.subject
    assert CODE in made.text.splitlines()
    assert CODE in page.text.splitlines()
    assert page.lang == locale
    assert page.preheader is not None
    assert CODE not in page.preheader  # it is beside the subject already
    assert page.remote == page.links == page.active == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_emails_say_the_same(locale: str) -> None:
    made = [mail(usage_type, locale, code=CODE) for usage_type in UsageType]
    assert len({one.text for one in made}) == len({one.subject for one in made}) == len(UsageType)


def test_the_built_in_emails_have_no_findings() -> None:
    made, of_the_set = mail_preview_all(BUILT_IN, Mailbox(""))
    assert [finding for one in made for finding in one.findings] == of_the_set == []
    assert len(made) == len(LOCALES) * len(UsageType)
    assert max(one.size for one in made) < 12_000


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("usage_type", UsageType)
def test_without_names_no_sentence_has_a_gap(usage_type: UsageType, locale: str) -> None:
    made = mail(usage_type, locale, code=CODE)
    assert made.html is not None
    for text in (made.subject or "", made.text, read(made.html).text):
        assert not any(gap in text for gap in ("  ", " :", " .", " !", "「」", "None", "{{"))


@pytest.mark.parametrize("locale", LOCALES)
def test_an_invitation_has_a_link_or_a_code_or_says_where_to_go(locale: str) -> None:
    link = "https://a.example/i?x=1&y=2"
    with_link = mail(INVITATION, locale, link=link)
    assert link in with_link.text.splitlines()
    assert read(with_link.html or "").links == [link, link]  # the button, and below it for those without one
    assert mail(INVITATION, locale, code=CODE).text.count(CODE) == 1
    neither = mail(INVITATION, locale)
    assert read(neither.html or "").links == []
    named = mail(INVITATION, locale, link=link, inviter={"name": "Grace"}, organization={"name": "R&D"})
    assert "Grace" in (named.subject or "")
    assert "R&D" in named.text
    assert "R&amp;D" in (named.html or "")


HOSTILE = "<b onclick=x>\"R&D'</b>{{ code }}"


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_filled_in_is_escaped_in_html_and_nowhere_else(locale: str) -> None:
    made = mail(INVITATION, locale, organization={"name": HOSTILE}, link='https://a.example/"><script>')
    assert HOSTILE in (made.subject or "")
    assert HOSTILE in made.text
    page = read(made.html or "")
    assert page.active == []
    assert page.links[0] == 'https://a.example/"><script>'
    assert HOSTILE in page.text


BREAKS = ["\r\nBcc: x@example.com", "\n", "\r", "\u2028", "\x85", "\x00", "\x0b"]


@pytest.mark.parametrize("mark", BREAKS)
def test_a_subject_is_one_line_without_control_characters(mark: str) -> None:
    subject = mail(INVITATION, organization={"name": f"a{mark}b"}).subject
    assert subject is not None
    assert len(subject.splitlines()) == 1
    assert subject.isprintable()
    assert subject.startswith("You are invited to join a ")


@given(st.text(), st.text())
def test_any_names_make_a_whole_email(name: str, other: str) -> None:
    payload: dict[str, Any] = {"code": CODE, "application": {"name": name}, "organization": {"name": other}}
    made = mail(UsageType.SIGN_IN, **payload)
    assert made.html is not None
    page = read(made.html)
    assert made.html.endswith("</html>")
    assert page.active == page.remote == []
    assert CODE in page.text


@pytest.mark.parametrize(
    ("locale", "lang"), [("zh-TW", "zh-CN"), ("zh", "zh-CN"), ("en-GB", "en"), ("fr", "en"), ("zh_CN", "zh-CN")]
)
def test_the_language_of_the_html_is_that_of_the_words(locale: str, lang: str) -> None:
    assert read(mail(UsageType.SIGN_IN, locale, code=CODE).html or "").lang == lang


def test_a_new_locale_has_its_language_and_direction_and_generic_serves_it(write: Write) -> None:
    source = (
        '{% extends "email/layout.j2" %}{% block subject %}رمز {{ code }}{% endblock %}'
        "{% block html %}<p>{{ code }}</p>{% endblock %}"
    )
    made = mail(UsageType.SIGN_IN, "ar-EG", write(source, "ar/Generic.j2"), code=CODE)
    assert made.html is not None
    assert '<html lang="ar" dir="rtl"' in made.html
    assert "Replies are not read" not in made.html
    assert made.text == ""


def test_a_layout_of_ones_own_is_used_by_the_built_in_emails(write: Write) -> None:
    renderer = write("<title>{{ self.subject() }}</title><i>{% block html %}{% endblock %}</i>", "layout.j2")
    html = mail(UsageType.REGISTER, renderer=renderer, code=CODE).html or ""
    assert "<title>Your sign-up code is 907318</title></head><body><i>" in html


def test_a_template_without_a_layout_has_what_is_in_its_blocks(write: Write) -> None:
    source = (
        "{% block subject %}S & {{ code }}{% endblock %}{% block text %}T{% endblock %}"
        "{% block html %}<style>p{color:red}</style><p>{{ user.name }}{% endblock %}"
    )
    made = mail(UsageType.SIGN_IN, renderer=write(source), code=CODE, user={"name": "a<b"})
    assert (made.subject, made.text) == (f"S & {CODE}", "T")
    assert '<p style="color:red;">a&lt;b' in (made.html or "").replace(": ", ":")


def test_an_email_may_be_text_alone(write: Write) -> None:
    made = mail(
        UsageType.SIGN_IN,
        renderer=write("{% block subject %}S{% endblock %}{% block text %}{{ code }}{% endblock %}"),
        code=CODE,
    )
    assert made == Content(subject="S", text=CODE, html=None)


BROKEN = [
    ("{% block text %}x{% endblock %}", "has no block subject"),
    ('{% extends "email/layout.j2" %}{% block subject %}{{ cdoe }}{% endblock %}', "uses cdoe"),
    (
        '{% extends "email/layout.j2" %}{% block subject %}s{% endblock %}{% block html %}{{ 1/0 }}{% endblock %}',
        "",
    ),
    (
        '{% extends "email/layout.j2" %}{% block subject %}s{% endblock %}{% block html %}{{ cdoe }}{% endblock %}',
        "",
    ),
]


@pytest.mark.parametrize(("source", "words"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_template_says_where(write: Write, source: str, words: str) -> None:
    with pytest.raises(TemplateError, match=r"SignIn\.j2") as raised:
        mail(UsageType.SIGN_IN, renderer=write(source), code=CODE)
    assert words in raised.value.message
    assert CODE not in raised.value.message


def test_a_changed_template_is_seen_and_inlined_anew(write: Write) -> None:
    source = (
        "{{% block subject %}}s{{% endblock %}}"
        "{{% block html %}}<style>p{{color:{0}}}</style><p>x</p>{{% endblock %}}"
    )
    renderer = write(source.format("red"))
    assert "red" in (mail(UsageType.SIGN_IN, renderer=renderer).html or "")
    write(source.format("green"))
    assert "green" in (mail(UsageType.SIGN_IN, renderer=renderer).html or "")


def test_no_email_at_all_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(TemplateNotFound, match="email template for SignIn"):
        mail(UsageType.SIGN_IN, renderer=Renderer([tmp_path]))


@pytest.mark.parametrize("usage_type", UsageType)
def test_a_sample_fills_every_email_with_its_names(usage_type: UsageType) -> None:
    payload = sample(usage_type)
    made = BUILT_IN.render(usage_type, Channel.EMAIL, payload, "en")
    brand = payload.get("organization", payload.get("application", {})).get("name", "")
    assert brand in read(made.html or "").text
