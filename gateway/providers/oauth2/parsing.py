"""From Logto's JSON and our options to settings."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel

from gateway.core.errors import InvalidConfig
from gateway.providers.oauth2.metadata import HUGGING_FACE, OAUTH2, OIDC
from gateway.providers.oauth2.settings import (
    HuggingFaceConfig,
    HuggingFaceOptions,
    OAuth2Config,
    OidcConfig,
    Options,
    Settings,
    Shared,
)
from gateway.providers.oauth2.wire.parameters import RESERVED, RESERVED_AT_TOKEN, parameter_name
from gateway.providers.oauth2.wire.places import MOUNT

KINDS: Mapping[str, tuple[str, type[Shared], type[Options]]] = {
    OAUTH2: ("OAuth2", OAuth2Config, Options),
    OIDC: ("OIDC", OidcConfig, Options),
    HUGGING_FACE: ("Hugging Face", HuggingFaceConfig, HuggingFaceOptions),
}

_FIXES = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_long": "is too long",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "float_type": "must be a number",
    "dict_type": "must be an object whose values are strings",
    "greater_than": "must be more than 0 seconds",
    "less_than_equal": "must be at most 8 seconds, which is what a whole call has",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def parse(factory: str, config: Mapping[str, Any], options: Mapping[str, Any]) -> Settings:
    """The settings of a connector. Raises ``InvalidConfig``, whose message names all that is wrong."""
    title, of_config, of_options = KINDS[factory]
    wrong: list[str] = []
    made: dict[str, Any] = {}
    parts: Sequence[tuple[str, type[BaseModel], Mapping[str, Any]]] = (
        ("config", of_config, {key: value for key, value in config.items() if key in _keys(of_config)}),
        ("options", of_options, {key: value for key, value in options.items() if value is not None}),
    )
    for name, model, given in parts:
        try:
            made[name] = model.model_validate(given)
        except ValidationError as error:
            prefix = "options." if name == "options" else ""
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            wrong += [_explained(prefix, one["loc"], one["type"], one["msg"]) for one in faults]
    wrong += _unknown(options, of_options)
    # Outside the except block: pydantic's error holds the values, and a log would show it as the context.
    if wrong:
        raise InvalidConfig(f"the {title} connector cannot work: " + "; ".join(dict.fromkeys(wrong)))
    ignored = tuple(key for key in config if key not in _keys(of_config))
    return Settings(factory=factory, config=made["config"], options=made["options"], ignored=ignored)


def _keys(model: type[BaseModel]) -> set[str]:
    return {to_camel(name) for name in model.model_fields}


def _unknown(options: Mapping[str, Any], model: type[Options]) -> Iterator[str]:
    known = list(model.model_fields)
    for name in options:
        if name not in known:
            nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
            yield f"options.{name} is unknown: {hint}"


def _explained(prefix: str, where: Sequence[int | str], kind: str, said: str) -> str:
    """pydantic's place and kind of a fault, in the words of who wrote the JSON."""
    place = prefix
    for at, step in enumerate(where):
        if isinstance(step, int):
            place += f"[{step}]"
        elif not step.startswith(("str", "list[", "constrained", "float")):  # the branches of a union
            place += f".{step}" if at else step
    if kind == "literal_error":
        return f"{place} {said.replace('Input should be', 'must be')}"
    if kind == "value_error":
        return f"{place} {said.removeprefix('Value error, ')}"
    return f"{place} {_FIXES.get(kind, 'is wrong')}"


def warnings(settings: Settings) -> list[str]:
    """What somebody should know of such settings, though they work."""
    found = [f"config.{key} is ignored: nobody knows that key" for key in settings.ignored]
    taken = RESERVED | RESERVED_AT_TOKEN
    found += [
        f"config.customConfig.{key} is ignored: the driver sets that parameter itself"
        for key in settings.custom_config
        if parameter_name(key) in taken
    ]
    rules = settings.config.id_token_verification_config if isinstance(settings.config, OidcConfig) else None
    if rules is not None and not (settings.options.issuer or rules.issuer or rules.jwks_uri.startswith(MOUNT)):
        found.append("config.idTokenVerificationConfig.issuer is missing: live, any issuer's ID token is taken")
    return found
