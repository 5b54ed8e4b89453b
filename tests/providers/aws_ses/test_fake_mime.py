"""Raw mails, made and read again by the standard library as the judge; broken ones never break the fake."""

from __future__ import annotations

import email
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.aws_ses.fake.charsets import decoded
from gateway.providers.aws_ses.fake.mime import MOST_PARTS, read
from gateway.providers.aws_ses.fake.mime_text import split_addresses, transferred, words

NAMES = [Address("Ünï Çödé", "u", "example.com"), Address("Doe, Jane", "jane", "example.com")]


def mail(**headers: object) -> EmailMessage:
    found = EmailMessage()
    found["From"] = Address("OTP 验证码", "otp", "example.com")
    found["To"] = NAMES
    found["Subject"] = "Ihr Code für heute: 123456 — 您的验证码是 123456, bitte nicht weitergeben, ciao"
    for name, value in headers.items():
        found[name] = value
    return found


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_alternatives_with_attachments_come_back(line_end: str, encoding: str) -> None:
    one = mail()
    one.set_content("Code 123456 für 您\n", cte=encoding)
    one.add_alternative("<p>Code <b>123456</b> für 您</p>\n", subtype="html", cte=encoding)
    part = list(one.iter_parts())[1]
    assert isinstance(part, EmailMessage)
    part.add_related(b"\x89PNG\0", "image", "png", cid="<logo@x>", filename="logo.png", disposition="inline")
    one.add_attachment(b"%PDF\0\xff", maintype="application", subtype="pdf", filename="Rechnung für 您.pdf")
    one.add_attachment("a;b\n", subtype="csv", filename="liste.csv")
    found = read(one.as_bytes(policy=policy.SMTP.clone(linesep=line_end)))
    assert found.problem is None
    assert found.subject == one["Subject"]
    assert found.text is not None
    assert found.text.splitlines() == ["Code 123456 für 您"]
    assert found.html is not None
    assert found.html.splitlines() == ["<p>Code <b>123456</b> für 您</p>"]
    assert [(a.filename, a.content_type, a.content_id, a.inline) for a in found.attachments] == [
        ("logo.png", "image/png", "logo@x", True),
        ("Rechnung für 您.pdf", "application/pdf", None, False),
        ("liste.csv", "text/csv", None, False),
    ]
    assert found.attachments[0].content == b"\x89PNG\0"
    assert found.attachments[1].content == b"%PDF\0\xff"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "gb2312", "utf8", "shift_jis", "koi8-r", "utf-16"])
def test_other_charsets_are_read(charset: str) -> None:
    text = {"gb2312": "验证码 镕 123456", "shift_jis": "コード 123456", "koi8-r": "код 123456"}.get(
        charset, "Über 123456"
    )
    raw = text.encode("gb18030" if charset == "gb2312" else charset)
    head = f"From: a@x.test\nTo: b@x.test\nContent-Type: text/plain; charset={charset}\n\n".encode()
    assert read(head + raw).text == text


def test_eight_bits_without_any_declaration_are_read() -> None:
    utf8 = read("From: a@x.test\nSubject: Grüße 您\n\nÜber 您".encode())
    assert (utf8.subject, utf8.text) == ("Grüße 您", "Über 您")
    latin = read("From: a@x.test\nSubject: Grüße\n\nÜber".encode("latin-1"))
    assert (latin.subject, latin.text) == ("Grüße", "Über")
    assert read(b"Content-Type: text/plain; charset=no-such\n\n\xc3\x9cber").text == "Über"
    assert read(b"Content-Type: text/plain; charset=us-ascii\n\n\xdcber").text == "Über"


def test_international_headers_and_addresses_are_read() -> None:
    one = mail(Cc="Kopie <kopie@example.com>, k2@example.com", Bcc="Freunde: f1@example.com, f2@example.com;")
    one.set_content("x")
    found = read(one.as_bytes())
    assert found.header("from") == "OTP 验证码 <otp@example.com>"
    theirs = [address for _, address in getaddresses([str(one["To"]), str(one["Cc"])])]
    ours = [address.rpartition("<")[2].rstrip(">") for address in found.recipients]
    assert ours == [*theirs, "f1@example.com", "f2@example.com"]
    assert found.addresses("To")[1] == '"Doe, Jane" <jane@example.com>'
    assert found.addresses("Reply-To") == []


def test_a_mail_inside_a_mail_is_attached() -> None:
    inner = mail()
    inner.set_content("the inner one")
    outer = mail()
    outer.set_content("the outer one")
    outer.add_attachment(inner)
    found = read(outer.as_bytes())
    assert (found.text or "").strip() == "the outer one"
    assert [one.content_type for one in found.attachments] == ["message/rfc822"]
    assert email.message_from_bytes(found.attachments[0].content).get_payload() == "the inner one\n"


