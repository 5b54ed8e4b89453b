"""A code as a person types or pastes it."""

from __future__ import annotations

import unicodedata

LONGEST_TYPED = 100
"""Characters. No code is longer, with any decoration: a longer text is refused unread."""

_MINUS = "\u2212"
# Hyphens and dashes, invisible marks of direction and the like, spaces.
_DECORATION = frozenset({"Pd", "Cf", "Zs", "Zl", "Zp"})


def read(text: str, alphabet: str = "") -> str | None:
    """Return the code in a text, or None if there is none or the text is too long.

    Spaces and hyphens are removed, digits of any script become 0 to 9, full-width letters become plain ones, and
    if the alphabet has one case only, letters take that case.
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
