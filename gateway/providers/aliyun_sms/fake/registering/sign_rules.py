"""What a signature must be (strict fakes). Sources: Alibaba Cloud's signature specifications, the SDK's comments on
CreateSmsSign and AddSmsSign."""

from __future__ import annotations

import re

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.settings import FakeSettings

FILE = re.compile(r"SignFileList\.[0-9]+\.FileContents")
_LONGEST = 12
_SHORTEST = 2
_MOST_BYTES = 2 << 20
_WORDS = ("测试", "test")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")
_SYMBOLS = re.compile(r"[^\w\u3400-\u9fff]|_")
_NEEDED = {"2": "AppIcpRecordId", "5": "TrademarkId"}


def check(call: Call, settings: FakeSettings) -> None:
    _name(call.params["SignName"], settings)
    if call.action in ("AddSmsSign", "ModifySmsSign"):
        _files(call)
    else:
        _new_form(call)


def _name(name: str, settings: FakeSettings) -> None:
    if _EMOJI.search(name):
        raise Refusal("isv.SMS_SIGN_EMOJI_ILLEGAL", "SignName holds an emoji")
    if len(name) > _LONGEST:
        raise Refusal("isv.SIGN_OVER_LIMIT", f"SignName has at most {_LONGEST} characters")
    word = next((word for word in _WORDS if word in name.lower()), None)
    if len(name) < _SHORTEST or word or _SYMBOLS.search(name):
        raise Refusal(
            "isv.SIGN_NAME_ILLEGAL", f"SignName has 2 to {_LONGEST} letters, no symbol and none of {_WORDS}"
        )
    if name in settings.registry.refused_names:
        raise Refusal("isv.SIGNATURE_BLACKLIST", f"this fake's config refuses the name {name!r}")


def _files(call: Call) -> None:
    for name, value in call.params.items():
        # Base64 has four characters for three bytes.
        if FILE.fullmatch(name) and len(value) * 3 // 4 > _MOST_BYTES:
            raise Refusal("isv.SIGN_FILE_LIMIT", f"{name} is more than 2 MB")


def _new_form(call: Call) -> None:
    needed = _NEEDED.get(call.params["SignSource"])
    if call.params.get("ThirdParty", "").lower() == "true":
        needed = needed if needed and not call.params.get(needed) else "AuthorizationLetterId"
    if needed and not call.params.get(needed):
        message = f"{needed} is mandatory for this action."
        raise Refusal(f"Missing{needed}", f"such a signature needs {needed}", message=message)