def test_nested_containers_are_walked() -> None:
    inner: Message = MIMEMultipart("alternative", boundary="b")
    inner.attach(MIMEText("text", "plain", "utf-8"))
    inner.attach(MIMEText("<i>html</i>", "html", "utf-8"))
    for depth in range(20):
        # Each boundary begins with that of the container inside.
        outer = MIMEMultipart("mixed", boundary="b" * (depth + 2))
        outer.attach(inner)
        inner = outer
    found = read(inner.as_bytes())
    assert (found.text, found.html, found.problem) == ("text", "<i>html</i>", None)


def test_a_second_text_of_alternatives_is_attached_and_not_lost() -> None:
    one = MIMEMultipart("alternative")
    for text in ("first", "second"):
        one.attach(MIMEText(text, "plain", "utf-8"))
    found = read(one.as_bytes())
    assert (found.text, [a.content for a in found.attachments]) == ("first", [b"second"])


def part(content: str, kind: str = "plain", filename: str | None = None) -> Message:
    found = MIMEText(content, kind, "utf-8")
    if filename is not None:
        found.add_header("Content-Disposition", "inline", filename=filename)
    return found


def multipart(kind: str, *parts: Message) -> Message:
    found: Message = MIMEMultipart(kind)
    for one in parts:
        found.attach(one)
    return found


PICTURE = MIMEImage(b"PNG", "png")
AS_HTML = '<div style="white-space: pre-wrap">%s</div>'


@pytest.mark.parametrize(
    ("mail", "text", "html"),
    [
        (multipart("mixed", part("one"), PICTURE, part("two")), "one\ntwo", None),
        (multipart("mixed", part("one\r\n"), part(" \n"), part("two\n")), "one\ntwo", None),
        (multipart("mixed", part("<p>1", "html"), part("<p>2", "html")), None, "<p>1\n<p>2"),
        (multipart("mixed", part("<p>1", "html"), part("a < b")), "1\na < b", "<p>1\n" + AS_HTML % "a &lt; b"),
        (multipart("mixed", part("one"), part("log", filename="a.txt"), part("two")), "one\ntwo", None),
        (multipart("signed", part("one"), multipart("x-other", part("two"))), "one\ntwo", None),
        (
            # Apple's Mail: the HTML goes on behind a picture, and the text is whole.
            multipart(
                "alternative", part("1 2"), multipart("mixed", part("<p>1", "html"), PICTURE, part("<p>2", "html"))
            ),
            "1 2",
            "<p>1\n<p>2",
        ),
        (
            # The footer of a mailing list.
            multipart("mixed", multipart("alternative", part("one"), part("<p>1", "html")), part("footer")),
            "one\nfooter",
            "<p>1\n" + AS_HTML % "footer",
        ),
        (multipart("related", part("<p>1", "html"), part("two"), PICTURE), "two", "<p>1"),
        (multipart("digest", part("one"), Message()), "one", None),
    ],
)  # fmt: skip  # a mail a line
def test_a_mixed_mail_shows_all_its_texts_in_order(mail: Message, text: str | None, html: str | None) -> None:
    """RFC 2046, 5.1.3 and 5.1.4."""
    found = read(mail.as_bytes())
    assert (found.text, found.html, found.problem) == (text, html, None)


def test_what_a_mixed_mail_shows_is_not_attached() -> None:
    found = read(multipart("mixed", part("one"), part("log", filename="a.txt"), PICTURE, part("two")).as_bytes())
    assert [(one.filename, one.content_type) for one in found.attachments] == [
        ("a.txt", "text/plain"),
        (None, "image/png"),
    ]
    assert [one.content_type for one in read(multipart("digest", Message()).as_bytes()).attachments] == [
        "message/rfc822"
    ]


def test_a_text_with_a_filename_is_attached_where_it_is_not_the_whole_mail() -> None:
    one = MIMEMultipart("mixed")
    part = MIMEText("log", "plain", "utf-8")
    part.add_header("Content-Disposition", "inline", filename="=?utf-8?q?l=C3=B6g=2Etxt?=")
    one.attach(part)
    found = read(one.as_bytes())
    assert (found.text, found.attachments[0].filename) == (None, "lög.txt")


