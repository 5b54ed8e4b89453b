"""The files that a config is made of, read within bounds. ``Broken`` says in a few words why one cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gateway.config.yaml_tree import MAX_DEPTH, Broken, Lines, read

MAX_BYTES = 1024 * 1024


def read_yaml(path: Path) -> tuple[dict[str, Any], Lines]:
    """The keys and values of a YAML file, none for an empty one. Raises Broken."""
    try:
        text = _content(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Broken("is not UTF-8") from None
    found, lines = read(text)
    if found is None:
        return {}, {}
    if not isinstance(found, dict):
        raise Broken("must hold keys and values, such as server: {port: 4650}")
    return found, lines


class JsonFiles:
    """JSON objects by path, each read once. Raises Broken."""

    def __init__(self) -> None:
        self.read = cache(_read_json)


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise Broken("must be a file")  # a pipe may never end, or never begin
        found = json.loads(_content(path).decode("utf-8-sig"), parse_constant=_refused)
    except OSError as error:
        raise Broken(reason(error)) from None
    except RecursionError:
        raise Broken("is nested too deeply") from None
    except ValueError:
        raise Broken("is not JSON") from None
    if not isinstance(found, dict):
        raise Broken("must be a JSON object")
    _check(found, 0)
    return found


def _content(path: Path) -> bytes:
    """No more than is wanted of a file that never ends."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Broken(reason(error)) from None
    except ValueError:  # a NUL in the name
        raise Broken("is not the name of a file") from None
    if len(content) > MAX_BYTES:
        raise Broken("is larger than 1 MiB")
    return content


def reason(error: OSError) -> str:
    return (error.strerror or "cannot be read").lower()


def _refused(name: str) -> Any:
    raise ValueError(name)  # NaN and its like are Python's idea of JSON


def _check(value: Any, depth: int) -> None:
    """What could not be written out again, or walked through."""
    if depth > MAX_DEPTH:
        raise Broken("is nested too deeply")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth + 1)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Broken("has half a character (U+D800 to U+DFFF)") from None
