"""Where the fake has what a connector's endpoints name."""

from __future__ import annotations

from urllib.parse import urlsplit

MOUNT = "/fakes/oauth2"

ISSUERS = {
    "huggingface.co": "huggingface",
    "github.com": "github",
    "api.github.com": "github",
    "accounts.google.com": "google",
    "oauth2.googleapis.com": "google",
    "openidconnect.googleapis.com": "google",
    "www.googleapis.com": "google",
}
"""The fake's issuer for the host of a provider that it knows."""

GITHUB_ISS = "/login/oauth"
"""What GitHub's ``iss`` has behind its host."""


def issuers_of(endpoint: str, default: str) -> tuple[str, ...]:
    """Paths of what the fake may call itself to a connector with this authorization endpoint."""
    path = issuer_path(endpoint, default)
    github = urlsplit(endpoint).path.endswith(f"{GITHUB_ISS}/authorize")
    return (path, path + GITHUB_ISS) if github else (path,)


def issuer_path(endpoint: str, default: str) -> str:
    """The mount path of the issuer that an endpoint belongs to: ``/fakes/oauth2/github``."""
    path = urlsplit(endpoint).path
    if path.startswith(f"{MOUNT}/"):
        return "/".join(path.split("/")[:4])
    return f"{MOUNT}/{ISSUERS.get(host_of(endpoint), default)}"


def fake_path(endpoint: str, default: str, own: str) -> str:
    """The path (and query) at the gateway that stands for an endpoint of the real world. ``own`` is the path below
    the issuer ``default`` where nobody knows the endpoint's host."""
    parts = urlsplit(endpoint)
    query = f"?{parts.query}" if parts.query else ""
    if parts.path.startswith(f"{MOUNT}/"):
        return f"{parts.path}{query}"
    issuer = ISSUERS.get(host_of(endpoint))
    return f"{MOUNT}/{issuer}{parts.path}{query}" if issuer else f"{MOUNT}/{default}/{own}{query}"


def host_of(endpoint: str) -> str:
    return (urlsplit(endpoint).hostname or "").rstrip(".")
