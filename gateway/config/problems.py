"""What is wrong with a config: each problem with its place in the file, and the one error that reports them all."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, ValidationError

from gateway.config.sections import SEVERAL_KEYS
from gateway.config.yaml_tree import Lines, Step
from gateway.core.errors import ConfigError
from gateway.delivery.fallbacks import MOST

Place: TypeAlias = tuple[Step, ...]

MAX_REPORTED = 100
_MAX_SUGGESTED = 20
_LONGEST_KEY = 80  # characters of a key that are shown, and compared with other keys
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. The text never holds a value of the config."""

    place: Place
    """Keys and indices, from 0."""
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values of a config come from."""

    name: str | None
    """The path of the file, None if there is no file."""
    tree: Mapping[str, Any]
    lines: Lines
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """The values of the command line."""

    def where(self, place: Place) -> str:
        """Return ``file:line`` of a place, or of the nearest place above it; ``command line`` for an override."""
        if self.name is None or (place and has(self.overrides, place)):
            return "command line"
        line = self.line(place)
        return self.name if line is None else f"{self.name}:{line}"

    def line(self, place: Place) -> int | None:
        """Return the line of a place, or of the nearest place above it; None if the file has neither."""
        node: Any = self.tree
        line = None
        for step in place:
            line = self.lines.get(id(node), {}).get(step, line)
            if not _has_step(node, step):
                break
            node = node[step]
        return line


class Problems:
    """Collects problems, so that one error reports all of them."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    def __len__(self) -> int:
        return len(self._problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems)

    def add(self, place: Place, text: str) -> None:
        self._problems.setdefault(Problem(place, text))

    def extend(self, problems: Iterable[Problem]) -> None:
        self._problems.update(dict.fromkeys(problems))

    def error(self, source: Source) -> ConfigError:
        """Return the error: one line for each problem, in the order of the file; ``data`` has them as values."""
        ordered = sorted(self._problems, key=lambda problem: source.line(problem.place) or 0)
        reported = ordered[:MAX_REPORTED]
        lines = []
        for problem in reported:
            path = f"{shown(problem.place)}: " if problem.place else ""
            lines.append(_one_line(f"{source.where(problem.place)}: {path}{problem.text}"))
        if len(ordered) > MAX_REPORTED:
            lines.append(f"and {len(ordered) - MAX_REPORTED:,} more")
        data: list[dict[str, Any]] = [
            {"path": list(problem.place), "line": source.line(problem.place), "message": problem.text}
            for problem in reported
        ]
        return ConfigError("\n".join(lines), data={"problems": data})


def unreadable(name: str, line: int | None, text: str) -> ConfigError:
    """Return the error for a file that cannot be read at all."""
    where = name if line is None else f"{name}:{line}"
    data: list[dict[str, Any]] = [{"path": [], "line": line, "message": text}]
    return ConfigError(_one_line(f"{where}: {text}"), data={"problems": data})


def shown(place: Place) -> str:
    """Write a place as ``connectors.1.options``; keys with unusual characters are in quotes."""
    return ".".join(_shown_key(step) for step in place)


def unknown(word: str, known: Sequence[str], what: str = "unknown") -> str:
    """Return ``unknown; did you mean x?``, or the list of known words if no word is similar."""
    similar = difflib.get_close_matches(word, known, 1) if len(word) <= _LONGEST_KEY else []
    if similar:
        return f"{what}; did you mean {similar[0]}?"
    more = ", ..." if len(known) > _MAX_SUGGESTED else ""
    return f"{what}; known: {', '.join(known[:_MAX_SUGGESTED]) or 'none'}{more}"


def has(tree: Any, place: Place) -> bool:
    """Return whether a tree of mappings and lists has a place."""
    for step in place:
        if not _has_step(tree, step):
            return False
        tree = tree[step]
    return True


def _has_step(node: Any, step: Step) -> bool:
    if isinstance(node, Mapping):
        return step in node
    return isinstance(node, list | tuple) and isinstance(step, int) and 0 <= step < len(node)


def _shown_key(step: Step) -> str:
    text = str(step)
    if len(text) > _LONGEST_KEY:
        text = f"{text[:_LONGEST_KEY]}..."
    elif isinstance(step, int) or _PLAIN_KEY.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _one_line(text: str) -> str:
    """Escape line breaks and terminal control characters, which the name of a file may have."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


# ------------------------------------------------------------------------------------- messages of pydantic

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
_TEXTS_OF_KEYS = {
    ("id", "string_pattern_mismatch"): "must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or a digit",
    ("fallback", "tuple_type"): "must be the id of a connector, or a list of ids",
    ("fallback", "too_long"): f"must be at most {MOST} ids",
}


def from_validation(error: ValidationError, model: type[BaseModel], at: Place = ()) -> Iterator[Problem]:
    """Yield pydantic's errors in the words of the config file, an unknown key with the most similar known key.

    Args:
        at: the place of the values of ``model`` in the file.
    """
    for detail in error.errors(include_url=False):
        if detail["type"] == SEVERAL_KEYS:
            continue
        place: Place = detail["loc"]
        if place and place[-1] == "[key]":
            place = place[:-1]
        yield Problem(at + place, _message(detail, place, model))


def _message(detail: Any, place: Place, model: type[BaseModel]) -> str:
    kind, last = detail["type"], place[-1] if place else ""
    if kind == "extra_forbidden":
        return unknown(str(last), _keys_of_section(model, place[:-1]), "unknown key")
    if detail["loc"][-1:] == ("[key]",) and kind == "literal_error":
        return f"unknown key; known: {detail['ctx']['expected'].replace(chr(39), '').replace(' or ', ', ')}"
    if (last, kind) in _TEXTS_OF_KEYS:
        return _TEXTS_OF_KEYS[str(last), kind]
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{words} {str(detail['ctx'][name]).removesuffix('.0')}"
    if kind == "string_type" and isinstance(detail["input"], int | float):
        return "must be text: put it in quotes"
    text: str = _TEXTS.get(kind) or detail["msg"]
    return text.removeprefix("Value error, ").replace("Input should be", "must be")


def _keys_of_section(model: type[BaseModel], place: Place) -> list[str]:
    section = model
    for step in place:
        if isinstance(step, str) and step in section.model_fields:
            classes = _classes_in(section.model_fields[step].annotation)
            section = next((inner for inner in classes if issubclass(inner, BaseModel)), section)
    return list(section.model_fields)


def _classes_in(annotation: Any) -> list[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _classes_in(inner)]
