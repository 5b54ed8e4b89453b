"""Aliyun's PhoneNumbers grammar (SendSms, 2017-05-25), and what a number in it means.

A mainland number is ``1`` and ten digits, bare or after ``+``, ``86``, ``+86`` or ``0086``; any other number is
country code and number, digits only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from gateway.core.model import Channel, Recipient
from gateway.core.recipients import phone_readings

_MAINLAND = re.compile(r"(?:\+|\+86|0086|86)?1[0-9]{10}", re.ASCII)
# E.164 has at most 15 digits; the shortest numbers in use with their country code have 7.
# None begins with 1: country code 1 has ten digits after it, and such a number is read as a mainland one.
_INTERNATIONAL = re.compile(r"[2-9][0-9]{6,14}", re.ASCII)
# Bare, a mainland number can be a North American one with its country code.
_OTHERWISE_AMERICAN = re.compile(r"\+?1[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
MOST_NUMBERS = 1000


def is_mainland(text: str) -> bool:
    return _MAINLAND.fullmatch(text) is not None


def is_legal(text: str) -> bool:
    """Whether Aliyun takes this as one number of PhoneNumbers."""
    return _MAINLAND.fullmatch(text) is not None or _INTERNATIONAL.fullmatch(text) is not None


def recipient(text: str) -> Recipient:
    """One number as sent. Its first reading is the one that Aliyun acts on: ``13055550123`` and ``+13055550123``
    go to +86 130 5555 0123, whoever meant +1 305 555 0123; that is their second reading."""
    return Recipient(Channel.SMS, text, _readings(text))


def numbers(text: str) -> list[str]:
    """The numbers of a PhoneNumbers value, as sent; one more than allowed where there are too many."""
    return text.split(",", MOST_NUMBERS)


def addressed(params: Mapping[str, str]) -> list[str]:
    """The numbers in the parameters of the operations other than SendSms, as far as they can be read."""
    sent = params.get("PhoneNumberJson") or params.get("To") or ""
    if not sent.startswith("["):
        return [sent] if sent else []
    try:
        found = json.loads(sent)
    except (ValueError, RecursionError):
        return []
    # A number is ASCII; anything else may even be half a character, which no log can hold.
    return [one for one in found[:MOST_NUMBERS] if isinstance(one, str) and one.isascii()]


def national(reading: str) -> str:
    """A reading as Aliyun spells it in its answers: mainland numbers without country code, others without ``+``."""
    digits = reading.removeprefix("+")
    return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits


def _readings(text: str) -> tuple[str, ...]:
    if _MAINLAND.fullmatch(text):
        digits = text[-11:]
        return (f"+86{digits}", f"+{digits}") if _OTHERWISE_AMERICAN.fullmatch(text) else (f"+86{digits}",)
    others = phone_readings(text)
    if _INTERNATIONAL.fullmatch(text):
        first = f"+{text}"
    else:
        return others
    return (first, *(other for other in others if other != first))
