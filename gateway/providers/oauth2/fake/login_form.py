"""What the login page sends back, step by step: who, with which claims, and what may the client have.

A form bears no state of ours: each step brings what the one before it said. Fields: ``request`` (the parameters of
authorize, form-encoded), ``csrf``, and ``persona`` (sign in), ``edit`` (show the claims), ``edited`` (with
``claim.<name>`` and ``more.*``), ``claims`` (JSON), ``allow`` with ``scope``, ``deny``, ``back``; a program may
send ``action`` (``allow`` or ``deny``) instead of the last ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.core.model import Document
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.pages import person, rendering
from gateway.providers.oauth2.fake.pages.rendering import Asked, ClaimField
from gateway.providers.oauth2.fake.pages.words import Words
from gateway.providers.oauth2.fake.personas import Persona

Form: TypeAlias = Sequence[tuple[str, str]]

_MORE = ("name", "email", "email_verified", "picture", "preferred_username", "phone_number", "locale")
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Denied:
    """The person said no."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who signs in. ``claims``: for this once, instead of the persona's own; None: those. ``scopes``: what was
    allowed; None: all that was asked for."""

    persona: str
    claims: Document | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The next page."""

    page: bytes


Step: TypeAlias = Denied | Chosen | Shown


def step(form: Form, asked: Asked, personas: Sequence[Persona], *, consent: bool = False) -> Step:
    """``consent``: the client asks for it (``prompt=consent``). Raises Refusal for claims that are no object."""
    first = dict(reversed(form))
    if "deny" in first or first.get("action") == "deny":
        return Denied()
    by_name = {one.name: one for one in personas}
    say = asked.say
    people = [person(one, say) for one in personas]
    if "edit" in first and first["edit"] in by_name:
        chosen = by_name[first["edit"]]
        return Shown(rendering.edit(asked, person(chosen, say), _fields(chosen.claims)))
    name = first.get("persona", "")
    if "back" in first or not name:
        return Shown(rendering.pick(asked, people, None if "back" in first else say("choose")))
    if name not in by_name:
        return Shown(rendering.pick(asked, people, say("nobody")))
    chosen = by_name[name]
    claims = _given(first.get("claims", ""))
    if "edited" in first:
        fields, more, claims = _edited(first, chosen.claims, say)
        if claims is None:
            return Shown(rendering.edit(asked, person(chosen, say), fields, more))
    if consent and "allow" not in first and first.get("action") != "allow":
        carried = json.dumps(claims) if claims is not None else ""
        return Shown(rendering.consent(asked, person(chosen, say), carried))
    return Chosen(name, claims, _allowed(form, first))


def _given(text: str) -> Document | None:
    if not text:
        return None
    try:
        found = _json(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal("invalid_request", "claims must be a JSON object", "page")
    return found


def _allowed(form: Form, first: Mapping[str, str]) -> frozenset[str] | None:
    """Of the boxes on the consent page; a program that sends none allows all."""
    return frozenset(value for name, value in form if name == "scope") if "allow" in first else None


def _fields(claims: Mapping[str, Any]) -> list[ClaimField]:
    found = [_field(name, value) for name, value in claims.items()]
    missing = [name for name in _MORE if name not in claims]
    return found + [ClaimField(name, "", "boolean" if name == "email_verified" else "text") for name in missing]


def _field(name: str, value: Any) -> ClaimField:
    if isinstance(value, bool):
        return ClaimField(name, "true" if value else "false", "boolean")
    if isinstance(value, str):
        return ClaimField(name, value)
    text = json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)
    return ClaimField(name, text, "json")


def _edited(
    form: Mapping[str, str], own: Mapping[str, Any], say: Words
) -> tuple[list[ClaimField], ClaimField, Document | None]:
    """The fields as they were sent, the one more, and the claims unless something cannot be read."""
    claims: Document = {}
    fields = []
    for known in _fields(own):
        text = form.get(f"claim.{known.name}", known.text).replace("\r\n", "\n")
        field = ClaimField(known.name, text, known.kind)
        if text.strip():
            try:
                claims[known.name] = text if known.kind == "text" else _json(text)
            except (ValueError, RecursionError):
                field = ClaimField(known.name, text, known.kind, say("no_json"))
        fields.append(field)
    more = ClaimField(form.get("more.name", "").strip(), form.get("more.value", ""))
    if more.name:
        claims[more.name] = _loose(more.text)
    elif more.text:
        more = ClaimField("", more.text, wrong=say("no_name"))
    if any(one.wrong for one in (*fields, more)):
        return fields, more, None
    return fields, more, claims


def _loose(text: str) -> Any:
    try:
        return _json(text)
    except (ValueError, RecursionError):
        return text


def _json(text: str) -> Any:
    """Raises ValueError, also for NaN and infinities: no token can have them."""
    found = json.loads(text)
    json.dumps(found, allow_nan=False)
    return found
