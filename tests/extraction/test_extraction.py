"""Reading codes: where they are said to be, how sure, what is typed; and what holds for every text."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.extraction import Extraction, extract, readable, readable_html

SEPARATORS = " -\n|·•."


def code_of(text: str, html: str | None = None, subject: str | None = None) -> str | None:
    found = extract(text, html, subject)
    return found.code if found else None


# --- where, and how sure ------------------------------------------------------------------------------------


def test_the_place_is_that_of_the_code_in_the_readable_text() -> None:
    text = "Your code\u200b: ４８２ ９１３"
    found = extract(text)
    assert found is not None
    assert (found.code, found.part) == ("482913", "text")
    assert readable(text)[found.start : found.end] == "482 913"


def test_the_place_in_html_is_that_in_what_the_html_shows() -> None:
    html = "<p>Your code is</p><p><b>482913</b></p>"
    found = extract("", html)
    assert found is not None
    assert (found.code, found.part) == ("482913", "html")
    assert readable_html(html)[found.start : found.end] == "482913"


def test_an_origin_bound_line_is_certain() -> None:
    assert extract("@shop.example #482913") == Extraction("482913", "origin_bound", 1.0, "text", 15, 21)


@pytest.mark.parametrize(
    "text",
    [
        "@shop.example #482913\nBuy now!",
        "@shop.example  #482913",
        "@ #482913 and more of it",
        "@shop.example #482913 and more",
        "see @shop.example #482913",
    ],
)
def test_what_is_not_exactly_an_origin_bound_line_is_read_as_text(text: str) -> None:
    found = extract(text)
    assert found is None or found.source != "origin_bound"


def test_the_surer_the_words_the_higher_the_confidence() -> None:
    texts = (
        "@shop.example #482913",
        "Your verification code is 482913",
        "Your code is 482913",
        "482913 expires in 5 minutes",
        "Larkspur 482913",
    )
    found = [extract(text) for text in texts]
    confidences = [one.confidence for one in found if one]
    assert len(confidences) == len(texts)
    assert confidences == sorted(confidences, reverse=True)
    assert len(set(confidences)) == len(texts)
    assert [one.source for one in found if one] == [
        "origin_bound", "keyword", "keyword", "context", "only_candidate",
    ]  # fmt: skip


def test_two_codes_that_are_as_likely_make_each_other_less_sure() -> None:
    one, two = extract("Your code is 482913."), extract("Your code is 482913. Your code is 771204.")
    assert one is not None
    assert two is not None
    assert two.confidence < one.confidence


# --- what is read -------------------------------------------------------------------------------------------


def test_a_number_after_a_named_code_is_the_code_although_an_order_is_named_between() -> None:
    assert code_of("验证码用于订单号为482913") == "482913"
    assert code_of("订单号为482913") is None


def test_the_likeliest_part_wins() -> None:
    assert code_of("Larkspur 111111", "<p>nothing</p>", "Your login code: 482913") == "482913"
    assert code_of("Your code is 482913", "<p>Your code is 111111</p>", "Your code is 222222") == "482913"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("a<br>b", "a\nb"),
        ("<td>4</td><td>2</td>", "4 2"),
        ('<p title="a > b">x</p>', "x"),
        ("<style>p{}</style>x<script>1 < 2</script>y", "xy"),
        ("a < b & c &lt; d", "a < b & c < d"),
        ("x<!-- a <b> -->y<!-- never ends", "xy"),
        ("x<b y='>", "x"),
        ("x<script>never ends", "x"),
        ("<p>x</p>\n\n\n<p>y</p>", "x\n\ny"),
    ],
)
def test_html_is_read_as_it_looks(html: str, shown: str) -> None:
    assert readable_html(html) == shown


def test_a_long_text_is_read_at_its_beginning_and_at_its_end() -> None:
    words = "lorem ipsum " * 20_000
    assert code_of("Your code is 482913. " + words) == "482913"
    assert code_of(words + "\n@shop.example #482913") == "482913"
    assert code_of(words + "Your code is 482913. " + words) is None


def test_a_cut_through_a_long_number_makes_no_code() -> None:
    assert code_of("Your code is " + "1" * 20_000) is None


# --- for every text -----------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["code", "Your code is", "验证码", "order", "【", "】", "#", "@a.example #", "\n", "\u0301", "\u200b", "<b>",
     "٣", "4829", "482913", "1", "-", ",", ".", "$", "%", "İ", "\ud800"]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=30).map(" ".join))


@given(TEXTS, st.one_of(st.none(), TEXTS), st.one_of(st.none(), TEXTS))
@example("", "", "")
def test_whatever_the_text_a_code_is_in_it(text: str, html: str | None, subject: str | None) -> None:
    found = extract(text, html, subject)
    if found is None:
        return
    assert 0 < found.confidence <= 1
    shown = {
        "text": readable(text),
        "html": readable_html(html or ""),
        "subject": readable(subject or ""),
    }[found.part]
    place = shown[found.start : found.end]
    if found.code != place:
        assert "".join(sign for sign in place if sign not in SEPARATORS) == found.code
        assert set(found.code) <= set(string.digits)
    assert found.source == "origin_bound" or 4 <= len(found.code) <= 20


@given(TEXTS)
@example("\r\n\u200b\r\n")
def test_reading_the_readable_text_gives_the_same(text: str) -> None:
    assert readable(readable(text)) == readable(text)
    assert extract(readable(text)) == extract(text)


def test_lower_case_keeps_every_place() -> None:
    """The words are looked for in lower case, and a capital I with a dot is the only one that would grow."""
    grown = [chr(code) for code in range(0x110000) if len(chr(code).lower()) != 1]
    assert grown == ["İ"]


TEMPLATES = {
    "en": "Your code is {code}",
    "zh-CN": "您的验证码是{code}，请勿泄露",
    "zh-TW": "您的驗證碼是{code}，請勿洩漏",
    "ja": "認証コードは{code}です",
    "ko": "인증번호는 {code}입니다",
    "de": "Ihr Code lautet {code}",
    "fr": "Votre code est {code}",
    "es": "Tu código es {code}",
    "pt": "Seu código é {code}",
    "it": "Il tuo codice è {code}",
    "ru": "Ваш код: {code}",
    "uk": "Ваш код: {code}",
    "tr": "Kodunuz: {code}",
    "pl": "Twój kod to {code}",
    "nl": "Je code is {code}",
    "ar": "رمز التحقق هو {code}",
    "fa": "کد تایید شما {code}",
    "he": "קוד האימות שלך הוא {code}",
    "vi": "Mã xác thực của bạn là {code}",
    "th": "รหัสยืนยันของคุณคือ {code}",
    "hi": "आपका कोड {code} है",
    "id": "Kode Anda: {code}",
    "sv": "Din kod är {code}",
    "da": "Din kode er {code}",
    "fi": "Koodisi on {code}",
    "cs": "Váš kód je {code}",
    "hu": "A kódod: {code}",
    "ro": "Codul tău este {code}",
    "el": "Ο κωδικός σας είναι {code}",
}
CODES = st.text(string.digits, min_size=4, max_size=8)


@pytest.mark.parametrize("language", TEMPLATES)
@given(code=CODES)
@settings(max_examples=20)
@example("2026")
@example("20261121")
@example("0000")
def test_a_code_that_a_language_names_is_read(language: str, code: str) -> None:
    assert code_of(TEMPLATES[language].format(code=code)) == code


@given(CODES.filter(lambda code: len(code) == 6), st.sampled_from([" ", "-", "\u00a0", "\u2011"]))
def test_groups_of_one_size_are_one_code(code: str, between: str) -> None:
    assert code_of(f"Your code is {code[:3]}{between}{code[3:]}.") == code
    assert code_of(f"Your code is {between.join(code)}.") == code
