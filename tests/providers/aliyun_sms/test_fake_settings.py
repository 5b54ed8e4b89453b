"""What the fake makes of its part of the config and of the connectors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import ConfigError
from gateway.providers.aliyun_sms import FACTORY, provider
from gateway.providers.aliyun_sms.fake.config import read
from gateway.providers.aliyun_sms.fake.part import (
    AccountPart,
    FakePart,
    LimitsPart,
    SignaturePart,
    TemplatePart,
)
from gateway.providers.aliyun_sms.fake.settings import Account, FakeSettings, Limits, Owner, Registry
from gateway.providers.ports import Connector
from tests.providers.aliyun_sms.call_operation import CODE_TEMPLATE, call, send
from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.providers.aliyun_sms.driver_setup import CONFIG, KEY_ID, SECRET, settings
from tests.providers.aliyun_sms.independent_clients import SIGN_NAME, acs3, rpc


def connector(id_: str = "sms", config: dict[str, Any] | None = None, **options: Any) -> Connector:
    return Connector(id_, "aliyun-sms", provider.factories[FACTORY], settings(config, **options))


def made(config: dict[str, Any] | None = None, *connectors: Connector) -> FakeSettings:
    found = read(config or {}, connectors)
    assert isinstance(found, FakeSettings)
    return found


def test_an_empty_config_is_a_lenient_fake_with_the_seeded_templates() -> None:
    found = made()
    assert not found.strict
    assert found.accounts == {}
    assert found.receipt_delay == 2.0
    assert found.templates["SMS_100000001"].kind == "verification"


def test_what_a_connector_uses_needs_no_word_in_the_config() -> None:
    found = made({}, connector(security_token="STS.t"))
    assert found.accounts == {KEY_ID: Account(KEY_ID, SECRET, "STS.t")}
    assert found.signatures == {CONFIG["signName"]}
    assert found.owners["SMS_2"] == Owner("sms", "SignIn")
    assert found.owners["SMS_3"] == Owner("sms", "SignIn")


def test_a_template_code_for_several_usage_types_has_none() -> None:
    templates = [
        {"usageType": usage_type, "templateCode": "SMS_7"}
        for usage_type in ("Register", "SignIn", "ForgotPassword", "Generic")
    ]
    assert made({}, connector(config={"templates": templates})).owners == {"SMS_7": Owner("sms", None)}


def test_strict_fake_registers_a_connectors_template_codes_with_the_gateways_text() -> None:
    templates = [
        {"usageType": "Register", "templateCode": "SMS_1", "type": 1},
        {"usageType": "SignIn", "templateCode": {"china": "SMS_2", "overseas": "SMS_3"}},
        {"usageType": "ForgotPassword", "templateCode": "SMS_5"},
        {"usageType": "Generic", "templateCode": "SMS_5"},
        {"usageType": "BindMfa", "templateCode": "SMS_6", "type": 0},
    ]
    found = made({"strict": True}, connector(config={"templates": templates}))
    own = found.templates
    kinds = {code: one.kind for code, one in found.connector_templates.items()}
    assert kinds == {
        "SMS_1": "promotion",
        "SMS_2": "verification",
        "SMS_3": "international",
        "SMS_5": "verification",
        "SMS_6": "notification",
    }
    assert found.connector_templates["SMS_2"].text == own["SMS_100000001"].text
    assert found.connector_templates["SMS_3"].text == own["SMS_200000001"].text
    assert found.connector_templates["SMS_5"].text == own["SMS_100000005"].text
    assert made({}, connector()).connector_templates == {}


def test_a_template_of_the_config_comes_before_the_one_of_a_connectors_code() -> None:
    row = {"code": "SMS_2", "text": "码${code}", "kind": "notification"}
    found = made({"strict": True, "templates": [row]}, connector())
    assert found.templates["SMS_2"].text == "码${code}"
    assert "SMS_2" not in found.connector_templates


def test_strict_fake_sends_a_connectors_template_unless_the_review_of_that_code_is_open() -> None:
    found = made({"strict": True}, connector(config={"signName": SIGN_NAME}))
    bare = DirectFake(
        strict=True, connector_templates=found.connector_templates, registry=Registry(review="manual")
    )
    answer = send(bare, TemplateCode="SMS_2", TemplateParam='{"code":"482913"}')
    assert answer.code == "OK"
    assert "482913" in bare.captures.texts[0]
    assert call(bare, "QuerySmsTemplate", TemplateCode="SMS_2").json["TemplateStatus"] == 1
    listed = call(bare, "QuerySmsTemplateList", PageSize="50").json["SmsTemplateList"]
    assert "SMS_2" in [row["TemplateCode"] for row in listed]
    assert call(bare, "DeleteSmsTemplate", TemplateCode="SMS_2").code == "isv.ERROR_TEMPLATE_NOT_DELETE"

    code = call(bare, "AddSmsTemplate", **CODE_TEMPLATE).json["TemplateCode"]
    applied_for = {code: replace(found.connector_templates["SMS_2"], code=code)}
    bare.context = replace(bare.context, settings=replace(bare.settings, connector_templates=applied_for))
    assert send(bare, TemplateCode=code, TemplateParam='{"code":"482913"}').code == "isv.SMS_TEMPLATE_ILLEGAL"
    listed = call(bare, "QuerySmsTemplateList", PageSize="50").json["SmsTemplateList"]
    assert [row["TemplateCode"] for row in listed].count(code) == 1


def test_connectors_of_other_providers_are_none_of_its_business() -> None:
    other = Connector("x", "toy", provider.factories[FACTORY], object())
    assert made({}, other).accounts == {}


def test_the_config_adds_accounts_templates_and_sign_names() -> None:
    found = made(
        {
            "strict": True,
            "accounts": [{"access_key_id": "a", "access_key_secret": "b", "security_token": "t"}],
            "templates": [{"code": "SMS_5", "text": "码${code}", "kind": "notification"}],
            "signatures": ["某某"],
            "receipt_delay_seconds": 0,
        },
        connector(),
    )
    assert found.strict
    assert found.accounts["a"] == Account("a", "b", "t")
    assert found.accounts[KEY_ID].secret == SECRET
    assert found.templates["SMS_5"].variables == ("code",)
    assert found.signatures == {"某某", CONFIG["signName"]}
    assert found.receipt_delay == 0


def test_of_two_secrets_for_one_key_id_the_configs_counts_then_the_first_connectors() -> None:
    rows = {"accounts": [{"access_key_id": KEY_ID, "access_key_secret": "of the config"}]}
    assert made(rows, connector()).accounts[KEY_ID].secret == "of the config"
    wrong = connector("wrong", {"accessKeySecret": "wrong"})
    assert made({}, connector(), wrong).accounts[KEY_ID].secret == SECRET


def test_messages_and_statuses_are_settings() -> None:
    config = {"messages": {"isv.AMOUNT_NOT_ENOUGH": "余额不足"}, "statuses": {"InvalidAccessKeyId.NotFound": 400}}
    found = made(config)
    assert found.row("isv.AMOUNT_NOT_ENOUGH").message == "余额不足"
    assert found.row("InvalidAccessKeyId.NotFound").status == 400
    bare = DirectFake(strict=True, errors=found.errors)
    answer = bare.answer(rpc(common={"AccessKeyId": "nobody"}))
    assert (answer.status, answer.code) == (400, "InvalidAccessKeyId.NotFound")


def test_every_guess_has_a_key() -> None:
    config = {
        "check_order": ["nonce", "version", "action", "access_key", "timestamp", "signature"],
        "acs3_echo": "string_to_sign",
        "number_values_accepted": True,
        "waiting_err_code": "-",
        "foreign_number_code": "isv.X",
        "recommend": "https://example.com/{code}/{request_id}",
        "freshness_seconds": 60,
        "nonces_remembered": 10,
    }
    found = made(config)
    for name in ("acs3_echo", "number_values_accepted", "waiting_err_code", "foreign_number_code", "recommend"):
        assert getattr(found.guesses, name) == config[name]
    assert list(found.guesses.check_order) == config["check_order"]
    assert found.freshness == 60
    answer = DirectFake(guesses=found.guesses).answer(acs3(action="x"))
    assert answer.json["Recommend"] == f"https://example.com/InvalidAction.NotFound/{answer.json['RequestId']}"


def test_limits_and_review_follow_strict_unless_the_config_says_otherwise() -> None:
    assert (made().limits, made().registry.review) == (None, "at_once")
    strict = made({"strict": True})
    assert (strict.limits, strict.registry.review) == (Limits(), "delayed")
    assert made({"strict": True, "limits": False}).limits is None
    assert made({"limits": True}).limits == Limits()
    some = made({"limits": {"verification_per_minute": None, "exempt_numbers": ["13800138000", "+6581234567"]}})
    exempt = frozenset({"+8613800138000", "+6581234567"})
    assert some.limits == Limits(verification_per_minute=None, exempt=exempt)
    assert made({"strict": True, "review": "manual"}).registry.review == "manual"


def test_a_signature_may_be_for_codes_only_and_a_test_signature_is_always_there() -> None:
    found = made({"signatures": ["甲", {"name": "乙", "codes_only": True}], "bound_numbers": ["13800138000"]})
    assert found.signatures == {"甲", "乙", "阿里云短信测试"}
    assert found.registry.verification_signatures == {"乙"}
    assert found.registry.bound_numbers == {"+8613800138000"}
    assert "SMS_154950909" in found.templates


def test_the_receipts_that_are_bad_are_listed_by_their_code() -> None:
    found = made({"bad_receipts": {"UNDELIV": ["13800138000", "+6581234567"], "EXPIRED": ["13800138001"]}})
    assert found.bad_receipts == {
        "+8613800138000": "UNDELIV",
        "+6581234567": "UNDELIV",
        "+8613800138001": "EXPIRED",
    }


def test_a_template_with_handlebars_is_among_the_warnings() -> None:
    (warning,) = made({"templates": [{"code": "SMS_5", "text": "验证码{{code}}"}]}).warnings
    assert "SMS_5" in warning
    assert "${code}" in warning
    assert made().warnings == ()


def test_every_key_of_the_fake_has_a_description() -> None:
    for part in (FakePart, AccountPart, TemplatePart, SignaturePart, LimitsPart):
        assert [name for name, one in part.model_fields.items() if not one.description] == []


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"strikt": True}, "fakes.aliyun-sms.strikt: there is no such key; did you mean strict?"),
        ({"zzz": 1}, "fakes.aliyun-sms.zzz: there is no such key; known are strict, accounts"),
        ({"strict": "perhaps"}, "fakes.aliyun-sms.strict: input should be a valid boolean"),
        (
            {"accounts": [{"access_key_id": "a"}]},
            "fakes.aliyun-sms.accounts.0.access_key_secret: field required",
        ),
        (
            {"accounts": [{"access_key_id": "a", "access_key_secret": "b", "secret": "c"}]},
            "fakes.aliyun-sms.accounts.0.secret: there is no such key",
        ),
        ({"accounts": [{"access_key_id": "a", "access_key_secret": 7}]}, "access_key_secret: input should be"),
        ({"templates": [{"code": "SMS_1", "text": "x", "kind": "fax"}]}, "fakes.aliyun-sms.templates.0.kind: "),
        ({"receipt_delay_seconds": -1}, "fakes.aliyun-sms.receipt_delay_seconds: "),
        ({"blacklist": ["x"]}, "fakes.aliyun-sms.blacklist: x is no phone number; write 13800138000"),
        ({"denied_networks": ["10.0.0.1/8"]}, "fakes.aliyun-sms.denied_networks: 10.0.0.1/8 is no network"),
        ({"allowed_networks": ["here"]}, "fakes.aliyun-sms.allowed_networks: here is no network; write 10.0.0.0/8"),
        (
            {"accounts": [{"access_key_id": "a", "access_key_secret": "b", "allowed_networks": ["10.0.0.1/8"]}]},
            "fakes.aliyun-sms.accounts.0.allowed_networks: 10.0.0.1/8 is no network",
        ),
        ({"bad_receipts": {"UNDELIV": ["x"]}}, "fakes.aliyun-sms.bad_receipts.UNDELIV: x is no phone number"),
        (
            {"bad_receipts": {"UNDELIV": ["13800138000"], "EXPIRED": ["+8613800138000"]}},
            "fakes.aliyun-sms.bad_receipts: +8613800138000 is there twice: it has one ErrCode",
        ),
        (
            {"limits": {"per_minute": 1}},
            "fakes.aliyun-sms.limits.per_minute: there is no such key; did you mean verification_per_minute?",
        ),
        ({"signatures": [{"nam": "x"}]}, "fakes.aliyun-sms.signatures.0.name: field required"),
        ({"state": "broke"}, "fakes.aliyun-sms.state: "),
        ({"check_order": ["nonce"]}, "fakes.aliyun-sms.check_order: must name each of"),
        ({"check_order": ["nonce", "x"]}, "fakes.aliyun-sms.check_order.1: "),
        ({"statuses": {"InternalError": 99}}, "fakes.aliyun-sms.statuses.InternalError: "),
        (
            {
                "accounts": [
                    {"access_key_id": "a", "access_key_secret": "b"},
                    {"access_key_id": "a", "access_key_secret": "c"},
                ]
            },
            "fakes.aliyun-sms.accounts: a is there twice",
        ),
    ],
)
def test_a_config_that_cannot_work_is_one_readable_line(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(config)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_a_config_error_holds_no_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        made({"accounts": [{"access_key_id": ["x"], "access_key_secret": "hunter2"}]})
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(made({"accounts": [{"access_key_id": "x", "access_key_secret": "hunter2"}]}))
