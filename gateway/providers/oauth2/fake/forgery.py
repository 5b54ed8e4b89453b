"""Cross-site request forgery: the login form comes back with a token that only its own browser knows."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from gateway.core.model import Pairs
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal

COOKIE = "gateway_login"


def token(call: Call) -> tuple[str, Pairs]:
    """A token for the form, and the cookie that it must come back with; the browser's own where it has one."""
    text = _cookie(call.headers.get("cookie", "")) or secrets.token_urlsafe(18)
    secure = "; Secure" if call.url.startswith("https:") else ""
    return text, (("Set-Cookie", f"{COOKIE}={text}; Path={call.place.root}; HttpOnly; SameSite=Lax{secure}"),)


def check(call: Call, form: Mapping[str, str]) -> None:
    """Raises Refusal for a form that another site has sent: it knows the cookie no more than the token. A program
    without cookies is no browser that somebody could misuse."""
    if call.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refusal("invalid_request", "the form came from another site", "page", status=403)
    cookie = call.headers.get("cookie")
    browser = cookie is not None or "sec-fetch-mode" in call.headers or "origin" in call.headers
    given = (form.get("csrf") or "-").encode("utf-8", "surrogateescape")
    if browser and not hmac.compare_digest(_cookie(cookie or "").encode(), given):
        hint = "the form is not the one that this browser was shown: go back and load the page again"
        raise Refusal("invalid_request", hint, "page", status=403)


def _cookie(header: str) -> str:
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if (
            name == COOKIE
            and value.isascii()
            and len(value) <= 64
            and value.replace("-", "").replace("_", "").isalnum()
        ):
            return value
    return ""
