"""pydantic's problems in the words of who writes the file, an unknown key with the nearest known one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from gateway.config.problems import Place, Problem, unknown
from gateway.config.section import TOGETHER
from gateway.delivery.fallbacks import MOST

_TEXTS = {
    "missing": "is missing",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of a sensible size",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "path_type": "must be a path",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
    "mapping_type": "must hold keys and values",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
}
_BOUNDS = {
    "greater_than_equal": ("must be at least", "ge"),
    "greater_than": ("must be more than", "gt"),
    "less_than_equal": ("must be at most", "le"),
    "less_than": ("must be less than", "lt"),
}
_TEXTS_OF = {
    ("id", "string_pattern_mismatch"): "must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or a digit",
    ("fallback", "tuple_type"): "must be the id of a connector, or a list of ids",
    ("fallback", "too_long"): f"must be at most {MOST} ids",
}


def problems(error: ValidationError, model: type[BaseModel], at: Place = ()) -> Iterator[Problem]:
    """``at``: where the values of ``model`` stand in the file."""
    for one in error.errors(include_url=False):
        if one["type"] == TOGETHER:
            continue
        inner: Place = one["loc"]
        if inner and inner[-1] == "[key]":
            inner = inner[:-1]
        yield Problem(at + inner, _text(one, inner, model))


def _text(one: Any, place: Place, model: type[BaseModel]) -> str:
    kind, last = one["type"], place[-1] if place else ""
    if kind == "extra_forbidden":
        return unknown(str(last), _keys_at(model, place[:-1]), "unknown key")
    if one["loc"][-1:] == ("[key]",) and kind == "literal_error":
        return f"unknown key; known: {one['ctx']['expected'].replace(chr(39), '').replace(' or ', ', ')}"
    if (last, kind) in _TEXTS_OF:
        return _TEXTS_OF[str(last), kind]
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{words} {str(one['ctx'][name]).removesuffix('.0')}"
    if kind == "string_type" and isinstance(one["input"], int | float):
        return "must be text: put it in quotes"
    text: str = _TEXTS.get(kind) or one["msg"]
    return text.removeprefix("Value error, ").replace("Input should be", "must be")


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that a section knows."""
    section = model
    for step in place:
        if isinstance(step, str) and step in section.model_fields:
            inner = _classes(section.model_fields[step].annotation)
            section = next((one for one in inner if issubclass(one, BaseModel)), section)
    return list(section.model_fields)


def _classes(annotation: Any) -> list[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _classes(inner)]
