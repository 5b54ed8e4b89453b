"""From what a provider says of somebody to Logto's profile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.core.errors import InvalidResponse
from gateway.providers.oauth2.driver.calls import PROVIDER
from gateway.providers.oauth2.settings import OidcConfig, ProfileMap
from gateway.providers.social import Profile

_MOST = 2048


def mapped(info: Mapping[str, Any], names: ProfileMap, *, trust: bool) -> Profile:
    """By ``profileMap``. What the provider itself calls unverified is left out, an email unless ``trust``."""
    email, phone = _text(_at(info, names.email), "email"), _text(_at(info, names.phone), "phone")
    if not trust and _denied(info, "email_verified"):
        email = None
    if _denied(info, "phone_verified") or _denied(info, "phone_number_verified"):
        phone = None
    return Profile(
        _id(_at(info, names.id), names.id),
        _text(_at(info, names.name), "name"),
        _text(_at(info, names.avatar), "avatar"),
        email,
        phone,
        dict(info),
    )


def of_hugging_face(info: Mapping[str, Any], *, trust: bool) -> Profile:
    return mapped(info, ProfileMap(id="sub", avatar="picture"), trust=trust)


def of_claims(claims: Mapping[str, Any], config: OidcConfig, *, trust: bool) -> Profile:
    """Of an ID token. Both spellings of the phone's claims: the standard's, and Logto's."""
    as_bool = _strings_too if config.accept_string_typed_boolean_claims else _strictly
    trust = trust or config.trust_unverified_email
    phone, verified = "phone_number", "phone_number_verified"
    if phone not in claims:
        phone, verified = "phone", "phone_verified"
    return Profile(
        _id(claims.get("sub"), "sub"),
        _text(claims.get("name"), "name"),
        _text(claims.get("picture"), "picture"),
        _text(claims.get("email"), "email") if trust or as_bool(claims.get("email_verified")) else None,
        _text(claims.get(phone), phone) if as_bool(claims.get(verified)) else None,
        dict(claims),
    )


def _denied(info: Mapping[str, Any], name: str) -> bool:
    said = info.get(name)
    return said is False or said == "false"


def _strictly(value: object) -> bool:
    return value is True


def _strings_too(value: object) -> bool:
    return value is True or value == "true"


def _at(info: Mapping[str, Any], path: str) -> Any:
    """``a.b.0``: members and places in lists; a member whose own name has dots wins."""
    if path in info:
        return info[path]
    found: Any = info
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and len(step) < 6 and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _id(value: object, name: str) -> str:
    """A string or a number, 0 too."""
    if isinstance(value, str) and value:
        found = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)
    else:
        raise InvalidResponse(f"what the provider says of somebody has no {_shown(name)}", provider=PROVIDER)
    if len(found) > _MOST:
        raise InvalidResponse("the id that the provider gave is too long", provider=PROVIDER)
    return found


def _text(value: object, name: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidResponse(f"{_shown(name)} of what the provider says of somebody is no text", provider=PROVIDER)
    return value


def _shown(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:37]}..."
