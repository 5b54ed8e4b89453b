"""Logto's handlebars: the same output as ``replaceSendMessageHandlebars`` of ``@logto/connector-kit``, and back.

One difference: names that every JavaScript object inherits (``constructor``, ``toString``) are unknown here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# JavaScript's \s and \w. Python's match other spaces, and letters of every script.
_SPACE = "[\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]*"
_PLACEHOLDER = re.compile("{{" + _SPACE + "([A-Za-z0-9_.]+)" + _SPACE + "}}")


def handlebars(template: str, payload: Mapping[str, Any]) -> str:
    """Fill in every ``{{ a.b.c }}``.

    If the payload lacks the name ``a``, the placeholder stays as written. If it lacks a later part of the path, the
    placeholder becomes empty. Other values are converted as JavaScript's ``String`` does.
    """

    def fill(placeholder: re.Match[str]) -> str:
        path = placeholder[1].split(".")
        if not path[0] or path[0] not in payload:
            return placeholder[0]
        value: Any = payload
        for part in path:
            value = _member(value, part)
        return "" if value is None else _string(value)

    return _PLACEHOLDER.sub(fill, template)


def _member(value: Any, name: str) -> Any:
    """Return ``value[name]`` as in JavaScript, for objects and arrays only."""
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list | tuple):
        if name == "length":
            return len(value)
        if name.isascii() and name.isdigit() and str(int(name)) == name and int(name) < len(value):
            return value[int(name)]
    return None


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list | tuple):
        return ",".join("" if item is None else _string(item) for item in value)
    return "[object Object]"


def _number(value: float) -> str:
    """Write a number as JavaScript does (ECMA-262, Number::toString, radix 10).

    ``repr`` gives the shortest digits, and ``Decimal`` splits them from the exponent.
    """
    try:
        number = float(value)
    except OverflowError:
        number = math.copysign(math.inf, 1 if value > 0 else -1)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    _, pieces, exponent = Decimal(repr(abs(number))).normalize().as_tuple()
    digits = "".join(map(str, pieces))
    point = len(digits) + int(exponent)
    if 0 < point <= 21:
        text = digits.ljust(point, "0")
        text = text[:point] + (f".{text[point:]}" if text[point:] else "")
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{text}" if number < 0 else text


class Pattern:
    """The texts that a template can become, to read the values back out of one of them.

    Reading is linear in the length of the text: each literal piece is looked for once from either end.
    """

    def __init__(self, template: str) -> None:
        literals, names, at = [], [], 0
        for placeholder in _PLACEHOLDER.finditer(template):
            if placeholder[1].startswith("."):
                continue  # Logto leaves it as it is
            literals.append(template[at : placeholder.start()])
            names.append(placeholder[1])
            at = placeholder.end()
        self._literals = [*literals, template[at:]]
        self._mirrored = [piece[::-1] for piece in reversed(self._literals)]
        self._names = names
        self.literal_size = sum(len(piece) for piece in self._literals)
        self.is_blank = not any(piece.strip() for piece in self._literals)
        """Nothing but placeholders: every text fits."""

    def read(self, text: str) -> dict[str, set[str]] | None:
        """Read the values of the placeholders by name. None if the template cannot become this text.

        A value that could begin or end at several places, as with two placeholders side by side, is left out.
        """
        first = _positions(self._literals, text)
        if first is None:
            return None
        mirrored = _positions(self._mirrored, text[::-1])
        assert mirrored is not None  # noqa: S101  # what was found from the left is found from the right
        last = [len(text) - at - len(piece) for at, piece in zip(mirrored[::-1], self._literals, strict=True)]
        found: dict[str, set[str]] = {}
        for at, name in enumerate(self._names):
            values = found.setdefault(name, set())
            # Each piece lies between its first and its last possible place.
            if first[at] == last[at] and first[at + 1] == last[at + 1]:
                values.add(text[first[at] + len(self._literals[at]) : first[at + 1]])
        return found


def _positions(literals: list[str], text: str) -> list[int] | None:
    """Return the leftmost place of each piece, in their order. The first begins the text, the last ends it."""
    begin, end = literals[0], literals[-1]
    if len(literals) == 1:
        return [0] if text == begin else None
    if not text.startswith(begin) or not text.endswith(end):
        return None
    found, at = [0], len(begin)
    for piece in literals[1:-1]:
        place = text.find(piece, at)
        if place < 0:
            return None
        found.append(place)
        at = place + len(piece)
    if at > len(text) - len(end):
        return None
    return [*found, len(text) - len(end)]
