"""How many messages a text is charged as. Sources: Alibaba Cloud's billing pages; GSM 03.38 for the alphabet."""

from __future__ import annotations

from math import ceil

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_UNITS = frozenset("\f^{}\\[~]|€")


def domestic(text: str) -> int:
    """70 characters in one, 67 in each of several."""
    return _parts(len(text), 70, 67)


def international(text: str) -> int:
    """GSM-7 where every character is in it (160, 153), else UCS-2 (70, 67)."""
    characters = set(text)
    if characters <= _GSM7 | _TWO_UNITS:
        return _parts(len(text) + sum(character in _TWO_UNITS for character in text), 160, 153)
    return _parts(len(text.encode("utf-16-be", "replace")) // 2, 70, 67)


def _parts(units: int, alone: int, several: int) -> int:
    return 1 if units <= alone else ceil(units / several)
