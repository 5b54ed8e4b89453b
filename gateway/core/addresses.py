"""Email addresses: which text is one, and the form in which two spellings of one are equal. Pure.

Grammar: RFC 5321 with quoted local parts, letters of every script as in RFC 6531, domains as in RFC 5890, which
read as their A-labels (``xn--...``). More local parts pass than the RFC has: dots in a row are in use.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 320
"""Characters: 64 before the ``@``, 255 behind it."""

_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
# RFC 6531: any character beyond ASCII, but for those that nobody sees.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u00a1-\ud7ff\uf900-\ufffd\U00010000-\U0010ffff-]+")
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]")
_QUOTED = re.compile(r'"((?:[^"\\\x00-\x1f\x7f-\xa0]|\\[ -~])*)"')
_ESCAPE = re.compile(r"\\(.)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LITERAL = re.compile(r"\[(?:[0-9.]+|ipv6:[0-9a-f:.]+)\]")


@lru_cache(maxsize=4096)
def reading(text: str) -> str | None:
    """The form of an address in which it is compared: lower case, no needless quotes, A-labels. None: it is none.

    Mail systems that tell ``A@x`` from ``a@x`` are extinct, tests that mix them are not.
    """
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if not at or len(text) > LONGEST:
        return None
    left, right = _local(local), domain_reading(domain)
    return None if left is None or right is None else f"{left}@{right}"


def domain_reading(domain: str) -> str | None:
    """A domain of at least two labels, or an address in brackets, in lower case and A-labels."""
    lowered = domain.lower()
    if _LITERAL.fullmatch(lowered):
        return lowered
    if not lowered.isascii():
        try:
            lowered = _a_labels(lowered)
        except ValueError:
            return None
    labels = lowered.split(".")
    if len(labels) < 2 or len(lowered) > 255 or not all(map(_LABEL.fullmatch, labels)):
        return None
    return lowered


def _a_labels(domain: str) -> str:
    """Raises ValueError (IDNAError is one)."""
    import idna  # 0.1 MB of tables, and few domains need them

    return idna.encode(domain, uts46=True).decode("ascii")


def _local(local: str) -> str | None:
    if _PLAIN.fullmatch(local):
        return local.lower()
    quoted = _QUOTED.fullmatch(local)
    if quoted is not None:
        bare = _ESCAPE.sub(r"\1", quoted[1])
        # The quotes are no part of the name (RFC 5321, 4.1.2).
        return bare.lower() if _PLAIN.fullmatch(bare) else local.lower()
    return local.lower() if _LOCAL.fullmatch(local) and not _UNSEEN.search(local) else None
