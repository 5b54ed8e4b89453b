"""``${env:NAME}`` as a whole value is taken from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from gateway.config.problems import Place, Problems

_WHOLE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)


class Environment:
    """Puts the values in. ``missing`` are the places where there was none: what stands there is kept.
    ``odd`` are those where the mark is only a part of the value, and so stays as it is."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._done: dict[int, Any] = {}
        self.missing: set[Place] = set()
        self.odd: list[Place] = []

    def put_into(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._value(tree, ())
        return found

    def _value(self, value: Any, place: Place) -> Any:
        if isinstance(value, str):
            return self._text(value, place) if "${" in value else value
        if not isinstance(value, Mapping | list):
            return value
        # An alias stands for one thing in many places: that is looked at once.
        if id(value) not in self._done:
            if isinstance(value, list):
                made: Any = [self._value(inner, (*place, at)) for at, inner in enumerate(value)]
            else:
                made = {key: self._value(inner, (*place, key)) for key, inner in value.items()}
            self._done[id(value)] = made
        return self._done[id(value)]

    def _text(self, text: str, place: Place) -> str:
        match = _WHOLE.fullmatch(text)
        if match is None:
            if _WHOLE.search(text):
                self.odd.append(place)
            return text
        found = os.environ.get(match[1])
        if found is None:
            self._problems.add(place, f"the environment variable {match[1]} is not set")
        elif not _is_text(found):
            self._problems.add(place, f"the environment variable {match[1]} is not UTF-8")
        else:
            return found
        self.missing.add(place)
        return text


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
