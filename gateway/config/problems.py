"""What is wrong with a config: every problem with its path, in one line each."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.config.yaml_tree import Lines, Step
from gateway.core.errors import ConfigError

Place: TypeAlias = tuple[Step, ...]

SHOWN = 100
_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_LISTED = 20
_LONGEST = 80  # characters of a key that are shown, and compared with others


@dataclass(frozen=True, slots=True)
class Problem:
    """``place``: keys and indices (from 0). What it says never holds a value of the config."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a config comes from. ``name`` is the file's, None for none; ``overrides`` are the command line's."""

    name: str | None
    tree: Mapping[str, Any]
    lines: Lines
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def where(self, place: Place) -> str:
        """``file:line`` of a place, or of what is nearest above it."""
        if self.name is None or (place and has(self.overrides, place)):
            return "command line"
        line = self.line(place)
        return self.name if line is None else f"{self.name}:{line}"

    def line(self, place: Place) -> int | None:
        node: Any = self.tree
        found = None
        for step in place:
            found = self.lines.get(id(node), {}).get(step, found)
            if not _holds(node, step):
                break
            node = node[step]
        return found


class Problems:
    """Collects, so that all are told at once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def add(self, place: Place, text: str) -> None:
        self._found.setdefault(Problem(place, text))

    def extend(self, found: Iterable[Problem]) -> None:
        self._found.update(dict.fromkeys(found))

    def error(self, source: Source) -> ConfigError:
        """All of them, in the order of the file. ``data`` has them as values."""
        ordered = sorted(self._found, key=lambda one: source.line(one.place) or 0)
        lines = [_one_line(_told(source.where(one.place), one.place, one.text)) for one in ordered[:SHOWN]]
        if len(ordered) > SHOWN:
            lines.append(f"and {len(ordered) - SHOWN:,} more")
        data: list[dict[str, Any]] = [
            {"path": list(one.place), "line": source.line(one.place), "message": one.text}
            for one in ordered[:SHOWN]
        ]
        return ConfigError("\n".join(lines), data={"problems": data})


def refusal(name: str, line: int | None, text: str) -> ConfigError:
    """The one problem of a file that is no config at all."""
    where = name if line is None else f"{name}:{line}"
    data: list[dict[str, Any]] = [{"path": [], "line": line, "message": text}]
    return ConfigError(_one_line(f"{where}: {text}"), data={"problems": data})


def shown(place: Place) -> str:
    """``connectors.1.options``; keys with other characters than usual are in quotes."""
    return ".".join(_key(step) for step in place)


def nearest(word: str, known: Sequence[str]) -> str | None:
    found = difflib.get_close_matches(word, known, 1) if len(word) <= _LONGEST else []
    return found[0] if found else None


def unknown(word: str, known: Sequence[str], what: str = "unknown") -> str:
    """``unknown; did you mean x?``, or those that are known where nothing is near."""
    near = nearest(word, known)
    if near is not None:
        return f"{what}; did you mean {near}?"
    more = ", ..." if len(known) > _LISTED else ""
    return f"{what}; known: {', '.join(known[:_LISTED]) or 'none'}{more}"


def has(tree: Any, place: Place) -> bool:
    for step in place:
        if not _holds(tree, step):
            return False
        tree = tree[step]
    return True


def _holds(node: Any, step: Step) -> bool:
    if isinstance(node, Mapping):
        return step in node
    return isinstance(node, list | tuple) and isinstance(step, int) and 0 <= step < len(node)


def _key(step: Step) -> str:
    text = str(step)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}..."
    elif isinstance(step, int) or _PLAIN.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _told(where: str, place: Place, text: str) -> str:
    return f"{where}: {shown(place)}: {text}" if place else f"{where}: {text}"


def _one_line(text: str) -> str:
    """Also where the name of a file has line breaks, or marks that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
