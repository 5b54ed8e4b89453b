"""Hugging Face: its own paths and scopes. Sources: its documentation of "Sign in with Hugging Face", its discovery
document, and what published clients expect (the token answer has ``scope`` and ``token_type``)."""

from __future__ import annotations

from gateway.providers.oauth2.fake.shapes.shape import PATHS, Shape

_OWN_PATHS = {"authorize": "/oauth/authorize", "token": "/oauth/token", "userinfo": "/oauth/userinfo"}
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
)
