"""Phone numbers and email addresses: what somebody wrote, and what it can mean. Pure.

The readings of a number are judged by length and country code only (libphonenumber's "possible"), since test
numbers are often not assigned; E.164 as in ITU-T E.164.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from gateway.core import addresses
from gateway.core.errors import InvalidRequest
from gateway.core.model import Channel, Recipient

_PHONE = re.compile(r"^\+?[\d\s().-]*\d[\d\s().-]*$", re.ASCII)
_SEPARATORS = re.compile(r"[\s().-]")
_CHINESE_MOBILE = re.compile(r"^1\d{10}$", re.ASCII)
# Area and exchange codes there start with 2 to 9.
_NORTH_AMERICAN = re.compile(r"^1[2-9]\d\d[2-9]\d{6}$", re.ASCII)
_E164_DIGITS = 15


@lru_cache(maxsize=4096)
def phone_readings(text: str) -> tuple[str, ...]:
    """Every plausible E.164 reading of a number, best first; the stripped text itself where there is none.

    ``+`` and ``00`` leave one reading. Bare digits may start with a country code, and eleven of them that start
    with 1 are first a Chinese mobile number, as Aliyun and Logto read them.
    """
    digits = _SEPARATORS.sub("", text.strip())
    if digits.startswith("+"):
        readings = _international(digits[1:])
    elif digits.startswith("00"):
        readings = _international(digits[2:])
    elif _CHINESE_MOBILE.match(digits):
        # Ten digits after the 1 are all that libphonenumber would ask for there, too.
        readings = (f"+86{digits}", f"+{digits}") if _NORTH_AMERICAN.match(digits) else (f"+86{digits}",)
    else:
        readings = _international(digits)
    return readings or (digits or text.strip(),)


def _international(digits: str) -> tuple[str, ...]:
    if not digits.isascii() or not digits.isdigit():
        return ()
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return ()
    if not phonenumbers.is_possible_number(number):
        return ()
    # Formatted anew: people write +44 (0)7911 123456, where the 0 is no part of it.
    reading = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(reading) < 1 + len(digits):
        return _international(reading[1:])
    return (reading,) if len(reading) <= 1 + _E164_DIGITS else ()


def email_reading(text: str) -> str:
    """As addresses are compared (``addresses.reading``); in lower case where it is none."""
    return addresses.reading(text) or text.strip().lower()


def recipient(text: str, channel: Channel | None = None) -> Recipient:
    """Read what a caller of our API wrote. Raises InvalidRequest on ``to``.

    Without a channel an ``@`` decides.
    """
    text = text.strip()
    if channel is None:
        channel = Channel.EMAIL if "@" in text else Channel.SMS
    if len(text) > 320:
        raise InvalidRequest("to: must be at most 320 characters", data={"field": "to"})
    if channel is Channel.EMAIL:
        reading = addresses.reading(text)
        if reading is None:
            raise InvalidRequest("to: must be an email address such as ada@example.com", data={"field": "to"})
        return Recipient(channel, text, (reading,))
    if not _PHONE.match(text):
        raise InvalidRequest(
            "to: must be a phone number, digits with country code such as 8613800138000", data={"field": "to"}
        )
    return Recipient(channel, text, phone_readings(text))


def keys(recipient: Recipient) -> tuple[str, ...]:
    """The log keys under which anything about this recipient is found."""
    return tuple([f"to:{reading}" for reading in recipient.readings])


def country(e164: str) -> str | None:
    """The country of a number as ISO 3166 has it, or its calling code (``+800``) where that is no country's; None
    for what is no number."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    found = phonenumbers.region_code_for_number(number)
    if found is None and number.country_code is not None:
        found = phonenumbers.region_code_for_country_code(number.country_code)
    return found if found not in (None, "ZZ", "001") else f"+{number.country_code}"


# --- fresh ones ---------------------------------------------------------------------------------------------

# Shares no factor with any of the ranges below, so that counting visits each of their numbers once, in an order
# that does not look like counting.
_STRIDE = 61_803_397
_CHINESE_PREFIXES = (
    "130",
    "131",
    "132",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "158",
    "159",
    "186",
    "188",
)
_CHINESE_RANGE = len(_CHINESE_PREFIXES) * 10 * 2 * 10**6


def fresh_phone(region: str, count: int) -> str:
    """The ``count``-th made-up number of a region, E.164: no two of ``fresh_range`` counts in a row are the same.

    Chinese ones cannot be read as North American: their fifth digit is 0 or 1, with which no exchange code
    starts. Others may not be valid; see ``is_valid_phone``. Raises InvalidRequest for a region without mobile
    numbers.
    """
    if region == "CN":
        rest, last = divmod((count * _STRIDE) % _CHINESE_RANGE, 10**6)
        rest, fifth = divmod(rest, 2)
        prefix, fourth = divmod(rest, 10)
        return f"+86{_CHINESE_PREFIXES[prefix]}{fourth}{fifth}{last:06d}"
    stem, free = _stem(region)
    return f"{stem}{(count * _STRIDE) % 10**free:0{free}d}"


def fresh_range(region: str) -> int:
    """How many numbers ``fresh_phone`` can make up: CN 280 million, most others 10 million, some 10,000."""
    return _CHINESE_RANGE if region == "CN" else 10 ** _stem(region)[1]


@lru_cache(maxsize=256)
def _stem(region: str) -> tuple[str, int]:
    """How the mobile numbers of a region begin, and how many digits follow."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    free = min(7, len(str(example.national_number)) - 3) if example is not None else 0
    # A few islands have so short numbers that made-up ones would soon be given twice.
    if example is None or free < 4:
        raise InvalidRequest(
            "region: must be a two-letter country code with mobile numbers enough, such as CN or US",
            data={"field": "region"},
        )
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[:-free], free


def national(e164: str) -> str:
    """As people of that country write it, without separators where the country code is all that differs."""
    number = phonenumbers.parse(e164)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def is_valid_phone(e164: str) -> bool:
    """Does the numbering plan know it (libphonenumber's "valid")?"""
    return phonenumbers.is_valid_number(phonenumbers.parse(e164))
