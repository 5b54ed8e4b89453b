"""Which locale serves whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

DEFAULT_LOCALE = "en"

# Unicode's CLDR: languages whose usual script runs from right to left, and those scripts.
_RTL_LANGUAGES = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))
_RTL_SCRIPTS = frozenset(("adlm", "arab", "hebr", "nkoo", "syrc", "thaa"))


def lookup(wanted: Sequence[str], available: Sequence[str]) -> Iterator[str]:
    """Which of the available locales serve the wanted ones, best first (RFC 4647, section 3.4, "lookup").

    A tag is cut from its end until something fits: ``zh-Hans-CN``, ``zh-Hans``, ``zh``. Beyond the RFC, what is
    left also takes a longer name of the same language: somebody who asks for ``zh`` or ``zh-TW`` reads ``zh-CN``
    better than the default.
    """
    for tag in wanted:
        parts = tag.replace("_", "-").lower().split("-")[:8]
        while parts:
            prefix = "-".join(parts)
            yield from (name for name in available if name.lower() == prefix)
            yield from (name for name in available if name.lower().startswith(f"{prefix}-"))
            parts.pop()
            if parts and len(parts[-1]) == 1:  # A singleton ("x", "u") means nothing without what followed.
                parts.pop()


def asked_for(payload: Mapping[str, Any]) -> list[str]:
    """The locales that a payload names: ``locale``, then each of ``uiLocales``."""
    locale, others = payload.get("locale"), payload.get("uiLocales")
    tags = [locale] if isinstance(locale, str) else []
    return [*tags, *(others.split()[:16] if isinstance(others, str) else ())]


def direction(tag: str) -> str:
    """``rtl`` for a language that is written from right to left, else ``ltr``: the values of HTML's ``dir``."""
    language, *more = tag.replace("_", "-").lower().split("-")
    script = next((part for part in more if len(part) == 4), None)
    rtl = script in _RTL_SCRIPTS if script else language in _RTL_LANGUAGES
    return "rtl" if rtl else "ltr"
