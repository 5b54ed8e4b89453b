"""Mails that Logto's SES connector made from the templates in its config: their usage type and their code."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage
from typing import Any

import pytest

from gateway.core.model import Capture
from gateway.providers.aws_ses import FACTORY, provider
from gateway.providers.aws_ses.fake.config import read
from gateway.providers.aws_ses.fake.own_templates import MOST_VALUES, NO_MATCH, Match, match, own_templates
from gateway.providers.ports import Connector
from gateway.rendering import Pattern, handlebars
from tests.providers.aws_ses.direct_fake import DirectFake
from tests.providers.aws_ses.signed_requests import KEY_ID, SECRET

TEXTS = {
    "SignIn": ("Sign in to {{application.name}}", "<p>Hi {{user.name}}, {{ code }} signs you in.</p>"),
    "Register": ("Welcome", "<p>{{code}} is your code</p>"),
    "ForgotPassword": ("Reset", "<p>Reset with {{code}}</p><p>Not you? Ignore {{code}}.</p>"),
    "Generic": ("Your code {{code}}", "<p>{{code}}</p>"),
    "OrganizationInvitation": ("Join {{organization.name}}", '<a href="{{link}}">Join</a>'),
}


def templates(texts: dict[str, tuple[str, str]] | None = None) -> list[dict[str, str]]:
    rows = (TEXTS if texts is None else texts).items()
    return [{"usageType": name, "subject": subject, "content": content} for name, (subject, content) in rows]


def connector(name: str = "email", texts: dict[str, tuple[str, str]] | None = None, **options: Any) -> Connector:
    factory = provider.factories[FACTORY]
    config = {
        "accessKeyId": KEY_ID,
        "accessKeySecret": SECRET,
        "region": "us-east-1",
        "emailAddress": "no-reply@example.com",
        "templates": templates(texts),
    }
    return Connector(name, "aws-ses", factory, factory.settings(config, options))


def of(
    subject: str, html: str | None, text: str | None = None, *connectors: Connector, mime: bool = False
) -> Match:
    known = own_templates(connectors or [connector()])[KEY_ID]
    return match(known, subject, (html, text), is_mime=mime)


@pytest.mark.parametrize("usage_type", TEXTS)
def test_mail_of_each_template_has_its_usage_type_and_exact_code(usage_type: str) -> None:
    payload = {
        "code": "000000",
        "link": "https://example.com/123456",
        "application": {"name": "App 482913"},
        "user": {"name": "Ada 111111"},
    }
    subject, html = (handlebars(text, payload) for text in TEXTS[usage_type])
    code = None if usage_type == "OrganizationInvitation" else "000000"
    assert of(subject, html) == (usage_type, code, "email")


def test_capture_of_a_senders_mail_says_so() -> None:
    bare = DirectFake(own_templates=read({}, [connector()]).own_templates)
    form = {
        "Action": "SendEmail",
        "Version": "2010-12-01",
        "Source": "Somebody <other@example.com>",
        "Destination.ToAddresses.member.1": "ada@example.com",
        "Message.Subject.Data": "Sign in to App 1234",
        "Message.Body.Html.Data": "<p>Hi Ada, 482913 signs you in.</p>",
    }
    assert bare.form(form).status == 200
    (capture,) = bare.captures.kept
    assert isinstance(capture, Capture)
    assert (capture.usage_type, capture.code, capture.code_source) == ("SignIn", "482913", "template")
    assert capture.connector_id == "email"
    assert bare.form({**form, "Message.Body.Html.Data": "<p>News</p>"}).status == 200
    assert (capture := bare.captures.kept[1]).usage_type is None
    assert (capture.code, capture.code_source, capture.connector_id) == (None, None, None)


def test_raw_mail_fits_too_though_its_line_breaks_are_others() -> None:
    texts = {"SignIn": ("Sign in", "<p>\n{{code}}\n</p>")}
    bare = DirectFake(own_templates=read({}, [connector(texts=texts)]).own_templates)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@example.com", "ada@example.com", "Sign in"
    mail.set_content("plain")
    mail.add_alternative("<p>\n482913\n</p>", subtype="html")
    data = mail.as_bytes().replace(b"\n", b"\r\n")
    form = {
        "Action": "SendRawEmail",
        "Version": "2010-12-01",
        "RawMessage.Data": base64.b64encode(data).decode(),
    }
    assert bare.form(form).status == 200
    assert (bare.captures.kept[0].usage_type, bare.captures.kept[0].code) == ("SignIn", "482913")


def test_same_text_for_several_usage_types_gives_the_code_and_no_type() -> None:
    same = ("Code", "<p>Code: {{code}}</p>")
    several = connector(texts={"SignIn": same, "Register": same})
    assert of("Code", "<p>Code: 482913</p>", None, several) == (None, "482913", "email")
    agreeing = connector(texts={"SignIn": same}), connector("other", texts={"SignIn": same})
    assert of("Code", "<p>Code: 482913</p>", None, *agreeing) == ("SignIn", "482913", None)


def test_code_at_several_possible_places_is_not_guessed() -> None:
    texts = {"SignIn": ("Code", "{{user.name}}: code {{code}}."), "Register": ("Both", "{{code}}{{user.name}}")}
    assert of("Code", "Ada: code 482913.", None, connector(texts=texts)) == ("SignIn", "482913", "email")
    assert of("Code", "A: code 1.: code 482913.", None, connector(texts=texts)) == ("SignIn", None, "email")
    assert of("Both", "482913Ada", None, connector(texts=texts)) == ("Register", None, "email")


@pytest.mark.parametrize(
    ("subject", "html"),
    [
        ("Reset", "<p>Reset with 111111</p><p>Not you? Ignore 222222.</p>"),
        ("Welcome", "<p>This is not at all is your code</p>"),
        ("Welcome", "<p><b>1</b> is your code</p>"),
        ("Welcome", f"<p>{'1' * 65} is your code</p>"),
        ("Welcome", "<p> is your code"),
        ("welcome", "<p>482913 is your code</p>"),
        ("Sign in to App", f"<p>Hi {'x' * (MOST_VALUES + 1)}, 1 signs you in.</p>"),
        ("Welcome", None),
    ],
)
def test_mail_that_only_looks_like_a_template_is_not_matched(subject: str, html: str | None) -> None:
    assert of(subject, html) == NO_MATCH


def test_placeholder_that_logto_left_as_it_is_is_no_code() -> None:
    subject, html = (handlebars(text, {"user": {}}) for text in TEXTS["SignIn"])
    assert of(subject, html) == ("SignIn", None, "email")


def test_template_without_any_text_says_no_type() -> None:
    assert of("News", "<p>1</p>", None, connector(texts={"Generic": ("{{subject}}", "{{html}}")})) == (
        None,
        None,
        "email",
    )


def test_localized_templates_and_plain_text_match_too() -> None:
    details = {"subject": "登录", "content": "验证码 {{code}}", "contentType": "text/plain"}
    row = {"languageTag": "zh-CN", "templateType": "SignIn", "details": details}
    assert of("登录", None, "验证码 482913", connector(localized_templates=[row])) == ("SignIn", "482913", "email")


def test_unknown_usage_type_of_an_old_config_is_no_type() -> None:
    assert of("T", "<p>1</p>", None, connector(texts={"Test": ("T", "<p>{{code}}</p>")})) == (None, "1", "email")


def test_pattern_reads_back_what_handlebars_filled_in() -> None:
    pattern = Pattern("{{.x}} {{a}} and {{b.c}} and {{a}}!")
    assert pattern.read("{{.x}} 1 and 2 and 1!") == {"a": {"1"}, "b.c": {"2"}}
    assert pattern.read("{{.x}} 1 and 2 and !") == {"a": {"1", ""}, "b.c": {"2"}}
    assert pattern.read("{{.x}} 1 and 1!") is None
    assert Pattern("ab").read("ab") == {}
    assert Pattern("ab").read("abc") is None
    assert Pattern("a{{x}}a").read("a") is None


def test_hostile_mails_and_many_templates_cost_some_milliseconds() -> None:
    piece = "<td>" * 60
    content = "<html>" + "".join(f"{piece}{{{{v{n}}}}}" for n in range(30)) + "{{code}}</html>"
    many = {f"T{n}": ("Code {{code}}", content + f"<!--{n}-->") for n in range(300)}
    same = {f"S{n}": ("Code {{code}}", content) for n in range(300)}
    factory = provider.factories[FACTORY]
    rows = [*templates(many), *templates(same)]
    config = {"accessKeyId": KEY_ID, "accessKeySecret": SECRET, "region": "eu-west-1", "templates": rows}
    known = own_templates([Connector("e", "aws-ses", factory, factory.settings(config, {}))])[KEY_ID]
    size = len(content) + MOST_VALUES - 1000
    for html in (
        "<html>" + "<td>" * (size // 4) + "</html>",
        "<html>" + ("<td>" * 59 + "<t") * (size // 238) + "</html>",
        "<html>" + "<" * size + "</html>",
        "<td>" * 10_000_000,
    ):
        for subject in ("Code 1", "Code " * 400_000):
            begun = time.thread_time()
            match(known, subject, (html, None), is_mime=False)
            assert time.thread_time() - begun < 0.1
