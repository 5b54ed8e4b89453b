"""What the values of TemplateParam may be (strict fakes). Extra ones are judged too: Aliyun does so
(logto issue 7121, ``locale`` beside the code)."""

from __future__ import annotations

import re

from gateway.providers.aliyun_sms.fake.call import Refusal
from gateway.providers.aliyun_sms.fake.draft import Draft
from gateway.providers.aliyun_sms.fake.settings import FakeSettings

_URL = re.compile(r"(?:https?|ftp)://|www\.", re.IGNORECASE)
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_TEST_CODE = re.compile(r"[0-9]{4,6}")
_CODE_LENGTHS = range(4, 7)
_MOST_IN_A_VARIABLE = 35
_MOST_IN_ALL = 500

ATTRIBUTES = {
    "numberCaptcha": re.compile(r"[0-9]{4,6}"),
    "characterWithNumber2": re.compile(r"[A-Za-z0-9]{4,6}"),
    "phone_number2": re.compile(r"\+?[0-9-]{3,20}"),
    "other_number2": re.compile(r"[A-Za-z0-9_-]{1,35}"),
    "money": re.compile(r"[0-9.,]{1,20}|[零一二三四五六七八九十百千万亿元角分整]{1,20}"),
    "time": re.compile(r"[0-9年月日时分秒点/:.\- ]{1,35}"),
    "name": re.compile(r"[^0-9]{1,20}"),
}
"""What a TemplateRule calls each kind of variable, and the values that it takes. The names are documented, the
expressions are ours."""


def strings(draft: Draft, settings: FakeSettings) -> None:
    """Every value, also one that the template does not use."""
    if len(draft.values) > settings.guesses.most_parameters:
        raise Refusal(
            "isv.PARAM_LENGTH_LIMIT", f"TemplateParam has {len(draft.values)} keys: that many fit no text"
        )
    for name, value in draft.values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (isinstance(value, str) or (number and settings.guesses.number_values_accepted)):
            raise Refusal("isv.INVALID_JSON_PARAM", f"TemplateParam.{name} must be a string, in quotes")


def present(draft: Draft, _: FakeSettings) -> None:
    if draft.template is not None:
        for name in draft.template.variables:
            if draft.values.get(name, "") == "":
                raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS", f"TemplateParam has no value for {name}")


def fitting(draft: Draft, settings: FakeSettings) -> None:
    """No link, no bracket, and what the template's kind and its rules ask for."""
    template = draft.template
    if template is None:
        return
    for name, value in draft.values.items():
        text = str(value)
        if _URL.search(text):
            raise Refusal("isv.PARAM_NOT_SUPPORT_URL", f"TemplateParam.{name} holds a link")
        if "【" in text or "】" in text:
            raise Refusal(
                settings.guesses.bracket_code, f"TemplateParam.{name} holds 【 or 】, which mark signatures"
            )
        if template.kind == "verification" and text and not _ALPHANUMERIC.fullmatch(text):
            raise Refusal(
                "isv.INVALID_PARAMETERS",
                f"TemplateParam.{name}: a verification template takes letters and digits only, in extra ones too",
            )
        if name in template.variables:
            _declared(draft, name, text, settings)


def _declared(draft: Draft, name: str, text: str, settings: FakeSettings) -> None:
    template = draft.template
    if template is None:
        return
    attribute = ATTRIBUTES.get(template.attributes.get(name, ""))
    if attribute is not None and not attribute.fullmatch(text):
        kind = template.attributes[name]
        raise Refusal(
            "isv.TEMPLATE_PARAMS_ILLEGAL", f"TemplateParam.{name} is no {kind}, which its TemplateRule says"
        )
    if template.kind == "verification" and len(text) not in _CODE_LENGTHS:
        raise Refusal(settings.guesses.code_length_code, f"TemplateParam.{name}: a code has 4 to 6 characters")
    if template.kind in ("notification", "promotion") and len(text) > _MOST_IN_A_VARIABLE:
        hint = f"TemplateParam.{name} has at most {_MOST_IN_A_VARIABLE} characters"
        raise Refusal("isv.PARAM_LENGTH_LIMIT", hint)


def whole_text(draft: Draft, settings: FakeSettings) -> None:
    text = draft.content_for(draft.recipients[0]).text
    if len(text) > _MOST_IN_ALL:
        raise Refusal("isv.PARAM_LENGTH_LIMIT", f"the whole text has at most {_MOST_IN_ALL} characters")
    for word in settings.forbidden_words:
        if word in text:
            raise Refusal("isv.SMS_CONTENT_ILLEGAL", f"this fake's config forbids {word!r}")


def trial_code(draft: Draft) -> None:
    for name, value in draft.values.items():
        if not (isinstance(value, str) and _TEST_CODE.fullmatch(value)):
            raise Refusal("isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL", f"TemplateParam.{name}: 4 to 6 digits")
