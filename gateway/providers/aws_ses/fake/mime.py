"""A raw mail, read: subject, texts, attachments, addresses. Anything is read; what AWS would refuse is a
``problem``.

Headers are read by the standard library's email package. Bodies are divided here: the package keeps a mail as a
list of lines, which costs seconds and a gigabyte where somebody sends 40 MB of short ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from typing import NamedTuple

from gateway.providers.aws_ses.fake.mime_text import decoded, split_addresses, transferred, unfolded, words

MOST_PARTS = 500
"""Amazon SES: "message quotas"."""
_DEEPEST = 50
_TEXT = "text/plain"
_MOST_HEADERS = 1 << 18  # bytes of one block of headers
_LONGEST_PARAMETERS = 4096
_BLANK_LINE = re.compile(rb"^\r?\n", re.MULTILINE)
_REST_OF_LINE = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_PLAIN_PARAMETER = re.compile(r'[^;"]+;\s*([A-Za-z]+)="?([^;"\\\s]+)"?')
_HEADER = re.compile(rb"(?:From |[!-9;-~]+[ \t]*:)")
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
    refuse the mail."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str | None = None
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    problem: str | None = None
    written: list[tuple[str, str]] = field(default_factory=list)

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


def read(raw: bytes) -> Mime:
    """Never fails."""
    mime = Mime()
    root = _part(raw, 0, len(raw), 0, mime)
    mime.written = [(name, unfolded(value)) for name, value in root.pairs]
    mime.headers = [(name, words(value)) for name, value in mime.written]
    names = [name.lower() for name, _ in mime.headers]
    for name in _ONCE:
        if names.count(name.lower()) > 1:
            _refuse(mime, f"Duplicate header '{name}'.")
    for part in _leaves(raw, root, mime):
        _take(raw, part, mime)
    return mime


def _refuse(mime: Mime, text: str) -> None:
    """The first problem is told."""
    mime.problem = mime.problem or text


def _part(raw: bytes, start: int, end: int, depth: int, mime: Mime) -> _Part:
    """Headers, and where the body is."""
    if _HEADER.match(raw, start, end) is None:
        blank = _BLANK_LINE.match(raw, start, end)
        return _Part([], {}, _TEXT, blank.end() if blank else start, end, depth)
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
    return _Part(pairs, fields, _kind(fields), body, end, depth)


def _leaves(raw: bytes, root: _Part, mime: Mime) -> Iterator[_Part]:
    """Every part that is no container, in order."""
    waiting = [root]
    parts = 0
    while waiting:
        part = waiting.pop()
        parts += 1
        if parts > MOST_PARTS:
            _refuse(mime, f"The message has more than {MOST_PARTS} MIME parts.")
            return
        if not part.kind.startswith("multipart/"):
            yield part
            continue
        boundary = (_parameter(part.fields, "boundary") or "").rstrip()
        spans = list(_spans(raw, part, boundary)) if boundary and part.depth < _DEEPEST else []
        if not spans:
            _refuse(mime, "Missing start boundary")
            yield part
            continue
        inner = [_part(raw, start, end, part.depth + 1, mime) for start, end in spans]
        waiting.extend(reversed(inner))


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


def _take(raw: bytes, part: _Part, mime: Mime) -> None:
    """A leaf is the text, the HTML, or attached."""
    fields, kind = part.fields, part.kind
    encoding = unfolded(fields.get("content-transfer-encoding", "")).lower()
    content, _ = transferred(raw[part.start : part.end], encoding)
    filename = _parameter(fields, "filename", "content-disposition") or _parameter(fields, "name")
    disposition = unfolded(fields.get("content-disposition", "")).partition(";")[0].strip().lower()
    if disposition != "attachment" and not (filename and part.depth):
        if kind == "text/html" and mime.html is None:
            mime.html = decoded(content, _parameter(fields, "charset"))
            return
        if mime.text is None and (kind == _TEXT or (not part.depth and kind.startswith("multipart/"))):
            mime.text = decoded(content, _parameter(fields, "charset"))
            return
    content_id = unfolded(fields.get("content-id", "")).strip("<>") or None
    mime.attachments.append(
        Attachment(words(filename) if filename else None, kind, content_id, disposition == "inline", content)
    )


def _kind(fields: Mapping[str, str]) -> str:
    """The media type; ``text/plain`` where there is none, or none that can be read."""
    value = fields.get("content-type", _TEXT).partition(";")[0].strip().lower()
    return value if value.count("/") == 1 and value.isascii() and " " not in value else _TEXT


def _parameter(fields: Mapping[str, str], name: str, header: str = "content-type") -> str | None:
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
            return decoded(str(text).encode("latin-1", "replace"), charset)
    except (ValueError, LookupError, TypeError):
        # The email package stumbles over some broken continuations.
        return None
    return found
