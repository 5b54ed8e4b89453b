"""The business rules of SendSms, each a function that raises Refusal. Which apply: ``RULES``.

Always: the grammar of PhoneNumbers (their count too: a call with more would stall the gateway) and of
TemplateParam. The rest is for strict fakes. Sources: Alibaba Cloud's
SendSms reference and its list of error codes; the order among them is ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.fake.templates import Template
from gateway.providers.aliyun_sms.wire.numbers import MOST_NUMBERS, is_legal, is_mainland


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


_FROM_JSON = json.JSONDecoder(parse_constant=_no_constant).decode


@dataclass(slots=True)
class Draft:
    """A message as it comes into being. ``template`` is None where nobody registered the code; ``values`` is
    TemplateParam, read by its rule."""

    call: Call
    numbers: list[str]
    sign_name: str
    template_code: str
    template: Template | None
    values: dict[str, Any] = field(default_factory=dict)


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


def sign_name(draft: Draft, settings: FakeSettings) -> None:
    if draft.sign_name not in settings.signatures:
        raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", f"SignName {draft.sign_name!r} is not registered in this fake")


def template_code(draft: Draft, _: FakeSettings) -> None:
    if draft.template is None:
        raise Refusal(
            "isv.SMS_TEMPLATE_ILLEGAL", f"TemplateCode {draft.template_code!r} is not registered in this fake"
        )


def template_param(draft: Draft, _: FakeSettings) -> None:
    """A JSON object, if it is there at all."""
    sent = draft.call.params.get("TemplateParam", "")
    if not sent:
        return
    try:
        values = _FROM_JSON(sent)
        if "\\u" in sent:
            # Half a surrogate pair is JSON, but no text: it could never be shown.
            json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise Refusal("isv.INVALID_JSON_PARAM", 'TemplateParam is a JSON object such as {"code":"123456"}')
    draft.values = values


def string_values(draft: Draft, settings: FakeSettings) -> None:
    """Every value, also one that the template does not use."""
    for name, value in draft.values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (isinstance(value, str) or (number and settings.guesses.number_values_accepted)):
            raise Refusal("isv.INVALID_JSON_PARAM", f"TemplateParam.{name} must be a string, in quotes")


def variables(draft: Draft, _: FakeSettings) -> None:
    if draft.template is not None:
        for name in draft.template.variables:
            if draft.values.get(name, "") == "":
                raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS", f"TemplateParam has no value for {name}")


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


Rule = Callable[[Draft, FakeSettings], None]

LENIENT: tuple[Rule, ...] = (count, grammar, template_param)
STRICT: tuple[Rule, ...] = (
    count,
    grammar,
    sign_name,
    template_code,
    template_param,
    string_values,
    variables,
    number_class,
)
