"""Personas and clients from a file or standard input: YAML or JSON; one, a list, or as the fixtures have them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

from gateway.cli.exits import WrongUse

_LONGEST = 1024 * 1024
# What the API shows of one and does not take back.
_SHOWN_ONLY = ("source", "provider")
# Their keys are the author's own words.
_OPEN = frozenset({"claims", "jwks"})


def rows(source: BinaryIO, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id of each, and what the API takes. Keys may be snake_case or camelCase. Raises WrongUse."""
    found = _read(source)
    if isinstance(found, dict) and kind in found:
        found = found[kind]
    listed = found if isinstance(found, list) else [found]
    for place, row in enumerate(listed):
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
            where = f"{kind}.{place}" if isinstance(found, list) else "FILE"
            raise WrongUse(f"{where}: must have an id, as in {{id: grace}}; one that looks like a number in quotes")
    for row in listed:
        yield row["id"], {name: value for name, value in _camel(row).items() if name not in ("id", *_SHOWN_ONLY)}


def _read(source: BinaryIO) -> Any:
    from gateway.config.yaml_tree import Broken, read

    content = source.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise WrongUse("FILE: is larger than 1 MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise WrongUse("FILE: is not UTF-8") from wrong
    try:
        found, _ = read(text)
    except Broken as wrong:
        with suppress(ValueError, RecursionError):
            return json.loads(text)  # indented with tabs, say
        line = f"line {wrong.line}: " if wrong.line is not None else ""
        raise WrongUse(f"FILE: {line}{wrong.text}") from wrong
    return found


def _camel(row: Mapping[str, Any]) -> dict[str, Any]:
    return {_name(name): value if name in _OPEN else _inner(value) for name, value in row.items()}


def _inner(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(one) if isinstance(one, dict) else one for one in value]
    return value


def _name(name: Any) -> str:
    first, *rest = str(name).split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
