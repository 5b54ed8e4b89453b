"""Phone numbers and email addresses: the normal forms that a text can stand for, and made-up numbers. Pure.

A reading is a normal form: E.164 (ITU-T E.164: ``+`` and at most 15 digits) for a number, lower case for an
address. Numbers are checked by length and country code only (libphonenumber's "possible"), since the numbers in
tests are often not assigned.

Addresses follow RFC 5321 with quoted local parts, letters of every script as in RFC 6531, and domains as in RFC
5890, whose normal form has A-labels (``xn--...``). Dots in a row are accepted in a local part, against the RFC,
because such addresses are in use.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from gateway.core.errors import InvalidRequest
from gateway.core.model import Channel, Recipient

_PHONE = re.compile(r"^\+?[\d\s().-]*\d[\d\s().-]*$", re.ASCII)
_SEPARATORS = re.compile(r"[\s().-]")
_CHINESE_MOBILE = re.compile(r"^1\d{10}$", re.ASCII)
# Area codes and exchange codes start with 2 to 9.
_NORTH_AMERICAN = re.compile(r"^1[2-9]\d\d[2-9]\d{6}$", re.ASCII)
_E164_DIGITS = 15

_LONGEST = 320
"""The longest recipient in characters. For an address: 64 before the ``@``, 255 after it."""

_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
# RFC 6531: any character beyond ASCII, except the invisible ones.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u00a1-\ud7ff\uf900-\ufffd\U00010000-\U0010ffff-]+")
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]")
_QUOTED = re.compile(r'"((?:[^"\\\x00-\x1f\x7f-\xa0]|\\[ -~])*)"')
_ESCAPE = re.compile(r"\\(.)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LITERAL = re.compile(r"\[(?:[0-9.]+|ipv6:[0-9a-f:.]+)\]")


@lru_cache(maxsize=4096)
def phone_readings(text: str) -> tuple[str, ...]:
    """Return every plausible reading of a number, the best first. If there is none, return the stripped text.

    A number with ``+`` or ``00`` has one reading. Bare digits start with a country code, but eleven digits that
    start with 1 are a Chinese mobile number first, as Aliyun and Logto read them.
    """
    digits = _SEPARATORS.sub("", text.strip())
    if digits.startswith("+"):
        readings = _international(digits[1:])
    elif digits.startswith("00"):
        readings = _international(digits[2:])
    elif _CHINESE_MOBILE.match(digits):
        # libphonenumber checks a North American number for ten digits only, so it need not be asked.
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
    # Formatting removes a digit that is not part of the number, such as the 0 of +44 (0)7911 123456.
    reading = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(reading) < 1 + len(digits):
        return _international(reading[1:])
    return (reading,) if len(reading) <= 1 + _E164_DIGITS else ()


def email_reading(text: str) -> str:
    """Return ``normal_email``, or the text in lower case if it is not an address."""
    return normal_email(text) or text.strip().lower()


def normal_email(text: str) -> str | None:
    """Return the normal form of an address: lower case, no needless quotes, A-labels. None if it is not an address.

    The local part is in lower case too: no mail system in use distinguishes ``A@x`` from ``a@x``, and tests mix
    them.
    """
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if not at or len(text) > _LONGEST:
        return None
    left, right = _normal_local(local), normal_domain(domain)
    return None if left is None or right is None else f"{left}@{right}"


def normal_domain(domain: str) -> str | None:
    """Return a domain in lower case and A-labels. None if it is neither a domain of two labels or more, nor an IP
    address in brackets."""
    lowered = domain.lower()
    if _LITERAL.fullmatch(lowered):
        return lowered
    if not lowered.isascii():
        import idna  # 0.1 MB of tables, which few domains need

        try:
            lowered = idna.encode(lowered, uts46=True).decode("ascii")
        except ValueError:  # idna.IDNAError is one
            return None
    labels = lowered.split(".")
    if len(labels) < 2 or len(lowered) > 255 or not all(map(_LABEL.fullmatch, labels)):
        return None
    return lowered


def _normal_local(local: str) -> str | None:
    if _PLAIN_LOCAL.fullmatch(local):
        return local.lower()
    quoted = _QUOTED.fullmatch(local)
    if quoted is not None:
        bare = _ESCAPE.sub(r"\1", quoted[1])
        # The quotes are not part of the name (RFC 5321, section 4.1.2).
        return bare.lower() if _PLAIN_LOCAL.fullmatch(bare) else local.lower()
    return local.lower() if _LOCAL.fullmatch(local) and not _INVISIBLE.search(local) else None


def recipient(text: str, channel: Channel | None = None) -> Recipient:
    """Return the recipient that a caller of our API means. Raises InvalidRequest, which names the field ``to``.

    Without a channel, a text with an ``@`` is an email address and any other text a phone number.
    """
    text = text.strip()
    if channel is None:
        channel = Channel.EMAIL if "@" in text else Channel.SMS
    if len(text) > _LONGEST:
        raise InvalidRequest("to: must be at most 320 characters", data={"field": "to"})
    if channel is Channel.EMAIL:
        reading = normal_email(text)
        if reading is None:
            raise InvalidRequest("to: must be an email address such as ada@example.com", data={"field": "to"})
        return Recipient(channel, text, (reading,))
    if not _PHONE.match(text):
        raise InvalidRequest(
            "to: must be a phone number, digits with country code such as 8613800138000", data={"field": "to"}
        )
    return Recipient(channel, text, _readings_at_their_word(text))


@lru_cache(maxsize=4096)
def _readings_at_their_word(text: str) -> tuple[str, ...]:
    """Return the readings of a number that a caller of our API wrote: digits begin with their country code.

    ``13055550123`` is +1 305 555 0123, as Logto's HTTP connectors mean it. It is a Chinese number first only if the
    numbering plans know it as that and not as an American one, as with ``13912345678``.
    """
    readings = phone_readings(text)
    if len(readings) < 2:
        return readings
    chinese, american = readings
    if is_valid_phone(chinese) and not is_valid_phone(american):
        return readings
    return american, chinese


def keys(recipient: Recipient) -> tuple[str, ...]:
    """Return the keys of the log under which entries about this recipient are stored."""
    return tuple([f"to:{reading}" for reading in recipient.readings])


def country(e164: str) -> str | None:
    """Return the country of a number (ISO 3166-1 alpha-2), or its calling code (``+800``) if that belongs to no
    country. None if the text is not a number."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return region if region not in (None, "ZZ", "001") else f"+{number.country_code}"


