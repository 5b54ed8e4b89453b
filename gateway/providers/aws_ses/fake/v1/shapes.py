"""What the parameters of v1 may be, and what AWS says to one that is none of it. Pure.

A shape is written as plain data: ``"s"`` a string, ``"b"`` a boolean, ``"i"`` an integer, a tuple of the values
that a string may have, ``[shape]`` a list, ``{"Name": shape}`` a structure, where ``"Name!"`` is required. On the
wire a structure is ``Name.Member``, a list ``Name.member.1``. Parameters that nobody knows are ignored, as AWS
does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]
Tree: TypeAlias = "dict[str, str | Tree]"

_INTEGER = re.compile("[+-]?[0-9]{1,9}")
_DEEPEST = 16


class Malformed(ValueError):
    """The parameters do not fit together. ``message`` is AWS's text, ``where`` the parameter."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


def tree(parameters: Mapping[str, str]) -> Tree:
    """``Destination.ToAddresses.member.1`` and so on, put together. Raises Malformed."""
    root: Tree = {}
    for name, value in parameters.items():
        if "." not in name:
            if isinstance(root.setdefault(name, value), dict):
                raise Malformed("Unexpected complex element termination", name)
            continue
        *steps, last = name.split(".", _DEEPEST)
        node = root
        for step in steps:
            inner = node.setdefault(step, {})
            if isinstance(inner, str):
                raise Malformed("Unexpected complex element termination", name)
            node = inner
        if last in node:
            raise Malformed("Unexpected complex element termination", name)
        node[last] = value
    return root


def ready(shape: Any) -> Any:
    """A shape as it is read: structures become rows of name, is it required, shape."""
    if isinstance(shape, Mapping):
        rows = [(name.rstrip("!"), name.endswith("!"), ready(inner)) for name, inner in shape.items()]
        return _Rows(rows)
    return [ready(shape[0])] if isinstance(shape, list) else shape


class _Rows(tuple[tuple[str, bool, Any], ...]):
    """A structure, made ready."""

    __slots__ = ()


def read(sent: Tree, shape: Any) -> tuple[dict[str, Any], list[str]]:
    """The parameters in their types, and every constraint that they break, in AWS's words. ``shape``: one that is
    ``ready``. Raises Malformed."""
    broken: list[str] = []
    return _structure(sent, shape, (), broken), broken


def _structure(sent: Tree, rows: _Rows, path: Path, broken: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, required, inner in rows:
        value = sent.get(name)
        if value is None:
            if required:
                place = _spelled((*path, name))
                broken.append(f"Value null at '{place}' failed to satisfy constraint: Member must not be null")
        elif inner == "s" and type(value) is str:
            found[name] = value
        else:
            found[name] = _value(value, inner, (*path, name), broken)
    return found


def _value(sent: str | Tree, shape: Any, path: Path, broken: list[str]) -> Any:
    if isinstance(shape, _Rows):
        if isinstance(sent, str):
            raise Malformed("Unexpected complex element termination", _spelled(path))
        return _structure(sent, shape, path, broken)
    if isinstance(shape, list):
        if sent == "":
            return []  # how the AWS CLI and older SDKs send an empty list
        if isinstance(sent, str):
            raise Malformed("Unexpected list element termination", _spelled(path))
        return _list(sent, shape[0], path, broken)
    if isinstance(sent, dict):
        kind = "list" if "member" in sent else "structure or map"
        raise Malformed(f"Start of {kind} found where not expected", _spelled(path))
    return _scalar(sent, shape, path, broken)


def _list(sent: Tree, shape: Any, path: Path, broken: list[str]) -> list[Any]:
    """Ordered by their numbers, which may have gaps."""
    members = sent.get("member")
    if not isinstance(members, dict):
        raise Malformed("Unexpected list element termination", _spelled(path))
    if not all(key.isascii() and key.isdigit() and len(key) < 10 for key in members):
        raise Malformed("Key is not a positive integer", _spelled(path))
    keys = sorted(members, key=int)
    return [_value(members[key], shape, (*path, str(at), "member"), broken) for at, key in enumerate(keys, 1)]


def _scalar(sent: str, shape: str | tuple[str, ...], path: Path, broken: list[str]) -> Any:
    if shape == "b":
        lowered = sent.lower()
        if lowered not in ("true", "false"):
            raise Malformed(f"{sent} must be either true or false", _spelled(path))
        return lowered == "true"
    if shape == "i":
        if not _INTEGER.fullmatch(sent):
            raise Malformed("STRING_VALUE can not be converted to an Integer", _spelled(path))
        return int(sent)
    if isinstance(shape, tuple) and sent not in shape:
        constraint = f"Member must satisfy enum value set: [{', '.join(shape)}]"
        broken.append(f"Value '{sent}' at '{_spelled(path)}' failed to satisfy constraint: {constraint}")
    return sent


def _spelled(path: Path) -> str:
    """As AWS writes a place: in camelCase, with dots."""
    return ".".join([f"{step[:1].lower()}{step[1:]}" for step in path])
