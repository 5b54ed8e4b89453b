"""A connector's config: Logto's JSON as people paste it, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.errors import InvalidConfig
from gateway.core.model import Request
from gateway.providers.aws_ses import FACTORY, provider
from gateway.providers.aws_ses.settings import parse, warnings
from gateway.providers.aws_ses.wire.mailboxes import Unsendable, header_address
from tests.providers.aws_ses.driver_setup import CONFIG, SECRET, TEMPLATES

FULL: dict[str, Any] = {
    **CONFIG,
    "emailAddressIdentityArn": "arn:aws:ses:eu-west-1:123456789012:identity/sender.example",
    "feedbackForwardingEmailAddress": "bounces@sender.example",
    "feedbackForwardingEmailAddressIdentityArn": "arn:aws:ses:eu-west-1:123456789012:identity/sender.example",
    "configurationSetName": "codes",
    "templates": TEMPLATES,
}


def test_all_of_logtos_keys_are_read() -> None:
    settings = parse(FULL, {})
    assert settings.email_address == "Example <otp@sender.example>"
    assert settings.feedback_forwarding_email_address == "bounces@sender.example"
    assert settings.configuration_set_name == "codes"
    assert [one.usage_type for one in settings.templates] == ["SignIn", "Generic"]
    assert settings.ignored == ()


def test_three_keys_are_enough_and_the_missing_sender_is_told() -> None:
    settings = parse({"accessKeyId": "a", "accessKeySecret": "b", "region": "eu-west-1"}, {})
    assert (settings.email_address, settings.templates) == (None, ())
    assert list(warnings(settings)) == ["config.emailAddress is missing: SES refuses a mail without a sender"]


def test_a_field_that_the_console_left_empty_is_absent() -> None:
    empty = dict.fromkeys(FULL.keys() - {"accessKeyId", "accessKeySecret", "region", "templates"}, "")
    settings = parse({**FULL, **empty}, {})
    assert (settings.email_address, settings.configuration_set_name) == (None, None)


def test_what_nobody_reads_is_told() -> None:
    config = {**FULL, "smtpHost": "x", "templates": [*TEMPLATES, {**TEMPLATES[0], "usageType": "Test", "type": 1}]}
    told = list(warnings(parse(config, {})))
    assert "config.smtpHost is ignored: nobody knows that key" in told
    assert "config.templates[2].type is ignored: nobody knows that key" in told
    assert "config.templates[2].usageType is ignored: nobody knows that key" in told
    assert "config.templates has none for Register, ForgotPassword, which Logto demands" in told


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"accessKeyId": None}, {}, "accessKeyId must be a string"),
    ({"accessKeyId": ""}, {}, "accessKeyId must not be empty"),
    ({"accessKeyId": "AK\r\nX: y"}, {}, "accessKeyId must be visible ASCII"),
    ({"region": "eu west"}, {}, "region must be a region such as eu-west-1"),
    ({"region": "evil.example/"}, {}, "region must be a region"),
    ({"emailAddress": "nobody"}, {}, "emailAddress must be an address"),
    ({"emailAddress": "a@b.example\r\nBcc: c@d.example"}, {}, "emailAddress must be an address"),
    ({"feedbackForwardingEmailAddress": "x"}, {}, "feedbackForwardingEmailAddress must be an address"),
    ({"configurationSetName": "a b"}, {}, "configurationSetName must be 1 to 64"),
    ({"templates": "x"}, {}, "templates must be a list"),
    ({"templates": [{"usageType": "SignIn"}]}, {}, r"templates\[0\].subject is missing"),
    ({}, {"timeout_seconds": 0}, "options.timeout_seconds must be more than 0 seconds"),
    ({}, {"timeout_seconds": 9}, "options.timeout_seconds must be at most 8 seconds"),
    ({}, {"timeout_second": 1}, "options.timeout_second is unknown: did you mean timeout_seconds"),
    ({}, {"endpoint": "email.example"}, "options.endpoint must be a URL"),
    ({}, {"reply_to": "x"}, "options.reply_to must be an address"),
    ({}, {"from_name": "a\nb"}, "options.from_name must be a name without line breaks"),
    ({}, {"localized_templates": [{"languageTag": "en"}]}, "options.localized_templates"),
]


@pytest.mark.parametrize(("config", "options", "message"), WRONG)
def test_a_mistake_is_named_with_its_fix_and_without_a_value(
    config: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidConfig, match=message) as raised:
        parse({**FULL, **config}, options)
    assert SECRET not in str(raised.value)
    assert raised.value.__context__ is None


def test_the_settings_do_not_show_their_secret() -> None:
    assert SECRET not in repr(parse(FULL, {}))


# --- addresses ----------------------------------------------------------------------------------------------


ADDRESSES = [
    ("a@b.example", "a@b.example"),
    ("Ada <a@b.example>", "Ada <a@b.example>"),
    ("<a@b.example>", "a@b.example"),
    ("Doe, Jane <j@b.example>", '"Doe, Jane" <j@b.example>'),
    ('"Doe, \\"J\\"" <j@b.example>', '"Doe, \\"J\\"" <j@b.example>'),
    ("网关 <otp@例子.测试>", "=?utf-8?b?572R5YWz?= <otp@xn--fsqu00a.xn--0zwm56d>"),
    ("=?UTF-8?B?5YWz?= <a@b.example>", "=?UTF-8?B?5YWz?= <a@b.example>"),
]


@pytest.mark.parametrize(("written", "wanted"), ADDRESSES)
def test_a_sender_is_written_as_ses_takes_it(written: str, wanted: str) -> None:
    assert header_address(written) == wanted


def test_a_long_name_becomes_encoded_words_of_75_characters_at_most() -> None:
    words = header_address("a@b.example", "关" * 60).split(" ")[:-1]
    assert len(words) > 1
    assert max(map(len, words)) <= 75


@pytest.mark.parametrize(
    "written",
    ["", "x", "a@b.example, c@d.example", "x <a@b.example", "ü@b.example", "a b@c.example", "\ud800 <a@b.c>"],
)
def test_what_is_no_sender_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(Unsendable) as raised:
        header_address(written)
    assert len(written) < 2 or written not in str(raised.value)


# --- what is ours on the wire -------------------------------------------------------------------------------


OURS = [
    "email.us-east-1.amazonaws.com",
    "email-fips.us-east-1.amazonaws.com",
    "email.cn-north-1.amazonaws.com.cn",
    "email.eu-west-1.api.aws",
    "vpce-0123-abc.email.us-east-1.vpce.amazonaws.com",
]
FOREIGN = [
    "amazonaws.com",
    "email.amazonaws.com",
    "sns.us-east-1.amazonaws.com",
    "email.us-east-1.amazonaws.com.evil.example",
    "email-smtp.us-east-1.amazonaws.com",
    "email.example.com",
]


@pytest.mark.parametrize(("host", "ours"), [*((host, True) for host in OURS), *((host, False) for host in FOREIGN)])
def test_the_hosts_of_ses_are_ours(host: str, ours: bool) -> None:
    assert provider.answers_host(host) is ours


def request(target: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"") -> Request:
    return Request("POST", target, "", "http", "127.0.0.1:4650", headers, body, "127.0.0.1", 0.0, "ex_1")


def scope(service: str) -> tuple[tuple[str, str], ...]:
    value = f"AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    return (("Authorization", value),)


CLAIMS = [
    (request("/v2/email/outbound-emails", scope("ses")), True),
    (request("/", scope("ses")), True),
    (request("/", scope("sns")), False),
    (request("/", (), b"Action=SendEmail&Version=2010-12-01"), True),
    (request("/?Action=SendEmail&Version=2010-12-01"), True),
    (request("/", (), b"Action=SendSms&Version=2017-05-25&SignatureNonce=1"), False),
    (request("/", (), b"Action=Publish&Version=2010-03-31"), False),
    (request("/", (), b"Version=2010-12-01"), False),
    (request("/v2/email/identities?X-Amz-Credential=AKIA%2F20261121%2Feu-west-1%2Fses%2Faws4_request"), True),
    (request("/v2/email/identities"), False),
]


@pytest.mark.parametrize(("asked", "ours"), CLAIMS)
def test_a_request_is_ours_by_the_scope_of_its_signature_or_by_its_action(asked: Request, ours: bool) -> None:
    assert provider.claims(asked) is ours


def test_the_form_shows_every_key_of_logtos_and_masks_the_secret() -> None:
    form = {item.key: item for item in provider.factories[FACTORY].metadata.form}
    assert form.keys() == FULL.keys()
    assert [key for key, item in form.items() if item.secret] == ["accessKeySecret"]
    assert [key for key, item in form.items() if item.required] == ["accessKeyId", "accessKeySecret", "region"]