# --- made-up numbers ----------------------------------------------------------------------------------------

# The stride shares no factor with any range below. So multiples of it visit each number of a range once, in an
# order that does not look like counting.
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
    """Return the ``count``-th made-up number of a region, in E.164.

    The numbers repeat after ``fresh_range`` counts.

    A Chinese number has no North American reading: its fifth digit is 0 or 1, and no exchange code starts with
    these. Numbers of other regions may be invalid; see ``is_valid_phone``.

    Args:
        region: ISO 3166-1 alpha-2.

    Raises:
        InvalidRequest: The region has too few mobile numbers, or does not exist.
    """
    if region == "CN":
        rest, last = divmod((count * _STRIDE) % _CHINESE_RANGE, 10**6)
        rest, fifth = divmod(rest, 2)
        prefix, fourth = divmod(rest, 10)
        return f"+86{_CHINESE_PREFIXES[prefix]}{fourth}{fifth}{last:06d}"
    stem, free = _stem(region)
    return f"{stem}{(count * _STRIDE) % 10**free:0{free}d}"


def fresh_range(region: str) -> int:
    """Return how many numbers ``fresh_phone`` can make up: CN 280 million, most others 10 million, some 10,000."""
    return _CHINESE_RANGE if region == "CN" else 10 ** _stem(region)[1]


@lru_cache(maxsize=256)
def _stem(region: str) -> tuple[str, int]:
    """Return how the mobile numbers of a region begin, and how many digits follow."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    free = min(7, len(str(example.national_number)) - 3) if example is not None else 0
    # The numbers of a few islands are so short that made-up numbers would soon repeat.
    if example is None or free < 4:
        raise InvalidRequest(
            "region: must be a two-letter country code with mobile numbers enough, such as CN or US",
            data={"field": "region"},
        )
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[:-free], free


def national(e164: str) -> str:
    """Return an E.164 number as it is written within its country, without the country code."""
    number = phonenumbers.parse(e164)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def is_valid_phone(e164: str) -> bool:
    """Return whether the number is in the numbering plan (libphonenumber's "valid")."""
    return phonenumbers.is_valid_number(phonenumbers.parse(e164))
