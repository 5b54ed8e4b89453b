"""Lists in pages. Both versions give a token for the next one."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.providers.aws_ses.fake.call import Refusal

T = TypeVar("T")


def page(
    rows: Sequence[T],
    name_of: Callable[[T], str],
    token: str | None,
    size: int,
    *,
    otherwise: str = "InvalidParameterValue",
) -> tuple[Sequence[T], str | None]:
    """At most ``size`` rows after the one that the token names, and the next token. ``rows`` are ordered by name.
    Raises Refusal for a token that is none; its code is ``otherwise``."""
    if token:
        after = _read(token, otherwise)
        rows = [row for row in rows if name_of(row) > after]
    if len(rows) <= size:
        return rows, None
    rows = rows[:size]
    return rows, urlsafe_b64encode(f"after:{name_of(rows[-1])}".encode()).decode()


def _read(token: str, otherwise: str) -> str:
    try:
        text = urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        text = ""
    if not text.startswith("after:"):
        raise Refusal(otherwise, "NextToken is the one of the page before", message="Invalid next token")
    return text.removeprefix("after:")
