"""Charsets of mails, with the tables of the WHATWG Encoding Standard as the judge; none takes long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webencodings import LABELS

from gateway.providers.aws_ses.fake.charsets import decoded, guessed
from gateway.providers.aws_ses.fake.mime import read
from tests.support.browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]

NAMES = sorted({name for name in LABELS.values() if name != "replacement"})
LARGE = 500_000
PIECES = [b"a", b"\xff", b"\x81 ", b"!! ", b"\x1b$B!\x1b(B", b"\x1b", b"\xa1\xa1a\x8e\xb1"]


@pytest.mark.parametrize(
    ("label", "content", "text"),
    [
        ("iso-8859-1", b"\x93code\x94 \x96 \x80", "“code” – €"),
        ("latin-1", b"\x93\x81", "“\x81"),
        ("us-ascii", b"\x93code\x94", "“code”"),
        ("us-ascii", "Über".encode(), "Über"),
        ("ISO-8859-9", b"\xfe", "ş"),
        ("tis-620", b"\xc3\xcb\xd1\xca", "รหัส"),
        ("ks_c_5601-1987", b"\x8c\x63\xb9\xe6", "똠방"),
        ("ks_c_5601", b"\x8c\x63", "똠"),
        ("euc_kr", b"\x8c\x63", "똠"),
        ("cp949", b"\x8c\x63", "똠"),
        ("shift_jis", b"\x87\x8a \xed\x40 \xfb\xfc \xb1", "㈱ 纊 髙 ｱ"),
        ("sjis", b"\x87\x40", "①"),
        ("gb2312", "镕".encode("gbk") + b"\x80", "镕€"),
        ("gbk", "𠀀".encode("gb18030"), "𠀀"),
        ("big5", b"\xfb\x48", b"\xfb\x48".decode("big5hkscs", "replace")),
        ("big5", b"\x87\x40\x95\xe1\xa1\x45\xa3\xe1", b"\x87\x40\x95\xe1".decode("big5hkscs") + "‧€"),
        ("euc-jp", b"\xad\xea\xfc\xe2 \x8e\xb1 \x8f\xb0\xa1 \xa1\xc1", "㈱髙 ｱ 丂 ～"),
        ("iso-2022-jp", b"\x1b$B-j|\x62\x1b(B 1 \x1b(I1\x1b(J\\\x1b(B\\", "㈱髙 1 ｱ¥\\"),
        ("iso-2022-jp", b"\x1b$B0!\n0!!\x1b(B.", "亜\n亜\ufffd."),
        ("iso-2022-jp", b"\x1b$(D0!\x1b(B \x0e1\x0f.", "丂 ｱ."),
        ("cp50221", b"\x1b$B-j\x1b(B", "㈱"),
        ("utf-16", b"\xfe\xff\x00a", "a"),
        ("utf-16le", b"a\x00", "a"),
        ("koi8-u", b"\xae", "ў"),
        ("utf-8", b"\xef\xbb\xbfa", "a"),
        ("utf-8", "grün, abgeschnitten: 您".encode()[:-1], "grün, abgeschnitten: \ufffd"),
        ("utf-8", b"\xdcber", "Über"),
        ("euc-jp", "您的".encode(), "您的"),
        (None, b"\x1b$BG'>Z%3!<%I!'\x1b(B482913", "認証コード：482913"),
        ("us-ascii", b"\x1b$BG'\x1b(B", "認"),
        ("x-no-such", b"\x1b$BG'\x1b(B", "認"),
    ],
)  # fmt: skip  # a text a line
def test_a_declared_charset_is_read_as_mail_programs_read_it(label: str | None, content: bytes, text: str) -> None:
    assert decoded(content, label) == text


@pytest.mark.parametrize(
    ("label", "content", "text"),
    [
        ("punycode", b"abc-\xff\x1b", r"abc-\xff\x1b"),
        ("x-no-such", "Über".encode(), "Über"),
        ("utf-7", b"+AGE-", "+AGE-"),
        ("hz-gb-2312", b"~{VPND~}", "~{VPND~}"),
        ("iso-2022-kr", b"\x1b$)C\x0e\n", "\\x1b$)C\\x0e\n"),
        ("unicode_escape", rb"\u0041", rb"\u0041".decode()),
        ("\x1b[31m", b"a", "a"),
        ("x" * 10_000, b"a", "a"),
    ],
)
def test_an_unknown_charset_is_shown_as_bytes_with_a_warning(label: str, content: bytes, text: str) -> None:
    warnings: list[str] = []
    assert decoded(content, label, warnings) == text
    assert "is none that mail programs know" in warnings[0]
    assert len(warnings[0]) < 200
    assert warnings[0].isprintable()


def test_a_mail_says_which_charsets_it_could_not_read() -> None:
    found = read(
        b"From: a@x.test\nSubject: =?x-one?q?=FF?= =?x-one?q?a?=\nX: =?utf-8?q?a?=\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain; charset=x-two\n\n\xff\n"
        b"--b\nContent-Disposition: attachment; filename*=x-three''%ff\n\na\n--b--\n"
    )
    assert (found.subject, found.text, found.attachments[0].filename) == (r"\xffa", r"\xff", r"\xff")
    assert [warning.split("'")[1] for warning in found.warnings] == ["x-one", "x-two", "x-three"]
    many = b"".join(b"=?x-%d?q?a?= " % at for at in range(100))
    assert len(read(b"Subject: " + many + b"\n\n").warnings) == 20


@pytest.mark.parametrize(
    ("value", "charset", "text"),
    [
        ("Grüße 您".encode(), "gb2312", "Grüße 您"),
        ("Grüße".encode("latin-1"), None, "Grüße"),
        (b"\x93code\x94", "utf-8", "“code”"),
        ("验证码".encode("gbk"), "gb2312", "验证码"),
        (b"\x1b$B-j\x1b(B", None, "㈱"),
    ],
)
def test_a_header_of_8_bits_is_read_as_the_body_is(value: bytes, charset: str | None, text: str) -> None:
    assert guessed(value, charset) == text
    kind = b"" if charset is None else b"Content-Type: text/plain; charset=%s\n" % charset.encode()
    assert read(b"Subject: " + value + b"\n" + kind + b"\nx").subject == text


@given(st.binary(max_size=60), st.sampled_from(sorted(LABELS)))
def test_any_bytes_are_read_in_each_charset(content: bytes, label: str) -> None:
    decoded(b"\x1b$B" + content, label)
    assert decoded(content, label).count("\ufffd") <= len(content)


@pytest.mark.parametrize("piece", PIECES, ids=repr)
@pytest.mark.parametrize("label", ["punycode", "idna", "x-no-such", *NAMES])
def test_no_charset_takes_long(label: str, piece: bytes) -> None:
    """At most half a second for 500 kB; quadratic work would be many seconds."""
    content = b"\x1b$B" + (piece * LARGE)[:LARGE]
    tries = []
    for _ in range(3):
        began = time.process_time()
        decoded(content, label)
        tries.append(time.process_time() - began)
        if tries[-1] < 2:
            break
    assert min(tries) < 2


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "iso-2022-jp"])
def test_every_character_is_that_of_a_browser(browser: Browser, name: str) -> None:
    """All of one byte and, for the larger ones, of two; what a browser does not know is left out."""
    several = {"big5", "euc-jp", "euc-kr", "gb18030", "gbk", "shift_jis", "utf-8", "utf-16be", "utf-16le"}
    asked = (
        [[first, second] for first in range(0x80, 0x100) for second in range(0x40, 0xFF)]
        if name in several
        else [[byte] for byte in range(0x100)]
    )
    page = browser.new_page()
    theirs = page.evaluate(
        "([label, asked]) => asked.map(one => new TextDecoder(label).decode(new Uint8Array(one)))", [name, asked]
    )
    page.close()
    other = [
        bytes(one).hex()
        for one, text in zip(asked, theirs, strict=True)
        if "\ufffd" not in text and "\ufffe" not in text and decoded(bytes(one), name) != text
    ]
    # Python's tables of Hong Kong are of 2004, those of GB 18030 of 2000: rare characters, and none else.
    assert len(other) <= {"big5": 200, "gbk": 25, "gb18030": 25}.get(name, 0), other
