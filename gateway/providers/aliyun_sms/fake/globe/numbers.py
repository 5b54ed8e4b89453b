"""``To`` of the international API: country code and number, digits only. Eleven digits that begin with 1 are a
number in North America here, unlike in SendSms."""

from __future__ import annotations

import re

from gateway.core.model import Channel, Recipient
from gateway.core.recipients import phone_readings

_NUMBER = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)


def is_legal(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_mainland(text: str) -> bool:
    return text.startswith("861") and len(text) == 13


def recipient(text: str) -> Recipient:
    first = (f"+{text}",) if is_legal(text) else ()
    return Recipient(Channel.SMS, text, tuple(dict.fromkeys((*first, *(first or phone_readings(text))))))


def detail(text: str) -> dict[str, str]:
    """NumberDetail. Whose network it is, nobody can tell offline."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(f"+{text}")
    except phonenumbers.NumberParseException:
        return {"Country": "", "Region": "", "Carrier": ""}
    return {
        "Country": phonenumbers.region_code_for_country_code(parsed.country_code or 0),
        "Region": "",
        "Carrier": "",
    }
