"""What a shape can do its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.model import Document, Response
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.keys import SigningKey
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.plan import Plan


@dataclass(frozen=True, slots=True)
class Way:
    """None where the generic way will do. ``userinfo(call, persona, scope)`` makes the body of the user info
    answer, ``key_set(call, keys)`` that of the published keys; either returns None for the generic one.
    ``token_answer(call, fields)`` writes the fields of RFC 6749 5.1; ``refused(call, refusal)`` writes an error,
    None for the generic one; ``extra``: endpoints of its own, by their names in ``Shape.paths``."""

    userinfo: Callable[[Call, Persona, str], Document | None] | None = None
    key_set: Callable[[Call, Sequence[SigningKey]], Document | None] | None = None
    token_answer: Callable[[Call, Document], Response] | None = None
    refused: Callable[[Call, Refusal], Response | None] | None = None
    extra: Mapping[str, Plan] = field(default_factory=dict)
