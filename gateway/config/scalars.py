"""Plain scalars of YAML as values: the core schema of YAML 1.2.2, section 10.3.2. Dates and the like stay text."""

from __future__ import annotations

import re
from typing import Any

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DIGITS = 400  # Python itself refuses thousands

_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "null": type(None)}
CORE = "tag:yaml.org,2002:"


def plain(text: str) -> Any:
    """The value of a scalar without quotes and tag. Raises ValueError for a number beyond all use."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) > _DIGITS:
        if _INT.fullmatch(text) or _FLOAT.fullmatch(text):
            raise ValueError("a number of so many digits: put it in quotes if it is text")
        return text
    if _INT.fullmatch(text):
        bases = {"0o": 8, "0x": 16}
        return int(text[2:], bases[text[:2]]) if text[:2] in bases else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    special = _SPECIAL.fullmatch(text)
    return float(text.replace(".", "")) if special else text


def tagged(tag: str, text: str) -> Any:
    """``!!str x`` and its like. Raises ValueError where the text is none, and for other tags."""
    name = tag.removeprefix(CORE)
    if tag == "!" or name == "str":
        return text
    if name in _TYPES:
        value = plain(text)
        if name == "float" and type(value) is int:
            return float(value)
        if type(value) is _TYPES[name]:
            return value
        raise ValueError(f"the value does not fit its tag !!{name}")
    raise ValueError("tags are not understood here: take it out")


def whole(text: str) -> str:
    r"""JSON writes what lies beyond U+FFFF as two halves, ``"\ud83d\ude00"``. Raises ValueError for one half."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise ValueError("half a character (U+D800 to U+DFFF)") from None
    return text
