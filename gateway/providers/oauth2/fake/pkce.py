"""Proof Key for Code Exchange (RFC 7636)."""

from __future__ import annotations

import hashlib
import hmac
import re

from gateway.core.model import Document
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.tokens import encoded

# 4.1: 43 to 128 unreserved characters.
_SYNTAX = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def challenge(call: Call, *, public: bool) -> tuple[str | None, str]:
    """Challenge and method of an authorization request. Raises Refusal."""
    text, method = call.get("code_challenge"), call.get("code_challenge_method")
    if text is None:
        if method is not None:
            raise _refused("code_challenge_method without code_challenge")
        if public and not call.broken("pkce_public"):
            raise _refused("a public client must send code_challenge")
        return None, ""
    method = method or "plain"
    if method not in ("S256", "plain"):
        raise _refused("code_challenge_method is S256")
    if method == "plain" and not call.broken("pkce_plain_refused"):
        raise _refused("transform algorithm plain is not supported: use S256")
    if _SYNTAX.fullmatch(text) is None and not call.broken("pkce_syntax"):
        raise _refused("code_challenge has 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    return text, method


def check(call: Call, code: Document) -> None:
    """The verifier against what authorize was sent. Raises Refusal."""
    verifier, wanted = call.get("code_verifier"), code["challenge"]
    if wanted is None:
        if verifier is not None and not call.broken("pkce_downgrade"):
            # RFC 9700 4.8.2: somebody may have taken the challenge away.
            raise Refusal("invalid_grant", "code_verifier, but the authorization request had no code_challenge")
        return
    if verifier is None:
        if call.broken("pkce_verifier_required"):
            return
        raise Refusal("invalid_grant", "code_verifier is missing")
    if _SYNTAX.fullmatch(verifier) is None and not call.broken("pkce_syntax"):
        raise Refusal("invalid_grant", "code_verifier has 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    raw = verifier.encode("utf-8", "surrogateescape")
    found = raw if code["method"] == "plain" else encoded(hashlib.sha256(raw).digest()).encode()
    if not hmac.compare_digest(found, wanted.encode("utf-8", "surrogateescape")) and not call.broken("pkce_check"):
        raise Refusal("invalid_grant", "code_verifier does not fit code_challenge")


def _refused(words: str) -> Refusal:
    return Refusal("invalid_request", words, "redirect")
