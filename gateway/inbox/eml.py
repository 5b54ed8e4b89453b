"""A captured mail as an RFC 5322 message, for mail programs. Pure.

A raw mail is returned as its client sent it, byte for byte. Any other mail is composed from the capture: the
texts as alternatives, the pictures of the HTML beside it, then the attachments. Headers are in ASCII, with other
characters encoded as in RFC 2047 and RFC 2231.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, getaddresses
from io import BytesIO

from gateway.core.model import Document
from gateway.core.recipients import normal_domain

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[!-9;-~]+")
# Headers that this module sets itself.
_OWN = frozenset(
    ("from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "return-path", "mime-version")
)
_POLICY = compat32.clone(linesep="\r\n", max_line_length=76)
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


def message(capture: Document, contents: Document | None) -> bytes:
    """Return the message. ``capture`` is the stored document of an email, ``contents`` the result of
    ``Inbox.contents``."""
    raw = (contents or {}).get("raw")
    if raw is not None:
        return base64.b64decode(raw)
    mail: Document = capture.get("mail") or {}
    made = _body(capture, mail.get("attachments", ()), (contents or {}).get("attachments", ()))
    for name, value in _headers(capture, mail):
        made[name] = value  # type: ignore[assignment]  # this policy takes a Header too
    del made["MIME-Version"]
    made["MIME-Version"] = "1.0"
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=_POLICY).flatten(made)
    return written.getvalue()


def media_type(text: str) -> str:
    """Return a media type that is valid in a header: ``application/octet-stream`` if ``text`` is none."""
    kind = text.partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else "application/octet-stream"


def _headers(capture: Document, mail: Document) -> Iterable[tuple[str, Header | str]]:
    given = {name.lower(): value for name, value in mail.get("headers", ())}
    addresses = {
        "From": [mail.get("from") or ""],
        "To": mail.get("to") or ([capture["to"]] if not mail else []),
        "Cc": mail.get("cc") or [],
        "Reply-To": mail.get("replyTo") or [],
    }
    if mail.get("returnPath"):
        yield "Return-Path", _clean(f"<{mail['returnPath']}>")
    for name, listed in addresses.items():
        text = ", ".join(_address(one) for one in listed if one)
        if text:
            yield name, text
    yield "Subject", _encoded("Subject", capture.get("subject") or "")
    sent = datetime.fromisoformat(capture["receivedAt"])
    yield "Date", _clean(given.get("date") or format_datetime(sent))
    yield "Message-ID", _clean(given.get("message-id") or f"<{capture['id']}@connector-gateway.invalid>")
    for name, value in mail.get("headers", ()):
        lowered = name.lower()
        if lowered not in _OWN and not lowered.startswith("content-") and _HEADER_NAME.fullmatch(name):
            yield name, _encoded(name, value)


def _body(capture: Document, described: Iterable[Document], contents: Iterable[str]) -> MIMEBase:
    text, html = capture["text"], capture["html"]
    parts: list[MIMEBase] = []
    if text or html is None:
        parts.append(_text(text, "plain"))
    inline: list[MIMEBase] = []
    attached: list[MIMEBase] = []
    for about, content in zip(described, contents, strict=False):
        (inline if html is not None and about["contentId"] else attached).append(_attachment(about, content))
    if html is not None:
        page: MIMEBase = _text(html, "html")
        parts.append(_multipart("related", [page, *inline]) if inline else page)
    whole = parts[0] if len(parts) == 1 else _multipart("alternative", parts)
    return _multipart("mixed", [whole, *attached]) if attached else whole


def _multipart(kind: str, parts: Iterable[MIMEBase]) -> MIMEMultipart:
    return MIMEMultipart(kind, _subparts=list(parts), policy=_POLICY)


def _text(text: str, kind: str) -> MIMEText:
    return MIMEText(_whole(text), kind, _UTF8, policy=_POLICY)  # type: ignore[arg-type]


def _attachment(about: Mapping[str, str], content: str) -> MIMEBase:
    main, _, sub = media_type(about["contentType"]).partition("/")
    if main in {"multipart", "message"}:
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub, policy=_POLICY)
    part.set_payload("\r\n".join(re.findall(".{1,76}", content)))
    part["Content-Transfer-Encoding"] = "base64"
    name = _CONTROL.sub(" ", about["name"])
    filename = name if name.isascii() else ("utf-8", "", _whole(name))
    disposition = "inline" if about["disposition"].lower() == "inline" else "attachment"
    part.add_header("Content-Disposition", disposition, filename=filename)
    if about["contentId"]:
        part["Content-ID"] = _clean(f"<{about['contentId']}>")
    return part


def _address(text: str) -> str:
    """Return name and address in ASCII: the name encoded, the domain as an A-label (RFC 5890)."""
    text = _CONTROL.sub(" ", text)
    if text.isascii():
        return text
    ((name, address), *_) = getaddresses([text]) or [("", text)]
    shown = _whole(name)
    shown = shown if shown.isascii() else Header(shown, "utf-8").encode(linesep="")
    domain = address.rpartition("@")[2]
    if not domain.isascii():
        address = address.removesuffix(domain) + (normal_domain(domain) or domain)
    return f"{shown} <{_clean(address)}>" if name else _clean(address)


def _encoded(name: str, value: str) -> Header | str:
    value = _CONTROL.sub(" ", value)
    return value if value.isascii() else Header(_whole(value), "utf-8", header_name=name)


def _whole(text: str) -> str:
    """Return the text without lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode()


def _clean(value: str) -> str:
    return _CONTROL.sub(" ", value).encode("ascii", "replace").decode()
