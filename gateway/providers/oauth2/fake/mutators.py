"""What fault rules make of tokens before they are signed, and of answers before they go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gateway.model import Document, Response

if TYPE_CHECKING:
    from gateway.providers.oauth2.fake.call import Call


class Unsigned(NamedTuple):
    """A JWT about to be signed. ``kind``: ``id_token`` or ``access_token``. ``alg`` ``none``: it stays unsigned."""

    kind: str
    alg: str
    header: Document
    claims: dict[str, Any]


def token(call: Call, unsigned: Unsigned) -> Unsigned:  # noqa: ARG001  # the seam: nothing mutates yet
    """Asked for each JWT."""
    return unsigned


def fields(call: Call, answer: Document) -> Document:  # noqa: ARG001  # the seam: nothing mutates yet
    """Asked for each token answer, before it is written."""
    return answer


def answer(call: Call, response: Response) -> Response:  # noqa: ARG001  # the seam: nothing mutates yet
    """Asked for each token answer, when it is written."""
    return response
