"""Logto's JSON for the Aliyun connector, our options beside it, and what is said about mistakes in either."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidConfig
from gateway.core.model import UsageType
from gateway.providers.aliyun_sms.settings import parse
from tests.providers.aliyun_sms.driver_setup import CONFIG, SECRET


def refusal(config: dict[str, Any], options: dict[str, Any] | None = None) -> str:
    with pytest.raises(InvalidConfig) as raised:
        parse(config, options or {})
    shown = "".join(traceback.format_exception(raised.value))
    assert SECRET not in shown
    assert "hunter2" not in shown
    return raised.value.message


def test_logtos_json_is_taken_as_it_is() -> None:
    settings = parse(CONFIG, {})
    assert (settings.access_key_id, settings.access_key_secret) == (CONFIG["accessKeyId"], SECRET)
    assert settings.sign_name == "阿里云短信测试"
    assert settings.strict_phone_region_number_check is False
    assert (settings.timeout_seconds, settings.connect_timeout_seconds) == (5, 2)
    assert settings.ignored == ()


def test_one_template_code_serves_both_china_and_overseas() -> None:
    template = parse(CONFIG, {}).template_for(UsageType.REGISTER)
    assert template is not None
    assert (template.template_code.china, template.template_code.overseas) == ("SMS_1", "SMS_1")
    assert template.type == 2


def test_the_first_template_of_a_usage_type_wins_as_in_logto() -> None:
    templates = [*CONFIG["templates"], {"usageType": "SignIn", "templateCode": "SMS_99"}]
    template = parse({**CONFIG, "templates": templates}, {}).template_for(UsageType.SIGN_IN)
    assert template is not None
    assert template.template_code.china == "SMS_2"


def test_a_usage_type_without_a_template_falls_back_to_generic() -> None:
    template = parse(CONFIG, {}).template_for(UsageType.MFA_VERIFICATION)
    assert template is not None
    assert template.usage_type == "Generic"


def test_every_template_code_is_listed_with_its_usage_type() -> None:
    templates = [*CONFIG["templates"], {"usageType": "Test", "templateCode": "SMS_0"}]
    uses = parse({**CONFIG, "templates": templates}, {}).template_uses()
    assert [(use.code, use.usage_type) for use in uses] == [
        ("SMS_1", UsageType.REGISTER),
        ("SMS_2", UsageType.SIGN_IN),
        ("SMS_3", UsageType.SIGN_IN),
        ("SMS_4", UsageType.FORGOT_PASSWORD),
        ("SMS_5", UsageType.GENERIC),
        ("SMS_6", UsageType.GENERIC),
    ]


def test_what_logto_ignores_is_ignored_and_listed() -> None:
    templates = [*CONFIG["templates"], {"usageType": "Test", "templateCode": "SMS_0", "note": "old"}]
    settings = parse({**CONFIG, "templates": templates, "region": "cn"}, {})
    assert settings.ignored == ("region", "templates[4].note", "templates[4].usageType")


def test_every_missing_usage_type_is_named() -> None:
    message = refusal({**CONFIG, "templates": CONFIG["templates"][:1]})
    assert "SignIn, ForgotPassword, Generic" in message
    assert "Register" not in message


def test_secrets_do_not_show_in_the_repr() -> None:
    shown = repr(parse(CONFIG, {"security_token": "hunter2"}))
    assert SECRET not in shown
    assert "hunter2" not in shown


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"accessKeyId": 5}, "accessKeyId must be a string"),
    ({"accessKeySecret": "hunter2 hunter2"}, "accessKeySecret must be visible ASCII characters without spaces"),
    ({"accessKeySecret": ""}, "accessKeySecret must not be empty"),
    ({"accessKeySecret": "hunter2\n"}, "accessKeySecret must be visible ASCII"),
    ({"signName": None}, "signName must be a string"),
    ({"strictPhoneRegionNumberCheck": "hunter2"}, "strictPhoneRegionNumberCheck must be true or false"),
    ({"templates": "hunter2"}, "templates must be a list"),
    ({"templates": ["hunter2"]}, "templates[0] must be an object"),
    ({"templates": [{"usageType": "SignIn"}]}, "templates[0].templateCode is missing"),
    ({"templates": [{"templateCode": "SMS_1"}]}, "templates[0].usageType is missing"),
    (
        {"templates": [{"usageType": "SignIn", "templateCode": 7}]},
        'templates[0].templateCode must be a string, or an object with "china" and "overseas"',
    ),
    (
        {"templates": [{"usageType": "SignIn", "templateCode": {"china": "SMS_1"}}]},
        "templates[0].templateCode.overseas is missing",
    ),
    (
        {"templates": [{"usageType": "SignIn", "templateCode": "SMS_1", "type": 9}]},
        "templates[0].type must be 0 (notification), 1 (promotion) or 2 (verification code)",
    ),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_mistake_is_named_with_its_key_and_the_fix_but_never_with_its_value(
    change: dict[str, Any], said: str
) -> None:
    assert said in refusal({**CONFIG, **change})


def test_all_mistakes_are_named_at_once() -> None:
    message = refusal({}, {"timeout_seconds": 9})
    for key in ("accessKeyId", "accessKeySecret", "signName", "templates"):
        assert f"{key} is missing" in message
    assert "options.timeout_seconds must be at most 8 seconds" in message


WRONG_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"timeout": 5}, "options.timeout is unknown: did you mean timeout_seconds?"),
    ({"timeoutSeconds": 5}, "options.timeoutSeconds is unknown: did you mean timeout_seconds?"),
    ({"colour": "red"}, "options.colour is unknown: known are timeout_seconds, connect_timeout_seconds,"),
    ({"ignored": ["x"]}, "options.ignored is unknown"),
    ({"access_key_id": "x"}, "options.access_key_id is unknown"),
    ({"timeout_seconds": 0}, "options.timeout_seconds must be more than 0 seconds"),
    ({"timeout_seconds": 8.5}, "options.timeout_seconds must be at most 8 seconds"),
    ({"timeout_seconds": "5"}, "options.timeout_seconds must be a number"),
    ({"timeout_seconds": float("nan")}, "options.timeout_seconds must be"),
    ({"connect_timeout_seconds": True}, "options.connect_timeout_seconds must be a number"),
    ({"signature_algorithm": "v4"}, 'options.signature_algorithm must be "v2" or left out'),
    ({"endpoint": "https://dysmsapi.aliyuncs.com"}, "options.endpoint must be a host such as"),
    ({"endpoint": "host/path"}, "options.endpoint must be a host such as"),
    ({"security_token": "hunter2 hunter2"}, "options.security_token must be visible ASCII"),
    ({"region_id": ""}, "options.region_id must not be empty"),
]


@pytest.mark.parametrize(("options", "said"), WRONG_OPTIONS)
def test_a_wrong_option_is_named_with_the_fix(options: dict[str, Any], said: str) -> None:
    assert said in refusal(CONFIG, options)


def test_options_are_taken_and_none_means_left_out() -> None:
    options = {"timeout_seconds": 3, "connect_timeout_seconds": 0.5, "signature_algorithm": "v2", "endpoint": None}
    settings = parse(CONFIG, {**options, "security_token": "t", "region_id": "cn-hangzhou"})
    assert (settings.timeout_seconds, settings.connect_timeout_seconds) == (3, 0.5)
    assert (settings.signature_algorithm, settings.endpoint) == ("v2", None)
    assert (settings.security_token, settings.region_id) == ("t", "cn-hangzhou")


def test_options_cannot_be_given_inside_logtos_json() -> None:
    assert parse({**CONFIG, "timeout_seconds": 1, "ignored": ["x"]}, {}).timeout_seconds == 5


WORDS = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(WORDS, children, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from([*CONFIG, "other"]), JSON),
    st.dictionaries(st.sampled_from(["timeout_seconds", "endpoint", "security_token", "other"]), JSON),
)
def test_whatever_json_it_gets_it_answers_with_settings_or_with_invalid_config(
    change: dict[str, Any], options: dict[str, Any]
) -> None:
    refused = None
    try:
        parse({**CONFIG, **change}, options)
    except InvalidConfig as error:
        refused = error
    assert refused is None or refused.__context__ is None
