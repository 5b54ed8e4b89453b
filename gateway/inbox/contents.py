"""Filter captures by what they contain: a part of the subject, text or sender, and a link of some kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.core.model import Document
from gateway.extraction import LinkKind, link_kind, links, plain_text

AnyLink: TypeAlias = LinkKind | Literal["any"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a capture must contain. Texts are compared without regard to case; None fits everything."""

    subject: str | None = None
    text: str | None = None
    sender: str | None = None
    """A part of the header From of an email. No SMS has one."""
    link: AnyLink | None = None
    """A link of this kind, or ``any`` link."""

    def missing(self, capture: Document) -> str | None:
        """Say what the capture lacks; None if it fits."""
        if self.subject is not None and not _within(self.subject, capture["subject"]):
            return f"its subject does not contain {self.subject!r}"
        if self.sender is not None and not _within(self.sender, (capture.get("mail") or {}).get("from")):
            return f"its sender does not contain {self.sender!r}"
        if self.text is not None and not _within(self.text, _text(capture)):
            return f"its text does not contain {self.text!r}"
        if self.link is not None:
            kinds = link_kinds(capture, links(capture["text"], capture["html"]))
            if not kinds or self.link not in ("any", *kinds):
                return "it has no link" if not kinds else f"it has no link of the kind {self.link}"
        return None

    def fits(self, capture: Document) -> bool:
        return self.missing(capture) is None


ANY_CONTENTS = Contents()


def link_kinds(capture: Document, addresses: list[str]) -> list[LinkKind]:
    """Return what each of the capture's links is for."""
    return [link_kind(address, capture["type"]) for address in addresses]


def _within(part: str, whole: str | None) -> bool:
    return whole is not None and part.casefold() in whole.casefold()


def _text(capture: Document) -> str:
    """The text; of an email without one, the text of its HTML."""
    text: str = capture["text"]
    return text if text.strip() or not capture["html"] else plain_text(capture["html"])