@pytest.mark.parametrize(
    ("raw", "problem", "text"),
    [
        (b"", None, ""),
        (b"no header at all", None, "no header at all"),
        (b"\r\nonly a body", None, "only a body"),
        (b"Subject: x\nno header\nbody", None, "no header\nbody"),
        (b"Subject: x", None, ""),
        (b"Content-Type: multipart/mixed\n\nbody", "Missing start boundary", "body"),
        (b"Content-Type: multipart/mixed; boundary=b\n\nbody", "Missing start boundary", "body"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nnever closed", None, "never closed"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b--\n", "Missing start boundary", "--b--\n"),
        (b"Content-Type: nonsense\n\nbody", None, "body"),
        (b'Content-Type: text/plain; charset="\0"\n\nbody', None, "body"),
        (b"Content-Type: text/plain; charset*0*=x'; charset*1=y\n\nbody", None, "body"),
        (b"Content-Transfer-Encoding: base64\n\n!!!aGk=!!", None, "hi"),
        (b"Content-Transfer-Encoding: base64\n\naGk", None, "hi"),
        (b"Content-Transfer-Encoding: base64\n\na", None, ""),
        (b"Content-Transfer-Encoding: nonsense\n\nbody", None, "body"),
        (b"Subject: a\nSubject: b\n\nbody", "Duplicate header 'Subject'.", "body"),
        (b"From: a@x.test\nfrom: b@x.test\n\nbody", "Duplicate header 'From'.", "body"),
    ],
)  # fmt: skip  # a mail a line
def test_a_malformed_mail_is_read_as_far_as_it_goes(raw: bytes, problem: str | None, text: str) -> None:
    found = read(raw)
    assert (found.problem, found.text) == (problem, text)


def test_a_mail_has_a_bounded_number_of_parts() -> None:
    def parts(number: int) -> bytes:
        return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * number

    assert read(parts(MOST_PARTS - 1)).problem is None
    assert "500 MIME parts" in (read(parts(MOST_PARTS)).problem or "")


def test_containers_nest_only_so_deep() -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(2000))
    assert read(raw).problem == "Missing start boundary"


def test_headers_without_end_are_not_read() -> None:
    assert read(b"a: b\n" * 100_000).problem == "Message headers are too long."


@given(st.binary(max_size=300))
def test_any_bytes_are_read(raw: bytes) -> None:
    read(raw)


SHREDS = [
    "--b",
    "--b--",
    "\n",
    "\r\n",
    "\n\n",
    "x",
    "Content-Type: ",
    "multipart/mixed; boundary=b",
    "text/html",
    "; charset=",
    "Content-Transfer-Encoding: base64",
    "=?utf-8?b?",
    "?=",
    "ÿ",
    "Subject: ",
    '"',
    "''",
    "*0*=",
]


@given(st.lists(st.sampled_from(SHREDS), max_size=40).map("".join))
def test_any_shreds_of_a_mail_are_read(shreds: str) -> None:
    raw = shreds.encode("latin-1")
    for one in (raw, b"Content-Type: multipart/mixed; boundary=b\n\n" + raw):
        read(one)


LINES = [b"--b\n", b"--b\r\n", b"--bb\n", b"\n", b"\r\n", b"x", b"--b \n", b"x\n--b--\n"]


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_bodies_are_divided_as_the_standard_library_divides_them(pieces: list[bytes]) -> None:
    raw = b"Content-Type: multipart/alternative; boundary=b\n\n" + b"".join(pieces)
    theirs = email.message_from_bytes(raw)
    found = read(raw)
    if not theirs.is_multipart():
        assert found.problem == "Missing start boundary"
        return
    expected = [bytes(part.get_payload(decode=True)) for part in theirs.walk() if not part.is_multipart()]
    ours = [(found.text or "").encode(), *(one.content for one in found.attachments)]
    # An unclosed last part: the line end at the end of the mail is its own, or it is not.
    ends = [one.rstrip(b"\r\n") for one in ours], [one.rstrip(b"\r\n") for one in expected]
    assert ours[:-1] == expected[:-1]
    assert ends[0] == ends[1]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=200))
def test_encoded_words_come_back(text: str) -> None:
    from email.header import Header

    assert words("".join(Header(text, "utf-8").encode().split("\n"))).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8?b?5oKo?= x =?iso-8859-1*de?Q?=FC_b?=", "您 x ü b"),
        ("=?utf-8?q?=E6=82?= =?utf-8?q?=A8?=", "您"),
        ("=?no-such?q?=FC?=", r"\xfc"),
        ("=?iso-8859-1?q?=93code=94?=", "“code”"),
        ("=?utf-8?b?%%%?=", ""),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("a =? b ?= c", "a =? b ?= c"),
    ],
)
def test_encoded_words_that_others_get_wrong(value: str, expected: str) -> None:
    assert words(value) == expected


def test_addresses_are_divided_at_the_right_commas() -> None:
    value = '"A, B" <a@x.test>, c@x.test (no, not here), <@r1,@r2:d@x.test>,, "q\\"," <e@x.test>, undisclosed:;'
    assert split_addresses(value) == [
        '"A, B" <a@x.test>',
        "c@x.test (no, not here)",
        "<@r1,@r2:d@x.test>",
        '"q\\"," <e@x.test>',
    ]


@given(st.text())
def test_any_header_is_divided(value: str) -> None:
    assert all(split_addresses(value))
    words(value)


@given(st.binary(), st.text(max_size=20))
def test_any_bytes_decode_in_any_charset(content: bytes, charset: str) -> None:
    assert isinstance(decoded(content, charset), str)
    for encoding in ("base64", "quoted-printable", charset):
        assert isinstance(transferred(content, encoding)[0], bytes)
