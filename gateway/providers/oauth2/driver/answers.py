"""What a token endpoint and a user info endpoint answered, judged. The provider's text goes no further."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from gateway.core.errors import (
    ConnectorError,
    CredentialsRefused,
    InvalidResponse,
    ProviderFailed,
    Refused,
    Throttled,
)
from gateway.providers.oauth2.driver.calls import PROVIDER, Answer
from gateway.providers.social import AccessTokenInvalid, AuthCodeInvalid, SignInRefused, TokenAnswer

_FORMS = {"application/x-www-form-urlencoded"}
# RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, and GitHub's own: nothing else is copied.
KNOWN_ERRORS = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "bad_verification_code",
        "consent_required",
        "incorrect_client_credentials",
        "insufficient_scope",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_token",
        "login_required",
        "redirect_uri_mismatch",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
    }
)
_CODE_ERRORS = {"invalid_grant", "bad_verification_code"}
_CLIENT_ERRORS = {"invalid_client", "unauthorized_client", "incorrect_client_credentials"}


def known(error: object) -> str | None:
    """An OAuth error code, if it is one that has a meaning; a stranger may have written it."""
    return error if isinstance(error, str) and error in KNOWN_ERRORS else None


def token_answer(answer: Answer, *, form: bool, refreshing: bool = False) -> TokenAnswer:
    """``form``: what the config says it is, where the answer does not. Raises ConnectorError."""
    found = _members(answer, form=form)
    if found is not None and found.get("error"):
        _refused(answer, found.get("error"), refreshing=refreshing)
    if answer.status != 200:
        _refused(answer, None, refreshing=refreshing)
    if found is None:
        raise _odd("the token endpoint's answer is neither JSON nor a form")
    token, kind = found.get("access_token"), found.get("token_type")
    if not isinstance(token, str) or not isinstance(kind, str):
        raise _odd("the token endpoint's answer lacks access_token or token_type")
    if not token:
        raise AuthCodeInvalid("the provider gave an empty access token", provider=PROVIDER)
    if kind.lower() != "bearer":
        raise _odd("the token endpoint gave a token of another type than Bearer")
    if not all("!" <= letter <= "~" for letter in token):
        raise _odd("the access token has characters that no header can carry")
    texts = {name: found[name] for name in ("refresh_token", "scope", "id_token") if found.get(name) is not None}
    if not all(isinstance(value, str) for value in texts.values()):
        raise _odd("refresh_token, scope and id_token of the token endpoint's answer must be strings")
    return TokenAnswer(token, kind, _seconds(found.get("expires_in")), **texts)


def user_info(answer: Answer) -> dict[str, Any]:
    """Raises ConnectorError."""
    if answer.status == 401:
        raise AccessTokenInvalid("the provider refuses its own access token", provider=PROVIDER)
    if answer.status != 200:
        _failed(answer, None)
    found = as_json(answer.body)
    if not isinstance(found, dict):
        raise _odd("the user info is no JSON object")
    return found


def _members(answer: Answer, *, form: bool) -> Mapping[str, Any] | None:
    """By the answer's own media type; where that says nothing, by the config, then by what it looks like."""
    if answer.kind in _FORMS:
        return _form(answer.body)
    found = as_json(answer.body)
    if isinstance(found, dict):
        return found
    if form and answer.kind != "application/json":
        return _form(answer.body)
    return None


def _form(body: bytes) -> dict[str, Any] | None:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100, strict_parsing=True)
    except ValueError:
        return None
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None


def as_json(body: bytes) -> Any:
    """None for what is no JSON, or holds what an answer of ours could not: infinities, halves of characters."""
    try:
        text = body.decode("utf-8-sig")
        found = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        # Only an escape can name half of a pair of UTF-16.
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    """1e999 is JSON, and an infinity here."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _seconds(given: object) -> int | float | None:
    """A number, also as text: forms have nothing else, and some providers write it so in JSON."""
    if given is None:
        return None
    if isinstance(given, str) and given.isdecimal() and len(given) < 16:
        return int(given)
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < 10**15:
        return given
    raise _odd("expires_in of the token endpoint's answer is no number of seconds")


def _refused(answer: Answer, error: object, *, refreshing: bool) -> NoReturn:
    code = known(error)
    if code in _CODE_ERRORS:
        if refreshing:
            raise AccessTokenInvalid(
                "the provider does not take the refresh token", provider=PROVIDER, provider_code=code
            )
        raise AuthCodeInvalid("the provider does not take the code", provider=PROVIDER, provider_code=code)
    if code == "access_denied":
        raise SignInRefused("the provider refused the sign-in", provider=PROVIDER, provider_code=code)
    if code in _CLIENT_ERRORS or (code is None and answer.status == 401):
        raise CredentialsRefused(
            "the provider does not take the client's id or secret", provider=PROVIDER, provider_code=code
        )
    _failed(answer, code)


def _failed(answer: Answer, code: str | None) -> NoReturn:
    kind: type[ConnectorError] = Refused
    text = "the provider refused the call"
    if answer.status == 429:
        kind, text = Throttled, "the provider takes no more calls now"
    elif answer.status >= 500 or code == "server_error":
        kind, text = ProviderFailed, "the provider failed"
    elif 300 <= answer.status < 400:
        kind, text = InvalidResponse, "the provider answered with a redirect, which is not followed"
    raise kind(text, provider=PROVIDER, provider_code=code, retry_after=answer.retry_after)


def _odd(text: str) -> InvalidResponse:
    return InvalidResponse(text, provider=PROVIDER)
