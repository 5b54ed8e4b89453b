"""A captured mail as RFC 5322, read back by the standard library."""

from __future__ import annotations

import base64
import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Mail
from gateway.inbox.eml import media_type, message
from tests.support.samples import HTML, PDF, PNG, attachment, mailed

ADA = "ada@example.com"


def read(source: bytes) -> EmailMessage:
    found = email.message_from_bytes(source, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def composed(mail: Mail | None = None, **how: Any) -> bytes:
    (made,) = mailed(ADA, mail=mail, **how)
    return message(made.document(), made.mail.contents() if made.mail else None)


def test_texts_pictures_and_documents_have_their_places() -> None:
    found = read(composed())
    kinds = [part.get_content_type() for part in found.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Hé, https://app.example/in?a=1&b=2"
    assert html.get_content().strip() == HTML
    (document,) = list(found.iter_attachments())
    assert (document.get_filename(), document.get_content()) == ("Rechnung März.pdf", PDF)
    picture = next(part for part in found.walk() if part.get_content_type() == "image/png")
    assert (picture["Content-ID"], picture.get_content()) == ("<logo>", PNG)


def test_headers_of_every_script_are_ascii_on_the_wire_and_come_back() -> None:
    mail = Mail(
        sender="网关 <otp@例子.测试>",
        to=("Ada Lovelace é <ada@example.com>", "bob@example.com"),
        cc=("carl@example.com",),
        bcc=("secret@example.com",),
        return_path="bounces@app.example",
        headers=(("X-Note", "ü" * 200), ("Content-Type", "evil/type"), ("Subject", "another")),
    )
    source = composed(mail, subject="码 ✓ " * 40)
    assert source.isascii()
    assert max(map(len, source.split(b"\r\n"))) <= 998
    found = read(source)
    assert found["From"].addresses[0].display_name == "网关"
    assert found["From"].addresses[0].addr_spec == "otp@xn--fsqu00a.xn--0zwm56d"
    assert [one.addr_spec for one in found["To"].addresses] == ["ada@example.com", "bob@example.com"]
    assert found["To"].addresses[0].display_name == "Ada Lovelace é"
    assert found["Cc"] == "carl@example.com"
    assert found["Return-Path"] == "<bounces@app.example>"
    assert found["X-Note"] == "ü" * 200
    assert str(found["Subject"]).split() == ["码", "✓"] * 40
    assert found.get_all("Subject") == [found["Subject"]]
    assert found.get_content_type() == "multipart/alternative"
    assert "secret" not in source.decode()


def test_what_a_client_built_comes_back_byte_for_byte() -> None:
    built = b"From: a@b.example\nSubject: \xff\xfe not UTF-8\n\n8-bit: \xe9\n"
    assert composed(Mail("a@b.example", raw=base64.b64encode(built).decode())) == built


def test_a_mail_with_one_text_is_no_multipart() -> None:
    found = read(composed(Mail("a@b.example", (ADA,)), html=None))
    assert (found.get_content_type(), found["To"]) == ("text/plain", ADA)


def test_control_characters_begin_no_header() -> None:
    mail = Mail("a@b.example\r\nBcc: eve@example.com", (ADA,), headers=(("X-A", "b\r\nX-B: c"), ("X C", "d")))
    found = read(composed(mail, subject="Hi\r\nX-D: e"))
    assert found["Bcc"] is found["X-B"] is found["X-D"] is found["X C"] is None
    assert found["Subject"] == "Hi X-D: e"


def test_an_attachment_cannot_say_that_it_is_a_part_of_the_mail() -> None:
    odd = attachment("a\r\nX: b.eml", "multipart/mixed; boundary=x", b"--x\r\n")
    found = read(composed(Mail("a@b.example", (ADA,), attachments=(odd,))))
    (part,) = list(found.iter_attachments())
    assert (part.get_content_type(), part.get_content()) == ("application/octet-stream", b"--x\r\n")


@pytest.mark.parametrize(
    ("given_type", "shown"),
    [
        ("image/PNG; name=x", "image/png"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_a_media_type_is_one_or_bytes(given_type: str, shown: str) -> None:
    assert media_type(given_type) == shown


@given(
    sender=st.text(max_size=30),
    to=st.lists(st.text(max_size=30), max_size=3),
    headers=st.lists(st.tuples(st.text(max_size=10), st.text(max_size=40)), max_size=3),
    name=st.text(max_size=20),
    subject=st.text(max_size=40),
)
def test_whatever_was_captured_can_be_composed(
    sender: str, to: list[str], headers: list[tuple[str, str]], name: str, subject: str
) -> None:
    mail = Mail(sender, tuple(to), headers=tuple(headers), attachments=(attachment(name, name, PDF),))
    source = composed(mail, subject=subject)
    assert source.isascii()
    assert source.count(b"\r\nSubject:") == 1
