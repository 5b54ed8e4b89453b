"""What exchanges show: everything but codes, tokens, client secrets, verifiers and cookies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from gateway.core.model import MASK, Pairs, Request, Response

SECRETS = frozenset(
    {
        "access_token",
        "assertion",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "csrf",
        "id_token",
        "id_token_hint",
        "password",
        "refresh_token",
        "subject_token",
        "token",
    }
)
_FORM = "application/x-www-form-urlencoded"
_INPUT = re.compile(r'(name="(?:' + "|".join(sorted(SECRETS)) + r')" value=")[^"]*')
_REQUEST = re.compile(r'(name="request" value=")([^"]*)')


def masked(request: Request, response: Response) -> tuple[Request, Response]:
    """Both again, with stars for their secrets. Never raises: what cannot be read is not shown."""
    path, mark, query = request.target.partition("?")
    shown = replace(
        request,
        target=path + mark + pairs(query),
        headers=_headers(request.headers),
        body=_body(_type(request.headers), request.body),
    )
    answer = replace(
        response, headers=_headers(response.headers), body=_body(_type(response.headers), response.body)
    )
    return shown, answer


def pairs(text: str, *, inside: bool = False) -> str:
    """Form-encoded pairs, each as it came unless it is secret. ``inside`` of one there are no further ones."""
    if not text:
        return text
    found = []
    for part in text.split("&"):
        name, mark, value = part.partition("=")
        plain = unquote_plus(name).strip()
        if mark and value and (plain in SECRETS or (inside and plain == "request")):
            value = MASK
        elif plain == "request":
            # The parameters of authorize, inside of the login form.
            value = quote_plus(pairs(unquote_plus(value), inside=True))
        found.append(name + mark + value)
    return "&".join(found)


def _type(headers: Pairs) -> str:
    found = next((value for name, value in headers if name.lower() == "content-type"), "")
    return found.partition(";")[0].strip().lower()


def _headers(headers: Pairs) -> Pairs:
    return tuple((name, _header(name.lower(), value)) for name, value in headers)


def _header(name: str, value: str) -> str:
    if name in ("authorization", "proxy-authorization"):
        scheme, space, _ = value.partition(" ")
        return f"{scheme} {MASK}" if space else MASK
    if name == "cookie":
        return MASK
    if name == "set-cookie":
        cookie, _, rest = value.partition(";")
        return f"{cookie.partition('=')[0]}={MASK};{rest}"
    if name in ("location", "referer"):
        before, hash_mark, fragment = value.partition("#")
        path, mark, query = before.partition("?")
        return path + mark + pairs(query) + hash_mark + pairs(fragment)
    return value


def _body(kind: str, body: bytes) -> bytes:
    if not body:
        return body
    text = body.decode("utf-8", "replace")
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.dumps(_json(json.loads(text)), ensure_ascii=False).encode("utf-8", "replace")
        except (ValueError, RecursionError):
            return _not_shown(kind, body)
    if kind == _FORM:
        return pairs(text).encode("utf-8", "replace")
    if kind == "text/html" and text.lstrip().startswith("<"):
        text = _INPUT.sub(rf"\g<1>{MASK}", text)
        return _REQUEST.sub(lambda found: found[1] + pairs(found[2].replace("&amp;", "&")), text).encode()
    return _not_shown(kind, body)


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: MASK if name in SECRETS and one else _json(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value


def _not_shown(kind: str, body: bytes) -> bytes:
    """Nobody knows where its secrets are."""
    return f"(not shown: {len(body)} bytes of {kind or 'no declared type'})".encode("utf-8", "replace")
