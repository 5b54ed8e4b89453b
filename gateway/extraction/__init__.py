"""Codes in messages that we did not render: text, HTML and subject -> code, how it was found, how sure we are.

Pure: no I/O, only the standard library, and time that grows no faster than the message. docs/codes.md says what is
read, in which order, and what is not.
"""

from gateway.extraction.links import links, plain_text
from gateway.extraction.plain import readable, readable_html
from gateway.extraction.reading import Extraction, Part, Source, extract, warm
from gateway.extraction.tags import Hiding, Tag, tokens

__all__ = [
    "Extraction",
    "Hiding",
    "Part",
    "Source",
    "Tag",
    "extract",
    "links",
    "plain_text",
    "readable",
    "readable_html",
    "tokens",
    "warm",
]
