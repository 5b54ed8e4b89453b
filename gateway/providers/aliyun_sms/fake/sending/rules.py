"""The rules that a message must pass, each a function that raises Refusal. Which apply: ``LENIENT``, ``STRICT``.

Always: the grammar of numbers (their count too: a call with more would stall the gateway) and of TemplateParam, the
review of templates, and what the config says of the account. The rest is for strict fakes. What counts messages is
in ``acceptance``. Sources: Alibaba Cloud's SendSms reference and its list of error codes; the order is ours.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.providers.aliyun_sms.fake import values
from gateway.providers.aliyun_sms.fake.account import allowed
from gateway.providers.aliyun_sms.fake.call import Refusal
from gateway.providers.aliyun_sms.fake.draft import Draft, read_json
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire.numbers import MOST_NUMBERS, is_legal, is_mainland

_MOST_EXTEND_DIGITS = 7


def count(draft: Draft, _: FakeSettings) -> None:
    if len(draft.numbers) > MOST_NUMBERS:
        raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", f"PhoneNumbers takes at most {MOST_NUMBERS} numbers")


def grammar(draft: Draft, _: FakeSettings) -> None:
    for number in draft.numbers:
        if not is_legal(number):
            raise Refusal(
                "isv.MOBILE_NUMBER_ILLEGAL",
                "PhoneNumbers: mainland 13800138000, also with 86, +86 or 0086; others country code and number, "
                "digits only (6581234567); commas between, no blanks",
                words={"<number>": number},
            )


def account(draft: Draft, settings: FakeSettings) -> None:
    allowed(draft.call, settings)


def blacklist(draft: Draft, settings: FakeSettings) -> None:
    if settings.blacklist:
        for recipient in draft.recipients:
            if recipient.read_as in settings.blacklist:
                raise Refusal("isv.BLACK_KEY_CONTROL_LIMIT", f"{recipient.to} is on this fake's blacklist")


def template_reviewed(draft: Draft, _: FakeSettings) -> None:
    if draft.template is not None and not draft.template.reviewed:
        raise Refusal("isv.SMS_TEMPLATE_ILLEGAL", f"TemplateCode {draft.template_code!r} has not passed its review")


def sign_name(draft: Draft, settings: FakeSettings) -> None:
    if draft.sign_name in settings.registry.forbidden_signatures:
        raise Refusal("isv.SMS_SIGN_ILLEGAL", f"SignName {draft.sign_name!r} is forbidden in this fake")
    if draft.sign_state == "unknown":
        raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", f"SignName {draft.sign_name!r} is not registered in this fake")
    if draft.sign_state != "approved":
        raise Refusal("isv.SIGN_STATE_ILLEGAL", f"the review of SignName {draft.sign_name!r}: {draft.sign_state}")


def template_code(draft: Draft, _: FakeSettings) -> None:
    if draft.template is None:
        raise Refusal(
            "isv.SMS_TEMPLATE_ILLEGAL", f"TemplateCode {draft.template_code!r} is not registered in this fake"
        )


def scene(draft: Draft, _: FakeSettings) -> None:
    if draft.sign_for_codes and draft.template is not None and draft.template.kind != "verification":
        raise Refusal(
            "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
            f"SignName {draft.sign_name!r} is for verification codes, {draft.template_code} is none",
        )


def trial_pair(draft: Draft, settings: FakeSettings) -> None:
    """Aliyun's signature and template for trying it out: the one only with the other, to bound numbers only."""
    registry = settings.registry
    test_sign, test_template = (
        draft.sign_name in registry.test_signatures,
        draft.template_code in registry.test_templates,
    )
    if test_sign != test_template:
        raise Refusal("isv.SMS_TEST_SIGN_TEMPLATE_LIMIT", "the test signature goes with the test template only")
    if test_sign and any(one.read_as not in registry.bound_numbers for one in draft.recipients):
        raise Refusal("isv.SMS_TEST_NUMBER_LIMIT", "the test signature sends to bound_numbers of the config only")
    if test_sign:
        values.trial_code(draft)


def template_param(draft: Draft, _: FakeSettings) -> None:
    """A JSON object, if it is there at all."""
    if draft.param:
        hint = 'TemplateParam is a JSON object such as {"code":"123456"}'
        draft.values = read_json(draft.param, dict, hint)


def number_class(draft: Draft, settings: FakeSettings) -> None:
    """International templates go abroad only, the others to the mainland only."""
    if draft.template is None:
        return
    abroad = draft.template.kind == "international"
    for number in draft.numbers:
        if abroad and is_mainland(number):
            raise Refusal(
                "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
                f"{draft.template_code} is an international template, and {number} reads as a mainland number",
            )
        if not abroad and not is_mainland(number):
            raise Refusal(
                settings.guesses.foreign_number_code,
                f"{draft.template_code} is a mainland template, and {number} is abroad",
                words={"<number>": number},
            )


def extend_code(draft: Draft, _: FakeSettings) -> None:
    sent = draft.extend_code
    if sent and not (sent.isascii() and sent.isdigit() and len(sent) <= _MOST_EXTEND_DIGITS):
        raise Refusal("isv.EXTEND_CODE_ERROR", f"SmsUpExtendCode has at most {_MOST_EXTEND_DIGITS} digits")


Rule = Callable[[Draft, FakeSettings], None]

LENIENT: tuple[Rule, ...] = (count, grammar, account, blacklist, template_reviewed, template_param)
STRICT: tuple[Rule, ...] = (
    count,
    grammar,
    account,
    sign_name,
    template_code,
    template_reviewed,
    template_param,
    trial_pair,
    scene,
    values.strings,
    values.present,
    values.fitting,
    values.whole_text,
    number_class,
    blacklist,
    extend_code,
)


def check(draft: Draft, settings: FakeSettings) -> None:
    """Apply all the rules that this fake has. Raises Refusal."""
    for rule in STRICT if settings.strict else LENIENT:
        rule(draft, settings)
