"""A raw mail, read: subject, texts, attachments, addresses. Anything is read; what AWS would refuse is a
``problem``.

Headers are read by the standard library's email package. Bodies are divided here: the package keeps a mail as a
list of lines, which costs seconds and a gigabyte where somebody sends 40 MB of short ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from html import escape
from typing import NamedTuple

from gateway.extraction import plain_text
from gateway.providers.aws_ses.fake.charsets import decoded
from gateway.providers.aws_ses.fake.mime_text import split_addresses, transferred, unfolded, words

MOST_PARTS = 500
"""Amazon SES: "message quotas"."""
_DEEPEST = 50
_MOST_WARNINGS = 20
_TEXT = "text/plain"
_HTML = "text/html"
_MAIL = "message/rfc822"
_MOST_HEADERS = 1 << 18  # bytes of one block of headers
_LONGEST_PARAMETERS = 4096
_BLANK_LINE = re.compile(rb"^\r?\n", re.MULTILINE)
_REST_OF_LINE = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_PLAIN_PARAMETER = re.compile(r'[^;"]+;\s*([A-Za-z]+)="?([^;"\\\s]+)"?')
_HEADER = re.compile(rb"(?:From |[!-9;-~]+[ \t]*:)")
_CHOICES = frozenset(("multipart/alternative", "multipart/related"))
_ONCE = ("From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "Return-Path", "Sender")
_HEADERS = HeaderParser()


class Attachment(NamedTuple):
    """``filename`` and ``content_id`` are None where the part has none; ``content`` with its transfer encoding
    undone."""

    filename: str | None
    content_type: str
    content_id: str | None
    inline: bool
    content: bytes


@dataclass(slots=True)
class Mime:
    """``headers`` in the order sent, unfolded, encoded words read; ``written`` the same with encoded words left.
    ``subject``, ``text`` and ``html`` are None where the mail has none. ``problem`` is AWS's text where it would
    refuse the mail. ``warnings``: what could not be read as it was meant, a sentence each."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str | None = None
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    problem: str | None = None
    written: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def subject(self) -> str | None:
        return self.header("Subject")

    def header(self, name: str) -> str | None:
        """The first of that name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def addresses(self, name: str) -> list[str]:
        """All that the headers of that name list, each as written: encoded words are left."""
        wanted = name.lower()
        values = [value for key, value in self.written if key.lower() == wanted]
        return [one for value in values for one in split_addresses(value)]

    @property
    def recipients(self) -> list[str]:
        """Of To, Cc and Bcc: who gets it where nobody says otherwise."""
        return [*self.addresses("To"), *self.addresses("Cc"), *self.addresses("Bcc")]


class _Part(NamedTuple):
    """``fields``: the first header of each (lower-case) name. ``start`` and ``end`` are those of the body."""

    pairs: list[tuple[str, str]]
    fields: dict[str, str]
    kind: str
    start: int
    end: int
    depth: int


class _Leaf(NamedTuple):
    """A part that is no container. ``kind`` is ``text/plain`` or ``text/html`` for one that is shown; any other is
    attached."""

    part: _Part
    kind: str


class _View(NamedTuple):
    """What a reader of the text sees, and what a reader of the HTML sees, in order. A side is empty if a part has
    nothing for it."""

    text: Sequence[_Leaf] = ()
    html: Sequence[_Leaf] = ()


def read(raw: bytes) -> Mime:
    """Never fails."""
    mime = Mime()
    root = _part(raw, 0, len(raw), 0, mime)
    charset = _parameter(root.fields, "charset")
    mime.written = [(name, unfolded(value, charset)) for name, value in root.pairs]
    mime.headers = [(name, words(value, mime.warnings)) for name, value in mime.written]
    names = [name.lower() for name, _ in mime.headers]
    for name in _ONCE:
        if names.count(name.lower()) > 1:
            _refuse(mime, f"Duplicate header '{name}'.")
    walk = _Walk(raw, mime)
    view = walk.view(root)
    texts = _Texts(raw, mime.warnings)
    mime.text = texts.joined(view.text, _TEXT)
    mime.html = texts.joined(view.html, _HTML)
    shown = {leaf.part.start for leaf in (*view.text, *view.html)}
    mime.attachments = [_attachment(raw, leaf.part, mime) for leaf in walk.leaves if leaf.part.start not in shown]
    mime.warnings = list(dict.fromkeys(mime.warnings))[:_MOST_WARNINGS]
    return mime


def _refuse(mime: Mime, text: str) -> None:
    """The first problem is told."""
    mime.problem = mime.problem or text


def _part(raw: bytes, start: int, end: int, depth: int, mime: Mime, default: str = _TEXT) -> _Part:
    """Headers, and where the body is. ``default``: the media type of a part that names none."""
    if _HEADER.match(raw, start, end) is None:
        blank = _BLANK_LINE.match(raw, start, end)
        return _Part([], {}, default, blank.end() if blank else start, end, depth)
    blank = _BLANK_LINE.search(raw, start, end)
    stop = blank.start() if blank else end
    if stop - start > _MOST_HEADERS:
        _refuse(mime, "Message headers are too long.")
        return _Part([], {}, _TEXT, start, end, depth)
    headers = _HEADERS.parsestr(raw[start:stop].decode("ascii", "surrogateescape"))
    pairs = [(name, str(value)) for name, value in headers.raw_items()]
    fields = {name.lower(): value for name, value in reversed(pairs)}
    # A line that is no header ends them, and begins the body, without an empty line.
    rest = headers.get_payload()
    body = blank.end() if blank else end
    if rest and isinstance(rest, str):
        body = stop - len(rest)
    return _Part(pairs, fields, _kind(fields, default), body, end, depth)


class _Walk:
    """Through a part and the parts in it. ``leaves`` are all that are no containers, in order."""

    def __init__(self, raw: bytes, mime: Mime) -> None:
        self.leaves: list[_Leaf] = []
        self._raw = raw
        self._mime = mime
        self._parts = 1

    def view(self, part: _Part) -> _View:
        """What the part shows."""
        if part.kind.startswith("multipart/"):
            boundary = (_parameter(part.fields, "boundary") or "").rstrip()
            spans = list(_spans(self._raw, part, boundary)) if boundary and part.depth < _DEEPEST else []
            if spans:
                views = list(self._inner(part, spans))
                return _one_of(views) if part.kind in _CHOICES else _in_order(views)
            _refuse(self._mime, "Missing start boundary")
        leaf = _Leaf(part, _shown_as(part))
        self.leaves.append(leaf)
        return _View(text=[leaf] if leaf.kind == _TEXT else (), html=[leaf] if leaf.kind == _HTML else ())

    def _inner(self, part: _Part, spans: Sequence[tuple[int, int]]) -> Iterator[_View]:
        default = _MAIL if part.kind == "multipart/digest" else _TEXT
        for start, end in spans:
            self._parts += 1
            if self._parts > MOST_PARTS:
                _refuse(self._mime, f"The message has more than {MOST_PARTS} MIME parts.")
                return
            yield self.view(_part(self._raw, start, end, part.depth + 1, self._mime, default))


def _one_of(views: Sequence[_View]) -> _View:
    """Of alternatives (RFC 2046, 5.1.4), and of a page with what belongs to it, the first text and the first
    HTML."""
    text = next((view.text for view in views if view.text), ())
    return _View(text, next((view.html for view in views if view.html), ()))


def _in_order(views: Sequence[_View]) -> _View:
    """A mixed mail shows all its texts, one behind the other (RFC 2046, 5.1.3): a part that has only HTML in the
    text too, and one that has only text in the HTML too."""
    text = [leaf for view in views for leaf in view.text or view.html]
    html = [leaf for view in views for leaf in view.html or view.text]
    return _View(
        text if any(view.text for view in views) else (),
        html if any(view.html for view in views) else (),
    )


def _shown_as(part: _Part) -> str:
    """The media type of a leaf that is shown, empty for one that is attached."""
    disposition = _disposition(part)
    if disposition == "attachment" or (part.depth and _filename(part)):
        return ""
    if not part.depth and part.kind.startswith("multipart/"):
        return _TEXT
    return part.kind if part.kind in {_TEXT, _HTML} else ""


class _Texts:
    """The texts of a mail's leaves, each decoded once."""

    def __init__(self, raw: bytes, warnings: list[str]) -> None:
        self._raw = raw
        self._warnings = warnings
        self._decoded: dict[int, str] = {}

    def joined(self, leaves: Sequence[_Leaf], kind: str) -> str | None:
        """All of them as text or as HTML, None if there are none. Blank ones beside others are left out."""
        if not leaves:
            return None
        found = [self._as(leaf, kind) for leaf in leaves]
        if len(found) == 1:
            return found[0]
        return "\n".join(text.removesuffix("\n").removesuffix("\r") for text in found if text.strip())

    def _as(self, leaf: _Leaf, kind: str) -> str:
        text = self._decoded.get(leaf.part.start)
        if text is None:
            charset = _parameter(leaf.part.fields, "charset", warnings=self._warnings)
            text = decoded(_content(self._raw, leaf.part), charset, self._warnings)
            self._decoded[leaf.part.start] = text
        if leaf.kind == kind:
            return text
        return plain_text(text) if kind == _TEXT else f'<div style="white-space: pre-wrap">{escape(text)}</div>'


