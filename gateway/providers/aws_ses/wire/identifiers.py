"""Identifiers as AWS spells them. Unique, not secret: no call to the kernel for them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from types import MappingProxyType

REGION_CODES: Mapping[str, str] = MappingProxyType(
    {
        "us-east-1": "0100",
        "us-west-2": "0101",
        "eu-west-1": "0102",
        "ap-northeast-1": "0106",
        "eu-central-1": "0107",
        "ap-southeast-2": "0108",
        "ap-south-1": "0109",
        "eu-west-2": "010b",
        "us-east-2": "010f",
    }
)
"""How message ids begin, as seen in mails. Of other regions that is not known: as Ireland's do, here."""


def uuid() -> str:
    """A random UUID (version 4), lower case."""
    bits = random.getrandbits(128) & ~(0xF000C000 << 48) | (0x40008000 << 48)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def message_id(region: str, at: float) -> str:
    """60 characters: four of the region, the time in milliseconds (12 hex digits), a UUID, ``-000000``."""
    return f"{REGION_CODES.get(region, '0102')}{int(at * 1000) & 0xFFFFFFFFFFFF:012x}-{uuid()}-000000"


def feedback_id(region: str, at: float) -> str:
    """Of a bounce or a complaint: the same shape."""
    return message_id(region, at)
