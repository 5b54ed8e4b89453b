"""Mask what looks like a code and is not: addresses, dates, prices, phone numbers, versions and so on.

Every pattern starts at a boundary and repeats possessively, so that no text makes it backtrack.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from gateway.extraction.text import DIGITS, whole_words

FILL = "\0"

_Patterns: TypeAlias = tuple[tuple[frozenset[str], re.Pattern[str]], ...]

_TLD = (
    "com|net|org|cn|io|co|me|app|dev|info|biz|gov|edu|test|example|invalid|link|page|shop|site|online|top|xyz|"
    "ru|de|fr|es|it|pt|br|nl|pl|tr|jp|kr|in|vn|th|uk|eu|us|ca|au|hk|tw|sg|ly|to|gg|tv|ai|cc|im|ng|za|mx"
)
_MONEY_BEFORE = (
    r"[$€£¥₹₩₽₺₫฿₪₴₦]|\b(?:USD|EUR|GBP|CNY|RMB|JPY|HKD|TWD|INR|KRW|RUB|TRY|BRL|PLN|VND|THB|CHF|AUD|CAD|"
    r"SEK|NOK|DKK|NT\$|HK\$|US\$|R\$|[Rr]s\.?|kr\.?|zł|TL)"
)
_MONEY_AFTER = (
    r"[$€£¥₹₩₽₺₫฿₪₴₦]|元|円|圓|원|块|塊|đ(?![a-zà-ỹ])|บาท|руб|грн|रुपये|ريال|درهم|جنيه|"
    r"(?:USD|EUR|GBP|CNY|RMB|JPY|HKD|TWD|INR|KRW|RUB|TRY|BRL|PLN|VND|THB|CHF|AUD|CAD|SEK|NOK|DKK|zł|kr|TL|"
    r"[Dd]ollars?|[Ee]uros?|[Rr]eais|[Rr]upees|pounds|yuan|yen)(?![A-Za-zÀ-ỹ])"
)
_UNITS = (
    r"(?:minutes?|mins?|hours?|hrs?|seconds?|secs?|days?|weeks?|months?|years?|km|kg|g|mg|ml|cm|mm|kWh|kB|KB|MB|GB|TB|"
    r"points?|pts|miles|steps|calories|kcal|people|users|members|followers|likes|views|reviews|items|customers|"
    r"photos|messages|emails|words|stores|shops|Minuten|Stunden|Punkte|Schritte|Kunden|minutos|horas|pontos|puntos|"
    r"passos|pasos|heures|jours|clients|passi|punti|minuti|минут[аы]?|час[а-я]*|балл[а-я]*|шаг[а-я]*|dakika|saat|puan|"
    r"adım|minut|godzin|punkt[óo]w|minuten|punten|phút|giờ|điểm|นาที|คะแนน)(?![A-Za-zÀ-ỹ])|"
    r"分钟|分鐘|分間|小时|小時|時間|积分|積分|ポイント|点数|步|歩|公里|人次|人|名|位用户|件|天内|日間|日以内|"
    r"분|시간|포인트|걸음|명|मिनट|घंटे|अंक|दिन|دقيقة|دقائق|نقطة|ساعة"
)

# A comma groups three digits, or is followed by cents: "4829,5分钟" is a code and a time.
_WHOLE = r"(?:\d{1,3}(?:[.,]\d{3})++(?![\d])|\d++(?:\.\d{1,2}(?!\d))?)"
_CENTS = r"(?:\d{1,3}(?:[.,' ]\d{3})++(?:[.,]\d{1,2})?|\d++(?:[.,]\d{2}(?!\d)|\.\d)?)"

# Each pattern is preceded by characters of which the text must have one for a match; "" if there are none.
# `(?<![\d.,])` matches at the beginning of a number only.
_ADDRESSES = (
    (":", r"(?i:https?|ftp)://[!-~]++"),
    (
        ".",
        rf"(?i:(?<![a-z0-9_@.-])[a-z][a-z0-9-]*+\.(?:[a-z0-9-]++\.(?=[a-z0-9]))*+(?:{_TLD})(?![a-z0-9-])(?:[/?:][!-~]*+)?)",
    ),
    ("@", r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)*+"),
)
_NUMBERS = (
    # Bank accounts (ISO 13616) come first: other patterns match parts of them.
    ("", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4})?(?: ?\d{4}){2,6}(?: ?\d{1,3})?\b"),
    ("-", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"),
    (".", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|/\d{1,2})?(?![\w.]*\d)"),
    (":", r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4}(?![\w:])"),
    # Dates and times.
    ("-/.", r"(?<!\d)\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)"),
    ("/.", r"(?<!\d)\d{1,2}([/.])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)"),
    ("-", r"(?<!\d)\d{1,2}-\d{1,2}-\d{4}(?!\d)"),
    ("年년", r"(?<!\d)\d{2,4}[年년](?: ?\d{1,2}[月월])?(?: ?\d{1,2}[日号일])?"),
    ("月월", r"(?<!\d)\d{1,2}[月월] ?\d{1,2}[日号일]?"),
    (":", r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?[aApP]\.?[mM]\b)?(?!\d)"),
    ("hH点點时時시", r"(?<!\d)\d{1,2}[hH]\d{2}\b|(?<!\d)\d{1,2}[点點时時시](?: ?\d{1,2}[分분])?"),
    ("©(cC", r"(?i:©|\(c\)|copyright) ?\d{4}\b"),
    ("-/", r"\b(?:19|20)\d\d ?[-/] ?(?:19|20)?\d\d\b"),
    # Versions.
    ("vV.", r"\b[vV]\.? ?\d++(?:\.\d++)*+\b|(?<![\d.])\d++(?:\.\d++){2,}+"),
    # Money, percentages, amounts, units.
    ("", rf"(?:{_MONEY_BEFORE}) ?\d[\d.,']*+(?: \d{{3}}(?!\d))*+"),
    ("", rf"(?<![\d.,]){_CENTS} ?(?:{_MONEY_AFTER})"),
    ("%‰折", rf"(?<![\d.,]){_CENTS} ?[%‰折]"),
    (",", r"(?<![\d.,])\d{1,3}(?:,\d{3})++(?!\d)(?:\.\d++)?"),
    (".", r"(?<![\d.,])\d{1,3}\.\d++"),
    ("", rf"(?<![\d.,]){_WHOLE}[ -]?(?:{_UNITS})"),
    # Phone numbers.
    ("+", r"\+\d[\d ().-]{6,18}\d"),
    ("(", r"\(\d{2,5}\) ?\d{3,5}[ .-]?\d{3,4}(?!\d)"),
    (" .-", r"(?<![\d-])(?:1-)?\d{3}[ .-]\d{3}[ .-]\d{4}(?![\d-])"),
    (" -", r"(?<![\d-])0\d{1,3}[ -]\d{3,4}[ -]\d{3,4}(?![\d-])"),
    ("", r"(?<![\d-])\d{3,4}-\d{7,8}(?![\d-])|(?<![\d-])[48]00-?\d{3,4}-?\d{3,4}(?![\d-])"),
    ("-", r"(?<![\d-])\d{3}-\d{4}(?![\d-])"),
    # The end of a card or a phone number.
    ("*x", r"\d{2,4}\*{2,}+\d{2,4}(?!\d)|(?<![\w])x-?\d{4}(?!\d)"),
    ("*xX•·….", r"(?:(?<![*xX])[*xX]{2,}+[ -]?|[•·…]{1,4} ?|\.{3})\d{3,5}(?!\d| ?[*•·…])"),
    # Postal addresses.
    (",", r", [A-Z]{2} \d{5}(?:-\d{4})?\b"),
    (" ", r"\b\d{2,5} (?:[A-Z][a-z']++ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Drive|Way)\b"),
    ("xX", r"(?i:\bp\.? ?o\.? box|\bpostfach) \d++"),
)
# The hash by which an app finds its SMS (SMS Retriever), and the first line of the old format.
_ENDS = (
    re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{11}\s*\Z", re.ASCII),
    re.compile(r"\A\s*<#>", re.ASCII),
)
_REACH = 64  # characters from a number to the farthest sign of its kind

# A brand in brackets stands first or last. If "is" follows, the brackets hold the word "code" instead.
_BRANDS = (re.compile(r"\A[\s\0]*【[^【】]{1,30}】(?!\s*(?:是|为|為|は))"), re.compile(r"【[^【】]{1,30}】\s*\Z"))
_CODE_IN_BRACKETS = re.compile(r"(?:[码碼]|コード|番号)(?:是|为|為|は)?[:：]?\s*\Z")


def masked(text: str) -> str:
    """Return the text with the same length, and ``FILL`` in the places that cannot be a code."""
    addresses, numbers = _compiled()
    text = _apply(addresses, text)
    pieces: list[str] = []
    at = 0
    for start, end in whole_words(text, DIGITS, _REACH):
        pieces += (text[at:start], _apply(numbers, text[start:end]))
        at = end
    text = "".join((*pieces, text[at:]))
    for pattern in _ENDS:
        text = pattern.sub(_filled, text)
    first, last = _BRANDS
    text = first.sub(_filled, text)
    brand = last.search(text, max(0, len(text) - 64))
    if brand is not None and not _CODE_IN_BRACKETS.search(text[max(0, brand.start() - 12) : brand.start()]):
        text = text[: brand.start()] + FILL * (len(text) - brand.start())
    return text


def _apply(patterns: _Patterns, text: str) -> str:
    characters = set(text)
    for signs, pattern in patterns:
        if not signs or not signs.isdisjoint(characters):
            text = pattern.sub(_filled, text)
    return text


@lru_cache(maxsize=1)
def _compiled() -> tuple[_Patterns, _Patterns]:
    """Compile the patterns, at the first call."""
    addresses, numbers = (
        tuple((frozenset(signs), re.compile(pattern, re.ASCII)) for signs, pattern in table)
        for table in (_ADDRESSES, _NUMBERS)
    )
    return addresses, numbers


def _filled(match: re.Match[str]) -> str:
    return FILL * len(match[0])