def _spans(raw: bytes, part: _Part, boundary: str) -> Iterator[tuple[int, int]]:
    """Where the parts of a container are. Without a closing line the last one ends where the container does."""
    marker = b"--" + boundary.encode("utf-8", "surrogateescape")
    begun: int | None = None
    count = 0
    at = raw.find(marker, part.start, part.end)
    while at >= 0:
        line = _REST_OF_LINE.match(raw, at + len(marker), part.end)
        if line and (at == part.start or raw[at - 1] == 10):
            # Two boundaries in a row are one.
            if begun is not None and (at > begun or line[1]):
                yield begun, _before(raw, at, begun)
            if line[1] or count > MOST_PARTS:
                return
            count += 1
            begun = line.end()
        at = raw.find(marker, at + len(marker), part.end)
    if begun is not None:
        yield begun, part.end


def _before(raw: bytes, at: int, start: int) -> int:
    """The line end before a boundary is the boundary's."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
        if at > start and raw[at - 1 : at] == b"\r":
            at -= 1
    return max(at, start)


def _content(raw: bytes, part: _Part) -> bytes:
    encoding = unfolded(part.fields.get("content-transfer-encoding", "")).lower()
    return transferred(raw[part.start : part.end], encoding)[0]


def _filename(part: _Part, warnings: list[str] | None = None) -> str | None:
    return _parameter(part.fields, "filename", "content-disposition", warnings) or _parameter(
        part.fields, "name", warnings=warnings
    )


def _disposition(part: _Part) -> str:
    return unfolded(part.fields.get("content-disposition", "")).partition(";")[0].strip().lower()


def _attachment(raw: bytes, part: _Part, mime: Mime) -> Attachment:
    filename = _filename(part, mime.warnings)
    content_id = unfolded(part.fields.get("content-id", "")).strip("<>") or None
    return Attachment(
        words(filename, mime.warnings) if filename else None,
        part.kind,
        content_id,
        _disposition(part) == "inline",
        _content(raw, part),
    )


def _kind(fields: Mapping[str, str], default: str) -> str:
    """The media type; ``default`` where there is none, ``text/plain`` for one that cannot be read."""
    value = fields.get("content-type", default).partition(";")[0].strip().lower()
    return value if value.count("/") == 1 and value.isascii() and " " not in value else _TEXT


def _parameter(
    fields: Mapping[str, str], name: str, header: str = "content-type", warnings: list[str] | None = None
) -> str | None:
    """Also where it is continued or has a charset of its own (RFC 2231)."""
    value = unfolded(fields.get(header, ""))[:_LONGEST_PARAMETERS]
    if name not in value.lower():
        return None
    plain = _PLAIN_PARAMETER.fullmatch(value)
    if plain is not None:
        return plain[2] if plain[1].lower() == name else None
    short = Message()
    short[header] = value
    try:
        found = short.get_param(name, None, header)
        if isinstance(found, tuple):
            charset, _, text = found
            return decoded(str(text).encode("latin-1", "replace"), charset, warnings)
    except (ValueError, LookupError, TypeError):
        # The email package stumbles over some broken continuations.
        return None
    return found
