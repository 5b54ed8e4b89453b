"""A code as a person types it, or pastes it."""

from __future__ import annotations

import unicodedata

LONGEST_TYPED = 100
"""Characters. More than any code with any decoration: longer text is refused unread."""

_MINUS = "\u2212"
# Hyphens and dashes, invisible marks of direction and the like, spaces.
_DECORATION = frozenset({"Pd", "Cf", "Zs", "Zl", "Zp"})


def read(text: str, alphabet: str = "") -> str | None:
    """The code in it: without spaces and hyphens, digits of any script as 0 to 9, full-width letters as plain ones,
    and letters in the alphabet's case where that has one case only. None where nothing is left, or it is too long.
    """
    if len(text) > LONGEST_TYPED:
        return None
    code = "".join(_plain(one) for one in unicodedata.normalize("NFKC", text))
    if alphabet and alphabet == alphabet.upper():
        code = code.upper()
    elif alphabet and alphabet == alphabet.lower():
        code = code.lower()
    return code or None


def _plain(one: str) -> str:
    digit = unicodedata.decimal(one, None)
    if digit is not None:
        return str(digit)
    if one.isspace() or one == _MINUS or unicodedata.category(one) in _DECORATION:
        return ""
    return one
