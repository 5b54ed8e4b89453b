"""Hugging Face's way: its own user info. Sources: as of its shape."""

from __future__ import annotations

from typing import Any

from gateway.core.model import Document
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.ways.way import Way

_PROFILE = ("name", "preferred_username", "profile", "picture", "website")


def userinfo(call: Call, persona: Persona, scope: str) -> Document:  # noqa: ARG001  # the seam
    """``sub`` is stable, ``email_verified`` comes with the email, organisations with the profile."""
    known, scopes = persona.claims, scope.split()
    found: dict[str, Any] = {"sub": persona.sub}
    if "profile" in scopes:
        found |= {name: known[name] for name in _PROFILE if known.get(name) is not None}
        found["isPro"] = bool(known.get("is_pro", False))
        found["orgs"] = [_organization(row, scopes) for row in persona.organisations]
    if "email" in scopes and known.get("email"):
        found |= {"email": known["email"], "email_verified": bool(known.get("email_verified", False))}
    if "read-billing" in scopes:
        found["canPay"] = bool(known.get("can_pay", False))
    return found


def _organization(row: Document, scopes: list[str]) -> Document:
    found: Document = {
        "sub": row["id"],
        "name": row["display_name"],
        "preferred_username": row["name"],
        "picture": row.get("picture") or f"https://huggingface.co/avatars/{row['id']}.svg",
        "isEnterprise": row.get("enterprise", False),
        "roleInOrg": row.get("role", "read"),
    }
    return {**found, "canPay": False} if "read-billing" in scopes else found


WAY = Way(userinfo=userinfo)
