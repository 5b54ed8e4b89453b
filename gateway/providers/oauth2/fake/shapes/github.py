"""GitHub: OAuth2 from before the RFC. Source: its documentation of the web application flow."""

from __future__ import annotations

from gateway.providers.oauth2.fake.shapes.shape import Shape
from gateway.providers.oauth2.wire.places import GITHUB_ISS

# Its pages that explain errors begin so.
TROUBLESHOOTING = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-"

GITHUB = Shape(
    "github",
    paths={
        "authorize": "/login/oauth/authorize",
        "login": "/login/oauth/persona",
        "token": "/login/oauth/access_token",
        "userinfo": "/user",
        "user_emails": "/user/emails",
    },
    # Those of GitHub Enterprise Server, for clients that can name one.
    aliases={"/api/v3/user": "userinfo", "/api/v3/user/emails": "user_emails"},
    oidc=False,
    user_info_needs=None,
    optional=frozenset({"response_type", "grant_type", "redirect_uri"}),
    hosts=("github.com", "api.github.com"),
    home="https://github.com",
    iss_path=GITHUB_ISS,
    error_uri=f"{TROUBLESHOOTING}authorization-request-errors",
    refresh_tokens="never",
    bearer_schemes=frozenset({"bearer", "token"}),
    token_prefix="gho_",  # noqa: S106  # how its tokens begin
)
