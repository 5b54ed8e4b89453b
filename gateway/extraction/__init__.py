"""Extract one-time codes and links from messages that other programs rendered.

It does no I/O except to read its own word list, needs only the standard library, and takes time that is linear in
the length of the message. docs/codes.md says which codes are found and how.

* ``codes``: extract the code of a message, from its text, HTML and subject
* ``text``: normalize the text; ``mail_html``: tags, text and links of HTML
* ``link_kinds``: what a link is for: signing in, a reset and so on
* ``masks``: mask prices, dates and other numbers that are no codes
* ``labels``, ``words.toml``: the words that say what a number is
* ``candidates``: what has the form of a code, and its score
"""

from gateway.extraction.codes import Extraction, Part, Source, extract, warm
from gateway.extraction.link_kinds import LINK_KINDS, LinkKind, link_kind
from gateway.extraction.mail_html import Hiding, Tag, links, plain_text, readable_html, tokens
from gateway.extraction.text import readable

__all__ = [
    "LINK_KINDS",
    "Extraction",
    "Hiding",
    "LinkKind",
    "Part",
    "Source",
    "Tag",
    "extract",
    "link_kind",
    "links",
    "plain_text",
    "readable",
    "readable_html",
    "tokens",
    "warm",
]
