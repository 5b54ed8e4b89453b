"""Hugging Face: its own paths and user info. Sources: its documentation of "Sign in with Hugging Face", its
discovery document, and what published clients expect (the token answer has ``scope`` and ``token_type``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.model import Document
from gateway.providers.oauth2.fake.shapes.shape import PATHS, Shape

if TYPE_CHECKING:
    from gateway.providers.oauth2.fake.call import Call
    from gateway.providers.oauth2.fake.personas import Persona

_OWN_PATHS = {"authorize": "/oauth/authorize", "token": "/oauth/token", "userinfo": "/oauth/userinfo"}
_PROFILE = ("name", "preferred_username", "profile", "picture", "website")
_SCOPES = (
    "openid",
    "profile",
    "email",
    "read-billing",
    "read-repos",
    "gated-repos",
    "contribute-repos",
    "write-repos",
    "manage-repos",
    "read-collections",
    "write-collections",
    "inference-api",
    "read-mcp",
    "jobs",
    "webhooks",
    "write-discussions",
)
# "OAuth tokens expire after 8 hours", as Spaces have it.
_EIGHT_HOURS = 28_800.0


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


HUGGINGFACE = Shape(
    "huggingface",
    paths={**PATHS, **_OWN_PATHS},
    # Logto's connector asks for `profile` only, and reads it.
    user_info_needs=frozenset({"openid", "profile", "email"}),
    scopes=frozenset(_SCOPES),
    default_scope="openid profile",
    alg="RS256",
    # `@huggingface/hub` names no client in its token call.
    optional=frozenset({"client_id"}),
    hosts=("huggingface.co",),
    home="https://huggingface.co",
    # `huggingface_hub` and Gradio add `_target_url`.
    redirect_queries=True,
    refresh_tokens="never",
    token_prefix="hf_oauth_",  # noqa: S106  # how its tokens begin
    token_seconds=_EIGHT_HOURS,
    # `huggingface_hub` reads organisations and plan there, and never asks for the user info.
    own_id_token=True,
    userinfo=userinfo,
)
